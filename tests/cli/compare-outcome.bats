#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim compare: the outcome of CMD, and if it is the same in both runs.

load common

setup_file() {
	need strace
}

compare() {
	"$ringshim" compare --library="$marker" "$@"
}

# A shell command that does the first thing natively and the second under the library.
either() {
	printf 'case $LD_PRELOAD in *marker*) %s;; *) %s;; esac' "$2" "$1"
}

@test "equal outcomes make compare exit with 0, whatever the exit status of CMD" {
	run --separate-stderr compare -- "$subject" exit 7
	assert_success
	assert_line --partial 'the same in both runs (exit status 7'
	run --separate-stderr compare -- "$subject" signal 11
	assert_success
	assert_line --partial 'killed by SIGSEGV'
	run --separate-stderr compare -- "$subject" signal 9
	assert_success
	assert_line --partial 'killed by SIGKILL'
}

@test "compare shows the error messages of a failing CMD" {
	run --separate-stderr compare -- cat no-such-file
	assert_success
	assert_regex "$stderr" 'no-such-file: No such file'
	assert_line --partial 'exit status 1'
}

@test "a different exit status makes compare exit with 3" {
	run --separate-stderr compare -- sh -c "$(either 'exit 4' 'exit 5')"
	assert_failure 3
	assert_regex "$stderr" 'exit status 4 natively, exit status 5 under the shim'
	assert_line --partial 'NOT the same'
	assert_line --regexp '^all system calls'
}

@test "an exit status in one run and a signal in the other make compare exit with 3" {
	run --separate-stderr compare -- sh -c "$(either 'exit 0' 'kill -ABRT $$')"
	assert_failure 3
	assert_regex "$stderr" 'exit status 0 natively, killed by SIGABRT under the shim'
}

@test "a difference in standard output is shown with its offset and both lines" {
	run --separate-stderr compare -- \
		sh -c "echo first; $(either 'echo a second' 'echo a seventh line')"
	assert_failure 3
	assert_regex "$stderr" 'standard output differs from byte 11 \(line 2\) on: 15 bytes natively, 21 under the shim'
	assert_regex "$stderr" 'natively: a second'
	assert_regex "$stderr" 'shim:     a seventh line'
}

@test "an output that ends earlier counts as a difference" {
	run --separate-stderr compare -- sh -c "echo first; $(either 'echo second' :)"
	assert_failure 3
	assert_regex "$stderr" 'from byte 7 \(line 2\) on: 13 bytes natively, 6 under the shim'
	assert_regex "$stderr" 'shim:     \(the end\)'
}

@test "one different byte in a megabyte is found, and control characters are escaped" {
	run --separate-stderr compare -- \
		sh -c "head -c 1000000 /dev/zero; $(either "printf '\\033a'" "printf '\\033b'"); head -c 100000 /dev/zero"
	assert_failure 3
	assert_regex "$stderr" 'differs from byte 1000002 '
	assert_regex "$stderr" 'natively: .*x1ba'
	refute_regex "$stderr" $'\033'
}

@test "a difference in standard error is a note, and an error with --strict" {
	run --separate-stderr compare -- "$subject" ok
	assert_success
	assert_regex "$stderr" 'note: standard error differs .*: 0 bytes natively, 10 under the shim'
	assert_regex "$stderr" 'shim:     preloaded'
	run --separate-stderr compare --strict -- "$subject" ok
	assert_failure 3
	refute_regex "$stderr" note
	assert_regex "$stderr" 'standard error differs'
}

@test "large outputs of several processes on both streams compare as equal" {
	run --separate-stderr compare -- sh -c 'seq 300000; seq 300000 >&2'
	assert_success
	size=$(seq 300000 | wc -c)
	assert_line --partial "$size bytes of standard output"
}

@test "a program that writes files writes them correctly in both runs" {
	head -c 500000 /dev/urandom >data
	run --separate-stderr "$ringshim" compare -- dd if=data of=copy bs=4k
	assert_success
	cmp data copy
	run --separate-stderr "$ringshim" compare -- sh -c 'cat data >>twice'
	assert_success
	cat data data | cmp - twice
}
