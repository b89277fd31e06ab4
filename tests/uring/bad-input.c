/* SPDX-License-Identifier: MIT */
/* Tests bad input to the wrapper library: it must cause an error, never a crash. */
#include <limits.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "ring.h"

static void test_entries(void)
{
	static const unsigned bad[] = { 0, 3, 5, 4095, 4097, 8192, 1u << 31, UINT_MAX };
	struct uring ring;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		check_int(uring_init(&ring, NULL, bad[i]), -EINVAL);
		check_int(ring.fd, -1);
		check_int(uring_init_thread(&ring, bad[i]), -EINVAL);
		check_int(ring.enter_fd, -1);
	}
	check_int(uring_init_mem(&ring, NULL, 0, NULL, 0), -EINVAL);
	check_int(uring_init_mem(&ring, NULL, 1u << 31, NULL, 0), -EINVAL);
	check_int(uring_init_mem(&ring, NULL, UINT_MAX, &ring, 1), -EINVAL);
}

/* Checks the error of every function for an invalid ring. */
static void refuse_all(struct uring *ring, int error)
{
	struct uring_getevents_arg arg = { 0 };
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring_buf_ring *br;
	struct uring_cqe cqe, *place;
	unsigned flags = 0, max[2] = { 0 };
	uint16_t head;
	int fd = 0;

	check(uring_get_sqe(ring, 0) == NULL);
	check(uring_get_sqe(ring, UINT_MAX) == NULL);
	check(uring_nop(ring, 1) == NULL);
	check(uring_read(ring, 1, 0, &cqe, 1, 0) == NULL);
	check_int(uring_sq_ready(ring), 0);
	check_int(uring_free_space(ring), 0);
	check_int(uring_flush_sq(ring), 0);
	check_int(uring_sq_ring_needs_enter(ring, &flags), 0);
	check_int(uring_cq_ring_needs_flush(ring), 0);
	check_int(uring_cq_has_overflow(ring), 0);
	check_int(uring_cq_ready(ring), 0);
	uring_cq_advance(ring, 1);
	uring_cqe_seen(ring);
	check_int(uring_copy_cqes_ready(ring, &cqe, 1), 0);
	check_int(uring_cq_eventfd_enabled(ring), 1);
	check_int(uring_cq_eventfd_toggle(ring, 0), error);
	check_int(uring_submit(ring, 0, NULL), error);
	check_int(uring_submit(ring, 1, NULL), error);
	check_int(uring_submit_wait(ring, 1, 0, &arg), error);
	check_int(uring_submit_wait_reg(ring, 1, 0), error);
	check_int(uring_copy_cqes(ring, &cqe, 1, 1, NULL), error);
	check_int(uring_wait(ring, 1, 0, NULL), error);
	check_int(uring_peek_cqes(ring, &place, 1), 0);
	check(uring_peek_cqe(ring) == NULL);
	check(uring_take_sqe128(ring) == NULL);
	check_int(uring_enter(ring, 0, 0, 0, NULL, 0), error);
	check_int(uring_get_events(ring), error);
	check_int(uring_sq_wait(ring), error);
	check_int(uring_register(ring, URING_UNREGISTER_FILES, NULL, 0), error);
	check_int(uring_register_files(ring, &fd, 1), error);
	check_int(uring_register_buffers_sparse(ring, 1), error);
	check_int(uring_register_ring_fd(ring), error);
	check_int(uring_unregister_ring_fd(ring), error);
	check_int(uring_close_ring_fd(ring), error);
	check_int(uring_register_iowq_max_workers(ring, max), error);
	check_int(uring_enable_rings(ring), error);
	check_int(uring_dontfork(ring), error);
	check_int(uring_resize_rings(ring, &params), error);
	check_int(uring_setup_buf_ring(ring, &br, 1, 1, 0), error);
	check_int(uring_buf_ring_head(ring, 1, &head), error);
	check_int(uring_clone_buffers(ring, open_ring_with(1, 0)), error);
	check_int(uring_clone_buffers(open_ring_with(1, 0), ring), error);
	uring_destroy(ring);
	uring_forget(ring);
}

static void test_null_ring(void)
{
	check_int(uring_init(NULL, NULL, 1), -EINVAL);
	check_int(uring_init_mem(NULL, NULL, 1, NULL, 0), -EINVAL);
	check_int(uring_init_thread(NULL, 1), -EINVAL);
	check_int(uring_set_iowait(NULL, 0), -EINVAL);
	refuse_all(NULL, -EINVAL);
}

