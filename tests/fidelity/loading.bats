#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Loading: code that runs before and after the library, beside it, and without it.

setup() {
	load common
	fidelity_setup
	sources=$abs_top_srcdir/tests/fidelity
	cd "$BATS_TEST_TMPDIR"
}

# compile OUTPUT SOURCE... [FLAG...]
compile() {
	local output=$1
	shift
	# shellcheck disable=SC2086  # CC may be several words
	${CC:-cc} -O1 -g -D_GNU_SOURCE -o "$output" "$@" -pthread
}

library() {
	local output=$1
	shift
	compile "$output" -shared -fPIC "$@"
}

@test "a program that defines getenv itself works" {
	compile own-getenv "$sources/loading/own-getenv.c" -rdynamic -fno-builtin
	equal ./own-getenv
	uses_ring ./own-getenv
}

@test "an allocator in the program can read a file when it starts" {
	compile own-malloc "$sources/loading/own-malloc.c" "$sources/loading/use-malloc.c" \
		-rdynamic -fno-builtin
	equal ./own-malloc
	uses_ring ./own-malloc
}

@test "an allocator in a library can read a file when it starts" {
	library libown-malloc.so "$sources/loading/own-malloc.c" -fno-builtin
	compile use-malloc "$sources/loading/use-malloc.c" -L. -lown-malloc \
		-Wl,-rpath,"$PWD" -fno-builtin
	equal ./use-malloc
}

@test "an allocator that reads a file can be preloaded before and after the library" {
	library libown-malloc.so "$sources/loading/own-malloc.c" -fno-builtin
	natively env LD_PRELOAD="$PWD/libown-malloc.so" "$programs/work" >native
	sane native
	for order in "$PWD/libown-malloc.so $shim" "$shim $PWD/libown-malloc.so"; do
		natively env LD_PRELOAD="$order" RINGSHIM_ROUTE=ring "$programs/work" >shim
		run diff native shim
		assert_success
	done
}

@test "constructors, destructors, preinit and atexit functions of other libraries work" {
	library libearly.so "$sources/loading/early.c"
	compile use-early "$sources/loading/use-early.c" -L. -learly -Wl,-rpath,"$PWD"
	natively ./use-early
	mv early.report native
	sane native
	[ "$(wc -l <native)" -ge 10 ]
	under_shim ./use-early
	run diff native early.report
	assert_success
	uses_ring ./use-early
}

@test "a library with constructors can be preloaded before and after the library" {
	library libearly.so "$sources/loading/early.c"
	natively env LD_PRELOAD="$PWD/libearly.so" "$programs/work" >native
	sane native
	mv early.report native-report
	for order in "$PWD/libearly.so $shim" "$shim $PWD/libearly.so"; do
		rm -f early.report
		natively env LD_PRELOAD="$order" RINGSHIM_ROUTE=ring "$programs/work" >shim
		run diff native shim
		assert_success
		run diff native-report early.report
		assert_success
	done
}

@test "a second preload library sees the same calls as natively, before and after the library" {
	library counter.so "$sources/loading/counter.c"
	COUNTER_FILE=$PWD/counts natively env LD_PRELOAD="$PWD/counter.so" "$programs/work" >native
	sane native
	mv counts native-counts
	[ "$(awk '$2 > 0' native-counts | wc -l)" -ge 8 ]
	for order in "$PWD/counter.so $shim" "$shim $PWD/counter.so"; do
		COUNTER_FILE=$PWD/counts natively env LD_PRELOAD="$order" RINGSHIM_ROUTE=ring \
			"$programs/work" >shim
		run diff native shim
		assert_success
		run diff native-counts counts
		assert_success
	done
}

@test "libraries can be loaded and unloaded at run time" {
	library plugin.so "$sources/loading/plugin.c" -DPLUGIN_TLS=64 \
		-DPLUGIN_MODEL='"global-dynamic"'
	compile host "$sources/loading/host.c" -ldl
	equal ./host "$PWD/plugin.so"
	uses_ring ./host "$PWD/plugin.so"
}

@test "a library works in a link-map namespace of its own" {
	library plugin.so "$sources/loading/plugin.c" -DPLUGIN_TLS=64 \
		-DPLUGIN_MODEL='"global-dynamic"'
	compile host "$sources/loading/host.c" -ldl
	equal ./host "$PWD/plugin.so" namespace
}

