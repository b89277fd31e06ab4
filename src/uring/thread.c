/* The ring for one thread: the fastest that this kernel has. */
#include <sys/mman.h>

#include "internal.h"

/*
 * The ladder. Each rung is what a kernel of that age still takes; an EINVAL
 * means the next one.
 */
#define FLAGS_6_1 (URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN | URING_SETUP_SUBMIT_ALL)
#define FLAGS_6_6 (FLAGS_6_1 | URING_SETUP_NO_SQARRAY)

static const uint32_t ladder[] = {
	FLAGS_6_6 | URING_SETUP_NO_MMAP | URING_SETUP_REGISTERED_FD_ONLY,
	FLAGS_6_6,
	FLAGS_6_1,
	URING_SETUP_SINGLE_ISSUER | URING_SETUP_COOP_TASKRUN | URING_SETUP_SUBMIT_ALL,
	URING_SETUP_COOP_TASKRUN | URING_SETUP_SUBMIT_ALL,
	URING_SETUP_SUBMIT_ALL,
	0,
};

/*
 * The first rung has more ways to fail than a flag too new: the thread's
 * sixteen registered rings are used up, or 6.5 wants contiguous memory.
 */
static int worth_another_try(int ret, size_t rung)
{
	if (ret == -EINVAL)
		return 1;
	return rung == 0 && ret != -EPERM && ret != -ENOSYS;
}

int uring_init_thread(struct uring *ring, unsigned entries)
{
	struct uring_params params;
	size_t i;
	int ret;

	if (!ring)
		return -EINVAL;
	uringi_close(ring);
	if (!entries || entries > URING_MAX_ENTRIES || entries & (entries - 1))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(ladder); i++) {
		params = URING_DEFAULT_PARAMS;
		params.flags = ladder[i];
		if (params.flags & URING_SETUP_NO_MMAP)
			/*
			 * MAP_NORESERVE keeps the mapping from growing together
			 * with a neighbour, from which MADV_DONTFORK would then
			 * have to split it off.
			 */
			ret = uringi_make_anonymous(ring, &params, entries,
						    MAP_PRIVATE | MAP_NORESERVE);
		else
			ret = uringi_make(ring, &params, entries);
		if (!ret || !worth_another_try(ret, i))
			break;
	}
	if (ret)
		return ret;
	uring_dontfork(ring);
	if (ring->fd >= 0)
		uring_close_ring_fd(ring);
	return 0;
}
