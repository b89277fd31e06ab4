/* SPDX-License-Identifier: MIT */
/* Tests operations on sockets. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "ring.h"

/* On pages of their own: older kernels do not register pages shared with a file mapping. */
static char in[4096] __attribute__((aligned(4096)));
static char out[4096] __attribute__((aligned(4096)));

static void local_pair(int fds[2])
{
	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
}

static struct sockaddr_in loopback(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return addr;
}

/* Makes a datagram socket bound to a port that the kernel chooses. */
static int udp_socket(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	*addr = loopback();
	check_int(bind(fd, (struct sockaddr *)addr, len), 0);
	check_int(getsockname(fd, (struct sockaddr *)addr, &len), 0);
	return fd;
}

static int socket_type(int fd)
{
	socklen_t len = sizeof(int);
	int type = -1;

	check_int(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	return type;
}

static void test_socket(void)
{
	struct uring *ring = open_ring_to_register(8);
	int fd;

	fd = run(ring, uring_socket(ring, 5, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP));
	check(fd >= 0);
	check_int(socket_type(fd), SOCK_DGRAM);
	check_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
	check_int(run(ring, uring_socket(ring, 5, AF_INET, SOCK_STREAM, IPPROTO_UDP)),
		  -EPROTONOSUPPORT);
	check_int(uring_register_files_sparse(ring, 2), 0);
	check_int(run(ring, uring_socket_direct(ring, 5, AF_INET, SOCK_STREAM, 0, 1)), 0);
	check_int(run(ring, uring_fixed_file(uring_shutdown(ring, 5, 0, SHUT_RD), 1)), -ENOTCONN);
	fd = run(ring, uring_socket_direct(ring, 5, AF_INET, SOCK_STREAM, 0,
					   URING_FILE_INDEX_ALLOC));
	check_int(fd, 0);
}

static void test_bind_listen(void)
{
	struct uring *ring = open_ring(8);
	struct sockaddr_in addr = loopback();
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0), peer, on;

	need(URING_WHAT_OP, URING_OP_LISTEN);
	check_int(run(ring, uring_bind(ring, 5, fd, (struct sockaddr *)&addr, len)), 0);
	check_int(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	check(addr.sin_port != 0);
	check_int(run(ring, uring_listen(ring, 5, fd, 4)), 0);
	len = sizeof(on);
	check_int(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len), 0);
	check_int(on, 1);
	peer = socket(AF_INET, SOCK_STREAM, 0);
	check_int(connect(peer, (struct sockaddr *)&addr, sizeof(addr)), 0);
	peer = socket(AF_INET, SOCK_STREAM, 0);
	check_int(run(ring, uring_bind(ring, 5, peer, (struct sockaddr *)&addr, sizeof(addr))),
		  -EADDRINUSE);
}

static void test_connect_accept(void)
{
	struct uring *ring = open_ring(8);
	struct sockaddr_in addr, from = { 0 };
	socklen_t len = sizeof(from);
	int listener = tcp_listener(&addr), client, server;
	struct uring_cqe a, b;

	client = socket(AF_INET, SOCK_STREAM, 0);
	check(uring_accept(ring, 1, listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC));
	check(uring_connect(ring, 2, client, (struct sockaddr *)&addr, sizeof(addr)));
	a = next_cqe(ring);
	b = next_cqe(ring);
	check_int(a.user_data + b.user_data, 3);
	server = a.user_data == 1 ? a.res : b.res;
	check_int(a.user_data == 1 ? b.res : a.res, 0);
	check(server >= 0);
	check_int(fcntl(server, F_GETFD), FD_CLOEXEC);
	check_int(len, sizeof(from));
	len = sizeof(addr);
	check_int(getsockname(client, (struct sockaddr *)&addr, &len), 0);
	check_int(from.sin_port, addr.sin_port);
	check_int(run(ring, uring_connect(ring, 2, client, (struct sockaddr *)&addr, sizeof(addr))),
		  -EISCONN);
}

