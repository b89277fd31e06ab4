#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The binding for Python: it works with the library as it was built, and the ring does the work.

load ../lib/common.bash

library=$abs_top_builddir/.libs/libringshim-uring.so.0

setup() {
	need python3
	cd "$BATS_TEST_TMPDIR"
}

binding() { # CASE FILE...
	python3 "$abs_top_srcdir/tests/bindings/python.py" "$library" "$@"
}

@test "a file is copied with eight operations in flight, byte for byte" {
	seq 1 1000000 | head -c 3000001 >from
	run -0 binding copy from to
	assert_output '8 operations in flight'
	cmp from to
}

@test "the ring reads and writes, not Python" {
	need strace
	seq 1 200000 | head -c 400000 >from
	run -0 strace -f -qq -e trace=io_uring_enter,read,write,pread64,pwrite64 -P "$PWD/from" \
		-P "$PWD/to" -o native python3 "$abs_top_srcdir/tests/bindings/python.py" "$library" copy from to
	cmp from to
	# With -P strace shows calls on the two files: none but those of the ring may be there.
	run ! grep -E '(read|write|pread64|pwrite64)\(' native
	run -0 strace -f -qq -c -U name,calls -e trace=io_uring_enter -o counts \
		python3 "$abs_top_srcdir/tests/bindings/python.py" "$library" copy from to
	[ "$(awk '$1 == "io_uring_enter" { print $2 }' counts)" -ge 1 ]
}

@test "errors are exceptions or results" {
	run -0 binding errors from
	assert_output errors
}

@test "waits have time limits, and a ring that ends takes its operations along" {
	run -0 binding waits from
	assert_output waits
}

@test "the example in the module's text runs" {
	seq 1 100000 | head -c 32768 >data
	mkdir lib && ln -s "$library" lib/libringshim-uring.so.0
	awk '/^    import os/ { on = 1 } /^A ring is/ { exit } on { print substr($0, 5) }' \
		"$abs_top_srcdir/bindings/python/ringshim_uring.py" >example.py
	LD_LIBRARY_PATH=lib PYTHONDONTWRITEBYTECODE=1 \
		PYTHONPATH=$abs_top_srcdir/bindings/python run -0 python3 example.py
	assert_equal "$(sort -n <<<"$output")" "$(printf '%d 4096\n' 0 1 2 3 4 5 6 7)"
}
