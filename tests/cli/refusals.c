/* SPDX-License-Identifier: MIT */
/*
 * refusals [OPERATION...]: tries the operations of the doctor's table on a ring, and prints for each
 * its name and result. With OPERATIONs, on a ring that is restricted to these.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/doctor/refusals.h"
#include "uring/uring.h"

static const struct {
	enum uring_op op;
	enum entry_shape shape;
} table[] = {
#define OP(NAME, SHAPE, ...) { URING_OP_##NAME, SHAPE_##SHAPE },
#define PART(...)
#define WRAPPER(...)
#include "cli/doctor/features.def"
};

static int restrict_ring(struct uring *ring, int count, char **names)
{
	struct uring_restriction allowed[URING_OP_LAST] = { 0 };
	int found = 0;

	for (uint64_t op = 0; op < URING_OP_LAST; op++)
		for (int i = 0; i < count; i++)
			if (!strcmp(uring_name(URING_WHAT_OP, op), names[i]))
				allowed[found++] = (struct uring_restriction){
					.opcode = URING_RESTRICTION_SQE_OP, .sqe_op = op };
	if (found != count)
		return -1;
	if (uring_sys_register(ring->fd, URING_REGISTER_RESTRICTIONS, allowed, found) < 0)
		return -1;
	return uring_sys_register(ring->fd, URING_REGISTER_ENABLE_RINGS, NULL, 0);
}

int main(int argc, char **argv)
{
	struct uring_params params = uring_default_params();
	struct uring_support support;
	struct uring ring;

	params.flags = argc > 1 ? URING_SETUP_R_DISABLED : 0;
	if (uring_probe(&support) || uring_init(&ring, &params, 2)) {
		puts("no ring");
		return 77;
	}
	if (argc > 1 && restrict_ring(&ring, argc - 1, argv + 1)) {
		fputs("refusals: cannot restrict the ring\n", stderr);
		return 1;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		int res;

		if (!uring_has(&support, URING_WHAT_OP, table[i].op))
			continue;
		res = refusal_try(&ring, table[i].op, table[i].shape);
		printf("%s %s\n", uring_name(URING_WHAT_OP, table[i].op),
		       res < 0 ? strerrorname_np(-res) : "0");
	}
	/* Nothing was left open: the next descriptor is the one after the ring's. */
	printf("next %d\n", dup(0) - ring.fd);
	uring_destroy(&ring);
	return 0;
}
