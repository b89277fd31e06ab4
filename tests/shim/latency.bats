#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# RINGSHIM_STATS_HISTOGRAMS counts each call once, by how long it took. Times are only compared with
# bounds that the program's own waits set: no call is ever too slow for a test.

load ../lib/common.bash

# The records go to a directory of the test's own, in memory.
setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	XDG_RUNTIME_DIR=$(mktemp -d -p /dev/shm)
	export XDG_RUNTIME_DIR RINGSHIM_STATS_HISTOGRAMS=1
	records=$XDG_RUNTIME_DIR/ringshim
}

teardown() {
	rm -rf "$XDG_RUNTIME_DIR"
}

# each_in_one_bucket FILE: of each call of a statistics file, as many are in its buckets as were
# counted, and there is a longest one, which lies in the last bucket that is not empty.
each_in_one_bucket() {
	awk -F'\t' '
		$4 == "ring" || $4 == "direct" { calls[$3] += $6 }
		$4 == "latency" { timed[$3] += $6; if ($5 + 0 > last[$3]) last[$3] = $5 + 0 }
		$4 == "longest" && $6 > longest[$3] { longest[$3] = $6 }
		END {
			for (call in calls) {
				n++
				if (calls[call] == timed[call] && longest[call] >= last[call] &&
				    (longest[call] < 2 * last[call] || longest[call] < 2))
					continue
				print call, calls[call], "calls,", timed[call], "timed, longest",
					longest[call], "in", last[call]
				failed = 1
			}
			exit failed || !n
		}' "$1"
}

# took FILE CALL NS: prints how many calls took NS or longer, by the buckets that begin there.
took() {
	awk -F'\t' -v call="$2" -v ns="$3" '$3 == call && $4 == "latency" && $5 + 0 >= ns { n += $6 }
		END { print n + 0 }' "$1"
}

longest() {
	awk -F'\t' -v call="$2" '$3 == call && $4 == "longest" && $6 > n { n = $6 } END { print n + 0 }' "$1"
}

# Writes waits.py COUNT: reads that wait 20 ms or longer for another process, which answers that long
# after it has seen the reader asleep; and as many reads that need not wait.
write_waits() {
	cat >waits.py <<-'END'
		import os, sys, time
		count = int(sys.argv[1])
		reader = "/proc/%d/stat" % os.getpid()
		asked, ask = os.pipe()
		answer, answers = os.pipe()
		if not os.fork():
		    for _ in range(count):
		        os.read(asked, 1)
		        while open(reader).read().rsplit(")")[-1].split()[0] not in "SD": pass
		        time.sleep(0.02)
		        os.write(answers, b"12")
		    os._exit(0)
		for _ in range(count):
		    begin = time.monotonic_ns()
		    os.write(ask, b"x")
		    os.read(answer, 1)
		    print(time.monotonic_ns() - begin)
		    os.read(answer, 1)
		os.wait()
		print(os.getpid())
	END
}

# check_waits: the reads of the parent that waited took 16 ms or longer by their buckets, the others
# are counted too, and the longest is not longer than the program itself saw it, but for the
# difference of two clocks.
check_waits() {
	awk -F'\t' -v pid="$(tail -n 1 out)" '$1 == pid' counts >parent
	cat parent
	each_in_one_bucket parent
	[ "$(took parent read 16777216)" -ge 10 ]
	[ "$(longest parent read)" -ge 19000000 ]
	[ "$(($(longest parent read) * 95 / 100))" -le "$(sed '$d' out | sort -n | tail -n 1)" ]
}

@test "reads that wait 20 ms for an answer are counted as that long, by ring and direct" {
	need_io_uring
	write_waits
	for route in ring direct; do
		rm -f counts
		RINGSHIM_ROUTE=$route RINGSHIM_CALLS=read,write RINGSHIM_STATS=$PWD/counts \
			with_shim "$(python_program)" -S -E -I waits.py 10 >out
		[ "$(calls_counted counts read $route)" -ge 30 ]
		check_waits
	done
}

@test "a sleep is as long as it was to be, by ring and direct" {
	need_io_uring
	printf '#include <unistd.h>\nint main(void) { return usleep(30000); }\n' >nap.c
	$CC -o nap nap.c
	for route in ring direct; do
		rm -f counts
		RINGSHIM_CALLS=wait RINGSHIM_ROUTE=$route RINGSHIM_STATS=$PWD/counts with_shim ./nap
		cat counts
		each_in_one_bucket counts
		[ "$(calls_counted counts usleep $route)" -eq 1 ]
		[ "$(longest counts usleep)" -ge 29000000 ]
	done
}

