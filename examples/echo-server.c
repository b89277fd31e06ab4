/* SPDX-License-Identifier: MIT */
/*
 * echo-server: serves any number of connections with one thread and very few system calls. One
 * multishot accept takes all connections, and one multishot receive for each connection takes its
 * data. The kernel takes buffers from a buffer ring when data arrives. Prints the port that it
 * listens on.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ringshim/uring.h>

#define BUFFERS 64 /* a power of two */
#define BUFFER_SIZE 4096
#define GROUP 1

/* user_data packs the kind of an operation, its buffer and its descriptor into 64 bits. */
enum kind { ACCEPT, RECV, SEND, CLOSE };

struct server {
	struct uring ring;
	struct uring_buf_ring *group;
	char buffers[BUFFERS][BUFFER_SIZE];
	unsigned sent[BUFFERS]; /* bytes of each buffer already sent */
	unsigned len[BUFFERS];	/* bytes of each buffer to send */
	int listener;
};

static uint64_t tag(enum kind kind, int fd, unsigned buffer)
{
	return (uint64_t)kind << 56 | (uint64_t)buffer << 32 | (uint32_t)fd;
}

static void fail(const char *what, int error)
{
	fprintf(stderr, "echo-server: %s: %s\n", what, strerror(error));
	exit(1);
}

/* Makes room for an entry: if the submission queue is full, submits it. */
static void make_room(struct server *server)
{
	if (!uring_free_space(&server->ring))
		uring_submit(&server->ring, 0, NULL);
}

static void give_back(struct server *server, unsigned id)
{
	uring_buf_ring_add(server->group, server->buffers[id], BUFFER_SIZE, (uint16_t)id,
			   uring_buf_ring_mask(BUFFERS), 0);
	uring_buf_ring_advance(server->group, 1);
}

static void start_accept(struct server *server)
{
	make_room(server);
	uring_accept_multishot(&server->ring, tag(ACCEPT, 0, 0), server->listener, NULL, NULL, 0);
}

static void start_recv(struct server *server, int fd)
{
	make_room(server);
	uring_recv_multishot(&server->ring, tag(RECV, fd, 0), fd, 0, GROUP);
}

static void start_send(struct server *server, int fd, unsigned id)
{
	make_room(server);
	uring_send(&server->ring, tag(SEND, fd, id), fd, server->buffers[id] + server->sent[id],
		   server->len[id] - server->sent[id], MSG_WAITALL);
}

static void start_close(struct server *server, int fd)
{
	make_room(server);
	uring_close(&server->ring, tag(CLOSE, fd, 0), fd);
}

static void on_accept(struct server *server, const struct uring_cqe *cqe)
{
	if (cqe->res >= 0)
		start_recv(server, cqe->res);
	else
		fprintf(stderr, "echo-server: accept: %s\n", strerror(-cqe->res));
	if (!(cqe->flags & URING_CQE_F_MORE))
		start_accept(server);
}

static void on_recv(struct server *server, const struct uring_cqe *cqe, int fd)
{
	int id = uring_cqe_buffer(cqe);

	if (cqe->res > 0) {
		server->sent[id] = 0;
		server->len[id] = (unsigned)cqe->res;
		start_send(server, fd, (unsigned)id);
	}
	if (cqe->flags & URING_CQE_F_MORE)
		return;
	/* The receive has ended: start it again (no buffer was free), unless the peer has gone. */
	if (cqe->res > 0 || cqe->res == -ENOBUFS)
		start_recv(server, fd);
	else
		start_close(server, fd);
}

static void on_send(struct server *server, const struct uring_cqe *cqe, int fd, unsigned id)
{
	if (cqe->res > 0)
		server->sent[id] += (unsigned)cqe->res;
	if (cqe->res > 0 && server->sent[id] < server->len[id])
		start_send(server, fd, id);
	else
		give_back(server, id);
}

static void on_completion(struct server *server, const struct uring_cqe *cqe)
{
	int fd = (int)(uint32_t)cqe->user_data;
	unsigned id = cqe->user_data >> 32 & 0xffffff;

	switch ((enum kind)(cqe->user_data >> 56)) {
	case ACCEPT:
		on_accept(server, cqe);
		break;
	case RECV:
		on_recv(server, cqe, fd);
		break;
	case SEND:
		on_send(server, cqe, fd, id);
		break;
	case CLOSE:
		break;
	}
}

static void serve(struct server *server)
{
	struct uring_cqe cqes[64];
	int ret, nr;

	for (;;) {
		ret = uring_submit(&server->ring, 1, NULL);
		if (ret < 0 && ret != -EINTR)
			fail("submit", -ret);
		nr = (int)uring_copy_cqes_ready(&server->ring, cqes, 64);
		for (int i = 0; i < nr; i++)
			on_completion(server, &cqes[i]);
	}
}

static int listen_on_loopback(uint16_t *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr.sin_port = htons(*port);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, len) || listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len))
		fail("listen", errno);
	*port = ntohs(addr.sin_port);
	return fd;
}

int main(int argc, char **argv)
{
	static struct server server;
	uint16_t port = argc > 1 ? (uint16_t)atoi(argv[1]) : 0;
	int ret;

	/* Only this thread uses the ring, so it can be of the fastest kind. */
	ret = uring_init_thread(&server.ring, 256);
	if (ret)
		fail(uring_why_text(uring_why_failed(ret)), -ret);
	ret = uring_setup_buf_ring(&server.ring, &server.group, BUFFERS, GROUP, 0);
	if (ret)
		fail("buffer ring (Linux 5.19)", -ret);
	for (unsigned id = 0; id < BUFFERS; id++)
		give_back(&server, id);
	server.listener = listen_on_loopback(&port);
	printf("%u\n", port);
	fflush(stdout);
	start_accept(&server);
	serve(&server);
}
