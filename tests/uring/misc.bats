#!/usr/bin/env bats

load uring.bash

@test "uring_nop" {
	case_of misc 'uring_nop'
}

@test "uring_sqe_fill, uring_sqe_set_slot" {
	case_of misc 'uring_sqe_fill, uring_sqe_set_slot'
}

@test "uring_files_update" {
	case_of misc 'uring_files_update'
}

@test "uring_fixed_fd_install" {
	case_of misc 'uring_fixed_fd_install'
}

@test "uring_provide_buffers, uring_remove_buffers" {
	case_of misc 'uring_provide_buffers, uring_remove_buffers'
}

@test "uring_msg_ring, uring_msg_ring_cqe_flags" {
	case_of misc 'uring_msg_ring, uring_msg_ring_cqe_flags'
}

@test "uring_msg_ring_fd" {
	case_of misc 'uring_msg_ring_fd'
}

@test "uring_uring_cmd" {
	case_of misc 'uring_uring_cmd'
}

@test "uring_cmd_discard" {
	case_of misc 'uring_cmd_discard'
}

@test "uring_waitid" {
	case_of misc 'uring_waitid'
}

@test "uring_futex_wait" {
	case_of misc 'uring_futex_wait'
}

@test "uring_futex_wake" {
	case_of misc 'uring_futex_wake'
}

@test "uring_futex_waitv" {
	case_of misc 'uring_futex_waitv'
}

@test "uring_pipe, uring_pipe_direct" {
	case_of misc 'uring_pipe, uring_pipe_direct'
}

@test "uring_cmd_zone_reset_all" {
	case_of misc 'uring_cmd_zone_reset_all'
}

@test "misc: every case is run" {
	all_cases_of misc "$BATS_TEST_FILENAME"
}
