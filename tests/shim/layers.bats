#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The folders of src/shim and src/cli are layers: a file includes or calls nothing in a higher layer,
# and the includes have no cycles. src/shim/README.md and src/cli/README.md give the order.

load ../lib/common.bash

src=${abs_top_srcdir:-$top}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	for part in shim cli; do
		# The order of the README, from the bottom up.
		sed -n 's/^| `\([a-z]*\)\/` .*/\1/p' "$src/src/$part/README.md" | tac >order-$part
	done
}

# list_includes PART: prints lines "FILE TARGET", as paths below src/PART, for each #include there.
list_includes() {
	(cd "$src/src" && grep -roE "#include \"$1/[a-z0-9/-]+\.h\"" --include='*.[chS]' "$1") |
		grep -v '/calls/made-' | sed -E "s/:#include \"/ /; s/\"\$//; s/$1\///g"
}

# find_upward PART: reads lines "FROM TO" (paths) and prints those that point to a higher layer.
find_upward() {
	awk 'NR == FNR { rank[$1] = NR; next }
		{ split($1, from, "/"); split($2, to, "/") }
		from[1] in rank && to[1] in rank && rank[to[1]] > rank[from[1]]' order-"$1" -
}

@test "the READMEs list each folder of src/shim and src/cli, and no other" {
	for part in shim cli; do
		# Completions are no code.
		(cd "$src/src/$part" && ls -d -- */) | tr -d / | grep -v '^completions$' | sort >folders
		sort order-$part | diff folders -
	done
}

# no_upward_include PART NUMBER: there are more includes than that, and none points upwards.
no_upward_include() {
	list_includes "$1" >includes
	[ "$(wc -l <includes)" -gt "$2" ]
	run find_upward "$1" <includes
	[ -z "$output" ] || { echo "$output"; return 1; }
}

@test "no file includes a header of a layer above" {
	no_upward_include shim 200
	no_upward_include cli 100
	# The check finds an upward include.
	echo 'base/sys.h route/route.h' | find_upward shim | grep -q route
	echo 'output/json.h compare/table.h' | find_upward cli | grep -q table
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
	run find_upward shim <own
	[ -z "$output" ] || { echo "$output"; return 1; }
}

@test "no include cycle exists among the files" {
	for part in shim cli; do
		list_includes $part | sed -E 's/\.[chS]\b//g' | awk '$1 != $2' | sort -u >modules
		# tsort names the files of a cycle.
		run tsort modules
		assert_success
		refute_output --partial 'contains a loop'
	done
}

@test "no folder of src/shim has more than a dozen files" {
	run bash -c "cd '$src/src/shim' && git ls-files 2>/dev/null | grep / | sed 's|/[^/]*\$||' | sort | uniq -c | awk '\$1 > 12'"
	[ -z "$output" ] || { echo "$output"; return 1; }
}
