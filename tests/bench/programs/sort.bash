# SPDX-License-Identifier: MIT
# sort.bash DIR: sorts 1 GiB of lines (BENCH_SORT_SIZE in MiB), which do not fit into the memory of
# sort, and prints the time of the whole.
. "$(dirname "$0")/common.bash"
size=${BENCH_SORT_SIZE:-$(full_or_quick 1024 32)}
lines() {
	head -c $((size * 3 / 4))M /dev/urandom | base64 -w 63
}
once "lines-$size" lines
timed under env LC_ALL=C sort -S $((size / 8))M -T "$scratch" -o "$scratch/sorted" \
	"$scratch/lines-$size"
