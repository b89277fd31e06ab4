/* SPDX-License-Identifier: MIT */
/* Tests liburing's ring functions: setup, sizes and destruction; the system calls; versions. */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "calls.h"

static void round_trip(struct io_uring *ring)
{
	for (unsigned i = 0; i < 3 * ring->sq.ring_entries; i++) {
		io_uring_prep_nop(entry(ring));
		check_int(run(ring), 0);
	}
}

static void test_init(void)
{
	struct io_uring_params params = { .flags = IORING_SETUP_CQSIZE, .cq_entries = 64 };
	struct io_uring ring;
	int fd;

	check_int(io_uring_queue_init(3, &ring, 0), 0);
	fd = ring.ring_fd;
	check(fd >= 0);
	check_int(ring.enter_ring_fd, fd);
	check_int(ring.sq.ring_entries, 4);
	check_int(ring.sq.ring_mask, 3);
	check_int(*ring.sq.kring_entries, 4);
	check_int(*ring.sq.kring_mask, 3);
	check_int(ring.cq.ring_entries, 8);
	check_int(ring.cq.ring_mask, 7);
	check_int(*ring.cq.kring_entries, 8);
	check_int(*ring.cq.kring_mask, 7);
	check_int(*ring.sq.khead | *ring.sq.ktail | *ring.sq.kflags | *ring.sq.kdropped, 0);
	check_int(*ring.cq.khead | *ring.cq.ktail | *ring.cq.koverflow | *ring.cq.kflags, 0);
	check(ring.features & IORING_FEAT_NODROP);
	round_trip(&ring);
	io_uring_queue_exit(&ring);
	check_int(fcntl(fd, F_GETFD), -1);
	check_int(io_uring_queue_init_params(4, &ring, &params), 0);
	check_int(ring.cq.ring_entries, 64);
	check_int(params.sq_entries, 4);
	check_int(params.features, ring.features);
	check(ring.flags & IORING_SETUP_CQSIZE);
	round_trip(&ring);
	io_uring_queue_exit(&ring);
	check_int(io_uring_queue_init(0, &ring, 0), -EINVAL);
	check_int(io_uring_queue_init(40000, &ring, 0), -EINVAL);
	check_int(io_uring_queue_init(4, &ring, 1u << 31), -EINVAL);
	check_int(io_uring_queue_init(40000, &ring, IORING_SETUP_CLAMP), 0);
	check_int(ring.sq.ring_entries, 32768);
	io_uring_queue_exit(&ring);
}

/* A ring that the program sets up itself, and one that it uses without the library. */
static void test_system_calls(void)
{
	struct io_uring_params params = { 0 };
	struct io_uring ring;
	int fd = io_uring_setup(4, &params);

	check(fd >= 0);
	check_int(io_uring_queue_mmap(fd, &params, &ring), 0);
	if (!IS_OURS && ring.ring_fd != fd)
		skip("system calls, queue_mmap: this liburing leaves the descriptor out");
	check_int(ring.ring_fd, fd);
	/* The program has to fill its index array. */
	for (unsigned i = 0; i < ring.sq.ring_entries; i++)
		ring.sq.array[i] = i;
	round_trip(&ring);
	io_uring_prep_nop(entry(&ring));
	check_int(io_uring_enter((unsigned)fd, 0, 0, 0, NULL), 0);
	check_int(io_uring_enter2((unsigned)fd, 0, 0, 0, NULL, 0), 0);
	check_int(io_uring_register((unsigned)fd, IORING_UNREGISTER_FILES, NULL, 0), -ENXIO);
	io_uring_queue_exit(&ring);
	check_int(io_uring_enter((unsigned)fd, 0, 0, 0, NULL), -EBADF);
	check_int(io_uring_setup(0, &params), -EINVAL);
	check_int(__NR_io_uring_setup, SYS_io_uring_setup);
	check_int(__NR_io_uring_enter, SYS_io_uring_enter);
	check_int(__NR_io_uring_register, SYS_io_uring_register);
}

