#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# RINGSHIM_STATS counts each call once, by its route.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "the statistics agree with strace, call by call" {
	strace -f -qq -o trace -E LD_PRELOAD="$shim" -E RINGSHIM_STATS="$PWD/stats" \
		"$top/tests/shim/basic-calls" file 2>/dev/null
	cat stats
	[ "$(calls_counted stats '*' ring)" -eq "$(operations_in trace)" ]
	# strace sees the direct calls natively, besides the calls of the loader and of stdio.
	direct=$(grep -c 'read([0-9]*, 0x.*EBADF' trace)
	[ "$(calls_counted stats read direct)" -eq "$direct" ]
	for call in pread fsync fdatasync accept accept4 connect write; do
		[ "$(calls_counted stats $call direct)" -eq 0 ]
	done
}

@test "each call is counted once, with its reason" {
	head -c 1000000 /dev/zero >data
	RINGSHIM_STATS=$PWD/stats with_shim dd if=data of=copy bs=1000 status=none
	cat stats
	reads=$(calls_counted stats read ring)
	[ "$reads" -ge 1000 ] && [ "$reads" -le 1002 ]
	[ "$(calls_counted stats write ring)" -eq 0 ] || [ "$(calls_counted stats write ring)" -eq 1000 ]
	[ "$(($(calls_counted stats write ring) + $(calls_counted stats write direct)))" -eq 1000 ]
	RINGSHIM_STATS=$PWD/off RINGSHIM_ROUTE=direct with_shim dd if=data of=copy bs=1000 status=none
	[ "$(calls_counted off '*' ring)" -eq 0 ]
	run awk -F'\t' '$5 != "setting"' off
	assert_output ''
}

@test "ringshim(7) has every reason with its text" {
	sed -n 's/^REASON([A-Z_]*, "\([a-z-]*\)", "\(.*\)")$/\1: \2/p' \
		"$abs_top_srcdir/src/shim/config/reasons.def" | grep -v '^ring:' >table
	[ "$(wc -l <table)" -eq "$(($(grep -c '^REASON(' "$abs_top_srcdir/src/shim/config/reasons.def") - 1))" ]
	sed -n '/^\.Sh REASONS/,/^\.Sh [^R]/{/^\.It Cm /{s///;N;s/\n/: /;p}}' "$top/doc/ringshim.7" |
		diff table -
}
