#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Syncing ahead: after a power cut, every file is whole whose fsync had returned. The power cut is the
# end of the disk's process, which has what was not flushed in its memory. CRASHES says how many, 3
# if it is not set.

# shellcheck disable=SC2154  # the names that disk_names and make check set
load ../lib/common.bash
load ahead-sync.bash

program=$top/tests/shim/ahead-sync-crash

setup() {
	local why
	why=$(why_no_volatile_disk)
	[ -z "$why" ] || skip "$why"
	need_io_uring
}

teardown() {
	[ -z "${writer-}" ] || kill -9 "$writer" 2>/dev/null || true
	remove_volatile_disk
}

# end_disk: the power cut. What uses the disk gets errors from then on.
end_disk() {
	kill -9 "$volatile"
	wait "$volatile" 2>/dev/null || true
	kill -9 "$writer" 2>/dev/null || true
	wait "$writer" 2>/dev/null || true
	writer=
	umount "$disk" 2>/dev/null || umount -l "$disk"
	losetup -d "$(cat "$base/loop")" || true
	rm "$base/loop"
	umount -l "$base/fuse"
}

# crash_after SECONDS: writes files until the power is cut, and looks at what the image has then.
crash_after() {
	local status=0
	make_volatile_disk 2000
	[ ! -e "$base/skip" ] || skip "$(cat "$base/skip")"
	RINGSHIM_AHEAD=sync RINGSHIM_STATS=$out/stats with_shim "$program" write "$out/log" "$disk" 3>&- &
	writer=$!
	sleep "$1"
	end_disk
	mount -o loop "$base/image" "$disk" || fail 'the image cannot be mounted' || return
	"$program" check "$out/log" "$disk" >"$out/checked" || status=$?
	umount "$disk"
	tail -n 1 "$out/checked" >&3
	[ $status -eq 0 ] || fail "$(head -n 5 "$out/checked")" || return
	total=$((total + $(stat -c %s "$out/log") / 4))
	remove_volatile_disk
}

@test "every file is whole whose fsync had returned when the power was cut" {
	total=0
	for ((i = 0; i < ${CRASHES:-3}; i++)); do
		crash_after "$((RANDOM % 3)).$((RANDOM % 10))5"
	done 3> >(sed 's/^/# /' >&3)
	echo "# $total files in all" >&3
	[ $total -ge 1 ] || fail 'no file was synced in time'
}
