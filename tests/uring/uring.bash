# SPDX-License-Identifier: MIT
# Shared by the bats files of the wrapper library.

load ../lib/common.bash

programs="$abs_top_builddir/tests/uring"

# Runs all cases of a program. Fails if a line is not "ok", and prints what was skipped.
whole() { # COMMAND...
	local output status=0

	output=$("$@" 2>&1) || status=$?
	echo "$output" | grep -v '^ok ' || true
	echo "$output" | sed -n 's/^ok [0-9]* - \(.*\) # SKIP /# skipped: \1: /p' >&3
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok ' <<<"$output")" -eq "$(sed -n 's/^1\.\.//p' <<<"$output")" ]
}
