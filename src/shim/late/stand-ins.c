/* SPDX-License-Identifier: MIT */
/*
 * The functions that stand in front of libc's in next_table: those that sync, those that write
 * where others can see it, and those that could close the library's own descriptors.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include "shim/late/late.h"
#include "shim/late/mounts.h"
#include "shim/late/notes.h"
#include "shim/ring/thread.h"
#include "shim/route/route.h"
#include "shim/symbols/stand-in.h"

/* What next_table had before. */
static struct next natives;

/* Syncs what was noted, and so closes our descriptors, if the program is about to close them. */
static inline void sync_before_close(unsigned first, unsigned last)
{
	if (unlikely(atomic_load(&mounts_open)) && !thread_is_vfork_child() &&
	    mounts_have_fd(first, last))
		late_sync(LATE_CLOSE);
}

/* Reports an error that the file has had already, once the native call has tried again. */
static long add_error(int error, long ret)
{
	if (ret || error >= 0)
		return ret;
	errno = -error;
	return -1;
}

static int note_or_sync(int fd, int (*sync_natively)(int fd))
{
	int noted;

	pthread_testcancel();
	noted = note_sync(fd);
	if (noted <= 0)
		return (int)add_error(noted, sync_natively(fd));
	pthread_testcancel();
	return 0;
}

static int late_fsync(int fd)
{
	return note_or_sync(fd, natives.fsync);
}

static int late_fdatasync(int fd)
{
	return note_or_sync(fd, natives.fdatasync);
}

/* The kernel judges the arguments: without flags the call does nothing else. */
static int late_sync_file_range(int fd, off64_t offset, off64_t count, unsigned flags)
{
	enum {
		ALL_FLAGS = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
			SYNC_FILE_RANGE_WAIT_AFTER
	};
	int noted = 0;

	if (flags && !(flags & ~(unsigned)ALL_FLAGS) && can_note_sync() &&
	    !natives.sync_file_range(fd, offset, count, 0))
		noted = note_sync(fd);
	if (noted > 0)
		return 0;
	return (int)add_error(noted, natives.sync_file_range(fd, offset, count, flags));
}

static ssize_t late_write(int fd, const void *buf, size_t count)
{
	late_sync_before_output(fd);
	return natives.write(fd, buf, count);
}

static ssize_t late_writev(int fd, const struct iovec *iov, int count)
{
	late_sync_before_output(fd);
	return natives.writev(fd, iov, count);
}

static ssize_t late_pwritev2(int fd, const struct iovec *iov, int count, off64_t offset, int flags)
{
	late_sync_before_output(fd);
	return natives.pwritev2(fd, iov, count, offset, flags);
}

static int late_vdprintf(int fd, const char *format, va_list args)
{
	late_sync_before_output(fd);
	return natives.vdprintf(fd, format, args);
}

static int late_vdprintf_chk(int fd, int flag, const char *format, va_list args)
{
	late_sync_before_output(fd);
	return natives.__vdprintf_chk(fd, flag, format, args);
}

static ssize_t late_send(int fd, const void *buf, size_t len, int flags)
{
	late_sync_before_output(fd);
	return natives.send(fd, buf, len, flags);
}

static ssize_t late_sendto(int fd, const void *buf, size_t len, int flags,
			   const struct sockaddr *addr, socklen_t addr_len)
{
	late_sync_before_output(fd);
	return natives.sendto(fd, buf, len, flags, addr, addr_len);
}

static ssize_t late_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	late_sync_before_output(fd);
	return natives.sendmsg(fd, msg, flags);
}

static int late_sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags)
{
	late_sync_before_output(fd);
	return natives.sendmmsg(fd, msgs, count, flags);
}

static ssize_t late_splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t len,
			   unsigned flags)
{
	late_sync_before_output(out);
	return natives.splice(in, in_at, out, out_at, len, flags);
}

static ssize_t late_tee(int in, int out, size_t len, unsigned flags)
{
	late_sync_before_output(out);
	return natives.tee(in, out, len, flags);
}

static ssize_t late_vmsplice(int fd, const struct iovec *iov, size_t count, unsigned flags)
{
	late_sync_before_output(fd);
	return natives.vmsplice(fd, iov, count, flags);
}

static ssize_t late_sendfile(int out, int in, off_t *offset, size_t count)
{
	late_sync_before_output(out);
	return natives.sendfile(out, in, offset, count);
}

static int late_close(int fd)
{
	sync_before_close((unsigned)fd, (unsigned)fd);
	return natives.close(fd);
}

static int late_dup2(int from, int to)
{
	sync_before_close((unsigned)to, (unsigned)to);
	return natives.dup2(from, to);
}

static int late_dup3(int from, int to, int flags)
{
	sync_before_close((unsigned)to, (unsigned)to);
	return natives.dup3(from, to, flags);
}

static void late_closefrom(int first)
{
	sync_before_close(first < 0 ? 0 : (unsigned)first, INT_MAX);
	natives.closefrom(first);
}

static int late_close_range(unsigned first, unsigned last, int flags)
{
	sync_before_close(first, last);
	return natives.close_range(first, last, flags);
}

/*
 * System calls that have to wait, and why. fd: which argument is the descriptor that is written or
 * closed.
 */
