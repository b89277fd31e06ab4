/* SPDX-License-Identifier: MIT */
/* Tests liburing's preparations of socket operations, each run once. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "calls.h"

#define GROUP 3

static char in[512], out[] = "0123456789";

static int listener(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check_int(bind(fd, (struct sockaddr *)addr, len), 0);
	check_int(listen(fd, 8), 0);
	check_int(getsockname(fd, (struct sockaddr *)addr, &len), 0);
	return fd;
}

static int connect_to(const struct sockaddr_in *addr)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	check_int(connect(fd, (const struct sockaddr *)addr, sizeof(*addr)), 0);
	return fd;
}

static void tcp_pair(int fds[2])
{
	struct sockaddr_in addr;
	int fd = listener(&addr);

	fds[0] = connect_to(&addr);
	fds[1] = accept(fd, NULL, NULL);
	check(fds[1] >= 0);
	close(fd);
}

/* Makes two datagram sockets, and returns the address of the second. */
static void udp_pair(int fds[2], struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);

	fds[0] = socket(AF_INET, SOCK_DGRAM, 0);
	fds[1] = socket(AF_INET, SOCK_DGRAM, 0);
	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check_int(bind(fds[1], (struct sockaddr *)addr, len), 0);
	check_int(getsockname(fds[1], (struct sockaddr *)addr, &len), 0);
}

static void test_socket(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct sockaddr_in addr;
	int fd, other;

	fd = listener(&addr);
	io_uring_prep_socket(entry(ring), AF_INET, SOCK_STREAM, 0, 0);
	other = run(ring);
	check(other > fd);
	io_uring_prep_connect(entry(ring), other, (struct sockaddr *)&addr, sizeof(addr));
	check_int(run(ring), 0);
	io_uring_prep_shutdown(entry(ring), other, SHUT_WR);
	check_int(run(ring), 0);
	fd = accept(fd, NULL, NULL);
	check_int(read(fd, in, 1), 0);

	check_int(io_uring_register_files_sparse(ring, 4), 0);
	io_uring_prep_socket_direct(entry(ring), AF_INET, SOCK_STREAM, 0, 2, 0);
	check_int(run(ring), 0);
	io_uring_prep_socket_direct_alloc(entry(ring), AF_INET, SOCK_STREAM, 0, 0);
	fd = run(ring);
	check(fd >= 0 && fd < 4 && fd != 2);
	io_uring_prep_close_direct(entry(ring), 2);
	check_int(run(ring), 0);
#if SINCE(7)
	need_op(IORING_OP_BIND, "bind");
	fd = socket(AF_INET, SOCK_STREAM, 0);
	addr.sin_port = 0;
	io_uring_prep_bind(entry(ring), fd, (struct sockaddr *)&addr, sizeof(addr));
	check_int(run(ring), 0);
	io_uring_prep_listen(entry(ring), fd, 5);
	check_int(run(ring), 0);
#endif
}

static void test_accept(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct sockaddr_in addr, peer;
	socklen_t len = sizeof(peer);
	int fd = listener(&addr), client, got;
	unsigned flags;

	client = connect_to(&addr);
	io_uring_prep_accept(entry(ring), fd, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC);
	got = run(ring);
	check(got > client);
	check_int(peer.sin_family, AF_INET);
	check_int(fcntl(got, F_GETFD), FD_CLOEXEC);
	check_int(io_uring_register_files_sparse(ring, 4), 0);
	connect_to(&addr);
	io_uring_prep_accept_direct(entry(ring), fd, NULL, NULL, 0, 1);
	check_int(run(ring), 0);
	io_uring_prep_close_direct(entry(ring), 1);
	check_int(run(ring), 0);

	io_uring_prep_multishot_accept(entry(ring), fd, NULL, NULL, 0);
	for (int i = 0; i < 2; i++) {
		connect_to(&addr);
		check(next_cqe(ring, &flags) > client);
		check(flags & IORING_CQE_F_MORE);
	}
	io_uring_prep_cancel_fd(io_uring_get_sqe(ring), fd, 0);
	check(next_cqe(ring, &flags) <= 0);
	check(next_cqe(ring, &flags) <= 0);
	io_uring_prep_multishot_accept_direct(entry(ring), fd, NULL, NULL, 0);
	for (int i = 0; i < 2; i++) {
		connect_to(&addr);
		got = next_cqe(ring, &flags);
		check(got >= 0 && got < 4);
		check(flags & IORING_CQE_F_MORE);
	}
}

