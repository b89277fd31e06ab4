#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Syncing ahead: files are on the disk before the program's fsync of them returns, and most of them
# without a sync of its own. The disk forgets what was not flushed; see ahead-sync.bash.

# shellcheck disable=SC2154  # the names that disk_names and make check set
load ../lib/common.bash
load ahead-sync.bash

program=$top/tests/shim/ahead-sync

setup_file() {
	begin_volatile_disk
}

teardown_file() {
	remove_volatile_disk
}

setup() {
	enter_disk
	need_io_uring
}

# run_ahead SCENARIO SETTING: its exit status. A commit that should not be can be that of another
# file, whose early sync is late on a busy machine; then again, up to two times. Not if data is missing.
run_ahead() {
	local try status
	for try in 1 2 3; do
		rm -rf "$disk/work" "$out/stats"
		mkdir "$disk/work"
		cd "$disk/work" || return
		status=0
		syncing "$2" "$program" "$1" >"$out/ahead" 2>&1 || status=$?
		grep -q 'was not committed' "$out/ahead" && ! grep -q 'not on the disk' "$out/ahead" || break
		sleep $try
	done
	return $status
}

# same SCENARIO [SETTING]: prints the same as natively, and ends in the same way.
same() {
	local native=0 ahead=0
	"$program" "$1" >"$out/native" 2>&1 || native=$?
	run_ahead "$1" "${2:-sync}" || ahead=$?
	[ -e "$out/stats" ] || : >"$out/stats"
	diff "$out/native" "$out/ahead" || fail "$1: another output" || return
	assert_equal $ahead $native
	echo "# $1: $(awk -F'\t' '$3 == "ahead" { n[$4] += $6 } END { for (k in n) printf "%s %d, ", k, n[k] }' \
		"$out/stats")" >&3
}

# durable SCENARIO [SETTING]: and each file whose sync returned 0 is on the disk.
durable() {
	same "$@"
	! grep -E 'not on the disk|not committed' "$out/ahead"
}

# none_proved: the program made each sync itself.
none_proved() {
	assert_equal "$(sync_count proved)" 0
}

@test "files that were written and closed are answered from proof, and on the disk" {
	durable written
	[ "$(sync_count proved)" -ge 5 ]
	[ "$(sync_count synced)" -ge 5 ]
}

@test "fdatasync is answered as well" {
	durable data
	[ "$(sync_count proved)" -ge 5 ]
}

@test "files of others that the program announces are answered from proof" {
	durable announced
	[ "$(sync_count proved)" -ge 5 ]
}

@test "files that are renamed after their sync are answered from proof" {
	durable renamed
	[ "$(sync_count proved)" -ge 5 ]
}

@test "after a change of names nothing is proved, with the value ordered" {
	durable renamed sync,ordered
	[ "$(sync_count proved)" -le 1 ]
	[ "$(sync_count renamed)" -ge 1 ]
}

@test "files that another process changes in any way are synced again" {
	durable changed
	none_proved
}

@test "so are files that are changed when the program has opened them" {
	durable changed-when-open
	none_proved
}

@test "a write that is under way when the file is synced early is on the disk" {
	durable under-way
	[ "$(sync_count refused)" -ge 1 ]
}

@test "a description that is older than an error reports it" {
	same older
	grep -q '^f3: Input/output error' "$out/ahead"
}

@test "so does one that took the number of a newer one" {
	same older-by-dup
	grep -q '^f3: Input/output error' "$out/ahead"
}

@test "an error of an early sync is reported once, by whatever name and process" {
	same failed
	[ "$(sync_count sync-errors)" -ge 1 ]
	[ "$(sync_count reported)" -ge 1 ]
}

@test "closed descriptors, directories and O_PATH get the native answer" {
	same bad-descriptors
	none_proved
}

@test "a sync is a cancellation point" {
	durable cancelled
	grep -q '^cancelled' "$out/ahead"
}

@test "children sync by themselves" {
	durable forked
	[ "$(sync_count proved)" -ge 5 ]
}

@test "a write lease of the program is not broken" {
	same leased
	grep -q '^lease kept' "$out/ahead"
}

@test "a program that syncs by the descriptor it writes by makes no call more" {
	same by-writer
	assert_equal "$(sync_count '*')" 0
}

# The program's own calls, without its syncs and those of its checks.
calls_in_order() {
	awk -v pid="$(head -n 1 "$1" | cut -d ' ' -f 1)" '$1 == pid' "$1" |
		grep -oE '(openat\(AT_FDCWD, "f|rename\("|close\(|pwrite64\().*' | grep -v 'close' |
		sed 's/ = .*//'
}

