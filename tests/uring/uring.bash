# What the bats files of the wrapper library share.

bats_require_minimum_version 1.5.0

programs="$abs_top_builddir/tests/uring"

# Runs one case of a test program; its skip, with the reason, is the test's.
case_of() { # PROGRAM CASE
	local output status=0

	output=$("$programs/$1" "$2" 2>&1) || status=$?
	echo "$output"
	if [[ $output == 'ok '*' # SKIP '* ]]; then
		skip "${output#* \# SKIP }"
	fi
	[ "$status" -eq 0 ]
	[[ $output == 'ok '* ]]
}

# Fails for a case of the program that the bats file does not name.
all_cases_of() { # PROGRAM FILE
	local name missing=

	while IFS= read -r name; do
		grep -qxF -- "	case_of $1 '$name'" "$2" || missing+="$name; "
	done < <("$programs/$1" --list)
	[ -z "$missing" ] || { echo "not run: $missing"; return 1; }
}

# Runs all of a program; fails for what is not "ok", and says what was skipped.
whole() { # COMMAND...
	local output status=0

	output=$("$@" 2>&1) || status=$?
	echo "$output" | grep -v '^ok ' || true
	echo "$output" | sed -n 's/^ok [0-9]* - \(.*\) # SKIP /# skipped: \1: /p' >&3
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok ' <<<"$output")" -eq "$(sed -n 's/^1\.\.//p' <<<"$output")" ]
}
