#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The differential test: every call on every kind of descriptor must have exactly the same outcome
# natively and under the shim.  To look at one case that differs:   LD_PRELOAD=.libs/libringshim.so
# strace -f tests/differential/differential --kind K --call C --case A

load ../lib/common.bash

differential=$top/tests/differential/differential
faulty=$top/tests/differential/.libs/faulty.so

setup_file() {
	export TMPDIR=$BATS_FILE_TMPDIR
	timeout 900 "$differential" >"$BATS_FILE_TMPDIR/native"
}

# Runs a command and writes the outcomes that it prints to a file.
outcomes() { # output file, then the command
	local to=$1
	shift
	timeout 900 "$@" >"$to" ||
		fail "status $? of $*, after $(wc -l <"$to") lines, the last of them: $(tail -n 1 "$to")"
}

require_shim() {
	[ -e "$shim" ] || fail "there is no $shim: make builds it"
}

# A documented limit (doc/semantics.md): calls at an offset on a descriptor that inline system calls
# closed, unseen, and reused for another kind of file.
at_offset_unseen='^[^ ]*>asm-[^ ]* [^ ]*(pread|pwrite)'

# Natively, a recvmmsg that fails midway leaves the error on the socket.
without_left() {
	sed '/ recvmmsg second-bad /s/ so_error=EFAULT//'
}

# Compares the outcomes with the native ones and prints the differing cases. Only native outcomes
# that match the first pattern and not the second count.
assert_same() { # output file [pattern [but not]]
	local pattern=${2:-.} not=${3:-^$}
	run diff <(grep -E "$pattern" "$BATS_FILE_TMPDIR/native" | grep -Ev "$not" | without_left) \
		<(grep -Ev "$not" "$1" | without_left)
	[ "$status" -eq 0 ] && return
	echo "$(grep -c '^[<>]' <<<"$output") lines differ (< native, > under the shim), the first of them:"
	head -n 60 <<<"$output" | cut -c 1-300
	return 1
}

# Prints the number of io_uring_enter calls that a command makes.
ring_entries() {
	local counts=$BATS_TEST_TMPDIR/strace
	timeout 300 strace -f -c -e trace=io_uring_enter -o "$counts" "$@" >/dev/null
	awk '$NF == "io_uring_enter" { n = $4 } END { print n + 0 }' "$counts"
}

@test "the native run has at least 600 cases, each with an outcome" {
	local native=$BATS_FILE_TMPDIR/native
	run -0 grep -vc '^kind ' "$native"
	echo "# $output cases on $(cut -d' ' -f1 "$native" | sort -u | wc -l) kinds" >&3
	grep '^kind ' "$native" | sed 's/^/# not here: /' >&3 || true
	assert [ "$output" -ge 600 ]
	run grep -E ' = (TIMEOUT|CRASH|SKIPPED|unmade)' "$native"
	assert_failure
}

@test "every case has a name of its own" {
	run -0 "$differential" --list
	run sort <(uniq -d <(sort <<<"$output"))
	assert_output ''
}

@test "two native runs have the same outcomes" {
	outcomes "$BATS_TEST_TMPDIR/again" "$differential"
	assert_same "$BATS_TEST_TMPDIR/again"
}

@test "the differential test finds each fault of a faulty preload library" {
	local line found=$BATS_TEST_TMPDIR/found
	local kinds='@(pipe-r-empty-nb|unix-stream-peer-closed|disk-rw|unix-stream|unix-listener)'
	outcomes "$found" env LD_PRELOAD="$faulty" "$differential" --timeout 1 --kind "$kinds"
	for line in \
		'pipe-r-empty-nb read normal = TIMEOUT' \
		'unix-stream-peer-closed send normal = -1 EPIPE$' \
		'disk-rw pread off-minus-1 = 64 ' \
		'disk-rw pwrite normal = 64 pos=264 ' \
		'unix-stream write bulk = 65536 ' \
		'disk-rw fdatasync normal = 0 errno-touched=EAGAIN ' \
		'unix-listener accept4 nonblock = fd flags=02 '; do
		run -0 grep -E "^$line" "$found"
		run -1 grep -E "^$line" "$BATS_FILE_TMPDIR/native"
	done
	run -0 env LD_PRELOAD="$faulty" "$differential" --kind unix-stream --call sendmsg --case msg-unmapped
	assert_output 'unix-stream sendmsg msg-unmapped = CRASH (signal 11)'
}

@test "under the shim, every case has its native outcome" {
	require_shim
	outcomes "$BATS_TEST_TMPDIR/shim" env LD_PRELOAD="$shim" "$differential"
	assert_same "$BATS_TEST_TMPDIR/shim" . "$at_offset_unseen"
}

@test "RINGSHIM_CHECK_DESCRIPTORS notices descriptors that were reused by inline system calls" {
	require_shim
	outcomes "$BATS_TEST_TMPDIR/shim" env LD_PRELOAD="$shim" RINGSHIM_CHECK_DESCRIPTORS=1 \
		"$differential" --kind '*>asm-*'
	assert_same "$BATS_TEST_TMPDIR/shim" '^[^ ]*>asm-'
}

@test "with each call in a thread of its own, ordinary cases have their native outcome" {
	require_shim
	outcomes "$BATS_TEST_TMPDIR/shim" env LD_PRELOAD="$shim" "$differential" --threads --case normal
	assert_same "$BATS_TEST_TMPDIR/shim" '^[^ ]* [^ ]* normal |^kind ' "$at_offset_unseen"
}

@test "with RINGSHIM_ROUTE=direct, ordinary cases have their native outcome" {
	require_shim
	outcomes "$BATS_TEST_TMPDIR/shim" env LD_PRELOAD="$shim" RINGSHIM_ROUTE=direct \
		"$differential" --case normal
	assert_same "$BATS_TEST_TMPDIR/shim" '^[^ ]* [^ ]* normal |^kind '
}

@test "the cases use the ring under the shim and not natively" {
	local kinds='@(memfd|disk-rdonly|pipe-r-data|pipe-w|unix-stream-data|tcp-data|udp|unix-listener)'
	local cases entries
	require_shim
	need strace
	need_io_uring
	cases=$("$differential" --list --kind "$kinds" | wc -l)
	run -0 ring_entries "$differential" --kind "$kinds"
	assert_output 0
	entries=$(ring_entries env LD_PRELOAD="$shim" "$differential" --kind "$kinds")
	echo "# $entries io_uring_enter in $cases cases" >&3
	assert [ "$entries" -ge $((cases / 3)) ]
}
