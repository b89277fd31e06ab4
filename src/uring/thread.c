/* SPDX-License-Identifier: MIT */
/* uring_init_thread: creates the fastest ring that this kernel has for one thread. */
#include <sys/auxv.h>
#include <sys/mman.h>

#include "internal.h"
#include "thread.h"

/*
 * The ladder: each rung is the setup that kernels of some age accept. On EINVAL the next
 * one is tried.
 */
#define FLAGS_6_1 (URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN | URING_SETUP_SUBMIT_ALL)
#define FLAGS_6_6 (FLAGS_6_1 | URING_SETUP_NO_SQARRAY)

static const uint32_t ladder[] = {
	FLAGS_6_6 | URING_SETUP_NO_MMAP,
	FLAGS_6_6,
	FLAGS_6_1,
	URING_SETUP_SINGLE_ISSUER | URING_SETUP_COOP_TASKRUN | URING_SETUP_SUBMIT_ALL,
	URING_SETUP_COOP_TASKRUN | URING_SETUP_SUBMIT_ALL,
	URING_SETUP_SUBMIT_ALL,
	0,
};

/*
 * Our own memory is cheapest for two pages, one for each queue. For more pages the kernel's
 * memory is: the kernel allocates it at once, but pins ours page by page.
 */
#define CHEAP_PAGES 2

/* The number of slots in use in the thread's table of registered rings, as far as we know. */
static __thread unsigned registered __attribute__((__tls_model__("initial-exec")));

void uringi_registered(struct uring *ring)
{
	if (registered < URING_MAX_RING_FDS)
		registered++;
	ring->owner = sys_this_thread();
}

void uringi_unregistered(struct uring *ring)
{
	if (registered)
		registered--;
	ring->owner = 0;
}

/*
 * Returns true if the next rung is worth trying. Our own memory can be refused for more
 * than an unknown flag: 6.5 requires it to be contiguous.
 */
static int is_worth_another_try(int ret, uint32_t flags)
{
	if (ret == -EINVAL)
		return 1;
	return flags & URING_SETUP_NO_MMAP && ret != -EPERM && ret != -ENOSYS;
}

/*
 * Creates the ring in our own memory. If the thread's table has no slot for it, which the
 * kernel tells only after it has made all of the ring, the ring gets a descriptor.
 */
static int make_in_own_memory(struct uring *ring, struct uring_params *params, unsigned entries,
			      long size)
{
	/*
	 * MAP_NORESERVE keeps the mapping from being merged with a neighbour, from which
	 * MADV_DONTFORK would have to split it off again.
	 */
	const int map_flags = MAP_PRIVATE | MAP_NORESERVE;
	struct uring_params asked = *params;
	int ret;

	if (uring_memory_size(params, entries) > size)
		return -EINVAL;
	if (registered < URING_MAX_RING_FDS) {
		params->flags |= URING_SETUP_REGISTERED_FD_ONLY;
		ret = uringi_make_anonymous(ring, params, entries, map_flags);
		if (!ret)
			uringi_registered(ring);
		if (ret != -EBUSY)
			return ret;
		registered = URING_MAX_RING_FDS;
		*params = asked;
	}
	return uringi_make_anonymous(ring, params, entries, map_flags);
}

int uringi_init_thread(struct uring *ring, unsigned entries, long size)
{
	struct uring_params params;
	int ret = -EINVAL;

	if (!ring)
		return -EINVAL;
	uringi_close(ring);
	if (!entries || entries > URING_MAX_ENTRIES || entries & (entries - 1))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(ladder); i++) {
		params = uring_default_params();
		params.flags = ladder[i];
		if (params.flags & URING_SETUP_NO_MMAP)
			ret = make_in_own_memory(ring, &params, entries, size);
		else
			ret = uringi_make(ring, &params, entries);
		if (!ret || !is_worth_another_try(ret, ladder[i]))
			break;
	}
	if (ret)
		return ret;
	uring_dontfork(ring);
	if (ring->fd >= 0)
		uring_close_ring_fd(ring);
	return 0;
}

int uring_init_thread(struct uring *ring, unsigned entries)
{
	return uringi_init_thread(ring, entries, CHEAP_PAGES * (long)getauxval(AT_PAGESZ));
}
