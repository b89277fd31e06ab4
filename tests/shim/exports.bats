#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The library exports every name under which libc has a routed call, so that no program bypasses
# it. Real programs use no other names.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	libc=$(ldd /bin/cat | awk '$1 ~ /^libc\.so/ { print $3 }')
	[ -e "$libc" ] || skip 'cannot tell which libc /bin/cat uses'
	table=$abs_top_srcdir/src/shim/calls/calls.table
	awk '$1 == "call" { print $2 }' "$table" | sort >calls
	nm -D --defined-only "$shim" | awk '{ print $3 }' | sort -u >exported
	# Columns: address, name, and public or private (new programs can link to it or not).
	nm -D --defined-only --with-symbol-versions "$libc" | awk '
		{ name = $3; sub(/@.*/, "", name); print $1, name, ($3 ~ /PRIVATE/ ? "private" : "public") }
	' | sort -u >libc
}

# Names that only parts of libc call, not programs.
private='_nocancel$|^__libc_(fork|sendfile)|_time64$'

# Prints the names that a call can have: NAME, __NAME, NAME64, __NAME64, _chk, _2, v2.
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

@test "aliases of the same functions in libc are exported, too" {
	# Finds aliases by their addresses, starting from the names of the calls.
	awk 'NR == FNR { call[$1]; next }
		pass == 0 && $2 in call { at[$1] } { lines[++n] = $0 }
		END { for (i = 1; i <= n; i++) { split(lines[i], f, " "); if (f[1] in at) print f[2] } }' \
		calls libc | grep -vE "$private" | sort -u >aliases
	[ "$(wc -l <aliases)" -gt 80 ]
	comm -23 aliases exported >missing
	run cat missing
	assert_output ''
}

# Calls of programs that move data or wait, and for which there is no single operation; see
# doc/semantics.md.
uncovered='^(sendfile|sendfile64|copy_file_range|vmsplice|epoll_ctl|msync|sync|syncfs|process_vm_readv|aio_.*|truncate|truncate64|lio_listio.*)$'

@test "real programs use no name of a routed call that is not exported" {
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

@test "no other symbol is exported" {
	# __asan_default_options is for an AddressSanitizer that is loaded after the library.
	{
		awk '$1 == "name" || $1 == "hand" || $1 == "watch" { print $2 }' "$table"
		echo __asan_default_options
	} | sort -u >told
	run diff told exported
	assert_output ''
}

@test "each exported function is in the file that the table of calls names" {
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

@test "each call is defined in the file that the table of calls names" {
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
