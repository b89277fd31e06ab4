#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The completion for bash.

load common

# complete_words WORD...: prints the completions of the last word. "=" is a word of its own.
complete_words() {
	bash --norc -c '
		source "$1/src/cli/completions/ringshim"
		PATH=$2:$PATH
		shift 2
		COMP_WORDS=(ringshim "$@")
		COMP_CWORD=$#
		_ringshim ringshim "${!#}" ""
		printf "%s\n" "${COMPREPLY[@]}"' - "$abs_top_srcdir" "$abs_top_builddir" "$@"
}

@test "completion offers the commands" {
	run complete_words ''
	assert_output $'run\ncompare\nadvise\ndoctor\nstat\ntop\nhelp\n--help\n--version'
	run complete_words co
	assert_output compare
	run complete_words help r
	assert_output run
}

@test "completion offers every option that --help lists, and no other" {
	for command in run compare advise doctor stat top; do
		run complete_words "$command" --
		sed 's/=$//' <<<"$output" | sort >offered
		{ echo --; "$ringshim" "$command" --help |
			sed -n 's/^  \(-.,\|   \) \(--[a-z-]*\).*/\2/p'; } | sort | diff - offered
		[ "$(wc -l <offered)" -ge 4 ]
	done
	run complete_words run --ro
	assert_output -- --route=
	run complete_words compare --str
	assert_output -- --strict
	run complete_words compare --col
	assert_output -- --cold
	run complete_words doctor --js
	assert_output -- --json
	run complete_words run --risk-sh
	assert_output -- --risk-shared-position=
	run complete_words run --risk-sy
	assert_output -- --risk-sync-at-exit=
}

@test "completion offers the values of options" {
	touch counts1 counts2
	run complete_words run --route =
	assert_output $'ring\nauto\ndirect'
	run complete_words run --route = d
	assert_output direct
	run complete_words compare --stats = cou
	output=$(sort <<<"$output")
	assert_output $'counts1\ncounts2'
	run complete_words compare -o cou
	output=$(sort <<<"$output")
	assert_output $'counts1\ncounts2'
}

@test "completion offers the items of lists" {
	"$ringshim" run --help | sed -n 's/^ *FAMILY: //p' | head -n 1 | tr -d , | tr ' ' '\n' >families
	[ "$(wc -l <families)" -ge 3 ]
	run complete_words run --calls =
	assert_output "$(cat families)"$'\nall\ndefault'
	run complete_words run --calls = soc
	assert_output socket
	run complete_words run --calls = file,-so
	assert_output file,-socket
	run complete_words run --calls = -d
	assert_output -- -default
	run complete_words run --ring =
	assert_output $'entries=\nsqpoll\nsqpoll=\nsqpoll-cpu='
	run complete_words run --ring = entries = 8,sqpoll-
	assert_output 8,sqpoll-cpu=
	run complete_words run --ring = entries = 8
	assert_output ''
	run complete_words compare --timeout = file = 3s,socket = 1m,al
	assert_output 1m,all=
	run complete_words compare --timeout = wa
	assert_output wait=
	run complete_words run --programs = c
	assert_output ''
	run complete_words run --check-descriptors =
	assert_output $'0\n1'
}

@test "completion offers CMD and its arguments" {
	touch some-file
	run complete_words run -- printen
	assert_line printenv
	run complete_words run --route = ring printen
	assert_line printenv
	run complete_words run --timeout = file = 3s,all = 1m printen
	assert_line printenv
	run complete_words run -- cat some-f
	assert_output some-file
	run complete_words compare -n 3 printen
	assert_line printenv
	run complete_words compare --svg = some-f
	assert_output some-file
	run complete_words compare cat --f
	assert_output ''
}
