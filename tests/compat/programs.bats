#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs written in liburing's style do the same with our library and with liburing.

load compat.bash

setup() {
	cd "$BATS_TEST_TMPDIR"
	seq 1 150000 >data
	: >empty
	printf x >one
}

# Builds the program with each library and calls the function with each program.
alike() { # PROGRAM FUNCTION
	local source="$abs_top_srcdir/tests/compat/programs/$1.c"

	build_ours "./$1-ours" "$source"
	"$2" "./$1-ours" >ours.out
	if [ -n "$(no_liburing)" ]; then
		echo "# with our library alone: $(no_liburing)" >&3
		return
	fi
	build_theirs "./$1-theirs" "$source"
	readelf -d "./$1-theirs" | grep -q 'NEEDED.*liburing'
	run ! sh -c "readelf -d ./$1-ours | grep -q NEEDED.*liburing"
	"$2" "./$1-theirs" >theirs.out
	diff ours.out theirs.out
}

echoes() {
	timeout 300 "$1" 5 100000
	timeout 300 "$1" 1 1
}

@test "an echo server with provided buffers serves every client" {
	alike echo echoes
	[ "$(head -2 ours.out)" = $'5 connections, 500000 bytes echoed\n0 clients failed' ]
}

copies() {
	for file in data empty one; do
		timeout 300 "$1" $file copy
		cmp $file copy
	done
	run ! "$1" none copy
	echo "$output"
}

@test "a copy with linked entries copies files" {
	alike cp copies
	[ "$(cat ours.out)" = 'cp: No such file or directory' ]
}

digests() {
	timeout 300 "$1" data empty one "$abs_top_srcdir/LICENSE"
}

@test "a digest with registered files and buffers equals that of cksum" {
	alike digest digests
	cksum data empty one "$abs_top_srcdir/LICENSE" | diff - ours.out
}

polls() {
	timeout 300 "$1"
}

@test "multishot polls and timeouts complete as often as expected" {
	alike poll polls
	[ "$(grep -c 'poll: 1, more' ours.out)" -eq 3 ]
	[ "$(grep -c 'Timer expired' ours.out)" -eq 3 ]
}

@test "messages from ring to ring all arrive" {
	alike messages polls
	[ "$(cat ours.out)" = $'0: last 6000, Success\n1: last 5997, Success' ]
}

sums() {
	timeout 300 "$1" data
}

@test "a ring with SQPOLL reads a file" {
	alike sqpoll sums
	sum=$(od -An -v -tu1 -w1 data | awk '{ n += $1 } END { print n }')
	[ "$(cat ours.out)" = "sum $sum" ]
}

@test "every program has a test in this file" {
	for file in "$abs_top_srcdir"/tests/compat/programs/*.c; do
		grep -q "alike $(basename "$file" .c) " "$BATS_TEST_FILENAME"
	done
}
