#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `ringshim advise`: what it finds out of a program, and that the program is not disturbed. What it
# says of a disk is tested on the slow disk, where waits are as long as they should be.

# shellcheck disable=SC2154  # the names that slow_names sets
load common
load ../shim/ahead.bash

setup_file() {
	begin_slow_disk
	slow_names
	! has_slow_disk || fill_slow_disk
}

teardown_file() {
	remove_slow_disk
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	unset LD_PRELOAD "${!RINGSHIM_@}"
	export RINGSHIM_CONFIG= NO_COLOR= TMPDIR=$PWD/temporary
	mkdir "$TMPDIR"
}

# Nothing is left behind.
teardown() {
	[ -z "$(ls "$TMPDIR")" ]
}

advise() {
	"$ringshim" advise "$@"
}

# advise_json CMD...: leaves the advice in the file advice.
advise_json() {
	run advise --json --output=advice -- "$@"
}

# advised EXPRESSION...: each Python expression on the JSON object is true.
advised() {
	python3 - "$@" <<-'END'
		import json, sys
		it = json.load(open("advice"))
		calls = {call["call"]: call for call in it["calls"]}
		for expression in sys.argv[1:]:
		    if not eval(expression):
		        print(json.dumps(it, indent=1)[:20000])
		        sys.exit("not true: " + expression)
	END
}

@test "the counts of calls are those of the program" {
	advise_json dd if=/dev/zero of=copy bs=100 count=300 status=none
	assert_success
	[ "$(stat -c %s copy)" -eq 30000 ]
	advised 'it["schema"] == "ringshim-advise" and it["version"] == 1' \
		'it["command"] == "dd" and it["programs"] == 1 and not it["cold"]' \
		'calls["read"]["count"] in range(300, 305)' 'calls["write"]["count"] == 300' \
		'all(c["p50_ns"] <= c["p99_ns"] <= c["longest_ns"] <= c["total_ns"] for c in it["calls"])' \
		'sum(c["total_ns"] for c in it["calls"]) <= it["wall_ns"]'
}

@test "no call goes by ring, whatever the settings say" {
	need strace
	seq 200 >numbers
	RINGSHIM_TIMINGS=$PWD/record run env LD_PRELOAD="$shim" RINGSHIM_ROUTE=ring RINGSHIM_AHEAD=1 \
		strace -f -qq -e trace=io_uring_setup -o trace cat numbers
	assert_output "$(seq 200)"
	[ ! -s trace ]
	rm record.*
}

@test "each program and each process of CMD is counted" {
	advise_json sh -c 'cat /dev/null | cat; (true; exec cat /dev/null); dd if=/dev/zero of=/dev/null bs=1 count=77 2>/dev/null'
	assert_success
	# sh, two of a pipe, a subshell, and the programs that they became.
	advised 'it["programs"] >= 6' 'calls["write"]["count"] >= 77' 'calls["read"]["count"] >= 77'
}

@test "a process that was killed leaves what it had done" {
	advise_json sh -c 'dd if=/dev/zero of=/dev/null bs=1 count=500 status=none; kill -KILL $$'
	assert_failure 137
	advised 'calls["read"]["count"] >= 500' 'it["programs"] >= 2'
}

@test "CMD reads, writes and ends as it would; the advice goes to standard error" {
	run --separate-stderr advise -- sh -c 'cat; echo wrong >&2; exit 7' <<<'some input'
	assert_failure 7
	assert_output 'some input'
	[ "${stderr_lines[0]}" = wrong ]
	grep -q '^What to expect$' <<<"$stderr"
	[ -z "$(awk 'length($0) > 80' <<<"$stderr")" ]
	[[ $stderr != *$'\033'* ]]
}

@test "--output takes the advice, and is opened before CMD runs" {
	run advise -o there -- sh -c 'echo said'
	assert_success
	assert_output said
	grep -q '^What to expect$' there
	run --separate-stderr advise -o no/such -- touch ran
	assert_failure 125
	assert_equal "$stderr" 'ringshim: cannot write the advice to no/such: No such file or directory; '\
'name a file in a directory that can be written to'
	[ ! -e ran ]
}

