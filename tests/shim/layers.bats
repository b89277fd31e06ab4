#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The folders of src/shim are layers: a file includes or calls nothing in a higher layer, and the
# includes have no cycles. src/shim/README.md gives the order.

load ../lib/common.bash

src=${abs_top_srcdir:-$top}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	# The order of the README, from the bottom up.
	sed -n 's/^| `\([a-z]*\)\/` .*/\1/p' "$src/src/shim/README.md" | tac >order
}

# Prints lines "FILE TARGET", as paths below src/shim, for each #include of a file of the shim.
list_includes() {
	(cd "$src/src" && grep -roE '#include "shim/[a-z/-]+\.h"' --include='*.[chS]' shim) |
		grep -v '/calls/made-' | sed -E 's/:#include "/ /; s/"$//; s/shim\///g'
}

# Reads lines "FROM TO" (paths) and prints those that point to a higher layer.
find_upward() {
	awk 'NR == FNR { rank[$1] = NR; next }
		{ split($1, from, "/"); split($2, to, "/") }
		from[1] in rank && to[1] in rank && rank[to[1]] > rank[from[1]]' order -
}

@test "the README lists each folder of src/shim, and no other" {
	(cd "$src/src/shim" && ls -d -- */) | tr -d / | sort >folders
	sort order | diff folders -
}

@test "no file includes a header of a layer above" {
	list_includes >includes
	[ "$(wc -l <includes)" -gt 200 ]
	run find_upward <includes
	[ -z "$output" ] || { echo "$output"; return 1; }
	# The check finds an upward include.
	echo 'base/sys.h route/route.h' | find_upward | grep -q route
}

@test "no object refers to a symbol of a layer above" {
	local object symbol
	for object in "$top"/src/shim/*/libringshim_la-*.o "$top"/src/shim/calls/*/libringshim_la-*.o; do
		[ -e "$object" ] || skip 'the library was not built here'
		nm -g "$object" | awk -v file="${object#"$top"/src/shim/}" '
			$1 == "U" { print "uses", $2, file; next } { print "has", $3, file }'
	done >symbols
	awk '$1 == "has" { place[$2] = $3; next } { use[$3 " " $2] }
		END { for (u in use) { split(u, p, " "); if (p[2] in place) print p[1], place[p[2]], p[2] } }' \
		symbols >uses
	[ "$(wc -l <uses)" -gt 200 ]
	# An exported call can stand for the libc function of that name, which every layer may call.
	grep -w EXPORT -rh "$src/src/shim/calls" | grep -oE '\w+\(' | tr -d '(' | sort -u >exported
	sed -n 's/^\(name\|hand\|watch\) \(\w*\).*/\2/p' "$src/src/shim/calls/calls.table" | sort -u - exported >libc
	run bash -c 'awk "NR == FNR { libc[\$1]; next } !(\$3 in libc)" libc uses | tee own | wc -l'
	run find_upward <own
	[ -z "$output" ] || { echo "$output"; return 1; }
}

@test "no include cycle exists among the files" {
	list_includes | sed -E 's/\.[chS]\b//g' | awk '$1 != $2' | sort -u >modules
	# tsort names the files of a cycle.
	run tsort modules
	assert_success
	refute_output --partial 'contains a loop'
}

@test "no folder of src/shim has more than a dozen files" {
	run bash -c "cd '$src/src/shim' && git ls-files 2>/dev/null | grep / | sed 's|/[^/]*\$||' | sort | uniq -c | awk '\$1 > 12'"
	[ -z "$output" ] || { echo "$output"; return 1; }
}
