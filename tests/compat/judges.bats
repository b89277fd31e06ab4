#!/usr/bin/env bats
# Code of others on our library: liburing's own tests and examples, and fio. They
# are not ours to ship: LIBURING_SOURCE and FIO_SOURCE name unpacked sources, FETCH=1
# gets Debian's with apt.

load compat.bash

tools="$abs_top_srcdir/tests/compat"

# Sets source, or skips.
need_source() { # PACKAGE DIRECTORY-OR-NOTHING VARIABLE
	source=$2
	[ -n "$source" ] || [ -n "${FETCH:-}" ] ||
		skip "$1: $3=DIR names its source, FETCH=1 gets it from Debian (network)"
	[ -n "$source" ] || source=$("$tools/fetch-source" "$1" "$BATS_TEST_TMPDIR/$1") ||
		skip "$1: its source cannot be had"
}

@test "liburing's own tests pass as they do with liburing" {
	need_source liburing "${LIBURING_SOURCE:-}" LIBURING_SOURCE
	RINGSHIM_BUILD="$abs_top_builddir" "$tools/liburing-tests" "$source" \
		"$BATS_TEST_TMPDIR/out" 3>&- >results
	tail -1 results | sed 's/^/# /' >&3
}

@test "liburing's examples build, and its copying ones copy" {
	local built=0

	need_source liburing "${LIBURING_SOURCE:-}" LIBURING_SOURCE
	cd "$BATS_TEST_TMPDIR"
	cp -r "$source" tree
	(cd tree && ./configure) >configure.log
	for file in tree/examples/*.c; do
		name=$(basename "$file" .c)
		helpers=
		[ "$name" = helpers ] && continue
		[ -f tree/examples/helpers.c ] && helpers=tree/examples/helpers.c
		$CC -D_GNU_SOURCE -w -O2 -I"$compat_include" -include tree/config-host.h $file $helpers \
			-o "$name" "$compat_library" -lpthread || { echo "$name"; return 1; }
		built=$((built + 1))
	done
	echo "# $built examples" >&3
	seq 1 200000 >data
	for name in io_uring-cp link-cp; do
		timeout 60 "./$name" data copy
		cmp data copy
		rm copy
	done
}

@test "entries are those of that liburing" {
	need_source liburing "${LIBURING_SOURCE:-}" LIBURING_SOURCE
	cd "$BATS_TEST_TMPDIR"
	cp -r "$source" tree
	(cd tree && ./configure && make -C src) >make.log 2>&1
	build_ours ours "$tools/entries.c"
	$CC -D_GNU_SOURCE -w -O2 -Itree/src/include -I"$abs_top_srcdir/tests/uring" \
		"$tools/entries.c" -o theirs tree/src/liburing.a
	./ours | sort >ours.txt
	./theirs | sort >theirs.txt
	run comm -13 ours.txt theirs.txt
	[ -z "$output" ] || { echo "$output"; return 1; }
}

# fio's engine makes the system calls itself, with the kernel's header: ours takes
# the place of that, and a verified run shows that numbers and layouts hold.
@test "fio's io_uring engine, on our header, verifies what it writes" {
	need_source fio "${FIO_SOURCE:-}" FIO_SOURCE
	cd "$BATS_TEST_TMPDIR"
	cp -r "$source" tree
	cd tree
	run -1 grep -rIl '<liburing\.h>' --include='*.c' --include='*.h' .
	./configure --disable-native >configure.log
	make -j2 EXTFLAGS="-include $compat_include/linux/io_uring.h" >make.log 2>&1 ||
		{ tail make.log; return 1; }
	cd ..
	{
		printf '[global]\nioengine=io_uring\nfilename=data\nsize=8m\nrw=randwrite\nbs=4k\n'
		printf 'iodepth=16\nverify=crc32c\nverify_fatal=1\n'
		printf '[plain]\nstonewall\n[fixed]\nstonewall\nfixedbufs=1\nregisterfiles=1\n'
	} >job.fio
	timeout 120 strace -f -qq -c -U name,calls -o calls ./tree/fio job.fio >out 2>&1 || {
		cat out
		return 1
	}
	run -1 grep -i 'verify: bad\|err=[^ 0]' out
	[ "$(awk '$1 == "io_uring_enter" { print $2 }' calls)" -gt 100 ]
}
