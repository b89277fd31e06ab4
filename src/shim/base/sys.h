/*
 * System calls past libc: the result is the kernel's (negative errno), errno
 * stays as it was, and no interposed function, ours or another's, is reached.
 *
 * All that the library does for itself is done by these, so that it can be
 * forbidden: under a filter of the program's own they make no system call and
 * answer -EPERM. Only what enters a ring goes past them.
 */
#ifndef SHIM_BASE_SYS_H
#define SHIM_BASE_SYS_H

#include "shim/base/base.h"
#include "uring/sys.h"

long sys6(long nr, long a, long b, long c, long d, long e, long f);

static inline long sys0(long nr) { return sys6(nr, 0, 0, 0, 0, 0, 0); }
static inline long sys1(long nr, long a) { return sys6(nr, a, 0, 0, 0, 0, 0); }
static inline long sys2(long nr, long a, long b) { return sys6(nr, a, b, 0, 0, 0, 0); }
static inline long sys3(long nr, long a, long b, long c) { return sys6(nr, a, b, c, 0, 0, 0); }
static inline long sys4(long nr, long a, long b, long c, long d)
{
	return sys6(nr, a, b, c, d, 0, 0);
}

/* Anonymous zeroed memory, or NULL. */
void *sys_pages(size_t size);

/* Copies from memory that may not be there; false when it is not. */
bool sys_peek(void *to, const void *from, size_t size);

/* Returns true if nothing more will come in through this socket, and no connection. */
bool sys_is_hung_up(int fd);

/* Copies to such memory. */
bool sys_poke(void *to, const void *from, size_t size);

/*
 * Blocks every signal there is, libc's own too; the old mask goes to *old. Does
 * nothing, nor will sys_restore_signals, where system calls are forbidden. What a
 * thread does between the two is done before sys_forbid returns in another.
 */
void sys_block_signals(uint64_t *old);
void sys_restore_signals(const uint64_t *old);

/* From now on no system call is made here, in the whole process; sys_permit undoes one of these. */
void sys_forbid(void);
void sys_permit(void);
bool sys_forbidden(void);

/* In a forked child, which has no other threads. */
void sys_forked(void);

#endif
