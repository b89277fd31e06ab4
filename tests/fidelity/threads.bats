#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Threads: cancellation, ends, large numbers, leaks.

setup() {
	load common
	fidelity_setup
}

@test "waiting calls and cancellation points are cancelled as natively" {
	same cancel
}

@test "1,000 threads at once and 100,000 in turn start and end as natively" {
	same threads
}

@test "cancelled calls use the ring under the shim and not natively" {
	rings cancel '*/waiting'
}

@test "threads use the ring under the shim and not natively" {
	export FID_THREADS=50 FID_SHORT_THREADS=800
	rings threads
}
