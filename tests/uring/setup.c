/* SPDX-License-Identifier: MIT */
/* Tests rings of every mode: made, used and destroyed. */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "ring.h"

/* Everything that any ring must do. */
static void round_trip(struct uring *ring)
{
	struct uring_cqe cqes[4];
	unsigned nr = ring->sq.entries;

	errno = 12345;
	for (int round = 0; round < 3; round++) {
		while (uring_free_space(ring) < nr)
			check_int(uring_sq_wait(ring), 0);
		for (unsigned i = 0; i < nr; i++)
			check(uring_nop(ring, 42 + i) != NULL);
		check(uring_nop(ring, 1) == NULL || ring->flags & URING_SETUP_SQPOLL);
		check_int(uring_submit(ring, nr, NULL), nr);
		for (unsigned i = 0; i < nr; i++) {
			check_int(uring_copy_cqes(ring, cqes, 1, 1, NULL), 1);
			check_int(cqes[0].user_data, 42 + i);
			check_int(cqes[0].res, 0);
		}
	}
	check_int(errno, 12345);
}

static int lowest_free_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* Returns kilobytes of locked, pinned or mapped memory of the process. */
static long status_kb(const char *key)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kb = -1;

	check(f != NULL);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			kb = atol(line + strlen(key));
	fclose(f);
	return kb;
}

static void test_init(void)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	int fd = lowest_free_fd();
	struct uring ring;

	check_int(params.sq_thread_idle, URING_DEFAULT_THREAD_IDLE_MS);
	check_int(params.flags, 0);
	check_int(URING_DEFAULT_ENTRIES, 32);
	check_int(URING_MAX_ENTRIES, 4096);
	for (unsigned entries = 1; entries <= URING_MAX_ENTRIES; entries *= 2) {
		check_int(uring_init(&ring, entries & 1 ? NULL : &params, entries), 0);
		check_int(ring.fd, fd);
		check_int(ring.enter_fd, fd);
		check_int(ring.sq.entries, entries);
		check_int(ring.cq.entries, 2 * entries);
		check_int(fcntl(ring.fd, F_GETFD), FD_CLOEXEC);
		round_trip(&ring);
		uring_destroy(&ring);
		check_int(ring.fd, -1);
		check_int(ring.enter_fd, -1);
		check_int(lowest_free_fd(), fd);
		params = uring_default_params();
	}
}

static struct uring_params static_params = URING_DEFAULT_PARAMS;

static void test_default_params(void)
{
	struct uring_params params;

	memset(&params, 0xff, sizeof(params));
	params = uring_default_params();
	check_int(params.sq_thread_idle, 1000);
	check(!memcmp(&params, &static_params, sizeof(params)));
	check_int(uring_struct_size(), sizeof(struct uring));
	params.sq_thread_idle = 0;
	for (size_t i = 0; i < sizeof(params); i++)
		check_int(((char *)&params)[i], 0);
}

/* No ring leaks: makes many more than there is room for, one at a time. */
static void test_destroy(void)
{
	struct rlimit limit = { 64, 64 };
	struct uring ring;
	long before, after;
	int ret;

	/* Valgrind reserves the highest descriptors for itself. */
	if (!getenv("URING_TEST_VALGRIND"))
		check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	before = status_kb("VmSize:");
	for (int i = 0; i < 500; i++) {
		ret = i & 1 ? uring_init(&ring, NULL, 32) : uring_init_thread(&ring, 32);
		/* The kernel returns locked memory a little late. */
		if (ret == -ENOMEM) {
			usleep(1000);
			continue;
		}
		check_int(ret, 0);
		uring_destroy(&ring);
		uring_destroy(&ring);
	}
	after = status_kb("VmSize:");
	check(after - before < 64);
	uring_destroy(NULL);
}

