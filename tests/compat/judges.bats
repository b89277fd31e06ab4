#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Foreign code on our library: liburing's own tests and examples, both of Debian's release and of
# the newest source, and fio. The project does not ship them: LIBURING_SOURCE and FIO_SOURCE name
# sources; FETCH=1 downloads missing ones (Debian's with apt, the newest with git). With
# JUDGES_REQUIRED=yes, as in make check-long, missing sources are a failure.

load compat.bash
load ../lib/unpack-source.bash

tools="$abs_top_srcdir/tests/compat"
newest_liburing=https://github.com/axboe/liburing

cannot() { # WHY
	[ "${JUDGES_REQUIRED:-no}" = yes ] || skip "$1"
	echo "$1, and JUDGES_REQUIRED=yes"
	return 1
}

# Sets source to the directory of a Debian package's source.
need_debian() { # PACKAGE
	source="$BATS_FILE_TMPDIR/$1"
	[ -d "$source" ] && return
	[ -n "${FETCH:-}" ] || cannot "Debian's $1: FETCH=1 gets it (network)" || return
	"$abs_top_srcdir/tests/lib/fetch-source" "$1" "$BATS_FILE_TMPDIR/fetched-$1" >"$BATS_FILE_TMPDIR/log" 2>&1 ||
		cannot "Debian's $1: its source cannot be fetched" || return
	unpack_source "$BATS_FILE_TMPDIR/fetched-$1/source" "$source"
}

# Sets source to the directory of the newest liburing.
need_newest() {
	source="$BATS_FILE_TMPDIR/newest"
	[ -d "$source" ] && return
	if [ -n "${LIBURING_SOURCE:-}" ]; then
		unpack_source "$LIBURING_SOURCE" "$source"
		return
	fi
	[ -n "${FETCH:-}" ] ||
		cannot 'the newest liburing: LIBURING_SOURCE=DIR names it, FETCH=1 gets it (network)' ||
		return
	git clone -q --depth 1 "$newest_liburing" "$source" 2>"$BATS_FILE_TMPDIR/log" ||
		cannot "the newest liburing: cannot be fetched from $newest_liburing"
}

need_fio() {
	if [ -n "${FIO_SOURCE:-}" ]; then
		source=$FIO_SOURCE
	else
		need_debian fio
	fi
}

own_tests() {
	RINGSHIM_BUILD="$abs_top_builddir" "$tools/liburing-tests" "$source" \
		"$BATS_TEST_TMPDIR/out" 3>&- >results || { tail -20 results; return 1; }
	tail -1 results | sed 's/^/# /' >&3
}

# Builds liburing's examples with our library and runs those that copy a file.
own_examples() {
	local built=0 helpers

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
		timeout 300 "./$name" data copy
		cmp data copy
		rm copy
	done
}

same_entries() {
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

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "the newest liburing's own tests pass as they do with liburing" {
	need_newest
	own_tests
}

@test "Debian's liburing's own tests pass as they do with liburing" {
	need_debian liburing
	own_tests
}

@test "the newest liburing's names have the same types, values and layouts" {
	need_newest
	(cd "$source" && ./configure) >configure.log
	"$tools/interface" liburing.h "$compat_include" out -I"$source/src/include" >differing ||
		{ head -40 differing; return 1; }
	sed 's/^/# /' differing >&3
}

@test "the newest liburing's examples build, and those that copy files copy them" {
	need_newest
	own_examples
}

@test "Debian's liburing's examples build, and those that copy files copy them" {
	need_debian liburing
	own_examples
}

@test "preparation functions write the same entries as the newest liburing" {
	need_newest
	same_entries
}

@test "preparation functions write the same entries as Debian's liburing" {
	need_debian liburing
	same_entries
}

# fio's engine makes the system calls itself and includes the kernel's header, which ours replaces.
# A verified run shows that numbers and layouts are right.
@test "fio's io_uring engine, built with our header, verifies the data it writes" {
	need_fio
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
	timeout 300 strace -f -qq -c -U name,calls -o calls ./tree/fio job.fio >out 2>&1 || {
		cat out
		return 1
	}
	run -1 grep -i 'verify: bad\|err=[^ 0]' out
	[ "$(awk '$1 == "io_uring_enter" { print $2 }' calls)" -gt 100 ]
}
