#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Syncing late: at each moment at which others can learn of a program, everything that it has synced
# is on the disk, and nothing is flushed before. The disk forgets what was not flushed; see
# ahead-sync.bash. CRASHES says how often the power is cut, 20 times if it is not set.

# shellcheck disable=SC2154  # the names that disk_names and make check set
load ../lib/common.bash
load ahead-sync.bash

program=$top/tests/shim/sync-at-exit

setup_file() {
	begin_volatile_disk 1000
}

teardown_file() {
	remove_volatile_disk
}

setup() {
	enter_disk
	export COUNTS=$base/fuse/counts
}

# late COMMAND...: runs the command with the setting, and counts.
late() {
	rm -f "$out/stats"
	RINGSHIM_RISK_SYNC_AT_EXIT=1 RINGSHIM_STATS=$out/stats with_shim "$@"
}

late_count() {
	calls_counted "$out/stats" sync-at-exit "$1"
}

# observed MOMENT [STATUS]: looks at the disk at that moment, and at the flushes before.
observed() {
	rm -rf "$disk/work"
	mkdir "$disk/work"
	cd "$disk/work" || return
	sync -f .
	RINGSHIM_STATS=$out/stats "$program" observe "$shim" "$1" >"$out/seen" 2>&1 || {
		fail "$1: $(cat "$out/seen")"
		return
	}
	grep -q '^0 flushes before$' "$out/seen" || fail "$1: $(cat "$out/seen")" || return
	grep -q "^status ${2:-0}$" "$out/seen" || fail "$1: $(cat "$out/seen")"
}

# on_disk CAUSE MOMENT...: everything is on the disk at these moments, for that cause.
on_disk() {
	local moment
	for moment in "${@:2}"; do
		rm -f "$out/stats"
		observed "$moment" "${status_wanted:-0}" || return
		grep -q '^5 of 5 files on the disk$' "$out/seen" || fail "$moment: $(cat "$out/seen")" || return
		assert_equal "$moment $(late_count noted)" "$moment 6" || return
		assert_equal "$moment $(late_count synced)" "$moment 1" || return
		assert_equal "$moment $(late_count "$1")" "$moment 1" || return
	done
}

@test "everything is on the disk when the program has ended" {
	on_disk exit return exit _exit quick_exit exit_group pthread_exit
}

@test "and when it has aborted" {
	status_wanted=0x6 on_disk exit abort
}

@test "everything is on the disk for the program that is executed" {
	on_disk exec execve execl syscall-execve
}

@test "everything is on the disk for a child" {
	on_disk fork fork vfork syscall-clone posix_spawn system popen
}

@test "everything is on the disk when the first byte of a write arrives" {
	on_disk output write write-terminal write-socket writev pwritev2 syscall-write
}

@test "and of a stream" {
	on_disk output dprintf stream wide-stream
}

@test "and of a message" {
	on_disk output send sendto sendmsg sendmmsg
}

@test "and of what is spliced" {
	on_disk output sendfile splice tee vmsplice
}

@test "everything is on the disk when the program changes what it may do" {
	on_disk credentials setuid syscall-setgid filter
}

@test "everything is on the disk before a file system is unmounted" {
	on_disk unmount umount
}

@test "everything is on the disk before the library's descriptor is closed" {
	on_disk close close_range dup2 close
}

@test "a byte that the library cannot see finds nothing on the disk" {
	observed raw-write
	grep -q '^0 of 5 files on the disk$' "$out/seen" || fail "$(cat "$out/seen")"
}

@test "wrong descriptors and arguments get the native answer" {
	"$program" errors >"$out/native"
	late "$program" errors >"$out/late"
	[ "$(grep -c 'Bad file descriptor' "$out/native")" -ge 5 ]
	[ "$(grep -c 'Invalid argument' "$out/native")" -ge 5 ]
	diff "$out/native" "$out/late"
	[ "$(late_count noted)" -ge 9 ]
}