static void test_thread(void)
{
	int fd = lowest_free_fd();
	struct uring ring, more[20];

	for (unsigned entries = 1; entries <= URING_MAX_ENTRIES; entries *= 4) {
		check_int(uring_init_thread(&ring, entries), 0);
		check_int(ring.fd, -1);
		check(ring.enter_fd >= 0);
		check_int(ring.enter_flags, URING_ENTER_REGISTERED_RING);
		check_int(lowest_free_fd(), fd);
		round_trip(&ring);
		uring_destroy(&ring);
	}
	/* A thread has 16 slots. Three rings more keep a descriptor. */
	for (int i = 0; i < 19; i++) {
		check_int(uring_init_thread(&more[i], 1), 0);
		check_int(more[i].fd >= 0, i >= 16);
		round_trip(&more[i]);
	}
	for (int i = 0; i < 19; i++)
		uring_destroy(&more[i]);
	check_int(lowest_free_fd(), fd);
	check_int(uring_init_thread(&ring, 1), 0);
	check_int(ring.fd, -1);
	uring_destroy(&ring);
}

static void *use_foreign(void *ring)
{
	struct uring own;
	struct uring_cqe cqe;

	/* First without a ring of this thread, then with one that has the same number. */
	for (int i = 0; i < 2; i++) {
		check_int(uring_submit(ring, 0, NULL), -EEXIST);
		check_int(uring_copy_cqes(ring, &cqe, 1, 1, NULL), -EEXIST);
		check_int(uring_enter(ring, 0, 0, 0, NULL, 0), -EEXIST);
		check_int(uring_get_events(ring), -EEXIST);
		check_int(uring_register_personality(ring), -EEXIST);
		if (!i)
			check_int(uring_init_thread(&own, 1), 0);
	}
	check_int(uring_clone_buffers(&own, ring), -EEXIST);
	round_trip(&own);
	uring_destroy(&own);
	return NULL;
}

/* The number of a registered ring means no ring, or another ring, in another thread. */
static void test_foreign(void)
{
	struct uring ring;
	pthread_t thread;

	check_int(uring_init_thread(&ring, 4), 0);
	check(uring_nop(&ring, 5) != NULL);
	check_int(pthread_create(&thread, NULL, use_foreign, &ring), 0);
	check_int(pthread_join(thread, NULL), 0);
	check_int(uring_sq_ready(&ring), 1);
	check_int(uring_submit(&ring, 1, NULL), 1);
	check_int(uring_cq_ready(&ring), 1);
	uring_destroy(&ring);
}

/* No ring is made twice, and no slot stays unused. */
static void test_many(void)
{
	struct uring rings[40];
	long before = status_kb("VmPin:"), pinned;

	for (int i = 0; i < 40; i++) {
		check_int(uring_init_thread(&rings[i], 8), 0);
		check_int(rings[i].fd < 0, i < 16);
	}
	pinned = status_kb("VmPin:");
	check(pinned - before <= 40 * 8);
	uring_destroy(&rings[3]);
	check_int(uring_init_thread(&rings[3], 8), 0);
	check_int(rings[3].fd, -1);
	for (int i = 0; i < 40; i++) {
		round_trip(&rings[i]);
		uring_destroy(&rings[i]);
	}
	check_int(uring_init_thread(&rings[0], 4096), 0);
	check_int(rings[0].fd, -1);
	uring_destroy(&rings[0]);
}

/* Locked memory is counted per user, so no other test may run as this one. */
static void become_new_user(void)
{
	unsigned id = 1000000 + (unsigned)getpid();

	check_int(setgid(id), 0);
	check_int(setuid(id), 0);
}

