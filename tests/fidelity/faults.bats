#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What can fail is made to fail: the system calls of a ring, a disk that is full, workers and memory
# that a cgroup does not allow. Programs get what they get natively.

setup() {
	load common
	fidelity_setup
	work=$programs/work disks=0
	cd "$BATS_TEST_TMPDIR" || exit 1
}

teardown() {
	local number
	[ ! -e mounted ] || umount "$(cat mounted)"
	if [ -n "${group:-}" ] && [ -d "$group" ]; then
		while read -r number; do echo "$number" >"${group%/*}/cgroup.procs"; done <"$group/cgroup.procs"
		rmdir "$group"
	fi
}

# inject CALL ERROR WHEN: the program prints what it prints natively although this system call fails
# at these times, and it did fail.
inject() {
	timeout -k 5 60 "${STRACE:-strace}" -f -qq -o trace -e "trace=$1" \
		-e "inject=$1:error=$2:when=$3" -E LD_PRELOAD="$shim" -E RINGSHIM_ROUTE=ring \
		-E RINGSHIM_CALLS=all "$work" >got 2>&1 || fail "$*: status $?" || return
	diff native got || fail "$*: different" || return
	grep -q '(INJECTED)' trace || fail "$*: $1 was not called then"
}

need_injection() {
	need "${STRACE:-strace}"
	"${STRACE:-strace}" -qq -o trace -e inject=getpid:error=EPERM:when=1 true 2>error ||
		skip "strace cannot inject errors here: $(cat error)"
	natively "$work" >native
	sane native
}

@test "io_uring_setup that fails, at first or always, changes nothing" {
	need_injection
	for error in EINTR EAGAIN EBUSY ENOMEM EBADF EPERM ENOSYS EINVAL EMFILE ENFILE; do
		inject io_uring_setup $error 1
		inject io_uring_setup $error 1+
	done
}

@test "io_uring_enter that fails once, now and then, or always changes nothing" {
	need_injection
	for error in EINTR EAGAIN EBUSY ENOMEM EBADF; do
		for when in 1 2 3 2+5 1+; do
			inject io_uring_enter $error $when
		done
	done
}

@test "io_uring_register that fails once or always changes nothing" {
	need_injection
	for error in EINTR EAGAIN EBUSY ENOMEM EBADF EINVAL; do
		for when in 1 2 3 1+; do
			inject io_uring_register $error $when
		done
	done
}

# fresh_disk TYPE: mounts an empty file system of 4 to 8 MiB, always the same, at the directory disk.
fresh_disk() {
	[ ! -e mounted ] || umount disk
	mkdir -p disk
	case $1 in
	tmpfs) mount -t tmpfs -o size=4m,nr_inodes=200 tmpfs disk ;;
	ext4)
		[ -e image ] || {
			truncate -s 8M image
			mkfs.ext4 -q -N 200 -E lazy_itable_init=0,nodiscard image
		}
		# Another file each time: the loop device of the last one can be there for a moment yet.
		# Blocks are taken at once: what is reserved for later comes free whenever it is written back.
		disks=$((disks + 1))
		cp image disk-$disks && mount -o loop,nodelalloc disk-$disks disk
		;;
	esac || skip "$1 cannot be mounted here"
	echo "$PWD/disk" >mounted
}

# fills TYPE: a program finds a full disk at the same places and with the same errors, on each route.
fills() {
	local route
	need_root 'mount file systems'
	fresh_disk "$1"
	(cd disk && natively "$programs/full-disk") >native
	grep -q ENOSPC native
	for route in ring auto direct; do
		fresh_disk "$1"
		rm -f stats
		(cd disk && RINGSHIM_ROUTE=$route RINGSHIM_CALLS=all RINGSHIM_STATS=$BATS_TEST_TMPDIR/stats \
			under_shim "$programs/full-disk") >shim
		diff native shim || fail "$route: different" || return
		[ $route != ring ] || all_took_ring stats write pwrite writev fallocate fsync mkdir
	done
}

@test "a tmpfs that is full is full at the same place" {
	fills tmpfs
}

@test "an ext4 that is full is full at the same place" {
	command -v mkfs.ext4 >/dev/null || skip 'mkfs.ext4 is not installed'
	fills ext4
}

# Makes a cgroup below this one's, by either version. The controller has to be on.
need_cgroup() { # CONTROLLER
	need_root 'make cgroups'
	local own
	own=/sys/fs/cgroup/$1$(sed -n "s/^[0-9]*:\(.*,\)*$1\(,.*\)*://p" /proc/self/cgroup)
	[ -d "$own" ] || own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
	[ -e "${own%/}/cgroup.procs" ] || skip "there is no cgroup for $1 here"
	group=${own%/}/ringshim-faults-$$
	mkdir "$group" || skip 'cgroups cannot be made here'
	[ -e "$group/$2" ] || skip "the cgroup controller $1 is not on here"
}

# in_group COMMAND...: runs the command in the cgroup, as its only process.
in_group() {
	# shellcheck disable=SC2016  # the inner shell expands it
	timeout -k 5 120 bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@"
}

@test "where no task can be made, calls that need a kernel worker go on" {
	need_cgroup pids pids.max
	head -c 1000000 /dev/urandom >data
	local task
	for task in 1 2 3; do
		rm -f copy stats
		echo $task >"$group/pids.max"
		RINGSHIM_CALLS=all RINGSHIM_ROUTE=ring RINGSHIM_STATS=$PWD/stats \
			in_group env LD_PRELOAD="$shim" dd if=data of=copy bs=10000 conv=fsync status=none
		cmp data copy
	done
	# With a single task, no worker can be made; with three, one can.
	[ "$(calls_counted stats write ring)" -ge 100 ]
}

# Only version 1 has the fault: it does not hold back who makes pages dirty.
@test "a memory limit that suits the native program does not kill it under the library" {
	need_cgroup memory memory.limit_in_bytes
	head -c 64M /dev/urandom >data
	echo 40M >"$group/memory.limit_in_bytes"
	for _ in 1 2 3; do
		rm -f copy
		RINGSHIM_ROUTE=ring RINGSHIM_STATS=$PWD/stats in_group env LD_PRELOAD="$shim" \
			dd if=data of=copy bs=1M conv=fsync status=none
		cmp data copy
	done
	all_took_ring stats read write
	[ "$(calls_counted stats write direct memory)" -ge 1 ]
}
