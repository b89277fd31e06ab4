#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# URING_FUZZ_SECONDS=600 for longer; URING_FUZZ_SEED to see a failure again.

load uring.bash

@test "random calls" {
	whole "$programs/fuzz"
}
