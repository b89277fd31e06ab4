#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# make demo: it prints its tables and leaves nothing behind.

load common

demo() {
	mkdir -p tmp
	TMPDIR=$PWD/tmp RINGSHIM=$ringshim LIBRARY=$abs_top_builddir/.libs/libringshim.so \
		sh "$abs_top_srcdir/tests/demo/demo.sh" "$@"
}

setup_file() {
	need strace curl python3
}

@test "the demo copies and downloads, prints a table for each, and cleans up" {
	run --separate-stderr demo
	assert_success
	assert_equal "$(grep -c '^all system calls' <<<"$output")" 5
	assert_equal "$(grep -c '^Outcome: the same in both runs (exit status 0' <<<"$output")" 5
	assert_equal "$(grep -c '^The copy is identical' <<<"$output")" 4
	assert_regex "$output" 'io_uring_enter +[1-9]'
	assert_equal "$(ls tmp)" ''
	# A process that was left behind would have this TMPDIR in its environment.
	run grep -ls "TMPDIR=$PWD/tmp" /proc/[0-9]*/environ
	assert_output ''
}

@test "the demo fails when a run fails" {
	mkdir bin
	printf '#!/bin/sh\n[ "$1" != compare ] || exit 3\nexec "%s" "$@"\n' "$ringshim" >bin/ringshim
	chmod +x bin/ringshim
	ringshim=$PWD/bin/ringshim run demo
	assert_failure 1
	assert_output --partial 'demo: failed: ringshim compare -- cat big (status 3)'
	assert_equal "$(ls tmp)" ''
}
