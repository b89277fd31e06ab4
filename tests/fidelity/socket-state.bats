#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Sockets: failed connections, pending errors, and sends and receives of nothing.

setup() {
	load common
	fidelity_setup
}

@test "calls leave a socket in the same state as natively" {
	same socket-state
}

@test "calls leave a socket in the same state with SQPOLL" {
	export RINGSHIM_RING=sqpoll
	same socket-state
}

@test "calls leave a socket in the same state with RINGSHIM_ROUTE=auto" {
	export RINGSHIM_ROUTE=auto
	same socket-state
}

@test "the calls on sockets use the ring under the shim and not natively" {
	rings socket-state
}
