#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim compare -n: the runs without strace, what they took, and the line that shows how far
# they are.

load common

setup_file() {
	need strace
}

compare() {
	"$ringshim" compare --library="$marker" "$@"
}

# row TITLE: prints the two medians and the two ranges of a row in $output.
row() {
	awk -v title="$1" 'index($0, title) == 1 { print substr($0, 22) }' <<<"$output" |
		awk '{ print $1, $3, $2, $4 }'
}

@test "-n runs CMD in turns, natively and under the shim, without strace" {
	# shellcheck disable=SC2016
	run --separate-stderr compare -n 3 -- sh -c 'awk "/^TracerPid/ { print \$2 }" \
		/proc/self/status >>tracers; echo "${LD_PRELOAD:-none}" >>kinds'
	assert_success
	assert_equal "$(wc -l <tracers)" 8
	assert_equal "$(tail -n 6 tracers | sort -u)" 0
	[ "$(head -n 2 tracers | grep -cx 0)" -eq 0 ]
	# The counting runs, then three pairs.
	for i in 1 2 3 4; do
		echo none
		echo "$marker"
	done | diff - kinds
	assert_line --partial 'Measured in 3 runs of each kind without strace, medians:'
	rm tracers kinds
	run --separate-stderr compare --runs=1 -- sh -c 'echo x >>tracers'
	assert_equal "$(wc -l <tracers)" 4
	assert_line 'Measured in a run of each kind without strace:'
	refute_line --partial 'least-most'
}

@test "-n prints the median, the least and the most" {
	# The n-th run takes n MiB of memory more than 100; those under strace are the first two.
	need python3
	cat >grow.py <<-'END'
		import os
		with open("runs", "a") as file: file.write("x")
		n = os.stat("runs").st_size
		memory = bytearray((64 + 64 * n) << 20)
		memory[::4096] = b"x" * len(memory[::4096])
	END
	run --separate-stderr compare -n 3 -- "$(python_program)" -S -E -I grow.py
	assert_success
	# Runs 3, 5 and 7 are native, 4, 6 and 8 under the shim.
	read -r native shim native_range shim_range <<<"$(row 'peak memory')"
	check() {
		awk -v a="$1" -v mib="$2" 'BEGIN { exit !(a / 1024 >= mib && a / 1024 < mib + 60) }'
	}
	check "$native" $((64 + 64 * 5))
	check "$shim" $((64 + 64 * 6))
	check "${native_range%-*}" $((64 + 64 * 3))
	check "${native_range#*-}" $((64 + 64 * 7))
	check "${shim_range%-*}" $((64 + 64 * 4))
	check "${shim_range#*-}" $((64 + 64 * 8))
	[ -z "$(awk 'length($0) > 80' <<<"$output")" ]
}

@test "-n shows user and system time, context switches and disk transfers of CMD" {
	run --separate-stderr compare -n 2 -- sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 0.01; done'
	assert_success
	for title in 'wall time (s)' 'user time (s)' 'system time (s)' 'voluntary switches' \
		'involuntary switches' 'peak memory (KiB)' 'disk reads (KiB)' 'disk writes (KiB)'; do
		read -r native shim native_range shim_range <<<"$(row "$title")"
		[[ $native_range == *-* && $shim_range == *-* && -n $native && -n $shim ]]
	done
	read -r native shim _ <<<"$(row 'voluntary switches')"
	# Each sleep waits, and so does the shell for each.
	[ "$native" -ge 16 ]
	[ "$shim" -ge 16 ]
	read -r native shim _ <<<"$(row 'wall time (s)')"
	awk "BEGIN { exit !($native >= 0.08 && $shim >= 0.08) }"
}

@test "a run without strace that ends differently is a warning" {
	run --separate-stderr compare -n 1 -- sh -c 'echo x >>runs; [ "$(wc -l <runs)" -lt 4 ]'
	assert_success
	assert_regex "$stderr" 'warning: a run without strace \(run under the shim\) ended differently'
}

# on_terminal CMD...: runs CMD with standard error on a terminal, whose output goes to "terminal".
on_terminal() {
	python3 - "$@" <<-'END'
		import os, pty, subprocess, sys
		ours, theirs = pty.openpty()
		process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL,
		                           stdout=open("table", "wb"), stderr=theirs)
		os.close(theirs)
		seen = b""
		while True:
		    try: more = os.read(ours, 4096)
		    except OSError: break
		    if not more: break
		    seen += more
		open("terminal", "wb").write(seen)
		sys.exit(process.wait())
	END
}

@test "on a terminal a line says which run goes on, and it is erased" {
	need python3
	compile quiet -static <<<'#include <unistd.h>
		int main(void) { sleep(1); return 0; }' || skip "$CC cannot link statically here"
	on_terminal "$ringshim" compare --force -n 1 -- ./quiet
	grep -aq 'ringshim: run [1-4] of 4 (\(native run\|run under the shim\)), [1-9][0-9]* s so far' terminal
	# What is left on the line after everything was printed, by a terminal's rules.
	python3 - <<-'END'
		seen = open("terminal", "rb").read().decode()
		line, at = [], 0
		for c in seen.rsplit("\n", 1)[-1]:
		    if c == "\r": at = 0
		    else:
		        line[at:at + 1] = c
		        at += 1
		assert not "".join(line).strip(), line
	END
}

@test "there is no such line in a pipe and with --show" {
	need python3
	run compare -n 1 -- sleep 0.6
	refute_output --partial 'so far'
	on_terminal "$ringshim" compare --library="$marker" --show -- sleep 1.2
	run cat terminal
	refute_output --partial 'so far'
}
