#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bootstrap installs what is missing and nothing else, starts no service, and
# where it can install nothing it says what is missing.

load common

setup() {
	tools=$BATS_TEST_TMPDIR/tools tree=$BATS_TEST_TMPDIR/tree log=$BATS_TEST_TMPDIR/log
	mkdir "$tools" "$tree"
	cp "$abs_top_srcdir/bootstrap" "$tree"
	stub "$tree/configure" "echo configure \"\$@\" >>$log"
	link_tools sh sed tr dirname id uname rm chmod mkdir cat
	for tool in gcc make libtoolize strace curl python3; do
		stub "$tools/$tool" 'cat >/dev/null'
	done
	stub "$tools/autoreconf" "echo autoreconf \"\$@\" >>$log"
	stub "$tools/automake" ''
}

stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod 755 "$1"
}

link_tools() {
	local tool

	for tool in "$@"; do
		ln -s "$(command -v "$tool")" "$tools/$tool"
	done
}

# The directories of administrators, where apt and services lie, are empty.
in_namespace() {
	[ "$(id -u)" = 0 ] || skip 'not root here, bootstrap would install nothing'
	unshare -m true 2>/dev/null || skip 'no mount namespace can be had here'
	run unshare -m bash -c "mount -t tmpfs none /usr/sbin; PATH=$tools; $1"
}

bootstrap() {
	run env PATH="$tools" "$tree/bootstrap" "$@"
}

@test "where nothing is missing it only makes and configures" {
	stub "$tools/apt-get" "echo apt-get >>$log"
	bootstrap CC=clang --enable-werror
	assert_success
	assert_equal "$(cat "$log")" $'autoreconf -i -f\nconfigure -q CC=clang --enable-werror'
}

@test "without apt it names what is missing, and what is left to do" {
	rm "$tools/curl" "$tools/automake"
	in_namespace "$tree/bootstrap"
	assert_failure 1
	assert_line '  command automake (in Debian'\''s package automake)'
	assert_line '  command curl (in Debian'\''s package curl)'
	refute_output --partial python3
	refute_output --partial bats
	assert_line '  autoreconf -i && ./configure'
	assert [ ! -e "$log" ]
}

@test "what only tests need is wanted with --tests" {
	in_namespace "$tree/bootstrap --tests"
	assert_failure 1
	assert_output --partial valgrind
	assert_output --partial nginx
}

@test "it installs just what is missing, and no service starts meanwhile" {
	local policy=/usr/sbin/policy-rc.d

	rm "$tools/curl"
	stub "$tools/apt-get" "echo apt-get \"\$@\" >>$log; [ \$1 = update ] || $policy; echo policy \$? >>$log"
	in_namespace "$tree/bootstrap && ! test -e $policy"
	assert_success
	assert_equal "$(cat "$log")" "$(printf '%s\n' 'apt-get update -q' 'policy 0' \
		'apt-get install -y -q --no-install-recommends curl' 'policy 101' \
		'autoreconf -i -f' 'configure -q')"
}

@test "the policy goes when the installation fails, and one that was there stays" {
	local policy=/usr/sbin/policy-rc.d

	rm "$tools/curl"
	stub "$tools/apt-get" "[ $1 = update ] || exit 100"
	in_namespace "$tree/bootstrap; test \$? = 100 && ! test -e $policy"
	assert_success
	in_namespace "echo mine >$policy; $tree/bootstrap; read -r text <$policy && test \$text = mine"
	assert_success
}
