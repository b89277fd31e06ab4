#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every name under which libc has a routed call is exported, so that no program
# reaches the kernel past the library; and real programs use no other.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	libc=$(ldd /bin/cat | awk '$1 ~ /^libc\.so/ { print $3 }')
	[ -e "$libc" ] || skip 'cannot tell which libc /bin/cat uses'
	table=$abs_top_srcdir/src/shim/calls/calls.table
	awk '$1 == "call" { print $2 }' "$table" | sort >calls
	nm -D --defined-only "$shim" | awk '{ print $3 }' | sort -u >exported
	# address, name, and whether new programs can link to it
	nm -D --defined-only --with-symbol-versions "$libc" | awk '
		{ name = $3; sub(/@.*/, "", name); print $1, name, ($3 ~ /PRIVATE/ ? "private" : "public") }
	' | sort -u >libc
}

# What is libc's own, between its parts: no program calls these.
private='_nocancel$|^__libc_(fork|sendfile)|_time64$'

# The names that a call may have: NAME, __NAME, NAME64, __NAME64, _chk, _2, v2.
variants() {
	awk '{
		n = $1
		print n; print n "64"; print "__" n; print "__" n "64"; print "__libc_" n
		print "__" n "_chk"; print "__" n "64_chk"; print "__" n "_2"; print "__" n "64_2"
		if (sub(/v2$/, "v64v2", n)) print n
		if ($1 ~ /stat$/ && $1 != "fstatat") {
			sub(/stat$/, "xstat", n); print "__" n; print "__" n "64"
		}
	} END { print "__fxstatat"; print "__fxstatat64" }' calls | sort -u
}

@test "all of libc's names for the routed calls are exported" {
	variants >wanted
	awk 'NR == FNR { wanted[$1]; next } $2 in wanted { print $2 }' wanted libc |
		grep -vE "$private" | sort -u >present
	[ "$(wc -l <present)" -gt 100 ]
	comm -23 present exported >missing
	run cat missing
	assert_output ''
}

@test "so are the other names of the same functions in libc" {
	# By their addresses; a call's name says which functions are meant.
	awk 'NR == FNR { call[$1]; next }
		pass == 0 && $2 in call { at[$1] } { lines[++n] = $0 }
		END { for (i = 1; i <= n; i++) { split(lines[i], f, " "); if (f[1] in at) print f[2] } }' \
		calls libc | grep -vE "$private" | sort -u >aliases
	[ "$(wc -l <aliases)" -gt 80 ]
	comm -23 aliases exported >missing
	run cat missing
	assert_output ''
}

# What programs call that moves data or waits, and that no single operation does;
# doc/semantics.md tells.
uncovered='^(sendfile|sendfile64|copy_file_range|vmsplice|epoll_ctl|msync|sync|syncfs|process_vm_readv|aio_.*|truncate|truncate64|lio_listio.*)$'

@test "real programs use no name of a routed call that is not covered" {
	variants >wanted
	local program found=0
	for program in cat dd sed awk sort grep tar gzip sqlite3 perl python3 curl rsync git ssh nginx \
		redis-server memcached node busybox bash make; do
		program=$(command -v "$program") || continue
		nm -D -u "$(readlink -f "$program")" 2>/dev/null | awk '{ sub(/@.*/, "", $2); print $2 }' |
			sort -u >used
		[ -s used ] || continue
		found=$((found + 1))
		comm -12 used wanted | comm -23 - exported | sed "s|^|${program##*/}: |" >>missing
		comm -23 used exported | grep -E "$uncovered" | sed "s|^|${program##*/}: |" >>others || true
	done
	[ "$found" -ge 8 ]
	sed 's/^/# left native: /' others >&3
	run cat missing
	assert_output ''
}

@test "nothing else is exported" {
	# The last is for an address sanitizer that comes behind the library.
	{
		awk '$1 == "name" || $1 == "hand" || $1 == "watch" { print $2 }' "$table"
		echo __asan_default_options
	} | sort -u >told
	run diff told exported
	assert_output ''
}

@test "each exported function stands where the table of calls says" {
	local source symbol
	awk '$1 == "source" { source = $2 }
		$1 == "hand" || $1 == "watch" { print source, $2 }' "$table" >places
	[ "$(wc -l <places)" -gt 100 ]
	while read -r source symbol; do
		[ -e "$abs_top_srcdir/src/shim/calls/$source.c" ] || source=$source.S
		grep -qE "^(EXPORT .*[ *]$symbol\(|	\.globl	$symbol\$)" "$abs_top_srcdir"/src/shim/calls/"${source%.S}".[cS] ||
			echo "$symbol is not in $source"
	done <places >wrong
	run cat wrong
	assert_output ''
}

@test "each call is in a source that has its meaning" {
	local source call
	awk '$1 == "source" { source = $2 } $1 == "call" && !/-> none/ { print source, $2 }' "$table" >places
	[ "$(wc -l <places)" -gt 50 ]
	while read -r source call; do
		grep -qE "^([A-Z_]+ |static )*bool call_$call\(" "$abs_top_srcdir/src/shim/calls/$source.c" ||
			grep -qE "^EXPORT .*[ *]$call\\(" "$abs_top_srcdir/src/shim/calls/$source.c" || echo "call_$call is not in $source"
	done <places >wrong
	run cat wrong
	assert_output ''
}
