#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make demo` runs: real programs on real input, natively and under the shim, and
# what changed. RINGSHIM is the command, LIBRARY the file that is copied and downloaded.
set -eu

: "${RINGSHIM:?the ringshim command to show}"
: "${LIBRARY:?a file of some size}"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/ringshim-demo.XXXXXX")
server=

stop_server() {
	[ -n "$server" ] || return 0
	kill "$server" 2>/dev/null || :
	wait "$server" 2>/dev/null || :
	server=
}

clean_up() {
	stop_server
	rm -rf "$work"
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The command line is shown as a user would type it.
compare() {
	printf '\n$ ringshim compare -- %s\n\n' "$*"
	"$RINGSHIM" compare -- "$@" </dev/null || {
		echo "demo: failed: ringshim compare -- $* (status $?)" >&2
		exit 1
	}
}

check_copy() {
	cmp big copy && echo "The copy is identical ($(wc -c <copy) bytes)."
	rm -f copy
}

# start_server [COMMAND...]: python's, on a port of the kernel's choice, run by COMMAND.
start_server() {
	"$@" python3 -u -m http.server --bind 127.0.0.1 0 >server.out 2>server.err &
	server=$!
	port=
	for _ in $(seq 100); do
		port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' server.out)
		[ -z "$port" ] || return 0
		kill -0 "$server" 2>/dev/null || break
		sleep 0.1
	done
	echo "demo: the server did not start:" >&2
	cat server.err >&2
	exit 1
}

cd "$work"
for _ in 1 2 3 4 5 6 7 8; do cat "$LIBRARY"; done >big

echo "A file of $(wc -c <big) bytes is copied, by cat and by dd:"
compare cat big
compare dd if=big of=copy bs=64k conv=fsync status=none
check_copy

printf '\nIt is downloaded with curl, over loopback, from a web server in python3:\n'
start_server
compare curl -s -o copy "http://127.0.0.1:$port/big"
check_copy
stop_server

printf '\nBy bash and cat, which read the socket like a file:\n'
start_server
compare bash "$here/download.bash" "$port" big copy
check_copy
stop_server

printf '\nWith curl again, and the server under the shim as well:\n'
start_server "$RINGSHIM" run --
compare curl -s -o copy "http://127.0.0.1:$port/big"
check_copy