@test "libraries that need static thread-local storage can be loaded at run time" {
	# Sizes up to what the loader can provide natively, and one step more.
	compile host "$sources/loading/host.c" -ldl
	for size in 64 256 512 1024 1280 1536 4096; do
		library plugin.so "$sources/loading/plugin.c" -DPLUGIN_TLS=$size \
			-DPLUGIN_MODEL='"initial-exec"'
		equal ./host "$PWD/plugin.so"
	done
}

@test "programs with much thread-local data work" {
	library plugin.so "$sources/loading/plugin.c" -DPLUGIN_TLS=64 \
		-DPLUGIN_MODEL='"global-dynamic"'
	for size in 4096 100000 1000000; do
		compile host "$sources/loading/host.c" -DHOST_TLS=$size -ldl
		equal ./host "$PWD/plugin.so"
	done
}

@test "a program with 10,000 functions works" {
	# 10,000 functions and relocations are linked to the same small main.
	awk 'BEGIN {
		for (i = 0; i < 10000; i++) printf "int f%d(int x) { return x + %d; }\n", i, i
		printf "int (*const table[])(int) = {"
		for (i = 0; i < 10000; i++) printf "f%d,", i
		print "};"
	}' >large.c
	compile large "$sources/work.c" large.c -O0
	equal ./large
	uses_ring ./large
}

@test "programs work with each kind of binding, without PIE, and started through the loader" {
	compile lazy "$sources/work.c" -Wl,-z,lazy
	compile now "$sources/work.c" -Wl,-z,now
	compile fixed "$sources/work.c" -no-pie
	equal ./lazy
	equal env LD_BIND_NOW=1 ./lazy
	equal ./now
	equal ./fixed
	loader=$(readelf -p .interp ./now | grep -o '/.*ld-[^ ]*')
	equal "$loader" ./now
	uses_ring "$loader" ./now
}

@test "a program without PIE that takes addresses of libc's functions takes the ring" {
	# The addresses are those of entries in the program then, in all libraries too.
	cat >take.c <<-'END'
		extern int *__errno_location(void), read(void), write(void);
		void *volatile taken[3];
		__attribute__((constructor)) static void take(void)
		{
			taken[0] = __errno_location;
			taken[1] = read;
			taken[2] = write;
		}
	END
	compile taken take.c "$sources/work.c" -no-pie -fno-pie -fno-builtin
	run readelf --dyn-syms -W taken
	assert_line --regexp ': 0*[1-9a-f][0-9a-f]* .* UND __errno_location'
	equal ./taken
	uses_ring ./taken
}

@test "a fortified program works" {
	compile fortified "$sources/work.c" -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
	equal ./fortified
	uses_ring ./fortified
}

@test "a static program runs unharmed" {
	compile static "$sources/work.c" -static 2>cc.log || skip "no static libc: $(tail -n 1 cc.log)"
	equal ./static
	if compile static-pie "$sources/work.c" -static-pie 2>/dev/null; then equal ./static-pie; fi
}

@test "a 32-bit program runs unharmed" {
	# The directory of the native kernel headers, which a 32-bit compiler does not search.
	# shellcheck disable=SC2086
	headers=/usr/include/$(${CC:-cc} -print-multiarch 2>/dev/null || gcc -print-multiarch 2>/dev/null || :)
	compile small "$sources/work.c" -m32 -idirafter "$headers" 2>cc.log || skip "no 32-bit libc: $(tail -n 1 cc.log)"
	(natively ./small) >native
	sane native
	(under_shim ./small) >shim 2>shim.err || { cat shim.err; fail 'it does not run under the shim'; }
	run diff native shim
	assert_success
	# Only the loader's own message is on standard error.
	run grep -v 'from LD_PRELOAD cannot be preloaded' shim.err
	assert_output ''
}

@test "a program for another libc runs unharmed" {
	need musl-gcc
	musl-gcc -O1 -D_GNU_SOURCE -o foreign "$sources/work.c" -pthread
	(natively ./foreign) >native
	sane native
	(under_shim ./foreign) >shim 2>shim.err || { cat shim.err; fail 'it does not run under the shim'; }
	run diff native shim
	assert_success
}

@test "a program works with a dynamic loader of its own" {
	loader=$(readelf -p .interp "$programs/work" | grep -o '/.*ld-[^ ]*')
	cp -L "$loader" ./own-loader.so
	compile foreign "$sources/work.c" -Wl,--dynamic-linker="$PWD/own-loader.so"
	equal ./foreign
	uses_ring ./foreign
}