@test "each call that is counted is in one bucket: every call of the tests, by each route" {
	for route in ring auto direct; do
		for calls in default all; do
			rm -f counts
			RINGSHIM_ROUTE=$route RINGSHIM_CALLS=$calls RINGSHIM_STATS=$PWD/counts \
				with_shim "$top/tests/shim/basic-calls" "file-$route-$calls" >out 2>&1
			echo "$route, $calls"
			each_in_one_bucket counts
		done
	done
}

@test "each call of programs is in one bucket, also of those that write after their end" {
	seq 3000 | shuf >data
	for calls in default all; do
		rm -f counts
		export RINGSHIM_CALLS=$calls RINGSHIM_STATS=$PWD/counts
		with_shim dd if=data of=copy bs=100 conv=fsync status=none
		with_shim sort -S 20k -T . data >out
		with_shim sh -c 'seq 1000 | grep 7 | wc -l; cat data; find . -name "*a*"' >out
		with_shim "$(python_program)" -c 'import subprocess, glob
print(len(subprocess.run(["cat", "data"], stdout=subprocess.PIPE).stdout), glob.glob("*"))' >out
		unset RINGSHIM_CALLS RINGSHIM_STATS
		each_in_one_bucket counts
	done
}

@test "syscall(2), streams and messages are timed as the functions are" {
	cat >work.c <<-'END'
		#define _GNU_SOURCE
		#include <fcntl.h>
		#include <stdio.h>
		#include <sys/socket.h>
		#include <sys/syscall.h>
		#include <sys/uio.h>
		#include <unistd.h>
		int main(void)
		{
			char c[64];
			int fd = open("data", O_RDONLY), pair[2];
			struct iovec iov = { c, 3 };
			struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
			struct mmsghdr many = { msg };
			FILE *file = fopen("data", "r");

			for (int i = 0; i < 5; i++)
				syscall(SYS_pread64, fd, c, 4, 0), syscall(SYS_read, fd, c, 1);
			while (fgets(c, sizeof(c), file))
				;
			fclose(file);
			socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
			syscall(SYS_sendmsg, pair[0], &msg, 0);
			syscall(SYS_recvmsg, pair[1], &msg, 0);
			syscall(SYS_sendmmsg, pair[0], &many, 1, 0);
			recvmmsg(pair[1], &many, 1, 0, NULL);
			sendmsg(pair[0], &msg, 0);
			recvmsg(pair[1], &msg, MSG_DONTWAIT);
			send(pair[0], c, 1, 0);
			recv(pair[1], c, 1, 0);
			read(-1, c, 1);
			puts("the end");
			return 0;
		}
	END
	$CC -w -o work work.c
	seq 5000 >data
	for route in ring direct; do
		rm -f counts
		RINGSHIM_ROUTE=$route RINGSHIM_CALLS=all RINGSHIM_STATS=$PWD/counts with_shim ./work >out
		echo "$route"
		[ "$(calls_counted counts sendmsg $route)" -eq 2 ]
		each_in_one_bucket counts
	done
}

@test "threads, forks, handlers and programs that are executed count each call once" {
	need_io_uring
	cat >work.py <<-'END'
		import os, signal, subprocess, threading, time
		fd = os.open("data", os.O_RDONLY)
		def look(count):
		    for _ in range(count): os.pread(fd, 10, 0)
		def handler(*_): look(1)
		signal.signal(signal.SIGALRM, handler)
		signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
		threads = [threading.Thread(target=look, args=(2000,)) for _ in range(4)]
		for thread in threads: thread.start()
		for thread in threads: thread.join()
		r, w = os.pipe()
		if not os.fork():
		    time.sleep(0.05)
		    look(20)
		    os.write(w, b"x")
		    os.execv("/bin/cat", ["cat", "data"])
		os.read(r, 1)
		signal.setitimer(signal.ITIMER_REAL, 0)
		os.wait()
		subprocess.run(["/bin/true"], check=True)
		look(1)
	END
	seq 100 >data
	for route in ring auto direct; do
		rm -f counts
		RINGSHIM_ROUTE=$route RINGSHIM_STATS=$PWD/counts RINGSHIM_CALLS=all \
			with_shim "$(python_program)" -S -E -I work.py >out
		echo "$route"
		[ "$(($(calls_counted counts pread ring) + $(calls_counted counts pread direct)))" -ge 8021 ]
		each_in_one_bucket counts
	done
}

