#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Calls every function of liburing's interface, with our library and with liburing. The run with
# liburing shows that the tests expect what liburing does.

load compat.bash

sources="$abs_top_srcdir/tests/compat"

calls() { # SIDE GROUP
	"build_$1" "$BATS_TEST_TMPDIR/calls" "$sources/calls-$2.c" "$sources/calls.c" \
		"$abs_top_srcdir/tests/uring/tap.c"
	whole "$BATS_TEST_TMPDIR/calls"
}

with_liburing() { # GROUP
	need_liburing
	calls theirs "$1"
}

@test "the calls of the group rings pass" {
	calls ours rings
}

@test "the calls of the group rings pass with liburing" {
	with_liburing rings
}

@test "the calls of the group queue pass" {
	calls ours queue
}

@test "the calls of the group queue pass with liburing" {
	with_liburing queue
}

@test "the calls of the group register pass" {
	calls ours register
}

@test "the calls of the group register pass with liburing" {
	with_liburing register
}

@test "the calls of the group files pass" {
	calls ours files
}

@test "the calls of the group files pass with liburing" {
	with_liburing files
}

@test "the calls of the group sockets pass" {
	calls ours sockets
}

@test "the calls of the group sockets pass with liburing" {
	with_liburing sockets
}

@test "the calls of the group other pass" {
	calls ours other
}

@test "the calls of the group other pass with liburing" {
	with_liburing other
}

@test "every group has a test in this file" {
	for file in "$sources"/calls-*.c; do
		group=$(basename "$file" .c)
		grep -q "calls ours ${group#calls-}\$" "$BATS_TEST_FILENAME"
	done
}

@test "the tests call every function of names.tsv" {
	local name missing=

	[ "$(awk -F'\t' '$2 == "function"' "$sources/names.tsv" | wc -l)" -gt 230 ]
	for name in $(awk -F'\t' '$2 == "function" { print $1 }' "$sources/names.tsv"); do
		grep -q "\b$name(" "$sources"/calls*.c || missing+=" $name"
	done
	[ -z "$missing" ] || { echo "not called:$missing"; return 1; }
}

@test "liburing.h declares every function and macro of names.tsv" {
	# liburing.h undefines two macros at its end.
	{
		echo '#define _GNU_SOURCE'
		echo '#include <liburing.h>'
		awk -F'\t' '
			$1 == "IOURINGINLINE" || $1 == "_LOCAL_INLINE" { next }
			$2 == "macro" { print "#ifndef " $1 "\n#error " $1 "\n#endif" }
			$2 == "function" { print "void *p" NR " = (void *)" $1 ";" }
		' "$sources/names.tsv"
		echo 'int main(void) { return 0; }'
	} >"$BATS_TEST_TMPDIR/all.c"
	$CC -I"$compat_include" "$BATS_TEST_TMPDIR/all.c" -o "$BATS_TEST_TMPDIR/all" "$compat_library"
}

@test "names.tsv has every function of the installed liburing.h" {
	need_liburing
	echo '#include <liburing.h>' >"$BATS_TEST_TMPDIR/all.c"
	$CC -D_GNU_SOURCE -E -P "$BATS_TEST_TMPDIR/all.c" |
		grep -oE '\b_*io_uring_[a-z0-9_]+ ?\(' | tr -d ' (' | sort -u >"$BATS_TEST_TMPDIR/theirs"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/theirs")" -gt 100 ]
	cut -f1 "$sources/names.tsv" | sort >"$BATS_TEST_TMPDIR/ours"
	run comm -23 "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
	[ -z "$output" ] || { echo "not in the list: $output"; return 1; }
}

@test "doc/liburing.md mentions every name of names.tsv" {
	local name missing=

	for name in $(grep -v '^#' "$sources/names.tsv" | cut -f1); do
		grep -qE "\`(io_uring_prep_)?${name#io_uring_prep_}\`" "$abs_top_srcdir/doc/liburing.md" ||
			missing+=" $name"
	done
	[ -z "$missing" ] || { echo "not in doc/liburing.md:$missing"; return 1; }
}

# Compiles all groups together with the sources of the library.
@test "all groups pass under the sanitizers" {
	local flags='-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all'

	cd "$BATS_TEST_TMPDIR"
	echo 'int main(void) { return 0; }' >t.c
	$CC $flags t.c -o t 2>/dev/null && ./t || skip 'this compiler has no address sanitizer'
	mkdir lib
	for file in "$abs_top_srcdir"/src/uring/*.c "$sources/calls.c" \
		"$abs_top_srcdir/tests/uring/tap.c"; do
		[[ $file == */ffi.c ]] && continue
		$CC -std=gnu11 -D_GNU_SOURCE $flags -I"$compat_include" -I"$abs_top_srcdir/src" \
			-I"$abs_top_srcdir/tests/uring" -I"$abs_top_builddir/src/uring" \
			-I"$abs_top_srcdir/src/uring" -c "$file" -o "lib/$(basename "$file" .c).o"
	done
	for file in "$sources"/calls-*.c; do
		$CC -std=gnu11 -D_GNU_SOURCE $flags -I"$compat_include" -I"$abs_top_srcdir/tests/uring" \
			"$file" lib/*.o -lpthread -o calls
		ASAN_OPTIONS=detect_leaks=0 whole ./calls
	done
}
