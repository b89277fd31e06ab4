#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measures the rows about many descriptors in a guest with limits of its own, for machines where a
# process cannot have a million descriptors. Prints ns of CPU time per call, the median of several
# rounds. Without hardware virtualisation the guest's processor is emulated, and only quotients are
# meaningful.
#
# usage: descriptors-in-guest.bash [KERNEL] [ROUNDS]
set -eu -o pipefail

top=${abs_top_builddir:-$PWD}
here=$(cd "$(dirname "$0")" && pwd)
kernel=${1:-6.12} rounds=${2:-7}
declare -A ways=(
	[native]=/ringshim/calls
	[floor]='/ringshim/calls -f'
	[ring]='LD_PRELOAD=/ringshim/libringshim.so RINGSHIM_ROUTE=ring /ringshim/calls'
	[direct]='LD_PRELOAD=/ringshim/libringshim.so RINGSHIM_ROUTE=direct /ringshim/calls'
)
variants='native floor ring direct'

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for which in last all; do
	for count in 10 10000 1000000; do
		for round in $(seq "$rounds"); do
			for variant in $variants; do
				printf '%s.%s.%s.%s\t%s descriptors-%s %s /ext4\n' "$which" "$count" \
					"$variant" "$round" "${ways[$variant]}" "$which" "$count"
			done
		done
	done
done >"$dir/jobs"

"$here/../kernels/run-in-kernel" --kernel "$kernel" --jobs "$dir/jobs" --output "$dir/out" \
	--add "$top/tests/bench/calls=/ringshim/calls" --memory 3072 --timeout 1200 \
	--add "$top/.libs/libringshim.so=/ringshim/libringshim.so" >&2

median() {
	cut -d ' ' -f 2 "$@" | sort -g | awk '{ v[NR] = $1 } END { printf "%.0f", v[int((NR + 1) / 2)] }'
}

printf '%-6s %10s' pread descriptors
printf ' %10s' $variants ring/floor
echo
for which in last all; do
	for count in 10 10000 1000000; do
		printf '%-6s %10d' "$which" "$count"
		for variant in $variants; do
			figure=$(median "$dir/out/$which.$count.$variant".*.out)
			declare "$variant=$figure"
			printf ' %10s' "$figure"
		done
		# shellcheck disable=SC2154  # by declare
		awk -v ring="$ring" -v floor="$floor" 'BEGIN { printf " %10.3f\n", ring / floor }'
	done
done
