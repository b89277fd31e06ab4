#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `ringshim stat` and `ringshim top`: the counts of processes while they run.

load common

# The records go to a directory of the test's own, in memory.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	unset LD_PRELOAD "${!RINGSHIM_@}"
	export RINGSHIM_CONFIG= NO_COLOR=
	XDG_RUNTIME_DIR=$(mktemp -d -p /dev/shm)
	export XDG_RUNTIME_DIR
	records=$XDG_RUNTIME_DIR/ringshim
	child=
}

teardown() {
	[ -z "$child" ] || kill -KILL "$child" 2>/dev/null || true
	rm -rf "$XDG_RUNTIME_DIR"
}

# start_waiting: starts a process that has made 300 reads by ring, and waits to read from a pipe.
# Its ID is in $child.
start_waiting() {
	cat >waits.py <<-'END'
		import os
		fd = os.open("data", os.O_RDONLY)
		for _ in range(300): os.pread(fd, 9, 0)
		r, w = os.pipe()
		with open("ready", "w") as file: file.write("x")
		os.read(r, 1)
	END
	seq 100 >data
	env LD_PRELOAD="$shim" RINGSHIM_STATS="$PWD/counts" RINGSHIM_CALLS=pread,read \
		"$(python_program)" -S -E -I waits.py &
	child=$!
	wait_for ready
}

# no_wide_line: no line of $output is wider than 80 columns, and none has a control sequence.
no_wide_line() {
	[ -z "$(awk 'length($0) > 80' <<<"$output")" ]
	[[ $output != *$'\033'* ]]
}

@test "stat prints a running process, by its ID and by its name, and does not end it" {
	need_io_uring
	start_waiting
	run "$ringshim" stat "$child"
	assert_success
	echo "$output"
	assert_line --regexp "^.*, process $child, running\. Rings made: 1\. "
	assert_line --regexp '^pread +300 +0 +100\.0 +2700 +0 +0 '
	no_wide_line
	name=$(ls "$records")
	run "$ringshim" stat "$(cat /proc/"$child"/comm)"
	assert_success
	assert_line --partial "process $child, running"
	kill -0 "$child"
	[ ! -e counts ]
	assert_equal "$(ls "$records")" "$name"
}

@test "stat --json has the same counts" {
	need_io_uring
	need python3
	start_waiting
	"$ringshim" stat --json "$child" >json
	python3 - "$child" <<-'END'
		import json, sys
		with open("json") as file: it = json.load(file)
		assert it["schema"] == "ringshim-stat" and it["version"] == 1
		process, = it["statistics"]
		assert process["pid"] == int(sys.argv[1]) and process["state"] == "running"
		assert process["rings"] == 1 and process["submissions"] >= 300
		pread, = [call for call in process["calls"] if call["call"] == "pread"]
		assert pread["ring"] == 300 and pread["bytes"] == 2700 and pread["errors"] == 0
	END
}

@test "a killed process is printed once, its counts go to its file, and nothing is left" {
	need_io_uring
	start_waiting
	kill -KILL "$child"
	wait "$child" || true
	run "$ringshim" stat "$child"
	assert_success
	assert_line --partial "process $child, ended without a report"
	assert_line --regexp '^pread +300 '
	[ "$(calls_counted counts pread ring)" -eq 300 ]
	[ -z "$(ls "$records")" ]
	run "$ringshim" stat "$child"
	one_line_error 1
	assert_output "ringshim: there is no process $child"
	run "$ringshim" stat --file=counts
	assert_success
	assert_line --partial 'reported'
	assert_line --regexp '^pread +300 '
	no_wide_line
}

@test "run --stats collects what killed processes left" {
	need_io_uring
	start_waiting
	kill -KILL "$child"
	wait "$child" || true
	"$ringshim" run --stats="$PWD/other" -- cat data >out
	[ "$(calls_counted counts pread ring)" -eq 300 ]
	[ "$(calls_counted other pread ring)" -eq 0 ]
	[ -z "$(ls "$records")" ]
}

@test "damaged and foreign files are neither shown nor removed" {
	need_io_uring
	start_waiting
	record=$(echo "$records"/*)
	cp "$record" good
	cp "$records/.${record##*/}" owner
	for change in short long magic version owner-short open owner-open link fifo; do
		cp good "$records/99999.$change"
		cp owner "$records/.99999.$change"
		chmod 600 "$records/99999.$change" "$records/.99999.$change"
	done
	truncate -s -1 "$records/99999.short"
	truncate -s +4096 "$records/99999.long"
	truncate -s -1 "$records/.99999.owner-short"
	[ "$(head -c 8 owner)" = ringshim ]
	printf 'R' | dd of="$records/.99999.magic" bs=1 conv=notrunc status=none
	printf '\377' | dd of="$records/.99999.version" bs=1 seek=8 conv=notrunc status=none
	chmod 644 "$records/99999.open" "$records/.99999.owner-open"
	ln -sf "$PWD/good" "$records/99999.link"
	rm "$records/99999.fifo"
	mkfifo "$records/99999.fifo"
	cp good "$records/99999.alone"
	before=$(ls "$records")
	run "$ringshim" top -n 1 -d 0.1
	assert_success
	assert_equal "${#lines[@]}" 2
	assert_line --index 1 --regexp "^ *$child "
	assert_equal "$(ls "$records")" "$before"
}

