#!/usr/bin/env bats

load uring.bash

@test "uring_get_sqe, uring_free_space, uring_sq_ready" {
	case_of queue 'uring_get_sqe, uring_free_space, uring_sq_ready'
}

@test "uring_get_sqe clears 128 bytes, uring_take_sqe 64" {
	case_of queue 'uring_get_sqe clears 128 bytes, uring_take_sqe 64'
}

@test "uring_flush_sq, uring_enter" {
	case_of queue 'uring_flush_sq, uring_enter'
}

@test "uring_sq_ring_needs_enter" {
	case_of queue 'uring_sq_ring_needs_enter'
}

@test "uring_submit" {
	case_of queue 'uring_submit'
}

@test "uring_submit stops at a bad entry" {
	case_of queue 'uring_submit stops at a bad entry'
}

@test "uring_submit, interrupted" {
	case_of queue 'uring_submit, interrupted'
}

@test "uring_copy_cqes, uring_copy_cqes_ready" {
	case_of queue 'uring_copy_cqes, uring_copy_cqes_ready'
}

@test "uring_cq_ready, uring_cqe_at, uring_cqe_seen, uring_cq_advance" {
	case_of queue 'uring_cq_ready, uring_cqe_at, uring_cqe_seen, uring_cq_advance'
}

@test "uring_cq_ring_needs_flush, uring_cq_has_overflow" {
	case_of queue 'uring_cq_ring_needs_flush, uring_cq_has_overflow'
}

@test "uring_get_events" {
	case_of queue 'uring_get_events'
}

@test "uring_copy_cqes, deferred completions" {
	case_of queue 'uring_copy_cqes, deferred completions'
}

@test "uring_submit_wait" {
	case_of queue 'uring_submit_wait'
}

@test "uring_submit_wait_reg, uring_register_wait_region" {
	case_of queue 'uring_submit_wait_reg, uring_register_wait_region'
}

@test "uring_set_iowait" {
	case_of queue 'uring_set_iowait'
}

@test "uring_register_eventfd, uring_cq_eventfd_toggle, _enabled" {
	case_of queue 'uring_register_eventfd, uring_cq_eventfd_toggle, _enabled'
}

@test "uring_register_eventfd_async" {
	case_of queue 'uring_register_eventfd_async'
}

@test "uring_sq_wait" {
	case_of queue 'uring_sq_wait'
}

@test "the queues wrap around" {
	case_of queue 'the queues wrap around'
}

@test "waits before 5.11" {
	case_of queue 'waits before 5.11'
}

@test "uring_wait, uring_peek_cqe, uring_peek_cqes" {
	case_of queue 'uring_wait, uring_peek_cqe, uring_peek_cqes'
}

@test "uring_wait, interrupted" {
	case_of queue 'uring_wait, interrupted'
}

@test "uring_peek_cqes, deferred completions" {
	case_of queue 'uring_peek_cqes, deferred completions'
}

@test "uring_peek_cqe, uring_peek_cqes, URING_SETUP_CQE_MIXED" {
	case_of queue 'uring_peek_cqe, uring_peek_cqes, URING_SETUP_CQE_MIXED'
}

@test "uring_take_sqe128, uring_get_sqe128, URING_SETUP_SQE_MIXED" {
	case_of queue 'uring_take_sqe128, uring_get_sqe128, URING_SETUP_SQE_MIXED'
}

@test "uring_take_sqe128, uring_get_sqe128, URING_SETUP_SQE128" {
	case_of queue 'uring_take_sqe128, uring_get_sqe128, URING_SETUP_SQE128'
}

@test "queue: every case is run" {
	all_cases_of queue "$BATS_TEST_FILENAME"
}
