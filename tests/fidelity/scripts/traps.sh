# Traps: by signal, at the end, in subshells, while a builtin or a child waits.
trap 'echo usr1' USR1
trap 'echo term; exit 3' TERM
trap 'echo at the end' EXIT
kill -USR1 $$
(trap 'echo sub usr1' USR1; kill -USR1 $(exec sh -c 'echo $PPID'); echo sub done)
trap - USR1
trap '' HUP
kill -HUP $$
echo still here
trap 'echo usr2' USR2
# A child signals the shell while it waits for another child.
(sleep 0.2; kill -USR2 $$) &
sleep 0.5
wait
# wait is interrupted by a trapped signal, and goes on afterwards.
(sleep 0.2; kill -USR2 $$; sleep 0.3; exit 4) &
wait $!
test $? -gt 128 && echo wait was interrupted
wait $!
echo then $?
# read is interrupted or not, but loses nothing.
mkfifo traps.fifo
(exec 3>traps.fifo; sleep 0.2; kill -USR2 $$; sleep 0.2; echo a line >&3) &
exec 4<traps.fifo
while ! IFS= read -r line <&4; do :; done
echo "read: $line"
exec 4<&-
rm traps.fifo
wait
kill -TERM $$
echo not reached
