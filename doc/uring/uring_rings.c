/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>

#include <ringshim/uring.h>

int main(void)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring ring;
	int ret;

	params.flags = URING_SETUP_CQSIZE;
	params.cq_entries = 32;
	ret = uring_init(&ring, &params, 8);
	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	printf("%u entries, %u completions\n", params.sq_entries,
	       params.cq_entries);
	uring_destroy(&ring);
	printf("closed: %d\n", ring.fd);
	return 0;
}
