# Job control without a terminal, background jobs, their ends and signals.
sleep 5 &
kill -STOP $!
sleep 0.1
kill -CONT $!
kill -TERM $!
{ wait $!; } 2>/dev/null
echo "ended $?"
set -m
(exit 9) &
wait $!
echo "ended $?"
{ sh -c 'kill -KILL $$'; } 2>/dev/null
echo "killed $?"
sleep 0.2 | cat &
wait
echo waited
for i in 1 2 3; do (sleep 0.$i; echo "job $i") & done
wait
set +m
sh -c 'trap "echo child got it; exit 2" INT; kill -INT $$; sleep 1'
echo "status $?"
x=$(sh -c 'echo captured; exit 6')
echo "$x $?"
echo 'exit 7' | sh
echo "status $?"
sh -c 'sh -c "sh -c \"exit 11\""'
echo "status $?"
exec sh -c 'echo the last; exit 12'
