#!/usr/bin/env bats
# ringshim run: what CMD gets, and what comes back from it.

load common

shim() {
	"$ringshim" run --library="$marker" "$@"
}

@test "the library is in the program" {
	run --separate-stderr shim -- "$subject" ok
	assert_success
	assert_output ok
	assert_equal "$stderr" preloaded
}

@test "the exit status is CMD's" {
	for wanted in 0 1 3 42 125 255; do
		run shim -- "$subject" exit "$wanted"
		assert_equal "$status" "$wanted"
		assert_output preloaded
	done
}

@test "death by a signal is CMD's" {
	run shim -- "$subject" signal 15
	assert_failure 143
	run shim -- "$subject" signal 9
	assert_failure 137
	run python3 -c 'import subprocess, sys; print(subprocess.run(sys.argv[1:]).returncode)' \
		"$ringshim" run --library="$marker" -- "$subject" signal 11
	assert_line -- -11
}

@test "a signal sent to ringshim reaches CMD, which takes its place" {
	# shellcheck disable=SC2016
	"$ringshim" run --library="$marker" -- sh -c 'trap "echo caught >caught; exit 4" TERM
		echo $$ >ready
		i=0; while [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done' >/dev/null 2>&1 3>&- &
	pid=$!
	wait_for ready
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	assert_equal "$(cat ready)" "$pid"
	assert_equal "$status" 4
	assert_equal "$(cat caught)" caught
}

@test "arguments and standard input and output pass through as they are" {
	run bash -c 'printf "a\0b\n" | "$@" | od -c' - "$ringshim" run --library="$marker" \
		cat -- - 2>/dev/null
	assert_line --partial 'a  \0   b  \n'
	run --separate-stderr shim printf '%s|' 'two words' '' -- --help
	assert_output 'two words||--|--help|'
}

@test "the -- before CMD may be left out, but ends the options" {
	run --separate-stderr shim "$subject" ok
	assert_output ok
	run -127 shim -- --force
	assert_output --partial 'cannot run --force'
}

@test "an LD_PRELOAD that was there is kept, after the library" {
	LD_PRELOAD='libc.so.6 libm.so.6' run --separate-stderr shim -- printenv LD_PRELOAD
	assert_success
	assert_output "$marker:libc.so.6 libm.so.6"
	LD_PRELOAD='' run --separate-stderr shim -- printenv LD_PRELOAD
	assert_output "$marker"
}

@test "nothing else in the environment changes" {
	env -i PATH="$PATH" ODD=$'two\nlines' A=b "$ringshim" run --library="$marker" -- \
		env -0 2>/dev/null | grep -zv '^LD_PRELOAD=' | sort -z >shimmed
	env -i PATH="$PATH" ODD=$'two\nlines' A=b env -0 | sort -z >native
	cmp native shimmed
	[ -s native ]
}

@test "settings become variables, files absolute, the last value holds" {
	mkdir -p here
	cd here
	run --separate-stderr shim --stats=counts --log ../messages --route=direct --route=ring -- \
		sh -c 'cd / && printenv RINGSHIM_STATS RINGSHIM_LOG RINGSHIM_ROUTE'
	assert_success
	assert_line --index 0 "$PWD/counts"
	assert_line --index 1 "$PWD/../messages"
	assert_line --index 2 ring
	RINGSHIM_ROUTE=direct run --separate-stderr shim --route=ring -- printenv RINGSHIM_ROUTE
	assert_output ring
	RINGSHIM_ROUTE=direct run --separate-stderr shim -- printenv RINGSHIM_ROUTE
	assert_output direct
}

@test "a file that cannot be made is refused before CMD starts" {
	run shim --stats=no/such/counts -- touch started
	one_line_error 2
	assert_output --partial 'there is no directory'
	run shim --stats=. -- touch started
	one_line_error 2
	assert_output --partial 'is a directory'
	run shim --log= -- touch started
	one_line_error 2
	assert [ ! -e started ]
}

@test "descriptors are passed on, and none is added" {
	ls_fds='ls -l /proc/self/fd | sed -n "s/.* \([0-9]*\) -> .*/\1/p"'
	native=$(sh -c "$ls_fds" 7</dev/null)
	shimmed=$(shim -- sh -c "$ls_fds" 7</dev/null 2>/dev/null)
	assert_equal "$shimmed" "$native"
	assert [ "${native/7/}" != "$native" ]
}

@test "with the real library, cat's reads go through the ring" {
	head -c 1000000 /dev/urandom >data
	run --separate-stderr "${STRACE:-strace}" -f -o trace -e trace=read,io_uring_enter \
		"$ringshim" run -- cat data
	assert_success
	"$ringshim" run -- cat data | cmp - data
	assert [ "$(grep -c io_uring_enter trace)" -ge 1 ]
}
