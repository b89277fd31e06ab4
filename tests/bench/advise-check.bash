#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# advise-check.bash [PROGRAM...]: asks ringshim advise about each program, then measures what it
# predicted: the program natively, and in the way that was advised (with --ahead where there is
# nothing to gain), in turns. Prints a table. A figure out of its range is no failure of the run.
#
# ROUNDS: of each kind (5). ADVISE_DIR: where the files are; on a disk, not in memory (the build
# tree). Programs whose name ends in -cold start with dropped caches, as root.
set -u

here=$(cd "$(dirname "$0")" && pwd)
top=${abs_top_builddir:-$(cd "$here/../.." && pwd)}
ringshim=$top/ringshim
rounds=${ROUNDS:-5}
place=$(mktemp -d "${ADVISE_DIR:-$top}/advise.XXXXXX") || exit
trap 'stop_server; rm -rf "$place"' EXIT
export LC_ALL=C RINGSHIM_CONFIG=
unset "${!RINGSHIM_@}"
export RINGSHIM_CONFIG=
export TMPDIR=$place/temporary XDG_CACHE_HOME=$place/cache
mkdir -p "$TMPDIR" "$place/out"

all=(tar-cold grep-cold cp-cold du-cold tar-cached grep-cached md5sum-cached sync-files dpkg sort
	sqlite-commit sqlite-select redis)

server=
stop_server() {
	[ -z "$server" ] || kill "$server" 2>/dev/null
	server=
}

make_tree() {
	[ -d "$place/tree" ] || python3 - "$place/tree" <<-'END'
		import os, random, sys
		random.seed(1)
		for n in range(6000):
		    directory = f"{sys.argv[1]}/d{n // 100}"
		    os.makedirs(directory, exist_ok=True)
		    with open(f"{directory}/{random.randrange(10**6):06}-{n}", "wb") as file:
		        file.write(random.randbytes(random.randrange(500, 8000)))
	END
}

make_package() {
	[ -e "$place/package.deb" ] || {
		mkdir -p "$place/package/DEBIAN" "$place/package/opt/advise-check" &&
			printf 'Package: advise-check\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: files\n' \
				>"$place/package/DEBIAN/control" &&
			for n in $(seq 600); do echo "file $n" >"$place/package/opt/advise-check/$n"; done &&
			dpkg-deb -b "$place/package" "$place/package.deb" >/dev/null
	}
}

