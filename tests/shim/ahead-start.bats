#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a program needed when it last started is fetched when it starts again. See ahead.bash for the
# disk that the tests use.

# shellcheck disable=SC2154  # the names that slow_names and make check set
load ../lib/common.bash
load ahead.bash

setup_file() {
	local i
	begin_slow_disk
	has_slow_disk || return 0
	mkdir "$slow/tree"
	for i in $(seq 40); do
		files_in "$slow/apart/$i" 1
	done
	# In an order that no directory has.
	seq 40 | sed 's,.*,../apart/&/f00,' | sort -R --random-source=<(yes) >"$BATS_FILE_TMPDIR/wanted"
}

teardown_file() {
	remove_slow_disk
}

setup() {
	need_slow_disk
	need_io_uring
	enter_out
	cp "$BATS_FILE_TMPDIR/wanted" names
	export XDG_CACHE_HOME=$out/cache
	lists=$XDG_CACHE_HOME/ringshim
}

# start [SETTING]: cat reads the files that "names" has, on cold caches.
start() {
	cold
	warm_start "$@"
}

# start_served COMMAND...: of the files that the command asked for, ten had been fetched. On a busy
# machine the helper can come late, so there are five tries.
start_served() {
	for _ in 1 2 3 4 5; do
		"$@"
		[ $(($(ahead_count used) + $(ahead_count late))) -lt 10 ] || break
	done
	served 10
}

warm_start() {
	local files
	mapfile -t files <names
	under "${1-start}" cat "${files[@]}" >"$out/printed"
}

stored() {
	find "$lists" -type f
}

# first_start: makes the list, and the output to compare with.
first_start() {
	start
	none_fetched
	assert_equal "$(stored | wc -l)" 1
	mv printed wanted
}

@test "the second start of a program fetches what the first one opened" {
	first_start
	assert_equal "$(stat -c %a "$(stored)" "$lists" | paste -s)" $'600\t700'
	start_served start
	cmp wanted printed
	assert_equal "$(stored | wc -l)" 1
}

# start_elsewhere: Perl goes to another working directory, and reads the files that "names" has.
start_elsewhere() {
	cold
	rm -f "$out/stats"
	# shellcheck disable=SC2016  # for Perl
	(cd "$slow" && RINGSHIM_AHEAD=start RINGSHIM_STATS=$out/stats with_shim perl -e '
		open my $names, "<", $ARGV[0] or die; chomp(@ARGV = <$names>);
		chdir "tree" or die; undef $/; print <>;' "$out/names") >"$out/printed"
	[ -e "$out/stats" ] || : >"$out/stats"
}

@test "a program that goes to another working directory is known by the first one" {
	start_elsewhere
	none_fetched
	assert_equal "$(stored | wc -l)" 1
	mv printed wanted
	cmp wanted <(cd "$slow/tree" && xargs cat <"$out/names")
	start_served start_elsewhere
	cmp wanted printed
	assert_equal "$(stored | wc -l)" 1
}

# start_program: Perl is started from the slow disk.
start_program() {
	cold
	rm -f "$out/stats"
	RINGSHIM_AHEAD=start RINGSHIM_STATS=$out/stats with_shim "$slow/perl" -e 'print "started\n"'
	[ -e "$out/stats" ] || : >"$out/stats"
}

@test "the program's own file is read ahead as far as it is mapped" {
	cp "$(command -v perl)" "$slow/perl"
	assert_equal "$(start_program)" started
	assert_equal "$(ahead_count ranges)" 0
	assert_equal "$(start_program)" started
	echo "# $(ahead_count ranges) pieces" >&3
	[ "$(ahead_count ranges)" -ge 4 ]
}

@test "another argument is another program" {
	first_start
	tac "$BATS_FILE_TMPDIR/wanted" >names
	start
	none_fetched
	assert_equal "$(stored | wc -l)" 2
	mv printed wanted
	start_served start
	cmp wanted printed
}

@test "without the value start nothing is stored or fetched" {
	start sequence
	[ ! -e "$lists" ]
	first_start
	start sequence
	none_fetched
	cmp wanted printed
}

# spoilt COMMAND...: the list is not used after the command has changed it, and is made anew.
spoilt() {
	"$@"
	start
	none_fetched
	cmp wanted printed
	start_served start
}

shorten() {
	truncate -s -1 "$(stored)"
}

change_byte() {
	printf x | dd of="$(stored)" bs=1 seek="$1" conv=notrunc status=none
}

empty() {
	: >"$(stored)"
}

@test "a damaged list is ignored and replaced" {
	first_start
	spoilt shorten
	spoilt change_byte 3
	spoilt change_byte 20
	spoilt change_byte 30
	spoilt change_byte 400
	spoilt empty
}

let_group_write() {
	chmod 620 "$(stored)"
}

give_away() {
	chown 1:1 "$(stored)"
}

be_a_link() {
	mv "$(stored)" "$out/moved"
	ln -s "$out/moved" "$lists/$1"
}

@test "a list that another user could have written is ignored and replaced" {
	local name
	first_start
	name=$(basename "$(stored)")
	spoilt let_group_write
	spoilt give_away
	spoilt be_a_link "$name"
}

@test "a directory that another user could have written is left alone" {
	first_start
	rm "$(stored)"
	chmod 770 "$lists"
	start
	start
	none_fetched
	assert_equal "$(stored)" ''
}

@test "without a place for lists the program runs as ever" {
	for XDG_CACHE_HOME in relative/path /proc/nothing ''; do
		[ -n "$XDG_CACHE_HOME" ] || unset XDG_CACHE_HOME HOME
		start
		[ ! -e wanted ] || cmp wanted printed
		mv printed wanted
		none_fetched
	done
	assert_equal "$(find . -name 'start-*')" ''
}

@test "where there is no room for a new list the old one stays" {
	mkdir cache
	mount -t tmpfs -o size=64k none cache || skip 'tmpfs cannot be mounted here'
	first_start
	cp "$(stored)" before
	dd if=/dev/zero of=cache/filler bs=1k count=100 status=none 2>/dev/null || true
	echo "../apart/1/f00" >>names
	start
	cmp before "$(stored)"
	umount cache
}

# start_beside_writer: the start, while somebody waits for a reader of the FIFO. Its open returns as
# soon as somebody opens the other end, and it ends.
start_beside_writer() {
	local writer status=0
	cold
	sh -c 'exec >"$0"' "$slow/apart/1/f00" 3>&- &
	writer=$!
	warm_start || ended="$ended start $?"
	kill "$writer"
	wait "$writer" || status=$?
	[ $status -eq 143 ] || ended="$ended writer $status"
}

@test "what has become a FIFO, a device or a link to /proc is not opened" {
	local ended=''
	first_start
	rm "$slow"/apart/{1,2,3}/f00
	mkfifo "$slow/apart/1/f00"
	mknod "$slow/apart/2/f00" c 1 3
	ln -s /proc/self/status "$slow/apart/3/f00"
	sed -i '\,/[123]/,d' names
	start_served start_beside_writer
	assert_equal "$ended" ''
}