@test "a disk that fails ends the program before it tells anybody" {
	local moment
	for moment in exit output exec fork; do
		run --separate-stderr late "$program" fail-at $moment
		assert_equal "$moment $status" "$moment 74"
		assert_equal "$moment $output" "$moment "
		[[ $stderr == *'could not be written to the disk'* ]]
		rm bad
	done
}

@test "an error that has occurred before the sync is reported by it, once" {
	"$program" fail-before >"$out/native"
	rm bad
	late "$program" fail-before >"$out/late"
	grep -q '^fsync: Input/output error$' "$out/native"
	grep -q '^again: 0$' "$out/native"
	diff "$out/native" "$out/late"
}

@test "what threads tell of is on the disk" {
	run "$program" observe-threads "$shim"
	assert_success
	assert_output '120 told, 0 not on the disk'
}

@test "no descriptor is left, and the file system can be unmounted by a child" {
	mkdir "$out/mounted"
	truncate -s 8M "$out/small"
	mkfs.ext4 -q "$out/small"
	mount -o loop "$out/small" "$out/mounted"
	late python3 -c '
import os, subprocess, sys
fd = os.open(sys.argv[1] + "/file", os.O_WRONLY | os.O_CREAT)
os.write(fd, b"text")
os.fsync(fd)
os.close(fd)
held = os.listdir("/proc/self/fd")
status = subprocess.call(["umount", sys.argv[1]])
left = os.listdir("/proc/self/fd")
open(sys.argv[2], "w").write("%d %d %d\n" % (status, len(held), len(left)))
' "$out/mounted" "$out/told" || { umount "$out/mounted"; return 1; }
	read -r status held left <"$out/told"
	[ "$status" -eq 0 ] || umount "$out/mounted"
	assert_equal "$status" 0
	[ "$held" -eq $((left + 1)) ]
	[ "$(late_count noted)" -ge 1 ]
}

@test "on other file systems every sync is native" {
	mkdir "$out/mounted"
	mount -t tmpfs late "$out/mounted"
	(cd "$out/mounted" && late "$program" write 5) || { umount "$out/mounted"; return 1; }
	umount "$out/mounted"
	assert_equal "$(late_count noted)" 0
	late "$program" write 5
	assert_equal "$(late_count noted)" 6
}

@test "with the setting 0 every sync is native" {
	need strace
	RINGSHIM_RISK_SYNC_AT_EXIT=0 traced "$out/calls" "$program" write 5
	assert_equal "$(calls_of "$out/calls" syncfs)" 0
	[ "$(calls_of "$out/calls" fsync io_uring_enter)" -ge 6 ]
	RINGSHIM_RISK_SYNC_AT_EXIT=1 traced "$out/calls" "$program" write 5
	assert_equal "$(calls_of "$out/calls" syncfs)" 1
	assert_equal "$(calls_of "$out/calls" fsync io_uring_enter)" 0
}

# cut_power: ends the disk, whatever it has not flushed, and starts it anew from its image.
cut_power() {
	local pid
	pid=$(cat "$base/pid")
	kill -9 "$pid"
	wait "$pid" 2>/dev/null || true
	for _ in $(seq 500); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.01
	done
	umount "$disk" 2>/dev/null || umount -l "$disk"
	losetup -d "$(cat "$base/loop")" || true
	umount -l "$base/fuse"
	start_volatile_disk 1000 && mount_volatile_disk
}

@test "every file is whole when the power is cut once the program has ended with 0" {
	local whole=0 i
	cd /
	for ((i = 0; i < ${CRASHES:-20}; i++)); do
		rm -rf "$disk/work"
		mkdir "$disk/work"
		(cd "$disk/work" && late "$program" write 25)
		cut_power
		(cd "$disk/work" && "$program" check 25) >"$out/checked" || fail "$(cat "$out/checked")" || return
		whole=$((whole + 1))
	done
	echo "# $whole of ${CRASHES:-20}" >&3
	[ $whole -ge 1 ]
}
