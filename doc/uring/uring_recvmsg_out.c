/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <ringshim/uring.h>

enum { BUFFERS = 4, SIZE = 256, GROUP = 1 };

static char memory[BUFFERS][SIZE];

int main(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	struct msghdr msg = { .msg_namelen = sizeof(addr) };
	socklen_t size = sizeof(addr);
	int receiver = socket(AF_INET, SOCK_DGRAM, 0);
	int sender = socket(AF_INET, SOCK_DGRAM, 0);
	struct uring_recvmsg_out *out;
	struct uring_buf_ring *br;
	struct sockaddr_in *from;
	struct uring_cqe cqe;
	struct uring ring;
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(receiver, (struct sockaddr *)&addr, size) ||
	    getsockname(receiver, (struct sockaddr *)&addr, &size))
		err(1, "bind");
	ret = uring_setup_buf_ring(&ring, &br, BUFFERS, GROUP, 0);
	if (ret)
		errx(1, "%s", strerror(-ret));
	for (int i = 0; i < BUFFERS; i++)
		uring_buf_ring_add(br, memory[i], SIZE, (uint16_t)i,
				   uring_buf_ring_mask(BUFFERS), i);
	uring_buf_ring_advance(br, BUFFERS);

	uring_recvmsg_multishot(&ring, 1, receiver, &msg, 0, GROUP);
	uring_submit(&ring, 0, NULL);
	if (sendto(sender, "ping", 4, 0, (struct sockaddr *)&addr, size) != 4)
		err(1, "sendto");
	if (uring_copy_cqes(&ring, &cqe, 1, 1, NULL) != 1 || cqe.res < 0)
		errx(1, "nothing received");

	out = uring_recvmsg_validate(memory[uring_cqe_buffer(&cqe)], cqe.res,
				     &msg);
	if (!out)
		errx(1, "the buffer is too small");
	from = uring_recvmsg_name(out);
	ret = (int)uring_recvmsg_payload_length(out, cqe.res, &msg);
	printf("%d bytes from %s: %.*s\n", ret, inet_ntoa(from->sin_addr),
	       ret, (char *)uring_recvmsg_payload(out, &msg));
	uring_destroy(&ring);
	return 0;
}