/* Without privileges, two pages of locked memory are enough. */
static void test_thread_memory(void)
{
	struct rlimit limit = { 2 * 4096, 2 * 4096 };
	struct uring ring;

	if (getuid())
		skip("the user's other programs count: only root can become another user");
	check_int(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
	become_new_user();
	check_int(uring_init_thread(&ring, 1), 0);
	round_trip(&ring);
	uring_destroy(&ring);
}

static void test_no_memory(void)
{
	struct rlimit limit = { 0, 0 };
	struct uring ring;
	int ret;

	if (getuid())
		skip("only root can become another user");
	check_int(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
	become_new_user();
	ret = uring_init_thread(&ring, 1);
	if (!ret)
		skip("this kernel does not count rings as locked memory");
	check_int(ret, -ENOMEM);
	check_int(uring_why_failed(ret), URING_WHY_LOCKED_MEMORY);
	check_int(ring.enter_fd, -1);
	check_int(uring_init(&ring, NULL, 1), -ENOMEM);
}

static void test_memory(void)
{
	static const unsigned flags[] = { 0, URING_SETUP_NO_SQARRAY, URING_SETUP_SQE128,
					  URING_SETUP_CQE32 };
	struct uring_params params;
	struct uring ring;
	long size;
	char *mem;

	need(URING_WHAT_SETUP, URING_SETUP_NO_MMAP);
	for (size_t f = 0; f < sizeof(flags) / sizeof(*flags); f++) {
		for (unsigned entries = 1; entries <= 256; entries *= 4) {
			memset(&params, 0, sizeof(params));
			params.flags = flags[f];
			size = uring_memory_size(&params, entries);
			check(size >= 8192 && size % 4096 == 0);
			mem = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
			check(mem != MAP_FAILED);
			memset(mem + size, 0x5a, 4096);
			check_int(uring_init_mem(&ring, &params, entries, mem, size), 0);
			check((char *)ring.sq.sqes >= mem && (char *)ring.sq.sqes < mem + size);
			if (!(flags[f] & URING_SETUP_CQE32))
				round_trip(&ring);
			uring_destroy(&ring);
			/* The memory is still ours, and nothing behind it was touched. */
			mem[0] = 1;
			for (int i = 0; i < 4096; i++)
				check_int(mem[size + i], 0x5a);
			memset(&params, 0, sizeof(params));
			params.flags = flags[f];
			check_int(uring_init_mem(&ring, &params, entries, mem, size - 1), -ENOMEM);
			check_int(uring_init_mem(&ring, &params, entries, mem + 8, size), -EINVAL);
			munmap(mem, size + 4096);
		}
	}
	params = uring_default_params();
	check_int(uring_memory_size(&params, 0), -EINVAL);
	check_int(uring_memory_size(&params, 32769), -EINVAL);
	check(uring_memory_size(NULL, 32768) > 0);
	params.flags = URING_SETUP_CLAMP;
	check_int(uring_memory_size(&params, 40000), uring_memory_size(&params, 32768));
	params.flags = URING_SETUP_CQSIZE;
	params.cq_entries = 3;
	check_int(uring_memory_size(&params, 8), -EINVAL);
}

static void test_raw(void)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring ring;

	/* Sizes are rounded up, up to the kernel's own limit. */
	check_int(uring_init_mem(&ring, &params, 3, NULL, 0), 0);
	check_int(ring.sq.entries, 4);
	check(ring.sq.array != NULL);
	round_trip(&ring);
	uring_destroy(&ring);
	check_int(uring_init_mem(&ring, NULL, 32768, NULL, 0), 0);
	check_int(ring.sq.entries, 32768);
	uring_destroy(&ring);
	check_int(uring_init_mem(&ring, NULL, 32769, NULL, 0), -EINVAL);
	params = uring_default_params();
	params.flags = URING_SETUP_CLAMP | URING_SETUP_CQSIZE;
	params.cq_entries = 16;
	check_int(uring_init_mem(&ring, &params, 4, NULL, 0), 0);
	check_int(ring.cq.entries, 16);
	uring_destroy(&ring);
}

static void test_sqe128(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_SQE128);
	struct uring_sqe *a, *b;

	a = uring_nop(ring, 1);
	b = uring_nop(ring, 2);
	check_int((char *)b - (char *)a, 128);
	check_int(uring_submit(ring, 2, NULL), 2);
	uring_cq_advance(ring, 2);
	round_trip(ring);
}

