#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Types, widths, values and layouts of all names in the installed headers, ours against theirs, in C
# and C++. judges.bats compares with the newest liburing.

load compat.bash

compare() { # ARGUMENT...
	"$abs_top_srcdir/tests/compat/interface" "$@"
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	need c++
}

@test "the names of the installed liburing.h have the same types, values and layouts" {
	need_liburing
	run -0 compare --older liburing.h "$compat_include" out
	[[ ${lines[-1]} =~ ^([0-9]+)' names'$ ]]
	[ "${BASH_REMATCH[1]}" -gt 400 ]
}

@test "the names of the installed linux/io_uring.h have the same types, values and layouts" {
	echo '#include <linux/io_uring.h>' >header.c
	$CC -E header.c >/dev/null || skip 'no linux/io_uring.h here'
	# A newer kernel's header has names that the newest liburing does not have yet.
	run -0 compare --newer linux/io_uring.h "$compat_include" out
	[[ ${lines[-1]} =~ ^([0-9]+)' names'$ ]]
	[ "${BASH_REMATCH[1]}" -gt 250 ]
}

# Known properties of liburing's headers, for machines without liburing.
@test "constants have the width and the signedness of the kernel's" {
	cat >types.cc <<-'EOF'
		#include <liburing.h>
		#include <algorithm>
		#include <cstdint>
		static_assert(((0x100000000ull | IORING_OFF_SQES) & ~IORING_OFF_MMAP_MASK) == 0x100000000ull |
			      IORING_OFF_SQES, "an offset of 64 bits keeps its upper half");
		int main()
		{
			unsigned flags = std::max(0u, IORING_POLL_ADD_MULTI);
			enum io_wq_type type = IO_WQ_BOUND;
			int (*submit)(struct io_uring *) = io_uring_submit;

			return !(flags == IORING_POLL_ADD_MULTI && type == IO_WQ_BOUND && submit);
		}
	EOF
	c++ -w -std=c++11 -I"$compat_include" types.cc -o types "$compat_library"
	./types
}

@test "the comparison finds a difference" {
	cp -r "$compat_include/.." theirs
	sed -i 's/\(IORING_OFF_SQES\) 0x10000000ull/\1 0x10000000/; s/^enum io_wq_type/enum/;
		s/__u32 min_left;/__s32 min_left;/; s/ IORING_OP_TEE = 33/ IORING_OP_TEE = 34/' \
		theirs/compat/liburing/io_uring.h
	run -1 compare liburing.h "$compat_include" out "-I$PWD/theirs/compat"
	[[ $output == *'constant IORING_OFF_SQES: int, 4 bytes'* ]]
	run -1 compare liburing.h "$PWD/theirs/compat" out -I"$compat_include"
	[[ $output == *'not here: io_wq_type'* ]]
	[[ $output == *'member io_uring_buf_reg.min_left'* ]]
}
