/* SPDX-License-Identifier: MIT */
/*
 * Prints what each preparation writes into a cleared entry, one per line, for comparison with the
 * output of another liburing.
 */
#include <stdio.h>
#include <string.h>

#include "calls.h"

static struct io_uring_sqe *fresh(void)
{
	static struct io_uring_sqe sqe;

	memset(&sqe, 0, sizeof(sqe));
	return &sqe;
}

static void print(const char *name, const struct io_uring_sqe *sqe)
{
	const unsigned char *p = (const unsigned char *)sqe;

	printf("%s", name);
	for (size_t i = 0; i < sizeof(*sqe); i++)
		printf("%s%02x", i % 8 ? "" : " ", p[i]);
	putchar('\n');
}

#define show(name, ...) do { \
	struct io_uring_sqe *sqe_ = fresh(); \
	io_uring_prep_##name(sqe_, ##__VA_ARGS__); \
	print(#name, sqe_); \
} while (0)

/* Addresses are only numbers here and never dereferenced; no two arguments are alike. */
#define AT(n) ((void *)0x11223300##n)
#define LONG 0x123456789abcdefull

static void files(void)
{
	show(read, 7, AT(1), 0x1000, LONG);
	show(write, 7, AT(1), 0x1000, LONG);
	show(readv, 7, AT(1), 3, LONG);
	show(readv2, 7, AT(1), 3, LONG, 9);
	show(writev, 7, AT(1), 3, LONG);
	show(writev2, 7, AT(1), 3, LONG, 9);
	show(read_fixed, 7, AT(1), 0x1000, LONG, 11);
	show(write_fixed, 7, AT(1), 0x1000, LONG, 11);
	show(fsync, 7, 1);
	show(sync_file_range, 7, 0x1000, LONG, 5);
	show(fallocate, 7, 3, LONG, 0x22222222222ull);
	show(fadvise, 7, LONG, 0x1000, 4);
	show(madvise, AT(1), 0x1000, 4);
	show(splice, 7, 0x5555555555, 8, 0x6666666666, 0x1000, 3);
	show(tee, 7, 8, 0x1000, 3);
	show(openat, 7, AT(1), 0x12, 0644);
	show(openat_direct, 7, AT(1), 0x12, 0644, 5);
	show(openat2, 7, AT(1), AT(2));
	show(openat2_direct, 7, AT(1), AT(2), 5);
	show(close, 7);
	show(close_direct, 7);
	show(statx, 7, AT(1), 0x12, 0x34, AT(2));
	show(unlinkat, 7, AT(1), 0x200);
	show(unlink, AT(1), 0x200);
	show(renameat, 7, AT(1), 8, AT(2), 1);
	show(rename, AT(1), AT(2));
	show(mkdirat, 7, AT(1), 0755);
	show(mkdir, AT(1), 0755);
	show(symlinkat, AT(1), 7, AT(2));
	show(symlink, AT(1), AT(2));
	show(linkat, 7, AT(1), 8, AT(2), 3);
	show(link, AT(1), AT(2), 3);
	show(getxattr, AT(1), AT(2), AT(3), 9);
	show(setxattr, AT(1), AT(2), AT(3), 1, 9);
	show(fgetxattr, 7, AT(1), AT(2), 9);
	show(fsetxattr, 7, AT(1), AT(2), 1, 9);
	show(files_update, AT(1), 3, 5);
#if SINCE(4)
	show(openat_direct, 7, AT(1), 0x12, 0644, IORING_FILE_INDEX_ALLOC);
#endif
#if SINCE(5)
	show(read_multishot, 7, 0x1000, LONG, 11);
#endif
#if SINCE(6)
	show(ftruncate, 7, LONG);
	show(fixed_fd_install, 7, 1);
#endif
#if SINCE(7)
	show(fadvise64, 7, LONG, 0x22222222222ull, 4);
	show(madvise64, AT(1), 0x22222222222ull, 4);
#endif
#if SINCE(8)
	show(open, AT(1), 0x12, 0644);
	show(open_direct, AT(1), 0x12, 0644, 5);
#endif
#if SINCE(10)
	show(readv_fixed, 7, AT(1), 3, LONG, 9, 11);
	show(writev_fixed, 7, AT(1), 3, LONG, 9, 11);
#endif
#if SINCE(12)
	show(pipe, AT(1), 0x800);
	show(pipe_direct, AT(1), 0x800, 5);
#endif
}

