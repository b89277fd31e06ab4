#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Processes: fork, vfork, clone, spawn, exec, exit; shared file positions.

setup() {
	load common
	fidelity_setup
}

@test "processes made, replaced and ended in every way behave as natively" {
	same processes
}

@test "records written through one shared file position stay whole" {
	same position
}

@test "processes use the ring under the shim and not natively" {
	rings processes
}
