#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# io-wq workers are threads of the process. A program sees no difference to a native run.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	need_root 'set these limits and identities'
}

# Runs a command natively and by each route, each time in an empty directory, and compares.
same_by_each_route() {
	local route
	for route in native ring auto direct all; do
		mkdir "$route"
		chmod 755 . ..
		(
			cd "$route" || exit 1
			case $route in
			native) timeout 300 "$@" ;;
			all) LD_PRELOAD=$shim RINGSHIM_CALLS=all RINGSHIM_STATS=$PWD/../stats.all timeout 300 "$@" ;;
			*) LD_PRELOAD=$shim RINGSHIM_ROUTE=$route RINGSHIM_STATS=$PWD/../stats.$route timeout 300 "$@" ;;
			esac
		) >"out.$route" 2>&1
		echo "status $?" >>"out.$route"
		echo "-- $route"
		diff out.native "out.$route"
	done
	refute grep -q 'status 77' out.native
}

limit_changes_nothing() {
	local limit=$1
	touch stats.ring stats.all
	chmod 666 stats.*
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" 2>/dev/null || true
	same_by_each_route "$top/tests/shim/iowq" limit "$limit"
	cat out.native
}

@test "at the limit of processes, every call does what it does natively" {
	limit_changes_nothing 0
	grep -q '^write 5' out.native
	grep -q '^fork EAGAIN' out.native
	[ "$(calls_counted stats.ring '*' direct no-worker)" -gt 0 ]
	[ "$(calls_counted stats.all '*' direct no-worker)" -gt 0 ]
}

@test "an io-wq worker does not take the last free task from the program" {
	limit_changes_nothing 2
	grep -q '^fork reaped 300' out.native
	grep -q '^vfork reaped 400' out.native
	[ "$(calls_counted stats.ring '*' ring -)" -gt 0 ]
	[ "$(calls_counted stats.all '*' ring -)" -gt 0 ]
}

@test "a pids cgroup with room for one task changes no outcome" {
	local group=/sys/fs/cgroup/pids/ringshim-$$
	[ -d /sys/fs/cgroup/pids ] || group=/sys/fs/cgroup/ringshim-$$
	mkdir "$group" 2>/dev/null || skip 'no cgroup can be made'
	[ -e "$group/pids.max" ] || { rmdir "$group"; skip 'there is no pids controller'; }
	echo 1 >"$group/pids.max"
	cat >in-group <<-END
		#!/bin/sh
		echo \$\$ >$group/cgroup.procs
		exec dd if=/dev/zero of=out bs=4k count=4 conv=fsync status=none
	END
	chmod +x in-group
	(same_by_each_route "$PWD/in-group")
	status=$?
	[ "$(stat -c %s ring/out)" -eq 16384 ]
	rmdir "$group"
	[ "$status" -eq 0 ]
	[ "$(calls_counted stats.ring '*' direct no-worker)" -gt 0 ]
}

@test "per-thread namespaces, root, directory and priority apply, and no worker is visible" {
	same_by_each_route "$top/tests/shim/iowq"
	cat out.native
	grep -q '^opendir: 1$' out.native
	[ "$(calls_counted stats.ring '*' ring -)" -gt 0 ]
	[ "$(calls_counted stats.all '*' ring -)" -gt 0 ]
}

# Prints how often a run waits for the kernel to release a killed child's files.
releases_in() {
	grep -c 'futex(.*FUTEX_WAIT_PRIVATE, 0, {tv_sec=0, tv_nsec=20000000}' "$1"
}

@test "the library waits only for killed children that may hold files through a ring" {
	local how route late=
	for how in idle waiting replaced; do
		for route in ring auto; do
			# The library waits for 20 ms, in which the kernel of a busy machine may not come
			# to it.
			for _ in 1 2 3 4 5 6; do
				strace -qq -e trace=futex -o trace -E LD_PRELOAD="$shim" \
					-E RINGSHIM_ROUTE=$route -E RINGSHIM_STATS="$PWD/stats.$how" \
					"$top/tests/shim/iowq" killed $how >out
				echo "$how $route: $(releases_in trace) $(cat out)"
				! grep -q '^0 of 20' out || break
			done
			grep -q '^0 of 20' out || { is_overloaded && late="$late $how-$route"; }
			case $how-$route in
			idle-*) [ "$(releases_in trace)" -eq 0 ] ;;
			# The first calls of a process go direct, and one that waits there uses no
			# ring.
			waiting-auto) [ "$(releases_in trace)" -le 20 ] ;;
			*) [ "$(releases_in trace)" -eq 20 ] ;;
			esac
		done
	done
	[ "$(calls_counted stats.waiting '*' ring -)" -gt 0 ]
	[ -z "$late" ] || skip "this machine is too busy to end a ring within 20 ms:$late"
}
