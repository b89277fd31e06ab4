#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Under the library, less than 2% of the reads, writes, sends and receives that a program makes
# through libc remain native calls; the statistics give the reasons. The output goes to a pipe,
# because an inherited file has a position that other processes share.

load ../lib/common.bash

calls=read,write,pread64,pwrite64,readv,writev,preadv,pwritev,preadv2,pwritev2,recvfrom,sendto,recvmsg,sendmsg,sendmmsg,recvmmsg

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit 1
	awk 'BEGIN { for (i = 1; i <= 400000; i++) print i, "a line of text", i % 97 }' >big
	mkdir tree
	for i in $(seq 400); do head -c 20000 big >tree/file$i; done
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit 1
}

# Counts the calls in a trace, without those by which the loader reads the headers of libraries.
count() {
	grep -E '^[0-9]+ +[a-z0-9]+\(' "$1" | grep -cvE 'ELF|pread64\([0-9]+, "\\[46]\\0' || true
}

# few_remain COMMAND: runs a shell command, which prints its results.
few_remain() {
	local native left
	strace -f -qq -o native.trace -e trace=$calls sh -c "$1" | cksum >native.sum
	strace -f -qq -o shim.trace -e trace=$calls -E LD_PRELOAD="$shim" sh -c "$1" | cksum >shim.sum
	diff native.sum shim.sum
	native=$(count native.trace)
	left=$(count shim.trace)
	echo "# $left of $native left" >&3
	rm -f stats
	LD_PRELOAD=$shim RINGSHIM_STATS=$PWD/stats sh -c "$1" | cksum | diff native.sum -
	awk -F'\t' '$4 == "direct" && $5 != "setting" { n[$3 " " $5] += $6 }
		END { for (k in n) print "# direct: " k ": " n[k] }' stats >&3
	[ "$native" -ge 500 ]
	[ "$left" -lt $((native / 50)) ]
}

@test "sed makes less than 2% native calls" {
	few_remain 'sed s/line/LINE/ big'
}

@test "awk makes less than 2% native calls" {
	need awk
	few_remain "awk '{ s += \$1; print \$1 } END { print s }' big"
}

@test "sort makes less than 2% native calls" {
	few_remain 'sort -n -k6 big'
}

@test "grep makes less than 2% native calls" {
	few_remain 'grep 7 big'
}

@test "tar makes less than 2% native calls" {
	few_remain 'tar cf - tree | tar tf -'
}

@test "gzip makes less than 2% native calls" {
	few_remain 'cat big big big | gzip -c | gzip -dc'
}

@test "sqlite3 makes less than 2% native calls" {
	need sqlite3
	few_remain 'rm -f db; { echo "create table t(a);"
		for i in $(seq 200); do echo "insert into t values($i);"; done
		echo "select count(*), sum(a) from t;"; } | sqlite3 db'
}

@test "perl makes less than 2% native calls" {
	need perl
	few_remain "perl -ne 'print if /7/' big"
}

@test "python3 makes less than 2% native calls" {
	local python
	python=$(python_program)
	few_remain "$python -c 'print(sum(len(l) for l in open(\"big\", \"rb\", buffering=4096)))'"
}

@test "node makes less than 2% native calls" {
	need node
	few_remain "node -e 'const fs = require(\"fs\"), f = fs.openSync(\"big\"), b = Buffer.alloc(4096);
		let n = 0, r; while ((r = fs.readSync(f, b, 0, 4096, null)) > 0) n += r; console.log(n)'"
}

@test "rsync makes less than 2% native calls" {
	need rsync
	few_remain 'rm -rf to; rsync -a tree/ to/; cat to/* | cksum'
}

@test "git clone over a local path makes less than 2% native calls" {
	need git
	few_remain 'rm -rf from to; git init -q from; cp -r tree from/; cd from; git add -A
		GIT_AUTHOR_DATE=2026-01-01T00:00Z GIT_COMMITTER_DATE=2026-01-01T00:00Z \
			git -c user.name=a -c user.email=b commit -qm x; cd ..
		git clone -q --no-hardlinks from to; cat to/tree/* | cksum'
}

@test "curl makes less than 2% native calls" {
	need curl
	few_remain 'curl -s --no-buffer file://$PWD/big'
}
