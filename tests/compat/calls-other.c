/* SPDX-License-Identifier: MIT */
/*
 * Tests liburing's other preparations, each run once, and the contents of entries and completions.
 */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "calls.h"

#define MATCH_ANY 0xffffffffu
#define FUTEX_U32 2		/* FUTEX2_SIZE_U32 */

static void test_nop(void)
{
	struct io_uring *ring = open_ring(8, 0);

	io_uring_prep_nop(entry(ring));
	check_int(run(ring), 0);
#if SINCE(13)
	need_op(IORING_OP_NOP128, "nop128");
	ring = open_ring(8, IORING_SETUP_SQE_MIXED);
	struct io_uring_sqe *sqe = io_uring_get_sqe128(ring);

	check(sqe != NULL);
	io_uring_prep_nop128(sqe);
	sqe->user_data = 4711;
	check_int(run(ring), 0);
#endif
}

static void test_data(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
	struct io_uring_cqe *cqe;
	int here;

	/* Set before the preparation and after it. */
	io_uring_sqe_set_data(sqe, &here);
	io_uring_prep_nop(sqe);
	sqe = _io_uring_get_sqe(ring);
	io_uring_prep_nop(sqe);
	io_uring_sqe_set_flags(sqe, IOSQE_ASYNC);
	check_int(sqe->flags, IOSQE_ASYNC);
	io_uring_sqe_set_data64(sqe, UINT64_MAX - 1);
	check_int(io_uring_submit_and_wait(ring, 2), 2);
	for (int i = 0; i < 2; i++) {
		check_int(io_uring_wait_cqe(ring, &cqe), 0);
		if (io_uring_cqe_get_data64(cqe) == UINT64_MAX - 1)
			check(io_uring_cqe_get_data(cqe) == (void *)(UINTPTR_MAX - 1));
		else
			check(io_uring_cqe_get_data(cqe) == &here);
		io_uring_cqe_seen(ring, cqe);
	}
}

/*
 * Since 2.5, a field that was set before and does not belong to the preparation keeps its value.
 */
static void test_kept(void)
{
#if SINCE(5)
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_sqe *sqe = entry(ring);

	sqe->flags = IOSQE_IO_LINK;
	sqe->ioprio = 7;
	sqe->personality = 3;
	sqe->buf_group = 9;
	io_uring_prep_recv(sqe, 1, NULL, 2, 3);
	check_int(sqe->flags, IOSQE_IO_LINK);
	check_int(sqe->ioprio, 7);
	check_int(sqe->personality, 3);
	check_int(sqe->buf_group, 9);
	check_int(sqe->user_data, 4711);
	check_int(sqe->opcode, IORING_OP_RECV);
	check_int(sqe->fd, 1);
	check_int(sqe->len, 2);
	check_int(sqe->msg_flags, 3);
	/* Fields that belong to the preparation are overwritten. */
	sqe->addr = sqe->off = 5;
	io_uring_prep_nop(sqe);
	check_int(sqe->addr | sqe->off | sqe->len, 0);
	sqe->addr3 = 5;
	io_uring_initialize_sqe(sqe);
	check_int(sqe->flags | sqe->ioprio | sqe->personality | sqe->buf_group, 0);
	check_int(sqe->rw_flags | sqe->file_index | sqe->addr3, 0);
	check_int(sqe->user_data, 4711);
#else
	skip("this liburing clears them");
#endif
}

static void test_timeouts(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct __kernel_timespec soon = { .tv_nsec = 5000000 }, late = { .tv_sec = 60 };
	struct io_uring_sqe *sqe;
	unsigned flags;
	int fds[2], results[2];
	char c;

	check_int(pipe(fds), 0);
	io_uring_prep_timeout(entry(ring), &soon, 0, 0);
	check_int(run(ring), -ETIME);
	io_uring_prep_timeout(entry(ring), &late, 0, 0);
	check_int(io_uring_submit(ring), 1);
	io_uring_prep_timeout_update(io_uring_get_sqe(ring), &late, 4711, 0);
	check_int(next_cqe(ring, &flags), 0);
	io_uring_prep_timeout_remove(io_uring_get_sqe(ring), 4711, 0);
	results[0] = next_cqe(ring, &flags);
	results[1] = next_cqe(ring, &flags);
	check_int(results[0] + results[1], -ECANCELED);

	sqe = entry(ring);
	io_uring_prep_read(sqe, fds[0], &c, 1, 0);
	sqe->flags |= IOSQE_IO_LINK;
	io_uring_prep_link_timeout(entry(ring), &soon, 0);
	results[0] = next_cqe(ring, &flags);
	results[1] = next_cqe(ring, &flags);
	check_int(results[0] + results[1], -ECANCELED - ETIME);
}

