#!/usr/bin/env bats

load uring.bash

@test "uring_register" {
	case_of register 'uring_register'
}

@test "uring_register_buffers, uring_unregister_buffers" {
	case_of register 'uring_register_buffers, uring_unregister_buffers'
}

@test "uring_register_buffers_tags, _update" {
	case_of register 'uring_register_buffers_tags, _update'
}

@test "uring_register_buffers_sparse" {
	case_of register 'uring_register_buffers_sparse'
}

@test "uring_clone_buffers, uring_clone_buffers_offset" {
	case_of register 'uring_clone_buffers, uring_clone_buffers_offset'
}

@test "uring_register_files, _update, uring_unregister_files" {
	case_of register 'uring_register_files, _update, uring_unregister_files'
}

@test "uring_register_files_tags, _update_tags" {
	case_of register 'uring_register_files_tags, _update_tags'
}

@test "uring_register_files_sparse, _file_alloc_range" {
	case_of register 'uring_register_files_sparse, _file_alloc_range'
}

@test "uring_register_buf_ring and its helpers" {
	case_of register 'uring_register_buf_ring and its helpers'
}

@test "URING_PBUF_RING_MMAP" {
	case_of register 'URING_PBUF_RING_MMAP'
}

@test "uring_setup_buf_ring, uring_free_buf_ring" {
	case_of register 'uring_setup_buf_ring, uring_free_buf_ring'
}

@test "uring_register_personality" {
	case_of register 'uring_register_personality'
}

@test "uring_register_iowq_aff, _max_workers" {
	case_of register 'uring_register_iowq_aff, _max_workers'
}

@test "uring_register_napi, uring_unregister_napi" {
	case_of register 'uring_register_napi, uring_unregister_napi'
}

@test "uring_register_clock" {
	case_of register 'uring_register_clock'
}

@test "uring_register_region" {
	case_of register 'uring_register_region'
}

@test "uring_register_query" {
	case_of register 'uring_register_query'
}

@test "uring_register_probe" {
	case_of register 'uring_register_probe'
}

@test "uring_register_zcrx_ctrl, uring_register_bpf_filter" {
	case_of register 'uring_register_zcrx_ctrl, uring_register_bpf_filter'
}

@test "register: every case is run" {
	all_cases_of register "$BATS_TEST_FILENAME"
}
