#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Tests that the benchmark works; no test judges its results.

load uring.bash

setup() {
	echo '#include <liburing.h>' | $CC -E - >/dev/null 2>&1 ||
		skip 'no liburing.h here (Debian: liburing-dev)'
}

# has_rows COUNT NAME-AND-SIZE: that many lines of the output have four times and two quotients.
has_rows() {
	local quotient=' +[0-9.]+ \([0-9.]+ to [0-9.]+\)\*?'
	[ "$(grep -cE "^$2( +[0-9]+){4}($quotient){2} *\$" <<<"$output")" -eq "$1" ]
}

@test "the comparison with liburing runs" {
	make -s -C "$abs_top_builddir" tests/bench/uring-bench
	run -0 "$abs_top_builddir/tests/bench/uring-bench" 3 0.2
	echo "$output"
	has_rows 8 '(no-op|read 4 KiB) +(1|8|32|128)'
	has_rows 3 'receive +(1|8|32)'
	has_rows 10 'make and end +(8|16|32|64|128|256|512|1024|2048|4096)'
	has_rows 3 '100 rings +(8|64|512)'
}

@test "the benchmark refuses wrong arguments" {
	run -2 "$abs_top_builddir/tests/bench/uring-bench" 0
	[[ $output == usage:* ]]
}
