#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Reading ahead within long files: the kernel is advised to read what comes next, as far as it is
# not cached, and only where a program reads on from front to back.
# See ahead.bash for the disk that the tests use. Its read_ahead_kb is 128.

# shellcheck disable=SC2154  # the names that slow_names and make check set
load ../lib/common.bash
load ahead.bash

SIZE_MIB=24

setup_file() {
	begin_slow_disk
	has_slow_disk || return 0
	head -c "${SIZE_MIB}M" /dev/urandom >"$slow/long"
	md5sum <"$slow/long" | cut -d ' ' -f 1 >"$BATS_FILE_TMPDIR/sum"
}

teardown_file() {
	remove_slow_disk
}

setup() {
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	need_slow_disk
	need_kernel 6.5 'has no cachestat(2)'
	long=$slow/long
	sum=$(cat "$BATS_FILE_TMPDIR/sum")
	cd "$BATS_TEST_TMPDIR" || exit 1
}

part() {
	"$(python_program)" "$abs_top_srcdir/tests/shim/ahead-sequence.py" "$@"
}

# ahead SETTING COMMAND...: runs the command with the file not cached.
ahead() {
	local setting=$1
	shift
	part forget "$long"
	warm_ahead "$setting" "$@"
}

# The same without dropping the file from the cache.
warm_ahead() {
	rm -f stats
	RINGSHIM_AHEAD=$1 RINGSHIM_STATS=$PWD/stats with_shim "${@:2}"
	[ -e stats ] || : >stats
}

script() {
	echo "$abs_top_srcdir/tests/shim/ahead-sequence.py"
}

# A piece has 512 KiB or, at the end of a window, less. All but the first ones are advised.
advised_all() {
	local ranges
	ranges=$(calls_counted stats ahead ranges)
	echo "# ranges $ranges" >&3
	[ "$ranges" -ge $((SIZE_MIB * 2 - 4)) ] || fail "only $ranges ranges were advised" || return
	[ "$ranges" -le $((SIZE_MIB * 3)) ] || fail "$ranges ranges were advised"
}

advised_none() {
	assert_equal "$(calls_counted stats ahead ranges)" 0
}

@test "a file that is read in small and in large blocks is read ahead" {
	ahead 1 dd "if=$long" of=copy bs=4k status=none
	advised_all
	cmp "$long" copy
	ahead sequence dd "if=$long" of=copy bs=300k status=none
	advised_all
	cmp "$long" copy
}

@test "a file that is read through a stream is read ahead" {
	ahead 1 md5sum "$long" >out
	advised_all
	assert_equal "$(cut -d ' ' -f 1 out)" "$sum"
}

@test "a file that is read with pread is read ahead" {
	ahead 1 "$(python_program)" "$(script)" pread_on "$long" >out
	advised_all
	assert_equal "$(cat out)" "$sum"
}

@test "a file that is read in no order is not read ahead" {
	for way in pread_anywhere seek_anywhere; do
		ahead 1 "$(python_program)" "$(script)" $way "$long" >out
		advised_none
		assert_equal "$(cat out)" $((SIZE_MIB * 1024 * 1024))
	done
}

@test "a file that is cached is not read ahead" {
	cat "$long" >/dev/null; part cached "$long" >&3
	warm_ahead 1 dd "if=$long" of=/dev/null bs=64k status=none
	advised_none
}

@test "a program that stops reading has no more than 8 MiB read in vain" {
	local kib
	ahead 1 "$(python_program)" "$(script)" read_start "$long" >out
	assert_equal "$(cat out)" $((2 * 1024 * 1024))
	[ "$(calls_counted stats ahead ranges)" -gt 0 ]
	kib=$(part cached "$long")
	echo "# $kib KiB are cached" >&3
	[ "$kib" -ge 3072 ]
	[ "$kib" -le $(((2 + 8 + 1) * 1024)) ]
}

# Otherwise each of them would be 8 MiB ahead. The first piece is advised before it is known that
# they are many.
@test "of many files that are read in turns only the first piece is read ahead" {
	local file
	for file in "$slow"/short.{1..20}; do
		head -c 1M "$long" >"$file"
	done
	sync
	for file in "$slow"/short.*; do
		part forget "$file"
	done
	warm_ahead 1 "$(python_program)" "$(script)" in_turns "$slow"/short.* >out
	assert_equal "$(cat out)" $((20 * 1024 * 1024))
	echo "# ranges $(calls_counted stats ahead ranges)" >&3
	[ "$(calls_counted stats ahead ranges)" -ge 20 ]
	[ "$(calls_counted stats ahead ranges)" -le 24 ]
}

@test "without the value sequence nothing is read ahead" {
	ahead 1,-sequence dd "if=$long" of=/dev/null bs=64k status=none
	advised_none
	ahead list dd "if=$long" of=/dev/null bs=64k status=none
	advised_none
}

@test "files in memory and files opened with O_DIRECT are not read ahead" {
	ahead 1 dd "if=$long" of=copy bs=64k iflag=direct status=none
	advised_none
	cmp "$long" copy
	[ "$(stat -f -c %T /dev/shm)" = tmpfs ] || skip '/dev/shm is no tmpfs'
	cp "$long" "/dev/shm/ringshim-long.$$"
	ahead 1 dd "if=/dev/shm/ringshim-long.$$" of=copy bs=64k status=none
	rm "/dev/shm/ringshim-long.$$"
	advised_none
	cmp "$long" copy
}

@test "a program that was started with a system call filter is left alone" {
	ahead 1 "$top/tests/fidelity/deny-syscalls" EPERM dd "if=$long" of=copy bs=64k status=none
	advised_none
	cmp "$long" copy
}
