#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# RINGSHIM_STATS counts each call once, by its route.

load ../lib/common.bash

# The records go to a directory of the test's own, in memory.
setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	XDG_RUNTIME_DIR=$(mktemp -d -p /dev/shm)
	export XDG_RUNTIME_DIR
	records=$XDG_RUNTIME_DIR/ringshim
}

teardown() {
	rm -rf "$XDG_RUNTIME_DIR"
}

# count_records: prints how many processes have a record.
count_records() {
	local owners
	owners=$(find "$records" -type f -name '.*' 2>/dev/null | wc -l)
	assert_equal "$(find "$records" -type f ! -name '.*' 2>/dev/null | wc -l)" "$owners"
	echo "$owners"
}

@test "the statistics agree with strace, call by call" {
	strace -f -qq -o trace -E LD_PRELOAD="$shim" -E RINGSHIM_STATS="$PWD/stats" \
		"$top/tests/shim/basic-calls" file 2>/dev/null
	cat stats
	[ "$(calls_counted stats '*' ring)" -eq "$(operations_in trace)" ]
	# strace sees the direct calls natively, besides the calls of the loader and of stdio.
	direct=$(grep -c 'read([0-9]*, 0x.*EBADF' trace)
	[ "$(calls_counted stats read direct)" -eq "$direct" ]
	for call in pread fsync fdatasync accept accept4 connect write; do
		[ "$(calls_counted stats $call direct)" -eq 0 ]
	done
}

@test "each call is counted once, with its reason" {
	head -c 1000000 /dev/zero >data
	RINGSHIM_STATS=$PWD/stats with_shim dd if=data of=copy bs=1000 status=none
	cat stats
	reads=$(calls_counted stats read ring)
	[ "$reads" -ge 1000 ] && [ "$reads" -le 1002 ]
	[ "$(calls_counted stats write ring)" -eq 0 ] || [ "$(calls_counted stats write ring)" -eq 1000 ]
	[ "$(($(calls_counted stats write ring) + $(calls_counted stats write direct)))" -eq 1000 ]
	RINGSHIM_STATS=$PWD/off RINGSHIM_ROUTE=direct with_shim dd if=data of=copy bs=1000 status=none
	[ "$(calls_counted off '*' ring)" -eq 0 ]
	run awk -F'\t' '$5 != "setting"' off
	assert_output ''
}

# compare_with_strace COMMAND...: each io_uring_enter that submits a call is counted, and each native
# read and write that the program makes through libc.
compare_with_strace() {
	strace -f -qq -o trace -E LD_PRELOAD="$shim" -E RINGSHIM_STATS="$PWD/stats" \
		-E RINGSHIM_ROUTE=ring "$@" >out
	[ "$(calls_counted stats '*' ring)" -eq "$(operations_in trace)" ]
	[ "$(calls_counted stats '*' ring)" -gt 0 ]
	[ "$(count_records)" -eq 0 ]
}

@test "the statistics of dd, sort and curl agree with strace" {
	need_io_uring
	need curl
	seq 100000 | shuf >data
	compare_with_strace dd if=data of=copy bs=4096 status=none
	rm stats
	compare_with_strace sort -S 100k -T . data
	rm stats
	compare_with_strace curl -sS "file://$PWD/data"
}

@test "the statistics of threads and subprocesses agree with strace" {
	need_io_uring
	cat >work.py <<-'END'
		import os, subprocess, sys, threading
		def work():
		    fd = os.open(sys.argv[1], os.O_RDONLY)
		    for at in range(200):
		        os.pread(fd, 10, at)
		    os.close(fd)
		threads = [threading.Thread(target=work) for _ in range(4)]
		for thread in threads: thread.start()
		for thread in threads: thread.join()
		for _ in range(3):
		    subprocess.run(["cat", sys.argv[1]], check=True, stdout=subprocess.DEVNULL)
	END
	seq 1000 >data
	RINGSHIM_CALLS=pread compare_with_strace "$(python_program)" work.py data
	[ "$(calls_counted stats pread ring)" -eq 800 ]
	[ "$(calls_counted stats pread bytes)" -eq 8000 ]
	# Each thread made a ring.
	[ "$(calls_counted stats process rings)" -eq 4 ]
	[ "$(calls_counted stats process submissions)" -eq 800 ]
}

@test "bytes, errors, interrupted calls and waits are counted" {
	need_io_uring
	cat >work.py <<-'END'
		import os, signal, time
		class Stop(Exception): pass
		def stop(*_): raise Stop
		signal.signal(signal.SIGALRM, stop)
		r, w = os.pipe()
		os.write(w, b"12345")
		os.read(r, 100)
		signal.setitimer(signal.ITIMER_REAL, 0.2)
		try: os.read(r, 100)
		except Stop: pass
		try: os.pread(os.open(".", os.O_RDONLY), 1, 0)
		except IsADirectoryError: pass
	END
	RINGSHIM_CALLS=read,pread,write RINGSHIM_STATS=$PWD/stats with_shim "$(python_program)" -S -E -I work.py
	cat stats
	[ "$(calls_counted stats write bytes)" -eq 5 ]
	[ "$(calls_counted stats read interrupted)" -eq 1 ]
	[ "$(calls_counted stats read errors)" -ge 1 ]
	[ "$(calls_counted stats read waits)" -ge 1 ]
}

