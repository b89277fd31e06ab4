# SPDX-License-Identifier: MIT
# Runs scripts of real programs natively, through the ring and with every call direct, and compares
# the results. For bats files.

load ../lib/common.bash

programs_prelude="$BATS_TEST_DIRNAME/../lib/programs-script.bash"
programs_routes='native ring direct'

# Prints the settings of a route as arguments for env(1).
programs_environment() {
	printf "%s\n" -uLD_PRELOAD -uMAKEFLAGS -uMFLAGS -uMAKELEVEL
	[ "$1" = native ] && return
	echo "LD_PRELOAD=$shim"
	echo "RINGSHIM_STATS=$BATS_TEST_TMPDIR/$1.stats"
	echo "RINGSHIM_ROUTE=$1"
}

# What takes longer hangs. Much longer than anything needs, because the machine can be busy.
limit_s=300

# programs_run ROUTE SCRIPT: runs the script in the route's directory, with $input and an
# empty $scratch for files that may differ. Leaves the outcome beside the directory.
programs_run() {
	local place="$BATS_TEST_TMPDIR/$1" variables status=0
	mkdir -p "$place" "$place.scratch"
	mapfile -t variables < <(programs_environment "$1")
	# timeout puts the run into a process group of its own and ends the whole group.
	(
		cd "$place" || exit
		exec timeout -k 2 $limit_s env "${variables[@]}" \
			programs_run="$place" input="$BATS_FILE_TMPDIR/input" scratch="$place.scratch" \
			LC_ALL=C TZ=UTC HOME="$place.scratch" TERM=xterm HISTFILE= \
			bash -u -c '. "$1"; . "$2"' script "$programs_prelude" "$2"
	) </dev/null >"$place.out" 2>"$place.err" 3>&- || status=$?
	echo "$status" >"$place.status"
	programs_clear "$place" || status="${status/#0/1}"
	programs_judge "$1" "$status"
}

# Prints the processes that a run left behind in sessions of their own, found by an environment
# variable that no other process has. The caller gives them a moment to end, then ends them.
programs_remaining() {
	grep -l -z -s -x -F "programs_run=$1" /proc/[0-9]*/environ | cut -d / -f 3
}

programs_clear() {
	local pid i
	for ((i = 0; i < 40; i++)); do
		[ -n "$(programs_remaining "$1")" ] || return 0
		sleep 0.05
	done
	for pid in $(programs_remaining "$1"); do
		echo "left behind: $pid $(tr '\0' ' ' <"/proc/$pid/cmdline")"
		kill -KILL "$pid"
	done 2>/dev/null
	return 1
}

programs_judge() {
	[ ! -e "$BATS_TEST_TMPDIR/$1.scratch/failed" ] || set -- "$1" "${2/#0/1}"
	case $2 in
	0)
		return 0 ;;
	124 | 137)
		echo "$1: not done in $limit_s s" ;;
	*)
		echo "$1: exit status $2" ;;
	esac
	tail -n 30 "$BATS_TEST_TMPDIR/$1.out" "$BATS_TEST_TMPDIR/$1.err"
	find "$BATS_TEST_TMPDIR/$1.scratch" -name '*.log' -size -64k -exec tail -n 10 {} +
	return 1
}

# Removes text that varies between runs: the shell's message about a killed process, dd's times, the
# route in the directory's name, and the warnings of socat since 1.8 (about a missing terminal or a
# signal that ended it), which contain the time and the process id.
programs_steady() {
	sed -E '/^[0-9/]+ [0-9:]+ socat\[[0-9]+\] W /d
		s/ +[0-9]+ (Killed|Terminated) .*/ \1/; s/(copied), [0-9.e-]+ s, .*/\1/
		s,/(native|ring|direct)((\.scratch)?/),/ROUTE\2,g'
}

