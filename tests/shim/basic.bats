#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The first six calls: they take the ring where one can be made and go direct otherwise, with the
# same results.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "cat reads and writes by io_uring_enter and makes no native calls" {
	head -c 3000000 /dev/urandom >data
	traced_natively native cat data >/dev/null
	traced counts cat data >/dev/null
	reads=$(($(calls_of native read) - $(calls_of counts read)))
	[ "$(calls_of counts io_uring_setup)" -eq 1 ]
	[ "$(calls_of native io_uring_enter)" -eq 0 ]
	# One read and one write for each piece that cat makes of the file, and one read for its
	# end. The loader reads one library more than natively: ours.
	pieces=$(calls_of native write)
	[ "$pieces" -ge 10 ]
	[ "$reads" -ge "$pieces" ]
	[ "$(calls_of counts write)" -eq 0 ]
	[ "$(calls_of counts io_uring_enter)" -eq $((2 * pieces + 1)) ]
	# This shell opened standard output, but a pipe has no file position to share.
	traced piped cat data | cmp - data
	[ "$(calls_of piped write)" -eq 0 ]
}

@test "the first six calls give native results under all their names" {
	run "$top/tests/shim/basic-calls" file
	native=$output
	run with_shim "$top/tests/shim/basic-calls" file
	assert_success
	assert_output "$native"
}

@test "each of the first six calls is one operation and makes no native call" {
	strace -qq -o trace -e trace=io_uring_enter,read,write,pread64,fsync,fdatasync,accept,accept4,connect \
		-E LD_PRELOAD="$shim" "$top/tests/shim/basic-calls" file 2>/dev/null
	# The loader reads libraries (descriptor 3, an ELF header) before the shim is loaded. The
	# only other reads and writes are direct calls. After a refused connect, the library makes
	# another connect (AF_UNSPEC) that returns the socket to its native state.
	grep -v -e io_uring_enter -e 'sa_family=AF_UNSPEC' -e '\\177ELF' -e 'pread64([0-9]*, "\\6' trace >rest || true
	run grep -E '^(fsync|fdatasync|pread64|accept|accept4|connect)\(' rest
	assert_output ''
	# Calls on closed descriptors go to the kernel directly, and stdio makes writes of its own.
	run grep -E '^(read|write)\(' rest
	refute_output --partial 'abcdefghij'
	refute_output --partial 'loopback", 13'
	[ "$(grep -c io_uring_enter trace)" -ge 24 ]
}

@test "a program that makes no routed call makes no ring" {
	traced counts true
	[ "$(calls_of counts io_uring_setup)" -eq 0 ]
}

@test "a program whose calls all go direct makes no ring" {
	local printf
	printf=$(type -P printf)
	export RINGSHIM_STATS=$PWD/stats
	# Two reasons to go direct: a terminal, and a file position that other processes can share.
	traced counts script -qec "$printf hello" typescript
	[ "$(calls_of counts io_uring_setup)" -eq "$(awk -F'\t' '$4 == "ring" { print $1 }' stats | sort -u | wc -l)" ]
	grep -P '\tprintf\twrite\tdirect\tkind\t1$' stats
	refute grep -P '\tprintf\t.*\tring\t' stats
	rm stats
	traced counts "$printf" hello >out
	grep -P '\tprintf\twrite\tdirect\tshared-position\t1$' stats
	[ "$(calls_of counts io_uring_setup)" -eq 0 ]
}

@test "a download by curl uses the ring and arrives unchanged" {
	head -c 1000000 /dev/urandom >page
	python3 - >port 2>/dev/null <<'END' &
import http.server, socketserver
s = socketserver.TCPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(s.server_address[1], flush=True)
s.serve_forever()
END
	server=$!
	wait_for port
	RINGSHIM_STATS=$PWD/stats LD_PRELOAD=$shim timeout 300 \
		curl -sS -o got "http://127.0.0.1:$(cat port)/page"
	kill "$server"
	cmp page got
	[ "$(calls_counted stats '*' ring '*' curl)" -gt 0 ]
}

@test "programs give native results when io_uring_setup fails with EPERM or ENOSYS" {
	head -c 300000 /dev/urandom >data
	run "$top/tests/shim/basic-calls" file
	native=$output
	for error in EPERM ENOSYS; do
		run "$top/tests/lib/refuse-uring" $error env LD_PRELOAD="$shim" \
			"$top/tests/shim/basic-calls" file
		assert_success
		assert_output "$native"
		"$top/tests/lib/refuse-uring" $error env LD_PRELOAD="$shim" cat data | cmp - data
	done
}

@test "a refused ring is logged once when RINGSHIM_LOG is set, and never otherwise" {
	echo hello >data
	run "$top/tests/lib/refuse-uring" EPERM env LD_PRELOAD="$shim" cat data
	assert_output hello
	"$top/tests/lib/refuse-uring" EPERM env LD_PRELOAD="$shim" RINGSHIM_LOG="$PWD/log" cat data data
	run cat log
	assert_output --regexp '^ringshim: no ring: .*seccomp'
	assert_equal "${#lines[@]}" 1
}

@test "fork, handlers, O_NONBLOCK and closed descriptors behave as natively" {
	run timeout 300 "$top/tests/shim/without-ring"
	native=$output
	run env LD_PRELOAD="$shim" timeout 300 "$top/tests/shim/without-ring"
	assert_success
	assert_output "$native"
}

@test "a wrong setting is reported once, with the accepted values" {
	echo hello >data
	run env LD_PRELOAD="$shim" RINGSHIM_ROUTE=round cat data
	assert_line 'ringshim: RINGSHIM_ROUTE=round: ignored, accepted is ring, auto or direct'
	assert_line hello
}