static void nop_cqe32(struct uring *ring, uint64_t user_data, uint64_t extra1, uint64_t extra2)
{
	struct uring_sqe *sqe = uring_nop(ring, user_data);

	check(sqe != NULL);
	sqe->nop_flags = URING_NOP_CQE32;
	sqe->off = extra1;
	sqe->addr = extra2;
}

static void test_cqe32(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_CQE32);
	struct { struct uring_cqe cqe; uint64_t extra[2]; } cqes[4];
	int ret;

	need_age_of(URING_WHAT_SETUP, URING_SETUP_CQE_MIXED, "a no-op with a large completion");
	for (uint64_t round = 0; round < 5; round++) {
		for (uint64_t i = 0; i < 3; i++)
			nop_cqe32(ring, i, round * 10 + i, i + 1);
		check_int(uring_submit(ring, 3, NULL), 3);
		check_int(uring_cqe_at(ring, 2)->user_data, 2);
		ret = uring_copy_cqes(ring, &cqes[0].cqe, 4, 3, NULL);
		check_int(ret, 3);
		for (uint64_t i = 0; i < 3; i++) {
			check_int(cqes[i].cqe.user_data, i);
			check_int(cqes[i].extra[0], round * 10 + i);
			check_int(cqes[i].extra[1], i + 1);
		}
	}
}

static void test_cqe_mixed(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_CQE_MIXED);
	struct uring_cqe cqes[8];

	/* Small, large, small: four slots of eight in each round, past fillers at the end. */
	for (uint64_t round = 0; round < 50; round++) {
		unsigned slot = 0, n = 0, total = 0;

		uring_nop(ring, 1);
		nop_cqe32(ring, 2, round, ~round);
		if (round % 3)
			uring_nop(ring, 3);
		check_int(uring_submit(ring, 0, NULL), round % 3 ? 3 : 2);
		/* Submits a little at a time; entries that do not fit stay. */
		if (round % 2) {
			check_int(uring_copy_cqes_ready(ring, cqes, 2), 1);
			n = 1;
		}
		total = n + uring_copy_cqes(ring, cqes + n, 8 - n, 1, NULL);
		check_int(total, round % 3 ? 4 : 3);
		check_int(cqes[0].user_data, 1);
		slot += uring_cqe_slots(&cqes[0]);
		check_int(slot, 1);
		check_int(cqes[slot].user_data, 2);
		check(cqes[slot].flags & URING_CQE_F_32);
		check_int(cqes[slot + 1].user_data, round);
		slot += uring_cqe_slots(&cqes[slot]);
		check_int(slot, 3);
		if (round % 3)
			check_int(cqes[slot].user_data, 3);
		check_int(uring_cq_ready(ring), 0);
	}
	/* One at a time, in place. */
	while (uring_cqe_at(ring, 0) != &ring->cq.cqes[0]) {
		uring_nop(ring, 4);
		check_int(uring_submit(ring, 1, NULL), 1);
		uring_cqe_seen(ring);
	}
	nop_cqe32(ring, 5, 6, 7);
	uring_nop(ring, 8);
	check_int(uring_submit(ring, 3, NULL), 2);
	check_int(uring_cqe_at(ring, 0)->user_data, 5);
	uring_cqe_seen(ring);
	check_int(uring_cqe_at(ring, 0)->user_data, 8);
	uring_cqe_seen(ring);
	check_int(uring_cq_ready(ring), 0);
}

static void test_sqpoll(void)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring ring, other;
	uint32_t fd;

	params.flags = URING_SETUP_SQPOLL;
	params.sq_thread_idle = 50;
	check_int(uring_init(&ring, &params, 8), 0);
	round_trip(&ring);
	usleep(100000);			/* asleep, until the next submission wakes it */
	round_trip(&ring);
	/* A second ring on the same thread. */
	fd = (uint32_t)ring.fd;
	params = uring_default_params();
	params.flags = URING_SETUP_SQPOLL | URING_SETUP_ATTACH_WQ;
	params.wq_fd = fd;
	check_int(uring_init(&other, &params, 8), 0);
	round_trip(&other);
	uring_destroy(&ring);
	round_trip(&other);
	uring_destroy(&other);
	params = uring_default_params();
	params.flags = URING_SETUP_SQPOLL | URING_SETUP_SQ_AFF;
	params.sq_thread_cpu = 0;
	check_int(uring_init(&ring, &params, 8), 0);
	round_trip(&ring);
	uring_destroy(&ring);
}

