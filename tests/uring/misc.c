/* SPDX-License-Identifier: MIT */
/* Tests operations on registered files and buffers, other rings, processes and futexes. */
#include <linux/futex.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "ring.h"

#define MATCH_ANY 0xffffffffu
#define FUTEX_U32 2		/* FUTEX2_SIZE_U32 */
#define FUTEX_PRIVATE 128	/* FUTEX2_PRIVATE */

static void test_nop(void)
{
	struct uring *ring = open_ring(8);

	check_int(run(ring, uring_nop(ring, UINT64_MAX)), 0);
}

static void test_fill(void)
{
	struct uring_sqe sqe, zero;

	memset(&sqe, 0xff, sizeof(sqe));
	memset(&zero, 0, sizeof(zero));
	uring_sqe_fill(&sqe, URING_OP_NOP, 0, NULL, 0, 0);
	check(!memcmp(&sqe, &zero, sizeof(sqe)));
	uring_sqe_fill(&sqe, URING_OP_READ, -1, &zero, 2, 3);
	check_int(sqe.opcode, URING_OP_READ);
	check_int(sqe.fd, -1);
	check_int(sqe.addr, (uintptr_t)&zero);
	check_int(sqe.len, 2);
	check_int(sqe.off, 3);
	uring_sqe_set_slot(&sqe, 0);
	check_int(sqe.file_index, 1);
	uring_sqe_set_slot(&sqe, URING_FILE_INDEX_ALLOC);
	check_int(sqe.file_index, URING_FILE_INDEX_ALLOC);
}

static void test_files_update(void)
{
	struct uring *ring = open_ring_to_register(8);
	int fds[2], slots[1];
	char c = 0;

	check_int(pipe(fds), 0);
	check_int(uring_register_files_sparse(ring, 4), 0);
	check_int(run(ring, uring_files_update(ring, 1, fds, 2, 1)), 2);
	check_int(run(ring, uring_fixed_file(uring_write(ring, 1, 0, "x", 1, 0), 2)), 1);
	check_int(run(ring, uring_fixed_file(uring_read(ring, 1, 0, &c, 1, 0), 1)), 1);
	slots[0] = fds[1];
	check_int(run(ring, uring_files_update(ring, 1, slots, 1, URING_FILE_INDEX_ALLOC)), 1);
	check(slots[0] == 0 || slots[0] == 3);
	check_int(run(ring, uring_fixed_file(uring_write(ring, 1, 0, "y", 1, 0), slots[0])), 1);
	check_int(read(fds[0], &c, 1), 1);
	check_int(c, 'y');
	check_int(run(ring, uring_files_update(ring, 1, fds, 2, 3)), -EINVAL);
}

static void test_fixed_fd_install(void)
{
	struct uring *ring = open_ring_to_register(8);
	int fds[2], fd;
	char c = 0;

	need(URING_WHAT_OP, URING_OP_FIXED_FD_INSTALL);
	check_int(pipe(fds), 0);
	check_int(uring_register_files(ring, fds, 2), 0);
	fd = run(ring, uring_fixed_fd_install(ring, 1, 1, 0));
	check(fd > fds[1]);
	check_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
	check_int(write(fd, "z", 1), 1);
	check_int(read(fds[0], &c, 1), 1);
	fd = run(ring, uring_fixed_fd_install(ring, 1, 0, URING_FIXED_FD_NO_CLOEXEC));
	check_int(fcntl(fd, F_GETFD), 0);
}

static void test_provide_buffers(void)
{
	struct uring *ring = open_ring(8);
	char bufs[3][32] = { { 0 } };
	struct uring_cqe cqe;
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check_int(run(ring, uring_provide_buffers(ring, 1, bufs, 32, 3, 4, 10)), 0);
	check_int(write(fds[0], "one", 3), 3);
	check(uring_select_buffer(uring_recv(ring, 2, fds[1], NULL, 32, 0), 4));
	cqe = next_cqe(ring);
	check_int(cqe.res, 3);
	check_int(uring_cqe_buffer(&cqe) >= 10 && uring_cqe_buffer(&cqe) < 13, 1);
	check(!memcmp(bufs[uring_cqe_buffer(&cqe) - 10], "one", 3));
	check_int(run(ring, uring_remove_buffers(ring, 1, 5, 4)), 2);
	check_int(run(ring, uring_remove_buffers(ring, 1, 1, 99)), -ENOENT);
	check(uring_select_buffer(NULL, 4) == NULL);
}

