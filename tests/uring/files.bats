#!/usr/bin/env bats

load uring.bash

@test "uring_read" {
	case_of files 'uring_read'
}

@test "uring_write" {
	case_of files 'uring_write'
}

@test "uring_readv, uring_writev" {
	case_of files 'uring_readv, uring_writev'
}

@test "uring_read_fixed, uring_write_fixed" {
	case_of files 'uring_read_fixed, uring_write_fixed'
}

@test "uring_readv_fixed, uring_writev_fixed" {
	case_of files 'uring_readv_fixed, uring_writev_fixed'
}

@test "uring_read_multishot" {
	case_of files 'uring_read_multishot'
}

@test "uring_fsync" {
	case_of files 'uring_fsync'
}

@test "uring_sync_file_range" {
	case_of files 'uring_sync_file_range'
}

@test "uring_fallocate" {
	case_of files 'uring_fallocate'
}

@test "uring_ftruncate" {
	case_of files 'uring_ftruncate'
}

@test "uring_fadvise" {
	case_of files 'uring_fadvise'
}

@test "uring_madvise" {
	case_of files 'uring_madvise'
}

@test "uring_splice" {
	case_of files 'uring_splice'
}

@test "uring_tee" {
	case_of files 'uring_tee'
}

@test "files: every case is run" {
	all_cases_of files "$BATS_TEST_FILENAME"
}
