/* Rings made, used for one operation, and ended. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "uring/uring.h"
#include "tap.h"

static void round_trip(struct uring *ring)
{
	struct uring_cqe cqe;

	errno = 12345;
	check(uring_nop(ring, 42) != NULL);
	check_int(uring_submit(ring, 1, NULL), 1);
	check_int(uring_copy_cqes(ring, &cqe, 1, 0, NULL), 1);
	check_int(cqe.user_data, 42);
	check_int(cqe.res, 0);
	check_int(errno, 12345);
}

static void test_default(void)
{
	struct uring ring;

	check_int(uring_init(&ring, NULL, URING_DEFAULT_ENTRIES), 0);
	check(ring.fd >= 0);
	check_int(ring.sq.entries, URING_DEFAULT_ENTRIES);
	round_trip(&ring);
	uring_destroy(&ring);
	check_int(ring.fd, -1);
}

static void test_thread(void)
{
	int fd_before = dup(0), fd_after;
	struct uring ring;
	int i;

	close(fd_before);
	for (i = 0; i < 100; i++) {
		check_int(uring_init_thread(&ring, 1), 0);
		round_trip(&ring);
		if (i == 50 && ring.fd < 0) {
			fd_after = dup(0);
			check_int(fd_after, fd_before);
			close(fd_after);
		}
		uring_destroy(&ring);
	}
}

static void test_memory(void)
{
	struct uring_params params = { 0 };
	struct uring ring;
	long size = uring_memory_size(&params, 8);
	void *mem;

	check(size > 0);
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check_int(uring_init_mem(&ring, &params, 8, mem, size), 0);
	round_trip(&ring);
	uring_destroy(&ring);
	munmap(mem, size);
}

static const struct test tests[] = {
	{ "uring_init, uring_destroy", test_default },
	{ "uring_init_thread", test_thread },
	{ "uring_init_mem, uring_memory_size", test_memory },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
