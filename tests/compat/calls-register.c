/* SPDX-License-Identifier: MIT */
/* Tests liburing's registrations: each is made, and the registered resource is used. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include "calls.h"

static char memory[4][64];

static int read_fixed(struct io_uring *ring, int index)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/zero", O_RDONLY);
	io_uring_prep_read_fixed(entry(ring), fd, memory[index], 64, 0, index);
	return run(ring);
}

static void test_buffers(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct iovec iov[4];
	__u64 tags[4] = { 0 };
	struct io_uring_cqe *cqe;

	for (int i = 0; i < 4; i++)
		iov[i] = (struct iovec){ memory[i], 64 };
	check_int(read_fixed(ring, 0), -EFAULT);
	check_int(io_uring_register_buffers(ring, iov, 4), 0);
	check_int(io_uring_register_buffers(ring, iov, 4), -EBUSY);
	check_int(read_fixed(ring, 3), 64);
	check_int(io_uring_unregister_buffers(ring), 0);
	check_int(io_uring_unregister_buffers(ring), -ENXIO);
	check_int(io_uring_register_buffers_sparse(ring, 4), 0);
	check_int(read_fixed(ring, 2), -EFAULT);
	check_int(io_uring_register_buffers_update_tag(ring, 2, iov + 2, tags, 2), 2);
	check_int(read_fixed(ring, 2), 64);
	check_int(io_uring_unregister_buffers(ring), 0);
	tags[1] = 77;
	check_int(io_uring_register_buffers_tags(ring, iov, tags, 2), 0);
	check_int(read_fixed(ring, 1), 64);
	tags[1] = 0;
	check_int(io_uring_register_buffers_update_tag(ring, 1, iov + 2, tags, 1), 1);
	check_int(io_uring_wait_cqe(ring, &cqe), 0);
	check_int(cqe->user_data, 77);
	io_uring_cqe_seen(ring, cqe);
}

static void test_clone(void)
{
#if SINCE(10)
	struct io_uring *ring = open_ring(8, 0), *other = open_ring(8, 0), *third = open_ring(8, 0);
	struct iovec iov[2] = { { memory[0], 64 }, { memory[1], 64 } };
	int ret;

	check_int(io_uring_register_buffers(ring, iov, 2), 0);
	ret = io_uring_clone_buffers(other, ring);
	if (ret == -EINVAL)
		skip("cloning buffers: this kernel does not have it");
	check_int(ret, 0);
	check_int(read_fixed(other, 1), 64);
	check_int(io_uring_clone_buffers(other, ring), -EBUSY);
	ret = io_uring_clone_buffers_offset(third, ring, 1, 1, 1, 0);
	if (ret == -EINVAL)
		skip("cloning some of the buffers: this kernel does not have it");
	check_int(ret, 0);
	check_int(read_fixed(third, 1), 64);
	check_int(read_fixed(third, 0), -EFAULT);
	check_int(__io_uring_clone_buffers_offset(third, ring, 0, 0, 1,
						  IORING_REGISTER_DST_REPLACE), 0);
	check_int(read_fixed(third, 0), 64);
	check_int(io_uring_unregister_buffers(other), 0);
	check_int(__io_uring_clone_buffers(other, ring, 0), 0);
	check_int(io_uring_unregister_buffers(other), 0);
	/* Clones from a ring without a descriptor. */
	check_int(io_uring_register_ring_fd(ring), 1);
	check_int(io_uring_close_ring_fd(ring), 1);
	check_int(io_uring_clone_buffers(other, ring), 0);
	check_int(read_fixed(other, 0), 64);
#else
	skip("this liburing does not have it");
#endif
}

static int write_fixed_file(struct io_uring *ring, int slot)
{
	struct io_uring_sqe *sqe = entry(ring);

	io_uring_prep_write(sqe, slot, "x", 1, 0);
	sqe->flags |= IOSQE_FIXED_FILE;
	return run(ring);
}

