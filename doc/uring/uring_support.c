/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <ringshim/uring.h>

int main(void)
{
	struct uring_support support;
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring ring;
	char text[128];
	int ret;

	uring_probe(&support);
	if (uring_has(&support, URING_WHAT_OP, URING_OP_READ)) {
		printf("read: available, since %s\n",
		       uring_since(URING_WHAT_OP, URING_OP_READ));
	} else {
		uring_explain(&support, URING_WHAT_OP, URING_OP_READ, text,
			      sizeof(text));
		puts(text);
	}
	printf("%s: since %s\n",
	       uring_name(URING_WHAT_SETUP, URING_SETUP_DEFER_TASKRUN),
	       uring_since(URING_WHAT_SETUP, URING_SETUP_DEFER_TASKRUN));

	ret = uring_init(&ring, &params, 3); /* not a power of two */
	if (uring_why_failed(ret) == URING_WHY_ARGUMENTS)
		puts("3 entries: refused");
	return 0;
}