static void test_iopoll(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_IOPOLL);
	void *buf = aligned_alloc(4096, 4096);
	int fd = temp_file(), flags = fcntl(fd, F_GETFL), ret;

	check(buf != NULL);
	memset(buf, 0, 4096);
	check_int(ftruncate(fd, 4096), 0);
	/* Files opened without O_DIRECT cannot be polled. */
	ret = run(ring, uring_read(ring, 1, fd, buf, 4096, 0));
	check(ret == -EOPNOTSUPP || ret == -EINVAL);
	if (fcntl(fd, F_SETFL, flags | O_DIRECT))
		skip("a read that polls: no direct I/O here");
	ret = run(ring, uring_read(ring, 1, fd, buf, 4096, 0));
	if (ret == -EOPNOTSUPP || ret == -EINVAL)
		skip("a read that polls: no device here can poll; its refusal was checked");
	check_int(ret, 4096);
	free(buf);
}

/* Kernels before 5.4 need two mappings; this is still supported. */
static void test_two_mappings(void)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring ring;
	int fd;

	memset(&ring, 0, sizeof(ring));
	fd = uring_sys_setup(8, &params);
	check(fd >= 0);
	params.features &= ~URING_FEAT_SINGLE_MMAP;
	check_int(uring_submission_queue_make(&ring.sq, fd, &params), 0);
	check_int(uring_completion_queue_make(&ring.cq, fd, &params, &ring.sq), 0);
	check(ring.cq.map != NULL);
	check(ring.cq.map != ring.sq.map);
	ring.fd = ring.enter_fd = fd;
	ring.features = params.features;
	round_trip(&ring);
	check_int(uring_completion_queue_destroy(&ring.cq), 0);
	check_int(uring_submission_queue_destroy(&ring.sq), 0);
	check_int(close(fd), 0);
	check_int(uring_sys_enter(fd, 0, 0, 0, NULL, 0), -EBADF);
	check_int(uring_sys_register(fd, URING_UNREGISTER_FILES, NULL, 0), -EBADF);
	check_int(uring_submission_queue_make(&ring.sq, fd, &params), -EBADF);
	check_int(uring_submission_queue_make(NULL, fd, &params), -EINVAL);
	check_int(uring_completion_queue_make(&ring.cq, fd, &params, NULL), -EINVAL);
}

static void test_init_fd(void)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring ring;
	int fd, fds[2];

	check_int(pipe(fds), 0);
	fd = uring_sys_setup(3, &params);
	check(fd >= 0);
	check_int(uring_init_fd(&ring, &params, fd), 0);
	check_int(ring.fd, fd);
	check_int(ring.features, params.features);
	check_int(ring.sq.entries, 4);
	check_int(*ring.sq.ring_entries, 4);
	check_int(*ring.sq.ring_mask, ring.sq.mask);
	check_int(*ring.cq.ring_entries, ring.cq.entries);
	check_int(*ring.cq.ring_mask, ring.cq.mask);
	round_trip(&ring);
	uring_destroy(&ring);
	check_int(fcntl(fd, F_GETFD), -1);
	/* A descriptor that is not a ring stays open. */
	check(uring_init_fd(&ring, &params, fds[0]) < 0);
	check_int(ring.enter_fd, -1);
	check_int(fcntl(fds[0], F_GETFD), 0);
	check_int(uring_init_fd(&ring, &params, -1), -EBADF);
	check_int(uring_init_fd(&ring, NULL, fd), -EINVAL);
	check_int(uring_init_fd(NULL, &params, fd), -EINVAL);
	params.flags = URING_SETUP_NO_MMAP;
	check_int(uring_init_fd(&ring, &params, fd), -EINVAL);
}

