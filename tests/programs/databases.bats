#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Databases: stored data, syncs, and several processes on one file.

load ../lib/programs

setup_file() {
	make_input
}

@test "sqlite3 works with a rollback journal and a write-ahead log" {
	need sqlite3
	alike <<'END'
	statements() {
		echo "PRAGMA journal_mode=$1; PRAGMA synchronous=$2; PRAGMA cache_size=50;"
		echo 'CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT, n INTEGER); CREATE INDEX words ON t (word);'
		seq 1 60 | awk '{ print "INSERT INTO t (word, n) VALUES (\047word" $1 * 7 % 61 "\047, " $1 ");" }'
		echo 'BEGIN; WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000)'
		echo 'INSERT INTO t (word, n) SELECT hex(n * 7919), n FROM c; COMMIT;'
		echo 'BEGIN; DELETE FROM t WHERE n % 3 = 0; ROLLBACK; DELETE FROM t WHERE n % 7 = 0; UPDATE t SET n = n + 1;'
		echo 'SELECT count(*), sum(n), max(word) FROM t; PRAGMA integrity_check;'
	}
	for mode in delete truncate persist memory wal off; do
		statements $mode full | sqlite3 "$mode.db"
		sqlite3 "$mode.db" 'VACUUM; SELECT count(*), sum(n) FROM t; PRAGMA integrity_check;'
		sqlite3 "$mode.db" .dump | digest
	done
	statements wal extra | sqlite3 "$scratch/extra.db"
	sqlite3 "$scratch/extra.db" ".backup backup.db" && sqlite3 backup.db 'PRAGMA integrity_check'
	sqlite3 :memory: '.import --csv /dev/stdin lines' 'SELECT count(*) FROM lines' <"$input/numbers"
	printf 'not a database, certainly not one' >"$scratch/broken.db"; sqlite3 "$scratch/broken.db" .dump | grep -c CREATE; echo "${PIPESTATUS[*]}"
END
	ring_took 500 sqlite3 pread
	ring_took 100 sqlite3 fdatasync || ring_took 100 sqlite3 fsync
}

@test "two sqlite3 processes can write to one database" {
	need sqlite3
	alike <<'END'
	insert() {
		for i in $(seq 1 40); do
			echo "INSERT INTO t (who, n) VALUES ($1, $i);"
			[ $((i % 10)) -ne 0 ] || echo 'SELECT count(*) > 0 FROM t;'
		done | sqlite3 -cmd '.timeout 20000' "$scratch/$2.db" >"$scratch/$2.$1.log"
	}
	for mode in delete wal; do
		sqlite3 "$scratch/$mode.db" "PRAGMA journal_mode=$mode; CREATE TABLE t (who INTEGER, n INTEGER);"
		insert 1 $mode & one=$!
		insert 2 $mode & two=$!
		wait $one; echo $?; wait $two; echo $?
		sqlite3 "$scratch/$mode.db" 'SELECT who, count(*), sum(n) FROM t GROUP BY who ORDER BY who; PRAGMA integrity_check;'
	done
END
	ring_took 100 sqlite3
}

# The server refuses to run as root, so root runs it in a user namespace as an ordinary user, who
# owns root's files there.
postgres_user() {
	[ "$(id -u)" -eq 0 ] || return 0
	postgres_as='unshare --user --map-user=65534'
	$postgres_as true 2>/dev/null || skip "no user namespace for postgres, which refuses to be root's"
}

@test "postgres runs initdb and pgbench, and recovers after a crash" {
	local bin postgres_as=
	for bin in /usr/lib/postgresql/*/bin; do :; done
	[ -x "$bin/initdb" ] || skip 'the program initdb is not installed (/usr/lib/postgresql/*/bin)'
	postgres_user
	export bin postgres_as
	alike <<'END'
	PATH=$bin:$PATH
	export PGHOST=$scratch PGUSER=test PGDATABASE=postgres PGDATA=$scratch/data
	$postgres_as initdb -A trust -U test --no-instructions >"$scratch/initdb.log" || exit
	postgres_server() {
		exec $postgres_as postgres -c listen_addresses= -c "unix_socket_directories=$scratch" \
			-c shared_buffers=4MB -c max_wal_size=64MB "$@"
	}
	start postgres postgres_server
	await 100 pg_isready
	psql -qAt <<-'SQL'
		CREATE TABLE numbers AS SELECT n, md5(n::text) AS word FROM generate_series(1, 20000) AS n;
		CREATE INDEX words ON numbers (word);
		UPDATE numbers SET n = n + 1 WHERE n % 2 = 0;
		DELETE FROM numbers WHERE n % 5 = 0;
		VACUUM ANALYZE numbers;
		SELECT count(*), sum(n), md5(string_agg(word, '' ORDER BY word)) FROM numbers;
		SET work_mem = '64kB';
		SELECT md5(string_agg(word, '' ORDER BY word DESC)) FROM (SELECT * FROM numbers ORDER BY md5(word)) AS sorted;
		CHECKPOINT;
		CREATE TABLE copied (a int, b text);
	SQL
	seq 1 5000 | awk '{ print $1 "\t" "line " $1 }' | psql -q -c 'COPY copied FROM STDIN'
	psql -c 'COPY copied TO STDOUT' | digest
	pg_dump -t numbers -t copied | grep -v -e '^--' -e '^$' -e restrict | digest
	pgbench -i -q -s 1 2>"$scratch/pgbench.log"; echo $?
	pgbench -n -c 4 -j 2 -t 60 >>"$scratch/pgbench.log" 2>&1; echo $?
	pgbench -n -S -c 4 -j 2 -t 200 -M prepared >>"$scratch/pgbench.log" 2>&1; echo $?
	grep 'transactions actually processed\|failed transactions' "$scratch/pgbench.log"
	psql -qAt -c 'SELECT count(*), sum(delta) = (SELECT sum(abalance) FROM pgbench_accounts),
		sum(delta) = (SELECT sum(tbalance) FROM pgbench_tellers) FROM pgbench_history'
	# After a crash the server finds all committed rows.
	psql -qAt -c "INSERT INTO copied VALUES (0, 'last')"
	kill -QUIT "$server"; wait "$server"; echo $?
	start postgres postgres_server
	await 100 pg_isready
	psql -qAt -c 'SELECT count(*), max(b) FROM copied' -c 'SELECT count(*) FROM pgbench_history' -c 'SELECT count(*), sum(n) FROM numbers'
	psql -qAt -c "SELECT pg_sleep(30)" 2>/dev/null & sleeper=$!
	await 100 eval 'psql -qAt -c "SELECT count(*) FROM pg_stat_activity WHERE query LIKE \$\$SELECT pg_sl%\$\$ AND state = \$\$active\$\$" | grep -qx 1'
	psql -qAt -c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sl%'"
	wait $sleeper; echo $?
	ended "$server" INT; echo $?
END
	ring_took 1000 postgres
	ring_took 10 postgres pread
}
