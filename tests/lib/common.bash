# SPDX-License-Identifier: MIT
# Shared by the bats files: libraries, paths, and counting system calls.

# shellcheck shell=bash
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

# calls_of FILE NAME: prints how often a traced run made a system call.
calls_of() {
	awk -v name="$2" '$1 == name { n = $2 } END { print n + 0 }' "$1"
}

# operations_in FILE: counts the operations in an strace log. Each is submitted alone, either with a
# wait for its completion or without reaping completions. An entry that is submitted with
# IORING_ENTER_GETEVENTS but no wait is the recheck timer that the library's waits share.
operation_re='io_uring_enter\([0-9]+, 1, (1, IORING_ENTER_GETEVENTS|0, IORING_ENTER_REG)'
operations_in() {
	grep -cE "$operation_re" "$1"
}

# needs_kernel VERSION WHAT-FOR: skips the test on older kernels.
needs_kernel() {
	local release
	release=$(uname -r)
	[ "$(printf '%s\n%s\n' "$1" "$release" | sort -V | head -n 1)" = "$1" ] ||
		skip "$release $2: needs $1"
}

# calls_counted FILE CALL ROUTE: prints how many calls a statistics file counts; CALL "*" is all.
calls_counted() {
	awk -F'\t' -v call="$2" -v route="$3" '
		(call == "*" || $3 == call) && $4 == route { n += $6 } END { print n + 0 }' "$1"
}
