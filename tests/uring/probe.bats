#!/usr/bin/env bats

load uring.bash

@test "uring_probe, uring_has" {
	case_of probe 'uring_probe, uring_has'
}

@test "uring_probe by trial" {
	case_of probe 'uring_probe by trial'
}

@test "uring_name, uring_since" {
	case_of probe 'uring_name, uring_since'
}

@test "uring_explain, uring_why_not" {
	case_of probe 'uring_explain, uring_why_not'
}

@test "a seccomp filter says EPERM" {
	case_of probe 'a seccomp filter says EPERM'
}

@test "a seccomp filter says ENOSYS" {
	case_of probe 'a seccomp filter says ENOSYS'
}

@test "kernel.io_uring_disabled is 2" {
	case_of probe 'kernel.io_uring_disabled is 2'
}

@test "kernel.io_uring_disabled is 1" {
	case_of probe 'kernel.io_uring_disabled is 1'
}

@test "no descriptor is left" {
	case_of probe 'no descriptor is left'
}

@test "uring_why_failed, uring_why_text" {
	case_of probe 'uring_why_failed, uring_why_text'
}

@test "probe: every case is run" {
	all_cases_of probe "$BATS_TEST_FILENAME"
}
