# SPDX-License-Identifier: MIT
# Shared by the bats files of liburing's interface: building the same sources with our library and,
# if it is installed, with liburing itself.

# shellcheck shell=bash
# shellcheck disable=SC2154  # what make check sets
load ../uring/uring.bash

compat_include="$abs_top_builddir/include/ringshim/compat"
compat_library="$abs_top_builddir/.libs/libringshim-uring.a"

# Prints why there is no liburing to compare with, or nothing if there is one.
no_liburing() {
	echo '#include <liburing.h>
		int main(void) { return 0; }' >"$BATS_TEST_TMPDIR/liburing.c"
	$CC "$BATS_TEST_TMPDIR/liburing.c" -o "$BATS_TEST_TMPDIR/liburing" -luring \
		>/dev/null 2>&1 || echo 'no liburing here (Debian: liburing-dev)'
}

need_liburing() {
	local why

	why=$(no_liburing)
	[ -z "$why" ] || skip "$why"
}

# Warnings are errors with our headers only.
build_ours() { # OUTPUT SOURCE...
	local output=$1
	shift
	$CC -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror -I"$compat_include" \
		-I"$abs_top_srcdir/tests/uring" "$@" -o "$output" "$compat_library" -lpthread
}

build_theirs() { # OUTPUT SOURCE...
	local output=$1
	shift
	$CC -D_GNU_SOURCE -O2 -g -w -I"$abs_top_srcdir/tests/uring" "$@" -o "$output" -luring -lpthread
}
