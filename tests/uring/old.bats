#!/usr/bin/env bats

load uring.bash

@test "uring_init_thread on 5.4 to 6.6" {
	case_of old 'uring_init_thread on 5.4 to 6.6'
}

@test "uring_init_thread gives up where it should" {
	case_of old 'uring_init_thread gives up where it should'
}

@test "uring_probe without a query" {
	case_of old 'uring_probe without a query'
}

@test "old: every case is run" {
	all_cases_of old "$BATS_TEST_FILENAME"
}
