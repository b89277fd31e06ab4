#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --help, --version and wrong usage.

load common

@test "every form of help prints to standard output and succeeds" {
	for words in --help -h help 'help run' 'help compare' 'help advise' 'help doctor' 'help stat' 'help top' 'run --help' 'run -h' \
		'doctor --help' 'compare --help' 'compare --force --help nonsense'; do
		# shellcheck disable=SC2086  # several words
		run --separate-stderr "$ringshim" $words
		assert_success
		assert_line --index 0 --partial 'Usage: ringshim'
		assert_equal "$stderr" ''
	done
}

@test "the overview lists every command, and the help of a command lists its options" {
	run "$ringshim" --help
	assert_line --regexp '^  run '
	assert_line --regexp '^  compare '
	assert_line --regexp '^  doctor '
	assert_line --regexp '^  stat '
	assert_line --regexp '^  top '
	run "$ringshim" run --help
	for option in --library --force --help --version; do
		assert_line --partial -- "$option"
	done
	refute_line --partial -- --strict
	run "$ringshim" compare --help
	for option in --all --cold --json --output --runs --show --strict --svg --library; do
		assert_line --partial -- "$option"
	done
}

@test "both commands have an option for every setting, with its values and its default" {
	for command in run compare; do
		"$ringshim" "$command" --help | tr -d '[]' >help
		"$abs_top_builddir/tests/shim/settings" --table | awk -F'\t' '
			{ option = tolower(substr($1, length("RINGSHIM_") + 1)); gsub("_", "-", option) }
			{ print "--" option "=" $2 }
			{ print "default: " ($3 == "" ? "none" : $3) }' >wanted
		[ "$(wc -l <wanted)" -ge 20 ]
		grep -o -e '--[a-z-]*=.*' -e 'default: .*' help | awk '
			sub(/^--.*=[^ ]*/, "&") { option = $1; next }
			{ print option; print }' | diff wanted -
	done
}

