#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim run: the environment that CMD gets, and the results that come back from it.

load common

shim() {
	"$ringshim" run --library="$marker" "$@"
}

@test "run loads the library into the program" {
	run --separate-stderr shim -- "$subject" ok
	assert_success
	assert_output ok
	assert_equal "$stderr" preloaded
}

@test "run exits with the exit status of CMD" {
	for wanted in 0 1 3 42 125 255; do
		run shim -- "$subject" exit "$wanted"
		assert_equal "$status" "$wanted"
		assert_output preloaded
	done
}

@test "run dies by the signal that killed CMD" {
	run shim -- "$subject" signal 15
	assert_failure 143
	run shim -- "$subject" signal 9
	assert_failure 137
	run python3 -c 'import subprocess, sys; print(subprocess.run(sys.argv[1:]).returncode)' \
		"$ringshim" run --library="$marker" -- "$subject" signal 11
	assert_line -- -11
}

@test "a signal sent to ringshim reaches CMD, which replaces it" {
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

@test "arguments, standard input and standard output pass through unchanged" {
	run bash -c 'printf "a\0b\n" | "$@" | od -c' - "$ringshim" run --library="$marker" \
		cat -- - 2>/dev/null
	assert_line --partial 'a  \0   b  \n'
	run --separate-stderr shim printf '%s|' 'two words' '' -- --help
	assert_output 'two words||--|--help|'
}

@test "the -- before CMD can be left out, and ends the options when present" {
	run --separate-stderr shim "$subject" ok
	assert_output ok
	run -127 shim -- --force
	assert_output --partial 'cannot run --force'
}

@test "an existing LD_PRELOAD is kept, after the library" {
	LD_PRELOAD='libc.so.6 libm.so.6' run --separate-stderr shim -- printenv LD_PRELOAD
	assert_success
	assert_output "$marker:libc.so.6 libm.so.6"
	LD_PRELOAD='' run --separate-stderr shim -- printenv LD_PRELOAD
	assert_output "$marker"
}

@test "run changes nothing else in the environment" {
	env -i PATH="$PATH" ODD=$'two\nlines' A=b "$ringshim" run --library="$marker" -- \
		env -0 2>/dev/null | grep -zv '^LD_PRELOAD=' | sort -z >shimmed
	env -i PATH="$PATH" ODD=$'two\nlines' A=b env -0 | sort -z >native
	cmp native shimmed
	[ -s native ]
}

@test "options become variables with absolute file names, and the last value wins" {
	mkdir -p here
	cd here
	: >conf
	run --separate-stderr shim --stats=counts --log ../messages --route=direct --route=ring \
		--calls=file,-read --programs='sh,print*' --timeout=connect=3s --ring=entries=8 \
		--check-descriptors --risk-shared-position=0 --risk-sync-at-exit=0 --config=conf -- \
		sh -c 'cd / && env | grep ^RINGSHIM | sort'
	assert_success
	assert_output "RINGSHIM_CALLS=file,-read
RINGSHIM_CHECK_DESCRIPTORS=1
RINGSHIM_CONFIG=$PWD/conf
RINGSHIM_LOG=$PWD/../messages
RINGSHIM_PROGRAMS=sh,print*
RINGSHIM_RING=entries=8
RINGSHIM_RISK_SHARED_POSITION=0
RINGSHIM_RISK_SYNC_AT_EXIT=0
RINGSHIM_ROUTE=ring
RINGSHIM_STATS=$PWD/counts
RINGSHIM_TIMEOUT=connect=3s"
	RINGSHIM_ROUTE=direct run --separate-stderr shim --route=ring -- printenv RINGSHIM_ROUTE
	assert_output ring
	RINGSHIM_ROUTE=direct run --separate-stderr shim -- printenv RINGSHIM_ROUTE
	assert_output direct
	run --separate-stderr shim --stats= --log= --config= -- printenv RINGSHIM_STATS RINGSHIM_LOG \
		RINGSHIM_CONFIG
	assert_success
	assert_output ''
}

# wrong_settings: prints lines "NAME=VALUE" that no setting accepts.
wrong_settings() {
	cat <<'END'
RINGSHIM_ROUTE=round
RINGSHIM_CALLS=read,wite
RINGSHIM_PROGRAMS=/bin/cat
RINGSHIM_TIMEOUT=connect=3
RINGSHIM_RING=entries=3
RINGSHIM_AHEAD=lists
RINGSHIM_CHECK_DESCRIPTORS=yes
RINGSHIM_RISK_SHARED_POSITION=
RINGSHIM_RISK_SYNC_AT_EXIT=always
RINGSHIM_STATS=no/such/counts
RINGSHIM_STATS_HISTOGRAMS=on
RINGSHIM_TIMINGS=no/such/record
RINGSHIM_LOG=.
END
}

@test "a wrong setting in an option, a variable or the file is refused before CMD starts" {
	while IFS= read -r setting; do
		name=${setting%%=*} value=${setting#*=}
		option=${name#RINGSHIM_}
		option=${option,,}
		option=--${option//_/-}
		for command in run compare; do
			run "$ringshim" $command --library="$marker" "$option=$value" -- touch started
			one_line_error 2
			assert_output --partial "ringshim: $option=$value: "
			run env "$setting" "$ringshim" $command --library="$marker" -- touch started
			one_line_error 2
			assert_output --partial "ringshim: $setting: "
			printf '# a comment\n%s\n' "$setting" >conf
			run "$ringshim" $command --library="$marker" --config=conf -- touch started
			one_line_error 2
			assert_output --partial "$setting: "
		done
		case $name in
		*_STATS | *_TIMINGS | *_LOG) ;;
		*) assert_output --partial "ringshim: $PWD/conf:2: $setting: " ;;
		esac
		assert [ ! -e started ]
	done < <(wrong_settings)
	run wrong_settings
	[ "${#lines[@]}" -eq "$("$abs_top_builddir/tests/shim/settings" --table | grep -vc ^RINGSHIM_CONFIG)" ]
}

@test "an output file that cannot be created is refused before CMD starts" {
	run shim --stats=no/such/counts -- touch started
	one_line_error 2
	assert_output "ringshim: --stats=no/such/counts: there is no directory $PWD/no/such"
	run shim --stats=. -- touch started
	one_line_error 2
	assert_output 'ringshim: --stats=.: it is a directory; a file name is needed'
	run shim --log=no/messages -- touch started
	one_line_error 2
	assert [ ! -e started ]
}

@test "wrong variables that an option replaces and files that are not read do not matter" {
	RINGSHIM_ROUTE=round run --separate-stderr shim --route=direct -- printenv RINGSHIM_ROUTE
	assert_success
	assert_output direct
	echo nonsense >conf
	RINGSHIM_CONFIG=conf run shim -- touch started
	one_line_error 2
	assert_output 'ringshim: conf:1: nonsense: accepted is a comment after #, or NAME=VALUE with one of RINGSHIM_ROUTE, RINGSHIM_CALLS, RINGSHIM_PROGRAMS, RINGSHIM_TIMEOUT, RINGSHIM_RING, RINGSHIM_AHEAD, RINGSHIM_STATS, RINGSHIM_STATS_HISTOGRAMS, RINGSHIM_TIMINGS, RINGSHIM_LOG, RINGSHIM_CHECK_DESCRIPTORS, RINGSHIM_RISK_SHARED_POSITION, RINGSHIM_RISK_SYNC_AT_EXIT'
	assert [ ! -e started ]
	RINGSHIM_CONFIG=conf run --separate-stderr shim --config= -- printf done
	assert_success
	assert_output done
}

@test "a configuration file that cannot be read is refused before CMD starts" {
	run shim --config=missing -- touch started
	one_line_error 2
	assert_output "ringshim: $PWD/missing: there is no such file"
	run shim --config=. -- touch started
	one_line_error 2
	RINGSHIM_CONFIG=/dev/zero run shim -- touch started
	one_line_error 2
	assert_output 'ringshim: /dev/zero: it is larger than 64 KiB'
	assert [ ! -e started ]
}

@test "options win over the environment, the environment over the file, the file over defaults" {
	head -c 5000 /dev/zero >data
	printf 'RINGSHIM_CALLS=write\nRINGSHIM_STATS=%s/counts\n' "$PWD" >conf
	export RINGSHIM_CONFIG=$PWD/conf
	# ringed CALLS COMMAND...: COMMAND prints the data, and exactly these calls of cat take the
	# ring.
	ringed() {
		rm -f counts
		env "${@:2}" | cmp - data
		run awk -F'\t' '$2 == "cat" && $4 == "ring" { print $3 }' counts
		assert_output "$1"
	}
	ringed $'read\nwrite' RINGSHIM_CONFIG= RINGSHIM_STATS="$PWD/counts" "$ringshim" run cat data
	ringed write "$ringshim" run cat data
	ringed read RINGSHIM_CALLS=read "$ringshim" run cat data
	ringed write RINGSHIM_CALLS=read "$ringshim" run --calls=write cat data
	ringed '' RINGSHIM_CALLS=read "$ringshim" run --calls=fsync cat data
	ringed $'read\nwrite' RINGSHIM_CALLS=read "$ringshim" run --calls=default cat data
}

@test "CMD gets the open descriptors of ringshim and no others" {
	ls_fds='ls -l /proc/self/fd | sed -n "s/.* \([0-9]*\) -> .*/\1/p"'
	native=$(sh -c "$ls_fds" 7</dev/null)
	shimmed=$(shim -- sh -c "$ls_fds" 7</dev/null 2>/dev/null)
	assert_equal "$shimmed" "$native"
	assert [ "${native/7/}" != "$native" ]
}

@test "with the real library, the reads of cat go through the ring" {
	head -c 1000000 /dev/urandom >data
	run --separate-stderr "${STRACE:-strace}" -f -o trace -e trace=read,io_uring_enter \
		"$ringshim" run -- cat data
	assert_success
	"$ringshim" run -- cat data | cmp - data
	assert [ "$(grep -c io_uring_enter trace)" -ge 1 ]
}
