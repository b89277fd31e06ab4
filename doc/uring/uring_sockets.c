/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <ringshim/uring.h>

/* Submits, and stores the results of two operations by user data. */
static void finish_two(struct uring *ring, int *res)
{
	struct uring_cqe cqes[2];

	for (unsigned done = 0; done < 2;) {
		int ret = uring_submit(ring, 1, NULL);

		if (ret >= 0)
			ret = uring_copy_cqes(ring, cqes, 2, 1, NULL);
		if (ret < 0)
			errx(1, "%s", strerror(-ret));
		for (int i = 0; i < ret; i++, done++)
			res[cqes[i].user_data] = cqes[i].res;
	}
}

int main(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t size = sizeof(addr);
	struct sockaddr *sa = (struct sockaddr *)&addr;
	int server = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	struct uring ring;
	char buf[8];
	int res[2], fd;
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(server, sa, size) || listen(server, 1) ||
	    getsockname(server, sa, &size))
		err(1, "listen");

	uring_accept(&ring, 0, server, NULL, NULL, SOCK_CLOEXEC);
	uring_connect(&ring, 1, client, sa, size);
	finish_two(&ring, res);
	fd = res[0];
	printf("connect: %d\n", res[1]);
	printf("accept: %s\n", fd < 0 ? strerror(-fd) : "a descriptor");

	uring_recv(&ring, 0, fd, buf, sizeof(buf), 0);
	uring_send(&ring, 1, client, "ping", 4, 0);
	finish_two(&ring, res);
	printf("send: %d\n", res[1]);
	printf("recv: %d (%.*s)\n", res[0], res[0], buf);
	uring_destroy(&ring);
	return 0;
}
