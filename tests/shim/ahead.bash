# SPDX-License-Identifier: MIT
# A disk whose reads take 5 ms, so that files are worth fetching ahead, and runs on it.

# shellcheck shell=bash disable=SC2154,SC2120,SC2119
# The paths are the same in each test. Another user can reach them, unlike bats' own directory.
slow_names() {
	base=$(cat "$BATS_FILE_TMPDIR/base" 2>/dev/null || true)
	slow=$base/slow
	out=$base/out
}

# Prints why there can be no slow disk here, or nothing.
why_no_slow_disk() {
	local program
	[ "$(id -u)" -eq 0 ] || { echo 'only root can make the slow disk'; return; }
	[ -x "$top/tests/lib/slow-disk" ] || { echo 'the slow disk was not built: no libfuse3'; return; }
	[ -c /dev/fuse ] || { echo 'there is no /dev/fuse'; return; }
	[ -e /proc/self/fd ] || { echo 'there is no /proc'; return; }
	for program in losetup mkfs.ext4 mount umount python3; do
		command -v $program >/dev/null || { echo "the program $program is not installed"; return; }
	done
	losetup -f >/dev/null 2>&1 || echo 'there are no loop devices'
}

# Each inode has a block of its own, so that the first look at each file waits for the disk.
make_image() {
	truncate -s 64M "$base/image"
	mkfs.ext4 -q -b 4096 -I 4096 -N 2048 -E lazy_itable_init=0,nodiscard "$base/image"
}

start_slow_disk() {
	mkdir "$base/fuse"
	"$top/tests/lib/slow-disk" "$base/image" "$base/fuse" 5000 3>&- >"$base/log" 2>&1 &
	for _ in $(seq 100); do
		[ ! -e "$base/fuse/disk" ] || return 0
		sleep 0.05
	done
	return 1
}

attach_loop() {
	losetup --direct-io=on --show -f "$base/fuse/disk" >"$base/loop" &&
		[ -b "$(cat "$base/loop")" ]
}

mount_slow_disk() {
	mount -o "inode_readahead_blks=1,${1:-relatime}" "$(cat "$base/loop")" "$slow"
}

# Makes the slow disk. Writes why to the file "skip" if the system does not let us.
make_slow_disk() {
	mktemp -d /tmp/ringshim-ahead.XXXXXX >"$BATS_FILE_TMPDIR/base"
	slow_names
	chmod 755 "$base"
	mkdir -m 755 "$slow"
	mkdir -m 777 "$out"
	make_image
	start_slow_disk || { echo 'FUSE does not mount here' >"$base/skip"; return; }
	attach_loop || { echo 'no loop device can be used here' >"$base/skip"; return; }
	mount_slow_disk || { echo 'ext4 cannot be mounted here' >"$base/skip"; return; }
	echo 128 >"/sys/block/$(basename "$(cat "$base/loop")")/queue/read_ahead_kb"
}

remove_slow_disk() {
	slow_names
	[ -d "$base" ] || return 0
	! mountpoint -q "$slow" || umount "$slow" || umount -l "$slow"
	[ ! -s "$base/loop" ] || losetup -d "$(cat "$base/loop")"
	# The loop device closes its file a moment after it was detached.
	for _ in $(seq 50); do
		! mountpoint -q "$base/fuse" || umount "$base/fuse" 2>/dev/null || { sleep 0.1; continue; }
		break
	done
	! mountpoint -q "$base/fuse" || umount -l "$base/fuse"
	rm -rf "$base"
}

# files_in DIRECTORY COUNT: makes files of 1 to 16 KiB whose contents differ.
files_in() {
	python3 "$abs_top_srcdir/tests/shim/ahead.py" make "$1" "$2"
}

# 300 files in 6 directories, and 40 files in a directory each.
fill_slow_disk() {
	local i
	for i in 1 2 3 4 5 6; do
		files_in "$slow/tree/d$i" 50
	done
	for i in $(seq 40); do
		files_in "$slow/apart/$i" 1
	done
	chmod -R a+rX "$slow/tree" "$slow/apart"
}

# cold [OPTION...]: nothing on the slow disk is in the caches any more. The options are mount's.
cold() {
	umount "$slow"
	mount_slow_disk "$@"
}

# under SETTING COMMAND...: runs the command on the slow disk with this setting, and counts.
under() {
	local setting=$1 status=0
	shift
	rm -f "$out/stats"
	(cd "$slow/tree" && RINGSHIM_AHEAD=$setting RINGSHIM_STATS=$out/stats with_shim "$@") || status=$?
	# Nothing to count leaves no file.
	[ -e "$out/stats" ] || : >"$out/stats"
	return $status
}

natively() {
	(cd "$slow/tree" && "$@")
}

ahead_count() {
	calls_counted "$out/stats" ahead "$1"
}

# served MINIMUM: of the files that the program asked for, so many had been fetched.
served() {
	local served=$(($(ahead_count used) + $(ahead_count late)))
	echo "# fetched $(ahead_count fetched), used or late $served" >&3
	[ "$(ahead_count fetched)" -ge "$1" ] || fail "only $(ahead_count fetched) fetched" || return
	[ "$served" -ge "$1" ] || fail "only $served were of use"
}

none_fetched() {
	assert_equal "$(ahead_count fetched)" 0
}

# same_ahead COMMAND...: natively and ahead, on cold caches, the output and status are the same.
same_ahead() {
	local native=0 ahead=0
	cold
	under 1 "$@" >"$out/ahead" 2>&1 || ahead=$?
	natively "$@" >"$out/native" 2>&1 || native=$?
	cmp "$out/native" "$out/ahead" || fail "$1: another output" || return
	assert_equal $ahead $native
}

# same_script SCRIPT...: the same for a part of ahead.py.
same_script() {
	same_ahead "$(python_program)" "$abs_top_srcdir/tests/shim/ahead.py" "$@"
}

# ahead_script SETTING SCRIPT...: runs a part of ahead.py ahead.
ahead_script() {
	under "$1" "$(python_program)" "$abs_top_srcdir/tests/shim/ahead.py" "${@:2}"
}

# Prints the access times of all files and directories of the slow disk.
access_times() {
	cold noatime
	find "$slow/tree" -printf '%p %A@\n' | sort
}
