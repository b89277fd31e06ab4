# SPDX-License-Identifier: MIT
# What the scripts that programs.bash runs may use: servers that are started,
# waited for and ended by their process id. Read inside the run, so that it
# goes through the preload library too.

servers=

# start NAME CMD...: in the background, where it would be deaf to SIGINT
# otherwise; $server is its process id.
start() {
	local name=$1
	shift
	# Now, not when the background job gets to it: an earlier server of that
	# name must not be taken for this one.
	: >"$scratch/$name.log"
	if [ "$(type -t "$1")" = file ]; then
		env --default-signal=INT "$@" >>"$scratch/$name.log" 2>&1 &
	else
		"$@" >>"$scratch/$name.log" 2>&1 &
	fi
	server=$!
	servers="$servers $server"
}

# await SECONDS CMD...: until CMD succeeds; in vain fails the run.
await() {
	local left=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ $((left--)) -eq 0 ]; then
			echo "waited in vain for: $*" | tee -a "$scratch/failed"
			return 1
		fi
		sleep 0.05
	done
}

# catches PID SIGNAL: it has a handler for it by now.
catches() {
	local mask
	mask=$(sed -n 's/^SigCgt:\t*//p' "/proc/$1/status") &&
		[ $((0x$mask >> ($(kill -l "$2") - 1) & 1)) -eq 1 ]
}

# ended PID [SIGNAL]: ends a server and gives its exit status.
ended() {
	kill -"${2-TERM}" "$1" && wait "$1"
}

# A port that the kernel found free.
free_port() {
	"$python" -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

listening() {
	"$python" -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()' "$1"
}

answers_or_gone() {
	listening "$2" || ! kill -0 "$1"
}

# serve NAME: runs the function NAME with a free port, which execs a server;
# another port if somebody was faster. Sets $port and $server.
serve() {
	local try
	for try in 1 2 3; do
		port=$(free_port)
		start "$1" "$1" "$port"
		await 10 answers_or_gone "$server" "$port" && kill -0 "$server" 2>/dev/null && return
	done
	cat "$scratch/$1.log"
	return 1
}

# logged NAME SED-EXPRESSION: what a server says in its log, once it is there.
logged() {
	await 10 found_in_log "$1" "$2" && sed -n "$2" "$scratch/$1.log" | head -n 1
}

found_in_log() {
	sed -n "$2" "$scratch/$1.log" | grep -q .
}

digest() {
	sha256sum "$@" | cut -d ' ' -f 1
}

end_servers() {
	local pid
	for pid in $servers; do
		kill -KILL "$pid" 2>/dev/null
	done
	return 0
}
trap end_servers EXIT
