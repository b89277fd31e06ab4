#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Counts exactly how many instructions the preload library adds to one call: callgrind counts them
# with the library, and the count without it is subtracted.
#
# usage: instructions.bash                            measures and prints the table
#        instructions.bash ROUTE SUBJECT [ARG...]     one: INSTRUCTIONS LOCKED [FUNCTION...]
#        instructions.bash -f ROUTE SUBJECT [ARG...]  one, by function
#
# ROUTE is native, ring or direct; {dir} in ARG is a directory for files. The FUNCTIONs allocate
# or lock, which they should not.
set -eu -o pipefail

top=${abs_top_builddir:-$PWD}
here=$(cd "$(dirname "$0")" && pwd)
library=$top/.libs/libringshim.so
count=100

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "instructions: $*" >&2
	exit 1
}

# Under valgrind the library uses no ring, unless valgrind is hidden from it.
${CC:-cc} -D_GNU_SOURCE -shared -fPIC -o "$dir/unseen.so" "$here/unseen.c"

# Writes the profile of a route to $dir/ROUTE.
profile() {
	local route=$1 settings=()
	shift
	set -- "${@//\{dir\}/$dir}"
	[ "$route" = native ] ||
		settings=("LD_PRELOAD=$dir/unseen.so:$library" "RINGSHIM_ROUTE=$route")
	env "${settings[@]}" valgrind -q --tool=callgrind --callgrind-out-file="$dir/$route" \
		--toggle-collect=counted --dump-instr=yes --compress-pos=no --compress-strings=no \
		"$top/tests/bench/calls" -c $count "$@" >"$dir/log" 2>&1 ||
		fail "$route $*: $(cat "$dir/log")"
	[ "$route" = native ] || took_part "$route" "$@"
}

# Checks that the counted calls really take that route. That is another run, without callgrind,
# because the statistics take instructions of their own.
took_part() {
	local calls
	rm -f "$dir/stats"
	env "LD_PRELOAD=$library" "RINGSHIM_ROUTE=$1" "RINGSHIM_STATS=$dir/stats" \
		"$top/tests/bench/calls" -c $count "${@:2}" >"$dir/log" 2>&1
	calls=$(awk -F '\t' -v route="$1" '$4 == route { n += $6 } END { print n + 0 }' "$dir/stats")
	[ "$calls" -ge $count ] || fail "$*: only $calls calls took the route"
}

locked_addresses() {
	[ -e "$dir/locked" ] || objdump -d --no-show-raw-insn "$library" |
		awk '$2 == "lock" || $2 ~ /^xchg/ && /\(/ { sub(":", "", $1); print $1 }' >"$dir/locked"
}

evaluate() {
	awk -v count=$count -v functions="${2-}" -f "$here/instructions.awk" "$dir/locked" "$dir/$1"
}

# The native instructions by subject.
declare -A natively

# Computes both figures per call, rounded down, so that rare work adds less than one.
one() {
	local subject="${*:2}"
	locked_addresses
	if [ -z "${natively[$subject]-}" ]; then
		profile native "${@:2}"
		read -r 'natively[$subject]' _ < <(evaluate native)
	fi
	profile "$@"
	read -r -a figures < <(evaluate "$1")
	figures[0]=$(((figures[0] - natively[$subject]) / count))
	figures[1]=$((figures[1] / count))
}

by_function() {
	locked_addresses
	profile "$@"
	evaluate "$1" 1 | sort -rn
}

table() {
	local call route subject
	while IFS=$'\t' read -r call route _ _ subject; do
		# shellcheck disable=SC2086  # words on purpose
		one "$route" $subject
		printf '%s\t%s\t%s\t%s\t%s\n' "$call" "$route" "${figures[0]}" \
			"${figures[*]:1}" "$subject"
	done < <(grep -v '^#' "$here/instructions.tsv")
}

case ${1-} in
'') table ;;
-f) by_function "${@:2}" ;;
*)
	one "$@"
	echo "${figures[@]}"
	;;
esac
