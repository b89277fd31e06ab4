#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

load uring.bash

headers() {
	cat "$abs_top_srcdir"/src/uring/{ring,sq,cq,queue,prep,register,recvmsg,probe}.h \
		"$abs_top_builddir/src/uring/ops.h"
}

# Prints the functions of the headers, including inline ones.
functions() {
	headers | sed -n 's/^URING_\(API\|INLINE\) .*[ *]\(uring_[a-z0-9_]*\)(.*/\2/p' | sort -u
}

exported() { # LIBRARY
	nm -D --defined-only "$1" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort -u
}

setup_file() {
	# Installs into a directory, as a user has it.
	make -s -C "$abs_top_builddir" DESTDIR="$BATS_FILE_TMPDIR/root" install-libLTLIBRARIES \
		install-pkgincludeHEADERS install-nodist_pkgincludeHEADERS \
		install-pkgconfigDATA >"$BATS_FILE_TMPDIR/log" 2>&1 || cat "$BATS_FILE_TMPDIR/log" >&2
	prefix=$(sed -n 's/^prefix=//p' "$abs_top_builddir/src/uring/ringshim-uring.pc")
	export root="$BATS_FILE_TMPDIR/root" prefix
	libdir=$(dirname "$(find "$root" -name libringshim-uring.so)")
	export libdir
}

@test "the library exports exactly the functions of the headers" {
	functions >"$BATS_TEST_TMPDIR/functions"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/functions")" -gt 280 ]
	exported "$libdir/libringshim-uring.so" | diff "$BATS_TEST_TMPDIR/functions" -
}

@test "the static library defines only names that begin with uring" {
	run -0 nm -g --defined-only "$libdir/libringshim-uring.a"
	run -1 grep -E ' [A-TV-Z] ' <<<"$(grep -v ' uring' <<<"$output")"
	[ "$status" -eq 1 ]
}

@test "every symbol has a version" {
	run -0 nm -D --defined-only --with-symbol-versions "$libdir/libringshim-uring.so"
	[ "$(grep ' T ' <<<"$output" | grep -vc '@@RINGSHIM_URING_')" -eq 0 ]
}

@test "the library needs no library but libc" {
	run -0 readelf -d "$libdir/libringshim-uring.so"
	[ "$(grep -c '(NEEDED)' <<<"$output")" -eq 1 ]
	[[ $output == *'[libc.so.6]'* ]] || [[ $output == *libc* ]]
}

@test "functions can be called by name, without the header" {
	whole "$programs/ffi" "$libdir/libringshim-uring.so"
}

build_example() { # FLAGS...
	export PKG_CONFIG_PATH="$libdir/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
	need pkg-config
	$CC "$abs_top_srcdir/examples/cat.c" -o "$BATS_TEST_TMPDIR/cat" \
		$(pkg-config --cflags --libs ringshim-uring) "$@"
}

@test "pkg-config builds a program with the shared library" {
	build_example
	run -0 readelf -d "$BATS_TEST_TMPDIR/cat"
	[[ $output == *libringshim-uring.so.0* ]]
	LD_LIBRARY_PATH="$libdir" "$BATS_TEST_TMPDIR/cat" "$abs_top_srcdir/LICENSE" |
		cmp - "$abs_top_srcdir/LICENSE"
}

@test "pkg-config builds a program with the static library" {
	build_example -static
	"$BATS_TEST_TMPDIR/cat" "$abs_top_srcdir/LICENSE" | cmp - "$abs_top_srcdir/LICENSE"
}

@test "the tests use every function" {
	local name missing=

	cat "$abs_top_srcdir"/tests/uring/*.c >"$BATS_TEST_TMPDIR/tests.c"
	for name in $(functions); do
		# A test of uring_X counts for uring_prep_X, because uring_X calls it.
		grep -qE "\b(${name}|${name/uring_prep_/uring_})\(" "$BATS_TEST_TMPDIR/tests.c" ||
			missing+=" $name"
	done
	[ -z "$missing" ] || { echo "not in any test:$missing"; return 1; }
}

@test "every function has a comment in its header" {
	# Each function has a comment above it.
	run -0 awk '
		/^\/\*/ { comment = 1 }
		/^URING_(API|INLINE)/ { if (!comment) print FILENAME ": " $0; comment = 0 }
		/^#define URING_(API|INLINE)/ { next }
	' "$abs_top_srcdir"/src/uring/{prep,register,recvmsg,probe}.h "$abs_top_builddir/src/uring/ops.h"
	[ -z "$output" ] || { echo "$output"; return 1; }
}
