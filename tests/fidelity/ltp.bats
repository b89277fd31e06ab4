#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Tests of the Linux Test Project have the same outcome under the library as natively. This project
# neither ships nor builds LTP: LTPROOT names an installed one (by default /opt/ltp), LTP_SOURCE a
# source directory in which the tests were built.

load ../lib/common.bash

# Prints the path of a test's program, or nothing if there is none.
ltp_program() { # NAME
	local place
	for place in "${LTP_SOURCE:-}" "${LTPROOT:-/opt/ltp}"; do
		[ -d "$place" ] || continue
		find "$place" -type f -name "$1" -perm -u+x -print -quit
	done | head -n 1
}

# ltp_run PROGRAM OUTPUT [VARIABLE=VALUE...]: writes the outcome to OUTPUT, the status in its last
# line. Numbers in messages (of processes, devices, bytes, times) and the order of the messages of
# several processes vary from run to run, so numbers are replaced and lines sorted.
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

# The outcome is the same natively, with the default calls by ring, and with all calls by ring. Runs
# several times if the outcome depends on chance.
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
	# LTP exits with 32 if a test is not possible here.
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

@test "fdatasync03: fdatasync writes the data to the device" {
	as_natively fdatasync03
}

@test "sync_file_range02: sync_file_range writes the range to the device" {
	as_natively sync_file_range02
}

@test "seccomp01: seccomp modes work as natively" {
	as_natively seccomp01
}

@test "clone08: clone sets parents, threads and ids as natively" {
	as_natively clone08
}

@test "clone10: a thread made by clone works" {
	as_natively clone10
}

@test "landlock07: landlock domains apply to all threads" {
	as_natively landlock07
}

@test "pidfd_open04: a non-blocking pidfd makes waitid return at once" {
	as_natively pidfd_open04
}

@test "epoll_wait16: EPOLLEXCLUSIVE wakes as natively" {
	as_natively epoll_wait16
}

@test "clock_nanosleep03: absolute sleeps work in a time namespace" {
	as_natively clock_nanosleep03
}

@test "pthread_create 3-1 of the open POSIX test suite: detached threads work" {
	as_natively pthread_create_3-1.run-test 10
}
