# SPDX-License-Identifier: MIT
# A disk that forgets what was not flushed (tests/lib/volatile-disk.c), and runs on it that sync ahead.

# shellcheck shell=bash disable=SC2154
# Prints why there can be no such disk here, or nothing.
why_no_volatile_disk() {
	local program
	[ "$(id -u)" -eq 0 ] || { echo 'only root can make the disk'; return; }
	[ -x "$top/tests/lib/volatile-disk" ] || { echo 'the disk was not built: no libfuse3'; return; }
	[ -c /dev/fuse ] || { echo 'there is no /dev/fuse'; return; }
	for program in losetup mkfs.ext4 mount umount; do
		command -v $program >/dev/null || { echo "the program $program is not installed"; return; }
	done
	losetup -f >/dev/null 2>&1 || echo 'there are no loop devices'
}

# The paths are the same in each test.
disk_names() {
	base=$(cat "$BATS_FILE_TMPDIR/base" 2>/dev/null || true)
	disk=$base/mounted
	out=$base/out
	export IMAGE=$base/image
	JOURNAL=$(echo /proc/fs/jbd2/"$(basename "$(cat "$base/loop" 2>/dev/null)")"-*/info)
	export JOURNAL
}

# start_volatile_disk MICROSECONDS: the process is in $volatile.
start_volatile_disk() {
	mkdir -p "$base/fuse"
	"$top/tests/lib/volatile-disk" "$base/image" "$base/fuse" "$1" 3>&- >"$base/log" 2>&1 &
	volatile=$!
	echo $volatile >"$base/pid"
	for _ in $(seq 100); do
		[ ! -e "$base/fuse/disk" ] || return 0
		sleep 0.05
	done
	echo 'FUSE does not mount here' >"$base/skip"
	return 1
}

# Nothing is committed but by syncs; see ahead-sync.h.
mount_volatile_disk() {
	losetup --direct-io=on --show -f "$base/fuse/disk" >"$base/loop" || {
		echo 'no loop device can be used here' >"$base/skip"
		return 1
	}
	mount -o "${1:-noatime,commit=300,errors=continue}" "$(cat "$base/loop")" "$disk" ||
		{ echo 'the file system cannot be mounted here' >"$base/skip"; return 1; }
}

# make_volatile_disk [MICROSECONDS [MKFS...]]: a disk whose flushes take that time, 5 ms if nothing is
# given, with ext4.
make_volatile_disk() {
	mktemp -d /tmp/ringshim-sync.XXXXXX >"$BATS_FILE_TMPDIR/base"
	disk_names
	chmod 755 "$base"
	mkdir -m 755 "$disk"
	mkdir -m 777 "$out"
	truncate -s 320M "$base/image"
	if [ $# -gt 1 ]; then "${@:2}" "$base/image" >/dev/null
	else mkfs.ext4 -q -b 4096 -E lazy_itable_init=0,lazy_journal_init=0,nodiscard "$base/image"
	fi
	start_volatile_disk "${1:-5000}" && mount_volatile_disk "${mount_options-}" || return 0
	disk_names
	chmod 777 "$disk"
}

remove_volatile_disk() {
	disk_names
	[ -d "$base" ] || return 0
	! mountpoint -q "$disk" || umount "$disk" || umount -l "$disk"
	[ ! -s "$base/loop" ] || losetup -d "$(cat "$base/loop")" || true
	# The loop device closes its file a moment after it was detached.
	for _ in $(seq 50); do
		! mountpoint -q "$base/fuse" || umount "$base/fuse" 2>/dev/null || { sleep 0.1; continue; }
		break
	done
	! mountpoint -q "$base/fuse" || umount -l "$base/fuse"
	rm -rf "$base"
}

# begin_volatile_disk [MICROSECONDS]: for setup_file. Makes the disk, or notes why there is none.
begin_volatile_disk() {
	why_no_volatile_disk >"$BATS_FILE_TMPDIR/why"
	[ -s "$BATS_FILE_TMPDIR/why" ] || make_volatile_disk "$@"
}

# Skips the test with the reason if there is no such disk. Begins it in an empty directory on it.
enter_disk() {
	disk_names
	[ ! -s "$BATS_FILE_TMPDIR/why" ] || skip "$(cat "$BATS_FILE_TMPDIR/why")"
	[ ! -e "$base/skip" ] || skip "$(cat "$base/skip")"
	rm -rf "$disk/work" "$out"
	mkdir -m 777 "$disk/work" "$out"
	cd "$disk/work" || exit 1
}

# syncing SETTING COMMAND...: runs the command with this setting, and counts.
syncing() {
	rm -f "$out/stats"
	RINGSHIM_AHEAD=$1 RINGSHIM_STATS=$out/stats with_shim "${@:2}" || return
	[ -e "$out/stats" ] || : >"$out/stats"
}

sync_count() {
	calls_counted "$out/stats" ahead "$1"
}
