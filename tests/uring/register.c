/* SPDX-License-Identifier: MIT */
/* Tests registrations. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#include "ring.h"

static char area[4][4096] __attribute__((aligned(4096)));

static void test_buffers(void)
{
	static struct iovec too_many[URING_MAX_REG_BUFFERS + 1];
	struct iovec iov[2] = { { area[0], 4096 }, { area[1], 4096 } };
	struct iovec readable = { (void *)(uintptr_t)8, 4096 };
	struct uring *ring = open_ring_to_register(8);
	int fd = temp_file();

	check_int(uring_register_buffers(ring, iov, 2), 0);
	check_int(uring_register_buffers(ring, iov, 2), -EBUSY);
	check_int(run(ring, uring_write_fixed(ring, 1, fd, area[1], 100, 0, 1)), 100);
	check_int(uring_unregister_buffers(ring), 0);
	check_int(uring_unregister_buffers(ring), -ENXIO);
	check_int(run(ring, uring_write_fixed(ring, 1, fd, area[1], 100, 0, 1)), -EFAULT);
	check_int(uring_register_buffers(ring, &readable, 1), -EFAULT);
	check_int(uring_register_buffers(ring, iov, 0), -EINVAL);
	check_int(uring_register_buffers(ring, too_many, URING_MAX_REG_BUFFERS + 1), -EINVAL);
}

static void test_buffers_tags(void)
{
	struct iovec iov[2] = { { area[0], 4096 }, { area[1], 4096 } };
	struct iovec other = { area[2], 4096 };
	uint64_t tags[2] = { 71, 72 };
	struct uring *ring = open_ring_to_register(8);
	int fd = temp_file();

	check_int(uring_register_buffers_tags(ring, iov, tags, 2), 0);
	check_int(uring_register_buffers_update(ring, 1, &other, NULL, 1), 1);
	/* The previous resource has now been freed. */
	check_int(next_cqe(ring).user_data, 72);
	check_int(run(ring, uring_write_fixed(ring, 1, fd, area[2], 100, 0, 1)), 100);
	check_int(run(ring, uring_write_fixed(ring, 1, fd, area[1], 100, 0, 1)), -EFAULT);
	check_int(uring_unregister_buffers(ring), 0);
	if (of_the_age_of(URING_WHAT_REGISTER, URING_REGISTER_RESIZE_RINGS))
		check_int(next_cqe(ring).user_data, 71);
}

static void test_buffers_sparse(void)
{
	struct iovec iov = { area[0], 4096 };
	struct uring *ring = open_ring_to_register(8);
	int fd = temp_file();

	check_int(uring_register_buffers_sparse(ring, 10), 0);
	check_int(run(ring, uring_write_fixed(ring, 1, fd, area[0], 100, 0, 9)), -EFAULT);
	check_int(uring_register_buffers_update(ring, 9, &iov, NULL, 1), 1);
	check_int(run(ring, uring_write_fixed(ring, 1, fd, area[0], 100, 0, 9)), 100);
	check_int(uring_register_buffers_update(ring, 10, &iov, NULL, 1), -EINVAL);
}

static void test_clone_buffers(void)
{
	struct iovec iov[2] = { { area[0], 4096 }, { area[1], 4096 } };
	struct uring *from = open_ring_to_register(8), *to = open_ring_to_register(8), *third = open_ring_to_register(8);
	int fd = temp_file();

	need(URING_WHAT_REGISTER, URING_REGISTER_CLONE_BUFFERS);
	check_int(uring_clone_buffers(to, from), -ENXIO);
	check_int(uring_register_buffers(from, iov, 2), 0);
	check_int(uring_clone_buffers(to, from), 0);
	check_int(uring_clone_buffers(to, from), -EBUSY);
	check_int(run(to, uring_write_fixed(to, 1, fd, area[1], 100, 0, 1)), 100);
	need_age_of(URING_WHAT_REGISTER, URING_REGISTER_RESIZE_RINGS, "clone_buffers_offset");
	/* The second buffer becomes the first. */
	check_int(uring_clone_buffers_offset(third, from, 0, 1, 1, 0), 0);
	check_int(run(third, uring_write_fixed(third, 1, fd, area[1], 100, 0, 0)), 100);
	check_int(uring_clone_buffers_offset(third, from, 0, 0, 2, URING_REGISTER_DST_REPLACE), 0);
	check_int(run(third, uring_write_fixed(third, 1, fd, area[0], 100, 0, 0)), 100);
}