static int connect_to(const struct sockaddr_in *addr)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	check_int(connect(fd, (const struct sockaddr *)addr, sizeof(*addr)), 0);
	return fd;
}

static void test_accept_direct(void)
{
	struct uring *ring = open_ring_to_register(8);
	struct sockaddr_in addr;
	int listener = tcp_listener(&addr);
	int client = connect_to(&addr);

	check_int(uring_register_files_sparse(ring, 4), 0);
	check_int(run(ring, uring_accept_direct(ring, 5, listener, NULL, NULL, 0, 3)), 0);
	check_int(run(ring, uring_fixed_file(uring_send(ring, 5, 0, "hi", 2, 0), 3)), 2);
	check_int(read(client, in, 10), 2);
	check_int(run(ring, uring_accept_direct(ring, 5, listener, NULL, NULL, SOCK_CLOEXEC, 1)),
		  -EINVAL);
}

static void test_accept_multishot(void)
{
	struct uring *ring = open_ring(8);
	struct sockaddr_in addr;
	int listener = tcp_listener(&addr);
	struct uring_cqe cqe;

	check(uring_accept_multishot(ring, 5, listener, NULL, NULL, 0));
	check_int(uring_submit(ring, 0, NULL), 1);
	for (int i = 0; i < 3; i++) {
		int client = connect_to(&addr);

		cqe = next_cqe(ring);
		check_int(cqe.user_data, 5);
		check(cqe.res >= 0);
		check(cqe.flags & URING_CQE_F_MORE);
		check_int(write(cqe.res, "x", 1), 1);
		check_int(read(client, in, 1), 1);
	}
	check_int(run(ring, uring_async_cancel_fd(ring, 6, listener, 0)) == 0 ||
		  next_cqe(ring).user_data == 6, 1);
}

static void test_accept_multishot_direct(void)
{
	struct uring *ring = open_ring_to_register(8);
	struct sockaddr_in addr;
	int listener = tcp_listener(&addr), clients[2];
	struct uring_cqe cqe;

	check_int(uring_register_files_sparse(ring, 2), 0);
	check(uring_accept_multishot_direct(ring, 5, listener, NULL, NULL, 0));
	check_int(uring_submit(ring, 0, NULL), 1);
	for (int i = 0; i < 2; i++) {
		clients[i] = connect_to(&addr);
		cqe = next_cqe(ring);
		check_int(cqe.res, i);
		check(cqe.flags & URING_CQE_F_MORE);
	}
	check_int(run(ring, uring_fixed_file(uring_send(ring, 7, 0, "b", 1, 0), 1)), 1);
	check_int(read(clients[1], in, 1), 1);
	/* No slot is left for a third connection, so the accept ends. */
	connect_to(&addr);
	cqe = next_cqe(ring);
	check_int(cqe.res, -ENFILE);
	check_int(cqe.flags & URING_CQE_F_MORE, 0);
}

static void test_shutdown(void)
{
	struct uring *ring = open_ring(8);
	int fds[2];

	local_pair(fds);
	check_int(run(ring, uring_shutdown(ring, 5, fds[0], SHUT_WR)), 0);
	check_int(read(fds[1], in, 1), 0);
	check_int(write(fds[1], "x", 1), 1);
	check_int(run(ring, uring_shutdown(ring, 5, 0, 77)), -ENOTSOCK);
}

