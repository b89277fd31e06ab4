/*
 * What io_uring can do here, and why not more, with words for people.
 */
#ifndef RINGSHIM_URING_PROBE_H
#define RINGSHIM_URING_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "queue.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why something is not to be had. */
enum uring_why {
	URING_WHY_OK = 0,
	URING_WHY_ABSENT,		/* this kernel does not have it */
	URING_WHY_DISABLED,		/* kernel.io_uring_disabled is 2: for nobody */
	URING_WHY_UNPRIVILEGED,		/* it is 1, and we are not among those who may */
	URING_WHY_SECCOMP,		/* a filter refuses the system call */
	URING_WHY_FORBIDDEN,		/* some other policy does */
	URING_WHY_LOCKED_MEMORY,	/* RLIMIT_MEMLOCK, counted per user, is used up */
	URING_WHY_MEMORY,
	URING_WHY_DESCRIPTORS,		/* RLIMIT_NOFILE, or the system's limit, is used up */
	URING_WHY_OTHER,
	URING_WHY_ARGUMENTS,		/* the number of entries, or a flag */
	URING_WHY_THREAD,		/* the ring is one of another thread */
	URING_WHY_CLOSED,		/* the ring is closed, or none was made */
	URING_WHY_LAST
};

/* Of what kind a value is. */
enum uring_what {
	URING_WHAT_OP = 0,		/* URING_OP_* */
	URING_WHAT_REGISTER,		/* URING_REGISTER_*, an opcode */
	URING_WHAT_SETUP,		/* URING_SETUP_* */
	URING_WHAT_FEATURE,		/* URING_FEAT_* */
	URING_WHAT_ENTER,		/* URING_ENTER_* */
	URING_WHAT_SQE,			/* URING_SQE_* */
	URING_WHAT_LAST
};

/* What this kernel has; filled by uring_probe. */
struct uring_support {
	int error;			/* of making a ring; 0: it worked */
	enum uring_why why;
	uint64_t ops[4];		/* a bit for each operation */
	uint64_t register_ops[2];	/* a bit for each registration */
	uint64_t setup_flags;
	uint64_t features;
	uint64_t enter_flags;
	uint64_t sqe_flags;
};

/*
 * Asks the kernel, with rings that are gone when this returns. Returns 0, or
 * the negative errno of making a ring; support is filled either way.
 */
URING_API int uring_probe(struct uring_support *support);

/* Whether value (a number, or flags, of which all count) is there. */
URING_API int uring_has(const struct uring_support *support, enum uring_what what,
			uint64_t value);

/* Why value is not there; URING_WHY_OK when it is. */
URING_API enum uring_why uring_why_not(const struct uring_support *support, enum uring_what what,
				       uint64_t value);

/*
 * Why making a ring failed with this negative errno, or using one with -EEXIST or
 * -EBADF. Reads /proc; allocates nothing, so that it can be called from anywhere.
 */
URING_API enum uring_why uring_why_failed(int error);

/* A clause for people: "a seccomp filter refuses io_uring (...)". */
URING_API const char *uring_why_text(enum uring_why why);

/*
 * A line for people on value: "pipe: needs Linux 6.16". Cut at size, ended with
 * a 0. Returns its whole length, or -EINVAL for a value that has no name.
 */
URING_API int uring_explain(const struct uring_support *support, enum uring_what what,
			    uint64_t value, char *text, size_t size);

/* The name of a number or of one flag, lower case: "read_fixed"; NULL: unknown. */
URING_API const char *uring_name(enum uring_what what, uint64_t value);

/* The kernel that brought it: "5.19"; NULL: unknown. */
URING_API const char *uring_since(enum uring_what what, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
