#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim compare --json.

load common

setup_file() {
	need strace
}

compare() {
	"$ringshim" compare --library="$marker" "$@"
}

# members: prints the names of all members of the JSON in $output, as ringshim(1) writes them.
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

@test "ringshim(1) documents every member of the JSON, and no others" {
	need jq
	for option in --ahead --ahead=sync --risk-sync-at-exit; do
		run --separate-stderr compare --json -n 1 $option -- sh -c \
			'[ "$RINGSHIM_STATS" ] || exit 0
			printf "1\tsh\twrite\tring\t-\t1\n" >>"$RINGSHIM_STATS"'
		assert_success
		members >>members
	done
	sort -u members >seen
	sed -n '/^\.Sh COMPARISON AS JSON/,/^\.Sh PROGRAMS/s/^\.It Li //p' "$abs_top_srcdir/doc/ringshim.1" |
		sort -u >documented
	# These can be null, and their members say what they are.
	grep -vxE 'ahead|sync_ahead|sync_at_exit' seen >wanted
	# A run that has no such process has null there, which does not come about here.
	grep -vxF 'processes[].RUN' documented | diff - wanted
	[ "$(wc -l <documented)" -ge 30 ]
}

@test "a file of JSON that cannot be written is refused before CMD runs" {
	run compare --json --output=no/such/json -- touch started
	one_line_error 125
	assert_output --partial 'cannot write the JSON to no/such/json'
	[ ! -e started ]
}
