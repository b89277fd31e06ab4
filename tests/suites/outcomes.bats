#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How check-suites reads and compares the outcomes of other projects' tests. make check-suites runs
# the suites themselves.

load ../lib/common.bash
load outcomes.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	: >explained
}

# outcomes_are FUNCTION TEXT: FUNCTION finds these outcomes in the log on standard input.
outcomes_are() {
	cat >log
	assert_equal "$("$1" log)" "$(printf '%b' "$2")"
}

@test "the lines of automake, TAP and autotest are read" {
	outcomes_are automake_outcomes 'a.sh\tpass\nb\tpass\nc\tfail\nd\tfail\ne\tfail\nf\tskip' <<'EOL'
PASS: a.sh
XFAIL: b
FAIL: c
XPASS: d
ERROR: e
SKIP: f
# PASS:  1
EOL
	outcomes_are tap_outcomes 'one two\tpass\nthree\tfail\nfour\tskip\nfive\tpass' <<'EOL'
1..4
ok 1 - one two
not ok 2 - three
ok 3 - four # SKIP no such thing
not ok 4 - five # TODO later
# ok 5 - a comment
EOL
	outcomes_are autotest_outcomes '1 tar version\tpass\n12 long names\tskip\n140 ignfail\tfail' <<'EOL'
  1: tar version                                     ok
 12: long names                                      skipped (name.at:35)
140: ignfail                                         FAILED (ignfail.at:23)
EOL
}

@test "a test differs if none of its outcomes occurred natively" {
	printf 'a\tpass\nb\tpass\nb\tfail\nc\tfail\nd\tpass\ne\tpass\n' >native
	printf 'a\tpass\nb\tfail\nc\tpass\nd\tfail\nf\tfail\n' >ring
	run differing_outcomes explained native ring
	assert_output "$(printf '%s\n' 'c	natively fail, here pass' 'd	natively pass, here fail' \
		'e	natively pass, here missing' 'f	natively missing, here fail')"
	printf 'd\nc\n' >explained
	run differing_outcomes explained native ring
	assert_output "$(printf '%s\n' 'e	natively pass, here missing' 'f	natively missing, here fail')"
}

@test "a test that passed once counts as passed" {
	printf 'a\tpass\na\tfail\nb\tskip\nc\tfail\n' >ring
	run count_outcomes ring
	assert_output '1 tests passed, 1 failed, 1 skipped'
}

@test "every suite says how it is built, run and read, and is distributed" {
	local suite
	for suite in "$abs_top_srcdir"/tests/suites/*.suite; do
		( . "$suite" && declare -F build run outcomes >/dev/null ) || fail "$suite lacks a function"
		grep -q "tests/suites/$(basename "$suite")\\b" "$abs_top_srcdir/tests/suites/suites.am" ||
			fail "$suite is not in suites.am"
	done
}

@test "check-suites says what is wrong with its arguments" {
	run "$abs_top_srcdir/tests/suites/check-suites" --suites nonesuch
	assert_failure 2
	assert_output --partial "there is no suite 'nonesuch'; there are: "
	run "$abs_top_srcdir/tests/suites/check-suites" --routes ring,auto
	assert_failure 2
	assert_output --partial "unknown route 'ring,auto'"
	run "$abs_top_srcdir/tests/suites/check-suites" --builddir /nonexistent
	assert_failure 2
	assert_output 'check-suites: /nonexistent is no build tree with .libs/libringshim.so'
}
