#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Under a system call filter of the program's own the library makes no system
# call that the native function does not make.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	filtered=$top/tests/shim/filtered
}

# same WAY NAME...: natively and under the library, with this environment, the same calls.
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
	# The last ones are in newer libcs only, and nothing to compare with in others.
	nm -D --defined-only "$shim" | awk '{ print $3 }' |
		grep -vE '^(__asan_default_options|openat2|pidfd_spawnp?)$' | sort >exported
	"$filtered" -l | grep -v '^EXTRA_' | sort >cases
	run diff exported cases
	assert_success
}

@test "after seccomp: the same system calls as natively, by every route" {
	RINGSHIM_STATS=$PWD/stats RINGSHIM_CALLS=all RINGSHIM_ROUTE=ring same seccomp
	RINGSHIM_ROUTE=direct same seccomp
	RINGSHIM_ROUTE=auto same seccomp
	# Before the filter each had a ring.
	[ "$(awk -F'\t' '$2 == "filtered" && $3 == "fsync" && $4 == "ring"' stats | wc -l)" -ge 240 ]
}

@test "after seccomp, with a thread from before" {
	RINGSHIM_CALLS=all RINGSHIM_ROUTE=ring same seccomp-threads
	RINGSHIM_ROUTE=direct same tsync-threads
}

@test "after seccomp, with polling by the kernel" {
	least=8
	RINGSHIM_RING=sqpoll RINGSHIM_CALLS=all RINGSHIM_ROUTE=ring same seccomp \
		read close fork setuid _exit execve EXTRA_child_reads EXTRA_thread
}

@test "after syscall user dispatch, which lets only libc's own code make system calls" {
	RINGSHIM_CALLS=all RINGSHIM_ROUTE=ring same dispatch
	RINGSHIM_ROUTE=direct same dispatch
	RINGSHIM_ROUTE=ring same dispatch-threads
}