static void test_closed_ring(void)
{
	struct uring ring;

	check_int(uring_init(&ring, NULL, 4), 0);
	uring_nop(&ring, 1);
	uring_destroy(&ring);
	refuse_all(&ring, -EBADF);
	check_int(uring_init_thread(&ring, 4), 0);
	uring_destroy(&ring);
	refuse_all(&ring, -EBADF);
	/* A ring whose setup failed. */
	check_int(uring_init(&ring, NULL, 3), -EINVAL);
	refuse_all(&ring, -EBADF);
}

static void test_full_queue(void)
{
	struct uring *ring = open_ring(2);
	struct uring_timespec ts = { 0 };
	char c = 0;

	check(uring_nop(ring, 1) && uring_nop(ring, 2));
	check(uring_get_sqe(ring, 0) == NULL);
	check(uring_read(ring, 1, 0, &c, 1, 0) == NULL);
	check(uring_link_timeout(ring, 1, &ts, 0) == NULL);
	check(uring_fixed_file(uring_write(ring, 1, 0, &c, 1, 0), 0) == NULL);
	check(uring_select_buffer(uring_recv(ring, 1, 0, NULL, 1, 0), 0) == NULL);
	check_int(uring_submit(ring, 2, NULL), 2);
	check_int(uring_cq_ready(ring), 2);
}

static void test_lengths(void)
{
	struct uring *ring = open_ring(8);
	struct iovec iov = { (void *)8, SIZE_MAX };
	struct uring_cqe cqe;
	int fd = temp_file(), fds[2];
	char c = 'x';

	check_int(pwrite(fd, "abc", 3, 0), 3);
	/* The result is that of the system call. */
	check_int(run(ring, uring_read(ring, 1, fd, (void *)8, SIZE_MAX, 0)), -EFAULT);
	check_int(run(ring, uring_write(ring, 1, fd, (void *)8, SIZE_MAX, 0)), -EFAULT);
	check_int(run(ring, uring_read(ring, 1, fd, &c, 1, 1ull << 63)), -EINVAL);
	check(run(ring, uring_readv(ring, 1, fd, &iov, 1, 0)) < 0);
	check_int(run(ring, uring_readv(ring, 1, fd, (struct iovec *)8, 1, 0)), -EFAULT);
	check_int(run(ring, uring_readv(ring, 1, fd, &iov, UINT_MAX, 0)), -EINVAL);
	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check_int(run(ring, uring_send(ring, 1, fds[0], (void *)8, SIZE_MAX, 0)), -EFAULT);
	check_int(write(fds[0], "y", 1), 1);
	check_int(run(ring, uring_recv(ring, 1, fds[1], (void *)8, SIZE_MAX, 0)), -EFAULT);
	check_int(run(ring, uring_sendto(ring, 1, fds[0], &c, 1, 0, (struct sockaddr *)8,
					 UINT16_MAX)), -EINVAL);
	check_int(run(ring, uring_openat(ring, 1, AT_FDCWD, (char *)8, 0, 0)), -EFAULT);
	check_int(run(ring, uring_openat2(ring, 1, AT_FDCWD, "x", NULL)), -EFAULT);
	check_int(run(ring, uring_connect(ring, 1, fds[0], (struct sockaddr *)8, UINT_MAX)),
		  -EINVAL);
	check_int(run(ring, uring_timeout(ring, 1, NULL, 0, 0)), -EFAULT);
	check_int(run(ring, uring_files_update(ring, 1, NULL, UINT_MAX, 0)), -ENXIO);
	check_int(run(ring, uring_provide_buffers(ring, 1, (void *)8, UINT_MAX, INT_MAX, 1, 0)),
		  -E2BIG);
	check(run(ring, uring_futex_waitv(ring, 1, (struct uring_futex_waitv *)8, 1)) < 0);
	check_int(uring_copy_cqes(ring, NULL, 4, 1, NULL), -EINVAL);
	check_int(uring_copy_cqes(ring, &cqe, UINT_MAX, 0, NULL), 0);
}

