/* SPDX-License-Identifier: MIT */
/*
 * The library's own system calls. They bypass libc: they return the kernel's result (a negative
 * errno on failure), keep errno, and reach no interposed function, ours or another library's.
 * While the program has a system call filter they make no system call and return -EPERM. The
 * library makes all its system calls through these functions; only entering a ring does not.
 */
#ifndef SHIM_BASE_SYS_H
#define SHIM_BASE_SYS_H

#include "shim/base/base.h"
#include "uring/sys.h"

long sys6(long nr, long a, long b, long c, long d, long e, long f);

static inline long sys0(long nr)
{
	return sys6(nr, 0, 0, 0, 0, 0, 0);
}
static inline long sys1(long nr, long a)
{
	return sys6(nr, a, 0, 0, 0, 0, 0);
}
static inline long sys2(long nr, long a, long b)
{
	return sys6(nr, a, b, 0, 0, 0, 0);
}
static inline long sys3(long nr, long a, long b, long c)
{
	return sys6(nr, a, b, c, 0, 0, 0);
}
static inline long sys4(long nr, long a, long b, long c, long d)
{
	return sys6(nr, a, b, c, d, 0, 0);
}

/* Maps zeroed anonymous memory. Returns NULL on failure. */
void *sys_pages(size_t size);

/*
 * Makes a file that only its owner can use; directory can be AT_FDCWD. Returns its descriptor, which
 * programs that are executed do not get, or a negative errno: -EEXIST if anything has the name, a link
 * too.
 */
long sys_make_file(long directory, const char *path);

/* Reads the start of a file as a string. Returns false if nothing could be read: to is "" then. */
bool sys_read_text(const char *name, char *to, size_t size);

/* Returns true if a file may get so many bytes. One above the limit would raise a signal. */
bool sys_may_extend(uint64_t size);

/* Copies from memory that may be unmapped. Returns false if it is. */
bool sys_peek(void *to, const void *from, size_t size);

/* Returns true if nothing more can arrive on this socket, neither data nor a connection. */
bool sys_is_hung_up(int fd);

/* Copies to memory that may be unmapped. Returns false if it is. */
bool sys_poke(void *to, const void *from, size_t size);

/*
 * Blocks all signals, including libc's internal ones, and stores the old mask in *old. If system
 * calls are forbidden, this and the matching sys_restore_signals() do nothing. sys_forbid() waits,
 * for about 0.1 s at most, until no other thread is between the two.
 */
void sys_block_signals(uint64_t *old);
void sys_restore_signals(const uint64_t *old);

/*
 * Forbids the system calls of this file in the whole process, because the program installs a
 * filter. Each sys_permit() undoes one sys_forbid().
 */
void sys_forbid(void);
void sys_permit(void);
bool sys_forbidden(void);

/* Call in a forked child: it has no other threads that could have blocked signals. */
void sys_forked(void);

#endif
