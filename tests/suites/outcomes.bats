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

# make_suite NAME RUN: a suite of two tests for a copy of check-suites, in ./tests/suites.
make_suite() {
	mkdir -p tests
	[ -e tests/suites ] || {
		mkdir tests/suites
		cp "$abs_top_srcdir/tests/suites/"{check-suites,outcomes.bash} tests/suites/
		cp -r "$abs_top_srcdir/tests/lib" tests/lib
	}
	cat >"tests/suites/$1.suite" <<-EOS
		package='' can_select=yes
		# The directory of a test is for its own user.
		[ "\$(id -u)" -ne 0 ] || needs_root=yes
		build() { :; }
		run() {
			[ \$# -gt 0 ] || set -- reads differs
			for name; do $2; done
		}
		outcomes() { automake_outcomes "\$1"; }
	EOS
}

check_suites() {
	tests/suites/check-suites --suites "$1" --routes "native $2" --directory "$PWD/made" --builddir "$abs_top_builddir"
}

@test "check-suites passes a suite whose tests end alike, and counts the calls by ring" {
	need_io_uring
	# shellcheck disable=SC2016
	make_suite alike 'cat /etc/passwd >/dev/null && echo "PASS: $name"'
	run check_suites alike ring
	assert_success
	assert_output --partial 'ok 1 - alike, ring'
	assert_output --regexp '# 2 tests passed, 0 failed, 0 skipped; [1-9][0-9]* calls by ring'
}

@test "check-suites runs a differing test again, alone, and then fails" {
	need_io_uring
	# shellcheck disable=SC2016
	make_suite other 'echo "$name" >>"$HOME/runs"
		if [ "$name${RINGSHIM_ROUTE:-}" = differsring ]; then echo "FAIL: $name"; else cat /etc/passwd >/dev/null; echo "PASS: $name"; fi'
	run check_suites other ring
	assert_failure
	assert_output --partial 'not ok 1 - other, ring: a test has another outcome'
	assert_line '# differs	natively pass, here fail'
	assert_equal "$(sort made/other/home/runs | uniq -c | tr -s ' ')" "$(printf ' 6 differs\n 2 reads')"
}
