# SPDX-License-Identifier: MIT
# ahead-sync.bash DIR PLACE PROGRAM: runs a program that syncs many files one after the other, and
# prints the time of one run. In the variant floor it syncs the file system once instead.
#
# PLACE: local, the disk of DIR; flush, a disk whose flushes take 5 ms. PROGRAM: dpkg, installs a
# package of small files below a directory; initdb, initdb -S of a database that was just copied;
# files, writes files, syncs each and renames it.
# shellcheck disable=SC2154,SC2034  # variables are shared with the files that it reads
# shellcheck source=/dev/null
. "$(dirname "$0")/common.bash"
place=$2 program=$3 file_system=ext4 kind=sync
files=${SYNC_FILES:-$(full_or_quick 1000 100)}
megabytes=0
# shellcheck source=/dev/null
. "$(dirname "$0")/ahead-places.bash"
[ "$BENCH_VARIANT" != ahead ] || BENCH_UNDER="$BENCH_UNDER RINGSHIM_AHEAD=sync"

make_package() {
	local tree=$scratch/package
	mkdir -p "$tree/DEBIAN" "$tree/usr/share/ringshim-bench"
	printf '%s\n' 'Package: ringshim-bench' 'Version: 1' 'Architecture: all' \
		'Maintainer: nobody <nobody@localhost>' 'Description: small files' >"$tree/DEBIAN/control"
	for i in $(seq "$files"); do
		head -c $((500 + i * 37 % 7000)) /dev/zero | tr '\0' x >"$tree/usr/share/ringshim-bench/$i"
	done
	dpkg-deb -Znone -b "$tree" "$scratch/package.deb" >&2
}

make_database() {
	mkdir "$scratch/database" && chown postgres "$scratch" "$scratch/database" &&
		runuser -u postgres -- "$initdb" -D "$scratch/database" -N >&2
}

# A disk of its own: its flushes take that time.
in_flush() {
	need_fuse slow-disk
	image=$scratch/image-sync
	rm -f "$image"
	truncate -s 512M "$image"
	mkfs.ext4 -q "$image"
	mkdir -p "$slow"
	start_fuse "$lib/slow-disk" "$image" "$fuse" 0 5000
	loop=$(losetup --direct-io=on --show -f "$fuse/disk") && [ -b "$loop" ] ||
		leave_out 'no loop device can be used here'
	mount_disk
	at=$slow/work
}

in_local() {
	at=$scratch/work
}

prepare_dpkg() {
	need dpkg dpkg-deb
	once made-package make_package || exit
	mkdir -p "$at/var/lib/dpkg/"{info,updates,triggers}
	touch "$at/var/lib/dpkg/"{status,available}
}

run_dpkg() {
	local io=--no-force-unsafe-io
	[ "$BENCH_VARIANT" != floor ] || io=--force-unsafe-io
	under dpkg --root="$at" --force-not-root --force-script-chrootless "$io" --log=/dev/null -i \
		"$scratch/package.deb"
}

prepare_initdb() {
	initdb=$(echo /usr/lib/postgresql/*/bin/initdb)
	[ -x "$initdb" ] || leave_out 'postgresql is not installed'
	id postgres >/dev/null 2>&1 || leave_out 'there is no user postgres'
	once made-database make_database || exit
	chmod 755 "$scratch"
	cp -a "$scratch/database" "$at/"
}

run_initdb() {
	if [ "$BENCH_VARIANT" = floor ]; then sync -f "$at"
	else runuser -u postgres -- env $BENCH_UNDER "$initdb" -S -D "$at/database"
	fi
}

prepare_files() {
	:
}

run_files() {
	local floor=()
	[ "$BENCH_VARIANT" != floor ] || floor=(floor)
	(cd "$at" && under "$BENCH_BUILDDIR/tests/bench/sync-files" "$files" "${floor[@]}")
}

end() {
	cd /
	rm -rf "$at"
	detach
}

loop=
at=
trap end EXIT
"in_$place"
rm -rf "$at"
mkdir -p "$at"
# What earlier runs left is not written at this one's cost.
sync
"prepare_$program"
# Without the sync of timed(), because what was just copied is what initdb syncs.
begin=$EPOCHREALTIME
"run_$program" >/dev/null || exit
finish=$EPOCHREALTIME
echo $((${finish/./} - ${begin/./}))
