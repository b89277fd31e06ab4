/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ringshim/uring.h>

/* Of <linux/futex.h>, in newer systems. */
#define FUTEX_FLAGS 0x82 /* FUTEX2_SIZE_U32 | FUTEX2_PRIVATE */
#define FUTEX_MASK 0xffffffffu

enum { CHILD, WAIT, WAKE };

static struct uring_cqe next(struct uring *ring)
{
	struct uring_cqe cqe;
	int ret = uring_submit(ring, 1, NULL);

	if (ret >= 0)
		ret = uring_copy_cqes(ring, &cqe, 1, 1, NULL);
	if (ret < 0)
		errx(1, "%s", strerror(-ret));
	return cqe;
}

int main(void)
{
	struct uring_cqe cqe;
	struct uring ring;
	siginfo_t info;
	uint32_t futex = 0;
	int res[3];
	pid_t child = fork();
	int ret = uring_init(&ring, NULL, 8);

	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	if (child == 0)
		_exit(3);
	uring_waitid(&ring, CHILD, P_PID, child, &info, WEXITED);
	uring_futex_wait(&ring, WAIT, &futex, 0, FUTEX_MASK, FUTEX_FLAGS);
	cqe = next(&ring);
	if (cqe.user_data != CHILD)
		errx(1, "the child did not end first");
	printf("child: %d, status %d\n", cqe.res, info.si_status);

	futex = 1;
	uring_futex_wake(&ring, WAKE, &futex, 1, FUTEX_MASK, FUTEX_FLAGS);
	for (int i = 0; i < 2; i++) {
		cqe = next(&ring);
		res[cqe.user_data] = cqe.res;
	}
	printf("wake: %d\n", res[WAKE]);
	printf("futex: %d\n", res[WAIT]);
	uring_destroy(&ring);
	return 0;
}
