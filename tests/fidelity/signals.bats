#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Signals: EINTR or restart, handlers and what they do, what the signal
# functions report; and the storm.

setup() {
	load common
	fidelity_setup
}

@test "waiting calls that signals, stops and tracers disturb" {
	same interrupt
}

@test "what handlers do over waiting calls" {
	same handlers
}

@test "what signal functions report, waits for signals, timers" {
	same signal-functions
}

# rang CALL...: the statistics say that each of them took the ring.
rang() {
	local call

	for call; do
		grep -qP "\t$call\tring\t" "$RINGSHIM_STATS" || fail "no $call took the ring"
	done
}

@test "a signal before the instructions of a call, single or several" {
	export RINGSHIM_STATS=$BATS_TEST_TMPDIR/stats
	same stepped-signals send sendmmsg recv recvmmsg
	rang send sendmmsg recv recvmmsg
}

@test "the same where poll takes the ring" {
	export RINGSHIM_STATS=$BATS_TEST_TMPDIR/stats RINGSHIM_CALLS=all
	same stepped-signals poll
	rang poll
}

@test "the same where a thread of the kernel takes the entries" {
	export RINGSHIM_STATS=$BATS_TEST_TMPDIR/stats RINGSHIM_RING=sqpoll
	same stepped-signals send sendmmsg recv recvmmsg
	rang sendmmsg recvmmsg
}

@test "what others see of a process that waits" {
	export RINGSHIM_STATS=$BATS_TEST_TMPDIR/stats
	same visible-waits '*/stop' '*/trace' '*/freeze' 'partly/*'
	rang read recv recvmsg recvmmsg
	grep -qP '\taccept\tdirect\tshared-socket\t' "$RINGSHIM_STATS"
}

@test "a process that waits is idle, and does not wait for I/O" {
	local switch=/proc/sys/kernel/task_delayacct before

	[ "$(printf '%s\n' 6.15 "$(uname -r)" | sort -V | head -n 1)" = 6.15 ] ||
		skip "$(uname -r) accounts all that waits on a ring as waiting for I/O: needs 6.15"
	before=$(cat $switch) && [ -w $switch ] || skip "$switch cannot be set"
	echo 1 >$switch
	run same visible-waits 'idle/*'
	echo "$before" >$switch
	assert_success
}

@test "the storm" {
	limit=$((${STORM_SECONDS:-5} + 60))
	same signal-storm
	sed -n 's/^# storm/# natively: storm/p' "$BATS_TEST_TMPDIR/native.err" >&3
	sed -n 's/^# storm/# shim: storm/p' "$BATS_TEST_TMPDIR/shim.err" >&3
}

@test "interrupted calls use the ring under the shim, and none natively" {
	rings interrupt '*/eintr'
}

@test "calls under handlers use the ring under the shim" {
	rings handlers '*/pipe/*'
}

@test "the remaining signal programs use the ring under the shim" {
	rings signal-functions
}

@test "the storm uses the ring under the shim" {
	export STORM_SECONDS=1
	rings signal-storm
}
