#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim compare --cold: the caches are dropped before each run.

load common

setup_file() {
	need strace
}

compare() {
	"$ringshim" compare --library="$marker" "$@"
}

# Prints how often the page cache was dropped, and how often the entries and inodes were.
drops() {
	awk '/^drop_(pagecache|slab) / { printf "%s ", $2 } END { print "" }' /proc/vmstat
}

# Each run, and this function before and after, adds a line to the file "drops".
note_drops() {
	drops >>drops
	# shellcheck disable=SC2016
	run --separate-stderr compare "$@" -- awk '/^drop_(pagecache|slab) / { line = line $2 " " }
		END { print line >>"drops" }' /proc/vmstat
	assert_success
	drops >>drops
}

# more_each LINES: each line but the last has both counts above those of the line before. Others
# can have dropped caches too.
more_each() {
	assert_equal "$(wc -l <drops)" $(($1 + 1))
	head -n "$1" drops | awk 'NR > 1 && ($1 <= cache || $2 <= slab) { bad = 1 }
		{ cache = $1; slab = $2 } END { exit bad }'
}

@test "--cold drops page cache, entries and inodes before each run, of both kinds" {
	need_drop_caches
	[ -n "$(drops | tr -d ' ')" ] || skip 'this kernel does not count it'
	note_drops --cold
	more_each 3
	assert_line --partial 'Measured from cold caches under strace'
	rm drops
	note_drops --cold -n 2
	more_each 7
	assert_line --partial 'Measured from cold caches in 2 runs of each kind'
}

@test "with --cold, what is dirty or in memory is read from the disk again in each run" {
	need_drop_caches
	need fincore
	case $(stat -f -c %T .) in tmpfs | ramfs) skip 'the file system has no disk' ;; esac
	head -c 4000000 /dev/urandom >data
	# shellcheck disable=SC2016
	run --separate-stderr compare --cold -n 1 -- \
		sh -c 'echo "$(fincore -nbo RES data; cat data >copy; fincore -nbo RES data)" >>kept'
	assert_success
	assert_equal "$(wc -w <kept)" 8
	# Before and after CMD read the file.
	paste -d ' ' - - <kept | awk '$1 > 1000000 || $2 < 4000000 { exit 1 }'
}

@test "without --cold the caches are left alone" {
	strace -qq -o trace "$ringshim" compare --library="$marker" -- true
	grep -q execve trace
	run grep -E 'sync\(|drop_caches' trace
	assert_failure 1
}

@test "--cold is refused for a user who is not root, before CMD runs" {
	as_user "$ringshim" compare --library="$marker" --cold -- touch started
	one_line_error 125
	assert_output 'ringshim: --cold: only root can drop the caches; run ringshim as root, or leave out --cold'
	assert [ ! -e started ]
}

@test "--cold is refused where root cannot write to /proc/sys, before CMD runs" {
	need_drop_caches
	need unshare
	unshare -m true 2>/dev/null || skip 'no mount namespace can be made'
	# shellcheck disable=SC2016
	run unshare -m sh -c 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys ||
		exit 77; exec "$@"' - "$ringshim" compare --library="$marker" --cold -o table -- touch started
	[ "$status" != 77 ] || skip '/proc/sys cannot be mounted here'
	one_line_error 125
	assert_output --regexp '^ringshim: --cold: cannot write to /proc/sys/vm/drop_caches \(Read-only file system\); .*container'
	assert [ ! -e started ]
	assert [ ! -e table ]
}
