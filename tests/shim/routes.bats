#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The effects of the settings of routes, rings and timeouts on calls.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	head -c 4096 /dev/zero >data
}

@test "RINGSHIM_TIMEOUT ends calls that would wait for ever, as native timeouts do" {
	RINGSHIM_TIMEOUT=all=60ms RINGSHIM_CALLS=default,poll run with_shim timeout 300 "$top/tests/shim/timeout-setting"
	assert_success
	assert_output - <<'END'
read(ends[0], much, 1) = -1 EAGAIN
recv(pair[0], much, 1, 0) = -1 EAGAIN
accept(silent, NULL, NULL) = -1 EAGAIN
write(ends[1], much, 1 << 20) = 65536
write(ends[1], much, 1 << 20) = -1 EAGAIN
poll(&ready, 1, -1) = 0
connected() = 0
connected() = -1 EINPROGRESS
END
}

@test "a time limit on one call does not limit another call" {
	RINGSHIM_TIMEOUT=recv=60ms run env LD_PRELOAD="$shim" timeout 1 "$top/tests/shim/timeout-setting"
	assert_equal "$status" 124
}

@test "auto goes direct where calls do not wait, and takes the ring where they do" {
	RINGSHIM_ROUTE=auto RINGSHIM_STATS=$PWD/stats with_shim \
		dd if=/dev/zero of=file bs=4k count=2000 status=none
	# The first writes went direct before auto looked at the file, so the position counts as
	# shared.
	[ "$(calls_counted stats write direct shared-position)" -gt 1900 ]
	[ "$(calls_counted stats read direct detour)" -gt 1900 ]
	[ "$(stat -c %s file)" -eq 8192000 ]
	rm stats
	RINGSHIM_ROUTE=auto RINGSHIM_STATS=$PWD/stats with_shim "$top/tests/shim/timeout-setting" loop 10000 data
	[ "$(calls_counted stats pread direct detour)" -gt 9900 ]
	[ "$(calls_counted stats pread ring -)" -ge 1 ]
	rm stats
	# A reader that waits for each line.
	for i in $(seq 20); do echo "$i"; sleep 0.02; done |
		RINGSHIM_ROUTE=auto RINGSHIM_STATS=$PWD/stats with_shim cat >out
	[ "$(wc -l <out)" -eq 20 ]
	[ "$(calls_counted stats read ring -)" -ge 15 ]
	rm stats
	# Only a ring can keep a time limit, at a file's position too.
	RINGSHIM_ROUTE=auto RINGSHIM_TIMEOUT=read=60s RINGSHIM_STATS=$PWD/stats with_shim \
		cat file | cmp - file
	assert_equal "$(calls_counted stats read direct)" 0
	[ "$(calls_counted stats read ring -)" -ge 10 ]
}

@test "auto goes direct after a hundred calls, for each call and file system" {
	local dir call
	for dir in "$BATS_TEST_TMPDIR" /dev/shm; do
		RINGSHIM_ROUTE=auto RINGSHIM_STATS=$PWD/stats with_shim \
			"$top/tests/shim/auto-detours" files "$dir/ringshim-detours"
	done
	RINGSHIM_ROUTE=auto RINGSHIM_STATS=$PWD/stats with_shim "$top/tests/shim/auto-detours" others
	cat stats
	for call in read write pread pwrite readv writev preadv pwritev preadv2 pwritev2 \
		fsync fdatasync sync_file_range send recv sendmsg recvmsg; do
		# A thousand calls each. The first hundred can take the ring, and an occasional
		# later one.
		[ "$(calls_counted stats $call direct)" -ge 900 ] || fail "$call: too few were direct"
		[ "$(calls_counted stats $call ring)" -le 100 ] || fail "$call: too many took the ring"
	done
}

@test "auto creates no io-wq worker for reads of tmpfs" {
	RINGSHIM_ROUTE=auto run with_shim "$top/tests/shim/auto-detours" files /dev/shm/ringshim-detours
	assert_output 'threads 1'
	RINGSHIM_ROUTE=ring run with_shim "$top/tests/shim/auto-detours" files /dev/shm/ringshim-detours
	refute_output 'threads 1'
}

@test "reads of devices that never wait never end with EINTR" {
	"$top/tests/shim/auto-detours" devices >native
	for route in ring auto direct; do
		RINGSHIM_ROUTE=$route RINGSHIM_STATS=$PWD/stats with_shim "$top/tests/shim/auto-detours" devices >shim
		diff native shim
	done
	cat native
	[ "$(calls_counted stats read ring -)" -ge 1000 ]
}

@test "auto creates no io-wq worker for writes and fsync" {
	RINGSHIM_ROUTE=auto strace -f -qq -o trace -e trace=io_uring_enter,write -E LD_PRELOAD="$shim" \
		dd if=/dev/zero of=file bs=4k count=10 conv=fsync status=none
	# An io-wq worker would appear with a thread id of its own.
	[ "$(awk '{ print $1 }' trace | sort -u | wc -l)" -eq 1 ]
	[ "$(grep -c 'write(1,' trace)" -eq 10 ]
}

@test "with sqpoll, a thousand reads take less than one system call" {
	[ "$(nproc)" -ge 2 ] || skip 'one processor: the polling thread needs another'
	RINGSHIM_RING=sqpoll RINGSHIM_STATS=$PWD/stats with_shim \
		"$top/tests/shim/timeout-setting" loop 10000 data >out
	assert_equal "$(cat out)" 5120000
	[ "$(calls_counted stats pread ring -)" -eq 10000 ]
	# A busy machine keeps the polling thread waiting: takes the best of many runs, and comes first
	# where that is allowed.
	first=()
	! chrt -f 1 true 2>/dev/null || first=(chrt -f 1)
	least=10000
	for try in $(seq 40); do
		"${first[@]}" strace -f -qq -c -U name,calls -o counts -E RINGSHIM_RING=sqpoll \
			-E LD_PRELOAD="$shim" "$top/tests/shim/timeout-setting" loop 10000 data >/dev/null
		calls=$(($(calls_of counts io_uring_enter) + $(calls_of counts pread64)))
		[ "$calls" -ge "$least" ] || least=$calls
		[ "$least" -ge 10 ] || break
	done
	echo "# $least system calls for 10000 reads, try $try" >&3
	[ "$least" -lt 10 ]
}

@test "with sqpoll, each message goes once despite signals and a queue of two entries" {
	assert_equal "$("$top/tests/shim/sqpoll-once")" '0 of 300 wrong'
	run timeout -s KILL 120 env LD_PRELOAD="$shim" RINGSHIM_RING=sqpoll,entries=2 \
		RINGSHIM_STATS="$PWD/stats" "$top/tests/shim/sqpoll-once"
	assert_output '0 of 300 wrong'
	[ "$(calls_counted stats send ring -)" -eq 300 ]
}

@test "all rings share one SQPOLL thread, and a change of credentials ends its use" {
	strace -f -qq -v -o trace -e trace=io_uring_setup,setgid -E RINGSHIM_RING=sqpoll -E LD_PRELOAD="$shim" \
		"$top/tests/shim/timeout-setting" credentials data >out
	assert_equal "$(sort -u out)" 5120
	cat trace
	[ "$(grep -c 'io_uring_setup.*IORING_SETUP_SQPOLL' trace)" -eq 1 ]
	# The ring that is made after setgid has no polling thread.
	sed -n '/setgid/,$p' trace | grep -q 'io_uring_setup'
	run sed -n '/setgid/,$p' trace
	refute_output --partial IORING_SETUP_SQPOLL
}
