/* SPDX-License-Identifier: MIT */
/*
 * The frame of the fidelity programs: a table of cases, each of which runs in its own process under
 * a watchdog and reports one line. Reports go through shared memory, and the frame uses raw system
 * calls only, so that a preloaded library affects nothing but the case itself.
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
	FID_RING = 1,	/* under the shim at least one of its calls uses a ring */
	FID_TRACER = 2,	/* attaches a tracer, so strace cannot watch it */
	FID_ROOT = 4,	/* needs root, otherwise skipped */
};

struct fid_case {
	const char *name;
	void (*run)(const void *arg);
	const void *arg;
	unsigned flags;
	int seconds;	/* limit of the watchdog; 0 means 60 */
};

int fid_main(int argc, char **argv, const struct fid_case *cases, size_t count);

/* Adds to the case's line. Can be called in any thread, handler or forked process. */
void fid_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Reports what failed, with errno, and ends the process. */
void fid_die(const char *what) __attribute__((noreturn));

/* Formats an error number, or a result: its number or the error's name. */
const char *fid_errname(int err);
const char *fid_result(long result);

/* 64 KiB, zeroed, shared by all processes of the case. */
extern void *fid_shm;

/* How many times slower than usual this run can be (FID_SLOW, default 1). */
extern int fid_slow;

pid_t fid_gettid(void);
long fid_now_ms(void);
void fid_sleep_us(long us);
void fid_until(atomic_int *word, int value);	/* waits until *word >= value */

/*
 * Waits until the thread has gone to sleep and stays asleep (true), or until it has exited or *over
 * is set (false).
 */
bool fid_asleep(pid_t pid, pid_t tid, atomic_int *over);

/* Waits until /proc shows that state letter. Returns false if the thread has exited. */
bool fid_state(pid_t pid, pid_t tid, char letter);

/* fork, with a child that cannot outlive its parent. */
pid_t fid_fork(void);
/* Waits for a child. Returns its exit status, or 1000 + the signal that ended it. */
int fid_reap(pid_t pid);

/* Returns the byte at a place in the stream of test data. */
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
