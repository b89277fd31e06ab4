/* SPDX-License-Identifier: MIT */
/*
 * Makes random calls of the queue and registration functions, with random entries, on random rings.
 * Nothing must crash, no call must return an impossible result, and no queue must hold more than it
 * has room for.
 *
 * Runs for URING_FUZZ_SECONDS (3), with seeds from URING_FUZZ_SEED (random) on, or once with the
 * seed given as argument. The memory that operations get is a separate area followed by unmapped
 * pages; the names in it are relative, and the working directory is temporary.
 */
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "ring.h"

#define AREA_SIZE (1 << 16)
#define GUARD_SIZE (1ul << 33)
#define NR_RINGS 3
#define STEPS 400		/* steps in one child */

static uint64_t state;
static char *area;
static struct uring rings[NR_RINGS];
static unsigned group_entries;
static struct uring_buf_ring *group;

static uint64_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() >> 20) % n;
}

/* Returns small numbers, limits, and arbitrary values. */
static uint64_t number(void)
{
	static const uint64_t odd[] = {
		0, 1, UINT64_MAX, INT64_MAX, 1ull << 63, UINT32_MAX, INT32_MAX, 1u << 31, 0x7ffff001,
		4096, 4097, 65535, 65536, 32768, 32769,
	};

	switch (below(4)) {
	case 0:
		return odd[below(sizeof(odd) / sizeof(*odd))];
	case 1:
		return rnd();
	default:
		return below(20);
	}
}

static void *address(void)
{
	switch (below(12)) {
	case 0:
		return NULL;
	case 1:
		return (void *)(uintptr_t)8;
	case 2:
		return (void *)(uintptr_t)0xffff800000000000;
	default:
		return area + below(AREA_SIZE);
	}
}

static int descriptor(void)
{
	return below(8) ? 3 + (int)below(24) : (int)number();
}

static void fill_area(void)
{
	static const char letters[] = "abc\0\0\0\0";

	for (int i = 0; i < AREA_SIZE; i++)
		area[i] = letters[below(sizeof(letters))];
	/* Structures that operations can hit by chance: some numbers and addresses. */
	for (int i = 0; i < 200; i++) {
		uint64_t value = below(2) ? (uintptr_t)address() : below(5000);

		memcpy(area + below(AREA_SIZE / 8 - 1) * 8, &value, 8);
	}
}

/* Excludes operations that would harm the test itself instead of the library. */
static int is_harmless(unsigned op)
{
	return op != URING_OP_MADVISE && op != URING_OP_URING_CMD && op != URING_OP_CLOSE;
}

static void random_entry(struct uring *ring)
{
	struct uring_sqe *sqe = uring_get_sqe(ring, below(4) ? 0 : (unsigned)number());
	unsigned op = below(URING_OP_LAST + 3);

	if (!sqe)
		return;
	uring_prep_nop(sqe);
	sqe->user_data = rnd();
	if (!is_harmless(op))
		return;
	sqe->opcode = (uint8_t)op;
	sqe->fd = descriptor();
	sqe->addr = (uintptr_t)address();
	sqe->addr2 = below(2) ? (uintptr_t)address() : number();
	sqe->len = (uint32_t)number();
	if (!below(3))
		sqe->flags = (uint8_t)rnd();
	if (!below(3))
		sqe->ioprio = (uint16_t)below(64);
	if (!below(3))
		sqe->rw_flags = (uint32_t)number();
	if (!below(3))
		sqe->buf_index = (uint16_t)number();
	if (!below(5))
		sqe->personality = (uint16_t)number();
	if (!below(3))
		sqe->file_index = (uint32_t)number();
	if (!below(3))
		sqe->addr3 = (uintptr_t)address();
}

