#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim compare: both runs get the same standard input.

load common

setup_file() {
	need strace
}

# This CMD stores what each run reads.
keep='cat >>read; echo . >>read'

twice() {
	diff <(printf '%s\n.\n%s\n.\n' "$1" "$1") read
}

@test "both runs read a file from the offset where it stood" {
	seq 100000 >data
	{
		IFS= read -r _
		run --separate-stderr "$ringshim" compare --library="$marker" -- sh -c "$keep"
	} <data
	assert_success
	twice "$(seq 2 100000)"
}

@test "compare reads a pipe to its end and gives its data to both runs" {
	seq 100000 | "$ringshim" compare --library="$marker" -- sh -c "$keep"
	twice "$(seq 100000)"
	rm read
	printf '' | "$ringshim" compare --library="$marker" -- sh -c "$keep"
	assert_equal "$(cat read)" $'.\n.'
}

@test "a pipe as input does not make the counts vary from run to run" {
	head -c 3000000 /dev/zero | "$ringshim" compare --library="$marker" --all -- wc -c >table
	output=$(cat table)
	read -r native shim _ <<<"$(counts read)"
	assert_equal "$shim" "$native"
}

@test "a pipe that stays open is passed on, to the second run as well" {
	{ echo one; sleep 2; echo two; } |
		"$ringshim" compare --library="$marker" -- sh -c "$keep" 2>messages
	grep -q 'does not end soon' messages
	twice $'one\ntwo'
}

@test "compare ends when CMD reads only a part of an endless pipe" {
	run --separate-stderr bash -c 'yes | "$@"' - "$ringshim" compare --library="$marker" -- head -n 2
	assert_success
	assert_line --partial '4 bytes of standard output'
}

@test "a pipe that stays open does not delay a CMD that reads nothing" {
	mkfifo pipe
	exec 8<>pipe
	run --separate-stderr "$ringshim" compare --library="$marker" -- "$subject" ok <&8
	exec 8>&-
	assert_success
	assert_line --partial '3 bytes of standard output'
}

@test "compare does not wait for child processes that it inherited by exec" {
	# bash executes ringshim, which thereby becomes the parent of the process substitution.
	# shellcheck disable=SC2016
	run --separate-stderr timeout 20 bash -c 'exec "$@" < <(echo $BASHPID >pid; echo x; exec sleep 30 3>&-)' - \
		"$ringshim" compare --library="$marker" -- head -n 1
	assert_success
	assert_line --partial '2 bytes of standard output'
	kill "$(cat pid)"
}

@test "compare works with closed standard descriptors" {
	run --separate-stderr "$ringshim" compare --library="$marker" -o table -- "$subject" ok <&- >&-
	assert_success
	grep -q '3 bytes of standard output' table
}
