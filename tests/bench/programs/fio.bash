# SPDX-License-Identifier: MIT
# fio.bash DIR RW BLOCK-SIZE [OPTION...]: runs fio with its psync engine, or with its own io_uring
# engine, and prints the time of one operation.
. "$(dirname "$0")/common.bash"
need fio jq
engine=psync
[ "$BENCH_VARIANT" = uring ] && engine=io_uring
rw=$2 block_size=$3
once fio.data head -c 64M /dev/urandom
under fio --name=bench --ioengine=$engine --iodepth=1 --filename="$scratch/fio.data" \
	--rw="$rw" --bs="$block_size" --size=64m --time_based --runtime="$(full_or_quick 3 1)" \
	--invalidate=0 --gtod_reduce=1 --randseed=1 --output-format=json "${@:4}" \
	>"$scratch/fio.json" || exit
piece "$(jq '.jobs[0] | .read.iops + .write.iops' "$scratch/fio.json")"
