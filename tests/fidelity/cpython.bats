#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# CPython's own regression tests give the same outcome, test by test, natively
# and under the library. Modules that take long run when CPYTHON_LONG=1.
# PYTHON: the interpreter, when it is not the python3 of the PATH.

setup() {
	load common
	fidelity_setup
	: "${PYTHON:=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null)}"
	[ -n "$PYTHON" ] || skip 'no python3 here'
}

# The first interpreter, of this one and those installed beside it, that has
# the module: some installations lack a few.
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

# module NAME [OPTION...]
module() {
	local status=0 python
	python=$(interpreter "$1")
	[ -n "$python" ] || skip "no python here has test.$1"
	# VSOCK: where a virtual machine has no peer these wait for ever natively.
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

@test "test_eintr" {
	module test_eintr --use walltime
}

@test "test_signal" {
	long test_signal
}

@test "test_subprocess" {
	long test_subprocess
}

@test "test_os" {
	module test_os
}

@test "test_io" {
	long test_io
}

@test "test_socket" {
	long test_socket
}

@test "test_threading" {
	long test_threading
}

@test "test_selectors" {
	long test_selectors
}

@test "test_posix" {
	module test_posix
}

@test "test_pty" {
	module test_pty
}

@test "test_asyncio" {
	long test_asyncio
}

@test "test_multiprocessing_fork" {
	long test_multiprocessing_fork
}

@test "test_mmap" {
	module test_mmap
}

@test "test_fcntl" {
	module test_fcntl
}

@test "test_select" {
	module test_select
}

@test "test_epoll" {
	module test_epoll
}

@test "test_poll" {
	module test_poll
}

@test "test_httpservers" {
	module test_httpservers
}

@test "test_ftplib" {
	module test_ftplib
}

@test "test_smtplib" {
	module test_smtplib
}

@test "test_ssl" {
	module test_ssl
}

@test "test_concurrent_futures" {
	long test_concurrent_futures
}

@test "test_shutil" {
	module test_shutil
}

@test "test_tempfile" {
	module test_tempfile
}

@test "test_file" {
	module test_file
}

@test "test_fileio" {
	module test_fileio
}

@test "test_largefile" {
	module test_largefile
}

@test "test_fork1" {
	module test_fork1
}

@test "test_wait4" {
	module test_wait4
}

@test "test_popen" {
	module test_popen
}

@test "test_uuid" {
	module test_uuid
}

@test "test_resource" {
	module test_resource
}

@test "test_ioctl" {
	module test_ioctl --terminal
}

@test "test_openpty" {
	module test_openpty
}

@test "test_tty" {
	module test_tty
}

@test "test_socketserver" {
	module test_socketserver --use network
}
