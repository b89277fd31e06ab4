#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# An io-wq worker holds no file of a descriptor that is about to be closed.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

# Each operation in the trace is followed by close(100). Counts the operations, and those for which
# the library did not query the workers and release the file before the close.
held_in() {
	operation_re=$operation_re awk '
		$0 ~ ENVIRON["operation_re"] { held = "operation"; n++ }
		/io_uring_register.*(0x80000018|SYNC_CANCEL)/ && held { held = "asked" }
		/io_uring_enter\([0-9]+, 0, 0, IORING_ENTER_GETEVENTS/ && held == "asked" { held = "" }
		/close\(100\)/ && held { bad++; held = "" }
		END { print n + 0, "operations,", bad + 0, "held" }' "$1"
}

@test "a file that an io-wq worker used is released before its descriptor is closed" {
	local how
	need_kernel 6.3 'cannot tell which file a worker holds'
	for how in alone threads; do
		strace -f -qq -o "trace.$how" -e trace=io_uring_enter,io_uring_register,close \
			-E LD_PRELOAD="$shim" -E RINGSHIM_ROUTE=ring "$top/tests/shim/iowq-release" "$how"
		cat "trace.$how"
		run held_in "trace.$how"
		assert_output '3 operations, 0 held'
	done
}
