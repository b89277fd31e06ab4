#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Threads: cancellation while the file position is locked, and races in the library.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "threads cancelled in the middle of reads leave the file position unlocked" {
	run "$top/tests/shim/async-cancel" native-file
	assert_success
	native=$output
	RINGSHIM_STATS=$PWD/stats run with_shim "$top/tests/shim/async-cancel" file
	assert_success
	assert_output "$native"
	[ "$(calls_counted stats pread ring)" -ge 1000 ]
}

@test "a direct call on a duplicate makes the position shared for the other descriptor" {
	local how
	# Also when the call is made before there are threads.
	RINGSHIM_STATS=$PWD/stats.before run with_shim "$top/tests/shim/dup-position" dup before
	assert_output '0 wrong'
	[ "$(calls_counted stats.before read direct)" -ge 100 ]
	[ "$(calls_counted stats.before read ring)" -eq 0 ]
	for how in dup fcntl syscall-dup syscall-dup3; do
		RINGSHIM_STATS=$PWD/stats.$how run with_shim "$top/tests/shim/dup-position" "$how"
		assert_success
		assert_output '0 wrong'
		cat "stats.$how"
		[ "$(calls_counted "stats.$how" readv direct)" -eq 1 ]
		[ "$(calls_counted "stats.$how" read direct)" -ge 100 ]
		[ "$(calls_counted "stats.$how" read ring)" -eq 0 ]
	done
}

@test "ThreadSanitizer finds no race in the layers below the calls" {
	sources=$abs_top_srcdir
	$CC -fsanitize=thread -x c -o probe - <<<'int main(void) { return 0; }' 2>/dev/null && ./probe ||
		skip "the compiler has no ThreadSanitizer"
	mapfile -t layers < <(find "$sources/src/shim" -name '*.c' ! -path '*/calls/*')
	# -Wno-tsan: atomic_signal_fence orders accesses for handlers of the same thread only.
	$CC -std=gnu11 -O1 -g -fsanitize=thread -Wno-tsan -pthread -D_GNU_SOURCE -U_FORTIFY_SOURCE -DSYSCONFDIR='"/etc"' \
		-I"$sources/src" -I"$top/src" -I"$top/src/uring" -I"$sources/src/uring" -o races \
		"$sources"/tests/shim/races.c \
		"${layers[@]}" "$sources"/src/uring/*.c 2>errors || {
		cat errors
		return 1
	}
	run timeout 300 ./races
	assert_success
	assert_output --partial 'wrong results 0, increments lost 0'
}
