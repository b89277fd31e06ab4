#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim compare: whose system calls are whose: the program's or the shim's, and which process's.

load common

setup_file() {
	need strace
}

compare() {
	"$ringshim" compare --library="$marker" "$@"
}

# own NAME: prints how many calls of that name are the shim's own in $output.
own() {
	sed -n "/^The shim's own calls/,/^the shim's calls/p" <<<"$output" |
		awk -v name="$1" '$1 == name { print $2 }'
}

# processes: prints the table of processes in $output, without its heading.
processes() {
	sed -n '/^process  /,/^$/p' <<<"$output" | sed '1d;/^$/d'
}

@test "the calls of the real library are apart from those of CMD" {
	need_io_uring
	head -c 3000000 /dev/urandom >data
	run --separate-stderr "$ringshim" compare --all -- cat data
	assert_success
	[ "$(own io_uring_setup)" -ge 1 ]
	[ "$(own io_uring_enter)" -ge 2 ]
	[ "$(own rt_sigprocmask)" -ge 2 ]
	# The ring's mappings, and those of the library's segments.
	[ "$(own mmap)" -ge 4 ]
	[ "$(own openat)" -ge 1 ]
	# CMD itself makes no call that it does not make natively, but for mprotect: the shim makes libc's
	# stdio its own through libc.
	sed -n '/^system call/,/^CMD/p' <<<"$output" |
		awk 'NR > 1 && $1 != "mprotect" && $3 > $2 { bad = 1 } END { exit bad }'
	assert_equal "$(counts io_uring_enter | wc -w)" 1
}

@test "calls that go direct stay those of CMD" {
	head -c 3000000 /dev/urandom >data
	run --separate-stderr "$ringshim" compare --all --route=direct -- cat data
	assert_success
	read -r native shim _ <<<"$(counts read)"
	assert_equal "$shim" "$native"
	read -r native shim _ <<<"$(counts write)"
	assert_equal "$shim" "$native"
}

@test "CMD that makes rings itself gets them counted as its own" {
	need_io_uring
	compile rings <<'END' || skip "$CC cannot compile this"
		#include <sys/syscall.h>
		#include <unistd.h>
		int main(void)
		{
			char parameters[120] = { 0 };
			for (int i = 0; i < 7; i++)
				close((int)syscall(425, 4, parameters));
		}
END
	run --separate-stderr compare --all -- ./rings
	assert_success
	assert_equal "$(counts io_uring_setup)" '7 7 +0'
	assert_equal "$(own io_uring_setup)" ''
}

@test "a library in a path with special characters is recognised" {
	mkdir $'\303\244"\\'
	cp "$marker" $'\303\244"\\/marker.so'
	run --separate-stderr "$ringshim" compare --library=$'\303\244"\\/marker.so' -- "$subject" calls 3
	assert_success
	assert_equal "$(own openat)" 1
	assert_equal "$(counts getsid)" '0 3 +3'
}

@test "several processes have a row each, with the calls of both runs" {
	run --separate-stderr compare -- sh -c "'$subject' calls 300; cat /dev/null; '$subject' calls 20"
	assert_success
	assert_equal "$(processes | awk '{ print $1 }' | tr '\n' ' ')" 'sh subject cat subject '
	# In the order of their IDs, in each run.
	processes | sort -C -n -k 2,2
	processes | sort -C -n -k 3,3
	read -r _ _ _ first_native first_shim _ <<<"$(processes | sed -n 2p)"
	read -r _ _ _ last_native last_shim _ <<<"$(processes | sed -n 4p)"
	assert_equal $((first_native - last_native)) 280
	assert_equal $((first_shim - last_shim)) 280
	# They add up to the totals.
	read -r native shim _ <<<"$(counts "CMD's" | head -n 1 | sed 's/calls //')"
	assert_equal "$(processes | awk '{ a += $4; b += $5 } END { print a, b }')" \
		"$(awk '/^CMD.s calls/ { print $3, $4 }' <<<"$output")"
	assert_equal "$(processes | awk '{ a += $6 } END { print a }')" \
		"$(awk '/^the shim.s calls/ { print $4 }' <<<"$output")"
	[ -z "$(awk 'length($0) > 80' <<<"$output")" ]
}

@test "children that run no other program, and threads, are told apart" {
	run --separate-stderr compare -- "$subject" children 50
	assert_success
	assert_equal "$(processes | awk '{ print $1 }' | tr '\n' ' ')" 'subject subject subject '
	# The children make 50 calls and end.
	assert_equal "$(processes | awk 'NR > 1 && ($4 < 50 || $4 > 60 || $5 < 50 || $5 > 60)')" ''
	compile threads -pthread <<'END' || skip "$CC cannot compile this"
		#include <pthread.h>
		#include <unistd.h>
		static void *run(void *arg) { for (int i = 0; i < 100; i++) getppid(); return arg; }
		int main(void)
		{
			pthread_t threads[4];
			for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, run, NULL);
			for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
		}
END
	run --separate-stderr compare -- ./threads
	assert_success
	assert_equal "$(counts getppid)" '400 0 -400'
	assert_equal "$(processes)" ''
}

@test "a process that only one run has is in the table" {
	run --separate-stderr compare -- sh -c 'case $LD_PRELOAD in *marker*) cat /dev/null;; esac; true'
	assert_success
	assert_equal "$(processes | awk '$1 == "cat" { print $2, $4 }')" '- -'
	run --separate-stderr compare -- sh -c 'case $LD_PRELOAD in *marker*) ;; *) cat /dev/null;; esac; true'
	assert_equal "$(processes | awk '$1 == "cat" { print $3, $5, $6 }')" '- - -'
}

@test "a thread that executes a program is followed" {
	compile thread-exec -pthread <<'END' || skip "$CC cannot compile this"
		#include <pthread.h>
		#include <unistd.h>
		static void *run(void *arg) { execl("/bin/cat", "cat", "/dev/null", (char *)0); return arg; }
		int main(void)
		{
			pthread_t thread;
			pthread_create(&thread, NULL, run, NULL);
			pause();
		}
END
	run --separate-stderr compare --all -- sh -c './thread-exec; true'
	assert_success
	assert_equal "$(processes | awk '{ print $1 }' | tr '\n' ' ')" 'sh cat '
	assert_equal "$(counts execve)" '3 3 +0'
	# The library is loaded three times.
	assert_equal "$(own openat)" 3
}
