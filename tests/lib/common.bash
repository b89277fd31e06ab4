# SPDX-License-Identifier: MIT
# Shared by the bats files: libraries, paths, what a test needs, runs that are compared, and counts
# of calls.

# shellcheck shell=bash
bats_require_minimum_version 1.5.0
BATS_LIB_PATH=${BATS_LIB_PATH:-/usr/lib/bats}
bats_load_library bats-support
bats_load_library bats-assert

top=${abs_top_builddir:?run this with make check}
shim=$top/.libs/libringshim.so

# Runs a command under the shim.
with_shim() {
	LD_PRELOAD=$shim "$@"
}

# traced FILE CMD ARGS...: runs a command under the shim and writes the counts of its system calls
# to FILE.
traced() {
	local file=$1
	shift
	strace -f -qq -c -U name,calls -o "$file" -E LD_PRELOAD="$shim" "$@"
}

# traced_natively FILE CMD ARGS...: the same without the shim.
traced_natively() {
	local file=$1
	shift
	strace -f -qq -c -U name,calls -o "$file" "$@"
}

# calls_of FILE NAME...: prints how often a traced run made these system calls.
calls_of() {
	awk -v names=" ${*:2} " 'index(names, " " $1 " ") { n += $2 } END { print n + 0 }' "$1"
}

# operations_in FILE: counts the operations in an strace log. Each is submitted alone, either with a
# wait for its completion or without reaping completions. An entry that is submitted with
# IORING_ENTER_GETEVENTS but no wait is the recheck timer that the library's waits share.
operation_re='io_uring_enter\([0-9]+, 1, (1, IORING_ENTER_GETEVENTS|0, IORING_ENTER_REG)'
operations_in() {
	grep -cE "$operation_re" "$1"
}

# calls_counted FILE CALL ROUTE [REASON [PROGRAM]]: prints how many calls a statistics file counts.
# CALL can be several, separated by blanks. "*" stands for any.
calls_counted() {
	awk -F'\t' -v calls="$2" -v route="$3" -v reason="${4:-*}" -v program="${5:-*}" '
		function fits(wanted, value) { return wanted == "*" || wanted == value }
		(calls == "*" || index(" " calls " ", " " $3 " ")) && fits(route, $4) &&
			fits(reason, $5) && fits(program, $2) { n += $6 }
		END { print n + 0 }' "$1"
}

# all_took_ring FILE CALL...: each of these calls took the ring at least once, by a statistics file.
all_took_ring() {
	local call
	for call in "${@:2}"; do
		[ "$(calls_counted "$1" "$call" ring)" -gt 0 ] ||
			fail "no $call took the ring" || return
	done
}

# record FILE COMMAND...: writes what a command prints to FILE. Runs it in an empty directory.
record() {
	local file=$PWD/$1
	shift
	mkdir "$file.d"
	(cd "$file.d" && timeout 600 "$@" </dev/null) >"$file"
}

# same_as_native NAME FILE...: each file is the same as the file "native".
same_as_native() {
	local file
	for file in "${@:2}"; do
		diff native "$file" || fail "$1: $file differs from the native run" || return
	done
	echo "# $1: $(wc -l <native) lines equal" >&3
}

# wait_for FILE: waits until the file exists and is not empty.
wait_for() {
	for _ in $(seq 100); do
		[ ! -s "$1" ] || return 0
		sleep 0.1
	done
	fail "there was no $1 in time"
}

# make_file_system COMMAND...: makes a file system in a file. mkfs.btrfs looks at all loop devices, and
# fails while the disk below one is gone, as when another test cuts its power.
make_file_system() {
	for _ in $(seq 60); do
		! "$@" >/dev/null || return 0
		sleep 1
	done
	return 1
}

# Prints the path of the interpreter itself, because the python3 in PATH can be a wrapper script.
python_program() {
	python3 -c 'import sys; print(sys.executable)'
}

# need PROGRAM...: skips the test with the reason if a program is not installed.
need() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "the program $program is not installed"
	done
}

# need_valgrind: skips the test if valgrind cannot run what this compiler makes. Debian 12's gives up
# on larger programs of its clang.
need_valgrind() {
	local said
	need valgrind
	# shellcheck disable=SC2086  # CC may have options
	$CC -g -x c - -o "$BATS_TEST_TMPDIR/for-valgrind" <<<'int main(void) { return 0; }'
	said=$(valgrind -q "$BATS_TEST_TMPDIR/for-valgrind" 2>&1) || skip 'valgrind does not work here'
	[[ $said != *'debug info'* ]] || skip 'valgrind cannot read the debug information of this compiler'
}

# need_root WHAT-FOR: skips the test if another user runs it.
need_root() {
	[ "$(id -u)" -eq 0 ] || skip "only root can $1"
}

# need_kernel VERSION WHAT-FOR: skips the test on older kernels.
need_kernel() {
	local release
	release=$(uname -r)
	[ "$(printf '%s\n%s\n' "$1" "$release" | sort -V | head -n 1)" = "$1" ] ||
		skip "$release $2: needs $1"
}

# is_overloaded: succeeds if so many processes want to run that the kernel comes to its own work, such as
# ending a ring, only after a while.
is_overloaded() {
	awk -v processors="$(nproc)" '{ exit !($1 > 3 * processors) }' /proc/loadavg
}

# hold_caches HOW: until the test ends, the kernel's caches are those of this test alone, which drops
# them (exclusive), or nobody drops them (shared). For tests that run at the same time.
hold_caches() {
	local lock
	exec {lock}<"$top/tests"
	flock --"$1" $lock
}

# need_drop_caches: skips the test if it cannot drop the kernel's caches. Otherwise holds them.
need_drop_caches() {
	need_root 'drop the caches'
	[ -w /proc/sys/vm/drop_caches ] || skip 'the caches cannot be dropped in this container'
	hold_caches exclusive
}

# Skips the test if the kernel makes no ring.
need_io_uring() {
	[ "$(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null || echo 0)" != 2 ] ||
		skip 'the kernel has io_uring switched off (sysctl kernel.io_uring_disabled)'
}
