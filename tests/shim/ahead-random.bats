#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Running ahead: programs that do random things see and leave the same as natively, on each file
# system. RUNS says how many programs, 20 if it is not set. make check-ahead runs many.

# shellcheck disable=SC2154  # the names that slow_names and make check set
load ../lib/common.bash
load ahead.bash

runs=${RUNS:-20}
program=$top/tests/shim/ahead-random

setup() {
	local why
	why=$(why_no_slow_disk)
	[ -z "$why" ] || skip "$why"
	need_io_uring
}

teardown() {
	remove_slow_disk
	[ ! -d "$base/memory" ] || umount "$base/memory"
	rm -rf "$base"
}

# What each file system has to have: mount, unmount and the sum of what was fetched.
mount_disk() {
	if [ "$(cat "$base/type")" = tmpfs ]; then
		mount --bind "$base/memory" "$slow"
	else
		mount_slow_disk "$@"
	fi
}

make_memory() {
	mktemp -d /tmp/ringshim-ahead.XXXXXX >"$BATS_FILE_TMPDIR/base"
	slow_names
	mkdir "$slow" "$out" "$base/memory"
	echo tmpfs >"$base/type"
	mount -t tmpfs ahead "$base/memory"
	mount_disk
}

# run_ahead SEED: runs a program ahead, on cold caches. What it did is in the files of the seed.
run_ahead() {
	local status=0 options=(relatime strictatime noatime)
	mount_disk "${options[$1 % 3]}"
	timeout 300 env LD_PRELOAD="$shim" RINGSHIM_AHEAD=1 RINGSHIM_STATS="$out/stats" \
		"$program" run "$1" "$slow/ahead/$1" "$out/marker" >"$out/ahead.$1" 2>&1 || status=$?
	umount "$slow" || fail "seed $1: the file system is busy" || return
	echo "status $status" >>"$out/ahead.$1"
}

# run_natively SEED: the same without the library.
run_natively() {
	local status=0 options=(relatime strictatime noatime)
	mount_disk "${options[$1 % 3]}"
	timeout 300 "$program" run "$1" "$slow/native/$1" "$out/marker" >"$out/native.$1" 2>&1 || status=$?
	umount "$slow"
	echo "status $status" >>"$out/native.$1"
}

# print_trees SEED: adds what is left on the disk.
print_trees() {
	local how
	for how in ahead native; do
		"$program" tree "$slow/$how/$1" "$out/marker" >>"$out/$how.$1"
	done
}

same_runs() {
	local seed
	mkdir "$slow/ahead" "$slow/native"
	for seed; do
		"$program" make "$seed" "$slow/ahead/$seed" &&
			"$program" make "$seed" "$slow/native/$seed" || return
	done
	# The clock of the times has ticks of up to 10 ms.
	sleep 0.05
	touch "$out/marker"
	sleep 0.05
	umount "$slow"
	for seed; do
		run_ahead "$seed" || return
		run_natively "$seed"
	done
	mount_disk noatime
	for seed; do
		print_trees "$seed"
		diff "$out/native.$seed" "$out/ahead.$seed" || fail "seed $seed" || return
		grep -qE '^status (0|3|5)$' "$out/native.$seed" || fail "seed $seed: the program went wrong" ||
			return
	done
	rm -rf "$slow/ahead" "$slow/native" "$out"/{ahead,native}.*
}

# same_on REMAINDER: runs the seeds with this remainder by 4, at most ten of them in turn.
same_on() {
	local seeds=() seed
	for ((seed = $1; seed < runs; seed += 4)); do
		seeds+=("$seed")
		[ ${#seeds[@]} -lt 10 ] || { same_runs "${seeds[@]}" || return; seeds=(); }
	done
	[ ${#seeds[@]} -eq 0 ] || same_runs "${seeds[@]}" || return
	umount "$slow"
	[ -e "$out/stats" ] || : >"$out/stats"
	echo "# $(cat "$base/type"): fetched $(ahead_count fetched), used $(ahead_count used)," \
		"late $(ahead_count late), unused $(ahead_count unused)" >&3
}

# same_on_disk TYPE REMAINDER: the same on a slow disk, where files are fetched.
same_on_disk() {
	need "mkfs.$1"
	make_slow_disk "$1" 500
	[ ! -e "$base/skip" ] || skip "$(cat "$base/skip")"
	same_on "$2"
	[ "$(ahead_count fetched)" -ge 1 ] || fail 'nothing was fetched'
}

@test "random programs do the same on ext4" {
	same_on_disk ext4 0
}

@test "random programs do the same on xfs" {
	same_on_disk xfs 1
}

@test "random programs do the same on btrfs" {
	same_on_disk btrfs 2
}

@test "random programs do the same on tmpfs, where nothing is fetched" {
	make_memory
	same_on 3
	none_fetched
}
