/* SPDX-License-Identifier: MIT */
/*
 * Tells which parts of io_uring this system offers and why the others are missing, with
 * texts for users.
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

/* Reasons why something is not available. */
enum uring_why {
	URING_WHY_OK = 0,
	URING_WHY_ABSENT,	 /* the kernel does not have it */
	URING_WHY_DISABLED,	 /* kernel.io_uring_disabled is 2: off for everybody */
	URING_WHY_UNPRIVILEGED,	 /* it is 1, and this user is not exempt */
	URING_WHY_SECCOMP,	 /* a seccomp filter refuses the system call */
	URING_WHY_FORBIDDEN,	 /* another security policy refuses it */
	URING_WHY_LOCKED_MEMORY, /* RLIMIT_MEMLOCK, counted per user, is used up */
	URING_WHY_MEMORY,
	URING_WHY_DESCRIPTORS, /* RLIMIT_NOFILE, or the system's limit, is used up */
	URING_WHY_OTHER,
	URING_WHY_ARGUMENTS, /* the number of entries, or a flag */
	URING_WHY_THREAD,    /* the ring belongs to another thread */
	URING_WHY_CLOSED,    /* the ring is closed, or its creation failed */
	URING_WHY_LAST
};

/* The kind of a value. */
enum uring_what {
	URING_WHAT_OP = 0,   /* URING_OP_* */
	URING_WHAT_REGISTER, /* URING_REGISTER_*, an opcode */
	URING_WHAT_SETUP,    /* URING_SETUP_* */
	URING_WHAT_FEATURE,  /* URING_FEAT_* */
	URING_WHAT_ENTER,    /* URING_ENTER_* */
	URING_WHAT_SQE,	     /* URING_SQE_* */
	URING_WHAT_LAST
};

/* The io_uring support of this kernel, filled in by uring_probe. */
struct uring_support {
	int error; /* from creating a ring; 0: it worked */
	enum uring_why why;
	uint64_t ops[4];	  /* a bit for each operation */
	uint64_t register_ops[2]; /* a bit for each registration */
	uint64_t setup_flags;
	uint64_t features;
	uint64_t enter_flags;
	uint64_t sqe_flags;
};

/*
 * Asks the kernel what it offers, with rings that are gone when this returns. Returns 0, or
 * the negative errno of creating a ring. support is filled in either way.
 */
URING_API int uring_probe(struct uring_support *support);

/* Returns true if value is available: a number, or flags, all of which must be. */
URING_API int uring_has(const struct uring_support *support, enum uring_what what, uint64_t value);

/* Returns the reason why value is not available; URING_WHY_OK if it is. */
URING_API enum uring_why uring_why_not(const struct uring_support *support, enum uring_what what,
				       uint64_t value);

/*
 * Returns the reason why creating a ring failed with this negative errno, or why using one
 * failed with -EEXIST or -EBADF. Reads /proc and allocates nothing, so that it can be
 * called from anywhere.
 */
URING_API enum uring_why uring_why_failed(int error);

/* Returns a clause for users: "a seccomp filter refuses io_uring (...)". The string is constant. */
URING_API const char *uring_why_text(enum uring_why why);

/*
 * Writes a line for users about value to text: "pipe: needs Linux 6.16". It is cut to size
 * bytes, the final 0 included. Returns the full length, or -EINVAL if value has no name.
 */
URING_API int uring_explain(const struct uring_support *support, enum uring_what what,
			    uint64_t value, char *text, size_t size);

/* Returns the name of a number or of one flag, in lower case: "read_fixed"; NULL: unknown. */
URING_API const char *uring_name(enum uring_what what, uint64_t value);

/* Returns the kernel version that introduced the number or flag: "5.19"; NULL: unknown. */
URING_API const char *uring_since(enum uring_what what, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