@test "a file that the library cannot write does not disturb the program" {
	RINGSHIM_TIMINGS=$PWD/no/such/record LD_PRELOAD=$shim run seq 3
	assert_output $'1\n2\n3'
	(ulimit -f 1; RINGSHIM_TIMINGS=$PWD/record LD_PRELOAD=$shim seq 3) >out
	[ "$(cat out)" = $'1\n2\n3' ]
	[ -z "$(ls record.* 2>/dev/null)" ]
}

@test "a program that waits for others gains nothing, and its peers have names" {
	cat >waits.py <<-'END'
		import os, socket, threading, time
		server = socket.create_server(("127.0.0.1", 0))
		def answer():
		    peer = server.accept()[0]
		    for _ in range(5):
		        time.sleep(0.1)
		        peer.sendall(peer.recv(9))
		thread = threading.Thread(target=answer)
		thread.start()
		client = socket.create_connection(server.getsockname())
		print(client.getpeername()[1])
		for _ in range(5):
		    client.sendall(b"question")
		    client.recv(9)
		thread.join()
	END
	run advise --json --output=advice -- "$(python_program)" waits.py
	assert_success
	port=${lines[0]}
	advised 'it["advice"] == "none" and "waits for others" in it["reason"]' \
		'it["waits"]["peers"]["count"] >= 5 and not it["waits"]["peers"]["can_overlap"]' \
		'it["waits"]["peers"]["total_ns"] > 400e6' \
		"any(w['name'] == '127.0.0.1:$port' and w['call'] == 'recv' or w['name'] == '127.0.0.1:$port' for w in it['longest'])"
}

@test "files that wait for a disk can overlap: they are named, and --ahead is the advice" {
	need_slow_disk
	cold
	run --separate-stderr advise -- sh -c "cat $slow/tree/d1/* $slow/tree/d2/*" </dev/null
	assert_success
	echo "$stderr"
	grep -qE '^ +[0-9.]+ m?s  (read|open) +/.*/slow/tree/d[12]/' <<<"$stderr"
	grep -qE '^ +[0-9]+ +[0-9.]+ m?s  can overlap  opening, looking up, reading file after file' <<<"$stderr"
	grep -q '^Try: ringshim run --ahead -- sh ...$' <<<"$stderr"
	cold
	advise_json sh -c "cat $slow/tree/d1/* $slow/tree/d2/* >/dev/null"
	advised 'it["advice"] == "ahead" and it["reason"] is None' \
		'it["waits"]["files"]["count"] >= 100' 'it["waits"]["files"]["total_ns"] >= 100 * 4e6' \
		'it["machine"]["cold_read_ns"] > 4e6' \
		'it["machine"]["cold_read_32_ns"] < it["machine"]["cold_read_ns"] / 4' \
		'it["speeds"]["ahead"]["high_percent"] > 150' 'len(it["longest"]) == 20'
}

@test "a file that is read on, and one that is read here and there, are told apart" {
	need_slow_disk
	head -c 4M /dev/urandom >"$slow/long"
	sync -f "$slow/long"
	cold
	advise_json dd if="$slow/long" of=/dev/null bs=64k status=none
	advised 'it["waits"]["sequence"]["count"] >= 5' 'it["waits"]["offsets"]["count"] == 0'
	cold
	advise_json "$(python_program)" -c "
import os
fd = os.open('$slow/long', os.O_RDONLY)
os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
for n in range(40): os.pread(fd, 100, (n * 17 % 40) * 100000)"
	advised 'it["waits"]["offsets"]["count"] >= 30' \
		'it["speeds"]["rewritten"]["high_percent"] > it["speeds"]["ahead"]["high_percent"]'
	rm "$slow/long"
}

@test "syncs of different files can overlap, syncs of the same file cannot" {
	need_slow_disk
	cat >syncs.py <<-'END'
		import os, sys
		for n in range(40):
		    fd = os.open(sys.argv[1] + ("" if sys.argv[2] == "one" else str(n)), os.O_WRONLY | os.O_CREAT)
		    os.write(fd, b"x" * n)
		    os.fsync(fd)
		    os.close(fd)
	END
	advise_json "$(python_program)" syncs.py "$slow/synced" one
	advised 'calls["fsync"]["count"] == 40' 'it["waits"]["sync-again"]["count"] >= 35' \
		'it["waits"]["syncs"]["count"] <= 1'
	advise_json "$(python_program)" syncs.py "$slow/synced" many
	advised 'calls["fsync"]["count"] == 40' 'it["waits"]["syncs"]["count"] >= 35' \
		'it["waits"]["sync-again"]["count"] <= 1'
	rm "$slow"/synced*
}

