#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The kernel's workers hold no file of a descriptor that is about to be closed.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

# Of the operations that a trace shows, each with close(100) after it, how many
# were not asked for at the workers, and then let go of, before that.
held_in() {
	operation_re=$operation_re awk '
		$0 ~ ENVIRON["operation_re"] { held = "operation"; n++ }
		/io_uring_register.*(0x80000018|SYNC_CANCEL)/ && held { held = "asked" }
		/io_uring_enter\([0-9]+, 0, 0, IORING_ENTER_GETEVENTS/ && held == "asked" { held = "" }
		/close\(100\)/ && held { bad++; held = "" }
		END { print n + 0, "operations,", bad + 0, "held" }' "$1"
}

@test "what a kernel worker ran is let go of before its descriptor is closed" {
	local how
	needs_kernel 6.3 'cannot be asked what a worker has in its hands'
	for how in alone threads; do
		strace -f -qq -o "trace.$how" -e trace=io_uring_enter,io_uring_register,close \
			-E LD_PRELOAD="$shim" -E RINGSHIM_ROUTE=ring "$top/tests/shim/iowq-release" "$how"
		cat "trace.$how"
		run held_in "trace.$how"
		assert_output '3 operations, 0 held'
	done
}
