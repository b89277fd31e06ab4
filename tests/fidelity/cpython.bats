#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# CPython's own regression tests have the same outcome, test by test, natively and under the
# library. Modules that take long run with CPYTHON_LONG=1. PYTHON names the interpreter; the default
# is the python3 in PATH.

setup() {
	load common
	fidelity_setup
	: "${PYTHON:=$(python_program 2>/dev/null)}"
	[ -n "$PYTHON" ] || skip 'no python3 here'
}

# Prints the first interpreter that has the module: the given one, or one installed beside it. Some
# installations lack a few modules.
interpreter() {
	local prefix candidate
	prefix=$("$PYTHON" -c 'import sys; print(sys.prefix)')
	for candidate in "$PYTHON" "$prefix"/../*/bin/python3; do
		"$candidate" -c 'import importlib.util, sys
for name in ("test.libregrtest", "test." + sys.argv[1]):
	if not importlib.util.find_spec(name): sys.exit(1)' "$1" 2>/dev/null || continue
		echo "$candidate"
		return
	done
}

# module NAME [OPTION...]: compares the outcomes of the tests in a module.
module() {
	local status=0 python
	python=$(interpreter "$1")
	[ -n "$python" ] || skip "no python here has test.$1"
	# In a virtual machine whose VSOCK has no peer, these tests wait for ever natively.
	"$python" "$abs_top_srcdir/tests/fidelity/cpython-compare.py" "$shim" "$@" \
		--ignore '*VSOCK*' >"$BATS_TEST_TMPDIR/report" 2>&1 || status=$?
	[ "$status" -ne 77 ] || skip "$(tail -n 1 "$BATS_TEST_TMPDIR/report")"
	if [ "$status" -ne 0 ]; then
		cat "$BATS_TEST_TMPDIR/report"
		fail "$1: not the same under the shim"
	fi
	sed 's/^/# /' "$BATS_TEST_TMPDIR/report" >&3
}

long() {
	[ "${CPYTHON_LONG:-0}" = 1 ] || skip 'takes long; CPYTHON_LONG=1 runs it'
	module "$@" --seconds 300
}

@test "CPython's test_eintr has its native outcome" {
	module test_eintr --use walltime
}

@test "CPython's test_signal has its native outcome" {
	long test_signal
}

@test "CPython's test_subprocess has its native outcome" {
	long test_subprocess
}

@test "CPython's test_os has its native outcome" {
	module test_os
}

@test "CPython's test_io has its native outcome" {
	long test_io
}

@test "CPython's test_socket has its native outcome" {
	long test_socket
}

@test "CPython's test_threading has its native outcome" {
	long test_threading
}

@test "CPython's test_selectors has its native outcome" {
	long test_selectors
}

@test "CPython's test_posix has its native outcome" {
	module test_posix
}

@test "CPython's test_pty has its native outcome" {
	module test_pty
}

@test "CPython's test_asyncio has its native outcome" {
	long test_asyncio
}

@test "CPython's test_multiprocessing_fork has its native outcome" {
	long test_multiprocessing_fork
}

@test "CPython's test_mmap has its native outcome" {
	module test_mmap
}

@test "CPython's test_fcntl has its native outcome" {
	module test_fcntl
}

@test "CPython's test_select has its native outcome" {
	module test_select
}

@test "CPython's test_epoll has its native outcome" {
	module test_epoll
}

@test "CPython's test_poll has its native outcome" {
	module test_poll
}

@test "CPython's test_httpservers has its native outcome" {
	module test_httpservers
}

@test "CPython's test_ftplib has its native outcome" {
	module test_ftplib
}

@test "CPython's test_smtplib has its native outcome" {
	module test_smtplib
}

@test "CPython's test_ssl has its native outcome" {
	module test_ssl
}

@test "CPython's test_concurrent_futures has its native outcome" {
	long test_concurrent_futures
}

@test "CPython's test_shutil has its native outcome" {
	module test_shutil
}

@test "CPython's test_tempfile has its native outcome" {
	module test_tempfile
}

@test "CPython's test_file has its native outcome" {
	module test_file
}

@test "CPython's test_fileio has its native outcome" {
	module test_fileio
}

@test "CPython's test_largefile has its native outcome" {
	module test_largefile
}

@test "CPython's test_fork1 has its native outcome" {
	module test_fork1
}

@test "CPython's test_wait4 has its native outcome" {
	module test_wait4
}

@test "CPython's test_popen has its native outcome" {
	module test_popen
}

@test "CPython's test_uuid has its native outcome" {
	module test_uuid
}

@test "CPython's test_resource has its native outcome" {
	module test_resource
}

@test "CPython's test_ioctl has its native outcome" {
	module test_ioctl --terminal
}

@test "CPython's test_openpty has its native outcome" {
	module test_openpty
}

@test "CPython's test_tty has its native outcome" {
	module test_tty
}

@test "CPython's test_socketserver has its native outcome" {
	module test_socketserver --use network
}
