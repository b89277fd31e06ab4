/* SPDX-License-Identifier: MIT */
/*
 * Tests the library as another language uses it: loaded at run time, functions looked up by name,
 * including those that are inline in C.
 */
#include <dlfcn.h>
#include <string.h>

#include "uring/abi.h"
#include "tap.h"

static void *library;

static void *function(const char *name)
{
	void *f = dlsym(library, name);

	if (!f)
		fail(__FILE__, __LINE__, "%s", dlerror());
	return f;
}

static void test_ffi(void)
{
	/* To a program that cannot read the header, a ring is just bytes. */
	static char ring[1024] __attribute__((aligned(16)));
	size_t (*struct_size)(void) = function("uring_struct_size");
	int (*init)(void *, void *, unsigned) = function("uring_init");
	void *(*nop)(void *, uint64_t) = function("uring_nop");
	unsigned (*sq_ready)(void *) = function("uring_sq_ready");
	unsigned (*cq_ready)(void *) = function("uring_cq_ready");
	int (*submit)(void *, unsigned, void *) = function("uring_submit");
	int (*copy_cqes)(void *, void *, unsigned, unsigned, void *) = function("uring_copy_cqes");
	void (*prep_read)(void *, int, void *, size_t, uint64_t) = function("uring_prep_read");
	void (*destroy)(void *) = function("uring_destroy");
	struct uring_sqe sqe;
	struct uring_cqe cqe;

	check(struct_size() > 100 && struct_size() <= sizeof(ring));
	memset(ring, 0x5a, sizeof(ring));
	check_int(init(ring, NULL, 4), 0);
	check_int(ring[struct_size() - 1], 0);
	check_int(ring[struct_size()], 0x5a);
	check(nop(ring, 77) != NULL);
	check_int(sq_ready(ring), 1);
	check_int(submit(ring, 1, NULL), 1);
	check_int(cq_ready(ring), 1);
	check_int(copy_cqes(ring, &cqe, 1, 1, NULL), 1);
	check_int(cqe.user_data, 77);
	memset(&sqe, 0xff, sizeof(sqe));
	prep_read(&sqe, 5, &cqe, sizeof(cqe), 9);
	check_int(sqe.opcode, URING_OP_READ);
	check_int(sqe.len, sizeof(cqe));
	check_int(sqe.off, 9);
	check_int(sqe.user_data, 0);
	check_int(sqe.flags, 0);
	destroy(ring);
}

static const struct test tests[] = {
	{ "functions by name", test_ffi },
};

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fail(__FILE__, __LINE__, "%s", dlerror());
	return run_tests(tests, sizeof(tests) / sizeof(*tests), 1, argv);
}
