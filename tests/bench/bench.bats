#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Tests that the benchmarks measure what they claim and hide nothing. No test judges their results.

load ../lib/common.bash

here=$(cd "$BATS_TEST_DIRNAME" && pwd)
calls=$top/tests/bench/calls

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	export BENCH_QUICK=1 BENCH_ROUNDS=2 BENCH_DIR=$BATS_TEST_TMPDIR
	export BENCH_OUT=$BATS_TEST_TMPDIR/out
}

bench() {
	python3 -B "$here/driver" --srcdir="$abs_top_srcdir" --builddir="$top" "$@"
}

# Makes a table of the rows on standard input, whose fields are separated by bars.
table() {
	tr '|' '\t' >"$BATS_TEST_TMPDIR/rows.tsv"
}

bench_table() {
	bench --rows="$BATS_TEST_TMPDIR/rows.tsv"
}

@test "bench --list prints every row of the table, and BENCH selects rows by pattern" {
	bench --list >list
	[ "$(wc -l <list)" -eq "$(grep -c '^row' "$here/rows.tsv")" ]
	BENCH='pread-* dd-4k' run bench --list
	assert_output "$(printf '%s\n' pread-1 pread-512 pread-4k pread-64k dd-4k)"
	# The rows that a row is compared with are selected as well.
	BENCH='descriptors-last-10000' run bench --list
	assert_output "$(printf '%s\n' descriptors-last-10 descriptors-last-10000)"
	BENCH='no-such-row' run bench --list
	assert_failure
}

@test "a run prints each target beside the measured value and keeps every sample" {
	BENCH='pread-1 start-true memory-locked' run bench
	assert_success
	assert_line --regexp '^pread-1 +ns +[0-9.]+ ±[0-9]+%'
	for target in 'ring<=1.05\*floor' 'direct<=native\+10' 'ring<=native\+150000' 'ring<=12'; do
		assert_line --regexp "^    $target +[-+]?[0-9.]+ \(.* to .*\)  (ok|MISS)"
	done
	run jq -r '.rows[] | .variants | to_entries[] | .value.samples | length' "$BENCH_OUT/results.json"
	[ "$(sort -u <<<"$output")" = 2 ]
	# The calls of the ring variant really took the ring.
	run jq '.rows[] | select(.name == "pread-1") | .variants.ring.calls | .ring > 100 * (.direct // 0)' \
		"$BENCH_OUT/results.json"
	assert_output true
}

@test "a missed target is reported twice and does not fail the run" {
	table <<-END
		class|easy|native direct|direct<=1000000
		class|hard|native direct|direct<=1
		row|here|easy|cpu|calls pread 1 {dir}
		row|there|hard|cpu|calls pread 1 {dir}
	END
	run bench_table
	assert_success
	assert_line --regexp '^    direct<=1000000 .*  ok$'
	assert_line --regexp '^    direct<=1 .*  MISS$'
	assert_line '1 of 2 targets met, missed:'
	assert_line --regexp '^there +direct<=1 .*  MISS$'
	run jq -c '[.rows[].targets[].met]' "$BENCH_OUT/results.json"
	assert_output '[true,false]'
}

@test "a broken row fails the run; a row that this machine cannot run is skipped with a reason" {
	table <<-END
		class|only|native direct|direct<=native+10
		row|broken|only|cpu|calls pread 1 /no/such/directory
	END
	run bench_table
	assert_failure 1
	assert_line --partial 'left out: native direct: calls: /no/such/directory'
	table <<-END
		class|only|native direct|direct<=native+10
		row|many|only|cpu|calls descriptors-last 4000000000 {dir}
	END
	run bench_table
	assert_success
	assert_line --partial 'left out: native direct: calls: not on this machine: so many descriptors'
	assert_line 'Not all targets could be judged for: many'
}

@test "a wrong line of the table is refused with its line number" {
	local line
	table <<<'class|one|native|ring<=1.05*floor'
	for line in 'row|a|two|cpu|calls' 'row|a|one|days|calls' 'class|b|foreign|ring<=12' \
		'class|b|native|ring<12' 'column|a'; do
		{ echo 'class|one|native|ring<=1.05*floor'; echo "$line"; } | table
		run bench_table
		assert_failure
		assert_output --partial "rows.tsv:2:"
	done
}

need_floor() {
	"$calls" -f -c 1 pread 1 "$BATS_TEST_TMPDIR" || skip 'no ring with the flags of the floor'
}

