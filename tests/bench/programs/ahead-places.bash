# SPDX-License-Identifier: MIT
# The places where ahead.bash has its files. Each function in_* leaves the directory in $at. Nothing
# below it is in the caches, except in in_cached.

# shellcheck shell=bash disable=SC2154,SC2034  # variables are shared with ahead.bash
plain=$scratch/plain-$files
slow=$scratch/slow
fuse=$scratch/fuse
lib=$BENCH_BUILDDIR/tests/lib
latency=1000

leave_out() {
	echo "$1" >&2
	exit 77
}

# need_fuse PROGRAM: the slow file system of that name.
need_fuse() {
	[ "$(id -u)" -eq 0 ] || leave_out "only root can mount a $1"
	[ -x "$lib/$1" ] || leave_out "the $1 was not built: no libfuse3"
	[ -c /dev/fuse ] || leave_out 'there is no /dev/fuse'
	need losetup mount umount
}

# is_mounted DIRECTORY: also when the program behind it has ended, where mountpoint(1) fails.
is_mounted() {
	grep -qF " $1 " /proc/self/mounts
}

# start_fuse COMMAND...: runs a program that mounts something at $fuse.
start_fuse() {
	mkdir -p "$fuse"
	"$@" >"$scratch/fuse.log" 2>&1 &
	for _ in $(seq 100); do
		! is_mounted "$fuse" || return 0
		sleep 0.05
	done
	leave_out "FUSE does not mount here: $(head -n 1 "$scratch/fuse.log")"
}

# attach MICROSECONDS: mounts the disk, with this time for each read.
attach() {
	mkdir -p "$slow"
	start_fuse "$lib/slow-disk" "$image" "$fuse" "$1"
	loop=$(losetup --direct-io=on --show -f "$fuse/disk") && [ -b "$loop" ] ||
		leave_out 'no loop device can be used here'
	echo 128 >"/sys/block/${loop#/dev/}/queue/read_ahead_kb"
	mount_disk
}

mount_disk() {
	mount -t "$file_system" "$loop" "$slow" || leave_out "$file_system cannot be mounted here"
}

# The loop device closes its file a moment after it was detached.
detach() {
	! is_mounted "$slow" || umount "$slow"
	[ -z "${loop-}" ] || losetup -d "$loop"
	loop=
	for _ in $(seq 50); do
		is_mounted "$fuse" || return 0
		umount "$fuse" 2>/dev/null || sleep 0.1
	done
}

make_disk() {
	local status=0
	truncate -s "$((1024 + 2 * megabytes + files / 20))M" "$image"
	"mkfs.$file_system" -q "$image" >&2 && attach 0 && make_files "$slow" || status=$?
	detach
	return $status
}

# Reads what the image has into the cache, so that the disk takes its own time and no other.
warm_image() {
	"$python" - "$image" <<-'END'
		import os, sys
		fd, at = os.open(sys.argv[1], os.O_RDONLY), 0
		while True:
		    try:
		        at = os.lseek(fd, at, os.SEEK_DATA)
		    except OSError:
		        break
		    hole = os.lseek(fd, at, os.SEEK_HOLE)
		    while at < hole:
		        at += len(os.pread(fd, min(hole - at, 1 << 20), at))
	END
}

in_disk() {
	need_fuse slow-disk
	need "mkfs.$file_system"
	image=$scratch/image-$file_system-$kind
	once "made-$file_system-$kind" make_disk || exit
	warm_image
	attach $latency
	at=$slow
}

# The directory that it shows is cached, for the same reason.
in_network() {
	need_fuse slow-directory
	in_cached
	find "$plain/$kind" -type f -exec cat {} + >/dev/null
	start_fuse "$lib/slow-directory" "$plain" "$fuse" $latency
	at=$fuse
}

# The program, the library and the floor also come from this disk, but that is not measured.
in_local() {
	[ -w /proc/sys/vm/drop_caches ] || leave_out 'only root can drop the caches'
	in_cached
	sync
	echo 3 >/proc/sys/vm/drop_caches
	under "$program" --version >/dev/null
	"$floor_files" >/dev/null 2>&1
}

in_cached() {
	once "made-plain-$files-$kind" make_files "$plain" || exit
	at=$plain
}