static void test_send_recv(void)
{
	struct uring *ring = open_ring(8);
	struct uring_sqe *sqe;
	int fds[2];

	local_pair(fds);
	fill_pattern(out, sizeof(out), 1);
	check_int(run(ring, uring_send(ring, 5, fds[0], out, sizeof(out), 0)), sizeof(out));
	check_int(run(ring, uring_recv(ring, 5, fds[1], in, sizeof(in), MSG_WAITALL)), sizeof(in));
	check(!memcmp(in, out, sizeof(in)));
	check_int(run(ring, uring_recv(ring, 5, fds[1], in, 10, MSG_DONTWAIT)), -EAGAIN);
	/* The caller can set further flags in an entry. */
	sqe = uring_recv(ring, 5, fds[1], in, 10, 0);
	sqe->ioprio |= URING_RECVSEND_POLL_FIRST;
	check_int(uring_submit(ring, 0, NULL), 1);
	check_int(write(fds[0], "poll", 4), 4);
	check_int(next_cqe(ring).res, 4);
	close(fds[1]);
	/* Ignores SIGPIPE, which would end the test before the check. */
	check_int(run(ring, uring_send(ring, 5, fds[0], out, 10, 0)), -EPIPE);
}

static void test_sendto(void)
{
	struct uring *ring = open_ring(8);
	struct sockaddr_in a, b, from;
	int fd_a = udp_socket(&a), fd_b = udp_socket(&b);
	socklen_t len = sizeof(from);

	check_int(run(ring, uring_sendto(ring, 5, fd_a, "dgram", 5, 0, (struct sockaddr *)&b,
					 sizeof(b))), 5);
	check_int(recvfrom(fd_b, in, sizeof(in), 0, (struct sockaddr *)&from, &len), 5);
	check(!memcmp(in, "dgram", 5));
	check_int(from.sin_port, a.sin_port);
}

static void test_sendv(void)
{
	char a[] = "a", b[] = "bc", c[] = "def";
	struct iovec iov[3] = { { a, 1 }, { b, 2 }, { c, 3 } };
	struct uring *ring = open_ring(8);
	int fds[2], ret;

	local_pair(fds);
	ret = run(ring, uring_sendv(ring, 5, fds[0], iov, 3, 0));
	if (ret == -EINVAL)
		skip("sendv: needs Linux 6.17");
	check_int(ret, 6);
	check_int(read(fds[1], in, 10), 6);
	check(!memcmp(in, "abcdef", 6));
}

/* Registers a group of nr buffers of 64 bytes, numbered from 0. */
static struct uring_buf_ring *give_buffers(struct uring *ring, char (*bufs)[64], int nr,
					   unsigned group)
{
	struct uring_buf_ring *br;

	check_int(uring_setup_buf_ring(ring, &br, nr, group, 0), 0);
	for (int i = 0; i < nr; i++)
		uring_buf_ring_add(br, bufs[i], 64, i, uring_buf_ring_mask(nr), i);
	uring_buf_ring_advance(br, nr);
	return br;
}

static void test_bundles(void)
{
	struct uring *ring = open_ring_to_register(8);
	struct uring_cqe cqe;
	char bufs[4][64] = { { 0 } }, to[4][64] = { { 0 } };
	int fds[2];

	need(URING_WHAT_FEATURE, URING_FEAT_RECVSEND_BUNDLE);
	local_pair(fds);
	for (int i = 0; i < 4; i++)
		memset(bufs[i], 'a' + i, 64);
	give_buffers(ring, bufs, 4, 1);
	give_buffers(ring, to, 4, 2);
	check(uring_send_bundle(ring, 5, fds[0], 0, 0, 1));
	cqe = next_cqe(ring);
	check_int(cqe.res, 256);
	check_int(uring_cqe_buffer(&cqe), 0);
	check(uring_recv_bundle(ring, 6, fds[1], 150, 0, 2));
	cqe = next_cqe(ring);
	/* The limit can be rounded down to whole buffers, as 6.18 does. */
	check(cqe.res == 128 || cqe.res == 150);
	check_int(uring_cqe_buffer(&cqe), 0);
	check_int(to[0][0], 'a');
	check_int(to[1][63], 'b');
}

