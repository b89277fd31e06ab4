# SPDX-License-Identifier: MIT
# Shared by the scripts that run one program in one variant and print the time of one piece of its
# work in microseconds. The scripts source it; the driver sets BENCH_UNDER (the variant's
# environment), BENCH_VARIANT, BENCH_BUILDDIR and BENCH_QUICK. The first argument is a directory that stays from one
# sample to the next.

# shellcheck shell=bash
set -u -o pipefail

scratch=$1
# shellcheck disable=SC2034  # for what is read next
python=python3
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/programs-script.bash"

# need PROGRAM...: leaves the row out if a program is not installed.
need() {
	local program
	for program; do
		command -v "$program" >/dev/null && continue
		echo "the program $program is not installed" >&2
		exit 77
	done
}

# under CMD...: runs CMD in the variant.
under() {
	# shellcheck disable=SC2086  # words on purpose
	env $BENCH_UNDER "$@"
}

# full_or_quick A B: prints A, or B in a quick run.
full_or_quick() {
	[ -n "$BENCH_QUICK" ] && echo "$2" || echo "$1"
}

# timed CMD...: prints the time of CMD, or nothing if it fails. Syncs first, so that CMD does not
# wait for earlier writes.
timed() {
	local begin end
	sync -f "$scratch"
	begin=$EPOCHREALTIME
	"$@" >/dev/null || return
	end=$EPOCHREALTIME
	echo $((${end/./} - ${begin/./}))
}

# once NAME CMD...: makes $scratch/NAME by CMD, unless it exists already.
once() {
	local name=$scratch/$1
	shift
	[ -e "$name" ] && return
	"$@" >"$name.part" && mv "$name.part" "$name"
}

# Prints the time of one piece, given a rate per second.
piece() {
	awk -v rate="$1" 'BEGIN { if (rate > 0) printf "%.4f\n", 1e6 / rate; else exit 1 }'
}
