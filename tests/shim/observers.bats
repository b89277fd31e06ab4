#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Tests differences that a program or its observers could notice: the output is the same natively
# and by each route.

load ../lib/common.bash

# outcomes PROGRAM FILE [VARIABLE=VALUE...]: writes the output of PROGRAM to FILE. Runs in an empty
# directory.
outcomes() {
	local program=$1 file=$BATS_TEST_TMPDIR/$2
	shift 2
	mkdir "$file.d"
	(cd "$file.d" && env "$@" timeout 120 "$top/tests/shim/$program" </dev/null) >"$file"
}

# same PROGRAM CALL...: compares each route with the native run. The calls must have taken the ring.
same() {
	local program=$1 way call
	shift
	cd "$BATS_TEST_TMPDIR" || return
	outcomes "$program" native
	outcomes "$program" all LD_PRELOAD="$shim" RINGSHIM_CALLS=all RINGSHIM_STATS="$PWD/stats"
	outcomes "$program" default LD_PRELOAD="$shim"
	outcomes "$program" auto LD_PRELOAD="$shim" RINGSHIM_CALLS=all RINGSHIM_ROUTE=auto
	outcomes "$program" direct LD_PRELOAD="$shim" RINGSHIM_CALLS=all RINGSHIM_ROUTE=direct
	for way in all default auto direct; do
		diff native "$way" || fail "by $way it is another"
	done
	for call; do
		awk -F'\t' -v call="$call" '$3 == call && $4 == "ring" { n += $6 } END { exit !n }' stats ||
			fail "$call did not go by ring"
	done
	echo "# $program: $(wc -l <native) lines equal" >&3
}

@test "calls use the right names and clock and wake the same waiters as natively" {
	same observers open stat clock_nanosleep poll waitid splice tee
}

@test "calls behave as natively with SQPOLL" {
	cd "$BATS_TEST_TMPDIR" || return
	outcomes observers native
	outcomes observers polled LD_PRELOAD="$shim" RINGSHIM_CALLS=all RINGSHIM_RING=sqpoll
	diff native polled
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
