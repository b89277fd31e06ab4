# SPDX-License-Identifier: MIT
# ahead.bash DIR cold|cached PROGRAM: goes through small files on a disk of 1 ms a read, and prints
# the time of the whole.
. "$(dirname "$0")/common.bash"
state=$2 program=$3
disk=$BENCH_BUILDDIR/tests/lib/slow-disk
slow=$scratch/slow
need losetup mkfs.ext4
[ "$(id -u)" -eq 0 ] || { echo 'only root can make the slow disk' >&2; exit 77; }
[ -x "$disk" ] || { echo 'the slow disk was not built: no libfuse3' >&2; exit 77; }
[ -c /dev/fuse ] || { echo 'there is no /dev/fuse' >&2; exit 77; }

make_files() {
	python3 - "$slow/tree" "$(full_or_quick 40 4)" <<-'END'
		import os, random, sys
		top, directories = sys.argv[1], int(sys.argv[2])
		random.seed(1)
		for d in range(directories):
		    os.makedirs(f"{top}/d{d}")
		    for f in range(100):
		        with open(f"{top}/d{d}/{random.randrange(10**6):06}-{f}", "wb") as file:
		            file.write(random.randbytes(random.randrange(500, 8000)))
	END
}

# attach MICROSECONDS: mounts the disk, with this time for each read.
attach() {
	mkdir -p "$scratch/fuse" "$slow"
	"$disk" "$scratch/image" "$scratch/fuse" "$1" &
	for _ in $(seq 100); do
		[ ! -e "$scratch/fuse/disk" ] || break
		sleep 0.05
	done
	loop=$(losetup --direct-io=on --show -f "$scratch/fuse/disk") || exit 77
	echo 128 >"/sys/block/${loop#/dev/}/queue/read_ahead_kb"
	mount "$loop" "$slow"
}

detach() {
	umount "$slow"
	losetup -d "$loop"
	for _ in $(seq 50); do
		! umount "$scratch/fuse" 2>/dev/null || break
		sleep 0.1
	done
}

make_disk() {
	truncate -s 1G "$scratch/image"
	mkfs.ext4 -q "$scratch/image" >&2 && attach 0 && make_files
	detach
	date
}

run_program() {
	case $program in
	tar) under tar cf "$scratch/out.tar" -C "$slow" tree ;;
	grep) under grep -r 'a word that is not there' "$slow/tree" || [ $? -eq 1 ] ;;
	md5sum) under md5sum "$slow"/tree/*/* ;;
	cp) under cp -r "$slow/tree" "$scratch/copy" ;;
	du) under du -s "$slow/tree" ;;
	esac
}

once disk.made make_disk
attach 1000
trap detach EXIT
rm -rf "$scratch/copy"
if [ "$state" = cached ]; then tar cf - "$slow/tree" 2>/dev/null | cat >/dev/null; fi
# The names that the shell expands are read, and then forgotten again.
files=("$slow"/tree/*/*)
[ "${#files[@]}" -gt 100 ] || exit 1
[ "$state" = cached ] || { sync; echo 3 >/proc/sys/vm/drop_caches; }
timed run_program
