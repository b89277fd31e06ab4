#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The steps of a user: install, ask pkg-config, build a program that was written for liburing.

load compat.bash

setup_file() {
	export root="$BATS_FILE_TMPDIR/root"
	make -s -C "$abs_top_builddir" DESTDIR="$root" install >"$BATS_FILE_TMPDIR/log" 2>&1 ||
		cat "$BATS_FILE_TMPDIR/log" >&2
	libdir=$(dirname "$(find "$root" -name libringshim-uring.so)")
	include=$(dirname "$(find "$root" -path '*/compat/liburing.h')")
	export libdir include
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	export PKG_CONFIG_PATH="$libdir/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
	need pkg-config
}

copies() { # PROGRAM
	LD_LIBRARY_PATH="$libdir" "$1" "$abs_top_srcdir/LICENSE" copy
	cmp "$abs_top_srcdir/LICENSE" copy
}

@test "pkg-config builds a program with the shared library" {
	$CC -D_GNU_SOURCE "$abs_top_srcdir/tests/compat/programs/cp.c" -o cp \
		$(pkg-config --cflags --libs ringshim-liburing)
	run -0 readelf -d cp
	[[ $output == *libringshim-uring.so.0* ]]
	[[ $output != *liburing.so* ]]
	copies ./cp
}

@test "pkg-config builds a program with the static library" {
	$CC -D_GNU_SOURCE "$abs_top_srcdir/tests/compat/programs/cp.c" -static -o cp \
		$(pkg-config --static --cflags --libs ringshim-liburing)
	copies ./cp
}

@test "one -I option and the library build a program" {
	$CC -D_GNU_SOURCE -I"$include" "$abs_top_srcdir/tests/compat/programs/cp.c" -o cp \
		-L"$libdir" -lringshim-uring
	copies ./cp
}

@test "pkg-config builds a C++ program" {
	need c++
	c++ -D_GNU_SOURCE -x c++ "$abs_top_srcdir/tests/compat/use.c" -o use \
		$(pkg-config --cflags ringshim-liburing) -x none $(pkg-config --libs ringshim-liburing)
	LD_LIBRARY_PATH="$libdir" ./use
}

@test "install-liburing-names lets programs use the names of liburing" {
	local names
	[ ! -e "$libdir/liburing.so" ]
	cp -r "$root" named
	names="$PWD/named${libdir#"$root"}"
	make -s -C "$abs_top_builddir" DESTDIR="$PWD/named" install-liburing-names
	export PKG_CONFIG_PATH="$names/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$PWD/named"
	pkg-config --atleast-version=2.15 liburing
	$CC -D_GNU_SOURCE "$abs_top_srcdir/tests/compat/programs/cp.c" -o cp \
		$(pkg-config --cflags --libs liburing)
	copies ./cp
	$CC -D_GNU_SOURCE -I"$include" "$abs_top_srcdir/tests/compat/programs/cp.c" -o cp2 \
		-L"$names" -luring
	run -0 readelf -d cp2
	[[ $output == *libringshim-uring.so.0* ]]
	copies ./cp2
	make -s -C "$abs_top_builddir" DESTDIR="$PWD/named" uninstall-liburing-names
	run -0 diff -r "$root" named
}

@test "both pkg-config modules have the same version" {
	[ "$(pkg-config --modversion ringshim-liburing)" = "$(pkg-config --modversion ringshim-uring)" ]
}

@test "the installed headers equal the tested ones" {
	diff -r "$include" "$compat_include"
}

@test "uninstall removes every file" {
	cp -r "$root" copy
	make -s -C "$abs_top_builddir" DESTDIR="$PWD/copy" uninstall >log 2>&1 || { cat log; return 1; }
	run -0 find copy -type f
	[ -z "$output" ] || { echo "$output"; return 1; }
}