static void test_files(void)
{
	struct uring *ring = open_ring_to_register(8);
	int fds[2], update[2], both[2];
	char c = 0;

	check_int(pipe(fds), 0);
	both[0] = fds[0];
	both[1] = -1;
	check_int(uring_register_files(ring, both, 2), 0);
	check_int(uring_register_files(ring, both, 2), -EBUSY);
	check_int(run(ring, uring_fixed_file(uring_write(ring, 1, 0, "a", 1, 0), 1)), -EBADF);
	update[0] = URING_REGISTER_FILES_SKIP;
	update[1] = fds[1];
	check_int(uring_register_files_update(ring, 0, update, 2), 2);
	check_int(run(ring, uring_fixed_file(uring_write(ring, 1, 0, "a", 1, 0), 1)), 1);
	check_int(run(ring, uring_fixed_file(uring_read(ring, 1, 0, &c, 1, 0), 0)), 1);
	check_int(uring_register_files_update(ring, 1, update, 2), -EINVAL);
	check_int(uring_unregister_files(ring), 0);
	check_int(uring_unregister_files(ring), -ENXIO);
	both[0] = 12345;
	check_int(uring_register_files(ring, both, 1), -EBADF);
	check_int(uring_register_files(ring, both, 0), -EINVAL);
}

static void test_files_tags(void)
{
	struct uring *ring = open_ring_to_register(8);
	uint64_t tags[2] = { 81, 0 }, more_tags[1] = { 83 };
	int fds[2], minus = -1;
	char c = 0;

	check_int(pipe(fds), 0);
	check_int(uring_register_files_tags(ring, fds, tags, 2), 0);
	check_int(uring_register_files_update_tags(ring, 0, &fds[1], more_tags, 1), 1);
	check_int(next_cqe(ring).user_data, 81);
	check_int(run(ring, uring_fixed_file(uring_write(ring, 1, 0, "b", 1, 0), 0)), 1);
	check_int(read(fds[0], &c, 1), 1);
	check_int(uring_register_files_update_tags(ring, 0, &minus, NULL, 1), 1);
	check_int(next_cqe(ring).user_data, 83);
}

static void test_files_sparse(void)
{
	struct uring *ring = open_ring_to_register(8);

	check_int(uring_register_files_sparse(ring, 20), 0);
	check_int(uring_register_file_alloc_range(ring, 10, 2), 0);
	check_int(run(ring, uring_socket_direct(ring, 1, AF_INET, SOCK_DGRAM, 0,
						URING_FILE_INDEX_ALLOC)), 10);
	check_int(run(ring, uring_socket_direct(ring, 1, AF_INET, SOCK_DGRAM, 0,
						URING_FILE_INDEX_ALLOC)), 11);
	check_int(run(ring, uring_socket_direct(ring, 1, AF_INET, SOCK_DGRAM, 0,
						URING_FILE_INDEX_ALLOC)), -ENFILE);
	check_int(uring_register_file_alloc_range(ring, 19, 2), -EINVAL);
}