@test "a process that SIGKILL ends leaves its counts in its record" {
	need_io_uring
	printf 'import os, time\nfd = os.open("data", 0)\nfor i in range(321): os.pread(fd, 7, 0)\nopen("ready", "w").write("x")\ntime.sleep(60)\n' >work.py
	seq 100 >data
	env RINGSHIM_CALLS=pread RINGSHIM_STATS="$PWD/stats" LD_PRELOAD="$shim" "$(python_program)" work.py &
	wait_for ready
	[ "$(count_records)" -eq 1 ]
	[ "$(stat -c '%a %u' "$records")" = "700 $(id -u)" ]
	[ "$(stat -c '%a %u' "$records"/*)" = "600 $(id -u)" ]
	kill -KILL $!
	wait $! || true
	[ ! -e stats ]
	[ "$(count_records)" -eq 1 ]
	"$top/ringshim" stat $! >shown
	cat shown
	[ "$(calls_counted stats pread ring)" -eq 321 ]
	[ "$(calls_counted stats pread bytes)" -eq 2247 ]
	[ "$(count_records)" -eq 0 ]
}

@test "fork, exec and vfork give each process its own counts" {
	need_io_uring
	seq 100 >data
	cat >work.py <<-'END'
		import glob, os, subprocess
		def look(count):
		    fd = os.open("data", 0)
		    for _ in range(count): os.pread(fd, 1, 0)
		look(10)
		if not os.fork():
		    look(20)
		    if not os.fork():
		        look(30)
		        os._exit(0)
		    os.wait()
		    try: os.execv("/nonexistent", ["x"])
		    except OSError: pass
		    look(5)
		    assert len(glob.glob(os.environ["XDG_RUNTIME_DIR"] + "/ringshim/*")) == 2
		    os.execv("/bin/cat", ["cat", "data"])
		os.wait()
		subprocess.run(["/bin/true"], check=True)
		look(1)
	END
	RINGSHIM_CALLS=pread,read RINGSHIM_STATS=$PWD/stats with_shim "$(python_program)" work.py
	cat stats
	awk -F'\t' '$3 == "pread" && $4 == "ring" { n[$1] += $6 } END { for (p in n) print n[p] }' stats |
		sort -n | tr '\n' ' ' >counts
	[ "$(cat counts)" = '11 25 30 ' ]
	[ "$(calls_counted stats read ring '*' cat)" -ge 2 ]
	[ "$(count_records)" -eq 0 ]
}

@test "under a filter that kills for other calls, counting goes on" {
	cat >work.c <<-'END'
		#include <fcntl.h>
		#include <linux/seccomp.h>
		#include <stdio.h>
		#include <sys/prctl.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		int main(void)
		{
			char c;
			int fd = open("data", O_RDONLY);
			for (int i = 0; i < 3; i++)
				if (read(fd, &c, 1) != 1)
					return 1;
			if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
				return 2;
			for (int i = 0; i < 50; i++)
				if (read(fd, &c, 1) != 1)
					return 3;
			syscall(SYS_exit, 0);
		}
	END
	gcc -o work work.c
	seq 100 >data
	RINGSHIM_STATS=$PWD/stats with_shim ./work
	[ "$(calls_counted stats read '*')" -le 6 ]
	[ "$(count_records)" -eq 1 ]
	"$top/ringshim" stat work
	cat stats
	[ "$(calls_counted stats read direct sandbox)" -eq 50 ]
	[ "$(count_records)" -eq 0 ]
}

@test "%p and %e in the name give each process a file" {
	seq 10 >data
	env RINGSHIM_STATS="$PWD/stats.%e.%p.%%" LD_PRELOAD="$shim" cat data &
	wait $!
	[ -s "stats.cat.$!.%" ]
	RINGSHIM_STATS=$PWD/stats.%e.%p.%% with_shim sh -c '(cat data; :); cat data; :' >out
	[ "$(find . -name 'stats.cat.*' | wc -l)" -eq 3 ]
}

@test "the rows of processes that end at the same time do not mix" {
	seq 1000 >data
	for _ in $(seq 20); do
		RINGSHIM_STATS=$PWD/stats with_shim sort data >out &
		RINGSHIM_STATS=$PWD/stats with_shim cat data >out2 &
		wait
	done
	# The rows of a process lie together, also when it writes twice.
	awk -F'\t' 'NF != 6 { exit 1 } $1 != last && seen[$1]++ { print $1 }  { last = $1 }' stats >split
	[ "$(wc -l <split)" -le 2 ]
	[ "$(cut -f 1 stats | sort -u | wc -l)" -eq 40 ]
}

@test "without a directory in memory, and below a limit on files, the counts are as usual" {
	seq 1000 >data
	for way in 'env XDG_RUNTIME_DIR=/nonexistent' 'prlimit --fsize=100000'; do
		rm -f stats
		# shellcheck disable=SC2086  # words on purpose
		$way env LD_PRELOAD="$shim" RINGSHIM_STATS="$PWD/stats" dd if=data of=out bs=100 status=none
		cmp data out
		[ "$(calls_counted stats read bytes)" -eq "$(stat -c %s data)" ]
		[ "$(count_records)" -eq 0 ]
	done
}

@test "ringshim(7) has every reason with its text" {
	sed -n 's/^REASON([A-Z_]*, "\([a-z-]*\)", "\(.*\)")$/\1: \2/p' \
		"$abs_top_srcdir/src/shim/config/reasons.def" | grep -v '^ring:' >table
	[ "$(wc -l <table)" -eq "$(($(grep -c '^REASON(' "$abs_top_srcdir/src/shim/config/reasons.def") - 1))" ]
	sed -n '/^\.Sh REASONS/,/^\.Sh [^R]/{/^\.It Cm /{s///;N;s/\n/: /;p}}' "$top/doc/ringshim.7" |
		diff table -
}
