#!/usr/bin/env bats
# Timeouts, accounts, high descriptors, and races in the shim's own code.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "a socket timeout of 50 ms ends each call with the native error, and not before" {
	"$top/tests/shim/timeouts" >native 2>times.native
	with_shim "$top/tests/shim/timeouts" >shim 2>times
	cat native
	diff native shim
	[ "$(grep -c 'temporarily unavailable' shim)" -eq 8 ]
	# How late is for people to see: a machine may be busy.
	sed 's/^/# /' times >&3
}

@test "the ring waits in them: no native call is left" {
	strace -f -qq -c -U name,calls -o counts -E LD_PRELOAD="$shim" "$top/tests/shim/timeouts" >out 2>/dev/null || true
	for call in recvfrom recvmsg accept; do
		[ "$(calls_of counts $call)" -eq 0 ]
	done
	[ "$(calls_of counts io_uring_enter)" -ge 7 ]
}

# Of the operations that a trace shows, each with close(100) after it, how many
# were not asked for at the workers, and then let go of, before that.
held_in() {
	operation_re=$operation_re awk '
		$0 ~ ENVIRON["operation_re"] { held = "operation"; n++ }
		/io_uring_register.*(0x80000018|SYNC_CANCEL)/ && held { held = "asked" }
		/io_uring_enter\([0-9]+, 0, 0, IORING_ENTER_GETEVENTS/ && held == "asked" { held = "" }
		/close\(100\)/ && held { bad++; held = "" }
		END { print n + 0, "operations,", bad + 0, "held" }' "$1"
}

@test "what a kernel worker ran is let go of before its descriptor is closed" {
	local how
	needs_kernel 6.3 'cannot be asked what a worker has in its hands'
	for how in alone threads; do
		strace -f -qq -o "trace.$how" -e trace=io_uring_enter,io_uring_register,close \
			-E LD_PRELOAD="$shim" -E RINGSHIM_ROUTE=ring "$top/tests/shim/workers" "$how"
		cat "trace.$how"
		run held_in "trace.$how"
		assert_output '3 operations, 0 held'
	done
}

# The counts of a statistics file: counted FILE CALL ROUTE
counted() {
	awk -F'\t' -v call="$2" -v route="$3" '
		(call == "*" || $3 == call) && $4 == route { n += $6 } END { print n + 0 }' "$1"
}

@test "the statistics agree with strace, call by call" {
	strace -f -qq -o trace -E LD_PRELOAD="$shim" -E RINGSHIM_STATS="$PWD/stats" \
		"$top/tests/shim/six-calls" file 2>/dev/null
	cat stats
	[ "$(counted stats '*' ring)" -eq "$(operations_in trace)" ]
	# What went direct is there natively; the loader's and stdio's calls besides.
	direct=$(grep -c 'read([0-9]*, 0x.*EBADF' trace)
	[ "$(counted stats read direct)" -eq "$direct" ]
	for call in pread fsync fdatasync accept accept4 connect write; do
		[ "$(counted stats $call direct)" -eq 0 ]
	done
}

@test "each call is counted once, with its reason" {
	head -c 1000000 /dev/zero >data
	RINGSHIM_STATS=$PWD/stats with_shim dd if=data of=copy bs=1000 status=none
	cat stats
	reads=$(counted stats read ring)
	[ "$reads" -ge 1000 ] && [ "$reads" -le 1002 ]
	[ "$(counted stats write ring)" -eq 0 ] || [ "$(counted stats write ring)" -eq 1000 ]
	[ "$(($(counted stats write ring) + $(counted stats write direct)))" -eq 1000 ]
	RINGSHIM_STATS=$PWD/off RINGSHIM_ROUTE=direct with_shim dd if=data of=copy bs=1000 status=none
	[ "$(counted off '*' ring)" -eq 0 ]
	run awk -F'\t' '$5 != "setting"' off
	assert_output ''
}

@test "threads that are cancelled in the middle of reads leave the file position free" {
	run "$top/tests/shim/asynchronous" native-file
	assert_success
	native=$output
	RINGSHIM_STATS=$PWD/stats run with_shim "$top/tests/shim/asynchronous" file
	assert_success
	assert_output "$native"
	[ "$(counted stats pread ring)" -ge 1000 ]
}

@test "descriptors up to the hard limit" {
	run "$top/tests/shim/descriptors"
	native=$output
	run with_shim "$top/tests/shim/descriptors"
	assert_success
	assert_output "$native"
	refute_output --partial WRONG
	assert_output --partial little
}

@test "ThreadSanitizer finds no race in the layers below the calls" {
	sources=$abs_top_srcdir
	$CC -fsanitize=thread -x c -o probe - <<<'int main(void) { return 0; }' 2>/dev/null && ./probe ||
		skip "the compiler has no ThreadSanitizer"
	# Atomic accesses in signal_fence order are for one thread's handlers.
	$CC -std=gnu11 -O1 -g -fsanitize=thread -Wno-tsan -pthread -D_GNU_SOURCE -U_FORTIFY_SOURCE -DSYSCONFDIR='"/etc"' \
		-I"$sources/src" -I"$top/src" -I"$top/src/uring" -I"$sources/src/uring" -o races \
		"$sources"/tests/shim/races.c \
		"$sources"/src/shim/start.c "$sources"/src/shim/{base,symbols,config,ring,fd,queue,op,route}/*.c \
		"$sources"/src/uring/*.c 2>errors || {
		cat errors
		return 1
	}
	run timeout 120 ./races
	assert_success
	assert_output --partial 'wrong results 0, increments lost 0'
}
