#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ringshim doctor under seccomp filters: that a filter forbids rings, whose it looks like, and that
# following the advice helps.

load common

filter_like=$abs_top_builddir/tests/cli/filter-like

# diagnosis COMMAND...: prints what doctor --json says about the filter of a command.
diagnosis() {
	"$@" "$ringshim" doctor --json >json || [ $? -le 2 ]
	jq -r '[.ring.error, (.ring.forbidden_by | join(" ")), .ring.seccomp.looks_like, .status] |
		map(tostring) | join(" ")' json
}

setup_file() {
	[ "$(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null || echo 0)" != 2 ] || return 0
	export rings_allowed=yes
}

need_rings() {
	[ "${rings_allowed:-}" ] || skip 'rings are turned off here anyway (kernel.io_uring_disabled)'
	[ "$(awk '/^Seccomp:/ { print $2 }' /proc/self/status)" = 0 ] ||
		skip 'this test runs under a filter itself'
}

@test "filters are recognised by what they refuse" {
	need_rings
	unset KUBERNETES_SERVICE_HOST
	while read -r owner wanted; do
		assert_equal "$owner: $(diagnosis "$filter_like" "$owner")" "$owner: $wanted"
	done <<-'END'
		docker EPERM seccomp docker 2
		docker-old ENOSYS seccomp docker-old 2
		podman ENOSYS seccomp podman 2
		systemd-EPERM EPERM seccomp systemd 2
		systemd-kill SIGSYS seccomp systemd 2
		docker-with-ring null  null 0
	END
	assert_equal "$(KUBERNETES_SERVICE_HOST=10.0.0.1 diagnosis "$filter_like" docker)" \
		'EPERM seccomp kubernetes 2'
}

@test "a filter that is none of the usual ones is told as such, with the process that it came with" {
	need_rings
	for errno in EPERM ENOSYS; do
		assert_equal "$(diagnosis "$abs_top_builddir/tests/lib/refuse-uring" $errno)" \
			"$errno seccomp null 2"
	done
	deny=$abs_top_builddir/tests/fidelity/deny-syscalls
	assert_equal "$(diagnosis "$deny" kill)" 'SIGSYS seccomp null 2'
	assert_equal "$(diagnosis "$deny" trap)" 'SIGSYS seccomp null 2'
	run "$deny" EPERM sh -c '"$1" doctor; true' parent "$ringshim"
	assert_output --partial 'none of the usual filters'
	run bash -c '"$1" EPERM bash -c "\"\$1\" doctor | tr -s \" \\n\" \" \"" outer "$2"' - "$deny" "$ringshim"
	assert_output --regexp 'The first process above this one that has the filter is [0-9]+ \(bash\)'
}

@test "a filter that kills leaves no core file and does not kill the doctor" {
	need_rings
	ulimit -c unlimited
	run --separate-stderr "$filter_like" systemd-kill "$ringshim" doctor
	assert_failure 2
	assert_line --partial 'it kills a process (SIGSYS)'
	assert_equal "$stderr" ''
	assert [ -z "$(find . -name '*core*')" ]
}

@test "each recognised filter comes with what to type" {
	need_rings
	unset KUBERNETES_SERVICE_HOST
	while read -r owner wanted; do
		run "$filter_like" "$owner" "$ringshim" doctor
		assert_line --partial "$wanted"
	done <<-'END'
		docker docker run --security-opt seccomp=with-uring.json ...
		docker-old docker run --security-opt seccomp=with-uring.json ...
		podman podman run --security-opt seccomp=with-uring.json ...
		systemd-EPERM SystemCallFilter=io_uring_setup io_uring_enter
		systemd-kill systemctl edit NAME.service
	END
	KUBERNETES_SERVICE_HOST=10.0.0.1 run "$filter_like" docker "$ringshim" doctor
	assert_line --partial 'localhostProfile: with-uring.json'
}

# in_container PROFILE: runs doctor in a container of runc with the filter of a profile that Podman
# and Docker read. The root is this machine's.
in_container() {
	rm -f config.json
	runc spec
	jq --slurpfile profile "$1" --arg doctor "$ringshim" --arg here "$abs_top_builddir" '
		(.process.capabilities.bounding) as $caps |
		.process.terminal = false | .process.args = [$doctor, "doctor", "--json"] |
		.root = { path: "root", readonly: false } |
		.mounts |= map(select(.destination == "/proc")) |
		.linux.namespaces |= map(select(.type == "pid" or .type == "mount" or .type == "ipc" or .type == "uts")) |
		.linux |= del(.maskedPaths, .readonlyPaths, .resources, .cgroupsPath) |
		.linux.seccomp = ($profile[0] | {
			defaultAction, defaultErrnoRet,
			architectures: ["SCMP_ARCH_X86_64"],
			syscalls: [.syscalls[] | select(
				((.includes.caps // []) - $caps == []) and
				((.includes.arches // ["amd64"]) | index("amd64")) and
				(((.excludes.caps // []) - ((.excludes.caps // []) - $caps)) == [])) |
				{ names, action } + (if .errnoRet then { errnoRet } else {} end) +
				(if (.args // []) == [] then {} else { args } end)] })
		' config.json >config.new
	mv config.new config.json
	unshare -m sh -c 'mount --make-rprivate / && mount --bind / root &&
		exec runc --root "$PWD/state" run --no-new-keyring "$1"' - "ringshim-$$-$RANDOM"
}

@test "in a container of runc with Podman's profile, following the advice helps" {
	need_rings
	need_root 'make a container'
	need runc unshare jq
	[ "$(uname -m)" = x86_64 ] || skip 'the profile is translated for x86-64 only'
	profile=/usr/share/containers/seccomp.json
	[ -e $profile ] || skip "there is no $profile (Debian: golang-github-containers-common)"
	jq -e '[.syscalls[].names[]] | index("io_uring_setup") | not' $profile >/dev/null ||
		skip 'this Podman allows io_uring'
	mkdir root
	in_container $profile >json 2>errors || true
	[ -s json ] || skip "runc makes no container here: $(tail -n 1 errors)"
	assert_equal "$(jq -r '[.ring.error, .ring.seccomp.looks_like] | join(" ")' json)" 'ENOSYS podman'
	# The commands of the advice, as they stand on the screen.
	jq -r '[.findings[].advice[] | .command // empty] | map(select(test("run --security") | not)) | join("\n")' \
		json >advice.sh
	grep -q '^jq' advice.sh
	bash -e advice.sh
	in_container with-uring.json >json || true
	assert_equal "$(jq -r '[.ring.available, .ring.error, .shim.ring] | map(tostring) | join(" ")' json)" \
		'true null true'
}
