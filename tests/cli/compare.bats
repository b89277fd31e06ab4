#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim compare: the table of counts and times.

load common

setup_file() {
	need strace
}

compare() {
	"$ringshim" compare --library="$marker" "$@"
}

# program_calls: prints the names and both counts of CMD's calls in $output, sorted.
program_calls() {
	sed -n '/^system call/,/^CMD/p' <<<"$output" | sed '1d;$d' | awk '{ print $1, $2, $3 }' | sort
}

# own_calls: prints the names and counts of the shim's own calls in $output.
own_calls() {
	sed -n "/^The shim's own calls/,/^the shim's calls/p" <<<"$output" | sed '1d;$d' |
		awk '{ print $1, $2 }'
}

@test "the table counts the calls that each run made" {
	run --separate-stderr compare -- "$subject" calls 137
	assert_success
	assert_equal "$(counts getppid)" '137 0 -137'
	assert_equal "$(counts getsid)" '0 137 +137'
	run --separate-stderr compare -- "$subject" calls 0
	assert_equal "$(counts getppid)" ''
	assert_equal "$(counts getsid)" ''
}

@test "every count and every total equals the one of strace -c" {
	strace -f -c -o native "$subject" calls 5
	strace -f -c -o shim -E LD_PRELOAD="$marker" "$subject" calls 5 2>/dev/null
	for run in native shim; do
		awk '$4 + 0 > 0 && $NF != "total" { print $NF, $4 }' $run | sort >$run.counts
		[ -s $run.counts ]
	done
	run --separate-stderr compare --all -- "$subject" calls 5
	join -a1 -a2 -e0 -o 0,1.2,2.2 native.counts shim.counts >expected
	{ program_calls; own_calls | sed 's/ / 0 /'; } |
		awk '{ a[$1] += $2; b[$1] += $3 } END { for (n in a) print n, a[n], b[n] }' | sort >table
	diff expected table
	read -r native shim <<<"$(awk '{ a += $2; b += $3 } END { print a, b }' expected)"
	assert_line --regexp "^all system calls +$native +$shim +[+]$((shim - native))\$"
	program_calls >all

	# Without --all, the table has exactly the counts that differ.
	run --separate-stderr compare -- "$subject" calls 5
	program_calls >table
	awk '$2 != $3' all | diff - table
	[ -s table ]
}

@test "calls of forked processes count, also after the first process has ended" {
	run --separate-stderr compare -- "$subject" children 50
	assert_success
	assert_equal "$(counts getppid)" '100 0 -100'
	assert_equal "$(counts getsid)" '0 100 +100'
}

@test "a program that makes the same calls in both runs gets an empty table" {
	compile quiet -static <<<'int main(void) { return 0; }' || skip "$CC cannot link statically here"
	run --separate-stderr compare --force -- ./quiet
	assert_success
	assert_line '(no count differs)'
	assert_line --regexp '^all system calls +([0-9]+) +\1 +\+0$'
}

@test "with the real library, cat reads and writes through the ring" {
	head -c 3000000 /dev/urandom >data
	run --separate-stderr "$ringshim" compare -- cat data
	assert_success
	assert [ "$(own_calls | awk '$1 == "io_uring_enter" { print $2 }')" -ge 2 ]
	read -r native shim change <<<"$(counts write)"
	assert [ "$native" -ge 1 ]
	assert_equal "$shim" 0
	read -r native shim change <<<"$(counts read)"
	assert [ "$shim" -lt "$native" ]
	assert_line --partial 'the same in both runs (exit status 0, 3000000 bytes of standard output)'
}

@test "standard output has the table alone, without the output of CMD" {
	run --separate-stderr compare -- sh -c 'echo "read 1 2 +1"; echo complaint >&2'
	assert_success
	assert_line --index 0 --regexp '^system call +native +shim +change$'
	refute_line 'read 1 2 +1'
	refute_line complaint
	refute_regex "$stderr" 'ringshim: read 1'
}

@test "--output creates its file before CMD runs and writes the table to it" {
	run compare --output=table -- true
	assert_success
	refute_output --partial 'system call'
	grep -q '^all system calls' table
	run compare --output=no/such/table -- touch started
	one_line_error 125
	assert [ ! -e started ]
}

@test "--show passes the output of CMD through and writes the table to standard error" {
	run --separate-stderr compare --show -- echo seen
	assert_success
	assert_output $'seen\nseen'
	assert_regex "$stderr" 'native run:'
	assert_regex "$stderr" 'all system calls'
}

