#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The headers by themselves: language standards, other headers, names and numbers.

load compat.bash

warnings='-Wall -Wextra -Werror -pedantic'
sources="$abs_top_srcdir/tests/compat"

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# Compiles and runs the program that uses the headers, with the given compiler and options.
uses() { # COMPILER OPTIONS...
	# The GNU dialects define "linux" as a macro.
	"$@" -Ulinux -D_GNU_SOURCE -I"$compat_include" "$sources/use.c" -x none "$compat_library" -o use
	./use
}

@test "the headers compile as C99 and C11, with and without optimisation" {
	for std in c99 c11 gnu99 gnu11 gnu17; do
		uses $CC -std=$std $warnings -O0
		uses $CC -std=$std $warnings -O3
	done
}

@test "the headers compile without warnings about conversions" {
	uses $CC -std=gnu17 $warnings -Wshadow -Wcast-qual -Wpointer-arith -Wundef \
		-Wstrict-prototypes -Wwrite-strings
}

@test "the headers compile as C++11 to C++20" {
	need c++
	for std in c++11 c++17 c++20 gnu++17; do
		uses c++ -x c++ -std=$std $warnings -O2
	done
}

@test "the headers compile with clang" {
	need clang
	uses clang -std=c99 $warnings -O2
	uses clang -std=gnu17 $warnings
	need clang++
	uses clang++ -x c++ -std=c++17 $warnings -O2
}

@test "the headers compile with only the names of POSIX" {
	echo '#include <liburing.h>
		extern int x;' >posix.c
	$CC -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -fsyntax-only \
		-I"$compat_include" posix.c
}

@test "each public header compiles alone and when included twice" {
	need c++
	for header in liburing.h liburing/io_uring.h liburing/barrier.h liburing/compat.h \
		liburing/io_uring_version.h liburing/io_uring/query.h \
		liburing/io_uring/bpf_filter.h linux/io_uring.h; do
		printf '#include <%s>\n#include <%s>\nextern int x;\n' $header $header >twice.c
		$CC -D_GNU_SOURCE $warnings -fsyntax-only -I"$compat_include" twice.c
		c++ -x c++ -D_GNU_SOURCE $warnings -fsyntax-only -I"$compat_include" twice.c
	done
}

@test "the headers compile before and after linux/io_uring.h" {
	uses $CC $warnings -O2 '-DHEADER_BEFORE=<linux/io_uring.h>'
	uses $CC $warnings -O2 '-DHEADER_AFTER=<linux/io_uring.h>'
	need c++
	uses c++ -x c++ $warnings -O2 '-DHEADER_BEFORE=<linux/io_uring.h>'
	uses c++ -x c++ $warnings -O2 '-DHEADER_AFTER=<linux/io_uring.h>'
}

# Some programs bring their own copy of the kernel's header.
@test "the headers compile before and after a copy of the kernel's header" {
	local system

	echo '#include <linux/io_uring.h>' >system.c
	system=$($CC -M system.c | grep -o '/[^ ]*/linux/io_uring\.h') || skip 'no linux/io_uring.h here'
	cp "$system" copy.h
	for level in -O0 -O3; do
		uses $CC -Wall -Wextra -Werror $level -I. '-DHEADER_BEFORE="copy.h"'
		uses $CC -Wall -Wextra -Werror $level -I. '-DHEADER_AFTER="copy.h"'
	done
	need c++
	uses c++ -x c++ -O3 -I. '-DHEADER_BEFORE="copy.h"'
}

@test "the headers compile with other headers that declare the same things" {
	for header in linux/fs.h linux/time_types.h linux/openat2.h linux/futex.h sys/uio.h \
		sys/epoll.h sys/mount.h netinet/in.h sys/stat.h linux/stat.h; do
		echo "#include <$header>" >probe.c
		$CC -fsyntax-only -D_GNU_SOURCE probe.c || continue
		# Some headers conflict with each other even without ours.
		printf '#include <linux/fs.h>\n#include <linux/openat2.h>\n#include <%s>\n' $header >probe.c
		$CC -fsyntax-only -D_GNU_SOURCE probe.c || continue
		uses $CC $warnings "-DHEADER_BEFORE=<$header>"
		uses $CC $warnings "-DHEADER_AFTER=<$header>"
	done
}

@test "numbers and layouts equal those of the kernel" {
	awk -F'\t' '
		BEGIN { print "#include <liburing.h>" }
		/^#/ || $1 ~ /^URING_MAX_/ || $2 == "futex_waitv" { next }
		NF == 3 { printf "_Static_assert((unsigned long long)%s == %s, \"%s\");\n", $2, $3, $2 }
		NF == 5 && $3 == "-" {
			printf "_Static_assert(sizeof(struct %s) == %s, \"%s\");\n", $2, $5, $2
		}
		NF == 5 && $3 != "-" {
			printf "_Static_assert(offsetof(struct %s, %s) == %s, \"%s.%s\");\n", $2, $3, $4, $2, $3
			# A flexible array member has no sizeof in C.
			if ($5)
				printf "_Static_assert(sizeof(((struct %s *)0)->%s) == %s, \"%s.%s\");\n", $2, $3, $5, $2, $3
		}' "$abs_top_srcdir"/tests/uring/abi-{constants,layouts}.tsv >abi.c
	[ "$(grep -c _Static_assert abi.c)" -gt 800 ]
	$CC -std=gnu11 -D_GNU_SOURCE -fsyntax-only -I"$compat_include" abi.c
	sed 's/IORING_OP_READ == [0-9a-fx]*/IORING_OP_READ == 23/' abi.c >bad.c
	run ! cmp -s abi.c bad.c
	run ! $CC -std=gnu11 -D_GNU_SOURCE -fsyntax-only -I"$compat_include" bad.c
}

@test "struct io_uring has the layout of the wrapper's struct uring" {
	$CC -std=gnu11 -D_GNU_SOURCE -fsyntax-only -I"$compat_include" "$sources/layout.c"
}

@test "IOURINGINLINE can turn the functions into symbols, as with liburing" {
	echo '#include <liburing.h>' >ffi.c
	$CC -D_GNU_SOURCE -DIOURINGINLINE= -D_LOCAL_INLINE='static inline' -c -I"$compat_include" ffi.c
	nm --defined-only ffi.o | awk '$2 == "T" { print $3 }' | sort >symbols
	grep -qx io_uring_prep_read symbols
	grep -qx io_uring_submit symbols
	[ "$(wc -l <symbols)" -gt 220 ]
	echo '#include <liburing.h>
		#if defined(IOURINGINLINE) || defined(_LOCAL_INLINE)
		#error still defined
		#endif' >undefined.c
	$CC -fsyntax-only -I"$compat_include" undefined.c
}

@test "every function has a name of liburing or of the wrapper" {
	echo '#include <liburing.h>' >names.c
	$CC -D_GNU_SOURCE -E -P -DIOURINGINLINE=MARK -D_LOCAL_INLINE=MARK -I"$compat_include" names.c |
		sed -n 's/^MARK [^(]*[ *]\([a-zA-Z0-9_]*\)(.*/\1/p' >names
	[ "$(wc -l <names)" -gt 230 ]
	run -1 grep -vE '^(_*io_uring_|uring_compat_|uring_ptr_to_u64$)' names
}
