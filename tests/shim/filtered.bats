#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Under a seccomp filter or syscall user dispatch of the program, the library makes no system call
# that the native function does not make.

load ../lib/common.bash

# Programs that may not remove their records leave them in a directory of the test's own.
setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	XDG_RUNTIME_DIR=$(mktemp -d -p /dev/shm)
	export XDG_RUNTIME_DIR
	filtered=$top/tests/shim/filtered
}

teardown() {
	rm -rf "$XDG_RUNTIME_DIR"
}

# same WAY NAME...: each function makes the same system calls natively and under the library, with
# the variables set by the caller.
same() {
	[ -e "native.$*" ] || timeout 300 "$filtered" "$@" >"native.$*"
	rm -rf case-*
	[ "$(grep -c : "native.$*")" -ge "${least:-250}" ]
	with_shim timeout 300 "$filtered" "$@" >"shim.$*"
	rm -rf case-*
	run diff "native.$*" "shim.$*"
	assert_success
}

@test "there is a case for every exported function" {
	# Only newer libcs have openat2 and pidfd_spawn; older ones have no function to compare
	# with.
	nm -D --defined-only "$shim" | awk '{ print $3 }' |
		grep -vE '^(__asan_default_options|openat2|pidfd_spawnp?)$' | sort >exported
	"$filtered" -l | grep -v '^EXTRA_' | sort >cases
	run diff exported cases
	assert_success
}

@test "after seccomp, each function makes its native system calls on every route" {
	RINGSHIM_STATS=$PWD/stats RINGSHIM_CALLS=all RINGSHIM_ROUTE=ring same seccomp
	RINGSHIM_ROUTE=direct same seccomp
	RINGSHIM_ROUTE=auto same seccomp
	# Before the filter was installed, each case used a ring.
	[ "$(awk -F'\t' '$2 == "filtered" && $3 == "fsync" && $4 == "ring"' stats | wc -l)" -ge 240 ]
}

@test "after seccomp, each function that is timed makes its native system calls" {
	mkdir records
	RINGSHIM_TIMINGS=$PWD/records/timings same seccomp
	RINGSHIM_STATS_HISTOGRAMS=1 RINGSHIM_STATS=$PWD/stats RINGSHIM_ROUTE=direct same seccomp
	# Calls were timed: each case left a record, and the statistics have how long they took.
	[ "$(find records -name 'timings.*' | wc -l)" -ge 240 ]
	[ "$(awk -F'\t' '$2 == "filtered" && $4 == "latency"' stats | wc -l)" -ge 240 ]
}

@test "after seccomp, functions make their native system calls where syncs were noted before" {
	RINGSHIM_RISK_SYNC_AT_EXIT=1 RINGSHIM_STATS=$PWD/stats same seccomp
	[ "$(awk -F'\t' '$3 == "sync-at-exit" && $4 == "noted"' stats | wc -l)" -ge 240 ] ||
		skip 'the file system of the temporary files is none whose syncs are noted'
}

@test "after seccomp, a thread made before makes its native system calls" {
	RINGSHIM_CALLS=all RINGSHIM_ROUTE=ring same seccomp-threads
	RINGSHIM_ROUTE=direct same tsync-threads
}

@test "after seccomp, a program with SQPOLL makes its native system calls" {
	least=8
	RINGSHIM_RING=sqpoll RINGSHIM_CALLS=all RINGSHIM_ROUTE=ring same seccomp \
		read close fork setuid _exit execve EXTRA_child_reads EXTRA_thread
}

@test "after syscall user dispatch for libc's code, functions make their native system calls" {
	RINGSHIM_CALLS=all RINGSHIM_ROUTE=ring same dispatch
	RINGSHIM_ROUTE=direct same dispatch
	RINGSHIM_ROUTE=ring same dispatch-threads
}
