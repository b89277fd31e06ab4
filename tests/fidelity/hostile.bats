#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Hostile environments: no ring can be made, a ring can no longer be entered, descriptors or memory
# are lacking, users and root directories change.

setup() {
	load common
	fidelity_setup
	# For users who have no access to the build tree.
	chmod 755 "$BATS_TEST_TMPDIR"
	work=$programs/work deny=$programs/deny-syscalls
}

# Copies the library and the programs to a directory that every user can read.
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

@test "programs survive filters, limits, namespaces and new users after the first call" {
	same hostile
}

@test "the hostile programs use the ring under the shim and not natively" {
	rings hostile 'filter/*' 'limit/*' 'namespace/*' 'own/*' 'user/*' close/close_range
}

@test "a plain program prints the same as natively and uses the ring" {
	equal "$work"
	uses_ring "$work"
}

@test "a program works when io_uring is refused with EPERM or ENOSYS" {
	equal "$deny" EPERM "$work"
	equal "$deny" ENOSYS "$work"
}

@test "a program works when io_uring_enter is refused after the ring was made" {
	equal "$deny" enter-EPERM "$work"
	equal "$deny" enter-ENOSYS "$work"
}

@test "a program works under an inherited filter that kills or traps io_uring" {
	equal "$deny" kill "$work"
	equal "$deny" enter-kill "$work"
	equal "$deny" trap "$work"
}

@test "an inherited filter that kills io_uring leaves no core file" {
	[ "$(cat /proc/sys/kernel/core_pattern)" = core ] ||
		skip 'core files do not go to the working directory here (kernel.core_pattern)'
	cd "$BATS_TEST_TMPDIR"
	ulimit -c unlimited
	"$deny" kill env LD_PRELOAD="$shim" cat /etc/passwd >/dev/null
	assert [ -z "$(find . -name 'core*')" ]
}

@test "an unprivileged user without locked memory gets the native results" {
	need_root 'become another user'
	need setpriv prlimit
	public
	equal setpriv --reuid=65534 --regid=65534 --clear-groups \
		prlimit --memlock=0 sh -c 'cd "$TMPDIR" && exec "$0"' "$public/work"
}

@test "many threads work although locked memory is too small for a ring each" {
	need_root 'become another user'
	need setpriv prlimit
	public
	export FID_THREADS=1500
	equal setpriv --reuid=65534 --regid=65534 --clear-groups \
		prlimit --memlock=8388608 "$public/threads" at-once
}

@test "a program works with standard descriptors closed from the start" {
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

@test "a program works without /proc" {
	need_root 'unmount /proc'
	unshare -m true 2>/dev/null || skip 'no mount namespace can be made'
	equal unshare -m sh -c 'umount -l /proc && exec "$0"' "$work"
}

@test "a set-user-id program runs natively when the library is preloaded" {
	need_root 'become another user'
	need setpriv
	public
	chmod 4755 "$public/work"
	case ",$(findmnt -no OPTIONS -T "$public")," in
	*,nosuid,*) skip "$public is on a file system without set-user-id" ;;
	esac
	equal setpriv --reuid=65534 --regid=65534 --clear-groups \
		sh -c 'cd "$TMPDIR" && exec "$0"' "$public/work"
	# The loader ignores the library here, so no ring is used.
	trace_rings env LD_PRELOAD="$shim" setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$public/work" "$public/tmp/out" >/dev/null 2>&1
	run grep -c io_uring_enter "$BATS_TEST_TMPDIR/trace"
	assert_output 0
}