static void test_cancel(void)
{
	struct io_uring *ring = open_ring(8, 0);
	struct io_uring_sqe *sqe;
	int fds[2], here, results[2];
	unsigned flags;
	char c;

	check_int(pipe(fds), 0);
	for (int i = 0; i < 3; i++) {
		sqe = entry(ring);
		io_uring_prep_read(sqe, fds[0], &c, 1, 0);
		io_uring_sqe_set_data(sqe, &here);
		check_int(io_uring_submit(ring), 1);
		sqe = io_uring_get_sqe(ring);
		if (i == 0)
			io_uring_prep_cancel(sqe, &here, 0);
		else if (i == 1)
			io_uring_prep_cancel64(sqe, (uintptr_t)&here, 0);
		else
			io_uring_prep_cancel_fd(sqe, fds[0], 0);
		results[0] = next_cqe(ring, &flags);
		results[1] = next_cqe(ring, &flags);
		check_int(results[0] + results[1], -ECANCELED);
	}
	io_uring_prep_cancel(entry(ring), &here, 0);
	check_int(run(ring), -ENOENT);
}

static void test_files_and_buffers(void)
{
	struct io_uring *ring = open_ring(8, 0);
	static char memory[64];
	struct io_uring_sqe *sqe;
	int fds[2];
	char c;

	check_int(pipe(fds), 0);
	check_int(io_uring_register_files_sparse(ring, 4), 0);
	io_uring_prep_files_update(entry(ring), fds, 2, 1);
	check_int(run(ring), 2);
	sqe = entry(ring);
	io_uring_prep_write(sqe, 2, "x", 1, 0);
	sqe->flags |= IOSQE_FIXED_FILE;
	check_int(run(ring), 1);
	check_int(read(fds[0], &c, 1), 1);
	io_uring_prep_provide_buffers(entry(ring), memory, 8, 8, 5, 0);
	check_int(run(ring), 0);
	io_uring_prep_remove_buffers(entry(ring), 3, 5);
	check_int(run(ring), 3);
	io_uring_prep_remove_buffers(entry(ring), 8, 5);
	check_int(run(ring), 5);
#if SINCE(6)
	need_op(IORING_OP_FIXED_FD_INSTALL, "fixed_fd_install");
	io_uring_prep_fixed_fd_install(entry(ring), 2, 0);
	fds[1] = run(ring);
	check(fds[1] > fds[0]);
	check_int(write(fds[1], "y", 1), 1);
	check_int(read(fds[0], &c, 1), 1);
#endif
}

static void test_messages(void)
{
	struct io_uring *ring = open_ring(8, 0), *other = open_ring(8, 0);
	struct io_uring_cqe *cqe;
	int fds[2];

	need_op(IORING_OP_MSG_RING, "msg_ring");
	io_uring_prep_msg_ring(entry(ring), other->ring_fd, 12, 34, 0);
	check_int(run(ring), 0);
	check_int(io_uring_wait_cqe(other, &cqe), 0);
	check_int(cqe->res, 12);
	check_int(cqe->user_data, 34);
	io_uring_cqe_seen(other, cqe);
#if SINCE(4)
	need_op(IORING_OP_READ_MULTISHOT, "msg_ring_cqe_flags");
	io_uring_prep_msg_ring_cqe_flags(entry(ring), other->ring_fd, 12, 34, 0, 5 << 16);
	check_int(run(ring), 0);
	check_int(io_uring_wait_cqe(other, &cqe), 0);
	check_int(cqe->flags, 5 << 16);
	io_uring_cqe_seen(other, cqe);
	check_int(pipe(fds), 0);
	check_int(io_uring_register_files(ring, fds, 2), 0);
	check_int(io_uring_register_files_sparse(other, 4), 0);
	io_uring_prep_msg_ring_fd(entry(ring), other->ring_fd, 0, 3, 77, 0);
	check_int(run(ring), 0);
	check_int(io_uring_wait_cqe(other, &cqe), 0);
	check_int(cqe->user_data, 77);
	io_uring_cqe_seen(other, cqe);
	io_uring_prep_msg_ring_fd_alloc(entry(ring), other->ring_fd, 1, 78, 0);
	check(run(ring) < 3);
	check_int(io_uring_wait_cqe(other, &cqe), 0);
	check_int(cqe->user_data, 78);
	io_uring_cqe_seen(other, cqe);
	io_uring_prep_close_direct(entry(other), 3);
	check_int(run(other), 0);
#else
	(void)fds;
#endif
}

