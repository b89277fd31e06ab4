#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs that cannot be run, and programs in which a preload library has no effect.

load common

# refused STATUS TEXT CMD...: both commands refuse CMD before anything starts.
refused() {
	local wanted=$1 text=$2 command
	shift 2
	for command in run compare; do
		run "-$wanted" "$ringshim" "$command" --library="$marker" -- "$@"
		one_line_error "$wanted"
		assert_output --partial "$text"
	done
	assert [ ! -e started ]
}

forced() {
	run --separate-stderr "$ringshim" run --library="$marker" --force -- "$@"
}

# patch FILE OFFSET BYTE: overwrites one byte.
patch() {
	printf '%b' "\\x$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

hello='#include <stdio.h>
int main(void) { fclose(fopen("started", "w")); puts("hello"); return 0; }'

@test "a program that does not exist makes ringshim exit with 127" {
	refused 127 'there is no such program in PATH' no-such-program
	refused 127 'there is no such file' ./no-such-program
	refused 127 'a program is needed' ''
	refused 127 'Not a directory' /dev/null/program
}

@test "a program that is not executable makes ringshim exit with 126" {
	echo 'touch started' >script
	refused 126 'it is not executable' ./script
	refused 126 'it is a directory' ./
	mv script no-such-program
	PATH=$PWD:$PATH refused 126 "$PWD/no-such-program: it is not executable" no-such-program
	mkfifo pipe
	chmod +x pipe
	refused 126 'it is not executable' ./pipe
}

@test "the search of PATH continues after entries that cannot be executed" {
	mkdir first second
	echo >first/program
	mkdir second/program
	cp "$subject" program
	PATH=$PWD/first:$PWD/second::$PATH run --separate-stderr \
		"$ringshim" run --library="$marker" -- program ok
	assert_success
	assert_output ok
}

@test "a static program is refused, also a position-independent one" {
	for flag in -static -static-pie; do
		compile hello "$flag" <<<"$hello" || skip "$CC cannot link with $flag here"
		refused 125 './hello is statically linked' ./hello
		refused 125 '--force runs it anyway' ./hello
		forced ./hello
		assert_success
		assert_output hello
		assert_equal "${#stderr_lines[@]}" 1
		[[ $stderr == 'ringshim: warning: ./hello is statically linked'* ]]
		rm started
	done
}

@test "a program for another architecture, byte order or word size is refused" {
	compile hello <<<"$hello"
	cp hello foreign
	patch foreign 18 f3
	patch foreign 19 00
	refused 125 'for another architecture (RISC-V' ./foreign
	cp hello foreign
	patch foreign 4 01
	refused 125 '32-bit' ./foreign
	cp hello foreign
	patch foreign 5 02
	patch foreign 18 00
	patch foreign 19 16
	refused 125 's390, 64-bit, big-endian' ./foreign
}

@test "a program that uses another libc is refused" {
	compile hello -Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1 <<<"$hello"
	refused 125 'uses another libc: its dynamic linker is /lib/ld-musl-x86_64.so.1' ./hello
}

@test "a copy of the dynamic linker in another place is not taken for another libc" {
	linker=$(LC_ALL=C readelf -l "$subject" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
	cp "$linker" .
	compile hello -Wl,--dynamic-linker="$PWD/${linker##*/}" <<<"$hello"
	run --separate-stderr "$ringshim" run --library="$marker" -- ./hello
	assert_output hello
	assert_equal "$stderr" preloaded
}

@test "a program started by naming the dynamic linker loads the library" {
	linker=$(LC_ALL=C readelf -l "$subject" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
	run --separate-stderr "$ringshim" run --library="$marker" -- "$linker" "$subject" ok
	assert_output ok
	assert_equal "$stderr" preloaded
}

@test "a script is judged by its interpreter" {
	compile interpreter -static <<<"$hello" || skip "$CC cannot link statically here"
	printf '#! %s/interpreter -x\n' "$PWD" >script
	chmod +x script
	refused 125 "the script ./script runs $PWD/interpreter, and $PWD/interpreter is statically" ./script

	printf '#!%s/script\n' "$PWD" >outer
	chmod +x outer
	refused 125 'is statically linked' ./outer

	for line in interpreter '-S interpreter -x' '-S A=b interpreter'; do
		printf '#!/usr/bin/env %s\n' "$line" >script
		PATH=$PWD:$PATH refused 125 "$PWD/interpreter is statically linked" ./script
	done
}

@test "a script that cannot be run is refused with the reason" {
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	refused 127 'its interpreter /no/such/interpreter does not exist' ./script
	printf '#!/usr/bin/env no-such-program\n' >script
	refused 127 'cannot run no-such-program' ./script
	printf '#!%s/script\n' "$PWD" >script
	refused 126 'too many' ./script
}

@test "scripts with and without #! run, and the programs they start load the library" {
	printf '#!/bin/sh\n"$0.real" "$@"\n' >script
	printf '%s "$@"\n' "$subject" >script.real
	chmod +x script script.real
	run --separate-stderr "$ringshim" run --library="$marker" -- ./script ok
	assert_success
	assert_output ok
	run --separate-stderr "$ringshim" compare --library="$marker" -- ./script.real exit 3
	assert_success
	assert_line --partial 'exit status 3'
}

@test "damaged ELF files and other data are refused, whatever is wrong with them" {
	head -c 3000 /dev/urandom | tr '\n' x >noise
	printf '\0' | dd of=noise conv=notrunc status=none
	chmod +x noise
	refused 126 'neither an ELF program nor a script' ./noise
	compile whole <<<"$hello"
	size=$(stat -c %s whole)
	for length in 4 17 20 63 64 100 400; do
		head -c "$length" whole >cut
		chmod +x cut
		refused 125 'damaged ELF file' ./cut
	done
	# Offsets and sizes of the segments and of the interpreter's name point outside the file.
	cp whole wild
	patch wild 39 7f
	refused 125 'damaged ELF file' ./wild
	cp whole wild
	patch wild 54 01
	refused 125 'damaged ELF file' ./wild
	cp whole wild
	patch wild 56 ff
	patch wild 57 ff
	refused 125 'damaged ELF file' ./wild
	[ "$size" -gt 400 ]
}

@test "no wrong byte in an ELF header crashes the reader" {
	compile whole <<<"$hello"
	for offset in $(seq 4 7 700); do
		cp whole wild
		patch wild "$offset" ff
		# Without strace in PATH, ringshim judges the program but does not run it.
		run env -i PATH=/nowhere "$ringshim" compare --library="$marker" -- ./wild
		one_line_error 125
	done
}

@test "a Go program runs, with a warning" {
	compile go1 <<<"__attribute__((section(\".go.buildinfo\"))) const char info[] = \"x\";
$hello"
	compile go2 <<<'__asm__(".pushsection .note.go.buildid,\"a\",%note\n"
		".long 4, 4, 4\n.ascii \"Go\\0\\0\"\n.long 0\n.popsection\n");
'"$hello"
	objcopy --rename-section .note.go.buildid=.note.other go2
	for program in ./go1 ./go2; do
		run --separate-stderr "$ringshim" run --library="$marker" -- "$program"
		assert_success
		assert_output hello
		assert_equal "${stderr_lines[0]%%:*}" ringshim
		[[ ${stderr_lines[0]} == *"$program is a Go program"* ]]
		assert_equal "${stderr_lines[1]}" preloaded
	done
}

@test "a program that cannot be read runs, with a warning" {
	cp "$subject" program
	chmod 111 program
	as_user "$ringshim" run --library="$marker" -- program ok
	assert_output --partial 'cannot be read'
	assert_line ok
}
