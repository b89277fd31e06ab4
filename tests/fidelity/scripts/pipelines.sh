# Pipelines, substitutions, here-documents, redirections, background jobs.
echo one | cat | tr a-z A-Z | sed 's/N/-/'
seq 1 20000 | sort -rn | head -n 3
seq 1 4000 | while read -r n; do case $n in *999) echo "$n";; esac; done
echo "$(echo inner; echo "$(echo innermost)")"
cat <<END
here $((6 * 7)) $(echo document)
END
cat <<'END' | rev
quoted $HOME
END
{ echo out; echo err >&2; } 2>&1 >/dev/null | sed 's/^/piped: /'
exec 5>pipelines.tmp
echo first >&5
(echo second >&5)
sh -c 'echo third >&5'
exec 5>&-
cat pipelines.tmp
exec 6<pipelines.tmp
read -r a <&6
(read -r b <&6; echo "sub $b")
read -r c <&6
echo "$a $c"
exec 6<&-
rm pipelines.tmp
false | true; echo "status $?"
true | sh -c 'exit 5'; echo "status $?"
yes | head -n 2
i=0
while [ $i -lt 8 ]; do
	i=$((i + 1))
	(j=0; while [ $j -lt 50 ]; do j=$((j + 1)); echo "writer $i line $j"; done) &
done >pipelines.log
wait
wc -l <pipelines.log | tr -d ' '
sort pipelines.log | uniq | wc -l | tr -d ' '
rm pipelines.log
echo done >&2
dd if=/dev/zero bs=1000 count=1000 2>/dev/null | wc -c | tr -d ' '
dd if=/dev/zero bs=65536 count=20 2>/dev/null | dd bs=777 2>/dev/null | cksum
printf 'no newline' | { read -r x; echo "$x"; }
echo 'a b c' | { read -r x y; echo "$y"; }