static void test_no_array(void)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	size_t size = (size_t)uring_memory_size(NULL, 3);
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct uring ring;

	need(URING_WHAT_SETUP, URING_SETUP_NO_SQARRAY);
	check_int(uring_init_no_array(&ring, &params, 3, NULL, 0), 0);
	check(ring.sq.array == NULL);
	check_int(params.flags, URING_SETUP_NO_SQARRAY);
	check_int(ring.sq.entries, 4);
	round_trip(&ring);
	uring_destroy(&ring);
	check_int(uring_init_no_array(&ring, NULL, 3, mem, size), 0);
	check(ring.sq.array == NULL);
	check((char *)ring.sq.head >= (char *)mem && (char *)ring.sq.head < (char *)mem + size);
	round_trip(&ring);
	uring_destroy(&ring);
	/* Errors with another cause, and flags that nobody requests. */
	params = uring_default_params();
	params.flags = URING_SETUP_SQ_AFF;
	check_int(uring_init_no_array(&ring, &params, 4, NULL, 0), -EINVAL);
	check_int(params.flags, URING_SETUP_SQ_AFF);
	check_int(uring_init_no_array(&ring, NULL, 0, NULL, 0), -EINVAL);
	check_int(uring_init_no_array(NULL, NULL, 4, NULL, 0), -EINVAL);
}

/* NO_MMAP without memory from the caller: the library maps it, and a child of fork inherits it. */
static void test_anonymous(void)
{
	static const unsigned more[] = { 0, URING_SETUP_REGISTERED_FD_ONLY };
	struct uring_params params;
	struct uring ring;
	int status;
	pid_t pid;

	need(URING_WHAT_SETUP, URING_SETUP_NO_MMAP);
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		params = uring_default_params();
		params.flags = URING_SETUP_NO_MMAP | more[i];
		check_int(uring_init(&ring, &params, 4), 0);
		check_int(ring.fd >= 0, !more[i]);
		round_trip(&ring);
		pid = fork();
		if (pid == 0)
			_exit(*ring.sq.ring_entries == 4 ? 7 : 1);
		check_int(waitpid(pid, &status, 0), pid);
		check_int(status, 7 << 8);
		uring_destroy(&ring);
	}
}

static void test_disabled(void)
{
	struct uring_restriction allowed[] = {
		{ .opcode = URING_RESTRICTION_SQE_OP, .sqe_op = URING_OP_NOP },
		{ .opcode = URING_RESTRICTION_REGISTER_OP, .register_op = URING_UNREGISTER_FILES },
	};
	struct uring *ring = open_ring_with(4, URING_SETUP_R_DISABLED);

	uring_nop(ring, 1);
	check_int(uring_submit(ring, 1, NULL), -EBADFD);
	check_int(uring_register_restrictions(ring, allowed, 2), 0);
	check_int(uring_register_restrictions(ring, allowed, 2), -EBUSY);
	check_int(uring_enable_rings(ring), 0);
	check_int(ring->flags & URING_SETUP_R_DISABLED, 0);
	check_int(uring_submit(ring, 1, NULL), 1);
	uring_cqe_seen(ring);
	check_int(run(ring, uring_close(ring, 1, 100)), -EACCES);
	check_int(uring_unregister_files(ring), -ENXIO);
	check_int(uring_unregister_buffers(ring), -EACCES);
	check_int(uring_enable_rings(ring), -EACCES);
	check_int(uring_enable_rings(open_ring_with(1, 0)), -EBADFD);
}

static void in_child(struct uring *ring, void (*body)(struct uring *))
{
	pid_t pid = fork();
	int status;

	check(pid >= 0);
	if (pid == 0) {
		body(ring);
		_exit(0);
	}
	check_int(waitpid(pid, &status, 0), pid);
	check_int(status, 0);
}

