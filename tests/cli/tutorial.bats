#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The tutorial: its commands run, and print what it says.

load common

tutorial() { # FILE
	PATH=$abs_top_builddir:$PATH python3 "$abs_top_srcdir/tests/cli/tutorial.py" "$1"
}

@test "every command of the tutorial does what the tutorial says" {
	need python3 strace tar
	"$ringshim" doctor >doctor || skip 'no ring can be made here'
	run tutorial "$abs_top_srcdir/doc/tutorial.md"
	assert_success
	assert_line --regexp '^[1-9][0-9]* commands$'
}

@test "a command that prints something else is noticed, and so is one that fails" {
	need python3
	printf '    $ %s\n    %s\n\n' 'echo 12 apples' '7 apples' 'printf "a\nb\nc\n"' $'a\n    ...\n    c' >page
	run tutorial page
	assert_success
	assert_output '2 commands'
	printf '    $ %s\n    %s\n' 'echo 12 apples' '7 pears' >page
	run tutorial page
	assert_failure
	printf '    $ %s\n    %s\n' 'echo 1; echo 2' '1' >page
	run tutorial page
	assert_failure
	printf '    $ false\n' >page
	run tutorial page
	assert_failure
}
