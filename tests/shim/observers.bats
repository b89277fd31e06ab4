#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Tests differences that a program or its observers could notice: the output is the same natively
# and by each route.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

# same PROGRAM CALL...: compares each route with the native run. The calls must have taken the ring.
same() {
	local program=$top/tests/shim/$1
	record native "$program"
	record all env LD_PRELOAD="$shim" RINGSHIM_CALLS=all RINGSHIM_STATS="$PWD/stats" "$program"
	record default env LD_PRELOAD="$shim" "$program"
	record auto env LD_PRELOAD="$shim" RINGSHIM_CALLS=all RINGSHIM_ROUTE=auto "$program"
	record direct env LD_PRELOAD="$shim" RINGSHIM_CALLS=all RINGSHIM_ROUTE=direct "$program"
	same_as_native "$1" all default auto direct
	all_took_ring stats "${@:2}"
}

@test "calls use the right names and clock and wake the same waiters as natively" {
	same observers open stat clock_nanosleep poll waitid splice tee
}

@test "calls behave as natively with SQPOLL" {
	record native "$top/tests/shim/observers"
	record sqpoll env LD_PRELOAD="$shim" RINGSHIM_CALLS=all RINGSHIM_RING=sqpoll \
		"$top/tests/shim/observers"
	same_as_native observers sqpoll
}

@test "splice and tee behave as natively between every two kinds of descriptor" {
	same splice-kinds splice tee
}

@test "a waiting thread goes on waiting when another thread ends" {
	local call
	same thread-exit write send
	# These calls waited in the ring and continued directly.
	for call in sleep usleep nanosleep clock_nanosleep poll ppoll select pselect read recv; do
		grep -q "	$call	direct	restart	" stats || fail "$call was not ended"
	done
}
