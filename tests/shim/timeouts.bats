#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Socket timeouts end calls by ring as they end native calls.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "a socket timeout of 50 ms ends each call with the native error, and not earlier" {
	"$top/tests/shim/timeouts" >native 2>times.native
	with_shim "$top/tests/shim/timeouts" >shim 2>times
	cat native
	diff native shim
	[ "$(grep -c 'temporarily unavailable' shim)" -eq 8 ]
	# Prints how late the calls were, but checks no limit: the machine can be busy.
	sed 's/^/# /' times >&3
}

@test "calls with a socket timeout wait in the ring and make no native call" {
	strace -f -qq -c -U name,calls -o counts -E LD_PRELOAD="$shim" "$top/tests/shim/timeouts" >out 2>/dev/null || true
	for call in recvfrom recvmsg accept; do
		[ "$(calls_of counts $call)" -eq 0 ]
	done
	[ "$(calls_of counts io_uring_enter)" -ge 7 ]
}
