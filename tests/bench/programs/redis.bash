# SPDX-License-Identifier: MIT
# redis.bash DIR get|set: runs the server in the variant and the client natively, and prints the
# time of one request.
. "$(dirname "$0")/common.bash"
need redis-server redis-benchmark
redis() {
	# shellcheck disable=SC2086  # words on purpose
	exec env $BENCH_UNDER redis-server --port "$1" --bind 127.0.0.1 --save '' --dir "$scratch"
}
serve redis || exit
redis-benchmark -p "$port" -t "$2" -n "$(full_or_quick 200000 40000)" -c 20 -d 64 --csv \
	>"$scratch/redis.csv" || exit
ended "$server" || exit
piece "$(tail -n 1 "$scratch/redis.csv" | cut -d , -f 2 | tr -d '"')"
