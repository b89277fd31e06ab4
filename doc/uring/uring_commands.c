/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <ringshim/uring.h>

/* Submits, waits for a completion and returns its result. */
static int finish(struct uring *ring)
{
	struct uring_cqe cqe;
	int ret = uring_submit(ring, 1, NULL);

	if (ret >= 0)
		ret = uring_copy_cqes(ring, &cqe, 1, 1, NULL);
	if (ret < 0)
		errx(1, "%s", strerror(-ret));
	return cqe.res;
}

int main(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t size = sizeof(addr);
	struct sockaddr *sa = (struct sockaddr *)&addr;
	int server = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	struct uring ring;
	int type = 0, peer;
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(server, sa, size) || listen(server, 1) ||
	    getsockname(server, sa, &size) || connect(client, sa, size))
		err(1, "connect");
	peer = accept(server, NULL, NULL);
	if (peer < 0 || send(client, "ping", 4, 0) != 4)
		err(1, "send");

	uring_cmd_sock(&ring, 1, client, URING_SOCKET_OP_GETSOCKOPT,
		       SOL_SOCKET, SO_TYPE, &type, sizeof(type));
	ret = finish(&ring);
	printf("getsockopt: %d, %s\n", ret,
	       type == SOCK_STREAM ? "a stream" : "else");
	uring_poll_add(&ring, 2, peer, POLLIN, 0);
	finish(&ring);
	uring_cmd_sock(&ring, 3, peer, URING_SOCKET_OP_SIOCINQ, 0, 0, NULL,
		       0);
	printf("waiting: %d bytes\n", finish(&ring));
	uring_destroy(&ring);
	return 0;
}
