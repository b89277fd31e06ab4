#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim compare --ahead: what was fetched ahead is counted. In most tests CMD writes statistics
# in place of the library, so that the counts are known.

# shellcheck disable=SC2154  # the names that slow_names sets
load common
load ../shim/ahead.bash

setup_file() {
	need strace
}

teardown_file() {
	remove_slow_disk
}

compare() {
	"$ringshim" compare --library="$marker" "$@"
}

# A shell command that appends a row to the statistics: row PROGRAM CALL ROUTE REASON COUNT. The
# native run has no statistics.
row='[ "$RINGSHIM_STATS" ] || exit 0
row() { printf "%s\t%s\t%s\t%s\t%s\t%s\n" $$ "$@" >>"$RINGSHIM_STATS"; }'

# The rows of two programs, one of which has a blank in its name, and rows of other calls.
rows="$row
row 'a b' ahead fetched - 1600
row tar ahead fetched - 7
row tar ahead used - 1590
row tar ahead late - 4
row tar read ring - 123
row tar ahead unused - 6
row used direct fetched setting 55
row ahead ahead cached - 12345678901
row cat ahead ranges - 17"

# ahead_table: prints the counts of the table in $output, in order.
ahead_table() {
	sed -n '/^Running ahead, /,/^$/p' <<<"$output" | awk 'NR > 1 && NF { printf "%s ", $NF }'
}

@test "compare --ahead prints the sums of what all processes fetched" {
	run --separate-stderr compare --ahead -- sh -c "$rows"
	assert_success
	assert_equal "$(ahead_table)" '1607 1590 4 6 12345678901 17 '
	assert_line --regexp '^Running ahead, under strace.* \(see -n\):$'
	assert_line --regexp '^files fetched +1607$'
	assert_line --regexp '^asked for afterwards +1590$'
	assert_line --regexp '^on their way when asked for +4$'
	assert_line --regexp '^not asked for +6$'
	assert_line --regexp '^cached before +12345678901$'
	assert_line --regexp '^pieces of long files +17$'
}

@test "the variable and the configuration file ask for the table as the option does" {
	RINGSHIM_AHEAD=list run --separate-stderr compare -- sh -c "$rows"
	assert_equal "$(ahead_table)" '1607 1590 4 6 12345678901 17 '
	echo 'RINGSHIM_AHEAD=arguments' >config
	run --separate-stderr compare --config=config -- sh -c "$rows"
	assert_equal "$(ahead_table)" '1607 1590 4 6 12345678901 17 '
}

@test "without --ahead there is no table, and CMD writes no statistics" {
	for option in '' --ahead=0; do
		# shellcheck disable=SC2016,SC2086  # no option at all
		run --separate-stderr compare $option -- sh -c 'echo "${RINGSHIM_STATS-none}" >>seen'
		assert_success
		refute_output --partial 'Running ahead'
	done
	assert_equal "$(sort -u seen)" none
}

@test "with -n the counts are those of the last run alone" {
	run --separate-stderr compare --ahead -n 2 -- sh -c "$row
		echo >>runs
		row tar ahead fetched - \$(wc -l <runs)"
	assert_success
	assert_equal "$(ahead_table)" '3 0 0 0 0 0 '
	assert_line 'Running ahead, in the last run without strace:'
	run --separate-stderr compare --ahead -n 1 -- sh -c "$rows"
	assert_line 'Running ahead, in the run without strace:'
}

# sync_table TITLE: prints the counts of a table of syncs in $output, in order.
sync_table() {
	sed -n "/^$1, /,/^\$/p" <<<"$output" | awk 'NR > 1 && NF { printf "%s ", $NF }'
}

@test "with --ahead=sync and --risk-sync-at-exit the syncs are counted" {
	sync_rows="$row
		row db ahead synced - 300
		row db ahead proved - 290
		row db ahead missed - 1
		row db ahead refused - 2
		row db ahead older - 3
		row db ahead changed - 4
		row db ahead renamed - 5
		row db ahead sync-errors - 6
		row db ahead reported - 7
		row db ahead fetched - 1000
		row db sync-at-exit noted - 80
		row db sync-at-exit synced - 81
		row sh sync-at-exit synced - 1
		row db sync-at-exit exit - 83
		row db sync-at-exit exec - 84
		row db sync-at-exit fork - 85
		row db sync-at-exit output - 86
		row db sync-at-exit credentials - 87
		row db sync-at-exit unmount - 88
		row db sync-at-exit close - 89"
	run --separate-stderr compare --ahead=sync -- sh -c "$sync_rows"
	assert_success
	assert_equal "$(sync_table 'Syncing ahead')" '300 290 1 2 3 4 5 6 7 '
	assert_line --regexp '^syncs answered from proof +290$'
	refute_line --partial 'Running ahead'
	refute_line --partial 'Syncing at exit'
	run --separate-stderr compare --risk-sync-at-exit -n 1 -- sh -c "$sync_rows"
	assert_success
	assert_equal "$(sync_table 'Syncing at exit')" '80 82 83 84 85 86 87 88 89 '
	assert_line 'Syncing at exit, in the run without strace:'
	refute_line --partial 'ahead'
	run --separate-stderr compare --ahead=1,sync -- sh -c "$sync_rows"
	assert_equal "$(ahead_table)" '1000 0 0 0 0 0 '
	assert_equal "$(sync_table 'Syncing ahead')" '300 290 1 2 3 4 5 6 7 '
}

@test "a file of --stats gets the statistics, and what it had before does not count" {
	for earlier in 0 1; do
		run --separate-stderr compare --ahead --stats=stats -- sh -c "$rows"
		assert_equal "$(ahead_table)" '1607 1590 4 6 12345678901 17 '
		assert_equal "$(wc -l <stats)" $((9 * (earlier + 1)))
	done
}

@test "where there are no counts, the table says why" {
	run --separate-stderr compare --ahead -- true
	assert_success
	assert_line --regexp '^\(no counts: .* could not write its statistics\)$'
	run --separate-stderr compare --ahead --stats=/dev/null -- sh -c "$rows"
	assert_success
	assert_line '(no counts: the statistics do not go to a single regular file)'
}

@test "--ahead leaves no file behind and adds no descriptors to CMD" {
	mkdir tmp
	TMPDIR=$PWD/tmp run --separate-stderr compare --ahead -- sh -c 'echo /proc/$$/fd/* >>fds; ls tmp'
	assert_line --partial '0 bytes of standard output'
	assert_equal "$(sed 's,/proc/[0-9]*/,,g' fds | sort -u | wc -l)" 1
	assert_equal "$(ls tmp)" ''
}

# Natively and under the shim, all files are read from the disk. Without --cold, the run under the
# shim would find them in memory, and fetch nothing.
@test "with --cold, tar finds on a slow disk that most of its files were fetched" {
	why_no_slow_disk >why
	[ ! -s why ] || skip "$(cat why)"
	need_drop_caches
	need_io_uring
	make_slow_disk
	[ ! -e "$base/skip" ] || skip "$(cat "$base/skip")"
	for i in 1 2 3; do
		files_in "$slow/tree/d$i" 50
	done
	cd "$slow/tree"
	run --separate-stderr "$ringshim" compare --cold -n 1 --ahead -- tar cf - .
	cd "$BATS_TEST_TMPDIR"
	assert_success
	assert_line --partial 'the same in both runs'
	read -r fetched used late unused cached _ <<<"$(ahead_table)"
	echo "# fetched $fetched, used $used, late $late, unused $unused, cached $cached" >&3
	assert [ "$fetched" -ge 75 ]
	assert [ $((used + late)) -ge 75 ]
}
