/* SPDX-License-Identifier: MIT */
/*
 * Tests the fallbacks of uring_init_thread on older kernels. They are simulated: the system calls
 * (wrapped by the linker) refuse what such a kernel does not know.
 */
#include "ring.h"

static struct kernel {
	const char *name;
	unsigned setup_flags;		/* all flags that it knows */
	unsigned features;
	int registers_rings;
	int registers_through_them;
	unsigned expect;		/* the flags that our ring should get */
	int expect_fd;
} kernel;

int __real_uring_sys_setup(unsigned entries, struct uring_params *params);
int __real_uring_sys_register(int fd, unsigned opcode, const void *arg, unsigned nr_args);
int __wrap_uring_sys_setup(unsigned entries, struct uring_params *params);
int __wrap_uring_sys_register(int fd, unsigned opcode, const void *arg, unsigned nr_args);

static int setup_calls, setup_error;

int __wrap_uring_sys_setup(unsigned entries, struct uring_params *params)
{
	int ret;

	setup_calls++;
	if (setup_error)
		return setup_error;
	if (params->flags & ~kernel.setup_flags)
		return -EINVAL;
	ret = __real_uring_sys_setup(entries, params);
	params->features &= kernel.features;
	return ret;
}

int __wrap_uring_sys_register(int fd, unsigned opcode, const void *arg, unsigned nr_args)
{
	if (opcode & URING_REGISTER_USE_REGISTERED_RING && !kernel.registers_through_them)
		return -EINVAL;
	if ((opcode & 0xff) == URING_REGISTER_RING_FDS && !kernel.registers_rings)
		return -EINVAL;
	if ((opcode & 0xff) == URING_REGISTER_QUERY)
		return -EINVAL;
	return __real_uring_sys_register(fd, opcode, arg, nr_args);
}

#define UP_TO(flag) (2 * (flag) - 1)

static const struct kernel kernels[] = {
	{ "5.4", UP_TO(URING_SETUP_SQ_AFF), URING_FEAT_SINGLE_MMAP, 0, 0, 0, 1 },
	{ "5.10", UP_TO(URING_SETUP_R_DISABLED), UP_TO(URING_FEAT_POLL_32BITS), 0, 0, 0, 1 },
	{ "5.15", UP_TO(URING_SETUP_R_DISABLED), UP_TO(URING_FEAT_RSRC_TAGS), 0, 0, 0, 1 },
	{ "5.18", UP_TO(URING_SETUP_SUBMIT_ALL), UP_TO(URING_FEAT_LINKED_FILE), 1, 0,
	  URING_SETUP_SUBMIT_ALL, 0 },
	{ "5.19", UP_TO(URING_SETUP_CQE32), UP_TO(URING_FEAT_LINKED_FILE), 1, 0,
	  URING_SETUP_SUBMIT_ALL | URING_SETUP_COOP_TASKRUN, 0 },
	{ "6.0", UP_TO(URING_SETUP_SINGLE_ISSUER), UP_TO(URING_FEAT_LINKED_FILE), 1, 0,
	  URING_SETUP_SUBMIT_ALL | URING_SETUP_COOP_TASKRUN | URING_SETUP_SINGLE_ISSUER, 0 },
	{ "6.1", UP_TO(URING_SETUP_DEFER_TASKRUN), UP_TO(URING_FEAT_LINKED_FILE), 1, 0,
	  URING_SETUP_SUBMIT_ALL | URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN, 0 },
	{ "6.3", UP_TO(URING_SETUP_DEFER_TASKRUN), UP_TO(URING_FEAT_REG_REG_RING), 1, 1,
	  URING_SETUP_SUBMIT_ALL | URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN, 0 },
	{ "6.5", UP_TO(URING_SETUP_REGISTERED_FD_ONLY), UP_TO(URING_FEAT_REG_REG_RING), 1, 1,
	  URING_SETUP_SUBMIT_ALL | URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN, 0 },
	{ "6.6", UP_TO(URING_SETUP_NO_SQARRAY), UP_TO(URING_FEAT_REG_REG_RING), 1, 1,
	  URING_SETUP_SUBMIT_ALL | URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN |
	  URING_SETUP_NO_SQARRAY | URING_SETUP_NO_MMAP | URING_SETUP_REGISTERED_FD_ONLY, 0 },
};

