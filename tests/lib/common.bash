# SPDX-License-Identifier: MIT
# What the bats files share: libraries, paths, and counting system calls.

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

# Runs a command under the shim and counts its system calls into a file.
# usage: traced FILE CMD ARGS...
traced() {
	local file=$1
	shift
	strace -f -qq -c -U name,calls -o "$file" -E LD_PRELOAD="$shim" "$@"
}

# The same natively.
traced_natively() {
	local file=$1
	shift
	strace -f -qq -c -U name,calls -o "$file" "$@"
}

# How often a traced run made a system call: calls_of FILE NAME
calls_of() {
	awk -v name="$2" '$1 == name { n = $2 } END { print n + 0 }' "$1"
}

# How many operations a trace of strace shows, each submitted alone: with a wait
# for its completion, or without a look at completions. An entry that is submitted
# with a look but no wait is the library's own: the timer that its waits share.
# usage: operations_in FILE
operation_re='io_uring_enter\([0-9]+, 1, (1, IORING_ENTER_GETEVENTS|0, IORING_ENTER_REG)'
operations_in() {
	grep -cE "$operation_re" "$1"
}

# Skips the test on a kernel before a version: needs_kernel VERSION WHAT-FOR
needs_kernel() {
	local release
	release=$(uname -r)
	[ "$(printf '%s\n%s\n' "$1" "$release" | sort -V | head -n 1)" = "$1" ] ||
		skip "$release $2: needs $1"
}