static void test_memory(void)
{
#if SINCE(5)
	struct io_uring_params params = { 0 };
	struct io_uring ring;
	size_t size = 65536;
	char *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int used, ret;

	memset(mem, 0, size);
	used = io_uring_queue_init_mem(8, &ring, &params, mem, size);
	if (used == -EINVAL)
		skip("rings in the program's memory: this kernel does not have them");
	check(used > 0 && used <= 8192 && used % 4096 == 0);
	check((char *)ring.cq.cqes > mem && (char *)ring.cq.cqes < mem + used);
	check((char *)ring.sq.sqes >= mem && (char *)ring.sq.sqes < mem + used);
	round_trip(&ring);
	io_uring_queue_exit(&ring);
	mem[0] = 1;
	memset(&params, 0, sizeof(params));
	check_int(io_uring_queue_init_mem(8, &ring, &params, mem, 4096), -ENOMEM);
	memset(&params, 0, sizeof(params));
	params.flags = IORING_SETUP_NO_MMAP;
	ret = io_uring_queue_init_params(8, &ring, &params);
	if (!IS_OURS && ret == -ENOMEM)
		skip("memory of the library's: this liburing asks for a huge page");
	check_int(ret, 0);
	round_trip(&ring);
	io_uring_queue_exit(&ring);
#else
	skip("this liburing does not have it");
#endif
}

static void test_sizes(void)
{
	struct io_uring_params params = { 0 };

	check_int(io_uring_mlock_size(4, 0), 0);
	check_int(io_uring_mlock_size_params(4, &params), 0);
	check_int(io_uring_mlock_size(40000, 0), -EINVAL);
#if SINCE(11)
	check_int(io_uring_memory_size(8, 0), 8192);
	check_int(io_uring_memory_size(8, IORING_SETUP_SQE128 | IORING_SETUP_CQE32), 8192);
	check(io_uring_memory_size(4096, 0) > 4096 * 64);
	params.flags = IORING_SETUP_CQSIZE;
	params.cq_entries = 32768;
	check(io_uring_memory_size_params(8, &params) > 32768 * 16);
	check_int(io_uring_memory_size(40000, 0), -EINVAL);
#endif
}

static void test_probe(void)
{
	struct io_uring *ring = open_ring(4, 0);
	struct io_uring_probe *probe = io_uring_get_probe();

	check(probe != NULL);
	check(io_uring_opcode_supported(probe, IORING_OP_NOP));
	check(io_uring_opcode_supported(probe, IORING_OP_READ));
	check(!io_uring_opcode_supported(probe, 250));
	io_uring_free_probe(probe);
	probe = io_uring_get_probe_ring(ring);
	check(probe != NULL);
	check(io_uring_opcode_supported(probe, IORING_OP_WRITE));
	check(probe->ops_len > IORING_OP_WRITE);
	memset(probe, 0, sizeof(*probe) + probe->ops_len * sizeof(probe->ops[0]));
	check_int(io_uring_register_probe(ring, probe, 3), 0);
	check_int(probe->ops_len, 3);
	check_int(probe->ops[2].flags, IO_URING_OP_SUPPORTED);
	io_uring_free_probe(probe);
}

