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

# make_image TYPE: makes a file system in a file. Each inode of ext4 has a block of its own, so that
# the first look at each file waits for the disk.
make_image() {
	case $1 in
	ext4)
		truncate -s 256M "$base/image"
		mkfs.ext4 -q -b 4096 -I 4096 -N 8192 -E lazy_itable_init=0,nodiscard "$base/image"
		;;
	*)
		truncate -s 512M "$base/image"
		make_file_system "mkfs.$1" -q "$base/image"
		;;
	esac
}

# begin_slow_disk: for setup_file. Makes the slow disk, or notes why the system does not let us.
begin_slow_disk() {
	why_no_slow_disk >"$BATS_FILE_TMPDIR/why"
	[ -s "$BATS_FILE_TMPDIR/why" ] || make_slow_disk
}

# Returns true if begin_slow_disk has made the disk.
has_slow_disk() {
	[ ! -s "$BATS_FILE_TMPDIR/why" ] && [ ! -e "$base/skip" ]
}

# Skips the test with the reason if there is no slow disk.
need_slow_disk() {
	slow_names
	[ ! -s "$BATS_FILE_TMPDIR/why" ] || skip "$(cat "$BATS_FILE_TMPDIR/why")"
	[ ! -e "$base/skip" ] || skip "$(cat "$base/skip")"
}

# enter_out: begins the test in an empty directory that other users can reach.
enter_out() {
	rm -rf "$out"
	mkdir -m 777 "$out"
	cd "$out" || exit 1
}

# start_slow_disk MICROSECONDS
start_slow_disk() {
	mkdir "$base/fuse"
	"$top/tests/lib/slow-disk" "$base/image" "$base/fuse" "$1" 3>&- >"$base/log" 2>&1 &
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

# mount_slow_disk [OPTION]: mounts it, with relatime if no option is given.
mount_slow_disk() {
	local options=${1:-relatime}
	[ "$(cat "$base/type")" != ext4 ] || options+=,inode_readahead_blks=1
	mount -o "$options" "$(cat "$base/loop")" "$slow"
}

# make_slow_disk [TYPE [MICROSECONDS]]: makes the slow disk, with ext4 and reads of 5 ms if nothing
# is given. Writes why to the file "skip" if the system does not let us.
make_slow_disk() {
	mktemp -d /tmp/ringshim-ahead.XXXXXX >"$BATS_FILE_TMPDIR/base"
	slow_names
	chmod 755 "$base"
	mkdir -m 755 "$slow"
	mkdir -m 777 "$out"
	echo "${1:-ext4}" >"$base/type"
	make_image "${1:-ext4}"
	start_slow_disk "${2:-5000}" || { echo 'FUSE does not mount here' >"$base/skip"; return; }
	attach_loop || { echo 'no loop device can be used here' >"$base/skip"; return; }
	mount_slow_disk || { echo "${1:-ext4} cannot be mounted here" >"$base/skip"; return; }
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

fill_slow_disk() {
	python3 "$abs_top_srcdir/tests/shim/ahead.py" fill "$slow"
	chmod -R a+rX "$slow/tree" "$slow/apart"
}

# cold [OPTION...]: nothing on the slow disk is in the caches any more. The options are mount's.
cold() {
	umount "$slow"
	wait_for_unmounted
	mount_slow_disk "$@"
}

# Skips the test if another process has a mount namespace with a copy of the mount, made meanwhile.
wait_for_unmounted() {
	local system
	system=/sys/fs/$(cat "$base/type")/$(basename "$(cat "$base/loop")")
	for _ in $(seq 50); do
		[ -e "$system" ] || return 0
		sleep 0.1
	done
	skip 'another mount namespace keeps the slow disk mounted, and so its caches'
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
