#!/usr/bin/env bats

load uring.bash

@test "uring_socket, uring_socket_direct" {
	case_of sockets 'uring_socket, uring_socket_direct'
}

@test "uring_bind, uring_listen" {
	case_of sockets 'uring_bind, uring_listen'
}

@test "uring_connect, uring_accept" {
	case_of sockets 'uring_connect, uring_accept'
}

@test "uring_accept_direct" {
	case_of sockets 'uring_accept_direct'
}

@test "uring_accept_multishot" {
	case_of sockets 'uring_accept_multishot'
}

@test "uring_accept_multishot_direct" {
	case_of sockets 'uring_accept_multishot_direct'
}

@test "uring_shutdown" {
	case_of sockets 'uring_shutdown'
}

@test "uring_send, uring_recv" {
	case_of sockets 'uring_send, uring_recv'
}

@test "uring_sendto" {
	case_of sockets 'uring_sendto'
}

@test "uring_sendv" {
	case_of sockets 'uring_sendv'
}

@test "uring_send_bundle, uring_recv_bundle" {
	case_of sockets 'uring_send_bundle, uring_recv_bundle'
}

@test "uring_recv_multishot" {
	case_of sockets 'uring_recv_multishot'
}

@test "uring_sendmsg, uring_recvmsg" {
	case_of sockets 'uring_sendmsg, uring_recvmsg'
}

@test "uring_recvmsg_multishot and its readers" {
	case_of sockets 'uring_recvmsg_multishot and its readers'
}

@test "uring_send_zc" {
	case_of sockets 'uring_send_zc'
}

@test "uring_sendto_zc" {
	case_of sockets 'uring_sendto_zc'
}

@test "uring_send_zc_fixed" {
	case_of sockets 'uring_send_zc_fixed'
}

@test "uring_sendv_zc" {
	case_of sockets 'uring_sendv_zc'
}

@test "uring_sendmsg_zc, uring_sendmsg_zc_fixed" {
	case_of sockets 'uring_sendmsg_zc, uring_sendmsg_zc_fixed'
}

@test "uring_recv_zc, uring_register_ifq" {
	case_of sockets 'uring_recv_zc, uring_register_ifq'
}

@test "uring_cmd_sock" {
	case_of sockets 'uring_cmd_sock'
}

@test "uring_cmd_getsockname" {
	case_of sockets 'uring_cmd_getsockname'
}

@test "sockets: every case is run" {
	all_cases_of sockets "$BATS_TEST_FILENAME"
}