static void test_send_recv(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct sockaddr_in addr;
	int fds[2], to[2];

	tcp_pair(fds);
	io_uring_prep_send(entry(ring), fds[0], out, 10, MSG_WAITALL);
	check_int(run(ring), 10);
	io_uring_prep_recv(entry(ring), fds[1], in, 4, MSG_PEEK);
	check_int(run(ring), 4);
	io_uring_prep_recv(entry(ring), fds[1], in, sizeof(in), 0);
	check_int(run(ring), 10);
	check(!memcmp(in, out, 10));
	io_uring_prep_recv(entry(ring), fds[1], in, sizeof(in), MSG_DONTWAIT);
	check_int(run(ring), -EAGAIN);
	udp_pair(to, &addr);
#if SINCE(4)
	struct io_uring_sqe *sqe = entry(ring);

	io_uring_prep_send(sqe, to[0], out, 5, 0);
	io_uring_prep_send_set_addr(sqe, (struct sockaddr *)&addr, sizeof(addr));
	check_int(run(ring), 5);
	check_int(recv(to[1], in, sizeof(in), 0), 5);
	io_uring_prep_sendto(entry(ring), to[0], out, 6, 0, (struct sockaddr *)&addr, sizeof(addr));
	check_int(run(ring), 6);
	check_int(recv(to[1], in, sizeof(in), 0), 6);
#endif
}

static void test_messages(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct iovec iov[2] = { { out, 4 }, { out + 4, 6 } }, to = { in, sizeof(in) };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	int fds[2];

	tcp_pair(fds);
	io_uring_prep_sendmsg(entry(ring), fds[0], &msg, 0);
	check_int(run(ring), 10);
	msg.msg_iov = &to;
	msg.msg_iovlen = 1;
	io_uring_prep_recvmsg(entry(ring), fds[1], &msg, 0);
	check_int(run(ring), 10);
	check(!memcmp(in, out, 10));
}

/* Takes two completions: the result, and the notification that the memory is free again. */
static void zero_copy(struct io_uring *ring, int fd, int len)
{
	unsigned flags;

	check_int(next_cqe(ring, &flags), len);
	check(flags & IORING_CQE_F_MORE);
	check_int(recv(fd, in, sizeof(in), 0), len);
	next_cqe(ring, &flags);
	check(flags & IORING_CQE_F_NOTIF);
}

