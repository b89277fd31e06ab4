#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim doctor in guests: what sysctls forbid, and kernels that lack something or do not count
# rings as locked memory.

bats_load_library bats-support
bats_load_library bats-assert

here=$abs_top_srcdir/tests/kernels

setup() {
	cd "$BATS_TEST_TMPDIR"
	program=$abs_top_builddir/ringshim
	[ ! -x "$abs_top_builddir/.libs/ringshim" ] || program=$abs_top_builddir/.libs/ringshim
}

job() {
	printf '%s\t%s\n' "$1" "$2" >>jobs
}

# in_guest KERNEL: runs the jobs. The command finds the library as in a build tree.
in_guest() {
	run "$here/run-in-kernel" --kernel "$1" --jobs jobs --output out \
		--add "$program=/ringshim/ringshim" \
		--add "$abs_top_builddir/.libs/libringshim.so=/ringshim/.libs/libringshim.so" \
		--add "$(command -v setpriv)=/bin/setpriv" --add "$(command -v prlimit)=/bin/prlimit"
	if [ "$status" -eq 77 ] && [ "${KERNELS_REQUIRED:-no}" != yes ]; then
		skip "$output"
	fi
	assert_success
}

# said JOB TEXT...: the job's output has each text, and no line of more than 80 columns.
said() {
	local text
	for text in "${@:2}"; do
		grep -qF -e "$text" "out/$1.out" || fail "$1 did not say: $text; it said: $(cat "out/$1.out" "out/$1.err")"
	done
	awk 'length > 80 { print; bad = 1 } END { exit bad }' "out/$1.out"
}

json() {
	jq -c "$2" "out/$1.out"
}

doctor=/ringshim/ringshim\ doctor
user='setpriv --reuid=1000 --regid=1000 --clear-groups'
sysctl=/proc/sys/kernel/io_uring

@test 'who is forbidden a ring by kernel.io_uring_disabled and kernel.io_uring_group is told so' {
	job open "/busybox/chmod 755 / /ringshim; $user $doctor --json"
	job all "echo 2 >${sysctl}_disabled; $doctor; echo status \$?"
	job all-json "$doctor --json"
	job users "echo 1 >${sysctl}_disabled; $user $doctor; echo status \$?"
	job root "$doctor; echo status \$?"
	job group "echo 77 >${sysctl}_group; $user $doctor; echo status \$?"
	job group-json "$user $doctor --json"
	job member "setpriv --reuid=1000 --regid=1000 --groups=77 $doctor --json"
	in_guest 6.12
	assert_equal "$(json open '[.ring.available, .ring.io_uring_disabled, .status]')" '[true,0,0]'
	said all 'io_uring is turned off for everybody' 'sysctl kernel.io_uring_disabled=0' 'status 2'
	assert_equal "$(json all-json '[.ring.error, .ring.forbidden_by]')" '["EPERM",["io_uring_disabled"]]'
	said users 'io_uring is for processes with CAP_SYS_ADMIN only' 'groupadd uring' 'status 2'
	said root 'A ring can be made' 'status 0'
	said group 'io_uring is for the group 77 only' 'groupadd -g 77 uring' 'status 2'
	assert_equal "$(json group-json '[.ring.error, .ring.forbidden_by, .ring.io_uring_group]')" \
		'["EPERM",["io_uring_group"],77]'
	assert_equal "$(json member '[.ring.available, .shim.ring, .status]')" '[true,true,0]'
}

@test 'what Linux 6.1 lacks is told, with what is lost' {
	job all "/busybox/chmod 755 / /ringshim; $doctor"
	job json "$doctor --json"
	job memory "prlimit --memlock=0 $user $doctor --json"
	in_guest 6.1
	said all 'No operation waitid, which needs Linux 6.7' 'No feature recvsend_bundle' 'Verdict: usable.'
	assert_equal "$(json json '[.ring.io_uring_disabled, .shim.ring, .status]')" '[null,true,0]'
	assert_equal "$(json json '[.lacking[].since | split(".") | map(tonumber)] | min')" '[6,3]'
	assert_equal "$(json memory '[.ring.available, .locked_memory.limit, .locked_memory.left, .locked_memory.counts_rings]')" \
		'[true,0,0,false]'
}
