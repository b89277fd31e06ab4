#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim compare: long-running programs that end by a signal to ringshim.

load common

setup_file() {
	need strace
}

teardown() {
	[ -z "${pid-}" ] || kill -KILL "$pid" 2>/dev/null || true
	[ ! -e pids ] || xargs -r kill -KILL <pids 2>/dev/null || true
}

# Stores its process id, says that it is ready, and then ends only by a signal (or after 30 s).
cat_server='echo $$ >>pids; echo >ready
trap "echo ended; exit 6" TERM INT
i=0; while [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done'

# start CMD...: runs compare with the default signal dispositions, which a background job lacks.
start() {
	env --default-signal=INT,TERM,QUIT "$ringshim" compare --library="$marker" -- "$@" \
		>table 2>messages 3>&- &
	pid=$!
}

finish() {
	status=0
	wait "$pid" || status=$?
	pid=
	output=$(cat table)
}

@test "a signal to ringshim ends each of the two runs in turn" {
	for signal in TERM INT; do
		start sh -c "$cat_server"
		for which in native shim; do
			wait_for ready
			rm ready
			kill "-$signal" "$pid"
		done
		finish
		assert_equal "$status" 0
		assert_output --partial 'the same in both runs (exit status 6, 6 bytes of standard output)'
		grep -q "native run: SIG$signal passed on" messages
		grep -q "run under the shim: SIG$signal passed on" messages
	done
}

@test "a run that dies by the signal has that death as its outcome" {
	start sh -c 'echo $$ >>pids; echo >ready; exec sleep 30'
	for which in native shim; do
		wait_for ready
		rm ready
		kill -TERM "$pid"
	done
	finish
	assert_equal "$status" 0
	assert_output --partial 'killed by SIGTERM'
}

@test "processes that CMD left behind get the signal, too" {
	# shellcheck disable=SC2016
	start sh -c 'sh -c "echo \$\$ >>pids; echo >ready; exec sleep 30" & exit 0'
	for which in native shim; do
		wait_for ready
		rm ready
		sleep 0.2
		kill -TERM "$pid"
	done
	finish
	assert_equal "$status" 0
	assert_output --partial 'exit status 0'
	# All processes have ended.
	while read -r left; do
		run kill -0 "$left"
		assert_failure
	done <pids
}

@test "a signal that ringshim was started with as ignored stays ignored in CMD" {
	(
		trap '' INT
		exec "$ringshim" compare --library="$marker" -- sh -c 'kill -INT $$; echo still here'
	) >table 2>messages
	output=$(cat table)
	assert_output --partial '11 bytes of standard output'
}

@test "compare does not change the signal mask and dispositions of CMD" {
	run --separate-stderr "$ringshim" compare --library="$marker" -- \
		grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
	assert_success
	native=$(grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status)
	run --separate-stderr "$ringshim" compare --library="$marker" -- \
		sh -c '[ "$(grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status)" = "$1" ]' - "$native"
	assert_line --partial 'exit status 0'
}

@test "compare works for a server while a client talks to it" {
	need python3
	echo content >file
	start python3 -u -c '
import http.server, os, sys
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as s:
    open("port.new", "w").write(str(s.server_address[1]))
    open("pids", "a").write("%d\n" % os.getpid())
    os.rename("port.new", "port")
    s.serve_forever()'
	for which in native shim; do
		wait_for port
		run curl -s "http://127.0.0.1:$(cat port)/file"
		assert_output content
		rm port
		kill -TERM "$pid"
	done
	finish
	assert_equal "$status" 0
	assert_output --partial 'killed by SIGTERM'
}