static void test_zero_copy(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct iovec iov = { out, 10 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fds[2];

	need_op(IORING_OP_SEND_ZC, "send_zc");
	tcp_pair(fds);
	io_uring_prep_send_zc(entry(ring), fds[0], out, 10, 0, 0);
	zero_copy(ring, fds[1], 10);
	check_int(io_uring_register_buffers(ring, &iov, 1), 0);
	io_uring_prep_send_zc_fixed(entry(ring), fds[0], out, 9, 0, 0, 0);
	zero_copy(ring, fds[1], 9);
	need_op(IORING_OP_SENDMSG_ZC, "sendmsg_zc");
	io_uring_prep_sendmsg_zc(entry(ring), fds[0], &msg, 0);
	zero_copy(ring, fds[1], 10);
#if SINCE(10)
	need_op(IORING_OP_READV_FIXED, "vectors in registered buffers");
	io_uring_prep_sendmsg_zc_fixed(entry(ring), fds[0], &msg, 0, 0);
	zero_copy(ring, fds[1], 10);
#endif
}

static void provide(struct io_uring *ring)
{
	io_uring_prep_provide_buffers(entry(ring), in, 128, 4, GROUP, 0);
	check_int(run(ring), 0);
}

static void test_recv_multishot(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_sqe *sqe;
	unsigned flags;
	int fds[2];

	tcp_pair(fds);
	provide(ring);
	sqe = entry(ring);
	io_uring_prep_recv_multishot(sqe, fds[1], NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
	for (int i = 0; i < 2; i++) {
		check_int(send(fds[0], out, 10, 0), 10);
		check_int(next_cqe(ring, &flags), 10);
		check(flags & IORING_CQE_F_MORE);
		check(!memcmp(in + 128 * (flags >> IORING_CQE_BUFFER_SHIFT), out, 10));
	}
#if SINCE(9)
	int total = 0;

	if (!(ring->features & IORING_FEAT_RECVSEND_BUNDLE))
		skip("send_bundle: this kernel does not have it");
	/* The contents of the other two of the four buffers. */
	sqe = entry(ring);
	io_uring_sqe_set_buf_group(sqe, GROUP);
	check_int(sqe->buf_group, GROUP);
	io_uring_prep_send_bundle(sqe, fds[1], 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	check_int(sqe->buf_group, GROUP);
	do {
		total += next_cqe(ring, &flags);
	} while (flags & IORING_CQE_F_MORE);
	check_int(total, 256);
	check_int(recv(fds[0], in, sizeof(in), MSG_DONTWAIT), 256);
#endif
}

static void test_recvmsg_multishot(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct msghdr msg = { .msg_namelen = sizeof(struct sockaddr_in), .msg_controllen = 64 };
	struct sockaddr_in addr, *from;
	struct io_uring_recvmsg_out *o;
	struct io_uring_sqe *sqe;
	struct cmsghdr *cmsg;
	int fds[2], len, one = 1;
	unsigned flags;

	udp_pair(fds, &addr);
	check_int(setsockopt(fds[1], SOL_SOCKET, SO_TIMESTAMP, &one, sizeof(one)), 0);
	provide(ring);
	sqe = entry(ring);
	io_uring_prep_recvmsg_multishot(sqe, fds[1], &msg, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
	check_int(sendto(fds[0], out, 10, 0, (struct sockaddr *)&addr, sizeof(addr)), 10);
	len = next_cqe(ring, &flags);
	check(len > 10);
	o = io_uring_recvmsg_validate(in + 128 * (flags >> IORING_CQE_BUFFER_SHIFT), len, &msg);
	check(o != NULL);
	check(io_uring_recvmsg_validate(o, 40, &msg) == NULL);
	from = io_uring_recvmsg_name(o);
	check_int(from->sin_family, AF_INET);
	cmsg = io_uring_recvmsg_cmsg_firsthdr(o, &msg);
	check(cmsg && cmsg->cmsg_type == SCM_TIMESTAMP);
	check(io_uring_recvmsg_cmsg_nexthdr(o, &msg, cmsg) == NULL);
	check_int(io_uring_recvmsg_payload_length(o, len, &msg), 10);
	check(!memcmp(io_uring_recvmsg_payload(o, &msg), out, 10));
}

static void test_readiness(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = 99 }, got = { 0 };
	unsigned flags;
	int fds[2], ep;

	check_int(pipe(fds), 0);
	io_uring_prep_poll_add(entry(ring), fds[1], POLLOUT | POLLIN);
	check_int(run(ring), POLLOUT);
	check_int(__io_uring_prep_poll_mask(POLLOUT), POLLOUT);
	io_uring_prep_poll_multishot(entry(ring), fds[0], POLLIN);
	for (int i = 0; i < 2; i++) {
		check(io_uring_submit(ring) >= 0);
		check_int(write(fds[1], "x", 1), 1);
		check_int(next_cqe(ring, &flags), POLLIN);
		check(flags & IORING_CQE_F_MORE);
		check_int(read(fds[0], in, 1), 1);
	}
	io_uring_prep_poll_update(io_uring_get_sqe(ring), 4711, 4712, 0,
				  IORING_POLL_UPDATE_USER_DATA);
	check_int(next_cqe(ring, &flags), 0);
	io_uring_prep_poll_remove(io_uring_get_sqe(ring), 4711);
	check_int(next_cqe(ring, &flags), -ENOENT);
	io_uring_prep_poll_remove(io_uring_get_sqe(ring), 4712);
	check(next_cqe(ring, &flags) <= 0);
	check(next_cqe(ring, &flags) <= 0);

	ep = epoll_create1(0);
	io_uring_prep_epoll_ctl(entry(ring), ep, fds[0], EPOLL_CTL_ADD, &ev);
	check_int(run(ring), 0);
	check_int(write(fds[1], "x", 1), 1);
	check_int(epoll_wait(ep, &got, 1, 1000), 1);
	check_int(got.data.u32, 99);
#if SINCE(10)
	need_op(IORING_OP_EPOLL_WAIT, "epoll_wait");
	got.data.u32 = 0;
	io_uring_prep_epoll_wait(entry(ring), ep, &got, 1, 0);
	check_int(run(ring), 1);
	check_int(got.data.u32, 99);
#endif
}

static void test_commands(void)
{
#if SINCE(13)
	struct io_uring *ring = open_ring(8, 0);
	struct sockaddr_in addr, peer = { 0 };
	socklen_t len = sizeof(peer);
	int fds[2], value = 1;

	need_op(IORING_OP_WAITID, "cmd_sock");
	tcp_pair(fds);
	check_int(send(fds[0], out, 5, 0), 5);
	io_uring_prep_uring_cmd(entry(ring), SOCKET_URING_OP_SIOCINQ, fds[1]);
	check_int(run(ring), 5);
	io_uring_prep_cmd_sock(entry(ring), SOCKET_URING_OP_SETSOCKOPT, fds[0], SOL_SOCKET,
			       SO_KEEPALIVE, &value, sizeof(value));
	check_int(run(ring), 0);
	__io_uring_prep_uring_cmd(entry(ring), IORING_OP_URING_CMD, SOCKET_URING_OP_SIOCINQ,
				  fds[1]);
	check_int(run(ring), 5);
	io_uring_prep_cmd_getsockname(entry(ring), fds[0], (struct sockaddr *)&peer, &len, 1);
	value = run(ring);
	if (value != -EOPNOTSUPP) {
		check_int(value, 0);
		len = sizeof(addr);
		check_int(getpeername(fds[0], (struct sockaddr *)&addr, &len), 0);
		check_int(peer.sin_port, addr.sin_port);
	}
	/* There is no block device here: its commands are known and refused. */
	io_uring_prep_cmd_discard(entry(ring), fds[0], 0, 4096);
	check_int(run(ring), -EOPNOTSUPP);
#ifdef RINGSHIM_URING_H
	io_uring_prep_cmd_zone_reset_all(entry(ring), fds[0]);
	check_int(run(ring), -EOPNOTSUPP);
#endif
#else
	skip("this liburing does not have them");
#endif
}

static const struct test tests[] = {
	{ "socket, connect, shutdown, bind, listen", test_socket },
	{ "accept", test_accept },
	{ "send and recv", test_send_recv },
	{ "sendmsg and recvmsg", test_messages },
	{ "zero copy", test_zero_copy },
	{ "recv_multishot, send_bundle", test_recv_multishot },
	{ "recvmsg_multishot", test_recvmsg_multishot },
	{ "poll and epoll", test_readiness },
	{ "commands", test_commands },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
