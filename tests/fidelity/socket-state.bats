#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Sockets: connections that fail, pending errors, nothing to send or to receive.

setup() {
	load common
	fidelity_setup
}

@test "what calls leave of a socket" {
	same socket-state
}

@test "likewise where a thread of the kernel takes the entries" {
	export RINGSHIM_RING=sqpoll
	same socket-state
}

@test "likewise with auto, which is told of descriptors late" {
	export RINGSHIM_ROUTE=auto
	same socket-state
}

@test "they use the ring under the shim, and none natively" {
	rings socket-state
}
