#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim compare --json and --svg.

load common

setup_file() {
	need strace
}

compare() {
	"$ringshim" compare --library="$marker" "$@"
}

# members: prints the names of all members of the JSON in $output, as ringshim-compare(1) writes them.
members() {
	jq -r 'paths(type != "object" and type != "array") | map(if type == "number" then "[]" else . end) |
		join(".")' <<<"$output" | sed -E 's/\.\[\]/[]/g
		s/^(outcomes|processes\[\]|measured)\.(native|shim)/\1.RUN/
		s/^(ahead|sync_ahead|sync_at_exit)\..*/\1.COUNT/
		s/^(measured\.RUN\.)[a-z_]+/\1AMOUNT/' | sort -u
}

@test "--json has the counts of the table" {
	need jq
	run --separate-stderr compare --all -- "$subject" calls 137
	table=$output
	run --separate-stderr compare --json -- "$subject" calls 137
	assert_success
	assert_equal "$(jq -r '.schema, .version' <<<"$output")" $'ringshim-compare\n1'
	assert_equal "$(jq -r '.command | join(" ")' <<<"$output")" "$subject calls 137"
	jq -r '.calls[] | select(.native + .shim > 0) | "\(.call) \(.native) \(.shim)"' <<<"$output" |
		sort >calls
	sed -n '/^system call/,/^CMD/p' <<<"$table" | sed '1d;$d' | awk '{ print $1, $2, $3 }' | sort |
		diff - calls
	jq -r '.calls[] | select(.own > 0) | "\(.call) \(.own)"' <<<"$output" | sort >own
	[ -s own ]
	sed -n "/^The shim's own/,/^the shim's calls/p" <<<"$table" | sed '1d;$d' |
		awk '{ print $1, $2 }' | sort | diff - own
	jq -e '(.calls | map(.native) | add) == .total.native and
		(.calls | map(.shim) | add) == .total.shim and
		(.calls | map(.own) | add) == .total.own' <<<"$output"
	jq -e '.processes | length == 1 and .[0].program == "subject" and .[0].native.pid > 1' <<<"$output"
	jq -e '.processes[0].shim.calls == .total.shim and .processes[0].shim.own == .total.own' <<<"$output"
}

@test "--json says how the runs ended, and what differs" {
	need jq
	run --separate-stderr compare --json -- sh -c 'case $LD_PRELOAD in *marker*) echo abc; kill -9 $$;;
		*) echo a; exit 5;; esac'
	assert_failure 3
	jq -e '.same == false and .same_ending == false and .same_output == false' <<<"$output"
	jq -e '.outcomes.native == {exit_status: 5, signal: null, output_bytes: 2, error_bytes: 0}' <<<"$output"
	jq -e '.outcomes.shim | .exit_status == null and .signal == "SIGKILL" and .output_bytes == 4' <<<"$output"
	# Standard error differs, which is no difference without --strict.
	run --separate-stderr compare --json -- true
	assert_success
	jq -e '.same and .same_output and .same_error == false' <<<"$output"
	run --separate-stderr compare --json --strict -- true
	assert_failure 3
	jq -e '.same == false' <<<"$output"
	run --separate-stderr compare --json --show -o json -- true
	jq -e '.same_output == null and .outcomes.native.output_bytes == null' json
}

@test "--json has what the runs took" {
	need jq
	run --separate-stderr compare --json -- sleep 0.1
	jq -e '.measured | .strace and .runs == 1 and (.native | has("voluntary_switches") | not)' <<<"$output"
	jq -e '.measured.shim.wall_seconds.least >= 0.1' <<<"$output"
	run --separate-stderr compare --json -n 3 -- sleep 0.1
	jq -e '.measured | (.strace | not) and .runs == 3 and (.cold | not)' <<<"$output"
	jq -e '[.measured.native, .measured.shim] | all(.[] | .[]; .least <= .median and .median <= .most)' <<<"$output"
	jq -e '.measured.native.voluntary_switches.least >= 1' <<<"$output"
	jq -e '.measured.native.peak_memory_kib.least > 500' <<<"$output"
}

