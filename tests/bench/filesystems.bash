#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measures each call on files of each file system that this machine can mount, natively and with
# RINGSHIM_ROUTE=auto. Prints ns of CPU time and the quotient: medians of several alternating
# rounds. Needs root, for loop devices.
#
# usage: filesystems.bash [ROUNDS] [CALL...]
set -eu -o pipefail

top=${abs_top_builddir:-$PWD}
rounds=${1:-7}
shift $(($# > 0))
[ $# -gt 0 ] || set -- read pread readv preadv preadv2 write pwrite writev pwritev pwritev2 \
	fsync fdatasync sync_file_range
dir=$(mktemp -d)
mounts=()

clean() {
	local at
	for ((at = ${#mounts[@]} - 1; at >= 0; at--)); do
		umount "${mounts[at]}"
	done
	rm -rf "$dir"
}
trap clean EXIT

# attach NAME ARGUMENT...: mounts a file system, or says that it cannot be mounted.
attach() {
	mkdir -p "$dir/$1"
	if mount "${@:2}" "$dir/$1" 2>"$dir/why"; then
		mounts+=("$dir/$1")
	else
		echo "left out: $1: $(head -n 1 "$dir/why")"
	fi
}

# Makes a new file system in a file.
make() {
	truncate -s 400M "$dir/$1.img"
	if "mkfs.$1" "${@:2}" "$dir/$1.img" >"$dir/why" 2>&1; then
		attach "$1" -o loop "$dir/$1.img"
	else
		echo "left out: $1: $(head -n 1 "$dir/why")"
	fi
}

median() {
	sort -n | awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] }'
}

# one CALL DIR: prints the row.
one() {
	local native=$dir/native auto=$dir/auto quotients=$dir/quotients
	: >"$native"
	: >"$auto"
	: >"$quotients"
	for _ in $(seq "$rounds"); do
		"$top/tests/bench/calls" each "$1" 4k "$2" | awk '{ print $2 }' >"$dir/a"
		LD_PRELOAD=$top/.libs/libringshim.so RINGSHIM_ROUTE=auto \
			"$top/tests/bench/calls" each "$1" 4k "$2" | awk '{ print $2 }' >"$dir/b"
		cat "$dir/a" >>"$native"
		cat "$dir/b" >>"$auto"
		paste "$dir/a" "$dir/b" | awk '{ printf "%.3f\n", $2 / $1 }' >>"$quotients"
	done
	printf '%-8s %-16s %10s %10s %8s\n' "$(basename "$2")" "$1" "$(median <"$native")" \
		"$(median <"$auto")" "$(median <"$quotients")"
}

attach tmpfs -t tmpfs tmpfs
make ext4 -q
make xfs -q
make btrfs -q
mkdir "$dir/lower" "$dir/upper" "$dir/work"
attach overlay -t overlay overlay -o "lowerdir=$dir/lower,upperdir=$dir/upper,workdir=$dir/work"
printf '%-8s %-16s %10s %10s %8s\n' 'on' call native auto quotient
for at in "${mounts[@]}"; do
	for call; do
		one "$call" "$at"
	done
done
