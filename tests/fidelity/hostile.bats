#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Hostile surroundings: no ring to be had, a ring that may not be entered any
# more, no descriptors, no memory, other users and roots.

setup() {
	load common
	fidelity_setup
	# Also for users who may not look into the build tree.
	chmod 755 "$BATS_TEST_TMPDIR"
	work=$programs/work deny=$programs/deny-syscalls
}

# The library and the programs where everybody can reach them.
public() {
	public=$(mktemp -d "${PUBLIC_TMPDIR:-/tmp}/ringshim-public.XXXXXX")
	chmod 755 "$public"
	cp -L "$shim" "$public/libringshim.so"
	cp "$work" "$programs/threads" "$public/"
	mkdir "$public/tmp"
	chmod 1777 "$public/tmp"
	shim=$public/libringshim.so
	export TMPDIR=$public/tmp
}

teardown() {
	if [ -n "${public:-}" ]; then rm -rf "$public"; fi
}

need_root() {
	[ "$(id -u)" -eq 0 ] || skip 'only root can become somebody else'
}

@test "filters, limits, namespaces and users that come after the first call" {
	same hostile
}

@test "these programs use the ring before that, and none natively" {
	rings hostile 'filter/*' 'limit/*' 'namespace/*' 'own/*' 'user/*' close/close_range
}

@test "a plain program" {
	equal "$work"
	uses_ring "$work"
}

@test "io_uring refused with EPERM and with ENOSYS" {
	equal "$deny" EPERM "$work"
	equal "$deny" ENOSYS "$work"
}

@test "io_uring_enter refused although a ring was made" {
	equal "$deny" enter-EPERM "$work"
	equal "$deny" enter-ENOSYS "$work"
}

@test "a filter from before the program that kills or traps io_uring" {
	equal "$deny" kill "$work"
	equal "$deny" enter-kill "$work"
	equal "$deny" trap "$work"
}

@test "an unprivileged user without locked memory" {
	need_root
	command -v setpriv prlimit >/dev/null || skip 'no setpriv or prlimit here'
	public
	equal setpriv --reuid=65534 --regid=65534 --clear-groups \
		prlimit --memlock=0 sh -c 'cd "$TMPDIR" && exec "$0"' "$public/work"
}

@test "an unprivileged user's threads, more than its locked memory has rings for" {
	need_root
	command -v setpriv prlimit >/dev/null || skip 'no setpriv or prlimit here'
	public
	export FID_THREADS=1500
	equal setpriv --reuid=65534 --regid=65534 --clear-groups \
		prlimit --memlock=8388608 "$public/threads" at-once
}

@test "standard descriptors closed from the start" {
	for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
		for how in natively under_shim; do
			(cd "$BATS_TEST_TMPDIR" && $how sh -c "exec \"\$0\" \"\$1\" $closed" \
				"$work" "$BATS_TEST_TMPDIR/$how")
		done
		sane "$BATS_TEST_TMPDIR/natively"
		run diff "$BATS_TEST_TMPDIR/natively" "$BATS_TEST_TMPDIR/under_shim"
		assert_success
	done
}

@test "no /proc" {
	need_root
	unshare -m true 2>/dev/null || skip 'no mount namespace to be had'
	equal unshare -m sh -c 'umount -l /proc && exec "$0"' "$work"
}

@test "a set-user-id program with the library preloaded" {
	need_root
	command -v setpriv >/dev/null || skip 'no setpriv here'
	public
	chmod 4755 "$public/work"
	case ",$(findmnt -no OPTIONS -T "$public")," in
	*,nosuid,*) skip "$public is on a file system without set-user-id" ;;
	esac
	equal setpriv --reuid=65534 --regid=65534 --clear-groups \
		sh -c 'cd "$TMPDIR" && exec "$0"' "$public/work"
	# The loader drops the library: no ring there.
	traced env LD_PRELOAD="$shim" setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$public/work" "$public/tmp/out" >/dev/null 2>&1
	run grep -c io_uring_enter "$BATS_TEST_TMPDIR/trace"
	assert_output 0
}
