#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

load uring.bash

tables() {
	echo "$abs_top_srcdir/tests/uring/abi-constants.tsv" \
		"$abs_top_srcdir/tests/uring/abi-layouts.tsv"
}

@test "numbers and layouts equal those of the kernel" {
	awk -f "$abs_top_srcdir/tests/uring/abi.awk" $(tables) >"$BATS_TEST_TMPDIR/abi.c"
	[ "$(grep -c _Static_assert "$BATS_TEST_TMPDIR/abi.c")" -gt 900 ]
	$CC -std=c11 -w -fsyntax-only -I"$abs_top_srcdir/src/uring" "$BATS_TEST_TMPDIR/abi.c"
}

@test "the check finds a wrong number" {
	sed 's/^URING_OP_READ\t.*/URING_OP_READ\tIORING_OP_READ\t23/' $(tables) |
		awk -f "$abs_top_srcdir/tests/uring/abi.awk" >"$BATS_TEST_TMPDIR/abi.c"
	run $CC -std=c11 -w -fsyntax-only -I"$abs_top_srcdir/src/uring" "$BATS_TEST_TMPDIR/abi.c"
	[ "$status" -ne 0 ]
	[[ $output == *'"URING_OP_READ"'* ]]
}

@test "numbers and layouts agree with the system's header, as far as it goes" {
	echo '#include <linux/io_uring.h>' >"$BATS_TEST_TMPDIR/system.c"
	$CC -E "$BATS_TEST_TMPDIR/system.c" >/dev/null 2>&1 || skip "no linux/io_uring.h here"
	{
		$CC -E -dM "$BATS_TEST_TMPDIR/system.c"
		$CC -E -P "$BATS_TEST_TMPDIR/system.c"
	} >"$BATS_TEST_TMPDIR/system.txt"
	awk -v system_text="$BATS_TEST_TMPDIR/system.txt" \
		-f "$abs_top_srcdir/tests/uring/abi.awk" $(tables) >"$BATS_TEST_TMPDIR/abi.c"
	tail -1 "$BATS_TEST_TMPDIR/abi.c"
	[ "$(sed -n 's/^\/\* \([0-9]*\) compared.*/\1/p' "$BATS_TEST_TMPDIR/abi.c")" -gt 250 ]
	$CC -std=gnu11 -w -fsyntax-only -I"$abs_top_srcdir/src/uring" "$BATS_TEST_TMPDIR/abi.c"
}

@test "the tables list every name of the header" {
	local header="$abs_top_srcdir/src/uring/abi.h"

	{
		sed -n 's/^#define \(URING_[A-Z0-9_]*\).*/\1/p; s/^\t\(URING_[A-Z0-9_]*\) = .*/\1/p' "$header"
	} | grep -v '_LAST$' | sort >"$BATS_TEST_TMPDIR/in-header"
	cut -f1 "$abs_top_srcdir/tests/uring/abi-constants.tsv" | grep -v '^#' | grep -v '_LAST$' |
		sort >"$BATS_TEST_TMPDIR/in-table"
	diff "$BATS_TEST_TMPDIR/in-header" "$BATS_TEST_TMPDIR/in-table"
	sed -n 's/^struct \(uring_[a-z0-9_]*\) {.*/\1/p' "$header" | sort >"$BATS_TEST_TMPDIR/in-header"
	cut -f1 "$abs_top_srcdir/tests/uring/abi-layouts.tsv" | grep -v '^#' | sort -u \
		>"$BATS_TEST_TMPDIR/in-table"
	diff "$BATS_TEST_TMPDIR/in-header" "$BATS_TEST_TMPDIR/in-table"
}
