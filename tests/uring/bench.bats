#!/usr/bin/env bats
# That the benchmark works; what it measures is nobody's test.

load uring.bash

@test "the comparison with liburing runs" {
	echo '#include <liburing.h>' | $CC -E - >/dev/null 2>&1 ||
		skip 'no liburing.h here (Debian: liburing-dev)'
	make -s -C "$abs_top_builddir" tests/bench/uring-bench
	run -0 "$abs_top_builddir/tests/bench/uring-bench" 3 0.2
	echo "$output"
	[ "$(grep -cE '^(no-op|read 4 KiB) +(1|8|32|128)( +[0-9.]+){4}( +[0-9.]+\*?){3} *$' <<<"$output")" -eq 8 ]
	[ "$(grep -cE '^make and end +(1|128)( +[0-9.]+){4}( +[0-9.]+\*?){3} *$' <<<"$output")" -eq 2 ]
}

@test "wrong arguments of the benchmark" {
	echo '#include <liburing.h>' | $CC -E - >/dev/null 2>&1 ||
		skip 'no liburing.h here (Debian: liburing-dev)'
	run -2 "$abs_top_builddir/tests/bench/uring-bench" 0
	[[ $output == usage:* ]]
}
