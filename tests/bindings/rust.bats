#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The example in Rust: the exported symbols suffice for another compiled language.

load ../lib/common.bash

setup() {
	need rustc
	cd "$BATS_TEST_TMPDIR" || return
	# A package that is built has the same names.
	ln -s "$abs_top_builddir/.libs/libringshim-uring.so.0" libringshim-uring.so
	ln -s libringshim-uring.so libringshim-uring.so.0
	export LD_LIBRARY_PATH=$PWD
	run -0 env -u MAKEFLAGS -u MFLAGS rustc --edition 2021 -O "$abs_top_srcdir/examples/copy.rs" -L "native=$PWD" -o copy
	assert_output ''
	seq 1 1000000 | head -c 3000001 >from
}

@test "the example in Rust copies a file with eight operations in flight, by the ring" {
	need strace
	run -0 strace -f -qq -e trace=io_uring_enter,read,write,pread64,pwrite64,copy_file_range \
		-P "$PWD/from" -P "$PWD/to" -o native ./copy from to
	assert_output '8 operations in flight'
	cmp from to
	# With -P strace shows calls on the two files: none but those of the ring may be there.
	run ! grep -E '(read|write|pread64|pwrite64|copy_file_range)\(' native
	run -0 strace -f -qq -c -U name,calls -e trace=io_uring_enter -o counts ./copy from to
	[ "$(awk '$1 == "io_uring_enter" { print $2 }' counts)" -ge 1 ]
}

@test "the example in Rust says what failed" {
	run -1 ./copy from /dev/full
	assert_output --partial 'No space left on device'
	run -1 "$abs_top_builddir/tests/lib/refuse-uring" EPERM ./copy from to
	assert_output --partial 'io_uring'
}
