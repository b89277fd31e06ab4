# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the suites' own reports say, in one form: a line for each test, with its name and "pass",
# "fail" or "skip", separated by a tab.

# Reads the lines of automake's test driver.
automake_outcomes() { # LOG
	sed -nE -e 's/^(PASS|XFAIL): +(.*)/\2\tpass/p' -e 's/^(FAIL|XPASS|ERROR): +(.*)/\2\tfail/p' \
		-e 's/^SKIP: +(.*)/\1\tskip/p' "$1"
}

# Reads lines of TAP.
tap_outcomes() { # LOG
	sed -nE -e 's/^ok [0-9]+ -? ?(.*) # [Ss][Kk][Ii][Pp].*/\1\tskip/p;t' \
		-e 's/^not ok [0-9]+ -? ?(.*) # TODO.*/\1\tpass/p;t' \
		-e 's/^ok [0-9]+ -? ?(.*)/\1\tpass/p' -e 's/^not ok [0-9]+ -? ?(.*)/\1\tfail/p' "$1"
}

# Reads the lines of autoconf's testsuite.
autotest_outcomes() { # LOG
	sed -nE -e 's/^ *([0-9]+): +(.*[^ ]) +(ok|expected failure).*/\1 \2\tpass/p;t' \
		-e 's/^ *([0-9]+): +(.*[^ ]) +skipped.*/\1 \2\tskip/p;t' \
		-e 's/^ *([0-9]+): +(.*[^ ]) +FAILED.*/\1 \2\tfail/p' "$1"
}

# Differences that have a reason: the test, a tab, the reason. A suite may have its own.
explained() { :; }

# A test's outcome can be recorded several times; any of them counts.
count_outcomes() { # FILE
	awk -F'\t' '
		{ tests[$1]; seen[$1, $2] = 1 }
		END {
			for (test in tests) {
				if (seen[test, "pass"]) pass++
				else if (seen[test, "skip"]) skip++
				else fail++
			}
			printf "%d tests passed, %d failed, %d skipped", pass, fail, skip
		}' "$1"
}

# Prints the tests none of whose outcomes in OTHER is in NATIVE, with what was seen.
differing_outcomes() { # EXPLAINED NATIVE OTHER
	awk -F'\t' '
		FILENAME == explained { is_explained[$1]; next }
		FILENAME == native { natively[$1] = natively[$1] " " $2; next }
		{ here[$1] = here[$1] " " $2 }
		function have_common(a, b,    list, n, i) {
			n = split(a, list, " ")
			for (i = 1; i <= n; i++)
				if (index(b " ", " " list[i] " ")) return 1
			return 0
		}
		END {
			for (test in natively)
				if (!(test in here)) here[test] = " missing"
			for (test in here) {
				if (!(test in natively)) natively[test] = " missing"
				if (test in is_explained || have_common(here[test], natively[test])) continue
				print test "\tnatively" natively[test] ", here" here[test]
			}
		}' explained="$1" native="$2" "$1" "$2" "$3" | LC_ALL=C sort
}