# Sets command to what PROGRAM runs; prints why it cannot run otherwise. Called before each run.
prepare() {
	rm -rf "$place/out"
	mkdir "$place/out"
	case $1 in
	tar-*) make_tree && command=(tar cf "$place/out/tar" -C "$place" tree) ;;
	grep-*) make_tree && command=(grep -rc 'a word that is not there' "$place/tree") ;;
	cp-*) make_tree && command=(cp -r "$place/tree" "$place/out/copy") ;;
	du-*) make_tree && command=(du -s "$place/tree") ;;
	md5sum-*) make_tree && command=(md5sum "$place"/tree/d[1-5]*/*) ;;
	sync-files)
		[ -x "$top/tests/bench/sync-files" ] || { echo 'make check builds it'; return 1; }
		command=(sh -c "cd $place/out && exec $top/tests/bench/sync-files 400")
		;;
	dpkg)
		command -v dpkg-deb >/dev/null || { echo 'there is no dpkg'; return 1; }
		make_package && mkdir -p "$place/out/root/var/lib/dpkg/"{info,updates,triggers} &&
			touch "$place/out/root/var/lib/dpkg/"{status,available} &&
			command=(dpkg --root="$place/out/root" --force-not-root --force-script-chrootless
				--no-force-unsafe-io --log=/dev/null -i "$place/package.deb")
		;;
	sort)
		[ -e "$place/words" ] || python3 -c "
import random
random.seed(1)
for _ in range(1500000): print(random.randrange(10**9))" >"$place/words"
		command=(sort -S 1G -o "$place/out/sorted" "$place/words")
		;;
	sqlite-commit)
		command -v sqlite3 >/dev/null || { echo 'sqlite3 is not installed'; return 1; }
		{ echo 'create table t(a);'; for n in $(seq 200); do echo "insert into t values($n);"; done; } >"$place/out/sql"
		command=(sh -c "sqlite3 $place/out/db <$place/out/sql")
		;;
	sqlite-select)
		command -v sqlite3 >/dev/null || { echo 'sqlite3 is not installed'; return 1; }
		[ -e "$place/db" ] || sqlite3 "$place/db" 'create table t(a,b); with recursive n(i) as (select 1 union all select i+1 from n where i<400000) insert into t select i, hex(randomblob(20)) from n;'
		command=(sqlite3 "$place/db" 'select count(*), sum(length(b)) from t where b like "%77%";')
		;;
	redis)
		command -v redis-server redis-benchmark >/dev/null || { echo 'redis is not installed'; return 1; }
		cat >"$place/redis" <<-END
			rm -f $place/out/socket
			redis-server --port 0 --unixsocket $place/out/socket --save '' >/dev/null &
			for i in \$(seq 100); do [ -S $place/out/socket ] && break; sleep 0.05; done
			redis-benchmark -s $place/out/socket -q -n 40000 -t set,get >/dev/null
			kill \$!
			wait
		END
		command=(sh "$place/redis")
		;;
	*) echo "there is no program $1"; return 1 ;;
	esac
}

cool() {
	sync
	[[ $1 != *-cold ]] || echo 3 >/proc/sys/vm/drop_caches
}

# run_once PROGRAM [OPTION...]: prints the milliseconds of one run, under ringshim run if there are
# options.
run_once() {
	local program=$1 begin under=()
	shift
	prepare "$program" >&2 || return
	cool "$program"
	[ $# -eq 0 ] || under=("$ringshim" run "$@" --)
	begin=$(date +%s%N)
	"${under[@]}" "${command[@]}" >/dev/null 2>"$place/errors" </dev/null || [[ $program == grep* ]] || return
	echo $((($(date +%s%N) - begin) / 1000000))
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# Prints the way that was advised and its range, for bash.
read_advice() {
	python3 - "$place/advice" <<-'END'
		import json, sys
		it = json.load(open(sys.argv[1]))
		way = it["advice"]
		shown = {"none": "ahead", "rewritten": "ahead"}.get(way, way)
		speed = it["speeds"][shown]
		options = "--ahead=sync" if shown == "sync" else "--ahead=network" if it["needs_network"] else "--ahead"
		print(way, options, speed["low_percent"], speed["high_percent"])
	END
}

check() {
	local program=$1 way option low high native=() other=() ratio verdict why
	why=$(prepare "$program") || { printf '%-15s left out: %s\n' "$program" "${why:-not prepared}"; return; }
	prepare "$program" >/dev/null
	[[ $program == *-cold ]] || run_once "$program" >/dev/null
	prepare "$program" >/dev/null
	cool "$program"
	"$ringshim" advise --json --output="$place/advice" -- "${command[@]}" >/dev/null 2>&1 </dev/null
	read -r way option low high < <(read_advice) || { echo "$program: no advice"; return; }
	for ((n = 0; n < rounds; n++)); do
		native+=("$(run_once "$program")") || return
		other+=("$(run_once "$program" "$option")") || return
	done
	ratio=$(awk -v a="$(printf '%s\n' "${native[@]}" | median)" -v b="$(printf '%s\n' "${other[@]}" | median)" \
		'BEGIN { printf "%d", 100 * a / (b ? b : 1) }')
	verdict=within
	[ "$ratio" -ge "$low" ] && [ "$ratio" -le "$high" ] || verdict='OUT OF RANGE'
	printf '%-15s %-10s %-13s %5d to %5d %%  measured %5d %%  %s\n' "$program" "$way" "$option" "$low" "$high" \
		"$ratio" "$verdict"
}

[ $# -gt 0 ] || set -- "${all[@]}"
printf '%-15s %-10s %-13s %s\n' program advice measured 'speed in per cent of the native one'
for program; do
	check "$program"
done
