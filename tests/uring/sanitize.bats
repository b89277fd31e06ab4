#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Repeats the tests under the compiler's sanitizers and under valgrind.

load uring.bash

all='setup queue files names sockets events misc register probe bad-input old-kernels'

# Compiles the library and the test programs with the given flags into a directory.
build() { # DIRECTORY FLAGS...
	local dir=$1 src="$abs_top_srcdir" program wrap
	shift
	mkdir -p "$dir/lib"
	for file in "$src"/src/uring/*.c "$src"/tests/uring/{tap,ring}.c; do
		[[ $file == */ffi.c ]] && continue
		$CC -std=gnu11 -D_GNU_SOURCE "$@" -I"$src/src" -I"$src/src/uring" \
			-I"$abs_top_builddir/src/uring" -c "$file" \
			-o "$dir/lib/$(basename "$(dirname "$file")")-$(basename "$file" .c).o"
	done
	for program in $all fuzz; do
		wrap=
		[ $program = old-kernels ] && wrap=-Wl,--wrap=uring_sys_setup,--wrap=uring_sys_register
		$CC -std=gnu11 -D_GNU_SOURCE "$@" -I"$src/src" -I"$src/src/uring" \
			-I"$abs_top_builddir/src/uring" -I"$src/tests/uring" \
			"$src/tests/uring/$program.c" "$dir"/lib/*.o $wrap -o "$dir/$program"
	done
}

setup_file() {
	export asan_dir="$BATS_FILE_TMPDIR/asan"
	echo 'int main(void) { return 0; }' >"$BATS_FILE_TMPDIR/t.c"
	if $CC -fsanitize=address,undefined "$BATS_FILE_TMPDIR/t.c" -o "$BATS_FILE_TMPDIR/t" \
		2>/dev/null && "$BATS_FILE_TMPDIR/t"; then
		build "$asan_dir" -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
	fi
}

# No leak detection: the library allocates nothing that could leak, and the leak checker cannot
# inspect tests that become another user.
asan() { # PROGRAM
	[ -d "$asan_dir" ] || skip 'this compiler has no address sanitizer'
	ASAN_OPTIONS=detect_leaks=0 whole "$asan_dir/$1"
}

@test "the setup tests pass under the sanitizers" {
	asan setup
}

@test "the queue tests pass under the sanitizers" {
	asan queue
}

@test "the files tests pass under the sanitizers" {
	asan files
}

@test "the names tests pass under the sanitizers" {
	asan names
}

@test "the sockets tests pass under the sanitizers" {
	asan sockets
}

@test "the events tests pass under the sanitizers" {
	asan events
}

@test "the misc tests pass under the sanitizers" {
	asan misc
}

@test "the register tests pass under the sanitizers" {
	asan register
}

@test "the probe tests pass under the sanitizers" {
	asan probe
}

@test "the bad-input tests pass under the sanitizers" {
	asan bad-input
}

@test "the old-kernels tests pass under the sanitizers" {
	asan old-kernels
}

@test "random calls find no fault under the sanitizers" {
	URING_FUZZ_SECONDS=${URING_FUZZ_SECONDS:-2} asan fuzz
}

# valgrind does not run bad-input and probe: their arguments are wrong on purpose, and valgrind
# would report them.
under_valgrind() { # PROGRAM
	need_valgrind
	export URING_TEST_VALGRIND=1 URING_TEST_SECONDS=200
	whole timeout 300 valgrind -q --error-exitcode=9 "$programs/$1"
}

@test "the setup tests pass under valgrind" {
	under_valgrind setup
}

@test "the queue tests pass under valgrind" {
	under_valgrind queue
}

@test "the files tests pass under valgrind" {
	under_valgrind files
}

@test "the names tests pass under valgrind" {
	under_valgrind names
}

@test "the sockets tests pass under valgrind" {
	under_valgrind sockets
}

@test "the events tests pass under valgrind" {
	under_valgrind events
}

@test "the misc tests pass under valgrind" {
	under_valgrind misc
}

@test "the register tests pass under valgrind" {
	under_valgrind register
}

@test "the old-kernels tests pass under valgrind" {
	under_valgrind old-kernels
}
