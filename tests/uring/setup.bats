#!/usr/bin/env bats

load uring.bash

@test "uring_init" {
	case_of setup 'uring_init'
}

@test "uring_default_params" {
	case_of setup 'uring_default_params'
}

@test "uring_destroy" {
	case_of setup 'uring_destroy'
}

@test "uring_init_thread" {
	case_of setup 'uring_init_thread'
}

@test "uring_init_thread, many" {
	case_of setup 'uring_init_thread, many'
}

@test "a ring of another thread" {
	case_of setup 'a ring of another thread'
}

@test "uring_init_thread with two pages" {
	case_of setup 'uring_init_thread with two pages'
}

@test "no locked memory" {
	case_of setup 'no locked memory'
}

@test "uring_init_mem, uring_memory_size" {
	case_of setup 'uring_init_mem, uring_memory_size'
}

@test "uring_init_mem, raw parameters" {
	case_of setup 'uring_init_mem, raw parameters'
}

@test "URING_SETUP_SQE128" {
	case_of setup 'URING_SETUP_SQE128'
}

@test "URING_SETUP_CQE32" {
	case_of setup 'URING_SETUP_CQE32'
}

@test "URING_SETUP_CQE_MIXED, uring_cqe_slots" {
	case_of setup 'URING_SETUP_CQE_MIXED, uring_cqe_slots'
}

@test "URING_SETUP_SQPOLL" {
	case_of setup 'URING_SETUP_SQPOLL'
}

@test "URING_SETUP_IOPOLL" {
	case_of setup 'URING_SETUP_IOPOLL'
}

@test "uring_submission_queue_make, uring_completion_queue_make" {
	case_of setup 'uring_submission_queue_make, uring_completion_queue_make'
}

@test "uring_enable_rings, uring_register_restrictions" {
	case_of setup 'uring_enable_rings, uring_register_restrictions'
}

@test "fork, uring_forget" {
	case_of setup 'fork, uring_forget'
}

@test "uring_dontfork" {
	case_of setup 'uring_dontfork'
}

@test "uring_register_ring_fd, uring_close_ring_fd" {
	case_of setup 'uring_register_ring_fd, uring_close_ring_fd'
}

@test "uring_resize_rings" {
	case_of setup 'uring_resize_rings'
}

@test "modes that are refused" {
	case_of setup 'modes that are refused'
}

@test "uring_init_fd" {
	case_of setup 'uring_init_fd'
}

@test "uring_init_no_array" {
	case_of setup 'uring_init_no_array'
}

@test "URING_SETUP_NO_MMAP, memory of its own" {
	case_of setup 'URING_SETUP_NO_MMAP, memory of its own'
}

@test "setup: every case is run" {
	all_cases_of setup "$BATS_TEST_FILENAME"
}
