#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Threads and processes that bypass libc's functions, and attempts to install seccomp filters.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "threads and processes made by clone behave as natively on every route" {
	local route calls
	timeout 300 "$top/tests/shim/raw-threads" >native
	cat native
	[ "$(grep -c 'ended with' native)" -ge 9 ]
	for route in ring auto direct; do
		for calls in all file,sync; do
			RINGSHIM_STATS=$PWD/stats RINGSHIM_ROUTE=$route RINGSHIM_CALLS=$calls \
				with_shim timeout 300 "$top/tests/shim/raw-threads" >shim
			run diff native shim
			assert_success
		done
		# Each case used a ring before it made the thread or process.
		[ "$route" != ring ] || [ "$(calls_counted stats fsync ring)" -ge 18 ]
	done
}

@test "a filter whose installation fails ends neither the ring nor the statistics" {
	timeout 300 "$top/tests/shim/seccomp-attempts" >native
	RINGSHIM_STATS=$PWD/stats RINGSHIM_ROUTE=ring with_shim timeout 300 "$top/tests/shim/seccomp-attempts" >shim
	cat native
	run diff native shim
	assert_success
	[ "$(calls_counted stats pread ring)" -eq "$(grep -c read native)" ]
	[ "$(calls_counted stats pread direct)" -eq 0 ]
}

@test "a filter installed with a listener ends the use of the ring" {
	timeout 300 "$top/tests/shim/seccomp-attempts" listener >native
	strace -f -qq -o trace -E LD_PRELOAD="$shim" -E RINGSHIM_ROUTE=ring \
		timeout 300 "$top/tests/shim/seccomp-attempts" listener >shim
	run diff native shim
	assert_success
	[ "$(grep -c io_uring_enter trace)" -ge 15 ]
	sed -n '/seccomp(.*NEW_LISTENER, {.*) = [0-9]/,$p' trace >after
	grep pread64 after
	run grep io_uring after
	assert_failure
}