@test "--version prints the version of the package with every command" {
	version=$(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' "$abs_top_builddir/config.h")
	[ -n "$version" ]
	for words in --version -V 'run --version' 'compare -V' 'advise -V' 'doctor -V' 'stat -V' 'top -V'; do
		# shellcheck disable=SC2086
		run "$ringshim" $words
		assert_success
		assert_output "ringshim $version"
	done
}

@test "a missing command, an unknown command and an unknown option exit with 2" {
	run "$ringshim"
	one_line_error 2
	assert_output --partial 'ringshim run|compare|advise [OPTION]... -- CMD'
	run "$ringshim" jump
	one_line_error 2
	assert_output --partial "unknown command 'jump'; the commands are run, compare, advise, doctor, stat, top, help"
	run "$ringshim" --jump
	one_line_error 2
	assert_output --partial "'--jump'"
	run "$ringshim" help jump
	one_line_error 2
	run "$ringshim" help run compare
	one_line_error 2
}

@test "the message about an unknown option lists the known options" {
	for command in run compare; do
		run "$ringshim" "$command" --jump -- true
		one_line_error 2
		assert_output --partial "$command has no option '--jump'; it has"
		assert_output --partial -- --force
		run "$ringshim" "$command" -j -- true
		one_line_error 2
		assert_output --partial "'-j'"
	done
}

@test "missing, superfluous and wrong values get different messages" {
	run "$ringshim" run --stats
	one_line_error 2
	assert_output --partial -- '--stats needs a value: --stats=FILE'
	run "$ringshim" run --force=yes -- true
	one_line_error 2
	assert_output --partial -- '--force takes no value'
	run "$ringshim" run --route=round -- true
	one_line_error 2
	assert_output 'ringshim: --route=round: accepted is ring, auto or direct'
	for runs in x 0 -1 1001 2x ''; do
		run "$ringshim" compare -n "$runs" -- touch started
		one_line_error 2
		assert_output "ringshim: --runs=$runs: accepted is a number from 1 to 1000"
	done
	run "$ringshim" compare -n
	one_line_error 2
	assert_output --partial -- '--runs needs a value: --runs=RUNS'
	[ ! -e started ]
}

@test "a missing CMD exits with 2" {
	for words in run 'run --' 'run --force' compare 'compare --'; do
		# shellcheck disable=SC2086
		run "$ringshim" $words
		one_line_error 2
		assert_output --partial 'no CMD given'
	done
}

@test "a standard output that cannot be written is an error" {
	run bash -c '"$1" --help >/dev/full' - "$ringshim"
	one_line_error 125
	assert_output --partial 'standard output'
}

# options_of COMMAND...: prints the options that the help of each names.
options_of() {
	for command; do "$ringshim" $command --help; done |
		sed -n 's/^  \(-.,\|   \) --\([a-z-]*\).*/\2/p' | sort -u
}

# documented PAGE: prints the options that a page has an item for.
documented() {
	sed -n 's/^\.It .*Fl -\([a-z-]*\).*/\1/p' "$abs_top_srcdir/doc/$1" | sort -u
}

@test "each command has a manual page, which documents every option of it, and no others" {
	# The settings are in ringshim(7), by their variables.
	sed -n 's/^\.It Ev RINGSHIM_\([A-Z_]*\) .*/\1/p' "$abs_top_srcdir/doc/ringshim.7.in" | tr A-Z_ a-z- |
		sort -u >settings
	[ -s settings ]
	"$ringshim" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -vx help >commands
	[ "$(wc -l <commands)" -ge 6 ]
	while read -r command; do
		options_of "$command" >options
		[ -s options ]
		case $command in
		run | compare) { documented "ringshim-$command.1"; cat settings; } | sort -u ;;
		*) documented "ringshim-$command.1" ;;
		esac | diff options - || fail "ringshim-$command(1) and ringshim $command --help differ"
		"$ringshim" "$command" --help | grep -qx "The manual page is ringshim-$command(1)\."
		grep -qx "\.Xr ringshim-$command 1" "$abs_top_srcdir/doc/ringshim.1"
	done <commands
	ls "$abs_top_srcdir"/doc/ringshim-*.1 | sed 's/.*ringshim-\(.*\)\.1$/\1/' | diff <(sort commands) -
	options_of '' | diff - <(documented ringshim.1)
}

@test "the manual pages produce no warnings" {
	need man
	for page in "$abs_top_srcdir"/doc/*.[1-8] "$abs_top_builddir"/doc/ringshim{,-calls,-semantics}.7 \
		"$abs_top_builddir"/doc/uring/*.3; do
		run man --warnings=all -l "$page"
		assert_success
		refute_output --partial warning
	done
}

@test "ringshim-semantics(7) has every heading, every situation and every word of doc/semantics.md" {
	local page="$abs_top_builddir/doc/ringshim-semantics.7" document="$abs_top_srcdir/doc/semantics.md"

	need mandoc
	# Without its marks the document and the page are the same words, but for the page's own.
	sed -n 's/^##* *\(.*\)/\1/p; s/^| *\([^|]*\) *|.*/\1/p' "$document" | grep -v -e '^---' -e '^situation' \
		-e '^what the program does' -e '^What differs' | tr -d '`*' | sed 's/ *$//' >headings
	[ "$(wc -l <headings)" -gt 60 ]
	mandoc -T utf8 -O width=1000 "$page" | sed 's/.\x08//g; s/^ *//; s/ *$//' >shown
	while read -r heading; do
		grep -qixF -- "$heading" shown || fail "not in the page: $heading"
	done <headings
	words() { tr -cs 'A-Za-z_' '\n' | tr A-Z a-z | sed '/^$/d' | sort -u; }
	sed 's/\[\([^]]*\)\]([^)]*)/\1/g' "$document" | words >said
	words <shown >shown-words
	# The first column of a table has no name in the page.
	run -0 comm -23 said shown-words
	assert_output situation
}
