#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# URING_FUZZ_SECONDS=600 runs longer; URING_FUZZ_SEED repeats a failure.

load uring.bash

@test "random calls find no fault" {
	whole "$programs/fuzz"
}
