#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The effects of calls beyond their return values are the same natively and by each route.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

# look FILE GROUP [VARIABLE=VALUE...]: writes the effects of a group's calls to FILE. Runs in an
# empty directory.
look() {
	local file=$PWD/$1 group=$2
	shift 2
	mkdir "$file.d"
	(cd "$file.d" && env "$@" timeout 100 "$top/tests/shim/effects" "$group") >"$file"
}

# alike GROUP [VARIABLE=VALUE...]: compares each route with the native run.
alike() {
	local group=$1 way
	shift
	look native "$group"
	[ "$(wc -l <native)" -ge 6 ]
	look ring "$group" LD_PRELOAD="$shim" RINGSHIM_ROUTE=ring RINGSHIM_STATS="$PWD/stats" "$@"
	look all "$group" LD_PRELOAD="$shim" RINGSHIM_CALLS=all "$@"
	look auto "$group" LD_PRELOAD="$shim" RINGSHIM_ROUTE=auto "$@"
	look direct "$group" LD_PRELOAD="$shim" RINGSHIM_ROUTE=direct "$@"
	look sqpoll "$group" LD_PRELOAD="$shim" RINGSHIM_RING=sqpoll "$@"
	for way in ring all auto direct sqpoll; do
		diff native "$way" || fail "$group, $way"
	done
	echo "# $group: $(wc -l <native) lines equal" >&3
}

# took_ring LEAST: at least that many calls of the last group took the ring.
took_ring() {
	run awk -F'\t' '$4 == "ring" { n += $6 } END { print n + 0 }' stats
	echo "# $output calls by ring" >&3
	[ "$output" -ge "$1" ]
}

@test "calls on partly unmapped buffers transfer and leave the same as natively" {
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
		look "$group" "$group"
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
