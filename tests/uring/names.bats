#!/usr/bin/env bats

load uring.bash

@test "uring_openat" {
	case_of names 'uring_openat'
}

@test "uring_openat_direct, uring_fixed_file" {
	case_of names 'uring_openat_direct, uring_fixed_file'
}

@test "uring_openat2, uring_openat2_direct" {
	case_of names 'uring_openat2, uring_openat2_direct'
}

@test "uring_close, uring_close_direct" {
	case_of names 'uring_close, uring_close_direct'
}

@test "uring_statx" {
	case_of names 'uring_statx'
}

@test "uring_renameat" {
	case_of names 'uring_renameat'
}

@test "uring_unlinkat" {
	case_of names 'uring_unlinkat'
}

@test "uring_mkdirat" {
	case_of names 'uring_mkdirat'
}

@test "uring_symlinkat" {
	case_of names 'uring_symlinkat'
}

@test "uring_linkat" {
	case_of names 'uring_linkat'
}

@test "uring_setxattr, uring_getxattr" {
	case_of names 'uring_setxattr, uring_getxattr'
}

@test "uring_fsetxattr, uring_fgetxattr" {
	case_of names 'uring_fsetxattr, uring_fgetxattr'
}

@test "names: every case is run" {
	all_cases_of names "$BATS_TEST_FILENAME"
}
