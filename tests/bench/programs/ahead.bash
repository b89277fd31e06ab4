# SPDX-License-Identifier: MIT
# ahead.bash DIR PLACE PROGRAM [FILE-SYSTEM]: runs PROGRAM on files that lie in PLACE, and prints
# the time of one run. In the variant floor, floor-files fetches the same files instead.
#
# PLACE: disk, a disk of 1 ms a read, just mounted; network, a directory of 1 ms a lookup, open or
# read, just mounted; local, the disk of DIR with the caches dropped; cached, the same with
# everything in the caches. AHEAD_FILES and AHEAD_BIG_MB say how much there is to go through.
# shellcheck disable=SC2154,SC2034  # variables are shared with the files that it reads
# shellcheck source=/dev/null
. "$(dirname "$0")/common.bash"
place=$2 program=$3 file_system=${4:-ext4}
case $place in
disk | network) files=4000 ;;
*) files=20000 ;;
esac
files=${AHEAD_FILES:-$(full_or_quick $files 400)}
megabytes=${AHEAD_BIG_MB:-$(full_or_quick 256 32)}
modules=100
floor_files=$BENCH_BUILDDIR/tests/bench/floor-files
# What a program remembers of its first start is kept for this run alone.
export XDG_CACHE_HOME=$scratch/cache
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null LC_ALL=C
# shellcheck source=/dev/null
. "$(dirname "$0")/ahead-files.bash"
# shellcheck source=/dev/null
. "$(dirname "$0")/ahead-places.bash"

# Not a script that looks for a Python.
python=$("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))') || exit

case $program in
big-cat) uses=cat kind=big ;;
big-dd) uses=dd kind=big ;;
big-md5sum) uses=md5sum kind=big ;;
git-status | git-grep) uses=git kind=git ;;
start-python) uses=$python kind=start ;;
start-perl) uses=perl kind=start ;;
start-git) uses=git kind=start ;;
build) uses='make cc' kind=build ;;
*) uses=$program kind=tree ;;
esac

# list_of EXPRESSION: makes a list of the files whose names match, and prints its name.
list_of() {
	grep "$1" "$scratch/list-$kind" >"$out/list"
	echo "$out/list"
}

# Sets what the floor does instead of the program.
set_floor() {
	case $program in
	find | du | ls | git-status) floor=(stat "$(list_of .)") ;;
	big-*) floor=(blocks big/file) ;;
	# The program itself, with its files cached: what it computes is a large part of a start.
	start-*) floor=() ;;
	*) floor=(read "$(list_of .)") ;;
	esac
}

run_program() {
	local nowhere='a word that is not there'
	case $program in
	tar) under tar cf "$out/$1.tar" tree ;;
	grep) under grep -r "$nowhere" tree || [ $? -eq 1 ] ;;
	cp) under cp -r tree "$out/$1" ;;
	rsync) under rsync -a tree "$out/$1" ;;
	md5sum | file) under "$program" "${names[@]}" ;;
	find) under find tree -size +6k ;;
	du) under du -s tree ;;
	ls) under ls -lR tree ;;
	big-cat) under cat big/file ;;
	big-dd) under dd if=big/file of=/dev/null bs=4k status=none ;;
	big-md5sum) under md5sum big/file ;;
	git-status) under git --no-optional-locks -C git/clone status ;;
	git-grep) under git -C git/clone grep "$nowhere" || [ $? -eq 1 ] ;;
	start-python) PYTHONPATH=start/python under "$python" -c 'import bench' ;;
	start-perl) under perl -Istart/perl -e 'use Bench::All;' ;;
	start-git) under start/git/program -C start/git/repository log -1 ;;
	build) mkdir "$out/$1" && under make -s -C build "OUT=$out/$1" ;;
	esac
}

# run_times COUNT: one after the other, natively or ahead, or as the floor.
run_times() {
	local n
	for ((n = 1; n <= $1; n++)); do
		if [ "$BENCH_VARIANT" = floor ] && [ ${#floor[@]} -gt 0 ]; then
			"$floor_files" "${floor[@]}" || return
		else
			run_program $n || return
		fi
	done
}

end() {
	cd /
	detach
	rm -rf "$out"
}

# shellcheck disable=SC2086  # words on purpose
need $uses
trap end EXIT
# What programs write goes to memory, so that what they read counts.
out=$(mktemp -d -p /dev/shm ringshim-bench.XXXXXX 2>/dev/null || mktemp -d) || exit
in_"$place"
[ "$place/$BENCH_VARIANT" != network/ahead ] || BENCH_UNDER="$BENCH_UNDER RINGSHIM_AHEAD=network"
cd "$at" || exit
set_floor
mapfile -t names <"$scratch/list-$kind"

times=1
if [ "$place" = cached ]; then
	times=$(full_or_quick 5 1)
	run_times 1 >/dev/null || exit
	rm -rf "${out:?}"/[0-9]*
elif [ "$kind/$BENCH_VARIANT" = start/floor ]; then
	run_times 1 >/dev/null || exit
elif [ "$kind/$BENCH_VARIANT" = start/ahead ]; then
	# The second start is measured.
	run_times 1 >/dev/null || exit
	cd / && umount "$slow" && mount_disk && cd "$at" || exit
fi
time=$(timed run_times "$times") || exit
echo $((time / times))
