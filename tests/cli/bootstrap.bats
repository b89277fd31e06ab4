#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bootstrap installs only missing packages, starts no service, and lists the missing packages if it
# cannot install them. The package managers here are scripts that note how they are called.

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

# Runs a command in a namespace where /usr/sbin, with the tools of apt and services, and apt's caches
# are empty.
in_namespace() {
	[ "$(id -u)" = 0 ] || skip 'not root, so bootstrap would install nothing'
	unshare -m true 2>/dev/null || skip 'no mount namespace can be made'
	run unshare -m bash -c "mount -t tmpfs none /usr/sbin; mount -t tmpfs none /var/cache/apt; PATH=$tools; $1"
}

bootstrap() {
	run env PATH="$tools" "$tree/bootstrap" "$@"
}

@test "with all packages installed, bootstrap only runs autoreconf and configure" {
	stub "$tools/apt-get" "echo apt-get >>$log"
	bootstrap CC=clang --enable-werror
	assert_success
	assert_equal "$(cat "$log")" $'autoreconf -i -f\nconfigure -q CC=clang --enable-werror'
}

@test "without apt, bootstrap names the missing packages and the remaining steps" {
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

@test "bootstrap --tests also asks for the packages that only tests need" {
	in_namespace "$tree/bootstrap --tests"
	assert_failure 1
	assert_output --partial valgrind
	assert_output --partial nginx
}

@test "bootstrap installs only the missing packages, and no service starts meanwhile" {
	local policy=/usr/sbin/policy-rc.d room

	rm "$tools/curl"
	stub "$tools/apt-get" "echo apt-get \"\$@\" >>$log; [ \$1 = update ] || $policy; echo policy \$? >>$log"
	in_namespace "$tree/bootstrap && ! test -e $policy"
	assert_success
	# What apt would keep takes as much room as the packages.
	room='-o Acquire::GzipIndexes=true -o Acquire::Languages=none -o Dir::Cache::pkgcache='
	room+=' -o Dir::Cache::srcpkgcache= -o APT::Keep-Downloaded-Packages=false'
	assert_equal "$(cat "$log")" "$(printf '%s\n' "apt-get update -q $room" 'policy 0' \
		"apt-get install -y -q --no-install-recommends $room curl" 'policy 101' \
		'autoreconf -i -f' 'configure -q')"
}

@test "a failed installation removes the service policy, and an existing policy stays" {
	local policy=/usr/sbin/policy-rc.d

	rm "$tools/curl"
	stub "$tools/apt-get" "[ $1 = update ] || exit 100"
	in_namespace "$tree/bootstrap; test \$? = 100 && ! test -e $policy"
	assert_success
	in_namespace "echo mine >$policy; $tree/bootstrap; read -r text <$policy && test \$text = mine"
	assert_success
}

# The command of a manager, and its packages for curl and python3.
managers='
dnf|dnf install -y --setopt=install_weak_deps=False|curl python3
pacman|pacman -S --needed --noconfirm|curl python
zypper|zypper --non-interactive install --no-recommends|curl python3
'

@test "where there is dnf, pacman or zypper, bootstrap installs with it, by its own names" {
	local manager command packages

	rm "$tools/curl" "$tools/python3"
	while IFS='|' read -r manager command packages; do
		[ -n "$manager" ] || continue
		rm -f "$log"
		stub "$tools/$manager" "echo $manager \"\$@\" >>$log"
		in_namespace "$tree/bootstrap"
		assert_success
		assert_equal "$(cat "$log")" "$(printf '%s\n' "$command $packages" \
			'autoreconf -i -f' 'configure -q')"
		rm "$tools/$manager"
	done <<<"$managers"
}

@test "a user who is not root is told the command of the package manager" {
	local manager command packages

	rm "$tools/curl" "$tools/python3" "$tools/id"
	stub "$tools/id" 'echo 1000'
	while IFS='|' read -r manager command packages; do
		[ -n "$manager" ] || continue
		stub "$tools/$manager" "echo $manager \"\$@\" >>$log"
		in_namespace "$tree/bootstrap"
		assert_failure 1
		assert_line "  command curl (in $manager's package curl)"
		assert_line "  $command $packages "
		assert [ ! -e "$log" ]
		rm "$tools/$manager"
	done <<<"$managers"
}

@test "apt comes before the other package managers" {
	rm "$tools/curl"
	stub "$tools/apt-get" "echo apt-get \"\$1\" >>$log"
	stub "$tools/dnf" "echo dnf >>$log"
	in_namespace "$tree/bootstrap"
	assert_success
	run grep -c dnf "$log"
	assert_output 0
	assert_equal "$(grep -c '^apt-get install' "$log")" 1
}

@test "what no package is known for is named, and bootstrap goes on without it" {
	stub "$tools/dnf" "echo dnf \"\$@\" >>$log"
	in_namespace "$tree/bootstrap --tests"
	assert_success
	assert_line '  command redis-server (no package of dnf is known)'
	assert_equal "$(tail -n 2 "$log")" $'autoreconf -i -f\nconfigure -q'
	run sed -n 's/^dnf install -y --setopt=install_weak_deps=False //p' "$log"
	assert_regex "$output" '(^| )gcc-c[+][+]( |$)'
	refute_regex "$output" '(^| )-( |$)'
}

@test "a failed installation stops bootstrap" {
	rm "$tools/curl"
	stub "$tools/dnf" 'exit 1'
	in_namespace "$tree/bootstrap"
	assert_failure 1
	assert [ ! -e "$log" ]
}

@test "each line of the table has four packages and a way to see them" {
	run awk -v quote="'" '
		$0 ~ "^(demo|test)_needs=" quote "$" { inside = 1; next }
		$0 == quote { inside = 0 }
		inside { rows++ }
		inside && ($5 !~ /^(command|header|file|sanitizers)$/ || ($5 != "sanitizers" && NF < 6) ||
			$1 == "-") { print "wrong: " $0 }
		END { print rows " rows" }' "$abs_top_srcdir/bootstrap"
	refute_output --partial wrong
	assert_regex "$output" '^[5-9][0-9] rows$'
}