static void test_files(void)
{
	struct io_uring *ring = open_ring(8, 0);
	int fds[2], two[2], skip_one[2];
	__u64 tags[2] = { 0, 88 };
	struct io_uring_cqe *cqe;

	check_int(pipe(fds), 0);
	check_int(io_uring_register_files(ring, fds, 2), 0);
	check_int(io_uring_register_files(ring, fds, 2), -EBUSY);
	check_int(write_fixed_file(ring, 1), 1);
	check_int(io_uring_unregister_files(ring), 0);
	check_int(io_uring_unregister_files(ring), -ENXIO);
	check_int(io_uring_register_files_sparse(ring, 8), 0);
	check_int(write_fixed_file(ring, 5), -EBADF);
	check_int(io_uring_register_files_update(ring, 4, fds, 2), 2);
	check_int(write_fixed_file(ring, 5), 1);
	skip_one[0] = -1;
	skip_one[1] = (int)IORING_REGISTER_FILES_SKIP;
	check_int(io_uring_register_files_update_tag(ring, 4, skip_one, (__u64[]){ 0, 0 }, 2), 2);
	check_int(write_fixed_file(ring, 5), 1);
	check_int(io_uring_unregister_files(ring), 0);
	check_int(io_uring_register_files_tags(ring, fds, tags, 2), 0);
	two[0] = -1;
	check_int(io_uring_register_files_update(ring, 1, two, 1), 1);
	check_int(io_uring_wait_cqe(ring, &cqe), 0);
	check_int(cqe->user_data, 88);
	io_uring_cqe_seen(ring, cqe);
	check_int(io_uring_unregister_files(ring), 0);
	check_int(io_uring_register_files_sparse(ring, 8), 0);
	check_int(io_uring_register_file_alloc_range(ring, 6, 2), 0);
	io_uring_prep_openat_direct(entry(ring), AT_FDCWD, "/dev/null", O_RDONLY, 0,
				    SINCE(4) ? IORING_FILE_INDEX_ALLOC : 6);
	check_int(run(ring), SINCE(4) ? 6 : 0);
}

/* More files than the descriptor limit allows: the limit is raised. */
static void test_files_limit(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct rlimit limit = { 64, 4096 };
	int fds[100];

	memset(fds, 0xff, sizeof(fds));
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	check_int(io_uring_register_files_sparse(ring, 100), 0);
	check_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
	check(limit.rlim_cur >= 100);
	check_int(io_uring_unregister_files(ring), 0);
	limit.rlim_cur = 64;
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	check_int(io_uring_register_files(ring, fds, 100), 0);
	check_int(io_uring_unregister_files(ring), 0);
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	check_int(io_uring_register_files_tags(ring, fds, NULL, 100), 0);
	check_int(io_uring_unregister_files(ring), 0);
	check_int(io_uring_register_files_sparse(ring, 5000), -EMFILE);
}

static void test_buf_ring(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_buf_reg reg = { .ring_entries = 4, .bgid = 2 };
	struct io_uring_buf_ring *br = NULL;
	struct io_uring_sqe *sqe;
	int fds[2], ret;
	unsigned flags;

	check_int(pipe(fds), 0);
	check_int(posix_memalign((void **)&br, 4096, 4096), 0);
	io_uring_buf_ring_init(br);
	check_int(br->tail, 0);
	check_int(io_uring_buf_ring_mask(4), 3);
	reg.ring_addr = (uintptr_t)br;
	ret = io_uring_register_buf_ring(ring, &reg, 0);
	if (ret == -EINVAL)
		skip("rings of buffers: this kernel does not have them");
	check_int(ret, 0);
	check_int(io_uring_register_buf_ring(ring, &reg, 0), -EEXIST);
	for (int i = 0; i < 2; i++)
		io_uring_buf_ring_add(br, memory[i], 64, (unsigned short)(i + 7), 3, i);
	io_uring_buf_ring_advance(br, 2);
	check_int(br->tail, 2);
	for (int i = 0; i < 2; i++) {
		check_int(write(fds[1], "abc", 3), 3);
		sqe = entry(ring);
		io_uring_prep_read(sqe, fds[0], NULL, 64, 0);
		sqe->flags |= IOSQE_BUFFER_SELECT;
		sqe->buf_group = 2;
		check_int(next_cqe(ring, &flags), 3);
		check_int(flags >> IORING_CQE_BUFFER_SHIFT, i + 7);
		check(!memcmp(memory[i], "abc", 3));
	}
	io_uring_prep_nop(entry(ring));
	check_int(io_uring_submit(ring), 1);
	io_uring_buf_ring_add(br, memory[2], 64, 9, 3, 0);
	io_uring_buf_ring_cq_advance(ring, br, 1);
	check_int(br->tail, 3);
	check_int(io_uring_cq_ready(ring), 0);
	check_int(io_uring_unregister_buf_ring(ring, 2), 0);
	check(io_uring_unregister_buf_ring(ring, 2) < 0);
	free(br);
}

