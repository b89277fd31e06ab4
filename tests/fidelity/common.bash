# SPDX-License-Identifier: MIT
# Shared by the fidelity tests: each program runs natively and under the preload library and must
# print the same.

: "${abs_top_builddir:=$PWD}" "${abs_top_srcdir:=$PWD}"
load ../lib/common.bash

# Number of cases that run at a time; most of them sleep.
FIDELITY_JOBS=${FIDELITY_JOBS:-8}

fidelity_setup() {
	shim=${RINGSHIM_LIBRARY:-$shim}
	programs=$top/tests/fidelity
	[ -e "$shim" ] || fail "no preload library at $shim: run make first, or set RINGSHIM_LIBRARY"
	export TMPDIR=$BATS_TEST_TMPDIR
}

natively() {
	env -u LD_PRELOAD timeout -k 5 "${limit:-300}" "$@"
}

# Routes every possible call to the ring, also those that the default route would avoid.
under_shim() {
	env LD_PRELOAD="$shim" RINGSHIM_ROUTE="${RINGSHIM_ROUTE:-ring}" \
		timeout -k 5 "${limit:-300}" "$@"
}

# Fails if the native run itself went wrong, since it is the reference.
sane() {
	! grep -nE 'TIMEOUT|NOT RUN|FAILED|WRONG|lost|NOT |SOME |WRITTEN' "$1" ||
		fail 'the native run itself went wrong (see above)'
	[ -s "$1" ] || fail 'the native run printed nothing'
}

# same PROGRAM [ARGUMENT...]: the program prints the same natively and under the shim.
same() {
	local program=$1
	shift
	natively "$programs/$program" -j "$FIDELITY_JOBS" "$@" \
		>"$BATS_TEST_TMPDIR/native" 2>"$BATS_TEST_TMPDIR/native.err" ||
		{ cat "$BATS_TEST_TMPDIR/native.err"; fail "$program failed natively"; }
	sane "$BATS_TEST_TMPDIR/native"
	under_shim "$programs/$program" -j "$FIDELITY_JOBS" "$@" \
		>"$BATS_TEST_TMPDIR/shim" 2>"$BATS_TEST_TMPDIR/shim.err" ||
		echo "exit status $?" >>"$BATS_TEST_TMPDIR/shim"
	if ! diff "$BATS_TEST_TMPDIR/native" "$BATS_TEST_TMPDIR/shim" >"$BATS_TEST_TMPDIR/diff"; then
		head -n 60 "$BATS_TEST_TMPDIR/diff"
		head -n 20 "$BATS_TEST_TMPDIR/shim.err"
		fail "$(grep -c '^<' "$BATS_TEST_TMPDIR/diff") of $(wc -l <"$BATS_TEST_TMPDIR/native") lines differ under the shim"
	fi
	echo "# $program: $(wc -l <"$BATS_TEST_TMPDIR/native") cases equal" >&3
}

# Runs a command and writes its execve and io_uring_enter calls to the file trace.
trace_rings() {
	"${STRACE:-strace}" -f -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=execve,io_uring_enter "$@"
}

# rings PROGRAM PATTERN...: each of these cases that should use a ring does so under the shim, and
# none does natively.
rings() {
	local program=$1
	shift
	need "${STRACE:-strace}"
	natively "$programs/$program" -l -r -t "$@" | sort >"$BATS_TEST_TMPDIR/expected"
	trace_rings env -u LD_PRELOAD timeout -k 5 300 "$programs/$program" -r -t "$@" >/dev/null 2>&1
	run grep -c io_uring_enter "$BATS_TEST_TMPDIR/trace"
	assert_output 0
	trace_rings env LD_PRELOAD="$shim" RINGSHIM_ROUTE=ring timeout -k 5 300 \
		"$programs/$program" -r -t "$@" >/dev/null 2>&1 || true
	awk '
		/execve\("\/proc\/self\/exe", \[/ && /"--run"/ { split($0, word, "\""); name = word[8] }
		/io_uring_enter\(/ && name != "" { used[name] = 1 }
		END { for (name in used) print name }' "$BATS_TEST_TMPDIR/trace" |
		sort >"$BATS_TEST_TMPDIR/used"
	run comm -23 "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/used"
	assert_output ''
	[ -s "$BATS_TEST_TMPDIR/expected" ] || fail "$program: no such cases"
}

# equal COMMAND...: output and exit status are the same natively and under the shim. For ordinary
# programs, which have no option to run many cases and whose output does not vary.
equal() {
	local native_status=0 shim_status=0
	(cd "$BATS_TEST_TMPDIR" && natively "$@") >"$BATS_TEST_TMPDIR/native" \
		2>"$BATS_TEST_TMPDIR/native.err" </dev/null || native_status=$?
	sane "$BATS_TEST_TMPDIR/native"
	[ "$native_status" -ne 124 ] || fail "$*: took too long natively"
	(cd "$BATS_TEST_TMPDIR" && under_shim "$@") >"$BATS_TEST_TMPDIR/shim" \
		2>"$BATS_TEST_TMPDIR/shim.err" </dev/null || shim_status=$?
	if ! diff "$BATS_TEST_TMPDIR/native" "$BATS_TEST_TMPDIR/shim" ||
	   ! diff "$BATS_TEST_TMPDIR/native.err" "$BATS_TEST_TMPDIR/shim.err"; then
		fail "$*: different under the shim"
	fi
	[ "$native_status" -eq "$shim_status" ] ||
		fail "$*: exit status $native_status natively, $shim_status under the shim"
}

# uses_ring COMMAND...: the command enters a ring under the shim and not natively.
uses_ring() {
	need "${STRACE:-strace}"
	(cd "$BATS_TEST_TMPDIR" &&
		trace_rings env -u LD_PRELOAD timeout -k 5 60 "$@") >/dev/null 2>&1 </dev/null || true
	run grep -c io_uring_enter "$BATS_TEST_TMPDIR/trace"
	assert_output 0
	(cd "$BATS_TEST_TMPDIR" &&
		trace_rings env LD_PRELOAD="$shim" RINGSHIM_ROUTE=ring timeout -k 5 60 "$@") \
		>/dev/null 2>&1 </dev/null || true
	run grep -c io_uring_enter "$BATS_TEST_TMPDIR/trace"
	refute_output 0
}
