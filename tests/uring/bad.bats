#!/usr/bin/env bats

load uring.bash

@test "entries that are none" {
	case_of bad 'entries that are none'
}

@test "no ring" {
	case_of bad 'no ring'
}

@test "a closed ring" {
	case_of bad 'a closed ring'
}

@test "a full queue" {
	case_of bad 'a full queue'
}

@test "absurd lengths and addresses" {
	case_of bad 'absurd lengths and addresses'
}

@test "absurd times" {
	case_of bad 'absurd times'
}

@test "absurd registrations" {
	case_of bad 'absurd registrations'
}

@test "bad: every case is run" {
	all_cases_of bad "$BATS_TEST_FILENAME"
}
