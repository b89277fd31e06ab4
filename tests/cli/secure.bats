#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs for which the dynamic linker ignores LD_PRELOAD. Each test shows that with --force.

load common

setup_file() {
	# A directory that other users can read; the build directories may not be.
	secure_dir=$(mktemp -d "${TMPDIR:-/tmp}/ringshim-secure.XXXXXX")
	export secure_dir
	chmod 755 "$secure_dir"
	cp "$abs_top_builddir/ringshim" "$abs_top_builddir/tests/cli/subject" \
		"$abs_top_builddir/tests/cli/.libs/marker.so" "$secure_dir"
}

teardown_file() {
	rm -rf "$secure_dir"
}

need_set_user_id() {
	need_root 'give files away'
	findmnt -no OPTIONS -T "$secure_dir" | grep -qw nosuid &&
		skip "$secure_dir is on a file system mounted nosuid"
	cd "$secure_dir"
}

as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# no_effect TEXT CMD...: CMD is refused, and with --force it runs without the library.
no_effect() {
	local text=$1
	shift
	run "${as[@]}" ./ringshim run --library=marker.so -- "$@"
	one_line_error 125
	assert_output --partial "$text"
	run --separate-stderr "${as[@]}" ./ringshim run --force --library=marker.so -- "$@"
	assert_success
	assert_output ok
	refute_regex "$stderr" '(^|'$'\n'')preloaded'
}

has_effect() {
	run --separate-stderr "${as[@]}" ./ringshim run --library=marker.so -- "$@"
	assert_success
	assert_output ok
	assert_regex "$stderr" '(^|'$'\n'')preloaded'
}

@test "a program that is set-user-id to another user is refused" {
	need_set_user_id
	cp subject program
	chown 65534 program
	chmod 4755 program
	as=()
	no_effect './program is set-user-id' ./program ok
	as=(as_nobody)
	has_effect ./program ok
	chown 0 program
	chmod 4755 program
	as=(as_nobody)
	no_effect 'set-user-id (to user 0; you are 65534)' ./program ok
}

@test "a program that is set-user-id to its caller runs, with a warning" {
	need_set_user_id
	cp subject program
	chmod 4755 program
	as=()
	has_effect ./program ok
	assert_regex "$stderr" 'warning: ./program is set-user-id'
}

@test "a set-group-id program is refused" {
	need_set_user_id
	cp subject program
	chown 0:65534 program
	chmod 2755 program
	as=()
	no_effect './program is set-group-id' ./program ok
	# Without the group's execute bit, set-group-id has another meaning.
	chmod 2745 program
	as=()
	has_effect ./program ok
}

@test "a program with file capabilities is refused" {
	need_set_user_id
	need setcap
	cp subject program
	chmod 755 program
	setcap cap_net_raw+ep program
	as=(as_nobody)
	no_effect './program has file capabilities' ./program ok
	as=()
	has_effect ./program ok
}

@test "set-user-id programs run when no_new_privs makes the bits ineffective" {
	need_set_user_id
	cp subject program
	chown 65534 program
	chmod 4755 program
	as=(setpriv --no-new-privs)
	has_effect ./program ok
}

@test "the set-user-id bit of a script is ignored, that of its interpreter counts" {
	need_set_user_id
	cp subject program
	chown 65534 program
	chmod 4755 program
	printf '#!%s/program ok\n' "$secure_dir" >script
	chmod 755 script
	run ./ringshim run --library=marker.so -- ./script
	one_line_error 125
	assert_output --partial "the script ./script runs $secure_dir/program, and"
	printf '#!/bin/sh\necho ok\n' >script
	chown 65534 script
	chmod 4755 script
	as=()
	has_effect ./script
}

@test "the system's own su is refused when a user runs it" {
	su=$(command -v su) || skip 'su is not installed'
	[ -u "$su" ] || skip "$su is not set-user-id"
	as_user "$ringshim" run --library="$marker" -- "$su" --version
	one_line_error 125
	assert_output --partial 'is set-user-id'
}