# amounts TITLE: prints both numbers of the row of the last table in $output.
amounts() {
	awk -v title="$1" 'index($0, title) == 1 { sub(/^[^)]*\)/, ""); print $1, $2 }' <<<"$output"
}

@test "the times are those of CMD, and user time does not include waiting" {
	run --separate-stderr compare -- sleep 0.5
	read -r native shim <<<"$(amounts 'wall time (s)')"
	assert awk "BEGIN { exit !($native >= 0.5 && $shim >= 0.5) }"
	read -r native shim <<<"$(amounts 'user time (s)')"
	assert awk "BEGIN { exit !($native < 0.4 && $shim < 0.4) }"

	# Uses one second of CPU time, however long that takes.
	run --separate-stderr compare -- timeout -s XCPU 50 sh -c 'ulimit -t 1; while :; do :; done'
	read -r native shim <<<"$(amounts 'user time (s)')"
	assert awk "BEGIN { exit !($native >= 0.3 && $shim >= 0.3) }"
	assert_line --partial 'Measured under strace'
	refute_line --partial 'switches'
}

@test "strace itself gets neither the library nor an existing LD_PRELOAD" {
	mkdir bin
	real=$(command -v strace)
	cat >bin/strace <<-EOF
		#!/bin/sh
		echo "strace:\${LD_PRELOAD-unset}" >>'$PWD/seen'
		exec '$real' "\$@"
	EOF
	chmod +x bin/strace
	LD_PRELOAD=libm.so.6 PATH=$PWD/bin:$PATH run --separate-stderr \
		compare -- sh -c "echo \"cmd:\$LD_PRELOAD\" >>seen"
	assert_success
	run cat seen
	assert_line --index 0 strace:unset
	assert_line --index 1 cmd:libm.so.6
	assert_line --index 2 strace:unset
	assert_line --index 3 "cmd:$marker:libm.so.6"
	assert_equal "${#lines[@]}" 4
}

@test "the native run has no shim, even when ringshim itself runs under it" {
	# shellcheck disable=SC2016
	LD_PRELOAD=$abs_top_builddir/.libs/libringshim.so:libm.so.6 run --separate-stderr \
		"$ringshim" compare -- sh -c 'echo "$LD_PRELOAD" >>seen'
	assert_equal "$(head -n 1 seen)" libm.so.6
	assert_equal "$(tail -n 1 seen | cut -d: -f1)" "$abs_top_builddir/.libs/libringshim.so"
}

@test "settings reach only the run under the shim" {
	# shellcheck disable=SC2016
	run "$ringshim" compare --stats=counts --route=ring -- \
		sh -c 'echo "${RINGSHIM_STATS-none} ${RINGSHIM_ROUTE-none}" >>seen'
	assert_success
	assert_equal "$(cat seen)" $'none none\n'"$PWD/counts ring"
	assert [ -s counts ]
}

@test "compare leaves no files behind and adds no descriptors to CMD" {
	mkdir tmp
	TMPDIR=$PWD/tmp run --separate-stderr compare -- sh -c 'echo /proc/$$/fd/* >>fds; ls tmp'
	assert_success
	assert_line --partial '0 bytes of standard output'
	native=$(sh -c 'echo /proc/$$/fd/*')
	run sed 's,/proc/[0-9]*/,,g' fds
	assert_output "$(printf '%s\n%s\n' "$native" "$native" | sed 's,/proc/[0-9]*/,,g')"
	assert_equal "$(ls tmp)" ''
}

@test "without strace, the error message names the package" {
	run env PATH=/nowhere "$ringshim" compare --library="$marker" -- "$subject" ok
	one_line_error 125
	assert_output --partial "install the package 'strace'"
}

@test "an strace that cannot trace is reported with its own message" {
	mkdir bin
	printf '#!/bin/sh\necho "strace: ptrace: Operation not permitted" >&2; exit 1\n' >bin/strace
	chmod +x bin/strace
	PATH=$PWD/bin:$PATH run compare -- "$subject" ok
	assert_failure 125
	assert_line --partial 'native run: strace counted no system call'
	assert_line 'ringshim: strace: ptrace: Operation not permitted'
}

@test "compare says why the kernel refuses to make a ring" {
	run "$abs_top_builddir/tests/lib/refuse-uring" EPERM "$ringshim" compare --library="$marker" -- true
	assert_success
	assert_output --partial 'No call went through a ring: a seccomp filter refuses io_uring'
	run "$ringshim" compare --library="$marker" -- true
	refute_output --partial 'No call went through a ring'
}
