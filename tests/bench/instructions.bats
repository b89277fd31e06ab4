#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the preload library adds to one call and to a start, exactly: instructions,
# locked instructions, allocation, locks, system calls, page faults. Timings are nobody's test.

load ../lib/common.bash

here=$(cd "$BATS_TEST_DIRNAME" && pwd)
calls=$top/tests/bench/calls

rows() {
	grep -v '^#' "$here/instructions.tsv"
}

need_optimized() {
	local flags
	flags=$(sed -n 's/^CFLAGS = //p' "$top/Makefile")
	[[ $flags == *-O2* && $flags != *-fsanitize* ]] || skip "the figures are for -O2, not $flags"
}

need_callgrind() {
	command -v valgrind >/dev/null || skip 'valgrind is not installed'
	command -v objdump >/dev/null || skip 'objdump is not installed'
	[ "$(uname -m)" = x86_64 ] || skip 'the figures are for x86-64'
	need_optimized
}

# What other compilers than the one that was counted may add.
allowance() {
	case $("$CC" --version | head -n 1) in
	gcc*' 12.'*) echo 4 ;;
	*) echo 60 ;;
	esac
}

@test "a call takes no more instructions, and no more locked ones, than were recorded" {
	need_callgrind
	local call route most most_locked subject found locked rest more failed=0
	more=$(allowance)
	"$here/instructions.bash" >"$BATS_TEST_TMPDIR/table"
	while IFS=$'\t' read -r call route most most_locked subject; do
		IFS=$'\t' read -r _ _ found locked rest <&3
		echo "$call, $route: $found $locked, recorded $most $most_locked"
		[ "$rest" = "$subject" ]
		[ "$found" -gt 0 ]
		[ "$found" -le $((most + more)) ] || failed=1
		# More words are the names of functions that allocate or lock.
		[[ $locked =~ ^[0-9]+$ && $locked -le $most_locked ]] || failed=1
	done 3<"$BATS_TEST_TMPDIR/table" < <(rows)
	[ "$failed" -eq 0 ]
}

# What a hundred repetitions take, as "CALL COUNT" lines, but for a few that chance
# adds (libc draws a random name again), and the timer that a thread sets now and
# then (an entry with a look at completions but no wait, signals blocked);
# usage: hundred ROUTE SUBJECT...
hundred() {
	strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -E LD_PRELOAD="$shim" -E RINGSHIM_ROUTE="$1" \
		"$calls" -c 100 "${@:2}"
	awk '!match($0, /[a-z_0-9]+\(/) { next }
		{ call = substr($0, RSTART, RLENGTH - 1) }
		call == "getppid" { between = !between; next }
		!between { next }
		call == "io_uring_enter" && /, 1, 0, IORING_ENTER_GETEVENTS/ { n["rt_sigprocmask"] -= 2; next }
		{ n[call]++ }
		END { for (call in n) if (n[call] > 3 || n[call] < -3) print call, n[call] }' \
		"$BATS_TEST_TMPDIR/trace"
}

# As hundred, again while a busy machine makes calls wait.
hundred_alike() {
	local try
	for try in $(seq 10); do
		run hundred "${@:2}"
		[ "$output" != "$1" ] || break
	done
	assert_output "$1"
}

@test "a call by ring is one io_uring_enter and nothing else" {
	local call route subject count
	# shellcheck disable=SC2086  # words on purpose
	while IFS=$'\t' read -r call route _ _ subject; do
		[ "$route" = ring ] || continue
		count=100
		[[ $subject != write-read* ]] || count=200
		hundred_alike "io_uring_enter $count" ring ${subject//\{dir\}/$BATS_TEST_TMPDIR}
		echo "$call: $output"
	done < <(rows)
}

@test "a direct call is the native one and nothing else" {
	while read -r subject calls_made; do
		# shellcheck disable=SC2086  # words on purpose
		hundred_alike "$calls_made" direct ${subject//,/ }
		echo "$subject: $output"
	done <<-END
		pread,4k,$BATS_TEST_TMPDIR pread64 100
		read,4k,$BATS_TEST_TMPDIR read 100
		write-device,64,/dev/null write 100
		connect-nonblocking connect 100
	END
}

# The page faults of a start of true, the fewest of many; usage: faults [NAME=VALUE]
faults() {
	python3 - "$@" <<'END_OF_PYTHON'
import os, sys

def faults(environment):
    pid = os.posix_spawnp("true", ["true"], environment)
    return os.wait4(pid, 0)[2].ru_minflt

environment = dict(os.environ, **dict(word.split("=", 1) for word in sys.argv[1:]))
print(min(faults(environment) for _ in range(30)))
END_OF_PYTHON
}

# Its system calls.
start_calls() {
	strace -f -qq -o "$BATS_TEST_TMPDIR/start" "$@" true
	grep -c '(' "$BATS_TEST_TMPDIR/start"
}

# Each of the faults takes 1 to 3 us, each of the calls about as much. Mapping the library
# and looking for settings takes 9 calls, libc's streams 2, the page that tells of forks 2.
@test "starting a program takes few page faults and system calls more than natively" {
	need_optimized
	local more
	more=$(($(faults LD_PRELOAD="$shim") - $(faults)))
	echo "page faults: $more"
	[ "$more" -gt 0 ]
	[ "$more" -le 10 ]
	more=$(($(start_calls -E LD_PRELOAD="$shim") - $(start_calls)))
	echo "system calls: $more"
	[ "$more" -gt 0 ]
	[ "$more" -le 14 ]
}
