#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Shells and the programs they run print the same natively and under the shim.

setup() {
	load common
	fidelity_setup
	scripts=$abs_top_srcdir/tests/fidelity/scripts
}

# Runs each script under the given shell. The scripts start the sh of the system.
run_scripts() {
	for script in traps pipelines jobs; do
		equal "$@" "$scripts/$script.sh"
	done
	uses_ring "$@" "$scripts/pipelines.sh"
}

@test "scripts print the same in dash" {
	need dash
	run_scripts dash
}

@test "scripts print the same in bash" {
	need bash
	run_scripts bash
}

@test "scripts print the same in bash as sh" {
	need bash
	run_scripts bash --posix
}

# BusyBox 1.38 waits for ever in a read that a trapped signal has interrupted, natively too.
need_interrupted_read() {
	timeout 30 busybox sh -c '
		trap : USR2
		mkfifo "$1" && { (exec 3>"$1"; sleep 0.2; kill -USR2 $$; sleep 0.2; echo a line >&3) & }
		exec 4<"$1"
		while ! read -r line <&4; do :; done' sh "$BATS_TEST_TMPDIR/fifo" 3>&- ||
		skip 'this busybox waits for ever in an interrupted read, natively'
}

@test "scripts print the same in busybox sh" {
	need busybox
	need_interrupted_read
	if readelf -l "$(command -v busybox)" | grep -q INTERP; then
		run_scripts busybox sh
	else
		# A static busybox does not load the library, but must run unharmed.
		for script in traps pipelines jobs; do
			equal busybox sh "$scripts/$script.sh"
		done
	fi
}

@test "an interactive shell with job control prints the same on a terminal" {
	need script
	need bash
	printf '%s\n' 'PS1=; set -m' 'sleep 5 &' 'kill %1; wait %1 2>/dev/null; echo ended $?' \
		'(sleep 0.1; echo background) & wait' 'echo x | cat' 'cat <<E' 'here' 'E' \
		'read -t 2 line' 'typed text' 'echo "read $line"' 'exit 5' >"$BATS_TEST_TMPDIR/typed"
	for how in natively under_shim; do
		$how script -qec 'bash --norc --noprofile -i' /dev/null \
			<"$BATS_TEST_TMPDIR/typed" >"$BATS_TEST_TMPDIR/$how.raw" 2>&1 || true
		# Keeps only the output of the commands, because prompts and echo depend on timing.
		grep -aoE 'ended [0-9]+|^background|^x|^here|^read typed text' \
			"$BATS_TEST_TMPDIR/$how.raw" >"$BATS_TEST_TMPDIR/$how" || true
	done
	[ -s "$BATS_TEST_TMPDIR/natively" ]
	run diff "$BATS_TEST_TMPDIR/natively" "$BATS_TEST_TMPDIR/under_shim"
	assert_success
}

@test "a perl script prints the same" {
	need perl
	equal perl "$scripts/work.pl"
	uses_ring perl "$scripts/work.pl"
}

@test "a script that uses git prints the same" {
	need git
	equal sh "$scripts/repository.sh"
	uses_ring sh "$scripts/repository.sh"
}

@test "a makefile prints the same" {
	need make
	unset MAKEFLAGS MAKELEVEL MFLAGS
	equal make -f "$scripts/build.mk"
	equal make -s -j4 -f "$scripts/build.mk"
	uses_ring make -f "$scripts/build.mk"
}
