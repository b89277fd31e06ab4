/* SPDX-License-Identifier: MIT */
/*
 * The frame of the fidelity programs: a table of cases, each run in a process
 * of its own under a watchdog, each reporting one line. Reports travel through
 * shared memory and the frame itself uses raw system calls only, so that what
 * a preloaded library does to a case is all that can be seen of it.
 */
#ifndef FID_H
#define FID_H

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include "../lib/raw6.h"

enum {
	FID_RING = 1,	/* under the shim, at least one call of it uses a ring */
	FID_TRACER = 2,	/* attaches a tracer, so strace cannot watch it */
	FID_ROOT = 4,	/* needs root, is left out otherwise */
};

struct fid_case {
	const char *name;
	void (*run)(const void *arg);
	const void *arg;
	unsigned flags;
	int seconds;	/* until the watchdog ends it; 0 means 10 */
};

int fid_main(int argc, char **argv, const struct fid_case *cases, size_t count);

/* Adds to the case's line; from any thread, handler, or forked process. */
void fid_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Says what failed, with errno, and ends the process. */
void fid_die(const char *what) __attribute__((noreturn));

/* The name of an error number, and a result: its number or the error's name. */
const char *fid_errname(int err);
const char *fid_result(long result);

/* 64 KiB, zeroed, shared by all processes of the case. */
extern void *fid_shm;

/* How much slower than usual this run is allowed to be (FID_SLOW, default 1). */
extern int fid_slow;

pid_t fid_gettid(void);
long fid_now_ms(void);
void fid_sleep_us(long us);
void fid_until(atomic_int *word, int value);	/* until *word >= value */

/*
 * Until the thread has gone to sleep and stays asleep (true), or has ended or
 * *over is set (false).
 */
bool fid_asleep(pid_t pid, pid_t tid, atomic_int *over);

/* Until /proc shows that state letter (false: the thread is gone). */
bool fid_state(pid_t pid, pid_t tid, char letter);

/* fork, and a child that cannot outlive its parent. */
pid_t fid_fork(void);
/* Waits for it; its exit status, or 1000 + the signal that ended it. */
int fid_reap(pid_t pid);

/* The byte at a place in the stream of test data. */
static inline unsigned char fid_byte(uint64_t place)
{
	return (unsigned char)(place * 31 + (place >> 8) * 7 + (place >> 16));
}

void fid_fill(void *buf, size_t len, uint64_t place);
bool fid_matches(const void *buf, size_t len, uint64_t place);

#define FID_ARG(x) ((long)(x))
#define fid_sys0(n) raw6(n, 0, 0, 0, 0, 0, 0)
#define fid_sys1(n, a) raw6(n, FID_ARG(a), 0, 0, 0, 0, 0)
#define fid_sys2(n, a, b) raw6(n, FID_ARG(a), FID_ARG(b), 0, 0, 0, 0)
#define fid_sys3(n, a, b, c) raw6(n, FID_ARG(a), FID_ARG(b), FID_ARG(c), 0, 0, 0)
#define fid_sys4(n, a, b, c, d) \
	raw6(n, FID_ARG(a), FID_ARG(b), FID_ARG(c), FID_ARG(d), 0, 0)
#define fid_sys5(n, a, b, c, d, e) \
	raw6(n, FID_ARG(a), FID_ARG(b), FID_ARG(c), FID_ARG(d), FID_ARG(e), 0)

#endif