@test "more waits than fit into memory at a time are kept" {
	need_slow_disk
	cat >many.py <<-'END'
		import os, sys
		fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
		for n in range(1500):
		    os.write(fd, b"x")
		    os.fsync(fd)
	END
	advise_json "$(python_program)" many.py "$slow/many"
	advised 'calls["fsync"]["count"] == 1500' \
		'it["waits"]["sync-again"]["count"] + it["waits"]["syncs"]["count"] > 1400' \
		'it["waits_lost"] == 0'
	rm "$slow/many"
}

@test "the place in the program that waited is named, with its line if it is known" {
	need_slow_disk
	compile reader -g -O0 <<-'END'
		#include <fcntl.h>
		#include <unistd.h>
		static void read_one(const char *name)
		{
			char byte;
			int fd = open(name, O_RDONLY);
			if (read(fd, &byte, 1) != 1)
				_exit(1);
			close(fd);
		}
		int main(int argc, char **argv)
		{
			for (int i = 1; i < argc; i++)
				read_one(argv[i]);
			return 0;
		}
	END
	cold
	advise_json ./reader "$slow"/tree/d3/*
	assert_success
	advised 'len(it["sites"]) in (1, 2)' 'all(s["file"].endswith("/reader") for s in it["sites"])' \
		'{s["call"] for s in it["sites"]} <= {"open", "read"}' \
		'sum(s["count"] for s in it["sites"]) >= 50'
	cp reader stripped
	strip stripped
	cold
	run advise -- ./stripped "$slow"/tree/d4/*
	assert_line --regexp '^ *[0-9.]+ m?s +[0-9]+  read +.*stripped\+0x[0-9a-f]+$'
	if command -v addr2line >/dev/null; then
		advised 'all(s["name"].startswith("read_one at ") for s in it["sites"])'
	fi
}

@test "it works where io_uring is forbidden, and says so" {
	run "$abs_top_builddir/tests/cli/filter-like" docker "$ringshim" advise --json --output=advice -- \
		dd if=/dev/zero of=/dev/null bs=1 count=50 status=none
	assert_success
	advised 'it["machine"]["ring_errno"] == 1' 'it["speeds"]["ring"] is None' \
		'calls["read"]["count"] >= 50'
	run "$abs_top_builddir/tests/cli/filter-like" docker "$ringshim" advise -- true
	assert_line 'no ring can be made (Operation not permitted); see ringshim doctor'
	assert_line --regexp '^each call by ring +not here$'
}

@test "a program that the library does not reach is refused" {
	compile static -static <<<'int main(void) { return 0; }'
	run advise -- ./static
	one_line_error 125
	run -127 advise -- no-such-program
	one_line_error 127
	run advise
	one_line_error 2
}

@test "the manual has every member of the JSON object" {
	advise_json cat /dev/null
	python3 - advice "$abs_top_srcdir/doc/ringshim-advise.1" <<-'END'
		import json, re, sys
		text = open(sys.argv[2]).read().split(".Sh ADVICE AS JSON")[1].split("\n.Sh ")[0]
		known = set(re.findall(r"^\.It Li (\S+)", text, re.M))
		found = set()
		def walk(at, value):
		    if isinstance(value, dict):
		        for key, inner in value.items():
		            if at == "waits":
		                key = "KIND"
		            if at == "speeds":
		                key = "WAY"
		            walk(f"{at}.{key}" if at else key, inner)
		    elif isinstance(value, list):
		        for inner in value:
		            walk(at + "[]", inner)
		    else:
		        found.add(at)
		walk("", json.load(open(sys.argv[1])))
		found -= {"speeds.WAY"}
		missing = found - known
		assert not missing, missing
		assert len(found) > 20
	END
}
