# SPDX-License-Identifier: MIT
# Functions for the scripts that programs.bash runs: they start servers, wait for them and end them
# by process id. Sourced inside the run, so that the preload library handles their calls, too.

servers=

# start NAME CMD...: runs CMD in the background with SIGINT not ignored, and sets $server to its
# process id.
start() {
	local name=$1
	shift
	# Empties the log before the background job starts, because await could read the log of an
	# earlier server of that name.
	: >"$scratch/$name.log"
	if [ "$(type -t "$1")" = file ]; then
		env --default-signal=INT "$@" >>"$scratch/$name.log" 2>&1 &
	else
		"$@" >>"$scratch/$name.log" 2>&1 &
	fi
	server=$!
	servers="$servers $server"
}

# await SECONDS CMD...: waits until CMD succeeds. The run fails if that takes longer.
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

# catches PID SIGNAL: returns true if the process has installed a handler for the signal.
catches() {
	local mask
	mask=$(sed -n 's/^SigCgt:\t*//p' "/proc/$1/status") &&
		[ $((0x$mask >> ($(kill -l "$2") - 1) & 1)) -eq 1 ]
}

# ended PID [SIGNAL]: ends a server and returns its exit status.
ended() {
	kill -"${2-TERM}" "$1" && wait "$1"
}

# Prints a port that is free now.
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

# serve NAME: calls the function NAME, which executes a server, with a free port. Tries another port
# if another process took that one first. Sets $port and $server.
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

# logged NAME SED-EXPRESSION: waits until the expression matches a server's log, and prints the
# result.
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