static void test_buf_ring(void)
{
	struct uring_buf_reg reg = { .ring_entries = 4, .bgid = 5 };
	struct uring *ring = open_ring_to_register(8);
	struct uring_buf_ring *br;
	struct uring_cqe cqe;
	uint16_t head = 99;
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	/* In the test's own memory. */
	br = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(br != MAP_FAILED);
	br->tail = 77;
	uring_buf_ring_init(br);
	reg.ring_addr = (uintptr_t)br;
	check_int(uring_register_buf_ring(ring, &reg), 0);
	check_int(uring_register_buf_ring(ring, &reg), -EEXIST);
	check_int(uring_buf_ring_mask(4), 3);
	for (int i = 0; i < 3; i++)
		uring_buf_ring_add(br, area[i], 100, 50 + i, uring_buf_ring_mask(4), i);
	check_int(br->tail, 0);
	uring_buf_ring_advance(br, 3);
	check_int(br->tail, 3);
	need(URING_WHAT_REGISTER, URING_REGISTER_PBUF_STATUS);
	check_int(uring_buf_ring_available(ring, br, 5), 3);
	check_int(write(fds[0], "ring", 4), 4);
	check(uring_select_buffer(uring_recv(ring, 2, fds[1], NULL, 0, 0), 5));
	check_int(uring_submit(ring, 1, NULL) >= 0, 1);
	cqe = *uring_cqe_at(ring, 0);
	check_int(cqe.res, 4);
	check_int(uring_cqe_buffer(&cqe), 50);
	check(!memcmp(area[0], "ring", 4));
	check_int(uring_buf_ring_head(ring, 5, &head), 0);
	check_int(head, 1);
	check_int(uring_buf_ring_available(ring, br, 5), 2);
	/* Gives back both the completion and the buffer. */
	uring_buf_ring_add(br, area[0], 100, 50, uring_buf_ring_mask(4), 0);
	uring_buf_ring_cq_advance(ring, br, 1);
	check_int(uring_cq_ready(ring), 0);
	check_int(uring_buf_ring_available(ring, br, 5), 3);
	check_int(uring_unregister_buf_ring(ring, 5), 0);
	check_int(uring_unregister_buf_ring(ring, 5), -ENOENT);
	check_int(uring_buf_ring_head(ring, 5, &head), -ENOENT);
	check_int(uring_buf_ring_available(ring, br, 5), -ENOENT);
}

static void test_buf_ring_mmap(void)
{
	struct uring_buf_reg reg = { .ring_entries = 4, .bgid = 6, .flags = URING_PBUF_RING_MMAP };
	struct uring *ring = open_ring_with(8, 0);
	struct uring_buf_ring *br;
	struct uring_cqe cqe;
	int fds[2];

	need_age_of(URING_WHAT_SETUP, URING_SETUP_NO_MMAP, "URING_PBUF_RING_MMAP");
	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check_int(uring_register_buf_ring(ring, &reg), 0);
	br = mmap(NULL, 4 * sizeof(struct uring_buf), PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
		  URING_OFF_PBUF_RING | 6 << URING_OFF_PBUF_SHIFT);
	check(br != MAP_FAILED);
	uring_buf_ring_init(br);
	uring_buf_ring_add(br, area[0], 100, 1, uring_buf_ring_mask(4), 0);
	uring_buf_ring_advance(br, 1);
	check_int(write(fds[0], "ring", 4), 4);
	check(uring_select_buffer(uring_recv(ring, 2, fds[1], NULL, 0, 0), 6));
	cqe = next_cqe(ring);
	check_int(cqe.res, 4);
	check_int(uring_cqe_buffer(&cqe), 1);
	check(!memcmp(area[0], "ring", 4));
}

static void test_setup_buf_ring(void)
{
	struct uring *ring = open_ring_to_register(8);
	struct uring_buf_ring *br;
	struct uring_cqe cqe;
	int fds[2], ret;

	check_int(uring_setup_buf_ring(ring, &br, 3, 0, 0), -EINVAL);
	check_int(uring_setup_buf_ring(ring, &br, 0, 0, 0), -EINVAL);
	check_int(uring_setup_buf_ring(ring, &br, 65536, 0, 0), -EINVAL);
	check_int(uring_setup_buf_ring(ring, &br, 4, 65536, 0), -EINVAL);
	check_int(uring_setup_buf_ring(ring, &br, 32768, 1, 0), 0);
	check_int(uring_free_buf_ring(ring, br, 32768, 1), 0);
	ret = uring_free_buf_ring(ring, br, 32768, 1);
	check(ret == -ENOENT || ret == -EINVAL);
	need_age_of(URING_WHAT_FEATURE, URING_FEAT_MIN_TIMEOUT, "URING_PBUF_RING_INC");
	check_int(uring_setup_buf_ring(ring, &br, 2, 1, URING_PBUF_RING_INC), 0);
	uring_buf_ring_add(br, area[0], 100, 3, uring_buf_ring_mask(2), 0);
	uring_buf_ring_advance(br, 1);
	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	for (int i = 0; i < 4; i++) {
		check_int(write(fds[0], "0123456789012345678901234", 25), 25);
		check(uring_select_buffer(uring_recv(ring, 2, fds[1], NULL, 0, 0), 1));
		cqe = next_cqe(ring);
		check_int(cqe.res, 25);
		check_int(uring_cqe_buffer(&cqe), 3);
		check(!memcmp(area[0] + 25 * i, "0123456789", 10));
		check_int(!!(cqe.flags & URING_CQE_F_BUF_MORE), i < 3);
	}
	check_int(uring_free_buf_ring(ring, br, 2, 1), 0);
}