static void test_processes(void)
{
#if SINCE(5)
	struct io_uring *ring = open_ring(8, 0);
	siginfo_t info = { 0 };
	pid_t pid;

	need_op(IORING_OP_WAITID, "waitid");
	pid = fork();
	if (pid == 0)
		_exit(7);
	io_uring_prep_waitid(entry(ring), P_PID, (id_t)pid, &info, WEXITED, 0);
	check_int(run(ring), 0);
	check_int(info.si_pid, pid);
	check_int(info.si_status, 7);
	io_uring_prep_waitid(entry(ring), P_ALL, 0, NULL, WEXITED, 0);
	check_int(run(ring), -ECHILD);
#else
	skip("this liburing does not have it");
#endif
}

static void test_futexes(void)
{
#if SINCE(5)
	struct io_uring *ring = open_ring(8, 0);
	uint32_t futex = 5, other = 6;
	struct futex_waitv waitv[2] = {
		{ .val = 5, .uaddr = (uintptr_t)&futex, .flags = FUTEX_U32 },
		{ .val = 6, .uaddr = (uintptr_t)&other, .flags = FUTEX_U32 },
	};
	unsigned flags;

	need_op(IORING_OP_FUTEX_WAIT, "futex_wait");
	io_uring_prep_futex_wait(entry(ring), &futex, 6, MATCH_ANY, FUTEX_U32, 0);
	check_int(run(ring), -EAGAIN);
	io_uring_prep_futex_wait(entry(ring), &futex, 5, MATCH_ANY, FUTEX_U32, 0);
	check_int(io_uring_submit(ring), 1);
	io_uring_prep_futex_wake(io_uring_get_sqe(ring), &futex, 1, MATCH_ANY, FUTEX_U32, 0);
	check_int(next_cqe(ring, &flags) + next_cqe(ring, &flags), 1);
	io_uring_prep_futex_waitv(entry(ring), waitv, 2, 0);
	check_int(io_uring_submit(ring), 1);
	check_int(syscall(SYS_futex, &other, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	check_int(run(ring), 1);
#else
	skip("this liburing does not have them");
#endif
}

/* A 128-byte command needs a ring with 128-byte entries. */
static void test_cmd128(void)
{
#if SINCE(13)
	struct io_uring *ring = open_ring(8, IORING_SETUP_SQE128);
	struct io_uring_sqe *sqe = io_uring_get_sqe128(ring);
	struct io_uring_sqe *next = io_uring_get_sqe(ring);
	int res;

	check_int((char *)next - (char *)sqe, 128);
	io_uring_prep_nop(next);
	io_uring_prep_uring_cmd128(sqe, 6, 5);
	sqe->flags = IOSQE_IO_HARDLINK;
	sqe->user_data = 1;
	check_int(sqe->opcode, IORING_OP_URING_CMD128);
	check_int(sqe->fd, 5);
	check_int(sqe->cmd_op, 6);
	check(io_uring_submit(ring) >= 1);
	res = io_uring_cq_ready(ring);
	check(res >= 1);
	check(io_uring_get_sqe128(open_ring(8, 0)) == NULL);
#else
	skip("this liburing does not have it");
#endif
}

static void test_pointers(void)
{
#if SINCE(10)
	int here = 0;

	check_int(uring_ptr_to_u64(&here), (uintptr_t)&here);
	check_int(uring_ptr_to_u64(NULL), 0);
#else
	skip("this liburing does not have it");
#endif
}

static const struct test tests[] = {
	{ "nop", test_nop },
	{ "user data", test_data },
	{ "fields that a preparation keeps", test_kept },
	{ "timeouts", test_timeouts },
	{ "cancelling", test_cancel },
	{ "registered files, provided buffers", test_files_and_buffers },
	{ "messages", test_messages },
	{ "waitid", test_processes },
	{ "futexes", test_futexes },
	{ "commands of 128 bytes", test_cmd128 },
	{ "addresses as numbers", test_pointers },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
