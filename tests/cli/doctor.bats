#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim doctor: its output in each form, what it finds about this machine, wrong usage.

load common

doctor() {
	run --separate-stderr "$ringshim" doctor "$@"
}

# json FILTER [ARGUMENT...]: runs doctor and prints a part of its JSON.
json() {
	local filter=$1
	shift
	"$ringshim" doctor --json "$@" >json || [ $? -le 2 ]
	jq -r "$filter" json
}

# on_terminal COLUMNS COMMAND...: runs a command on a terminal of its own.
on_terminal() {
	local columns=$1
	shift
	script -qec "stty cols $columns; $*" /dev/null </dev/null
}

# Runs a command as a user that nobody else uses, with a limit on locked memory.
with_memory() {
	local limit=$1
	shift
	cp -r "$abs_top_builddir/ringshim" "$place/"
	cp "$shim" "$place/.libs/"
	prlimit --memlock="$limit" setpriv --reuid=64123 --regid=64123 --clear-groups "$@"
}

public_place() {
	place=$(mktemp -d)
	mkdir "$place/.libs"
	chmod 755 "$place" "$place/.libs"
}

teardown() {
	[ -z "${place:-}" ] || rm -rf "$place"
}

@test "where a ring can be made, the shim is usable and was tried" {
	need_io_uring
	need_kernel 6.1 'makes rings for the shim'
	assert_equal "$(json '.ring.available, .ring.error, (.ring.forbidden_by | length)')" $'true\nnull\n0'
	assert_equal "$(json '.shim | .runs, .loaded, .ring, .stdio')" $'true\ntrue\ntrue\ntrue'
	assert_equal "$(json '.verdict, .status')" $'usable\n0'
	doctor
	assert_success
	assert_line 'Verdict: usable.'
	assert_line --partial "Linux $(uname -r)"
	assert_equal "$stderr" ''
}

@test "no line is longer than 80 columns, whatever is wrong" {
	compile static -static <<<'int main(void) { return 0; }'
	{
		"$ringshim" doctor /bin/sh
		LD_PRELOAD=/usr/lib/libother.so "$ringshim" doctor ./static 2>/dev/null
		"$ringshim" doctor --help
		for owner in docker docker-old podman systemd-EPERM systemd-kill; do
			"$abs_top_builddir/tests/cli/filter-like" "$owner" "$ringshim" doctor /bin/sh
		done
	} >screens || true
	[ "$(wc -l <screens)" -gt 100 ]
	# The one word that cannot be broken is the path of this test's directory.
	sed "s|$PWD|/d|g" screens | awk 'length > 80 { print; bad = 1 } END { exit bad }'
}

@test "colours are for terminals only, and NO_COLOR turns them off" {
	need script
	run on_terminal 80 TERM=xterm "$ringshim" doctor
	assert_output --partial $'\e[32mok\e[0m'
	on_terminal 80 TERM=xterm "$ringshim" doctor | sed 's/\x1b\[[0-9;]*m//g; s/\r$//' >plain
	"$ringshim" doctor | cat >piped || true
	diff piped plain
	for without in NO_COLOR=1 TERM=dumb; do
		run on_terminal 80 env TERM=xterm "$without" "$ringshim" doctor
		refute_output --partial $'\e['
	done
	refute_regex "$(cat piped)" $'\e'
}

@test "the JSON is well-formed, and has the keys that the manual page documents" {
	compile inlined <<<'int main(void) { long r = 39; __asm__ volatile("syscall" : "+a"(r) : : "rcx", "r11", "memory"); return 0; }'
	LD_PRELOAD=/usr/lib/libother.so json . ./inlined >/dev/null 2>&1
	mv json first
	"$abs_top_builddir/tests/cli/filter-like" docker "$ringshim" doctor --json >second || true
	"$abs_top_builddir/tests/cli/filter-like" systemd-kill "$ringshim" doctor --json "$ringshim" >third || true
	for file in first second third; do
		python3 -m json.tool "$file" >/dev/null
		jq -r 'paths(type != "object" and type != "array" or . == []) | map(if type == "number" then "[]" else . end) |
			join(".")' "$file"
	done | sed -E 's/\.\[\]/[]/g; s/^(ring\.seccomp\.answers)\..*/\1.NAME/; s/^(available\.)[a-z_]*/\1KIND/; s/^(forbidden_by|libraries|lacking|findings)$//' |
		sed -E 's/(forbidden_by|KIND|libraries|lacking|findings|inline_system_calls|advice)$/\1[]/' | sort -u | sed '/^$/d' >found
	sed -n '/^\.Sh DIAGNOSIS AS JSON/,/^\.Sh [^D]/s/^\.It Li \([^ ]*\).*/\1/p' "$abs_top_srcdir/doc/ringshim-doctor.1" |
		sort -u >documented
	[ "$(wc -l <documented)" -gt 30 ]
	# The empty arrays themselves are not documented apart from their members.
	grep -vxF -f documented found | while read -r path; do
		grep -qF "$path." documented || fail "not documented: $path"
	done
	# A newer kernel than any of the table lacks nothing.
	grep -vxF -f found documented | grep -v '^lacking' | while read -r path; do
		fail "documented, but not there: $path"
	done
}

@test "JSON and screen say the same" {
	json '.findings[].text' /bin/sh >texts
	"$ringshim" doctor /bin/sh | tr -s ' \n' ' ' >screen || true
	while IFS= read -r text; do
		grep -qF -e "$text" screen || fail "the screen lacks: $text"
	done <texts
	[ "$(wc -l <texts)" -ge 6 ]
}

