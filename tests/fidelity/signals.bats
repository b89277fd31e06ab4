#!/usr/bin/env bats
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
	same sigapi
}

@test "the storm" {
	limit=$((${STORM_SECONDS:-5} + 60))
	same storm
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
	rings sigapi
}

@test "the storm uses the ring under the shim" {
	export STORM_SECONDS=1
	rings storm
}