static const struct waiting_call {
	uint16_t nr;
	uint8_t cause, fd;
} waiting_calls[] = {
	{ SYS_write, LATE_OUTPUT, 0 },	  { SYS_writev, LATE_OUTPUT, 0 },
	{ SYS_pwritev2, LATE_OUTPUT, 0 }, { SYS_sendto, LATE_OUTPUT, 0 },
	{ SYS_sendmsg, LATE_OUTPUT, 0 },  { SYS_sendmmsg, LATE_OUTPUT, 0 },
	{ SYS_vmsplice, LATE_OUTPUT, 0 }, { SYS_sendfile, LATE_OUTPUT, 0 },
	{ SYS_tee, LATE_OUTPUT, 1 },	  { SYS_splice, LATE_OUTPUT, 2 },
	{ SYS_close, LATE_CLOSE, 0 },	  { SYS_dup3, LATE_CLOSE, 1 },
	{ SYS_clone, LATE_FORK, 0 },	  { SYS_clone3, LATE_FORK, 0 },
#ifdef SYS_fork
	{ SYS_dup2, LATE_CLOSE, 1 },	  { SYS_fork, LATE_FORK, 0 },
	{ SYS_vfork, LATE_FORK, 0 },
#endif
	{ SYS_execve, LATE_EXEC, 0 },	  { SYS_execveat, LATE_EXEC, 0 },
	{ SYS_exit, LATE_EXIT, 0 },	  { SYS_exit_group, LATE_EXIT, 0 },
	{ SYS_umount2, LATE_UNMOUNT, 0 }, { SYS_reboot, LATE_UNMOUNT, 0 },
};

static void sync_for(const struct waiting_call *call, const long a[6])
{
	int fd = (int)a[call->fd];

	if (call->cause == LATE_OUTPUT)
		late_sync_before_output(fd);
	else if (call->cause == LATE_CLOSE)
		sync_before_close((unsigned)fd, (unsigned)fd);
	else
		late_sync((enum late_cause)call->cause);
}

/* Syncs what was noted if system call nr has to wait for that. */
static void sync_before_call(long nr, const long a[6])
{
	for (size_t i = 0; i < sizeof(waiting_calls) / sizeof(waiting_calls[0]); i++)
		if (waiting_calls[i].nr == nr)
			sync_for(&waiting_calls[i], a);
}

static long late_syscall(long nr, ...)
{
	long a[6];
	int noted = 0;
	va_list args;

	va_start(args, nr);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (nr == SYS_sync_file_range)
		return late_sync_file_range((int)a[0], a[1], a[2], (unsigned)a[3]);
	if (nr == SYS_fsync || nr == SYS_fdatasync)
		noted = note_sync((int)a[0]);
	else
		sync_before_call(nr, a);
	if (noted > 0)
		return 0;
	return add_error(noted, natives.syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]));
}

static const struct stand_in stand_ins[] = {
	STAND_IN(fsync, fsync, late_fsync),
	STAND_IN(fdatasync, fdatasync, late_fdatasync),
	STAND_IN(sync_file_range, sync_file_range, late_sync_file_range),
	STAND_IN(write, write, late_write),
	STAND_IN(__write, write, late_write),
	STAND_IN(writev, writev, late_writev),
	STAND_IN(pwritev2, pwritev2, late_pwritev2),
	STAND_IN(pwritev64v2, pwritev2, late_pwritev2),
	STAND_IN(vdprintf, vdprintf, late_vdprintf),
	STAND_IN(__vdprintf_chk, __vdprintf_chk, late_vdprintf_chk),
	STAND_IN(send, send, late_send),
	STAND_IN(__send, send, late_send),
	STAND_IN(sendto, sendto, late_sendto),
	STAND_IN(sendmsg, sendmsg, late_sendmsg),
	STAND_IN(sendmmsg, sendmmsg, late_sendmmsg),
	STAND_IN(__sendmmsg, sendmmsg, late_sendmmsg),
	STAND_IN(splice, splice, late_splice),
	STAND_IN(tee, tee, late_tee),
	STAND_IN(vmsplice, vmsplice, late_vmsplice),
	STAND_IN(sendfile, sendfile, late_sendfile),
	STAND_IN(sendfile64, sendfile, late_sendfile),
	STAND_IN(close, close, late_close),
	STAND_IN(__close, close, late_close),
	STAND_IN(dup2, dup2, late_dup2),
	STAND_IN(__dup2, dup2, late_dup2),
	STAND_IN(dup3, dup3, late_dup3),
	STAND_IN(closefrom, closefrom, late_closefrom),
	STAND_IN(close_range, close_range, late_close_range),
	STAND_IN(syscall, syscall, late_syscall),
};

/* These would pass the functions above by if they went by ring. */
static const enum call watched_calls[] = {
	CALL_fsync,    CALL_fdatasync, CALL_sync_file_range, CALL_write,   CALL_writev,
	CALL_pwritev2, CALL_send,      CALL_sendto,	     CALL_sendmsg, CALL_sendmmsg,
	CALL_splice,   CALL_tee,       CALL_close,
};

void late_begin(void)
{
	if (!settings.participates)
		return;
	for (size_t i = 0; i < sizeof(watched_calls) / sizeof(watched_calls[0]); i++)
		route_leave_out(watched_calls[i]);
	/* What is in the table already is ahead's, which comes after ours. */
	stand_ins_put(stand_ins, sizeof(stand_ins) / sizeof(stand_ins[0]), &natives);
	notes_begin();
}