static void test_msg_ring(void)
{
	struct uring *ring = open_ring(8), *other = open_ring_with(8, 0);
	struct uring_sqe sqe;
	struct uring_cqe cqe;
	int ret;

	check_int(run(ring, uring_msg_ring(ring, 1, other->fd, 123, 456, 0)), 0);
	cqe = next_cqe(other);
	check_int(cqe.res, 123);
	check_int(cqe.user_data, 456);
	ret = run(ring, uring_msg_ring_cqe_flags(ring, 1, other->fd, 1, 2, 0, 0x5000));
	if (ret == -EINVAL)
		skip("msg_ring_cqe_flags: needs Linux 6.3");
	check_int(ret, 0);
	cqe = next_cqe(other);
	check_int(cqe.res, 1);
	check_int(cqe.flags, 0x5000);
	check_int(run(ring, uring_msg_ring(ring, 1, 0, 1, 1, 0)), -EBADFD);

	need(URING_WHAT_REGISTER, URING_REGISTER_SEND_MSG_RING);
	uring_prep_msg_ring(&sqe, other->fd, 7, 8, 0);
	check_int(uring_register_sync_msg(&sqe), 0);
	cqe = next_cqe(other);
	check_int(cqe.res, 7);
	check_int(cqe.user_data, 8);
}

static void test_msg_ring_fd(void)
{
	struct uring *ring = open_ring_to_register(8), *other = open_ring_with(8, 0);
	struct uring_cqe cqe;
	int fds[2];
	char c = 0;

	check_int(pipe(fds), 0);
	check_int(uring_register_files(ring, fds, 2), 0);
	check_int(uring_register_files_sparse(other, 3), 0);
	check_int(run(ring, uring_msg_ring_fd(ring, 1, other->fd, 1, 2, 55, 0)), 0);
	cqe = next_cqe(other);
	check_int(cqe.user_data, 55);
	check_int(run(other, uring_fixed_file(uring_write(other, 1, 0, "q", 1, 0), 2)), 1);
	check_int(read(fds[0], &c, 1), 1);
	check_int(run(ring, uring_msg_ring_fd(ring, 1, other->fd, 0, URING_FILE_INDEX_ALLOC, 0,
					      URING_MSG_RING_CQE_SKIP)), 0);
	check(is_quiet(other, 10));
}

static void test_uring_cmd(void)
{
	struct uring *ring = open_ring(8);
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	/* The command reaches the kernel; sockets of this family do not support it. */
	check_int(run(ring, uring_uring_cmd(ring, 1, fds[0], 0)), -EOPNOTSUPP);
	check_int(run(ring, uring_uring_cmd(ring, 1, -1, 0)), -EBADF);
}

/* Needs a zoned device; on a file it fails. */
static void test_cmd_zone_reset_all(void)
{
	struct uring *ring = open_ring(8);
	struct uring_sqe *sqe = uring_cmd_zone_reset_all(ring, 1, temp_file());

	need(URING_WHAT_OP, URING_OP_URING_CMD);
	check_int(sqe->cmd_op, URING_BLOCK_CMD_ZONE_RESET_ALL);
	check_int(run(ring, sqe), -EOPNOTSUPP);
}

static int loop_fd;

static void detach_loop(void)
{
	ioctl(loop_fd, 0x4C01 /* LOOP_CLR_FD */, 0);
}

static void test_cmd_discard(void)
{
	struct uring *ring = open_ring(8);
	char path[32];
	int control = open("/dev/loop-control", O_RDWR), file, fd, nr, ret;
	char page[4096], back[4096];

	need(URING_WHAT_OP, URING_OP_URING_CMD);
	if (control < 0)
		skip("a loop device: %s", strerror(errno));
	nr = ioctl(control, 0x4C82 /* LOOP_CTL_GET_FREE */);
	if (nr < 0)
		skip("a loop device: %s", strerror(errno));
	snprintf(path, sizeof(path), "/dev/loop%d", nr);
	fd = open(path, O_RDWR);
	if (fd < 0)
		skip("%s: %s", path, strerror(errno));
	file = temp_file();
	fill_pattern(page, sizeof(page), 1);
	check_int(ftruncate(file, 1 << 20), 0);
	check_int(pwrite(file, page, sizeof(page), 8192), sizeof(page));
	if (ioctl(fd, 0x4C00 /* LOOP_SET_FD */, file))
		skip("%s: %s", path, strerror(errno));
	loop_fd = fd;
	atexit(detach_loop);
	ret = run(ring, uring_cmd_discard(ring, 1, fd, 8192, 4096));
	if (ret == -EOPNOTSUPP)
		skip("cmd_discard: needs Linux 6.12, and a file system with holes");
	check_int(ret, 0);
	memset(page, 0, sizeof(page));
	check_int(pread(file, back, sizeof(back), 8192), sizeof(back));
	check(!memcmp(page, back, sizeof(back)));
}

static void test_waitid(void)
{
	struct uring *ring = open_ring(8);
	siginfo_t info;
	pid_t pid;

	need(URING_WHAT_OP, URING_OP_WAITID);
	if (ring->flags & URING_SETUP_SQPOLL)
		skip("waitid: a kernel thread's children are not ours");
	pid = fork();
	if (pid == 0)
		_exit(42);
	memset(&info, 0, sizeof(info));
	check_int(run(ring, uring_waitid(ring, 1, P_PID, pid, &info, WEXITED)), 0);
	check_int(info.si_pid, pid);
	check_int(info.si_status, 42);
	check_int(run(ring, uring_waitid(ring, 1, P_PID, pid, &info, WEXITED)), -ECHILD);
}

