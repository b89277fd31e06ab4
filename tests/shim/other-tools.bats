#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs that run under other tools: sanitizers and valgrind.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	source=$abs_top_srcdir/tests/shim/under-other-tools.c
}

compile() {
	$CC -std=gnu11 -D_GNU_SOURCE -O1 -g -pthread "$@" -o program "$source" 2>errors &&
		timeout 300 ./program >native 2>errors || skip "$CC $* makes no program that runs here"
	cat native
}

alike() {
	RINGSHIM_STATS=$PWD/stats RINGSHIM_ROUTE=ring run --separate-stderr timeout 300 "$@"
	echo "$stderr"
	assert_success
	[ -z "$stderr" ]
	diff native - <<<"$output"
}

@test "a program with the shared AddressSanitizer runs, in either order of loading" {
	local first
	compile -fsanitize=address
	ldd ./program | grep -qE 'libasan|libclang_rt.asan' || skip "$CC links it statically"
	first=$(ldd ./program | awk '/libasan|libclang_rt.asan/ { print $3 }')
	# Loaded after the library, the sanitizer makes the calls and checks them.
	alike env LD_PRELOAD="$shim" ./program
	[ "$(calls_counted stats '*' direct other-library program)" -ge 5 ]
	rm stats
	# Loaded before the library, the sanitizer lets the calls take the ring.
	alike env LD_PRELOAD="$first:$shim" ./program
	[ "$(calls_counted stats '*' ring '*' program)" -ge 8 ]
	rm stats
	alike "$top/ringshim" run -- ./program
	[ "$(calls_counted stats '*' ring '*' program)" -ge 8 ]
}

@test "AddressSanitizer still finds errors under the library" {
	compile -fsanitize=address
	$CC -D_GNU_SOURCE -O1 -fsanitize=address -x c -o program - <<-'EOF'
		#include <fcntl.h>
		#include <stdlib.h>
		#include <unistd.h>
		int main(int argc, char **argv) { return read(open(argv[0], O_RDONLY), malloc(4), 100) < 0; }
	EOF
	run with_shim ./program
	assert_failure
	assert_output --partial heap-buffer-overflow
	run "$top/ringshim" run -- ./program
	assert_failure
	assert_output --partial heap-buffer-overflow
}

@test "programs with other sanitizers run under the library" {
	local kind
	for kind in thread leak undefined; do
		(
			compile "-fsanitize=$kind"
			alike env LD_PRELOAD="$shim" ./program
		)
	done
}

@test "calls go direct under valgrind, which knows the data they read" {
	need_valgrind
	compile -O1
	timeout 300 valgrind -q --error-exitcode=9 ./program >native
	alike valgrind -q --error-exitcode=9 env LD_PRELOAD="$shim" ./program
	rm -f stats
	export LD_PRELOAD=$shim
	alike valgrind -q --error-exitcode=9 ./program
	unset LD_PRELOAD
	[ "$(calls_counted stats '*' '*' valgrind)" -ge 8 ]
	# A process is either under valgrind or uses a ring.
	run awk -F'\t' '$5 == "valgrind" { under[$2] } $4 == "ring" { ring[$2] }
		END { for (name in under) if (name in ring) print name }' stats
	assert_output ''
}
