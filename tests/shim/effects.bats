#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What calls do, beside what they return: the same natively and by each route.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

# look FILE GROUP [VARIABLE=VALUE...]: the effects of a group's calls, in an empty directory.
look() {
	local file=$PWD/$1 group=$2
	shift 2
	mkdir "$file.d"
	(cd "$file.d" && env "$@" timeout 100 "$top/tests/shim/effects" "$group") >"$file"
}

# alike GROUP [VARIABLE=VALUE...]: natively and by each route.
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

# took_ring LEAST: so many calls of the last group did.
took_ring() {
	run awk -F'\t' '$4 == "ring" { n += $6 } END { print n + 0 }' stats
	echo "# $output calls by ring" >&3
	[ "$output" -ge "$1" ]
}

@test "buffers that are not all there: what is transferred, and where things are then" {
	alike faults
	took_ring 1000
}

@test "reads and writes: contents, sizes, times, positions, dirty pages" {
	alike transfers
	took_ring 30
}

@test "syncs: no page stays dirty" {
	alike syncs
	took_ring 4
}

@test "names" {
	alike names
}

@test "sizes, advice, attributes" {
	alike attributes
}

@test "descriptors: flags, locks, pipes" {
	alike descriptors
}

@test "messages: what waits in the queues, what the peer gets" {
	alike messages
	took_ring 40
}

@test "connections: states, names, credentials, backlogs" {
	alike connections
	took_ring 8
}

@test "waiting: events, time, children" {
	alike waits
}

@test "events that inotify and fanotify tell of" {
	alike events
}

@test "the accounts of a process that looks at them" {
	alike accounts
}

# The list in doc/testing.md: a call, what is compared, and by which group.
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
	# And nothing is looked at that the list leaves out.
	for group in $("$top/tests/shim/effects" -l); do
		while read -r call; do
			awk -F'\t' -v call="$call" -v group="$group" '
				$3 == group { n = split($1, calls, /, */); for (i = 1; i <= n; i++) found += calls[i] == call }
				END { exit !found }' list || fail "$group looks at $call, which the list does not say"
		done <"$group.calls"
	done
}