static void proper_entry(struct uring *ring)
{
	struct iovec *iov = address();
	uint64_t ud = rnd();

	switch (below(16)) {
	case 0: uring_nop(ring, ud); break;
	case 1: uring_read(ring, ud, descriptor(), address(), number(), number()); break;
	case 2: uring_write(ring, ud, descriptor(), address(), number(), number()); break;
	case 3: uring_readv(ring, ud, descriptor(), iov, (unsigned)number(), number()); break;
	case 4: uring_recv(ring, ud, descriptor(), address(), number(), (int)number()); break;
	case 5: uring_send(ring, ud, descriptor(), address(), number(), (int)number()); break;
	case 6: uring_poll_add(ring, ud, descriptor(), (uint32_t)rnd(), below(3)); break;
	case 7: uring_timeout(ring, ud, address(), (uint32_t)number(), below(300)); break;
	case 8: uring_async_cancel(ring, ud, number(), below(64)); break;
	case 9: uring_openat(ring, ud, AT_FDCWD, address(), (int)number(), (unsigned)number()); break;
	case 10: uring_read_fixed(ring, ud, descriptor(), address(), number(), 0, below(3)); break;
	case 11: uring_fixed_file(uring_read(ring, ud, 0, address(), 9, 0), below(10)); break;
	case 12: uring_recv_multishot(ring, ud, descriptor(), 0, below(3)); break;
	case 13: uring_files_update(ring, ud, address(), (unsigned)number(), (unsigned)number()); break;
	case 14: uring_splice(ring, ud, descriptor(), -1, descriptor(), -1, below(100), 0); break;
	case 15: uring_msg_ring(ring, ud, descriptor(), (uint32_t)rnd(), rnd(), below(4)); break;
	}
}

static void random_registration(struct uring *ring)
{
	unsigned max[2] = { below(5), below(5) };
	uint16_t head;

	switch (below(20)) {
	case 0: uring_register_buffers(ring, address(), (unsigned)number()); break;
	case 1: uring_register_buffers_sparse(ring, below(50)); break;
	case 2: uring_register_buffers_update(ring, (unsigned)number(), address(), address(), below(9)); break;
	case 3: uring_unregister_buffers(ring); break;
	case 4: uring_register_files(ring, address(), (unsigned)number()); break;
	case 5: uring_register_files_sparse(ring, below(50)); break;
	case 6: uring_register_files_update(ring, (unsigned)number(), address(), below(9)); break;
	case 7: uring_unregister_files(ring); break;
	case 8: uring_register_eventfd(ring, descriptor()); break;
	case 9: uring_unregister_eventfd(ring); break;
	case 10: uring_register_buf_ring(ring, address()); break;
	case 11: uring_unregister_buf_ring(ring, (unsigned)number()); break;
	case 12: uring_buf_ring_head(ring, (unsigned)number(), &head); break;
	case 13: uring_register_ring_fd(ring); break;
	case 14: uring_register_iowq_max_workers(ring, max); break;
	case 15: uring_clone_buffers(ring, &rings[below(NR_RINGS)]); break;
	case 16: uring_register_file_alloc_range(ring, (unsigned)number(), (unsigned)number()); break;
	case 17: uring_register_restrictions(ring, address(), below(9)); break;
	case 18: uring_enable_rings(ring); break;
	case 19: uring_register(ring, below(URING_REGISTER_LAST), address(), (unsigned)number()); break;
	}
}

static void random_group(struct uring *ring)
{
	if (group) {
		uring_buf_ring_add(group, address(), below(500), below(9), (int)group_entries - 1, 0);
		uring_buf_ring_advance(group, 1);
	} else {
		group_entries = 1u << below(6);
		if (uring_setup_buf_ring(ring, &group, group_entries, 1, below(4)))
			group = NULL;
	}
}

static void new_ring(struct uring *ring)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	unsigned entries = below(4) ? 1u << below(6) : (unsigned)number();
	int ret;

	uring_destroy(ring);
	switch (below(4)) {
	case 0:
		ret = uring_init_thread(ring, entries);
		break;
	case 1:
		params.flags = 1u << below(21) | 1u << below(21);
		params.cq_entries = (uint32_t)number();
		params.wq_fd = (uint32_t)descriptor();
		ret = uring_init_mem(ring, &params, below(2) ? entries & 0xfff : entries, NULL, 0);
		break;
	case 2:
		params.flags = below(2) ? 0 : URING_SETUP_CQE_MIXED;
		ret = uring_init(ring, &params, entries);
		break;
	default:
		ret = uring_init(ring, NULL, entries);
	}
	check(ret <= 0 && ret > -4096);
	check((ret == 0) == (ring->enter_fd >= 0));
}