# A program that has given up its rights, or is confined, can be in foreign hands.
@test "what a process writes to its record changes neither its name nor where the report goes" {
	need_io_uring
	compile forger <<-'END'
		#define _GNU_SOURCE
		#include <fcntl.h>
		#include <signal.h>
		#include <stdio.h>
		#include <string.h>
		#include <sys/mman.h>
		#include <unistd.h>
		/* forger FILE FORGED: replaces FILE and the name of the program in its record. */
		int main(int argc, char **argv)
		{
			char line[512], *begin = 0, *end = 0, *at, byte;
			int fd = open("data", O_RDONLY), found = 0;
			for (int i = 0; i < 9; i++)
				pread(fd, &byte, 1, 0);
			FILE *maps = fopen("/proc/self/maps", "r");
			while (fgets(line, sizeof(line), maps))
				if (strstr(line, "rw-s") && strstr(line, "/ringshim/"))
					sscanf(line, "%p-%p", (void **)&begin, (void **)&end);
			if (!begin)
				return 3;
			for (; (at = memmem(begin, end - begin, argv[1], strlen(argv[1]))); found++)
				strcpy(at, argv[2]);
			if (!found || !(at = memmem(begin, end - begin, "forger", 7)))
				return 4;
			strcpy(at, "\nforged\n");
			kill(getpid(), SIGKILL);
		}
	END
	seq 100 >data
	for where in counts/x other; do mkdir -p "$(dirname $where)"; done
	run env LD_PRELOAD="$shim" RINGSHIM_STATS="$PWD/counts/x" ./forger "$PWD/counts/x" "$PWD/forged"
	[ "$status" -eq 137 ] || fail "the record could not be written: $status"
	run "$ringshim" stat forger
	assert_success
	assert_line --regexp '^forger, process '
	[ ! -e forged ]
	[ "$(calls_counted counts/x pread ring)" -eq 9 ]
	! grep -v "	forger	" counts/x
	[ -z "$(ls -A "$records")" ]
}

@test "the name of a program is shown without control characters" {
	need_io_uring
	name=$(printf 'a\033[31m\nb')
	cp "$(command -v cat)" "$name"
	seq 100 >data
	mkfifo fifo
	env LD_PRELOAD="$shim" RINGSHIM_CALLS=read RINGSHIM_STATS="$PWD/counts" "./$name" data fifo >ready &
	child=$!
	exec 7<>fifo
	wait_for ready
	run "$ringshim" stat "$child"
	assert_line --index 0 --regexp "^a\?\[31m b, process $child, running"
	no_wide_line
}

@test "an open directory is not trusted" {
	need_io_uring
	start_waiting
	chmod 777 "$records"
	run "$ringshim" stat "$child"
	one_line_error 1
}

@test "top shows the rates and the longest wait, a block for each sample" {
	need_io_uring
	start_waiting
	"$ringshim" top -n 2 -d 0.2 >blocks
	cat blocks
	[ "$(grep -c '^ *pid ' blocks)" -eq 2 ]
	[ "$(grep -c '^$' blocks)" -eq 1 ]
	grep -Eq "^ *$child .* [0-9.]+ s, read, fd [0-9]+$" blocks
	output=$(cat blocks)
	no_wide_line
	kill -0 "$child"
}

@test "top counts calls of the time between two samples" {
	need_io_uring
	seq 100 >data
	printf 'import os\nfd = os.open("data", 0)\nopen("ready", "w").write("x")\nwhile True: os.pread(fd, 8, 0)\n' >busy.py
	env LD_PRELOAD="$shim" RINGSHIM_STATS="$PWD/counts" "$(python_program)" busy.py &
	child=$!
	wait_for ready
	"$ringshim" top --count=1 --delay=0.5 >block
	cat block
	awk -v pid="$child" '$1 == pid { found = $(NF - 5) != "0" && / 100\.0 / } END { exit !found }' block
}

@test "on a terminal, q ends top and the terminal is as before" {
	need script
	printf 'stty -a >before; "%s" top -d 30; echo "status $?"; stty -a >after\n' "$ringshim" >session
	{ sleep 1; printf q; sleep 1; } | timeout 20 script -qec 'sh ./session' /dev/null >screen
	grep -q 'status 0' screen
	diff before after
}

@test "without processes, top says so" {
	# Whoever runs the tests can have other processes with statistics.
	need setpriv
	[ "$(id -u)" -eq 0 ] || skip 'only root can become a user without processes'
	chmod 711 "$XDG_RUNTIME_DIR"
	run setpriv --reuid=4294967 --regid=4294967 --clear-groups "$ringshim" top -n 1 -d 0.1
	assert_success
	assert_line --partial 'no process of yours has statistics'
}

@test "errors say in one line what is wrong" {
	run "$ringshim" stat 999999999
	one_line_error 1
	assert_output 'ringshim: there is no process 999999999'
	run "$ringshim" stat $$
	one_line_error 1
	assert_output --partial "process $$ has no statistics; RINGSHIM_STATS=FILE"
	run "$ringshim" stat no-such-program
	one_line_error 1
	assert_output --partial 'no process of yours named no-such-program has statistics'
	run "$ringshim" stat
	one_line_error 2
	run "$ringshim" stat 1 2
	one_line_error 2
	run "$ringshim" stat --file=missing
	one_line_error 1
	run "$ringshim" top now
	one_line_error 2
	run "$ringshim" top -d 0
	one_line_error 2
	run "$ringshim" top -n x
	one_line_error 2
}
