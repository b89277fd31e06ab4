#!/usr/bin/env bats

@test "rings are made, used and ended" {
	run "$abs_top_builddir/tests/uring/setup"
	echo "$output"
	[ "$status" -eq 0 ]
}