static void test_personality(void)
{
	struct uring *ring = open_ring_to_register(8);
	struct uring_sqe *sqe;
	char path[4200];
	int id, fd;

	id = uring_register_personality(ring);
	check(id > 0);
	if (getuid() == 0) {
		/* A file that only root can open, opened with other credentials. */
		snprintf(path, sizeof(path), "%s/secret", temp_dir());
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		check(fd >= 0);
		check_int(chmod(temp_dir(), 0755), 0);
		check_int(seteuid(54321), 0);
		check_int(run(ring, uring_openat(ring, 1, AT_FDCWD, path, O_RDONLY, 0)) >= 0,
			  !!(ring->flags & URING_SETUP_SQPOLL));
		sqe = uring_openat(ring, 1, AT_FDCWD, path, O_RDONLY, 0);
		sqe->personality = id;
		check(run(ring, sqe) >= 0);
		check_int(seteuid(0), 0);
	}
	check_int(uring_unregister_personality(ring, id), 0);
	check_int(uring_unregister_personality(ring, id), -EINVAL);
	sqe = uring_nop(ring, 1);
	sqe->personality = id;
	check_int(run(ring, sqe), -EINVAL);
}

static void test_iowq(void)
{
	struct uring *ring = open_ring_to_register(8);
	unsigned max[2] = { 3, 5 };
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	check_int(uring_register_iowq_aff(ring, sizeof(cpus), &cpus), 0);
	check_int(uring_unregister_iowq_aff(ring), 0);
	check_int(uring_register_iowq_aff(ring, (size_t)1 << 40, &cpus), -EINVAL);
	/* Workers exist once an operation needed one. */
	uring_nop(ring, 1)->flags |= URING_SQE_ASYNC;
	next_cqe(ring);
	check_int(uring_register_iowq_max_workers(ring, max), 0);
	max[URING_WQ_BOUND] = max[URING_WQ_UNBOUND] = 0;
	check_int(uring_register_iowq_max_workers(ring, max), 0);
	check_int(max[URING_WQ_BOUND], 3);
	check_int(max[URING_WQ_UNBOUND], 5);
}

static void test_napi(void)
{
	struct uring_napi napi = { .busy_poll_to = 50, .prefer_busy_poll = 1 }, old = { 0 };
	struct uring *ring = open_ring_with(8, 0);
	int ret;

	need(URING_WHAT_REGISTER, URING_REGISTER_NAPI);
	ret = uring_register_napi(ring, &napi);
	if (ret == -EINVAL)
		skip("napi: this kernel is built without busy polling");
	check_int(ret, 0);
	check_int(napi.busy_poll_to, 0);
	check_int(uring_unregister_napi(ring, &old), 0);
	check_int(old.busy_poll_to, 50);
	check_int(old.prefer_busy_poll, 1);
	check_int(uring_unregister_napi(ring, NULL), 0);
}

static void test_clock(void)
{
	struct uring *ring = open_ring_to_register(8);

	need(URING_WHAT_REGISTER, URING_REGISTER_CLOCK);
	check_int(uring_register_clock(ring, CLOCK_BOOTTIME), 0);
	check(is_quiet(ring, 10));
	check_int(uring_register_clock(ring, CLOCK_MONOTONIC), 0);
	check_int(uring_register_clock(ring, CLOCK_REALTIME), -EINVAL);
}

static void test_region(void)
{
	struct uring_region_desc desc = { .size = 4096 };
	struct uring_mem_region_reg reg = { .region_uptr = (uintptr_t)&desc };
	struct uring *ring = open_ring_with(8, 0);

	need(URING_WHAT_REGISTER, URING_REGISTER_MEM_REGION);
	check_int(uring_register_region(ring, &reg), 0);
	check(desc.mmap_offset != 0);
	check_int(uring_register_region(ring, &reg), -EBUSY);
	check(mmap(NULL, 4096, PROT_READ, MAP_SHARED, ring->fd, desc.mmap_offset) != MAP_FAILED);
}

