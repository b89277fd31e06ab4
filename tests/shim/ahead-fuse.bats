#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The server of a FUSE directory, which stands for a network file system here, gets no request more
# when a program runs ahead, unless that is wanted.

# shellcheck disable=SC2154  # the names that slow_names and make check set
load ../lib/common.bash
load ahead.bash

setup() {
	local why
	why=$(why_no_slow_disk)
	[ -z "$why" ] || skip "$why"
	need_io_uring
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	cd "$BATS_TEST_TMPDIR" || exit 1
	mkdir source tree
	files_in source/d1 20
	files_in source/d2 20
	head -c 3M /dev/urandom >source/long
}

teardown() {
	[ ! -d tree ] || ! mountpoint -q tree || umount -l tree
}

# served_requests FILE COMMAND...: runs the command in the directory. Writes to FILE how many
# requests of each kind that ask for a name, a file or the file system itself the server got.
served_requests() {
	local file=$1
	shift
	"$top/tests/lib/slow-directory" source tree 1000 debug 3>&- >log 2>&1 &
	for _ in $(seq 100); do
		! mountpoint -q tree || break
		sleep 0.05
	done
	mountpoint -q tree || skip 'FUSE does not mount here'
	(cd tree && "$@") >said
	umount tree
	wait $!
	sed -n 's/.*opcode: \([A-Z]*\) .*/\1/p' log | grep -E '^(LOOKUP|GETATTR|OPENDIR|OPEN|STATFS)$' |
		sort | uniq -c >"$file"
}

ahead() {
	RINGSHIM_AHEAD=$1 RINGSHIM_STATS=$BATS_TEST_TMPDIR/stats with_shim "${@:2}"
}

# left_alone COMMAND...: the first and the second run ahead ask for no more than one that does not
# run ahead. The library itself asks what kind of file system some files lie on.
left_alone() {
	local run
	served_requests not-ahead ahead 0 env RINGSHIM_ROUTE=auto "$@"
	mv said wanted
	for run in first second; do
		served_requests $run ahead 1 "$@"
		diff wanted said
		diff not-ahead $run
	done
	[ ! -e stats ] || assert_equal "$(calls_counted stats ahead 'fetched ranges')" 0
}

@test "files that are gone through are left alone" {
	left_alone grep -r needle3 .
}

@test "files that are named as arguments are left alone" {
	left_alone bash -c 'md5sum d1/* d2/*'
	left_alone cat d1/f00 d2/f00 d1/f01 d2/f01 d1/f02 d2/f02 d1/f03 d2/f03 d1/f04 d2/f04
}

@test "a long file is left alone" {
	left_alone dd if=long bs=64k status=none
}

@test "with the value network the files are fetched" {
	served_requests native grep -r needle3 .
	mv said wanted
	# On a busy machine the helper can come late. Then again, when the machine has had some time.
	for pause in 0 1 2 4 8; do
		sleep $pause
		rm -f stats
		served_requests wide ahead network grep -r needle3 .
		diff wanted said
		[ "$(calls_counted stats ahead fetched)" -lt 20 ] || break
	done
	[ "$(calls_counted stats ahead fetched)" -ge 20 ]
}
