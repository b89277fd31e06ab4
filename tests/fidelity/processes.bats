#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Processes: fork, vfork, clone, spawn, exec, exit; shared file positions.

setup() {
	load common
	fidelity_setup
}

@test "processes made, replaced and ended in every way" {
	same processes
}

@test "records through one shared file position" {
	same position
}

@test "processes use the ring under the shim, and none natively" {
	rings processes
}