static void test_query(void)
{
	struct uring_query_opcode opcode = { 0 };
	struct uring_query_hdr second = { .query_op = 0xffff };
	struct uring_query_hdr hdr = { .query_data = (uintptr_t)&opcode, .size = sizeof(opcode),
				       .next_entry = (uintptr_t)&second };

	need(URING_WHAT_REGISTER, URING_REGISTER_QUERY);
	check_int(uring_register_query(NULL, &hdr), 0);
	check_int(hdr.result, 0);
	check(opcode.nr_request_opcodes > URING_OP_PIPE);
	check(opcode.nr_register_opcodes > URING_REGISTER_QUERY);
	check_int(second.result, -EOPNOTSUPP);
	opcode.nr_request_opcodes = 0;
	check_int(uring_register_query(open_ring_with(1, 0), &hdr), 0);
	check(opcode.nr_request_opcodes > URING_OP_PIPE);
}

static void test_register_probe(void)
{
	struct { struct uring_probe head; struct uring_probe_op ops[256]; } probe;
	struct uring *ring = open_ring_to_register(8);

	memset(&probe, 0, sizeof(probe));
	check_int(uring_register_probe(ring, &probe.head, 256), 0);
	check(probe.head.last_op >= URING_OP_SEND);
	check(probe.ops[URING_OP_READ].flags & URING_OP_SUPPORTED);
	check_int(probe.ops[200].flags & URING_OP_SUPPORTED, 0);
	check_int(uring_register_probe(ring, &probe.head, 256), -EINVAL);
	memset(&probe, 0, sizeof(probe));
	check_int(uring_register_probe(ring, &probe.head, 257), -EINVAL);
}

/* Registrations newer than this kernel: expects the error, or more where the kernel knows them. */
static void test_newer(void)
{
	struct uring_zcrx_ctrl ctrl = { .zcrx_id = 1234 };
	struct uring_bpf bpf = { .cmd_type = 0xffff };
	struct uring *ring = open_ring_to_register(8);
	int ret;

	ret = uring_register_zcrx_ctrl(ring, &ctrl);
	check(ret == -EINVAL || ret == -ENXIO);
	check_int(uring_register_bpf_filter(ring, &bpf), -EINVAL);
	check_int(uring_register_bpf_filter(NULL, &bpf), -EINVAL);
}

static void test_register(void)
{
	struct uring *ring = open_ring_to_register(8);

	check_int(uring_register(ring, URING_UNREGISTER_FILES, NULL, 0), -ENXIO);
	check_int(uring_register(ring, 0x7fff, NULL, 0), -EINVAL);
}

static const struct test tests[] = {
	{ "uring_register", test_register },
	{ "uring_register_buffers, uring_unregister_buffers", test_buffers },
	{ "uring_register_buffers_tags, _update", test_buffers_tags },
	{ "uring_register_buffers_sparse", test_buffers_sparse },
	{ "uring_clone_buffers, uring_clone_buffers_offset", test_clone_buffers },
	{ "uring_register_files, _update, uring_unregister_files", test_files },
	{ "uring_register_files_tags, _update_tags", test_files_tags },
	{ "uring_register_files_sparse, _file_alloc_range", test_files_sparse },
	{ "uring_register_buf_ring and its helpers", test_buf_ring },
	{ "URING_PBUF_RING_MMAP", test_buf_ring_mmap },
	{ "uring_setup_buf_ring, uring_free_buf_ring", test_setup_buf_ring },
	{ "uring_register_personality", test_personality },
	{ "uring_register_iowq_aff, _max_workers", test_iowq },
	{ "uring_register_napi, uring_unregister_napi", test_napi },
	{ "uring_register_clock", test_clock },
	{ "uring_register_region", test_region },
	{ "uring_register_query", test_query },
	{ "uring_register_probe", test_register_probe },
	{ "uring_register_zcrx_ctrl, uring_register_bpf_filter", test_newer },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