/* A forked child shares the queues, unless they are marked as not inherited. */
static int child_reads(const struct io_uring *ring)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(*ring->sq.kring_entries == 4 ? 0 : 1);
	check_int(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_fork(void)
{
	struct io_uring *ring = open_ring(4, 0);

	if (getenv("ASAN_OPTIONS"))
		skip("a child that faults, under a sanitizer");
	check(child_reads(ring));
	check_int(io_uring_ring_dontfork(ring), 0);
	check(!child_reads(ring));
	round_trip(ring);
}

static void test_disabled(void)
{
#if SINCE(4)
	struct io_uring *ring = open_ring(4, IORING_SETUP_R_DISABLED);
	struct io_uring_restriction allowed[2];

	memset(allowed, 0, sizeof(allowed));
	allowed[0].opcode = IORING_RESTRICTION_SQE_OP;
	allowed[0].sqe_op = IORING_OP_NOP;
	allowed[1].opcode = IORING_RESTRICTION_REGISTER_OP;
	allowed[1].register_op = IORING_REGISTER_ENABLE_RINGS;
	io_uring_prep_nop(entry(ring));
	check_int(io_uring_submit(ring), -EBADFD);
	check_int(io_uring_register_restrictions(ring, allowed, 2), 0);
	check_int(io_uring_enable_rings(ring), 0);
	check_int(run(ring), 0);
	io_uring_prep_read(entry(ring), 0, NULL, 0, 0);
	check_int(run(ring), -EACCES);
	check_int(io_uring_unregister_files(ring), -EACCES);
#else
	skip("this liburing does not export them");
#endif
}

static void test_ring_fd(void)
{
	struct io_uring *ring = open_ring(4, 0);

#if SINCE(4)
	check_int(io_uring_unregister_ring_fd(ring), -EINVAL);
	check_int(io_uring_close_ring_fd(ring),
		  ring->features & IORING_FEAT_REG_REG_RING ? -EINVAL : -EOPNOTSUPP);
#endif
	check_int(io_uring_register_ring_fd(ring), 1);
	round_trip(ring);
#if SINCE(4)
	check_int(io_uring_register_ring_fd(ring), -EEXIST);
#endif
	check_int(io_uring_unregister_ring_fd(ring), 1);
	check_int(ring->enter_ring_fd, ring->ring_fd);
	round_trip(ring);
#if SINCE(4)
	check_int(io_uring_register_ring_fd(ring), 1);
	if (!(ring->features & IORING_FEAT_REG_REG_RING)) {
		check_int(io_uring_close_ring_fd(ring), -EOPNOTSUPP);
		return;
	}
	check_int(io_uring_close_ring_fd(ring), 1);
	check_int(ring->ring_fd, -1);
	check_int(io_uring_close_ring_fd(ring), -EBADF);
	round_trip(ring);
	check_int(io_uring_register_files_sparse(ring, 4), 0);
#endif
}

static void test_resize(void)
{
#if SINCE(9)
	struct io_uring *ring = open_ring(4, IORING_SETUP_SINGLE_ISSUER |
					     IORING_SETUP_DEFER_TASKRUN);
	struct io_uring_params params = { .sq_entries = 16 };
	int ret;

	io_uring_prep_nop(entry(ring));
	check_int(io_uring_submit(ring), 1);
	ret = io_uring_resize_rings(ring, &params);
	if (ret == -EINVAL)
		skip("resizing: this kernel does not have it");
	check_int(ret, 0);
	check_int(params.sq_entries, 16);
	check_int(params.flags, 0);
	check_int(ring->sq.ring_entries, 16);
	check_int(io_uring_cq_ready(ring), 1);
	round_trip(ring);
	params.sq_entries = 4;
	check_int(io_uring_resize_rings(ring, &params), 0);
	check_int(ring->sq.ring_entries, 4);
	check_int(io_uring_resize_rings(open_ring(4, 0), &params), -EINVAL);
#else
	skip("this liburing does not have it");
#endif
}

static void test_iowait(void)
{
#if SINCE(10)
	struct io_uring *ring = open_ring(4, 0);
	int ret = io_uring_set_iowait(ring, false);

	check_int(ret, ring->features & IORING_FEAT_NO_IOWAIT ? 0 : -EOPNOTSUPP);
	round_trip(ring);
	check_int(io_uring_set_iowait(ring, true), ret);
	round_trip(ring);
#else
	skip("this liburing does not have it");
#endif
}

static void test_versions(void)
{
#if SINCE(4)
	check_int(io_uring_major_version(), IO_URING_VERSION_MAJOR);
	check_int(io_uring_minor_version(), IO_URING_VERSION_MINOR);
	check(io_uring_check_version(IO_URING_VERSION_MAJOR, IO_URING_VERSION_MINOR + 1));
	check(io_uring_check_version(IO_URING_VERSION_MAJOR + 1, 0));
	check(!io_uring_check_version(IO_URING_VERSION_MAJOR, IO_URING_VERSION_MINOR));
	check(!io_uring_check_version(IO_URING_VERSION_MAJOR - 1, 99));
	check(IO_URING_CHECK_VERSION(3, 0) && !IO_URING_CHECK_VERSION(2, 3));
#else
	skip("this liburing does not have them");
#endif
}

static void test_macros(void)
{
	unsigned word = 1;

	IO_URING_WRITE_ONCE(word, 2u);
	check_int(IO_URING_READ_ONCE(word), 2);
	io_uring_smp_store_release(&word, 3u);
	io_uring_smp_mb();
	check_int(io_uring_smp_load_acquire(&word), 3);
	check(uring_likely(word == 3) && !uring_unlikely(word != 3));
	check_int(LIBURING_UDATA_TIMEOUT, UINT64_MAX);
#ifndef LIBURING_HAVE_DATA64
	fail(__FILE__, __LINE__, "LIBURING_HAVE_DATA64");
#endif
#if SINCE(13)
	check_int(BLOCK_URING_CMD_DISCARD, 0x1200);
#ifdef RINGSHIM_URING_H
	check_int(BLOCK_URING_CMD_ZONE_RESET_ALL, 0x1201);
#endif
	int noexcept_is_nothing_in_c(void) LIBURING_NOEXCEPT;
#endif
}

static const struct test tests[] = {
	{ "queue_init", test_init },
	{ "system calls, queue_mmap", test_system_calls },
	{ "memory of the program", test_memory },
	{ "sizes", test_sizes },
	{ "probes", test_probe },
	{ "fork", test_fork },
	{ "restrictions", test_disabled },
	{ "registered and closed descriptors", test_ring_fd },
	{ "resizing", test_resize },
	{ "iowait", test_iowait },
	{ "versions", test_versions },
	{ "macros", test_macros },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
