#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Signals: EINTR or restart, handlers and their calls, results of the signal functions, and a storm
# of signals, forks and I/O.

setup() {
	load common
	fidelity_setup
}

@test "waiting calls that signals, stops and tracers interrupt behave as natively" {
	same interrupt
}

@test "signal handlers that run during waiting calls behave as natively" {
	same handlers
}

@test "signal functions, waits for signals and timers report the same as natively" {
	same signal-functions
}

@test "a signal before each instruction of a call changes no outcome" {
	export RINGSHIM_STATS=$BATS_TEST_TMPDIR/stats
	same stepped-signals send sendmmsg recv recvmmsg
	all_took_ring "$RINGSHIM_STATS" send sendmmsg recv recvmmsg
}

@test "a signal before each instruction of poll by ring changes no outcome" {
	export RINGSHIM_STATS=$BATS_TEST_TMPDIR/stats RINGSHIM_CALLS=all
	same stepped-signals poll
	all_took_ring "$RINGSHIM_STATS" poll
}

@test "a signal before each instruction of a call changes no outcome with SQPOLL" {
	export RINGSHIM_STATS=$BATS_TEST_TMPDIR/stats RINGSHIM_RING=sqpoll
	same stepped-signals send sendmmsg recv recvmmsg
	all_took_ring "$RINGSHIM_STATS" sendmmsg recvmmsg
}

@test "a waiting process looks the same to other processes" {
	export RINGSHIM_STATS=$BATS_TEST_TMPDIR/stats
	same visible-waits '*/stop' '*/trace' '*/freeze' 'partly/*'
	all_took_ring "$RINGSHIM_STATS" read recv recvmsg recvmmsg
	[ "$(calls_counted "$RINGSHIM_STATS" accept direct shared-socket)" -gt 0 ]
}

@test "a waiting process is idle and is not accounted as waiting for I/O" {
	local switch=/proc/sys/kernel/task_delayacct before

	need_kernel 6.15 'accounts all that waits on a ring as waiting for I/O'
	before=$(cat $switch) && [ -w $switch ] || skip "$switch cannot be set"
	echo 1 >$switch
	run same visible-waits 'idle/*'
	echo "$before" >$switch
	assert_success
}

@test "a storm of signals, forks and I/O loses no data" {
	limit=$((${STORM_SECONDS:-5} + 300))
	same signal-storm
	sed -n 's/^# storm/# natively: storm/p' "$BATS_TEST_TMPDIR/native.err" >&3
	sed -n 's/^# storm/# shim: storm/p' "$BATS_TEST_TMPDIR/shim.err" >&3
}

@test "interrupted calls use the ring under the shim and not natively" {
	rings interrupt '*/eintr'
}

@test "calls during handlers use the ring under the shim and not natively" {
	rings handlers '*/pipe/*'
}

@test "the programs of signal functions use the ring under the shim and not natively" {
	rings signal-functions
}

@test "the storm uses the ring under the shim and not natively" {
	export STORM_SECONDS=1
	rings signal-storm
}
