/* SPDX-License-Identifier: MIT */
#include <err.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <ringshim/uring.h>

enum { AREA = 1 << 21, REFILL = 1 << 16, ENTRIES = 1024 };

int main(int argc, char **argv)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring_zcrx_area_reg area = { .len = AREA };
	struct uring_region_desc region = {
		.size = REFILL,
		.flags = URING_MEM_REGION_TYPE_USER,
	};
	struct uring_zcrx_ifq_reg reg = {
		.rq_entries = ENTRIES,
		.area_ptr = (uintptr_t)&area,
		.region_ptr = (uintptr_t)&region,
	};
	struct uring ring;
	char *memory;
	int ret;

	if (argc != 2)
		errx(2, "usage: %s DEVICE", argv[0]);
	params.flags = URING_SETUP_CQE32 | URING_SETUP_SINGLE_ISSUER |
		       URING_SETUP_DEFER_TASKRUN;
	ret = uring_init(&ring, &params, 8);
	if (ret)
		errx(1, "%s", uring_why_text(uring_why_failed(ret)));
	memory = mmap(NULL, AREA + REFILL, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");
	area.addr = (uintptr_t)memory;
	region.user_addr = (uintptr_t)(memory + AREA);
	reg.if_idx = if_nametoindex(argv[1]);
	ret = uring_register_ifq(&ring, &reg);
	if (ret)
		errx(1, "%s: %s", argv[1], strerror(-ret));
	printf("queue %u\n", reg.zcrx_id);
	uring_destroy(&ring);
	return 0;
}
