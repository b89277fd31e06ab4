#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Programs can have small stacks: coroutines of 4,096 bytes, and alternate stacks for handlers that
# have room for the kernel's frame and little more.

load ../lib/common.bash

src=${abs_top_srcdir:-$top}

setup_file() {
	mkdir "$BATS_FILE_TMPDIR/graphs"
	cd "$BATS_FILE_TMPDIR/graphs" || exit 1
	local file flags
	flags=$(sed -n '/^libringshim_la_CFLAGS/,/[^\\]$/p' "$src/src/shim/shim.am" |
		tr -d '\\\n' | sed 's/.*\$(WARN_CFLAGS)//; s/\$([A-Z_]*)//g')
	for file in "$src"/src/shim/*.c "$src"/src/shim/*/*.c "$src"/src/shim/calls/*/*.c \
		"$src"/src/uring/{map,queue,register,setup,thread,why}.c; do
		# shellcheck disable=SC2086
		gcc -std=gnu11 -O2 -fPIC -w -D_GNU_SOURCE -D_LARGEFILE64_SOURCE -U_FORTIFY_SOURCE \
			-I"$src/src" -I"$top/src" -I"$top" -DSYSCONFDIR='"/etc"' $flags \
			-fcallgraph-info=su -c "$file" -o "$(echo "${file#"$src"/src/}" | tr / -).o" || return 0
	done
	awk -f "$src/tests/shim/stack-depth.awk" ./*.ci | sort -rn >depths
	touch made
}

# within BYTES NAME...: none of these functions takes more stack, including the functions it calls.
within() {
	local most=$1 deepest
	shift
	[ -e "$BATS_FILE_TMPDIR/graphs/made" ] || skip 'gcc prints no call graph with stack sizes (gcc 10 does)'
	deepest=$(grep -E " ($(IFS='|' && echo "$*"))\(" "$BATS_FILE_TMPDIR/graphs/depths" |
		grep -E "^[0-9]+ ($(IFS='|' && echo "$*"))\(" | head -n 1)
	echo "# $deepest" >&3
	[ "${deepest%% *}" -le "$most" ]
}

# On a stack of 4,096 bytes, the rest is for the frames of the program itself.
@test "no exported function takes more than 3,840 bytes of stack" {
	local names
	names=$(nm -D --defined-only "$shim" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }')
	# shellcheck disable=SC2086
	within 3840 $names
}

# AT_MINSIGSTKSZ asks for more than the kernel's frame takes.
@test "the library takes at most 600 bytes of stack before it calls a handler" {
	within 600 interrupt_entry
	within 600 on_own_signal
}

# same [VARIABLE=VALUE...]: compares each route with the native run.
same() {
	local program=$top/tests/shim/stacks n
	cd "$BATS_TEST_TMPDIR" || return
	record native env "$@" "$program"
	[ "$(wc -l <native)" -gt 80 ]
	set -- LD_PRELOAD="$shim" "$@" "$program"
	record all env RINGSHIM_CALLS=all RINGSHIM_STATS="$PWD/stats" "$@"
	record default env "$@"
	record auto env RINGSHIM_CALLS=all RINGSHIM_ROUTE=auto "$@"
	record direct env RINGSHIM_CALLS=all RINGSHIM_ROUTE=direct "$@"
	record sqpoll env RINGSHIM_CALLS=all RINGSHIM_RING=sqpoll "$@"
	same_as_native stacks all default auto direct sqpoll
	# All calls but those without an operation took the ring.
	n=$(awk -F'\t' '$4 == "ring" { print $3 }' stats | sort -u | wc -l)
	echo "# $n calls went by ring" >&3
	[ "$n" -ge 60 ]
}

@test "every call works on a stack of 4,096 bytes, with handlers on a small stack" {
	same
	! grep -v 'ended with 0\|:$' native
}

@test "handlers on a small stack can make calls" {
	same HANDLER_CALLS=1
}
