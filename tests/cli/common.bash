# SPDX-License-Identifier: MIT
# Loaded by every test file of the command.

load ../lib/common.bash

: "${abs_top_srcdir:?}" "${abs_top_builddir:?}" "${CC:?}"
ringshim=$abs_top_builddir/ringshim
marker=$abs_top_builddir/tests/cli/.libs/marker.so
subject=$abs_top_builddir/tests/cli/subject

# The time limit of each test, in seconds.
export BATS_TEST_TIMEOUT=300

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	unset LD_PRELOAD "${!RINGSHIM_@}"
	# Ignores the machine's own configuration file.
	export RINGSHIM_CONFIG=
}

# one_line_error STATUS: the command failed with one line that starts with its name.
one_line_error() {
	assert_failure "$1"
	assert_equal "${#lines[@]}" 1
	assert_line --index 0 --regexp '^ringshim: '
}

# compile OUTPUT [FLAG...]: compiles a program from standard input.
compile() {
	local output=$1
	shift
	# shellcheck disable=SC2086  # CC may have options
	$CC -x c - -o "$output" "$@"
}

# counts NAME: prints the native count, the shim count and the change of NAME in the table in
# $output.
counts() {
	awk -v name="$1" '$1 == name { print $2, $3, $4 }' <<<"$output"
}

# as_user CMD [ARG...]: runs CMD as an unprivileged user, also when the tests run as root. That user
# may not have access to the build tree and the test's directory, so all arguments that are files
# are first copied to a public directory.
as_user() {
	local place words=() word
	if [ "$(id -u)" -ne 0 ]; then
		run "$@"
		return
	fi
	place=$(mktemp -d)
	chmod 755 "$place"
	for word; do
		case $word in
		--library=*)
			cp "${word#*=}" "$place"
			words+=("--library=$place/${word##*/}")
			;;
		*)
			if [ -f "$word" ] && [ ! -u "$word" ]; then
				cp -p "$word" "$place"
				word=$place/${word##*/}
			fi
			words+=("$word")
			;;
		esac
	done
	run setpriv --reuid=65534 --regid=65534 --clear-groups "${words[@]}"
	rm -rf "$place"
}
