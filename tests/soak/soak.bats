#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A server and its clients run under the library for a while, and hold no more at its end than after
# its first third. SOAK_SECONDS is how long each of the three runs takes, 10 by default; an hour in
# all: make check-soak SOAK_SECONDS=1200

load ../lib/common.bash

soak=$top/tests/soak/soak

# run_for SECONDS LEAK VARIABLE=VALUE...: "output" has what it printed.
run_for() {
	local dir
	dir=$(mktemp -d "$BATS_TEST_TMPDIR/XXXXXX")
	cd "$dir" || return
	run env LD_PRELOAD="$shim" RINGSHIM_STATS="$BATS_TEST_TMPDIR/stats" "${@:3}" \
		timeout -k 5 $(($1 + 60)) "$soak" "$1" "$2"
	grep '^#' <<<"$output" >&3
}

# holds_no_more CALLS VARIABLE=VALUE...: the run ends well, and these calls took the ring.
holds_no_more() {
	need_io_uring
	run_for "${SOAK_SECONDS:-10}" none "${@:2}"
	assert_success
	# shellcheck disable=SC2086  # a list of words
	all_took_ring "$BATS_TEST_TMPDIR/stats" $1
}

@test "by ring and with running ahead, a server and its clients hold what they held at first" {
	holds_no_more 'accept connect read write' RINGSHIM_ROUTE=ring RINGSHIM_AHEAD=1
}

@test "with all calls by ring, a server and its clients hold what they held at first" {
	holds_no_more 'accept connect read write open socket' RINGSHIM_ROUTE=ring RINGSHIM_CALLS=all
}

@test "by the fastest way, a server and its clients hold what they held at first" {
	holds_no_more 'accept connect' RINGSHIM_ROUTE=auto RINGSHIM_AHEAD=1
}

# is_seen LEAK TEXT: what the server loses for each connection is found.
is_seen() {
	run_for 3 "$1" RINGSHIM_ROUTE=ring
	assert_failure 1
	assert_output --regexp "server: $2 grow from [0-9]+ to [0-9]+"
}

@test "a server that loses descriptors, mappings or memory is found" {
	is_seen descriptor descriptors
	is_seen mapping mappings
	is_seen memory 'KiB of memory'
}
