#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The families that are off by default: outcomes are the same natively, by ring and directly, and
# calls by ring make no native system call.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

# run_routes PROGRAM FAMILY: records the outcome natively and by each route in files.
run_routes() {
	local program=$top/tests/shim/$1
	rm -rf {native,ring,direct,off}{,.d} stats
	record native "$program"
	record ring env LD_PRELOAD="$shim" RINGSHIM_CALLS="$2" RINGSHIM_STATS="$PWD/stats" "$program"
	record direct env LD_PRELOAD="$shim" RINGSHIM_CALLS="$2" RINGSHIM_ROUTE=direct "$program"
	record off env LD_PRELOAD="$shim" "$program"
}

# keep_steps FILE: FILE.steps gets, for each line, every number of steps that a run has taken.
keep_steps() {
	sed 's/.*, \([0-9]*\) steps$/\1/; t; s/.*/-/' "$1" >steps
	[ -e "$1.steps" ] || : >"$1.steps"
	paste -d ' ' "$1.steps" steps >kept
	mv kept "$1.steps"
}

# unlike FILE: prints the lines of FILE for which no run took as many steps as a native run.
unlike() {
	paste -d '\t' native.steps "$1.steps" "$1" | awk -F '\t' '{
		same = 0
		count = split($1, native, " ")
		for (i = 1; i <= count; i++)
			same += index($2 " ", " " native[i] " ") > 0
		if (!same)
			print $3 ": natively" $1
	}'
}

# same PROGRAM FAMILY: the outcomes are the same. The lines have times, rounded to 80 ms. A busy
# machine makes some longer, and shortens a wait for what has begun before, but hardly the same ones
# in each of ten runs.
same() {
	local file
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		run_routes "$@"
		for file in native ring direct off; do
			diff <(sed 's/, [0-9]* steps$//' native) <(sed 's/, [0-9]* steps$//' $file) ||
				fail "$1: $file differs from the native run" || return
			keep_steps $file
		done
		[ -n "$(unlike ring; unlike direct; unlike off)" ] || return 0
	done
	for file in ring direct off; do
		unlike $file | sed "s/^/$file: /"
	done
	return 1
}

# Skips on kernels that lack an operation, because the library makes its calls directly.
need_operations() {
	need_kernel 6.16 'lacks some of the operations (pipe)'
}

@test "calls that wait have the same results, errors and times as natively" {
	same wait-family wait
}

@test "calls on names, attributes and descriptors have the same results and errors" {
	same path-family path
}

@test "every call of the families has an operation" {
	need_operations
	local family
	for family in wait path; do
		record $family env LD_PRELOAD="$shim" RINGSHIM_CALLS=$family RINGSHIM_STATS="$PWD/stats" \
			"$top/tests/shim/$family-family"
	done
	all_took_ring stats poll ppoll select pselect epoll_wait epoll_pwait epoll_pwait2 nanosleep \
		clock_nanosleep usleep sleep waitid waitpid wait4 wait
	all_took_ring stats open openat openat2 creat close stat lstat fstat fstatat statx unlink \
		unlinkat rename renameat renameat2 mkdir mkdirat symlink symlinkat link linkat \
		ftruncate fallocate posix_fallocate posix_fadvise madvise getxattr fgetxattr \
		setxattr fsetxattr pipe pipe2 socket bind listen splice tee
}

# all_explained PROGRAM FAMILY SYSTEM-CALLS: the system calls that strace sees are those that the
# statistics count as direct. SYSTEM-CALLS leaves out calls that the loader or libc make as well.
all_explained() {
	local native direct
	mkdir d
	(cd d && strace -f -qq -o ../trace -e trace="$3" -E LD_PRELOAD="$shim" \
		-E RINGSHIM_CALLS="$2" -E RINGSHIM_STATS="$BATS_TEST_TMPDIR/counted" \
		"$top/tests/shim/$1" >/dev/null)
	# Without the library's own calls for the file of its counts.
	native=$(grep -E '^[0-9]+ +[a-z0-9_]+\(' trace | grep -cvE \
		'"[^"]*/ringshim(-[0-9]+)?(/[0-9.]+)?"|fallocate\([0-9]+, 0, 0, [0-9]{6}\)')
	direct=$(awk -F'\t' '$4 == "direct" && $5 != "setting" &&
		$3 !~ /^(open|openat|openat2|creat|close|stat|fstat|lstat|fstatat|statx|madvise|posix_fadvise)$/ {
			n += $6 } END { print n + 0 }' counted)
	echo "# $1: $native native, $direct direct, $(calls_counted counted '*' ring) by ring" >&3
	[ "$native" -eq "$direct" ]
}

@test "the native calls that remain of the family wait are those in the statistics" {
	need_operations
	all_explained wait-family wait \
		epoll_wait,epoll_pwait,epoll_pwait2,clock_nanosleep,nanosleep,waitid,wait4,poll,ppoll,select,pselect6
}

@test "the native calls that remain of the family path are those in the statistics" {
	need_operations
	all_explained path-family path \
		unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,symlink,symlinkat,link,linkat,ftruncate,fallocate,setxattr,lsetxattr,fsetxattr,getxattr,lgetxattr,fgetxattr,bind,listen,tee,splice,pipe,pipe2,socket
}