static void test_buf_ring_setup(void)
{
#if SINCE(6)
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_buf_ring *br;
	struct io_uring_sqe *sqe;
	uint16_t head = 99;
	int fds[2], error = 99;
	unsigned flags;

	check_int(pipe(fds), 0);
	br = io_uring_setup_buf_ring(ring, 3, 2, 0, &error);
	check(br == NULL);
	check_int(error, -EINVAL);
	br = io_uring_setup_buf_ring(ring, 8, 2, 0, &error);
	check(br != NULL);
	check_int(error, 0);
	for (int i = 0; i < 4; i++)
		io_uring_buf_ring_add(br, memory[i], 64, (unsigned short)i, 7, i);
	__io_uring_buf_ring_cq_advance(ring, br, 0, 4);
	check_int(write(fds[1], "abc", 3), 3);
	sqe = entry(ring);
	io_uring_prep_read(sqe, fds[0], NULL, 64, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = 2;
	check_int(next_cqe(ring, &flags), 3);
	error = io_uring_buf_ring_head(ring, 2, &head);
	if (error != -EINVAL) {
		check_int(error, 0);
		check_int(head, 1);
		check_int(io_uring_buf_ring_available(ring, br, 2), 3);
		check(io_uring_buf_ring_available(ring, br, 5) < 0);
	}
	check_int(io_uring_free_buf_ring(ring, br, 8, 2), 0);
#else
	skip("this liburing does not have it");
#endif
}

static void test_personality(void)
{
	struct io_uring *ring = open_ring(8, 0);
	int id = io_uring_register_personality(ring);

	check(id > 0);
	io_uring_prep_nop(entry(ring));
	ring->sq.sqes[(ring->sq.sqe_tail - 1) & ring->sq.ring_mask].personality = (__u16)id;
	check_int(run(ring), 0);
	check_int(io_uring_unregister_personality(ring, id), 0);
	check_int(io_uring_unregister_personality(ring, id), -EINVAL);
}

static void test_workers(void)
{
	struct io_uring *ring = open_ring(8, 0);
	unsigned max[2] = { 0, 0 }, before;
	cpu_set_t cpus;

	check_int(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	check_int(io_uring_register_iowq_aff(ring, sizeof(cpus), &cpus), 0);
	check_int(io_uring_unregister_iowq_aff(ring), 0);
	check_int(io_uring_register_iowq_max_workers(ring, max), 0);
	before = max[0];
	check(before > 0);
	max[0] = 2;
	max[1] = 0;
	check_int(io_uring_register_iowq_max_workers(ring, max), 0);
	check_int(max[0], before);
	max[0] = 0;
	check_int(io_uring_register_iowq_max_workers(ring, max), 0);
	check_int(max[0], 2);
}

static void test_sync(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_sync_cancel_reg reg = {
		.addr = 4711, .timeout = { .tv_sec = -1, .tv_nsec = -1 },
	};
	int fds[2], ret;
	char c;

	check_int(pipe(fds), 0);
	io_uring_prep_read(entry(ring), fds[0], &c, 1, 0);
	check_int(io_uring_submit(ring), 1);
	ret = io_uring_register_sync_cancel(ring, &reg);
	if (ret == -EINVAL)
		skip("cancelling without an entry: this kernel does not have it");
	check_int(ret, 0);
	check_int(run(ring), -ECANCELED);
	check_int(io_uring_register_sync_cancel(ring, &reg), -ENOENT);
#if SINCE(11)
	struct io_uring_sqe sqe;
	unsigned flags;

	memset(&sqe, 0, sizeof(sqe));
	io_uring_prep_msg_ring(&sqe, ring->ring_fd, 55, 66, 0);
	ret = io_uring_register_sync_msg(&sqe);
	if (ret == -EINVAL)
		skip("messages without an entry: this kernel does not have them");
	check_int(ret, 0);
	check_int(next_cqe(ring, &flags), 55);
#endif
}

static void test_clock(void)
{
#if SINCE(8)
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_clock_register clock = { .clockid = 7 /* CLOCK_BOOTTIME */ };
	struct __kernel_timespec soon = { .tv_nsec = 1000000 };
	struct io_uring_cqe *cqe;
	int ret = io_uring_register_clock(ring, &clock);

	if (ret == -EINVAL)
		skip("another clock: this kernel does not have it");
	check_int(ret, 0);
	check_int(io_uring_wait_cqe_timeout(ring, &cqe, &soon), -ETIME);
	clock.clockid = 0 /* CLOCK_REALTIME */;
	check_int(io_uring_register_clock(ring, &clock), -EINVAL);
#else
	skip("this liburing does not have it");
#endif
}

static void test_napi(void)
{
#if SINCE(6)
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_napi napi = { .busy_poll_to = 50 };
	int ret = io_uring_register_napi(ring, &napi);

	if (ret == -EINVAL)
		skip("busy polling: this kernel does not have it");
	check_int(ret, 0);
	memset(&napi, 0, sizeof(napi));
	check_int(io_uring_unregister_napi(ring, &napi), 0);
	check_int(napi.busy_poll_to, 50);
#else
	skip("this liburing does not have it");
#endif
}

/* Features that this machine lacks: the call reaches the kernel, which returns the error. */
static void test_refused(void)
{
#if SINCE(15)
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_zcrx_ifq_reg ifq = { .if_idx = 1 };
	struct zcrx_ctrl ctrl = { 0 };
	struct io_uring_bpf bpf;

	memset(&bpf, 0, sizeof(bpf));
	check(io_uring_register_ifq(ring, &ifq) < 0);
	check(io_uring_register_zcrx_ctrl(ring, &ctrl) < 0);
	check(io_uring_register_bpf_filter(ring, &bpf) < 0);
	check(io_uring_register_bpf_filter_task(&bpf) < 0);
#else
	skip("this liburing does not have them");
#endif
}

static void test_query(void)
{
#if SINCE(15)
	struct io_uring_query_opcode opcodes = { 0 };
	struct io_uring_query_hdr query = {
		.query_op = IO_URING_QUERY_OPCODES,
		.query_data = (uintptr_t)&opcodes,
		.size = sizeof(opcodes),
	};
	int ret = io_uring_register_query(&query);

	if (ret == -EINVAL)
		skip("queries: this kernel does not have them");
	check_int(ret, 0);
	check_int(query.result, 0);
	check(opcodes.nr_request_opcodes > IORING_OP_PIPE);
	check(opcodes.ring_setup_flags & IORING_SETUP_CQE_MIXED);
#else
	skip("this liburing does not have it");
#endif
}

/* The only function that works in our library while liburing refuses it. */
static void test_wait_reg(void)
{
#ifdef RINGSHIM_URING_H
	struct io_uring *ring = open_ring(8, IORING_SETUP_R_DISABLED);
	struct __kernel_timespec soon = { .tv_nsec = 1000000 };
	struct io_uring_reg_wait *waits;
	struct io_uring_cqe *cqe;
	int ret;

	waits = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(waits, 0, 4096);
	ret = io_uring_register_wait_reg(ring, waits, 4096 / sizeof(*waits));
	if (ret == -EINVAL)
		skip("registered waits: this kernel does not have them");
	check_int(ret, 0);
	check_int(io_uring_enable_rings(ring), 0);
	waits[0].ts = soon;
	waits[0].flags = IORING_REG_WAIT_TS;
	check_int(io_uring_submit_and_wait_reg(ring, &cqe, 1, 0), -ETIME);
#else
	skip("liburing refuses it");
#endif
}

static const struct test tests[] = {
	{ "buffers", test_buffers },
	{ "cloned buffers", test_clone },
	{ "files", test_files },
	{ "more files than RLIMIT_NOFILE", test_files_limit },
	{ "a ring of buffers", test_buf_ring },
	{ "a ring of buffers that the library allocates", test_buf_ring_setup },
	{ "personality", test_personality },
	{ "workers", test_workers },
	{ "operations without an entry", test_sync },
	{ "clock", test_clock },
	{ "busy polling", test_napi },
	{ "registrations that are refused", test_refused },
	{ "query", test_query },
	{ "wait arguments", test_wait_reg },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