static void test_recv_multishot(void)
{
	struct uring *ring = open_ring_to_register(8);
	struct uring_buf_ring *br;
	char bufs[2][64] = { { 0 } };
	struct uring_cqe cqe;
	int fds[2], id;

	local_pair(fds);
	br = give_buffers(ring, bufs, 2, 7);
	check(uring_recv_multishot(ring, 5, fds[1], 0, 7));
	check_int(uring_submit(ring, 0, NULL), 1);
	for (int i = 0; i < 10; i++) {
		check_int(write(fds[0], "again", 5), 5);
		cqe = next_cqe(ring);
		check_int(cqe.res, 5);
		check(cqe.flags & URING_CQE_F_MORE);
		id = uring_cqe_buffer(&cqe);
		check(id == 0 || id == 1);
		check(!memcmp(bufs[id], "again", 5));
		memset(bufs[id], 0, 64);
		uring_buf_ring_add(br, bufs[id], 64, id, uring_buf_ring_mask(2), 0);
		uring_buf_ring_advance(br, 1);
	}
	close(fds[0]);
	cqe = next_cqe(ring);
	check_int(cqe.res, 0);
	check_int(cqe.flags & URING_CQE_F_MORE, 0);
}

/* Room for one descriptor in the control message. */
union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int))];
};

static void test_sendmsg_recvmsg(void)
{
	char text[] = "with a descriptor";
	struct iovec iov = { text, 17 }, back = { in, sizeof(in) };
	union control control = { .space = { 0 } }, control_back = { .space = { 0 } };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct msghdr msg_back = { .msg_iov = &back, .msg_iovlen = 1,
				   .msg_control = &control_back,
				   .msg_controllen = sizeof(control_back) };
	struct uring *ring = open_ring(8);
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fds[2], file = temp_file(), got;

	local_pair(fds);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &file, sizeof(int));
	check_int(run(ring, uring_sendmsg(ring, 5, fds[0], &msg, 0)), 17);
	check_int(run(ring, uring_recvmsg(ring, 5, fds[1], &msg_back, 0)), 17);
	check(!memcmp(in, "with a descriptor", 17));
	cmsg = CMSG_FIRSTHDR(&msg_back);
	check(cmsg && cmsg->cmsg_type == SCM_RIGHTS);
	memcpy(&got, CMSG_DATA(cmsg), sizeof(int));
	check(got != file);
	check_int(pwrite(got, "x", 1, 0), 1);
	check_int(pread(file, in, 1, 0), 1);
}

static void test_recvmsg_multishot(void)
{
	struct sockaddr_in a, b, *from;
	int fd_a = udp_socket(&a), fd_b = udp_socket(&b), on = 1;
	struct uring *ring = open_ring_to_register(8);
	struct msghdr msg = { .msg_namelen = sizeof(struct sockaddr_in), .msg_controllen = 64 };
	struct uring_recvmsg_out *head;
	struct cmsghdr *cmsg;
	struct uring_cqe cqe;
	char bufs[2][256] = { { 0 } };
	struct uring_buf_ring *br;

	check_int(setsockopt(fd_b, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on)), 0);
	check_int(setsockopt(fd_b, IPPROTO_IP, IP_TTL, &on, sizeof(on)), 0);
	check_int(setsockopt(fd_b, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)), 0);
	check_int(uring_setup_buf_ring(ring, &br, 2, 1, 0), 0);
	for (int i = 0; i < 2; i++)
		uring_buf_ring_add(br, bufs[i], 256, i, uring_buf_ring_mask(2), i);
	uring_buf_ring_advance(br, 2);
	check(uring_recvmsg_multishot(ring, 5, fd_b, &msg, 0, 1));
	check_int(uring_submit(ring, 0, NULL), 1);
	check_int(sendto(fd_a, "payload", 7, 0, (struct sockaddr *)&b, sizeof(b)), 7);
	cqe = next_cqe(ring);
	check(cqe.flags & URING_CQE_F_MORE);
	head = uring_recvmsg_validate(bufs[uring_cqe_buffer(&cqe)], cqe.res, &msg);
	check(head != NULL);
	from = uring_recvmsg_name(head);
	check_int(from->sin_port, a.sin_port);
	check_int(uring_recvmsg_payload_length(head, cqe.res, &msg), 7);
	check_int(head->payloadlen, 7);
	check(!memcmp(uring_recvmsg_payload(head, &msg), "payload", 7));
	cmsg = uring_recvmsg_cmsg_firsthdr(head, &msg);
	check(cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SO_TIMESTAMP);
	cmsg = uring_recvmsg_cmsg_nexthdr(head, &msg, cmsg);
	check(cmsg && cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_TTL);
	check(uring_recvmsg_cmsg_nexthdr(head, &msg, cmsg) == NULL);
	check(uring_recvmsg_validate(head, sizeof(*head), &msg) == NULL);
	check(uring_recvmsg_validate(head, -ENOBUFS, &msg) == NULL);
	check_int(uring_recvmsg_payload_length(head, sizeof(*head), &msg), 0);
	check_int(uring_recvmsg_payload_length(head, -ENOBUFS, &msg), 0);
	msg.msg_controllen = SIZE_MAX - sizeof(*head);
	check(uring_recvmsg_validate(head, cqe.res, &msg) == NULL);
}

