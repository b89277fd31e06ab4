# SPDX-License-Identifier: MIT
# sqlite.bash DIR insert|commit|select: inserts rows in one transaction, commits transactions of one
# row, or selects rows by number with a cache that is too small. Prints the time of one row.
. "$(dirname "$0")/common.bash"
need sqlite3
numbers() {
	echo "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
}
table='CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT);'
cache='PRAGMA cache_size = 20;'
fill() {
	rm -f "$scratch/filled.db"
	echo "$table $(numbers 200000) INSERT INTO t SELECT i, hex(randomblob(50)) FROM n;" |
		sqlite3 "$scratch/filled.db" && date
}
case $2 in
insert)
	count=$(full_or_quick 300000 50000)
	statements="$cache $table BEGIN; $(numbers "$count")
		INSERT INTO t SELECT i, hex(i * 7919) FROM n; COMMIT;" ;;
commit)
	count=$(full_or_quick 500 100)
	statements="$table $(seq "$count" | sed "s/.*/INSERT INTO t (word) VALUES ('w&');/")" ;;
select)
	count=$(full_or_quick 200000 50000)
	once filled.made fill
	statements="$cache $(numbers "$count")
		SELECT sum(length(word)) FROM n JOIN t ON t.id = i * 7919 % 200000 + 1;" ;;
esac
rm -f "$scratch/new.db"
db=$scratch/new.db
[ "$2" = select ] && db=$scratch/filled.db
echo "$statements" >"$scratch/statements"
us=$(timed under sqlite3 "$db" <"$scratch/statements") || exit
awk -v us="$us" -v count="$count" 'BEGIN { printf "%.4f\n", us / count }'
