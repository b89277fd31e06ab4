#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim doctor PROGRAM: how much of a program the shim can reach.

load common

hello='#include <stdio.h>
int main(void) { fclose(fopen("started", "w")); puts("hello"); return 0; }'

teardown() {
	[ -z "${place:-}" ] || rm -rf "$place"
}

# reach PROGRAM: prints what doctor --json says of a program, and checks that it was not run.
reach() {
	"$ringshim" doctor --json "$1" >json || [ $? -le 2 ]
	assert [ ! -e started ]
	jq -r '.program | [.reach, .obstacle, .remark] | map(tostring) | join(" ")' json
}

@test "an ordinary program can be reached wholly" {
	compile hello <<<"$hello"
	assert_equal "$(reach ./hello)" 'all null null'
	assert_equal "$(jq -r '.program.executes' json)" ./hello
	run "$ringshim" doctor ./hello
	assert_line --partial 'The shim can be preloaded into ./hello'
}

@test "a script is judged by its interpreter" {
	printf '#!/bin/sh\n' >script
	chmod +x script
	assert_equal "$(reach ./script)" 'all null null'
	assert_equal "$(jq -r '.program | .path, .executes' json)" $'./script\n/bin/sh'
}

@test "a static program cannot be reached" {
	compile hello -static <<<"$hello" || skip "$CC cannot link statically here"
	assert_equal "$(reach ./hello)" 'none static null'
	assert_equal "$(jq -r .status json)" 2
}

@test "a program for musl cannot be reached" {
	need musl-gcc
	CC=musl-gcc compile hello <<<"$hello"
	assert_equal "$(reach ./hello)" 'none libc null'
	run "$ringshim" doctor ./hello
	assert_line --partial ld-musl
}

@test "a set-user-id copy cannot be reached" {
	need_root 'give files away'
	place=$(mktemp -d)
	cp "$subject" "$place/copy"
	chown 65534 "$place/copy"
	chmod 4755 "$place/copy"
	findmnt -no OPTIONS -T "$place" | grep -qw nosuid && skip "$place is mounted nosuid"
	assert_equal "$(reach "$place/copy")" 'none secure-execution null'
}

@test "of a Go program only a part can be reached, of a static one nothing" {
	need fzf
	assert_equal "$(reach fzf)" 'part null go'
	[ "$(jq '.program.inline_system_calls[0].instructions' json)" -gt 10 ]
	compile go -static <<<"__attribute__((section(\".go.buildinfo\"))) const char info[] = \"x\";
$hello"
	assert_equal "$(reach ./go)" 'none static-go null'
}

@test "a program of AddressSanitizer can be reached, and its runtime is named" {
	local shared=()
	# clang links its runtime into the program otherwise.
	! $CC --version | grep -q clang || shared=(-shared-libasan)
	compile hello -fsanitize=address "${shared[@]}" <<<"$hello" || skip "$CC has no AddressSanitizer"
	assert_equal "$(reach ./hello)" 'all null null'
	assert_regex "$(jq -r .program.sanitizer json)" '^lib(asan|clang_rt\.asan).*\.so'
}

@test "system call instructions of the program's own are counted, by what they call" {
	[ "$(uname -m)" = x86_64 ] || skip 'the instructions are those of x86-64'
	compile inlined -O1 <<<'
static long call(long number)
{
	__asm__ volatile("syscall" : "+a"(number) : : "rcx", "r11", "memory");
	return number;
}
int main(int argc, char **argv)
{
	/* The two bytes as a part of other instructions and of data. */
	__asm__ volatile("mov $0x0000050f, %%ecx; lea 0x50f(%%rdi), %%rcx" : : : "rcx");
	__asm__ volatile("mov $1, %%eax; syscall" : : : "rax", "rcx", "r11", "memory");
	__asm__ volatile("mov $39, %%eax; syscall" : : : "rax", "rcx", "r11", "memory");
	__asm__ volatile("xor %%eax, %%eax; syscall" : : : "rax", "rcx", "r11", "memory");
	return call(argc + 500) == 0x50f;
}'
	assert_equal "$(reach ./inlined)" 'part null null'
	assert_equal "$(jq -c '.program.inline_system_calls[] | [.file, .instructions, .transfers, .unknown]' json)" \
		'["./inlined",4,2,1]'
	compile harmless -O1 <<<'int main(void) {
	__asm__ volatile("mov $39, %%eax; syscall" : : : "rax", "rcx", "r11", "memory"); return 0; }'
	assert_equal "$(reach ./harmless)" 'all null null'
	assert_equal "$(jq -c '.program.inline_system_calls[0].instructions' json)" 1
}

@test "system call instructions of a library are counted" {
	[ "$(uname -m)" = x86_64 ] || skip 'the instructions are those of x86-64'
	compile libown.so -shared -fPIC <<<'long own(void) { long r = 1;
	__asm__ volatile("mov $1, %%eax; syscall" : "=a"(r) : : "rcx", "r11", "memory"); return r; }'
	compile hello -x none ./libown.so -x c -Wl,-rpath,"$PWD" <<<'long own(void); int main(void) { return own() < 0; }'
	assert_equal "$(reach ./hello)" 'part null null'
	assert_equal "$(jq -r '.program.inline_system_calls[0].file' json)" ./libown.so
}

@test "the counts are those of a disassembler, in the programs and libraries of this machine" {
	need objdump
	files=0
	for file in /bin/busybox /usr/bin/fzf /usr/sbin/runc /bin/bash /usr/bin/gdb /usr/sbin/nginx; do
		[ -x $file ] && readelf -h "$file" >/dev/null 2>&1 || continue
		reach $file >/dev/null
		counted=$(jq --arg file $file '[.program.inline_system_calls[] | select(.file == $file) | .instructions] | add // 0' json)
		shown=$(objdump -d --no-show-raw-insn $file | grep -cP '\t(syscall|svc\t#0x0)\s*$' || true)
		assert_equal "$file $counted" "$file $shown"
		files=$((files + 1))
	done
	echo "# $files files" >&3
	[ $files -gt 0 ] || skip 'none of the programs is installed'
}

@test "damaged ELF files are judged without a crash" {
	compile whole <<<"$hello"
	for offset in $(seq 0 13 900); do
		cp whole wild
		printf '\xff' | dd of=wild bs=1 seek="$offset" conv=notrunc status=none
		run "$ringshim" doctor --json ./wild
		[ "$status" -le 2 ] || [ "$status" -eq 126 ]
	done
}
