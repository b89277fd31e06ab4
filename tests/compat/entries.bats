#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Preparation functions write the same entries as liburing's, byte by byte.

load compat.bash

@test "preparation functions write the same entries as liburing" {
	need_liburing
	cd "$BATS_TEST_TMPDIR"
	build_ours ours "$abs_top_srcdir/tests/compat/entries.c"
	build_theirs theirs "$abs_top_srcdir/tests/compat/entries.c"
	./ours | sort >ours.txt
	./theirs | sort >theirs.txt
	[ "$(wc -l <theirs.txt)" -gt 60 ]
	[ "$(wc -l <ours.txt)" -gt 100 ]
	# Every entry of liburing is among ours; an older liburing has fewer.
	run comm -13 ours.txt theirs.txt
	[ -z "$output" ] || { echo "$output"; return 1; }
}

@test "every preparation function is among those that are compared" {
	local name missing=

	for name in $(cut -f1 "$abs_top_srcdir/src/uring/compat/prep.tsv" | grep -v '^#'); do
		grep -q "show($name[,)]" "$abs_top_srcdir/tests/compat/entries.c" || missing+=" $name"
	done
	[ "$missing" = ' cmd_zone_reset_all' ] || { echo "not shown:$missing"; return 1; }
}
