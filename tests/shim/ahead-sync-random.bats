#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Syncing ahead: in random cases, what a sync has promised is on the disk. See ahead-sync-random.c.
# RUNS says how many cases, 20 if it is not set, and FIRST the first seed. make check-ahead-sync runs
# many.

# shellcheck disable=SC2154  # the names that disk_names and make check set
load ../lib/common.bash
load ahead-sync.bash

program=$top/tests/shim/ahead-sync-random
runs=${RUNS:-20}

setup() {
	local why
	why=$(why_no_volatile_disk)
	[ -z "$why" ] || skip "$why"
	need_io_uring
}

teardown() {
	remove_volatile_disk
}

# promises_kept: runs the cases, a thousand at a time, because their files stay on the disk.
promises_kept() {
	local seed count first=${FIRST:-1} status
	[ ! -e "$base/skip" ] || skip "$(cat "$base/skip")"
	for ((seed = first; seed < first + runs; seed += count)); do
		count=$((first + runs - seed < 1000 ? first + runs - seed : 1000))
		mkdir "$disk/work"
		cd "$disk/work"
		status=0
		RINGSHIM_AHEAD=sync RINGSHIM_STATS=$out/stats with_shim "$program" $seed $count >"$out/said" ||
			status=$?
		echo "# $(tail -n 1 "$out/said")" >&3
		[ $status -eq 0 ] || fail "status $status: $(cat "$out/said")" || return
		cd "$out"
		rm -rf "$disk/work"
	done
	echo "# proved $(sync_count proved) of $(sync_count synced) that were synced early; changed" \
		"$(sync_count changed), refused $(sync_count refused), older $(sync_count older), failed" \
		"$(sync_count reported)" >&3
	[ "$(sync_count proved)" -ge 1 ] || fail 'nothing was proved'
}

@test "what was synced is in the blocks of the disk, in random cases" {
	make_volatile_disk 300
	promises_kept
}

@test "its inode is on the disk, too" {
	mount_options=noatime make_volatile_disk 300 mkfs.ext4 -q -b 4096 -O ^has_journal \
		-E lazy_itable_init=0,nodiscard
	INODES=1 promises_kept
}