@test "what is lacking comes from the kernel, row by row" {
	need_io_uring
	json '.lacking[] | select(.why == "kernel") | [.name, .since] | @tsv' >lacking
	release=$(uname -r)
	while read -r name since; do
		[ "$(printf '%s\n%s\n' "$since" "${release%%-*}" | sort -V | head -n 1)" != "$since" ] ||
			fail "$name came with Linux $since, and this is $release"
	done <lacking
	json '.available.operations[]' >operations
	grep -qx read operations
	grep -qx nop operations
}

@test "operations that a ring refuses are found, and trying them does nothing" {
	run "$abs_top_builddir/tests/cli/refusals"
	[ "$status" -ne 77 ] || skip 'no ring can be made here'
	assert_success
	refute_line --partial EACCES
	# An entry that the kernel does not accept would hide a filter.
	refute_line --partial EINVAL
	assert_line 'read EBADF'
	assert_line 'next 1'
	assert [ "${#lines[@]}" -gt 20 ]
	run "$abs_top_builddir/tests/cli/refusals" read write
	assert_success
	assert_line 'read EBADF'
	assert_line 'write EBADF'
	assert_equal "$(printf '%s\n' "${lines[@]}" | grep -cv -e EACCES)" 3
	assert [ -z "$(ls)" ]
}

@test "locked memory: the limit, what is left, and who gets no ring" {
	need_io_uring
	need_root 'become another user'
	public_place
	cd "$place"
	with_memory 0 ./ringshim doctor --json >json || true
	if [ "$(jq -r .ring.available json)" = true ]; then
		assert_equal "$(jq -r .locked_memory.counts_rings json)" false
		skip 'this kernel does not count rings'
	fi
	assert_equal "$(jq -c '[.ring.error, .ring.forbidden_by, .status]' json)" '["ENOMEM",["locked_memory"],2]'
	run with_memory 0 ./ringshim doctor
	assert_failure 2
	assert_output --partial 'No locked memory is left for a ring'
	assert_output --partial 'ulimit -l unlimited'
	# The kernel frees the rings of processes that have ended a moment later.
	for _ in $(seq 50); do
		with_memory 65536 ./ringshim doctor --json >json || true
		[ "$(jq .locked_memory.left json)" != 65536 ] || break
		sleep 0.1
	done
	assert_equal "$(jq -c '.locked_memory | [.limit, .counts_rings, .left]' json)" '[65536,true,65536]'
	assert_equal "$(jq -c '[.ring.available, .shim.ring, .status]' json)" '[true,true,1]'
	run with_memory 8388608 ./ringshim doctor
	assert_success
	assert_output --partial 'Of 8192 KiB'
}

@test "locked memory that other processes of the user hold is missed" {
	need_io_uring
	need_root 'become another user'
	public_place
	cd "$place"
	compile hold -I"$abs_top_srcdir/src" -I"$abs_top_builddir/src" -D_GNU_SOURCE - -x none \
		"$abs_top_builddir/.libs/libringshim-uring.a" <<<'
#include "uring/uring.h"
#include <stdlib.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	size_t size = atol(argv[1]);
	struct iovec iov = { aligned_alloc(4096, size), size };
	struct uring ring;

	if (uring_init(&ring, NULL, 1) || uring_sys_register(ring.fd, URING_REGISTER_BUFFERS, &iov, 1))
		return 1;
	if (fork())
		return wait(NULL) < 0;
	execvp(argv[2], argv + 2);
	return 2;
}' || skip 'no program can be linked here'
	with_memory 8388608 ./hold 4194304 ./ringshim doctor --json >json || true
	# The buffer, the ring that holds it, and nothing else.
	assert_equal "$(jq -r '.locked_memory | .left < 8388608 - 4194304 and .left > 4000000' json)" true
}

@test "few descriptors do not keep it from a diagnosis" {
	need_io_uring
	for limit in $(seq 8 14); do
		prlimit --nofile="$limit" "$ringshim" doctor >"screen-$limit" 2>&1 3>&- 4>&- || true
		grep -q Verdict "screen-$limit"
	done
	grep -q 'Not tried: too few descriptors' screen-8
	grep -q 'the write took the ring' screen-14
}

@test "a library that is not the shim, or cannot be loaded, is found out" {
	doctor --library="$marker"
	assert_failure 2
	assert_line --partial 'The shim was not loaded'
	doctor --library=/nowhere/libringshim.so
	assert_failure 125
	assert_equal "${#stderr_lines[@]}" 1
}

@test "other preloaded libraries are listed, and what goes direct for them" {
	need_io_uring
	compile other.so -shared -fPIC <<<'
#include <dlfcn.h>
#include <unistd.h>
ssize_t write(int fd, const void *buf, size_t count)
{
	ssize_t (*next)(int, const void *, size_t) = dlsym((void *)-1l, "write");
	return next(fd, buf, count);
}'
	export LD_PRELOAD=$PWD/other.so
	json '.libraries[] | [.path, .from, .kind] | @tsv' >libraries
	json '.shim | [.ring, .reason] | @tsv' >>libraries
	unset LD_PRELOAD
	printf '%s\tLD_PRELOAD\t\nfalse\tother-library\n' "$PWD/other.so" | diff - libraries
	LD_PRELOAD="$shim" json '.libraries | length' >libraries
	assert_equal "$(cat libraries)" 0
}

@test "wrong usage gets one line" {
	run "$ringshim" doctor --jump
	one_line_error 2
	assert_output --partial "doctor has no option '--jump'; it has --json, --library"
	run "$ringshim" doctor cat file
	one_line_error 2
	assert_output --partial 'takes at most one program'
	run -127 "$ringshim" doctor no-such-program
	one_line_error 127
	run "$ringshim" doctor ./
	one_line_error 126
}
