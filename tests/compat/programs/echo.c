/* SPDX-License-Identifier: MIT */
/*
 * Test program for liburing: an echo server with multishot accept, and multishot receive into a
 * ring of provided buffers, and its clients. Usage: echo CLIENTS BYTES.
 */
#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_BUFFERS 16
#define BUFFER_SIZE 1024
#define GROUP 7

/* The user data holds the operation, the connection and the buffer. */
enum what { ACCEPT, RECV, SEND };

static struct io_uring ring;
static struct io_uring_buf_ring *buffers;
static char memory[NR_BUFFERS][BUFFER_SIZE];

static struct io_uring_sqe *entry(enum what what, int fd, unsigned buffer)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	if (!sqe) {
		io_uring_submit(&ring);
		sqe = io_uring_get_sqe(&ring);
	}
	io_uring_sqe_set_data64(sqe, (__u64)what << 56 | (__u64)buffer << 32 | (unsigned)fd);
	return sqe;
}

static void receive(int fd)
{
	struct io_uring_sqe *sqe = entry(RECV, fd, 0);

	io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
}

static void give_back(unsigned buffer)
{
	io_uring_buf_ring_add(buffers, memory[buffer], BUFFER_SIZE, (unsigned short)buffer,
			      io_uring_buf_ring_mask(NR_BUFFERS), 0);
	io_uring_buf_ring_advance(buffers, 1);
}

static int provide_buffers(void)
{
	struct io_uring_buf_reg reg = { .ring_entries = NR_BUFFERS, .bgid = GROUP };
	int i;

	if (posix_memalign((void **)&buffers, 4096, NR_BUFFERS * sizeof(struct io_uring_buf)))
		return -ENOMEM;
	io_uring_buf_ring_init(buffers);
	for (i = 0; i < NR_BUFFERS; i++)
		io_uring_buf_ring_add(buffers, memory[i], BUFFER_SIZE, (unsigned short)i,
				      io_uring_buf_ring_mask(NR_BUFFERS), i);
	io_uring_buf_ring_advance(buffers, NR_BUFFERS);
	reg.ring_addr = (unsigned long)buffers;
	return io_uring_register_buf_ring(&ring, &reg, 0);
}

/* Returns 1 if the connection has ended. */
static int received(const struct io_uring_cqe *cqe, int fd, unsigned long *echoed)
{
	unsigned buffer = cqe->flags >> IORING_CQE_BUFFER_SHIFT;

	if (cqe->res == -ENOBUFS) {
		receive(fd);
		return 0;
	}
	if (cqe->res <= 0)
		return 1;
	*echoed += (unsigned)cqe->res;
	io_uring_prep_send(entry(SEND, fd, buffer), fd, memory[buffer], (size_t)cqe->res,
			   MSG_WAITALL);
	if (!(cqe->flags & IORING_CQE_F_MORE))
		receive(fd);
	return 0;
}

static int serve(int listener, int clients)
{
	struct io_uring_cqe *cqe;
	unsigned long echoed = 0;
	unsigned head, seen;
	int accepted = 0, ended = 0, ret;

	io_uring_prep_multishot_accept(entry(ACCEPT, listener, 0), listener, NULL, NULL, 0);
	while (ended < clients) {
		ret = io_uring_submit_and_wait(&ring, 1);
		if (ret < 0)
			return ret;
		seen = 0;
		io_uring_for_each_cqe(&ring, head, cqe) {
			__u64 data = io_uring_cqe_get_data64(cqe);
			int fd = (int)(data & 0xffffffff);

			seen++;
			if (data >> 56 == ACCEPT && cqe->res >= 0) {
				accepted++;
				receive(cqe->res);
			} else if (data >> 56 == RECV && received(cqe, fd, &echoed)) {
				ended++;
				close(fd);
			} else if (data >> 56 == SEND) {
				give_back(data >> 32 & 0xffff);
			}
		}
		io_uring_cq_advance(&ring, seen);
	}
	printf("%d connections, %lu bytes echoed\n", accepted, echoed);
	return 0;
}

/* Sends a pattern in small pieces, and compares the echo. */
static int be_client(const struct sockaddr_in *addr, int nr, unsigned long bytes)
{
	char out[3000], in[3000];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	unsigned long done;
	size_t len, i;

	if (fd < 0 || connect(fd, (const struct sockaddr *)addr, sizeof(*addr)))
		return 1;
	for (done = 0; done < bytes; done += len) {
		len = bytes - done < sizeof(out) ? bytes - done : sizeof(out);
		for (i = 0; i < len; i++)
			out[i] = (char)((done + i) * 31 + (unsigned)nr);
		if (send(fd, out, len, 0) != (ssize_t)len)
			return 1;
		if (recv(fd, in, len, MSG_WAITALL) != (ssize_t)len || memcmp(in, out, len))
			return 1;
	}
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int clients, listener, i, ret, status, failed = 0;

	if (argc != 3)
		return 2;
	alarm(60);
	clients = atoi(argv[1]);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&addr, len) || listen(listener, clients) ||
	    getsockname(listener, (struct sockaddr *)&addr, &len))
		return 1;
	for (i = 0; i < clients; i++)
		if (!fork())
			_exit(be_client(&addr, i, strtoul(argv[2], NULL, 10)));
	ret = io_uring_queue_init(32, &ring, 0);
	if (!ret)
		ret = provide_buffers();
	if (!ret)
		ret = serve(listener, clients);
	if (ret)
		fprintf(stderr, "echo: %s\n", strerror(-ret));
	for (i = 0; i < clients; i++)
		if (wait(&status) < 0 || status)
			failed++;
	printf("%d clients failed\n", failed);
	io_uring_queue_exit(&ring);
	free(buffers);
	return ret || failed;
}
