/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ringshim/uring.h>

int main(void)
{
	int event = eventfd(0, EFD_CLOEXEC);
	unsigned max[2];
	struct uring ring;
	uint64_t signals;
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	ret = uring_register_eventfd(&ring, event);
	if (ret)
		errx(1, "%s", strerror(-ret));
	uring_nop(&ring, 1);
	uring_submit(&ring, 0, NULL);
	if (read(event, &signals, sizeof(signals)) != sizeof(signals))
		err(1, "read");
	printf("eventfd: %llu\n", (unsigned long long)signals);

	max[URING_WQ_BOUND] = 2;
	max[URING_WQ_UNBOUND] = 4;
	ret = uring_register_iowq_max_workers(&ring, max);
	printf("workers: %s\n", ret ? strerror(-ret) : "limited");
	/* 0 changes nothing; the limits in force are written back. */
	max[URING_WQ_BOUND] = max[URING_WQ_UNBOUND] = 0;
	uring_register_iowq_max_workers(&ring, max);
	printf("still: %u bounded\n", max[URING_WQ_BOUND]);
	uring_destroy(&ring);
	return 0;
}