@test "the floor makes the same calls as the native run, each as one operation on its ring" {
	need_floor
	while IFS='|' read -r subject native; do
		# shellcheck disable=SC2086  # words on purpose
		set -- ${subject//\{dir\}/$BATS_TEST_TMPDIR}
		for count in 100 200; do
			strace -qq -c -U name,calls -o native.$count "$calls" -c $count "$@"
			strace -qq -c -U name,calls -o floor.$count "$calls" -f -c $count "$@"
		done
		echo "$subject"
		[ $(($(calls_of native.200 $native) - $(calls_of native.100 $native))) -ge 100 ]
		[ "$(calls_of floor.200 $native)" -eq "$(calls_of floor.100 $native)" ]
		[ "$(calls_of floor.100 io_uring_setup)" -ge 1 ]
		[ "$(calls_of floor.200 io_uring_enter)" -gt "$(calls_of floor.100 io_uring_enter)" ]
		[ $(($(calls_of floor.200 io_uring_enter) - $(calls_of floor.100 io_uring_enter))) -eq \
			$(($(calls_of native.200 $native) - $(calls_of native.100 $native))) ]
	done <<-'END'
		pread 4k {dir}|pread64
		read 64k {dir}|read
		write-device 64 /dev/null|write
		fsync clean {dir}|fsync
		write-read pipe 64|read write
		write-read tcp 16k|sendto recvfrom
		connect unix|connect accept
		accept tcp|connect accept
	END
}

@test "every subject runs natively and on the floor, and prints the time of a call" {
	need_floor
	while read -r subject; do
		echo "$subject"
		subject=${subject//\{dir\}/$BATS_TEST_TMPDIR}
		for way in '' -f; do
			# shellcheck disable=SC2086  # words on purpose
			run "$calls" $way -m 1 ${subject//\{shm\}//dev/shm}
			assert_success
			assert_output --regexp '^[0-9.]+ [0-9.]+ [0-9]+$'
		done
	done < <(sed -n 's/^row.*\tcalls \(-u \)\?//p' "$here/rows.tsv" |
		grep -v -e 1000000 -e locked -e resident -e spawn -e '^-a')
}

@test "option -a measures the difference between calls through the library and past it" {
	traced with "$calls" -a -m 1 pread 64 "$BATS_TEST_TMPDIR"
	[ "$(calls_of with io_uring_enter)" -ge 100 ]
	[ "$(calls_of with pread64)" -ge 100 ]
	traced_natively bare "$calls" -a -m 1 pread 64 "$BATS_TEST_TMPDIR"
	[ "$(calls_of bare io_uring_enter)" -eq 0 ]
	[ "$(calls_of bare pread64)" -ge 100 ]
	run with_shim "$calls" -a -m 1 pread 64 "$BATS_TEST_TMPDIR"
	assert_output --regexp '^-?[0-9]+[.][0-9]+$'
}

@test "floor-files asks for every file of its list, or for every block of a file" {
	local floor=$top/tests/bench/floor-files
	mkdir files
	for n in $(seq 100); do
		head -c $((n * 100)) /dev/zero >files/$n
	done
	find files -type f >list
	"$floor" read list || skip 'no ring with a table of files'
	[ "$("$floor" read list)" -eq 100 ]
	[ "$("$floor" stat list)" -eq 100 ]
	head -c 1000000 /dev/zero >big
	[ "$("$floor" blocks big)" -eq 8 ]
	echo files/none >>list
	run "$floor" read list
	assert_failure 1
	run "$floor" stat list
	assert_failure 1
}

@test "rows of running ahead are measured on a slow disk and directory, or left out with a reason" {
	local row
	export AHEAD_FILES=100
	BENCH='ahead-tar ahead-grep-network ahead-tar-local ahead-md5sum-cached' run bench
	assert_success
	for row in ahead-tar ahead-grep-network ahead-tar-local; do
		grep -A 5 "^$row " <<<"$output" >row
		grep -q '^    ahead<=.*native ' row || grep -q '^    left out: native' row
		# The floor is next to it, with a target or without.
		grep -q -e '^    ahead<=.*floor ' -e '^    ahead/floor ' -e '^    left out:' row
	done
	assert_line --regexp '^    ahead<=1.03\*auto +[0-9.]+ '
	run grep "$BENCH_DIR" /proc/self/mounts
	assert_failure
}

@test "a slow directory shows the files of another one, and answers late" {
	[ "$(id -u)" -eq 0 ] || skip 'only root can mount it'
	[ -x "$top/tests/lib/slow-directory" ] || skip 'it was not built: no libfuse3'
	[ -c /dev/fuse ] || skip 'there is no /dev/fuse'
	mkdir -p source/below shown
	echo one >source/one
	head -c 1000000 /dev/urandom >source/below/two
	ln -s below/two source/link
	"$top/tests/lib/slow-directory" source shown 1000 3>&- &
	for _ in $(seq 100); do
		mountpoint -q shown && break
		sleep 0.05
	done
	mountpoint -q shown || skip 'FUSE does not mount here'
	run diff -r --no-dereference source shown
	umount shown
	assert_success
	assert_output ''
}
