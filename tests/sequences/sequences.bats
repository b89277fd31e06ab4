#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Random sequences of calls do the same natively and by each route.
#
# SEQUENCES_FIRST and SEQUENCES_COUNT choose other seeds. A sequence that differs is cut down by
# tests/sequences/shrink SEED LD_PRELOAD=.libs/libringshim.so [VARIABLE=VALUE...]; append its output
# to tests/sequences/kept, which every run tries.

load ../lib/common.bash

here=$abs_top_srcdir/tests/sequences
sequences=$top/tests/sequences/sequences
faulty=$top/tests/differential/.libs/faulty.so
first=${SEQUENCES_FIRST:-1}
count=${SEQUENCES_COUNT:-500}

# Prints the variables of each way of running the sequences, one word each.
variables_of() {
	case $1 in
	native | again) ;;
	faulty) echo "LD_PRELOAD=$faulty" ;;
	*) echo "LD_PRELOAD=$shim" "RINGSHIM_STATS=$BATS_FILE_TMPDIR/$1.stats" ;;
	esac
	case $1 in
	auto | direct) echo "RINGSHIM_ROUTE=$1" ;;
	all) echo RINGSHIM_CALLS=all ;;
	sqpoll) echo RINGSHIM_CALLS=all RINGSHIM_RING=sqpoll ;;
	esac
}

# run_way WAY NAME ARGUMENTS...: writes the output to NAME, and the exit status to NAME.status.
run_way() {
	local to=$BATS_FILE_TMPDIR/$2 way=$1 status=0
	shift 2
	# shellcheck disable=SC2046
	timeout 300 env TMPDIR="$BATS_FILE_TMPDIR" $(variables_of "$way") "$sequences" "$@" >"$to" \
		2>"$to.err" 3>&- || status=$?
	echo "$status" >"$to.status"
}

# All ways run at once, because most of the time passes in waits.
setup_file() {
	local way
	for way in native again ring auto direct all sqpoll; do
		run_way $way $way "$first" "$count" &
		run_way $way $way.kept --replay "$here/kept" &
	done
	run_way faulty faulty "$first" 40 &
	wait
}

# Checks that the run came to its end and did the same as the native one.
same() { # WAY
	local name
	for name in "$1" "$1.kept"; do
		[ "$(cat "$BATS_FILE_TMPDIR/$name.status")" = 0 ] ||
			fail "$name: status $(cat "$BATS_FILE_TMPDIR/$name.status"), $(tail -n 1 "$BATS_FILE_TMPDIR/$name")"
		[ "$name" = "$1" ] || [ -s "$BATS_FILE_TMPDIR/$name" ] || continue
		run "$here/differences" "$BATS_FILE_TMPDIR/native${name#"$1"}" "$BATS_FILE_TMPDIR/$name"
		[ "$status" -eq 0 ] && continue
		grep -c '^sequence' <<<"$output"
		head -n 60 <<<"$output" | cut -c 1-400
		return 1
	done
}

@test "two native runs do the same, and more than half of the steps succeed" {
	same again
	local native=$BATS_FILE_TMPDIR/native
	[ "$(grep -c '^sequence' "$native")" -eq "$count" ]
	echo "# $(grep -c '^[0-9]' "$native") steps, $(grep -c ' = -1 ' "$native") of them fail," \
		"$(grep -c ' EINTR' "$native") are interrupted," \
		"$(grep -c ' fed=\| drained=' "$native") helped on" >&3
	[ $(($(grep -c ' = -1 ' "$native") * 2)) -lt "$(grep -c '^[0-9]' "$native")" ]
}

@test "sequences do the same by ring as natively" {
	same ring
}

@test "sequences do the same with RINGSHIM_ROUTE=auto as natively" {
	same auto
}

@test "sequences do the same with RINGSHIM_ROUTE=direct as natively" {
	same direct
}

@test "sequences do the same with RINGSHIM_CALLS=all as natively" {
	same all
}

@test "sequences do the same with RINGSHIM_CALLS=all and RINGSHIM_RING=sqpoll as natively" {
	same sqpoll
}

@test "every call of the default families and most of the others take the ring" {
	need_kernel 6.16 'lacks some of the operations'
	need_io_uring
	all_took_ring "$BATS_FILE_TMPDIR/ring.stats" read write pread pwrite readv writev preadv pwritev \
		preadv2 pwritev2 fsync fdatasync sync_file_range accept accept4 connect send recv sendto \
		recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown
	all_took_ring "$BATS_FILE_TMPDIR/all.stats" open openat creat close stat lstat fstat statx unlink \
		rename mkdir symlink link ftruncate fallocate pipe2 socket bind listen splice tee poll \
		select epoll_wait
	[ "$(calls_counted "$BATS_FILE_TMPDIR/direct.stats" '*' ring)" -eq 0 ]
}

@test "a faulty preload library is found, and its sequence is cut down to a few steps" {
	local seed shorter=$BATS_TEST_TMPDIR/shorter
	run -1 "$here/differences" <(run_way native few "$first" 40; cat "$BATS_FILE_TMPDIR/few") \
		"$BATS_FILE_TMPDIR/faulty"
	[ "$(grep -c '^sequence' <<<"$output")" -ge 3 ]
	seed=$(awk '/^sequence/ { print $2; exit }' <<<"$output")
	SEQUENCES=$sequences TMPDIR=$BATS_TEST_TMPDIR "$here/shrink" "$seed" LD_PRELOAD="$faulty" >"$shorter"
	sed 's/^/# /' "$shorter" >&3
	[ "$(wc -l <"$shorter")" -le 8 ]
}

@test "text that is not a sequence is refused" {
	echo 'read slot=99' >"$BATS_TEST_TMPDIR/text"
	TMPDIR=$BATS_TEST_TMPDIR run -1 "$sequences" --replay "$BATS_TEST_TMPDIR/text"
	assert_output --partial 'not understood: read slot=99'
	run -2 "$sequences"
}