/* Wakes the one who waits. The kernel's polling thread can come late to begin the wait. */
static long futex_wake_other(uint32_t *futex)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	long woken = 0;

	for (int i = 0; i < 5000 && !woken; i++) {
		woken = syscall(SYS_futex, futex, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
		if (!woken)
			nanosleep(&pause, NULL);
	}
	return woken;
}

static void test_futex_wait(void)
{
	struct uring *ring = open_ring(8);
	uint32_t futex = 5;

	need(URING_WHAT_OP, URING_OP_FUTEX_WAIT);
	check_int(run(ring, uring_futex_wait(ring, 1, &futex, 4, MATCH_ANY,
					     FUTEX_U32 | FUTEX_PRIVATE)), -EAGAIN);
	check(uring_futex_wait(ring, 1, &futex, 5, MATCH_ANY, FUTEX_U32 | FUTEX_PRIVATE));
	check_int(uring_submit(ring, 0, NULL), 1);
	check(is_quiet(ring, 20));
	check_int(futex_wake_other(&futex), 1);
	check_int(next_cqe(ring).res, 0);
}

static void test_futex_wake(void)
{
	struct uring *ring = open_ring(8);
	uint32_t futex = 5;
	struct uring_cqe cqe, other;

	need(URING_WHAT_OP, URING_OP_FUTEX_WAKE);
	check_int(run(ring, uring_futex_wake(ring, 1, &futex, 1, MATCH_ANY,
					     FUTEX_U32 | FUTEX_PRIVATE)), 0);
	check(uring_futex_wait(ring, 2, &futex, 5, MATCH_ANY, FUTEX_U32 | FUTEX_PRIVATE));
	check(uring_futex_wake(ring, 3, &futex, 10, MATCH_ANY, FUTEX_U32 | FUTEX_PRIVATE));
	cqe = next_cqe(ring);
	other = next_cqe(ring);
	check_int(cqe.user_data == 3 ? cqe.res : other.res, 1);
	check_int(cqe.user_data == 2 ? cqe.res : other.res, 0);
}

static void test_futex_waitv(void)
{
	struct uring *ring = open_ring(8);
	uint32_t futexes[2] = { 1, 2 };
	struct uring_futex_waitv v[2];

	need(URING_WHAT_OP, URING_OP_FUTEX_WAITV);
	memset(v, 0, sizeof(v));
	for (int i = 0; i < 2; i++) {
		v[i].val = futexes[i];
		v[i].uaddr = (uintptr_t)&futexes[i];
		v[i].flags = FUTEX_U32 | FUTEX_PRIVATE;
	}
	check(uring_futex_waitv(ring, 1, v, 2));
	check_int(uring_submit(ring, 0, NULL), 1);
	check(is_quiet(ring, 20));
	check_int(futex_wake_other(&futexes[1]), 1);
	check_int(next_cqe(ring).res, 1);
	check_int(run(ring, uring_futex_waitv(ring, 1, v, 0)), -EINVAL);
}

static void test_pipe(void)
{
	struct uring *ring = open_ring_to_register(8);
	int fds[2] = { -1, -1 };
	char text[4] = "";

	need(URING_WHAT_OP, URING_OP_PIPE);
	check_int(run(ring, uring_pipe(ring, 1, fds, O_CLOEXEC)), 0);
	check_int(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	check_int(write(fds[1], "pipe", 4), 4);
	check_int(read(fds[0], text, 4), 4);
	check(!memcmp(text, "pipe", 4));
	check_int(uring_register_files_sparse(ring, 4), 0);
	check_int(run(ring, uring_pipe_direct(ring, 1, fds, 0, 1)), 0);
	check_int(run(ring, uring_fixed_file(uring_write(ring, 1, 0, "d", 1, 0), 2)), 1);
	check_int(run(ring, uring_fixed_file(uring_read(ring, 1, 0, text, 1, 0), 1)), 1);
	check_int(text[0], 'd');
}

static const struct test tests[] = {
	{ "uring_nop", test_nop },
	{ "uring_sqe_fill, uring_sqe_set_slot", test_fill },
	{ "uring_files_update", test_files_update },
	{ "uring_fixed_fd_install", test_fixed_fd_install },
	{ "uring_provide_buffers, uring_remove_buffers", test_provide_buffers },
	{ "uring_msg_ring, uring_msg_ring_cqe_flags", test_msg_ring },
	{ "uring_msg_ring_fd", test_msg_ring_fd },
	{ "uring_uring_cmd", test_uring_cmd },
	{ "uring_cmd_discard", test_cmd_discard },
	{ "uring_cmd_zone_reset_all", test_cmd_zone_reset_all },
	{ "uring_waitid", test_waitid },
	{ "uring_futex_wait", test_futex_wait },
	{ "uring_futex_wake", test_futex_wake },
	{ "uring_futex_waitv", test_futex_waitv },
	{ "uring_pipe, uring_pipe_direct", test_pipe },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