# Prints the differences to the native run: output, messages, files.
programs_differences() {
	local base="$BATS_TEST_TMPDIR" what different=0
	for what in out err; do
		diff -a -U 2 --label "native $what" --label "$1 $what" \
			<(programs_steady <"$base/native.$what") \
			<(programs_steady <"$base/$1.$what") >"$base/$1.diff" || different=1
		head -n 40 "$base/$1.diff"
	done
	diff -r -q "$base/native" "$base/$1" || different=1
	return $different
}

# Checks that the run with the route "direct" counted calls and that all of them went direct.
programs_all_direct() {
	awk -F '\t' '$4 != "direct" { wrong = 1; print } { n++ }
		END { if (!n) print "no call was counted"; exit wrong || !n }' \
		"$BATS_TEST_TMPDIR/direct.stats"
}

# alike <SCRIPT: the script succeeds on every route with the same output and files.
alike() {
	local route failed=0
	cat >"$BATS_TEST_TMPDIR/script"
	for route in $programs_routes; do
		programs_run "$route" "$BATS_TEST_TMPDIR/script" || failed=1
		# Without a native result there is nothing to compare with.
		[ "$route$failed" != native1 ] || return 1
		[ "$route" = native ] || programs_differences "$route" || failed=1
	done
	programs_all_direct || failed=1
	return $failed
}

# ring_took MIN PROGRAM [CALL]: at least MIN of the program's calls took the ring.
ring_took() {
	local stats=$BATS_TEST_TMPDIR/ring.stats n
	n=$(calls_counted "$stats" "${3-*}" ring '*' "$2")
	[ "$n" -lt "$1" ] || return 0
	echo "by ring: $n of at least $1 calls of $2"
	awk -F '\t' -v program="$2" '$2 == program' "$stats"
	return 1
}

# traced_by ROUTE CALLS CMD...: runs CMD under strace, with the preload library in CMD only.
# Writes the counts of calls to ROUTE.trace as "CALL COUNT". Leaves out an io_uring_enter that
# submits and reaps but does not wait, because it sets the recheck timer.
traced_by() {
	local route=$1 calls=$2 base="$BATS_TEST_TMPDIR" variables
	shift 2
	mapfile -t variables < <(programs_environment "$route" | sed 's/^-u/-E/; /^-E/!s/^/-E/')
	timeout -k 2 $limit_s strace -f -qq -o "$base/$route.strace" -e "trace=$calls" \
		"${variables[@]}" "$@" 3>&-
	local status=$?
	sed -n '/io_uring_enter([0-9]*, 1, 0, IORING_ENTER_GETEVENTS/d; s/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$base/$route.strace" |
		sort | uniq -c |
		awk '{ print $2, $1 }' >"$base/$route.trace"
	return $status
}

# count ROUTE CALL...: prints how many of these calls strace saw.
count() {
	calls_of "$BATS_TEST_TMPDIR/$1.trace" "${@:2}"
}

# counted ROUTE WAY CALL...: prints how many of these calls a route's statistics count. WAY is ring
# or direct.
counted() {
	calls_counted "$BATS_TEST_TMPDIR/$1.stats" "${*:3}" "$2"
}

# Creates a text, numbers and noise in $BATS_FILE_TMPDIR/input.
make_input() {
	local dir="$BATS_FILE_TMPDIR/input" i
	mkdir -p "$dir/tree/sub/deep"
	cp "$abs_top_srcdir/LICENSE" "$abs_top_srcdir"/src/shim/{base,op,fd,route,queue}/*.[ch] "$dir/tree"
	cp "$abs_top_srcdir"/src/uring/*.[ch] "$dir/tree/sub"
	cat "$dir"/tree/*.c "$dir"/tree/sub/*.c >"$dir/text"
	seq 1 20000 >"$dir/numbers"
	head -c 3000000 /dev/urandom >"$dir/noise"
	for i in 1 2 3; do
		head -c $((i * 65536 + 1)) "$dir/noise" >"$dir/tree/sub/deep/noise$i"
	done
	: >"$dir/tree/sub/empty"
	ln -s ../LICENSE "$dir/tree/sub/link"
}