static void use_own(struct uring *ring)
{
	int fd = ring->fd;
	struct uring own;

	/* The memory is not mapped here, so uring_forget must not touch it. */
	uring_forget(ring);
	check_int(ring->enter_fd, -1);
	if (fd >= 0)
		check_int(fcntl(fd, F_GETFD), -1);
	check(uring_nop(ring, 1) == NULL);
	check_int(uring_init_thread(&own, 4), 0);
	round_trip(&own);
	uring_destroy(&own);
	uring_forget(NULL);
}

/* The child uses the parent's ring, takes an entry from it, and is not stopped. */
static void use_inherited(struct uring *ring)
{
	check(uring_nop(ring, 1) != NULL);
	check_int(uring_submit(ring, 1, NULL), 1);
	uring_cqe_seen(ring);
}

static void touch_queues(struct uring *ring)
{
	*(volatile uint32_t *)ring->sq.tail;
	*(volatile uint64_t *)&ring->sq.sqes->user_data;
}

static void must_fault(struct uring *ring)
{
	pid_t pid = fork();
	int status;

	check(pid >= 0);
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);	/* replaces a sanitizer's handler */
		touch_queues(ring);
		_exit(0);
	}
	check_int(waitpid(pid, &status, 0), pid);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void test_dontfork(void)
{
	struct uring *ring = open_ring_with(4, 0), own;

	check_int(ring->dontfork, 0);
	in_child(ring, touch_queues);
	check_int(uring_dontfork(ring), 0);
	check_int(ring->dontfork, 1);
	must_fault(ring);
	in_child(ring, use_own);
	round_trip(ring);
	check_int(uring_init_thread(&own, 4), 0);
	check_int(own.dontfork, 1);
	must_fault(&own);
	round_trip(&own);
	uring_destroy(&own);
}

static void test_fork(void)
{
	struct uring *ring = open_ring_with(4, 0), own;

	in_child(ring, use_own);
	round_trip(ring);
	in_child(ring, use_inherited);
	check_int(uring_init_thread(&own, 4), 0);
	in_child(&own, use_own);
	round_trip(&own);
	uring_destroy(&own);
}

static void test_ring_fd(void)
{
	struct uring *ring = open_ring_with(4, 0);
	int fd = ring->fd;

	need(URING_WHAT_REGISTER, URING_REGISTER_RING_FDS);
	check_int(uring_register_ring_fd(ring), 1);
	check_int(uring_register_ring_fd(ring), -EEXIST);
	check_int(ring->fd, fd);
	check(ring->enter_fd != fd || fd < 16);
	check_int(ring->enter_flags, URING_ENTER_REGISTERED_RING);
	round_trip(ring);
	check_int(uring_unregister_ring_fd(ring), 1);
	check_int(uring_unregister_ring_fd(ring), -EINVAL);
	check_int(ring->enter_fd, fd);
	round_trip(ring);
	check_int(uring_close_ring_fd(ring), 1);
	check_int(ring->fd, -1);
	check_int(fcntl(fd, F_GETFD), -1);
	round_trip(ring);
	check_int(uring_close_ring_fd(ring), -EBADF);
	need(URING_WHAT_FEATURE, URING_FEAT_REG_REG_RING);
	check_int(uring_unregister_files(ring), -ENXIO);
	check_int(uring_unregister_ring_fd(ring), 1);
	check_int(uring_submit(ring, 1, NULL), -EBADF);
}

