/* SPDX-License-Identifier: MIT */
/* Declarations that the files of the library share and nobody else sees. */
#ifndef RINGSHIM_URING_INTERNAL_H
#define RINGSHIM_URING_INTERNAL_H

#include <stddef.h>

#include "sys.h"
#include "uring.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

#define unlikely(condition) __builtin_expect(!!(condition), 0)

#define hidden __attribute__((visibility("hidden")))

/* The bytes that the two parts of a ring's memory take, each a whole number of pages. */
struct ring_sizes {
	size_t rings;
	size_t sqes;
};

/* map.c */
hidden int uringi_sizes(struct ring_sizes *sizes, const struct uring_params *params,
			unsigned entries);
hidden size_t uringi_rings_size(const struct uring_params *params);
hidden void uringi_sq_point(struct uring_sq *sq, const struct uring_params *params, void *rings,
			    void *sqes);
hidden void uringi_cq_point(struct uring_cq *cq, const struct uring_params *params, void *rings);

/* setup.c */
hidden void uringi_close(struct uring *ring);
hidden int uringi_make(struct uring *ring, struct uring_params *params, unsigned entries);
hidden int uringi_make_mem(struct uring *ring, struct uring_params *params, unsigned entries,
			   void *mem, size_t size);
hidden int uringi_make_anonymous(struct uring *ring, struct uring_params *params, unsigned entries,
				 int map_flags);

/*
 * thread.c: called when the ring has got or lost a slot in this thread's table of
 * registered rings.
 */
hidden void uringi_registered(struct uring *ring);
hidden void uringi_unregistered(struct uring *ring);

/* Returns true if the ring is registered in another thread. enter_fd means nothing here then. */
static inline int uringi_is_of_another_thread(const struct uring *ring)
{
	return ring->owner && ring->owner != sys_this_thread();
}

/* probe.c */
hidden void uringi_probe_by_trial(struct uring_support *support, int fd);

#endif
