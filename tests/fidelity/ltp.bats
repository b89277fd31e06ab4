#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Tests of the Linux Test Project end under the library as they do natively. LTP is not
# ours to ship or to build: LTPROOT names an installed one (/opt/ltp is found by itself),
# LTP_SOURCE a source directory in which the tests were built.

load ../lib/common.bash

bats_require_minimum_version 1.5.0

# Where a test's program is; nothing when it is not there.
ltp_program() { # NAME
	local place
	for place in "${LTP_SOURCE:-}" "${LTPROOT:-/opt/ltp}"; do
		[ -d "$place" ] || continue
		find "$place" -type f -name "$1" -perm -u+x -print -quit
	done | head -n 1
}

# ltp_run PROGRAM OUTPUT [VARIABLE=VALUE...]: the status is the last line. Numbers in
# messages (of processes, devices, bytes, times) are not the same twice, nor is the order of
# what several processes say.
ltp_run() {
	local program=$1 to=$2 status=0 dir
	shift 2
	dir=$(mktemp -d "$BATS_TEST_TMPDIR/XXXXXX")
	(cd "$dir" && exec timeout 300 env TMPDIR="$dir" LTP_COLORIZE_OUTPUT=0 "$@" "$program") \
		>"$to.all" 2>&1 3>&- </dev/null || status=$?
	sed -nE '/(TPASS|TFAIL|TBROK|TCONF|Test (PASSED|FAILED))/{s/0x[0-9a-f]+|[0-9]+/N/g;p}' \
		"$to.all" | sort >"$to"
	echo "status $status" >>"$to"
}

# The same outcome natively, by ring, and with everything by ring; more than once where
# chance has a part in it.
as_natively() { # NAME [TIMES]
	local i
	for ((i = 0; i < ${2:-1}; i++)); do
		as_natively_once "$1"
	done
}

as_natively_once() { # NAME
	local program base=$BATS_TEST_TMPDIR way differ=
	program=$(ltp_program "$1")
	[ -n "$program" ] || skip "$1 of LTP: LTPROOT=DIR names an installed LTP, LTP_SOURCE=DIR one built in its source"
	ltp_run "$program" "$base/native"
	# LTP: 32 is "not possible here".
	grep -qx 'status 32' "$base/native" && skip "$1 is not possible here: $(grep -m 1 TCONF "$base/native.all")"
	ltp_run "$program" "$base/default" LD_PRELOAD="$shim" RINGSHIM_STATS="$base/stats"
	ltp_run "$program" "$base/all" LD_PRELOAD="$shim" RINGSHIM_CALLS=all RINGSHIM_STATS="$base/stats"
	for way in native default all; do
		echo "# $1 $way: $(tail -n 1 "$base/$way")," \
			"$(grep -c 'TPASS\|PASSED' "$base/$way") passed," \
			"$(grep -c 'TFAIL\|TBROK\|FAILED' "$base/$way") failed" >&3
	done
	grep -q "	ring	" "$base/stats" || fail 'the ring had no part in it'
	for way in default all; do
		diff "$base/native" "$base/$way" && continue
		tail -n 20 "$base/$way.all"
		differ="$differ $way"
	done
	[ -z "$differ" ]
}

@test "fdatasync03: what fdatasync wrote is on the device" {
	as_natively fdatasync03
}

@test "sync_file_range02: the range is on the device" {
	as_natively sync_file_range02
}

@test "seccomp01: modes of seccomp" {
	as_natively seccomp01
}

@test "clone08: parents, threads and ids" {
	as_natively clone08
}

@test "clone10: a thread made by clone" {
	as_natively clone10
}

@test "landlock07: domains in all threads" {
	as_natively landlock07
}

@test "pidfd_open04: waiting without blocking for a child's pidfd" {
	as_natively pidfd_open04
}

@test "epoll_wait16: EPOLLEXCLUSIVE" {
	as_natively epoll_wait16
}

@test "clock_nanosleep03: absolute sleeps in a time namespace" {
	as_natively clock_nanosleep03
}

@test "pthread_create 3-1 of the open POSIX test suite: detaching" {
	as_natively pthread_create_3-1.run-test 10
}