static void reap(struct uring *ring)
{
	static struct uring_cqe cqes[128];
	struct uring_timespec ts = { .tv_nsec = below(200000) };
	unsigned nr = below(60);
	int ret = uring_copy_cqes(ring, cqes, nr, below(3), &ts);

	check(ret <= (int)nr && ret > -4096);
}

static void step(struct uring *ring)
{
	struct uring_timespec ts = { .tv_nsec = below(200000) };
	int ret;

	switch (below(24)) {
	case 0:
		new_ring(ring);
		break;
	case 1 ... 8:
		proper_entry(ring);
		break;
	case 9 ... 14:
		random_entry(ring);
		break;
	case 15 ... 17:
		ret = uring_submit(ring, below(3), &ts);
		check(ret <= 32768 && ret > -4096);
		break;
	case 18 ... 20:
		reap(ring);
		break;
	case 21:
		random_registration(ring);
		break;
	case 22:
		random_group(ring);
		break;
	case 23:
		uring_cqe_seen(ring);
		uring_get_events(ring);
		break;
	}
	check(uring_sq_ready(ring) <= ring->sq.entries);
	check(uring_free_space(ring) <= ring->sq.entries);
	check(uring_cq_ready(ring) <= ring->cq.entries);
}

/*
 * Operations get small descriptor numbers, which must not be anybody else's. With a seed, to
 * reproduce a failure, standard error stays open for the message.
 */
static void close_inherited(void)
{
	int null = open("/dev/null", O_RDWR);

	check(null >= 0);
	for (int fd = 0; fd < 3; fd++)
		if (fd == 0 || !getenv("URING_FUZZ_SEED"))
			check_int(dup2(null, fd), fd);
	for (int fd = 3; fd < 256; fd++)
		close(fd);
}

static void prepare(void)
{
	struct rlimit file_size = { 1 << 20, 1 << 20 }, no_core = { 0, 0 };
	int fds[2];

	close_inherited();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGIO, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &file_size);
	setrlimit(RLIMIT_CORE, &no_core);
	/* Sockets of any family can be created, so not with root's privileges. */
	if (getuid() == 0) {
		check_int(setgid(65534), 0);
		check_int(setuid(65534), 0);
	}
	area = mmap(NULL, GUARD_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(area != MAP_FAILED);
	check_int(mprotect(area, AREA_SIZE, PROT_READ | PROT_WRITE), 0);
	fill_area();
	check_int(pipe(fds), 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check_int(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	check(eventfd(1, 0) >= 0);
	check(open("file", O_RDWR | O_CREAT, 0600) >= 0);
	for (int i = 0; i < NR_RINGS; i++)
		check(uring_init(&rings[i], NULL, 4) != 0 || rings[i].fd >= 0);
}

static void one_child(void)
{
	int pid, status;
	uint64_t seed = state;

	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (pid == 0) {
		alarm(300);
		prepare();
		for (int i = 0; i < STEPS; i++)
			step(&rings[below(NR_RINGS)]);
		for (int i = 0; i < NR_RINGS; i++)
			uring_destroy(&rings[i]);
		_exit(0);
	}
	check_int(waitpid(pid, &status, 0), pid);
	if (status)
		fail(__FILE__, __LINE__, "URING_FUZZ_SEED=%llu: status 0x%x",
		     (unsigned long long)seed, status);
	rnd();
}

static void test_fuzz(void)
{
	const char *seconds = getenv("URING_FUZZ_SECONDS"), *seed = getenv("URING_FUZZ_SEED");
	time_t end = time(NULL) + (seconds ? atoi(seconds) : 3);
	unsigned children = 0;

	state = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
	check(state != 0);
	check_int(chdir(temp_dir()), 0);
	check_int(chmod(".", 0777), 0);
	do {
		one_child();
		children++;
	} while (time(NULL) < end && !seed);
	fprintf(stderr, "# %u times %d steps\n", children, STEPS);
}

static const struct test tests[] = {
	{ "random calls", test_fuzz },
};

int main(int argc, char **argv)
{
	const char *seconds = getenv("URING_FUZZ_SECONDS");
	char limit[32];

	if (seconds) {
		snprintf(limit, sizeof(limit), "%d", atoi(seconds) + 60);
		setenv("URING_TEST_SECONDS", limit, 1);
	}
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