static void test_resize(void)
{
	struct uring *ring = open_ring_with(4, URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN);
	struct uring_params params = { .sq_entries = 16 };
	struct uring_cqe cqes[8];
	struct uring array;

	need(URING_WHAT_REGISTER, URING_REGISTER_RESIZE_RINGS);
	/* Completions not reaped and entries not submitted are carried over. */
	for (int i = 0; i < 3; i++)
		uring_nop(ring, i);
	check_int(uring_submit(ring, 0, NULL), 3);
	uring_nop(ring, 3);
	uring_nop(ring, 4);
	check_int(uring_resize_rings(ring, &params), 0);
	check_int(ring->sq.entries, 16);
	check_int(ring->cq.entries, 32);
	check_int(uring_cq_ready(ring), 3);
	check_int(uring_sq_ready(ring), 2);
	check_int(uring_submit(ring, 5, NULL), 2);
	check_int(uring_copy_cqes(ring, cqes, 8, 1, NULL), 5);
	for (int i = 0; i < 5; i++)
		check_int(cqes[i].user_data, i);
	round_trip(ring);
	params = (struct uring_params){ .sq_entries = 2, .cq_entries = 8,
					.flags = URING_SETUP_CQSIZE };
	check_int(uring_resize_rings(ring, &params), 0);
	check_int(ring->sq.entries, 2);
	check_int(ring->cq.entries, 8);
	round_trip(ring);
	/* The sizes are returned, and the same parameters can be used again. */
	params.sq_entries = 5;
	check_int(uring_resize_rings(ring, &params), 0);
	check_int(params.sq_entries, 8);
	check_int(uring_resize_rings(ring, &params), 0);
	/* Fails with an index array, and for a ring that any thread can use. */
	params.flags = URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN;
	check_int(uring_init_mem(&array, &params, 4, NULL, 0), 0);
	params.flags = 0;
	check_int(uring_resize_rings(&array, &params), -EINVAL);
	round_trip(&array);
	uring_destroy(&array);
	check_int(uring_resize_rings(open_ring_with(1, 0), &params), -EINVAL);
	check_int(uring_resize_rings(ring, NULL), -EINVAL);
}

static void test_refused(void)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	int fd = lowest_free_fd();
	struct uring ring;

	/* Modes that the queue functions do not support, and unknown ones. */
	static const unsigned flags[] = {
		URING_SETUP_SQ_REWIND | URING_SETUP_NO_SQARRAY, 1u << 31,
		URING_SETUP_REGISTERED_FD_ONLY,
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		params = uring_default_params();
		params.flags = flags[i];
		check_int(uring_init(&ring, &params, 4), -EINVAL);
		check_int(params.flags, flags[i]);
		check_int(ring.fd, -1);
		check_int(uring_init_mem(&ring, &params, 4, NULL, 0), -EINVAL);
	}
	check_int(lowest_free_fd(), fd);
}

static const struct test tests[] = {
	{ "uring_init", test_init },
	{ "uring_default_params", test_default_params },
	{ "uring_destroy", test_destroy },
	{ "uring_init_thread", test_thread },
	{ "uring_init_thread, 40 rings", test_many },
	{ "a ring of another thread", test_foreign },
	{ "uring_init_thread with two pages of locked memory", test_thread_memory },
	{ "rings without locked memory", test_no_memory },
	{ "uring_init_mem, uring_memory_size", test_memory },
	{ "uring_init_mem, raw parameters", test_raw },
	{ "URING_SETUP_SQE128", test_sqe128 },
	{ "URING_SETUP_CQE32", test_cqe32 },
	{ "URING_SETUP_CQE_MIXED, uring_cqe_slots", test_cqe_mixed },
	{ "URING_SETUP_SQPOLL", test_sqpoll },
	{ "URING_SETUP_IOPOLL", test_iopoll },
	{ "uring_submission_queue_make, uring_completion_queue_make", test_two_mappings },
	{ "uring_init_fd", test_init_fd },
	{ "uring_init_no_array", test_no_array },
	{ "URING_SETUP_NO_MMAP, memory of the library", test_anonymous },
	{ "uring_enable_rings, uring_register_restrictions", test_disabled },
	{ "fork, uring_forget", test_fork },
	{ "uring_dontfork", test_dontfork },
	{ "uring_register_ring_fd, uring_close_ring_fd", test_ring_fd },
	{ "uring_resize_rings", test_resize },
	{ "modes that are refused", test_refused },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
