#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Tests calls on descriptors with high numbers.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "calls work on descriptors up to the hard limit" {
	run "$top/tests/shim/descriptors"
	native=$output
	run with_shim "$top/tests/shim/descriptors"
	assert_success
	assert_output "$native"
	refute_output --partial WRONG
	assert_output --partial little
}
