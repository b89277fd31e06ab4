#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Timeouts of sockets end calls by ring as they end native calls.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "a socket timeout of 50 ms ends each call with the native error, and not before" {
	"$top/tests/shim/timeouts" >native 2>times.native
	with_shim "$top/tests/shim/timeouts" >shim 2>times
	cat native
	diff native shim
	[ "$(grep -c 'temporarily unavailable' shim)" -eq 8 ]
	# How late is for people to see: a machine may be busy.
	sed 's/^/# /' times >&3
}

@test "the ring waits in them: no native call is left" {
	strace -f -qq -c -U name,calls -o counts -E LD_PRELOAD="$shim" "$top/tests/shim/timeouts" >out 2>/dev/null || true
	for call in recvfrom recvmsg accept; do
		[ "$(calls_of counts $call)" -eq 0 ]
	done
	[ "$(calls_of counts io_uring_enter)" -ge 7 ]
}