@test "a handler's calls do not count as long as the call that it interrupts" {
	need_io_uring
	cat >work.c <<-'END'
		#include <fcntl.h>
		#include <signal.h>
		#include <sys/time.h>
		#include <unistd.h>
		static int fd;
		static void look(int sig)
		{
			char c;
			pread(fd, &c, 1, 0);
		}
		int main(void)
		{
			struct sigaction act = { .sa_handler = look };
			struct itimerval timer = { { 0 }, { 0, 300000 } };
			int ends[2];
			char c;
			fd = open("data", O_RDONLY);
			pread(fd, &c, 1, 0);
			sigaction(SIGALRM, &act, 0);
			pipe(ends);
			setitimer(ITIMER_REAL, &timer, 0);
			return read(ends[0], &c, 1) != -1;
		}
	END
	$CC -w -o work work.c
	seq 100 >data
	RINGSHIM_STATS=$PWD/counts RINGSHIM_CALLS=read,pread with_shim ./work
	cat counts
	each_in_one_bucket counts
	[ "$(calls_counted counts pread ring)" -eq 2 ]
	[ "$(calls_counted counts read interrupted)" -eq 1 ]
	[ "$(longest counts read)" -ge 100000000 ]
	[ "$(longest counts pread)" -lt "$(longest counts read)" ]
}

@test "what SIGKILL ends has its histograms in its record, and stat reads them as JSON" {
	need_io_uring
	need python3
	cat >work.py <<-'END'
		import os, time
		fd = os.open("data", os.O_RDONLY)
		for _ in range(321): os.pread(fd, 7, 0)
		open("ready", "w").write("x")
		time.sleep(60)
	END
	seq 100 >data
	env RINGSHIM_CALLS=pread RINGSHIM_STATS="$PWD/counts" LD_PRELOAD="$shim" "$(python_program)" \
		-S -E -I work.py &
	wait_for ready
	"$top/ringshim" stat --json $! >running
	kill -KILL $!
	wait $! || true
	"$top/ringshim" stat --json $! >ended
	[ -z "$(ls "$records")" ]
	"$top/ringshim" stat --json --file=counts >reported
	python3 - <<-'END'
		import json
		def latency(name):
		    with open(name) as file: it = json.load(file)
		    assert it["schema"] == "ringshim-stat" and it["version"] == 1
		    process, = it["statistics"]
		    call, = [call for call in process["calls"] if call["call"] == "pread"]
		    return call
		for name in "running", "ended", "reported":
		    call = latency(name)
		    it = call["latency"]
		    assert set(it) == {"p50", "p99", "max", "buckets"}, it
		    starts = [bucket["from"] for bucket in it["buckets"]]
		    assert starts == sorted(set(starts))
		    assert all(n == 0 or n & (n - 1) == 0 and n > 1 for n in starts)
		    assert all(bucket["count"] > 0 for bucket in it["buckets"])
		    assert sum(bucket["count"] for bucket in it["buckets"]) == call["ring"] == 321
		    assert starts[0] <= it["p50"] <= it["p99"] <= it["max"]
		    assert starts[-1] <= it["max"] < 2 * starts[-1]
		    assert it == latency("running")["latency"], name
	END
	[ "$(calls_counted counts pread latency)" -eq 321 ]
}

@test "stat's table for people has p50, p99 and the longest, and fits 80 columns" {
	printf '1\tx\tread\tring\t-\t100\n1\tx\tread\tlatency\t1024\t98\n1\tx\tread\tlatency\t1048576\t2\n' >counts
	printf '1\tx\tread\tlongest\t-\t1500000\n1\tx\tread\tlongest\t-\t1300000\n' >>counts
	run "$top/ringshim" stat --file=counts
	assert_success
	echo "$output"
	assert_line --regexp '^how long +calls +p50 +p99 +max$'
	# Half of 100 calls are 50 of the 98 between 1024 and 2048 ns; 99 are all those and one of
	# the two between 1048576 and the longest.
	assert_line --regexp '^read +100 +1\.55 us +1\.27 ms +1\.50 ms$'
	[ -z "$(awk 'length($0) > 80' <<<"$output")" ]
}

@test "without the setting nothing is timed, and the record has its former size" {
	need_io_uring
	cat >work.py <<-'END'
		import os, time
		os.read(os.open("data", os.O_RDONLY), 1)
		open("ready", "w").write("x")
		os.read(0, 1)
	END
	seq 100 >data
	mkfifo end
	local size=()
	for on in 0 1; do
		rm -f ready counts
		env RINGSHIM_STATS_HISTOGRAMS=$on RINGSHIM_STATS="$PWD/counts" LD_PRELOAD="$shim" \
			"$(python_program)" -S -E -I work.py <end &
		exec 9>end
		wait_for ready
		size[on]=$(stat -c %s "$records"/*)
		exec 9>&-
		wait $!
		run grep -cE 'latency|longest' counts
		[ "$on" -eq 1 ] || assert_output 0
	done
	echo "${size[*]}"
	[ "${size[1]}" -gt "$((${size[0]} + 300000))" ]
	[ "${size[0]}" -lt 400000 ]
	# Without RINGSHIM_STATS there is nothing to count for.
	with_shim cat data >out
	cmp data out
	[ -z "$(ls "$records")" ]
}