/* Takes both completions of a zero-copy send; returns the first one's result. */
static int both(struct uring *ring, struct uring_sqe *sqe, int *notification)
{
	struct uring_cqe cqe;

	check(sqe != NULL);
	cqe = next_cqe(ring);
	check_int(cqe.user_data, 5);
	if (!(cqe.flags & URING_CQE_F_MORE))
		return cqe.res;
	*notification = 1;
	if (cqe.res >= 0)
		return next_cqe(ring).flags & URING_CQE_F_NOTIF ? cqe.res : -1;
	next_cqe(ring);
	return cqe.res;
}

static void test_send_zc(void)
{
	struct uring *ring = open_ring(8);
	struct uring_cqe cqe;
	int fds[2], noted = 0;

	need(URING_WHAT_OP, URING_OP_SEND_ZC);
	tcp_pair(fds);
	fill_pattern(out, sizeof(out), 9);
	check_int(both(ring, uring_send_zc(ring, 5, fds[0], out, 3000, 0, 0), &noted), 3000);
	check_int(noted, 1);
	check_int(recv(fds[1], in, 3000, MSG_WAITALL), 3000);
	check(!memcmp(in, out, 3000));
	check(uring_send_zc(ring, 5, fds[0], out, 10, 0, URING_SEND_ZC_REPORT_USAGE));
	check_int(next_cqe(ring).res, 10);
	cqe = next_cqe(ring);
	check(cqe.flags & URING_CQE_F_NOTIF);
	/* The loopback device copies, and reports that it did. */
	check_int((unsigned)cqe.res, URING_NOTIF_USAGE_ZC_COPIED);
}

static void test_sendto_zc(void)
{
	struct uring *ring = open_ring(8);
	struct sockaddr_in a, b;
	int fd_a = udp_socket(&a), fd_b = udp_socket(&b), noted = 0;

	need(URING_WHAT_OP, URING_OP_SEND_ZC);
	check_int(both(ring, uring_sendto_zc(ring, 5, fd_a, "zero", 4, 0, 0,
					     (struct sockaddr *)&b, sizeof(b)), &noted), 4);
	check_int(recv(fd_b, in, 10, 0), 4);
	check(!memcmp(in, "zero", 4));
}

static void test_send_zc_fixed(void)
{
	struct iovec buf = { out, sizeof(out) };
	struct uring *ring = open_ring_to_register(8);
	int fds[2], noted = 0;

	need(URING_WHAT_OP, URING_OP_SEND_ZC);
	tcp_pair(fds);
	fill_pattern(out, sizeof(out), 10);
	check_int(uring_register_buffers(ring, &buf, 1), 0);
	check_int(both(ring, uring_send_zc_fixed(ring, 5, fds[0], out + 50, 1000, 0, 0, 0),
		       &noted), 1000);
	check_int(recv(fds[1], in, 1000, MSG_WAITALL), 1000);
	check(!memcmp(in, out + 50, 1000));
	check_int(both(ring, uring_send_zc_fixed(ring, 5, fds[0], in, 1000, 0, 0, 0), &noted),
		  -EFAULT);
}

