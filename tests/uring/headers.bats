#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

load uring.bash

headers='abi.h ring.h sq.h cq.h queue.h prep.h ops.h register.h recvmsg.h probe.h uring.h'
warnings='-Wall -Wextra -Werror -pedantic'

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir ringshim
	for header in $headers; do
		cp "$abs_top_srcdir/src/uring/$header" ringshim/ 2>/dev/null ||
			cp "$abs_top_builddir/src/uring/$header" ringshim/
	done
	{
		echo '#include <ringshim/uring.h>'
		echo 'int main(void)'
		echo '{'
		echo '	struct uring_params params = URING_DEFAULT_PARAMS;'
		echo '	struct uring ring;'
		echo '	struct uring_sqe *sqe;'
		echo '	if (uring_init(&ring, &params, URING_DEFAULT_ENTRIES))'
		echo '		return 1;'
		echo '	sqe = uring_nop(&ring, 1);'
		echo '	sqe->flags = URING_SQE_ASYNC;'
		echo '	uring_submit(&ring, 1, NULL);'
		echo '	uring_destroy(&ring);'
		echo '	return 0;'
		echo '}'
	} >use.c
}

# Compiles each header alone, each one included twice, and a program that uses them.
compile_all() { # COMPILER...
	for header in $headers; do
		printf '#include <ringshim/%s>\nextern int x;\n' $header >alone.c
		printf '#include <ringshim/%s>\n#include <ringshim/%s>\nextern int x;\n' \
			$header $header >twice.c
		"$@" $warnings -fsyntax-only -I. alone.c || { echo "$header"; return 1; }
		"$@" $warnings -fsyntax-only -I. twice.c || { echo "$header twice"; return 1; }
	done
	"$@" $warnings -fsyntax-only -I. use.c
}

@test "the headers compile as C99" {
	compile_all $CC -std=c99
}

@test "the headers compile as C11" {
	compile_all $CC -std=c11
}

@test "the headers compile as GNU C17 with every warning about conversions" {
	compile_all $CC -std=gnu17 -D_GNU_SOURCE -Wshadow -Wcast-qual -Wpointer-arith -Wundef \
		-Wstrict-prototypes -Wwrite-strings
}

@test "the headers compile as C++17" {
	need c++
	compile_all c++ -x c++ -std=c++17
}

@test "the headers compile with clang as C99 and C++17" {
	need clang
	compile_all clang -std=c99
	compile_all clang++ -x c++ -std=c++17
}

together() { # HEADER
	echo "#include <$1>" >probe.c
	$CC -fsyntax-only -D_GNU_SOURCE probe.c 2>/dev/null || skip "no $1 here"
	{ echo "#include <$1>"; cat use.c; } >before.c
	{ cat use.c; echo "#include <$1>"; } >after.c
	for std in c99 c11 gnu11; do
		$CC -std=$std -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-parameter \
			-fsyntax-only -I. before.c
		$CC -std=$std -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-parameter \
			-fsyntax-only -I. after.c
	done
	if command -v c++ >/dev/null; then
		c++ -x c++ -std=c++17 -Wall -fsyntax-only -I. before.c
		c++ -x c++ -std=c++17 -Wall -fsyntax-only -I. after.c
	fi
}

@test "the headers compile together with linux/io_uring.h" {
	together linux/io_uring.h
}

@test "the headers compile together with liburing.h" {
	together liburing.h
}