static void works(struct uring *ring)
{
	struct uring_timespec limit = { .tv_sec = 5 }, soon = { .tv_nsec = 10000000 };
	struct uring_cqe cqe;

	for (int i = 0; i < 10; i++) {
		check(uring_nop(ring, i) != NULL);
		check_int(uring_submit(ring, 1, &limit), 1);
		check_int(uring_copy_cqes(ring, &cqe, 1, 1, &limit), 1);
		check_int(cqe.user_data, i);
	}
	check_int(uring_copy_cqes(ring, &cqe, 1, 1, &soon), -ETIME);
}

static void on_this_kernel(void)
{
	struct uring ring, more[16];
	int fd = dup(0);

	close(fd);
	check_int(uring_init_thread(&ring, 4), 0);
	if (ring.flags != kernel.expect)
		fail(__FILE__, __LINE__, "on %s: flags 0x%x, not 0x%x", kernel.name, ring.flags,
		     kernel.expect);
	check_int(ring.fd >= 0, kernel.expect_fd);
	check_int(fcntl(fd, F_GETFD) >= 0, kernel.expect_fd);
	works(&ring);
	uring_destroy(&ring);
	check_int(fcntl(fd, F_GETFD), -1);
	/* No registered slot is lost: each round makes sixteen rings without a descriptor. */
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 16; i++) {
			check_int(uring_init_thread(&more[i], 1), 0);
			check_int(more[i].fd >= 0, kernel.expect_fd);
		}
		works(&more[15]);
		for (int i = 0; i < 16; i++)
			uring_destroy(&more[i]);
	}
	check_int(fcntl(fd, F_GETFD), -1);
	/* The ring that any thread can use. */
	check_int(uring_init(&ring, NULL, 4), 0);
	check_int(ring.flags, kernel.setup_flags & URING_SETUP_NO_SQARRAY);
	works(&ring);
	uring_destroy(&ring);
}

static void test_ladder(void)
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		kernel = kernels[i];
		on_this_kernel();
	}
}

static void test_errors(void)
{
	static const int final[] = { -EPERM, -ENOSYS };
	struct uring ring;

	kernel = kernels[sizeof(kernels) / sizeof(*kernels) - 1];
	for (size_t i = 0; i < 2; i++) {
		setup_error = final[i];
		setup_calls = 0;
		check_int(uring_init_thread(&ring, 4), setup_error);
		check_int(setup_calls, 1);
		check_int(ring.enter_fd, -1);
	}
	setup_error = -ENOMEM;
	check_int(uring_init_thread(&ring, 4), -ENOMEM);
	setup_error = -EMFILE;
	check_int(uring_init(&ring, NULL, 4), -EMFILE);
}

static void test_probe(void)
{
	struct uring_support support;

	/* Without a query, the flags are found out one at a time. */
	for (size_t i = 1; i < sizeof(kernels) / sizeof(*kernels); i++) {
		kernel = kernels[i];
		check_int(uring_probe(&support), 0);
		if (support.setup_flags != kernel.setup_flags)
			fail(__FILE__, __LINE__, "on %s: flags 0x%llx, not 0x%x", kernel.name,
			     (unsigned long long)support.setup_flags, kernel.setup_flags);
		check_int(support.features, kernel.features);
		check_int(!!(support.enter_flags & URING_ENTER_REGISTERED_RING),
			  kernel.registers_rings);
		check_int(!!(support.sqe_flags & URING_SQE_CQE_SKIP_SUCCESS),
			  !!(kernel.features & URING_FEAT_CQE_SKIP));
		check(uring_has(&support, URING_WHAT_REGISTER, URING_REGISTER_FILES));
	}
}

static const struct test tests[] = {
	{ "uring_init_thread on 5.4 to 6.6", test_ladder },
	{ "uring_init_thread gives up where it should", test_errors },
	{ "uring_probe without a query", test_probe },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
