#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The exact cost that the preload library adds to one call and to the start of a program:
# instructions, locked instructions, allocation, locks, system calls, page faults. No test judges
# times.

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
	need_valgrind
	need objdump
	[ "$(uname -m)" = x86_64 ] || skip 'the figures are for x86-64'
	need_optimized
}

# The instructions that compilers other than the one of the recorded counts may add.
allowance() {
	case $("$CC" --version | head -n 1) in
	gcc*' 12.'*) echo 4 ;;
	*) echo 60 ;;
	esac
}

@test "a call takes no more instructions and no more locked instructions than recorded" {
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
		# $locked has more than a number if functions allocate or lock; their names follow
		# it.
		[[ $locked =~ ^[0-9]+$ && $locked -le $most_locked ]] || failed=1
	done 3<"$BATS_TEST_TMPDIR/table" < <(rows)
	[ "$failed" -eq 0 ]
}

# hundred ROUTE SUBJECT...: prints the system calls of a hundred repetitions as "CALL COUNT" lines.
# Leaves out up to three calls of a kind, which chance can add (libc draws a random name again), and
# the recheck timer that a thread sets now and then (an entry submitted with
# IORING_ENTER_GETEVENTS but no wait, while signals are blocked).
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

# Calls hundred, and repeats it while a busy machine makes calls wait.
hundred_alike() {
	local try
	for try in $(seq 10); do
		run hundred "${@:2}"
		[ "$output" != "$1" ] || break
	done
	assert_output "$1"
}

@test "a call by ring makes one io_uring_enter and no other system call" {
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

@test "a direct call makes the native system call and no other" {
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

# faults [NAME=VALUE]: prints the page faults of starting true, the minimum of many runs. The kernel maps
# more or fewer pages at a fault, as the file happens to lie in its cache.
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

# Prints the number of system calls of starting true.
start_calls() {
	strace -f -qq -o "$BATS_TEST_TMPDIR/start" "$@" true
	grep -c '(' "$BATS_TEST_TMPDIR/start"
}

# Each page fault takes 1 to 3 us, each system call about as much. Mapping the library and looking
# for settings take 9 calls, libc's streams 2, and the page that detects forks 2.
@test "starting a program takes only a few more page faults and system calls than natively" {
	need_optimized
	local more
	more=$(for copy in 1 2 3 4 5 6; do
		cp "$shim" "$BATS_TEST_TMPDIR/$copy.so" && faults LD_PRELOAD="$BATS_TEST_TMPDIR/$copy.so"
	done | sort -n | head -n 1)
	more=$((more - $(faults)))
	echo "page faults: $more"
	[ "$more" -gt 0 ]
	# How many pages of code it touches depends on where the compiler puts the functions.
	[ "$more" -le $((11 + $(allowance) / 30)) ]
	more=$(($(start_calls -E LD_PRELOAD="$shim") - $(start_calls)))
	echo "system calls: $more"
	[ "$more" -gt 0 ]
	[ "$more" -le 14 ]
}