static void sockets(void)
{
	show(socket, 2, 1, 6, 0x30);
	show(socket_direct, 2, 1, 6, 5, 0x30);
	show(socket_direct_alloc, 2, 1, 6, 0x30);
	show(connect, 7, AT(1), 16);
	show(accept, 7, AT(1), AT(2), 0x800);
	show(accept_direct, 7, AT(1), AT(2), 0x800, 5);
	show(multishot_accept, 7, AT(1), AT(2), 0x800);
	show(multishot_accept_direct, 7, AT(1), AT(2), 0x800);
	show(shutdown, 7, 2);
	show(send, 7, AT(1), 0x1000, 0x40);
	show(send_zc, 7, AT(1), 0x1000, 0x40, 1);
	show(recv, 7, AT(1), 0x1000, 0x40);
	show(recv_multishot, 7, AT(1), 0x1000, 0x40);
	show(sendmsg, 7, AT(1), 0x40);
	show(recvmsg, 7, AT(1), 0x40);
	show(recvmsg_multishot, 7, AT(1), 0x40);
#if SINCE(4)
	show(send_zc_fixed, 7, AT(1), 0x1000, 0x40, 1, 11);
	show(sendmsg_zc, 7, AT(1), 0x40);
	show(sendto, 7, AT(1), 0x1000, 0x40, AT(2), 16);
#endif
#if SINCE(6)
	show(send_bundle, 7, 0x1000, 0x40);
#endif
#if SINCE(7)
	show(bind, 7, AT(1), 16);
	show(listen, 7, 9);
#endif
#if SINCE(10)
	show(sendmsg_zc_fixed, 7, AT(1), 0x40, 11);
#endif
}

static void others(void)
{
	show(nop);
	show(poll_add, 7, 0x80000005);
	show(poll_multishot, 7, 0x80000005);
	show(poll_remove, LONG);
	show(poll_update, LONG, 0x22222222222ull, 5, 6);
	show(epoll_ctl, 7, 8, 3, AT(1));
	show(timeout, AT(1), 3, 5);
	show(timeout_remove, LONG, 1);
	show(timeout_update, AT(1), LONG, 1);
	show(link_timeout, AT(1), 1);
	show(cancel64, LONG, 5);
	show(cancel, AT(1), 5);
	show(cancel_fd, 7, 8);
	show(provide_buffers, AT(1), 0x1000, 5, 3, 9);
	show(remove_buffers, 5, 3);
	show(msg_ring, 7, 0x1000, LONG, 1);
#if SINCE(4)
	show(msg_ring_cqe_flags, 7, 0x1000, LONG, 1, 0x30);
	show(msg_ring_fd, 7, 3, 5, LONG, 1);
	show(msg_ring_fd_alloc, 7, 3, LONG, 1);
#endif
#if SINCE(5)
	show(waitid, P_PID, 4321, AT(1), 4, 9);
	show(futex_wait, AT(1), LONG, 0x22222222222ull, 0x82, 9);
	show(futex_wake, AT(1), LONG, 0x22222222222ull, 0x82, 9);
	show(futex_waitv, AT(1), 3, 9);
	show(cmd_sock, 2, 7, 1, 9, AT(1), 4);
#endif
#if SINCE(8)
	show(cmd_discard, 7, LONG, 0x22222222222ull);
#endif
#if SINCE(10)
	show(epoll_wait, 7, AT(1), 3, 9);
#endif
#if SINCE(13)
	show(nop128);
	show(uring_cmd, 9, 7);
	show(uring_cmd128, 9, 7);
	show(cmd_getsockname, 7, AT(1), AT(2), 1);
#endif
}

int main(void)
{
	files();
	sockets();
	others();
	return 0;
}