static void test_sendv_zc(void)
{
	char a[] = "ab", b[] = "cd";
	struct iovec iov[2] = { { a, 2 }, { b, 2 } };
	struct uring *ring = open_ring(8);
	int fds[2], noted = 0, ret;

	need(URING_WHAT_OP, URING_OP_SEND_ZC);
	tcp_pair(fds);
	ret = both(ring, uring_sendv_zc(ring, 5, fds[0], iov, 2, 0, 0), &noted);
	if (ret == -EINVAL)
		skip("sendv_zc: needs Linux 6.17");
	check_int(ret, 4);
	check_int(recv(fds[1], in, 4, MSG_WAITALL), 4);
	check(!memcmp(in, "abcd", 4));
}

static void test_sendmsg_zc(void)
{
	struct iovec iov = { out, 2000 }, buf = { out, sizeof(out) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct uring *ring = open_ring_to_register(8);
	int fds[2], noted = 0;

	need(URING_WHAT_OP, URING_OP_SENDMSG_ZC);
	tcp_pair(fds);
	fill_pattern(out, sizeof(out), 11);
	check_int(both(ring, uring_sendmsg_zc(ring, 5, fds[0], &msg, 0, 0), &noted), 2000);
	check_int(recv(fds[1], in, 2000, MSG_WAITALL), 2000);
	check(!memcmp(in, out, 2000));
	need_age_of(URING_WHAT_OP, URING_OP_READV_FIXED, "sendmsg_zc_fixed");
	check_int(uring_register_buffers(ring, &buf, 1), 0);
	check_int(both(ring, uring_sendmsg_zc_fixed(ring, 5, fds[0], &msg, 0, 0, 0), &noted),
		  2000);
	check_int(recv(fds[1], in, 2000, MSG_WAITALL), 2000);
	check(!memcmp(in, out, 2000));
}

static void test_recv_zc(void)
{
	struct uring_zcrx_area_reg area = { .addr = 0 };
	struct uring_region_desc region = { .size = 4096 };
	struct uring_zcrx_ifq_reg reg = { .if_idx = 1, .rq_entries = 8 };
	struct uring *ring = open_ring_with(8, URING_SETUP_CQE32 | URING_SETUP_SINGLE_ISSUER |
					       URING_SETUP_DEFER_TASKRUN);
	struct uring_sqe *sqe;
	int fds[2], ret;

	need(URING_WHAT_OP, URING_OP_RECV_ZC);
	tcp_pair(fds);
	/* There is no hardware queue here, so tests only the errors. */
	sqe = uring_recv_zc(ring, 5, fds[0], 1000, 3);
	check_int(sqe->opcode, URING_OP_RECV_ZC);
	check_int(sqe->ioprio, URING_RECV_MULTISHOT);
	check_int(sqe->len, 1000);
	check_int(sqe->zcrx_ifq_idx, 3);
	check_int(run(ring, sqe), -EINVAL);
	reg.area_ptr = (uintptr_t)&area;
	reg.region_ptr = (uintptr_t)&region;
	ret = uring_register_ifq(ring, &reg);
	check(ret < 0);
	check(ret != -EBADF && ret != -EFAULT);
}

static void test_cmd_sock(void)
{
	struct uring *ring = open_ring(8);
	int fds[2], value, size = 0;
	socklen_t len = sizeof(int);

	need_age_of(URING_WHAT_OP, URING_OP_WAITID, "cmd_sock");
	tcp_pair(fds);
	check_int(write(fds[0], "12345", 5), 5);
	check_int(recv(fds[1], in, 5, MSG_PEEK | MSG_WAITALL), 5);
	check_int(run(ring, uring_cmd_sock(ring, 5, fds[1], URING_SOCKET_OP_SIOCINQ, 0, 0, NULL,
					   0)), 5);
	check_int(run(ring, uring_cmd_sock(ring, 5, fds[0], URING_SOCKET_OP_SIOCOUTQ, 0, 0, NULL,
					   0)) >= 0, 1);
	value = 1;
	check_int(run(ring, uring_cmd_sock(ring, 5, fds[0], URING_SOCKET_OP_SETSOCKOPT, SOL_SOCKET,
					   SO_KEEPALIVE, &value, sizeof(value))), 0);
	check_int(getsockopt(fds[0], SOL_SOCKET, SO_KEEPALIVE, &size, &len), 0);
	check_int(size, 1);
	value = -1;
	check_int(run(ring, uring_cmd_sock(ring, 5, fds[0], URING_SOCKET_OP_GETSOCKOPT, SOL_SOCKET,
					   SO_KEEPALIVE, &value, sizeof(value))), sizeof(value));
	check_int(value, 1);
	check_int(run(ring, uring_cmd_sock(ring, 5, fds[0], 999, 0, 0, NULL, 0)), -EOPNOTSUPP);
}

static void test_getsockname(void)
{
	struct uring *ring = open_ring(8);
	struct sockaddr_in addr = { 0 }, want;
	socklen_t len = sizeof(addr), want_len = sizeof(want);
	struct uring_sqe sqe;
	int fds[2], ret;

	tcp_pair(fds);
	uring_prep_cmd_getsockname(&sqe, 3, (struct sockaddr *)&addr, &len, 1);
	check_int(sqe.cmd_op, URING_SOCKET_OP_GETSOCKNAME);
	check_int(sqe.addr, (uintptr_t)&addr);
	check_int(sqe.addr3, (uintptr_t)&len);
	check_int(sqe.optlen, 1);
	for (int peer = 0; peer < 2; peer++) {
		ret = run(ring, uring_cmd_getsockname(ring, 1, fds[0], (struct sockaddr *)&addr,
						      &len, peer));
		if (ret == -EOPNOTSUPP)
			skip("the command getsockname: needs Linux 6.19");
		check_int(ret, 0);
		check_int(peer ? getpeername(fds[0], (struct sockaddr *)&want, &want_len) :
			  getsockname(fds[0], (struct sockaddr *)&want, &want_len), 0);
		check_int(len, want_len);
		check(!memcmp(&addr, &want, len));
	}
}

static const struct test tests[] = {
	{ "uring_socket, uring_socket_direct", test_socket },
	{ "uring_bind, uring_listen", test_bind_listen },
	{ "uring_connect, uring_accept", test_connect_accept },
	{ "uring_accept_direct", test_accept_direct },
	{ "uring_accept_multishot", test_accept_multishot },
	{ "uring_accept_multishot_direct", test_accept_multishot_direct },
	{ "uring_shutdown", test_shutdown },
	{ "uring_send, uring_recv", test_send_recv },
	{ "uring_sendto", test_sendto },
	{ "uring_sendv", test_sendv },
	{ "uring_send_bundle, uring_recv_bundle", test_bundles },
	{ "uring_recv_multishot", test_recv_multishot },
	{ "uring_sendmsg, uring_recvmsg", test_sendmsg_recvmsg },
	{ "uring_recvmsg_multishot and its readers", test_recvmsg_multishot },
	{ "uring_send_zc", test_send_zc },
	{ "uring_sendto_zc", test_sendto_zc },
	{ "uring_send_zc_fixed", test_send_zc_fixed },
	{ "uring_sendv_zc", test_sendv_zc },
	{ "uring_sendmsg_zc, uring_sendmsg_zc_fixed", test_sendmsg_zc },
	{ "uring_recv_zc, uring_register_ifq", test_recv_zc },
	{ "uring_cmd_sock", test_cmd_sock },
	{ "uring_cmd_getsockname", test_getsockname },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