@test "renames, opens and writes are the program's own, in its order" {
	need strace
	strace -f -s 8 -e trace=openat,rename,pwrite64 -o "$out/trace.native" "$program" renamed >/dev/null
	rm -rf "$disk/work"
	mkdir "$disk/work"
	cd "$disk/work"
	RINGSHIM_AHEAD=sync strace -f -s 8 -e trace=openat,rename,pwrite64 -o "$out/trace.ahead" \
		-E LD_PRELOAD="$shim" "$program" renamed >/dev/null
	calls_in_order "$out/trace.native" >"$out/native"
	calls_in_order "$out/trace.ahead" >"$out/ahead"
	[ "$(grep -c rename "$out/native")" -eq 13 ]
	diff "$out/native" "$out/ahead"
}

@test "nothing is proved on overlay, nor on tmpfs" {
	mkdir "$disk/work/"{lower,upper,work,mounted}
	mount -t overlay -o "lowerdir=$disk/work/lower,upperdir=$disk/work/upper,workdir=$disk/work/work" \
		sync "$disk/work/mounted" || skip 'overlay cannot be mounted here'
	(cd mounted && syncing sync "$program" unchecked) || { umount "$disk/work/mounted"; return 1; }
	umount "$disk/work/mounted"
	none_proved
	mount -t tmpfs sync "$disk/work/mounted"
	(cd mounted && syncing sync "$program" unchecked) || { umount "$disk/work/mounted"; return 1; }
	umount "$disk/work/mounted"
	none_proved
	# The same program has proofs where there are any.
	syncing sync "$program" unchecked
	[ "$(sync_count proved)" -ge 5 ]
}

# unchecked_on MKFS...: runs the scenario on a file system of its own.
unchecked_on() {
	local status=0
	truncate -s 320M "$out/image"
	make_file_system "$@" "$out/image"
	mkdir "$out/mounted"
	mount -o loop "$out/image" "$out/mounted" || skip "$1: cannot be mounted here"
	(cd "$out/mounted" && syncing sync "$program" unchecked) || status=$?
	umount "$out/mounted"
	return $status
}

@test "nothing is proved on ext4 whose times are whole seconds" {
	unchecked_on mkfs.ext4 -q -I 128
	none_proved
	[ "$(sync_count refused)" -ge 5 ]
}

@test "files on xfs are answered from proof" {
	need mkfs.xfs
	unchecked_on mkfs.xfs -q
	[ "$(sync_count proved)" -ge 5 ]
}

@test "files on btrfs are answered from proof" {
	need mkfs.btrfs
	unchecked_on mkfs.btrfs -q
	[ "$(sync_count proved)" -ge 5 ]
}

@test "the value is refused with a word that does not exist, and needs no other" {
	run "$top/ringshim" run --ahead=sync,orderly -- true
	assert_equal "$status" 2
	run "$top/ringshim" run --ahead=sync,ordered -- true
	assert_equal "$status" 0
}

# all_calls SETTING COMMAND...: prints how many system calls the command makes under the library.
all_calls() {
	RINGSHIM_ROUTE=auto RINGSHIM_AHEAD=$1 traced "$out/traced" "${@:2}" >/dev/null || return
	awk '$1 != "total" { n += $2 } END { print n }' "$out/traced"
}

@test "sqlite makes not one system call more for its transactions" {
	need sqlite3 strace
	for i in $(seq 40); do
		echo "BEGIN; INSERT INTO t VALUES ($i); COMMIT;"
	done >"$out/script"
	start_off=$(all_calls 0 true)
	start_on=$(all_calls sync true)
	for setting in 0 sync; do
		rm -f base*
		sqlite3 base 'CREATE TABLE t (i);'
		all_calls $setting sqlite3 base ".read $out/script" >"$out/calls.$setting"
		[ "$(calls_of "$out/traced" fsync fdatasync)" -ge 80 ]
	done
	echo "# $(cat "$out/calls.0") and $(cat "$out/calls.sync") calls; a start $start_off and $start_on" >&3
	[ $(($(cat "$out/calls.sync") - $(cat "$out/calls.0"))) -le $((start_on - start_off)) ]
	syncing sync sqlite3 base ".read $out/script"
	assert_equal "$(sync_count '*')" 0
}

# appended: redis answers 60 writes, each of which it has synced.
appended() {
	local port
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	rm -rf data
	mkdir data
	syncing sync redis-server --port "$port" --bind 127.0.0.1 --dir "$PWD/data" --appendonly yes \
		--appendfsync always --save '' --daemonize no >"$out/redis" 2>&1 3>&- &
	server=$!
	for _ in $(seq 100); do
		redis-cli -p "$port" ping 2>/dev/null | grep -q PONG && break
		sleep 0.1
	done
	for i in $(seq 60); do echo "SET k$i v"; done | redis-cli -p "$port" >"$out/answers"
	redis-cli -p "$port" shutdown nosave
	wait $server || true
	[ "$(grep -c OK "$out/answers")" -eq 60 ]
}

@test "redis with appendfsync always syncs by itself, and nothing early" {
	need redis-server redis-cli
	appended
	[ "$(calls_counted "$out/stats" 'fsync fdatasync' direct)" -ge 60 ]
	assert_equal "$(sync_count '*')" 0
}