@test "ringshim-compare(1) documents every member of the JSON, and no others" {
	need jq
	for option in --ahead --ahead=sync --risk-sync-at-exit; do
		run --separate-stderr compare --json -n 1 $option -- sh -c \
			'[ "$RINGSHIM_STATS" ] || exit 0
			printf "1\tsh\twrite\tring\t-\t1\n" >>"$RINGSHIM_STATS"'
		assert_success
		members >>members
	done
	sort -u members >seen
	sed -n '/^\.Sh COMPARISON AS JSON/,/^\.Sh EXIT STATUS$/s/^\.It Li //p' "$abs_top_srcdir/doc/ringshim-compare.1" |
		sort -u >documented
	# These can be null, and their members say what they are.
	grep -vxE 'ahead|sync_ahead|sync_at_exit' seen >wanted
	# A run that has no such process has null there, which does not come about here.
	grep -vxF 'processes[].RUN' documented | diff - wanted
	[ "$(wc -l <documented)" -ge 30 ]
}

@test "--svg draws the calls that differ, and is XML" {
	need xmllint
	run --separate-stderr compare --svg=picture.svg -- "$subject" calls 137
	assert_success
	assert_line --regexp '^getppid +137 +0 +-137$'
	xmllint --noout picture.svg
	# The two calls that differ most come first: each with its name, its bars and its numbers.
	xmllint --xpath '//*[local-name()="text"]/text()' picture.svg >words
	grep -qx "$subject calls 137" words
	assert_equal "$(grep -A 2 -x getppid words | tr '\n' ' ')" 'getppid 137 0 '
	assert_equal "$(grep -A 2 -x getsid words | tr '\n' ' ')" 'getsid 0 137 '
	native=$(awk '/^all system calls/ { print $4 }' <<<"$output")
	shim=$(awk '/^all system calls/ { print $5 }' <<<"$output")
	grep -qx "natively: $native in all" words
	grep -qx "under the shim: $shim in all" words
	# The background is white, and the largest count has the longest bar.
	assert_equal "$(xmllint --xpath 'string((//*[local-name()="rect"])[1]/@fill)' picture.svg)" '#ffffff'
	longest=$(xmllint --xpath '//*[local-name()="rect"][position() > 3]/@width' picture.svg |
		tr -dc '0-9.\n' | sort -rn | uniq -c | head -n 1 | awk '{ print $1, $2 }')
	assert_equal "$longest" '2 450.0'
}

@test "the picture has at most twelve calls, and words that are no XML are escaped" {
	need xmllint
	compile many -static <<'END' || skip "$CC cannot link statically here"
		#include <stdlib.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		int main(void)
		{
			static const int calls[] = { SYS_getpid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid,
				SYS_getegid, SYS_gettid, SYS_getpgid, SYS_getsid, SYS_sync, SYS_sched_yield,
				SYS_getpriority, SYS_umask, SYS_getrlimit, SYS_times };
			for (int i = 0; i < 15 && getenv("LD_PRELOAD"); i++)
				for (int j = -10; j < i; j++) syscall(calls[i], 0, 0, 0);
		}
END
	run --separate-stderr compare --force --svg=picture.svg -- ./many '<&>"' $'\001\377' "$(printf 'long%.0s' {1..99})"
	assert_success
	xmllint --noout picture.svg
	xmllint --xpath '//*[local-name()="text"][@text-anchor="end"]/text()' picture.svg >names
	assert_equal "$(wc -l <names)" 12
	# The least differences are left out.
	run grep -xE 'getpid|getppid|getuid' names
	assert_failure 1
	assert_equal "$(head -n 1 names)" times
	title=$(xmllint --xpath 'string(//*[local-name()="title"])' picture.svg)
	[[ $title == './many <&>" ��'* && $title == *... ]]
}

@test "where no count differs, the picture says so" {
	need xmllint
	compile quiet -static <<<'int main(void) { return 0; }' || skip "$CC cannot link statically here"
	run --separate-stderr compare --force --svg=picture.svg -- ./quiet
	assert_success
	xmllint --noout picture.svg
	grep -q '>No count differs.<' picture.svg
}

@test "files of pictures and JSON that cannot be written are refused before CMD runs" {
	run compare --svg=no/such/picture.svg -- touch started
	one_line_error 125
	assert_output --partial 'cannot write the picture to no/such/picture.svg: No such file or directory; name a file'
	run compare --json --output=no/such/json -- touch started
	one_line_error 125
	assert_output --partial 'cannot write the JSON to no/such/json'
	run compare --svg=. -- touch started
	one_line_error 125
	assert_output --partial 'cannot write the picture to .: Is a directory; name a file'
	run compare --svg= -- touch started
	one_line_error 2
	assert_output 'ringshim: --svg=FILE: a file name is needed'
	[ ! -e started ]
}