static void test_times(void)
{
	static const struct uring_timespec bad[] = {
		{ -1, 0 }, { 0, -1 }, { 0, 1000000000 }, { INT64_MIN, INT64_MIN },
		{ INT64_MAX, INT64_MAX },
	};
	struct uring_timespec for_ever = { INT64_MAX, 999999999 }, soon = { .tv_nsec = 10000000 };
	struct uring *ring = open_ring(8);
	struct uring_cqe cqe;

	for (int without = 0; without < 2; without++) {
		for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
			check_int(uring_submit(ring, 1, &bad[i]), -EINVAL);
			check_int(uring_copy_cqes(ring, &cqe, 1, 1, &bad[i]), -EINVAL);
		}
		check(uring_timeout(ring, 1, &soon, 0, 0) != NULL);
		check_int(uring_submit(ring, 0, NULL), 1);
		check_int(uring_copy_cqes(ring, &cqe, 1, 1, &for_ever), 1);
		check_int(cqe.res, -ETIME);
		if (ring->fd < 0)
			return;
		/* As on kernels before 5.11. */
		ring->features &= ~URING_FEAT_EXT_ARG;
	}
}

static void test_registrations(void)
{
	struct iovec huge = { (void *)4096, SIZE_MAX }, none = { NULL, 0 };
	struct uring *ring = open_ring_to_register(8);
	struct uring_buf_reg reg = { .ring_addr = 8, .ring_entries = 4 };
	struct uring_buf_ring *br = NULL;
	struct uring_reg_wait *waits = (struct uring_reg_wait *)(uintptr_t)8;

	check(uring_register_buffers(ring, &huge, 1) < 0);
	check_int(uring_register_buffers(ring, NULL, 1), -EFAULT);
	check(uring_register_buffers(ring, &none, UINT_MAX) < 0);
	check_int(uring_register_buffers_sparse(ring, UINT_MAX), -EINVAL);
	check_int(uring_register_buffers_update(ring, UINT_MAX, &none, NULL, 2), -EOVERFLOW);
	check_int(uring_register_files(ring, NULL, 4), -EFAULT);
	check(uring_register_files(ring, NULL, UINT_MAX) < 0);
	check(uring_register_files_sparse(ring, UINT_MAX) < 0);
	check(uring_register_files_update(ring, UINT_MAX, NULL, UINT_MAX) < 0);
	check(uring_register_file_alloc_range(ring, UINT_MAX, UINT_MAX) < 0);
	check_int(uring_register_eventfd(ring, -1), -EBADF);
	check_int(uring_register_eventfd(ring, temp_file()), -EINVAL);
	check_int(uring_register_buf_ring(ring, &reg), -EINVAL);
	check(uring_register_buf_ring(ring, NULL) < 0);
	check_int(uring_setup_buf_ring(ring, NULL, 4, 0, 0), -EINVAL);
	check_int(uring_setup_buf_ring(ring, &br, UINT_MAX, 0, 0), -EINVAL);
	check_int(uring_setup_buf_ring(ring, &br, 4, 0, URING_PBUF_RING_MMAP), -EINVAL);
	check_int(uring_free_buf_ring(ring, NULL, 4, 0), -EINVAL);
	check_int(uring_unregister_buf_ring(ring, UINT_MAX), -EINVAL);
	check_int(uring_buf_ring_head(ring, 0, NULL), -EINVAL);
	check_int(uring_buf_ring_available(ring, NULL, 0), -EINVAL);
	check_int(uring_unregister_personality(ring, -1), -EINVAL);
	check(uring_register_restrictions(ring, NULL, UINT_MAX) < 0);
	check(uring_register_iowq_max_workers(ring, NULL) < 0);
	check(uring_register_iowq_aff(ring, 1, NULL) < 0);
	check(uring_register_napi(ring, NULL) < 0);
	check(uring_register_clock(ring, UINT_MAX) < 0);
	check(uring_register_sync_cancel(ring, NULL) < 0);
	check(uring_register_sync_msg(NULL) < 0);
	check(uring_register_region(ring, NULL) < 0);
	check(uring_register_wait_region(ring, waits, UINT_MAX) < 0);
	check(uring_register_query(ring, (struct uring_query_hdr *)(uintptr_t)8) < 0);
	check(uring_register_probe(ring, NULL, 1) < 0);
	check(uring_register_ifq(ring, NULL) < 0);
	check(uring_register_zcrx_ctrl(ring, NULL) < 0);
	check_int(uring_clone_buffers(ring, NULL), -EINVAL);
	/* The ring still works. */
	check_int(run(ring, uring_nop(ring, 1)), 0);
}

static const struct test tests[] = {
	{ "invalid numbers of entries", test_entries },
	{ "a ring that is NULL", test_null_ring },
	{ "a closed ring", test_closed_ring },
	{ "a full queue", test_full_queue },
	{ "invalid lengths and addresses", test_lengths },
	{ "invalid times", test_times },
	{ "invalid registrations", test_registrations },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
