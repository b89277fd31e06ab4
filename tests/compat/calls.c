/* SPDX-License-Identifier: MIT */
/* Helpers of the calls of liburing's functions: rings, entries, completions, files. */
#include "calls.h"

#define MAX_RINGS 16

static struct io_uring rings[MAX_RINGS];
static int nr_rings;

static void exit_rings(void)
{
	while (nr_rings)
		io_uring_queue_exit(&rings[--nr_rings]);
}

struct io_uring *open_ring(unsigned entries, unsigned flags)
{
	struct io_uring_params params = { .flags = flags };
	int ret;

	check(nr_rings < MAX_RINGS);
	ret = io_uring_queue_init_params(entries, &rings[nr_rings], &params);
	if (ret == -EINVAL && flags)
		skip("a ring with flags 0x%x: this kernel has not all of them", flags);
	check_int(ret, 0);
	if (!nr_rings)
		atexit(exit_rings);
	return &rings[nr_rings++];
}

void need_op(int op, const char *name)
{
	struct io_uring_probe *probe = io_uring_get_probe();
	int there;

	check(probe != NULL);
	there = io_uring_opcode_supported(probe, op);
	io_uring_free_probe(probe);
	if (!there)
		skip("%s: this kernel does not have it", name);
}

struct io_uring_sqe *entry(struct io_uring *ring)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	check(sqe != NULL);
	io_uring_sqe_set_data64(sqe, 4711);
	return sqe;
}

static struct io_uring_cqe *wait_cqe(struct io_uring *ring)
{
	struct __kernel_timespec limit = { .tv_sec = 20 };
	struct io_uring_cqe *cqe;

	check(io_uring_submit(ring) >= 0);
	check_int(io_uring_wait_cqe_timeout(ring, &cqe, &limit), 0);
	return cqe;
}

int next_cqe(struct io_uring *ring, unsigned *flags)
{
	struct io_uring_cqe *cqe = wait_cqe(ring);
	int res = cqe->res;

	*flags = cqe->flags;
	io_uring_cqe_seen(ring, cqe);
	return res;
}

int run(struct io_uring *ring)
{
	struct io_uring_cqe *cqe = wait_cqe(ring);
	int res = cqe->res;

	check_int(io_uring_cqe_get_data64(cqe), 4711);
	io_uring_cqe_seen(ring, cqe);
	return res;
}

static char dir[4096];

static void remove_dir(void)
{
	char command[sizeof(dir) + 16];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (chdir("/") || system(command))
		fprintf(stderr, "could not remove %s\n", dir);
}

void enter_temp_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/compat-test-XXXXXX", tmp ? tmp : "/tmp");
	check(mkdtemp(dir) != NULL);
	check_int(chdir(dir), 0);
	atexit(remove_dir);
}

int make_file(const char *name, const char *text)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	check(fd >= 0);
	check_int(write(fd, text, strlen(text)), strlen(text));
	return fd;
}
