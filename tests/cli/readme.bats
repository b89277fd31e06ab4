#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The README: its examples run on the disk that it speaks of, and print what it says.

# shellcheck disable=SC2154  # the names that slow_names sets
load common
load ../shim/ahead.bash

setup_file() {
	begin_slow_disk
	! has_slow_disk || files_in "$slow/tree" 200
}

teardown_file() {
	remove_slow_disk
}

@test "every example of the README prints what the README says" {
	need python3 strace tar
	need_slow_disk
	"$ringshim" doctor >doctor || skip 'no ring can be made here'
	cold
	cd "$slow"
	PATH=$abs_top_builddir:$PATH run python3 "$abs_top_srcdir/tests/cli/tutorial.py" \
		"$abs_top_srcdir/README.md"
	assert_success
	assert_line '3 commands'
	cmp backup.tar <(tar cf - tree)
}

@test "the README has at most 120 lines, and every file that it names is there" {
	local file

	[ "$(wc -l <"$abs_top_srcdir/README.md")" -le 120 ]
	grep -oE '\]\([^):]*\)' "$abs_top_srcdir/README.md" | sed 's/^](//; s/)$//; s/#.*//' >names
	[ "$(wc -l <names)" -ge 15 ]
	while read -r file; do
		[ -e "$abs_top_srcdir/$file" ] || fail "README.md: no file $file"
	done <names
}
