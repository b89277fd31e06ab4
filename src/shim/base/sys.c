/* SPDX-License-Identifier: MIT */
/* The library's own system calls, and the switch that forbids them once a filter is installed. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>
#include "shim/base/sys.h"

/* Number of system call filters that the program has installed or is installing. */
static atomic_int filters EARLY;

/* Number of threads that are between sys_block_signals() and sys_restore_signals(). */
static atomic_int blocking EARLY;

/* Stored if nothing was blocked. No real mask: the kernel keeps SIGKILL and SIGSTOP clear. */
static const uint64_t NOT_BLOCKED = ~0ull;

bool sys_forbidden(void)
{
	return atomic_load(&filters) > 0;
}

long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	return sys_forbidden() ? -EPERM : sys_call6(nr, a, b, c, d, e, f);
}

void sys_forbid(void)
{
	enum { LOOKS = 1000 };
	const struct timespec pause = { .tv_nsec = 100000 };

	atomic_fetch_add(&filters, 1);
	/* Give up after a while: a thread may be waiting for something with its signals blocked. */
	for (int i = 0; i < LOOKS && atomic_load(&blocking) > 0; i++)
		sys_call6(SYS_nanosleep, (long)&pause, 0, 0, 0, 0, 0);
}

void sys_permit(void)
{
	atomic_fetch_sub(&filters, 1);
}

void sys_forked(void)
{
	atomic_store(&blocking, 0);
}

void *sys_pages(size_t size)
{
	long ret = sys6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return ret < 0 && ret > -4096 ? NULL : (void *)ret;
}

long sys_make_file(long directory, const char *path)
{
	return sys4(SYS_openat, directory, (long)path,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

bool sys_read_text(const char *name, char *to, size_t size)
{
	long fd = sys4(SYS_openat, AT_FDCWD, (long)name, O_RDONLY | O_CLOEXEC, 0);
	long got = fd < 0 ? -1 : sys3(SYS_read, fd, (long)to, (long)size - 1);

	if (fd >= 0)
		sys1(SYS_close, fd);
	to[got < 0 ? 0 : got] = '\0';
	return got > 0;
}

bool sys_may_extend(uint64_t size)
{
	struct rlimit limit;

	return !sys4(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit) && limit.rlim_cur >= size;
}

bool sys_peek(void *to, const void *from, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)from, size };

	return sys6(SYS_process_vm_readv, sys0(SYS_getpid), (long)&local, 1, (long)&remote, 1, 0) ==
		(long)size;
}

bool sys_is_hung_up(int fd)
{
	struct pollfd look = { .fd = fd, .events = POLLRDHUP };
	struct timespec now = { 0 };

	return sys6(SYS_ppoll, (long)&look, 1, (long)&now, 0, 0, 0) == 1 &&
		look.revents & POLLRDHUP;
}

bool sys_poke(void *to, const void *from, size_t size)
{
	struct iovec local = { (void *)from, size }, remote = { to, size };

	return sys6(SYS_process_vm_writev, sys0(SYS_getpid), (long)&local, 1, (long)&remote, 1,
		    0) == (long)size;
}

void sys_block_signals(uint64_t *old)
{
	uint64_t all = ~0ull;

	/* Count first: sys_forbid() reads the count after it has forbidden system calls. */
	atomic_fetch_add(&blocking, 1);
	if (!sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)old, sizeof(all)))
		return;
	*old = NOT_BLOCKED;
	atomic_fetch_sub(&blocking, 1);
}

void sys_restore_signals(const uint64_t *old)
{
	if (*old == NOT_BLOCKED)
		return;
	/* Not sys4(): what began before system calls were forbidden must still end. */
	sys_call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)old, 0, sizeof(*old), 0, 0);
	atomic_fetch_sub(&blocking, 1);
}
