#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The families that are off by default: the same outcomes natively, by ring and
# directly, and the native system calls gone.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

# outcomes PROGRAM FILE [VARIABLE=VALUE...]: in an empty directory
outcomes() {
	local program=$1 file=$PWD/$2
	shift 2
	mkdir "$file.d"
	(cd "$file.d" && env "$@" timeout 60 "$top/tests/shim/$program") >"$file"
}

# same PROGRAM FAMILY
same() {
	outcomes "$1" native
	outcomes "$1" ring LD_PRELOAD="$shim" RINGSHIM_CALLS="$2" RINGSHIM_STATS="$PWD/stats"
	outcomes "$1" direct LD_PRELOAD="$shim" RINGSHIM_CALLS="$2" RINGSHIM_ROUTE=direct
	outcomes "$1" off LD_PRELOAD="$shim"
	for way in ring direct off; do
		diff native $way
	done
	echo "# $1: $(wc -l <native) lines equal" >&3
}

# Each call of a family that has an operation went by ring at least once:
# all_took_ring STATS PROGRAM CALL...
all_took_ring() {
	local stats=$1 call
	shift
	for call; do
		awk -F'\t' -v call="$call" '$3 == call && $4 == "ring" { n += $6 } END { exit !n }' \
			"$stats" || fail "$call did not go by ring"
	done
}

# An operation that this kernel lacks makes its calls direct.
needs_newest() {
	needs_kernel 6.16 'lacks some of the operations (pipe)'
}

@test "waiting: the same results, errors and times" {
	same wait-family wait
}

@test "names, attributes, opening and closing: the same results and errors" {
	same path-family path
}

@test "every call of the families has an operation" {
	needs_newest
	outcomes wait-family waits LD_PRELOAD="$shim" RINGSHIM_CALLS=wait RINGSHIM_STATS="$PWD/stats"
	outcomes path-family names LD_PRELOAD="$shim" RINGSHIM_CALLS=path RINGSHIM_STATS="$PWD/stats"
	all_took_ring stats poll ppoll select pselect epoll_wait epoll_pwait epoll_pwait2 nanosleep \
		clock_nanosleep usleep sleep waitid waitpid wait4 wait
	all_took_ring stats open openat openat2 creat close stat lstat fstat fstatat statx unlink \
		unlinkat rename renameat renameat2 mkdir mkdirat symlink symlinkat link linkat \
		ftruncate fallocate posix_fallocate posix_fadvise madvise getxattr fgetxattr \
		setxattr fsetxattr pipe pipe2 socket bind listen splice tee
}

# all_explained PROGRAM FAMILY SYSTEM-CALLS: what strace sees of them is what the
# statistics call direct. Calls for which the loader or libc make the same
# system call are left out.
all_explained() {
	local native direct
	mkdir d
	(cd d && strace -f -qq -o ../trace -e trace="$3" -E LD_PRELOAD="$shim" \
		-E RINGSHIM_CALLS="$2" -E RINGSHIM_STATS="$BATS_TEST_TMPDIR/counted" \
		"$top/tests/shim/$1" >/dev/null)
	native=$(grep -cE '^[0-9]+ +[a-z0-9_]+\(' trace)
	direct=$(awk -F'\t' '$4 == "direct" && $5 != "setting" &&
		$3 !~ /^(open|openat|openat2|creat|close|stat|fstat|lstat|fstatat|statx|madvise|posix_fadvise)$/ {
			n += $6 } END { print n + 0 }' counted)
	echo "# $1: $native native, $direct direct, $(awk -F'\t' '$4 == "ring" { n += $6 } END { print n }' counted) by ring" >&3
	[ "$native" -eq "$direct" ]
}

@test "waiting: the native calls are gone, but those that the statistics explain" {
	needs_newest
	all_explained wait-family wait \
		epoll_wait,epoll_pwait,epoll_pwait2,clock_nanosleep,nanosleep,waitid,wait4,poll,ppoll,select,pselect6
}

@test "names: the native calls are gone, but those that the statistics explain" {
	needs_newest
	all_explained path-family path \
		unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,symlink,symlinkat,link,linkat,ftruncate,fallocate,setxattr,lsetxattr,fsetxattr,getxattr,lgetxattr,fgetxattr,bind,listen,tee,splice,pipe,pipe2,socket
}
