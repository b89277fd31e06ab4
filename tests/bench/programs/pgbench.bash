# SPDX-License-Identifier: MIT
# pgbench.bash DIR select|update: runs the server in the variant and pgbench natively, and prints
# the time of one transaction.
. "$(dirname "$0")/common.bash"
for bin in /usr/lib/postgresql/*/bin; do :; done
PATH=$bin:$PATH
need initdb postgres pgbench
# postgres refuses to run as root, so root runs it in a user namespace as an ordinary user.
as=
if [ "$(id -u)" -eq 0 ]; then
	as='unshare --user --map-user=65534'
	$as true 2>/dev/null || { echo 'no user namespace for postgres' >&2; exit 77; }
fi
export PGHOST=$scratch PGUSER=bench PGDATABASE=postgres PGDATA=$scratch/postgres
postgres_server() {
	# shellcheck disable=SC2086  # words on purpose
	exec $as env $BENCH_UNDER postgres -c listen_addresses= -c "unix_socket_directories=$scratch" \
		-c shared_buffers=16MB -c max_wal_size=1GB
}
begin() {
	start postgres postgres_server
	await 20 pg_isready
}
end() {
	ended "$server" INT
}
fill() {
	$as initdb -A trust -U bench --no-instructions >&2 && BENCH_UNDER='' begin &&
		pgbench -i -q -s 5 >&2 && end && date
}
once postgres.made fill 2>"$scratch/log" || { cat "$scratch/log" >&2; exit 1; }
script=tpcb-like
[ "$2" = select ] && script=select-only
begin || exit
pgbench -n -b $script -c 4 -j 1 -T "$(full_or_quick 4 1)" -M prepared \
	>"$scratch/out" 2>"$scratch/log" ||
	{ cat "$scratch/log" >&2; exit 1; }
end || exit
piece "$(sed -n 's/^tps = \([0-9.]*\).*/\1/p' "$scratch/out")"
