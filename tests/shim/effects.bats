#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The effects of calls beyond their return values are the same natively and by each route.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

# alike GROUP: compares each route with the native run.
alike() {
	local effects=$top/tests/shim/effects
	record native "$effects" "$1"
	[ "$(wc -l <native)" -ge 6 ]
	record ring env LD_PRELOAD="$shim" RINGSHIM_ROUTE=ring RINGSHIM_STATS="$PWD/stats" "$effects" "$1"
	record all env LD_PRELOAD="$shim" RINGSHIM_CALLS=all "$effects" "$1"
	record auto env LD_PRELOAD="$shim" RINGSHIM_ROUTE=auto "$effects" "$1"
	record direct env LD_PRELOAD="$shim" RINGSHIM_ROUTE=direct "$effects" "$1"
	record sqpoll env LD_PRELOAD="$shim" RINGSHIM_RING=sqpoll "$effects" "$1"
	same_as_native "$1" ring all auto direct sqpoll
}

# took_ring LEAST: at least that many calls of the last group took the ring.
took_ring() {
	local n
	n=$(calls_counted stats '*' ring)
	echo "# $n calls by ring" >&3
	[ "$n" -ge "$1" ]
}

@test "calls on partly unmapped buffers transfer the same bytes and leave the same state" {
	alike faults
	took_ring 1000
}

@test "reads and writes have the same effects on contents, sizes, times and positions" {
	alike transfers
	took_ring 30
}

@test "syncs leave no dirty page" {
	alike syncs
	took_ring 4
}

@test "calls on names have the same effects as natively" {
	alike names
}

@test "calls on sizes, advice and attributes have the same effects as natively" {
	alike attributes
}

@test "calls on flags, locks and pipes have the same effects as natively" {
	alike descriptors
}

@test "sends and receives have the same effects on both sockets" {
	alike messages
	took_ring 40
}

@test "connections have the same states, names, credentials and backlogs" {
	alike connections
	took_ring 8
}

@test "waiting calls have the same effects on events, time and children" {
	alike waits
}

@test "inotify and fanotify report the same events as natively" {
	alike events
}

@test "a process sees the same resource accounts as natively" {
	alike accounts
}

# Prints the list in doc/testing.md: calls, the effect, the group that compares it.
listed() {
	awk -F' *[|] *' '/^\| call \| effect/ { on = 1; getline; next } on && !/^\|/ { exit } on { print $2 "\t" $3 "\t" $4 }' \
		"$abs_top_srcdir/doc/testing.md"
}

@test "the list of effects has every call, and each of its groups looks at the call" {
	local call effect group
	listed | tr -d '`' >list
	awk '$1 == "call" { print $2 }' "$abs_top_srcdir/src/shim/calls/calls.table" | sort >calls
	cut -f 1 list | tr -d ' ' | tr ',' '\n' | sort -u >has
	run comm -3 calls has
	assert_output ''
	for group in $("$top/tests/shim/effects" -l); do
		record "$group" "$top/tests/shim/effects" "$group"
		cut -d : -f 1 "$group" | sort -u >"$group.calls"
	done
	while IFS=$'\t' read -r calls effect group; do
		[ -n "$effect" ]
		for call in ${calls//,/}; do
			grep -qx "$call" "$group.calls" || fail "$group does not look at $call"
		done
	done <list
	# The groups look at no call that the list leaves out.
	for group in $("$top/tests/shim/effects" -l); do
		while read -r call; do
			awk -F'\t' -v call="$call" -v group="$group" '
				$3 == group { n = split($1, calls, /, */); for (i = 1; i <= n; i++) found += calls[i] == call }
				END { exit !found }' list || fail "$group looks at $call, which the list does not say"
		done <"$group.calls"
	done
}
