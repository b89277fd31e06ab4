/* SPDX-License-Identifier: MIT */
/* Makes rings with a polling thread, and gives them up when the credentials change. */
#include <fcntl.h>
#include <sys/resource.h>
#include "shim/ring/sqpoll.h"
#include "shim/ring/process.h"
#include "shim/base/sys.h"

static atomic_bool stopped;

/* The descriptor of a ring to which others attach, to share its polling thread; -1: none. */
static atomic_int first = -1;
static _Atomic uint32_t first_epoch EARLY;

bool sqpoll_is_wanted(void)
{
	return unlikely(settings.ring.sqpoll) && !stopped;
}

static int make_ring(struct uring *ring, int attach)
{
	struct uring_params params = uring_default_params();

	params.flags = URING_SETUP_SQPOLL | URING_SETUP_SUBMIT_ALL | URING_SETUP_SINGLE_ISSUER;
	params.sq_thread_idle = settings.ring.sqpoll_idle_ms;
	if (settings.ring.sqpoll_cpu >= 0) {
		params.flags |= URING_SETUP_SQ_AFF;
		params.sq_thread_cpu = (uint32_t)settings.ring.sqpoll_cpu;
	}
	if (attach >= 0) {
		params.flags |= URING_SETUP_ATTACH_WQ;
		params.wq_fd = (uint32_t)attach;
	}
	return uring_init(ring, &params, settings.ring.entries < 2 ? 2 : settings.ring.entries);
}

/* Duplicates fd to as high a number as possible, out of the way of the program's descriptors. */
static int move_fd_high(int fd)
{
	struct rlimit limit;
	long at;

	if (sys4(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, (long)&limit) || limit.rlim_cur < 1)
		return -1;
	at = limit.rlim_cur < 1 << 20 ? (long)limit.rlim_cur - 1 : (1 << 20) - 1;
	for (int i = 0; i < 16 && at - i > fd; i++) {
		long copy = sys3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, at - i);

		if (copy >= 0)
			return (int)copy;
	}
	return -1;
}

/*
 * The program may have closed the descriptor of the first ring, or reused its number. Then one more
 * polling thread is made.
 */
int sqpoll_init_ring(struct uring *ring)
{
	int attach = first_epoch == epoch_current() ? first : -1;
	int err = make_ring(ring, attach);

	if (err && attach >= 0) {
		attach = -1;
		err = make_ring(ring, -1);
	}
	if (err)
		return err;
	if (attach < 0) {
		first = move_fd_high(ring->fd);
		first_epoch = epoch_current();
	}
	if (!ring->dontfork)
		uring_dontfork(ring);
	err = uring_close_ring_fd(ring);
	if (err < 0) {
		uring_destroy(ring);
		return err;
	}
	return 0;
}

void sqpoll_disable(void)
{
	if (!settings.ring.sqpoll || atomic_exchange(&stopped, true))
		return;
	if (first >= 0 && first_epoch == epoch_current())
		sys1(SYS_close, first);
	first = -1;
	epoch_advance();
}
