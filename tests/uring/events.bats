#!/usr/bin/env bats

load uring.bash

@test "uring_poll_add" {
	case_of events 'uring_poll_add'
}

@test "uring_poll_remove" {
	case_of events 'uring_poll_remove'
}

@test "uring_poll_update_events" {
	case_of events 'uring_poll_update_events'
}

@test "uring_poll_update_user_data" {
	case_of events 'uring_poll_update_user_data'
}

@test "uring_poll_update" {
	case_of events 'uring_poll_update'
}

@test "uring_epoll_ctl" {
	case_of events 'uring_epoll_ctl'
}

@test "uring_epoll_wait" {
	case_of events 'uring_epoll_wait'
}

@test "uring_timeout" {
	case_of events 'uring_timeout'
}

@test "uring_timeout_multishot" {
	case_of events 'uring_timeout_multishot'
}

@test "uring_timeout_remove" {
	case_of events 'uring_timeout_remove'
}

@test "uring_timeout_update" {
	case_of events 'uring_timeout_update'
}

@test "uring_timeout_update of a linked one" {
	case_of events 'uring_timeout_update of a linked one'
}

@test "uring_link_timeout" {
	case_of events 'uring_link_timeout'
}

@test "uring_async_cancel" {
	case_of events 'uring_async_cancel'
}

@test "uring_async_cancel_fd, _op, _any" {
	case_of events 'uring_async_cancel_fd, _op, _any'
}

@test "uring_register_sync_cancel" {
	case_of events 'uring_register_sync_cancel'
}

@test "events: every case is run" {
	all_cases_of events "$BATS_TEST_FILENAME"
}
