#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Threads: cancellation, ends, numbers, leaks.

setup() {
	load common
	fidelity_setup
}

@test "cancellation in each waiting call, and the cancellation points" {
	same cancel
}

@test "ends of threads, 1,000 at once, 100,000 in turn" {
	same threads
}

@test "cancelled calls use the ring under the shim, and none natively" {
	rings cancel '*/waiting'
}

@test "threads use the ring under the shim, and none natively" {
	export FID_THREADS=50 FID_SHORT_THREADS=800
	rings threads
}
