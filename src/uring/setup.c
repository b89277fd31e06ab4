/* Making and ending a ring. */
#include <sys/auxv.h>
#include <sys/mman.h>

#include "sys.h"
#include "uring.h"

/*
 * The part of the ring memory before the completions. 64 bytes on the kernels
 * we know, but its size is a cache line's business; setup checks the outcome.
 */
#define RING_HEADER_SIZE 256
#define KERNEL_MAX_CQ_ENTRIES 65536

static size_t page_round(size_t size)
{
	size_t page = getauxval(AT_PAGESZ);

	return (size + page - 1) & ~(page - 1);
}

static unsigned round_up_pow2(unsigned n)
{
	unsigned p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

static void ring_close(struct uring *ring)
{
	__builtin_memset(ring, 0, sizeof(*ring));
	ring->fd = -1;
	ring->enter_fd = -1;
}

/* What two queues of these sizes take, each a whole number of pages. */
struct ring_sizes {
	size_t rings;
	size_t sqes;
};

static int ring_sizes(struct ring_sizes *sizes, const struct uring_params *params,
		      unsigned entries)
{
	unsigned cq_entries;

	if (!entries)
		return -EINVAL;
	if (entries > URING_MAX_SQ_ENTRIES) {
		if (!(params->flags & URING_SETUP_CLAMP))
			return -EINVAL;
		entries = URING_MAX_SQ_ENTRIES;
	}
	entries = round_up_pow2(entries);
	cq_entries = 2 * entries;
	if (params->flags & URING_SETUP_CQSIZE) {
		if (!params->cq_entries)
			return -EINVAL;
		cq_entries = params->cq_entries;
		if (cq_entries > KERNEL_MAX_CQ_ENTRIES) {
			if (!(params->flags & URING_SETUP_CLAMP))
				return -EINVAL;
			cq_entries = KERNEL_MAX_CQ_ENTRIES;
		}
		cq_entries = round_up_pow2(cq_entries);
	}
	sizes->rings = RING_HEADER_SIZE + (size_t)cq_entries *
		(sizeof(struct uring_cqe) << !!(params->flags & URING_SETUP_CQE32));
	if (!(params->flags & URING_SETUP_NO_SQARRAY))
		sizes->rings += entries * sizeof(uint32_t);
	sizes->rings = page_round(sizes->rings);
	sizes->sqes = page_round((size_t)entries * sizeof(struct uring_sqe) <<
				 !!(params->flags & URING_SETUP_SQE128));
	return 0;
}

long uring_memory_size(const struct uring_params *params, unsigned entries)
{
	struct uring_params defaults = URING_DEFAULT_PARAMS;
	struct ring_sizes sizes;
	int ret = ring_sizes(&sizes, params ? params : &defaults, entries);

	return ret ? ret : (long)(sizes.rings + sizes.sqes);
}

static void *map_queue(int fd, size_t size, unsigned long offset)
{
	void *map = sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			     fd, offset);

	if (!sys_is_error(map))
		sys_madvise(map, size, MADV_DONTFORK);
	return map;
}

static void sq_point(struct uring_sq *sq, const struct uring_params *p, void *rings, void *sqes)
{
	char *base = rings;
	unsigned i;

	sq->head = (uint32_t *)(base + p->sq_off.head);
	sq->tail = (uint32_t *)(base + p->sq_off.tail);
	sq->flags = (uint32_t *)(base + p->sq_off.flags);
	sq->dropped = (uint32_t *)(base + p->sq_off.dropped);
	sq->mask = *(uint32_t *)(base + p->sq_off.ring_mask);
	sq->entries = *(uint32_t *)(base + p->sq_off.ring_entries);
	sq->sqes = sqes;
	sq->sqe_shift = !!(p->flags & URING_SETUP_SQE128);
	sq->sqe_head = sq->sqe_tail = *sq->tail;
	if (p->flags & URING_SETUP_NO_SQARRAY)
		return;
	/* We never reorder: the entry of a place in the ring is fixed, once for all. */
	sq->array = (uint32_t *)(base + p->sq_off.array);
	for (i = 0; i < sq->entries; i++)
		sq->array[i] = i;
}

static void cq_point(struct uring_cq *cq, const struct uring_params *p, void *rings)
{
	char *base = rings;

	cq->head = (uint32_t *)(base + p->cq_off.head);
	cq->tail = (uint32_t *)(base + p->cq_off.tail);
	cq->overflow = (uint32_t *)(base + p->cq_off.overflow);
	if (p->cq_off.flags)
		cq->flags = (uint32_t *)(base + p->cq_off.flags);
	cq->mask = *(uint32_t *)(base + p->cq_off.ring_mask);
	cq->entries = *(uint32_t *)(base + p->cq_off.ring_entries);
	cq->cqes = (struct uring_cqe *)(base + p->cq_off.cqes);
	cq->cqe_shift = !!(p->flags & URING_SETUP_CQE32);
}

static size_t sq_ring_size(const struct uring_params *p)
{
	if (p->flags & URING_SETUP_NO_SQARRAY)
		return p->cq_off.cqes;
	return p->sq_off.array + p->sq_entries * sizeof(uint32_t);
}

static size_t cq_ring_size(const struct uring_params *p)
{
	return p->cq_off.cqes + ((size_t)p->cq_entries * sizeof(struct uring_cqe) <<
				 !!(p->flags & URING_SETUP_CQE32));
}

int uring_submission_queue_make(struct uring_sq *sq, int fd, const struct uring_params *params)
{
	size_t size, sqes_size;
	void *map, *sqes;

	if (!sq || !params || !params->sq_entries)
		return -EINVAL;
	__builtin_memset(sq, 0, sizeof(*sq));
	size = sq_ring_size(params);
	if (params->features & URING_FEAT_SINGLE_MMAP && size < cq_ring_size(params))
		size = cq_ring_size(params);
	map = map_queue(fd, size, URING_OFF_SQ_RING);
	if (sys_is_error(map))
		return (int)(long)map;
	sqes_size = (size_t)params->sq_entries * sizeof(struct uring_sqe) <<
		!!(params->flags & URING_SETUP_SQE128);
	sqes = map_queue(fd, sqes_size, URING_OFF_SQES);
	if (sys_is_error(sqes)) {
		sys_munmap(map, size);
		return (int)(long)sqes;
	}
	sq_point(sq, params, map, sqes);
	sq->map = map;
	sq->map_size = size;
	sq->map_sqes = sqes;
	sq->map_sqes_size = sqes_size;
	return 0;
}

int uring_completion_queue_make(struct uring_cq *cq, int fd, const struct uring_params *params,
				const struct uring_sq *sq)
{
	size_t size;
	void *map;

	if (!cq || !params || !params->cq_entries || !sq || !sq->map)
		return -EINVAL;
	__builtin_memset(cq, 0, sizeof(*cq));
	if (params->features & URING_FEAT_SINGLE_MMAP) {
		cq_point(cq, params, sq->map);
		return 0;
	}
	size = cq_ring_size(params);
	map = map_queue(fd, size, URING_OFF_CQ_RING);
	if (sys_is_error(map))
		return (int)(long)map;
	cq_point(cq, params, map);
	cq->map = map;
	cq->map_size = size;
	return 0;
}

int uring_submission_queue_destroy(struct uring_sq *sq)
{
	int ret = 0, ret2 = 0;

	if (!sq)
		return -EINVAL;
	if (sq->map_sqes)
		ret = sys_munmap(sq->map_sqes, sq->map_sqes_size);
	if (sq->map)
		ret2 = sys_munmap(sq->map, sq->map_size);
	__builtin_memset(sq, 0, sizeof(*sq));
	return ret ? ret : ret2;
}

int uring_completion_queue_destroy(struct uring_cq *cq)
{
	int ret = 0;

	if (!cq)
		return -EINVAL;
	if (cq->map)
		ret = sys_munmap(cq->map, cq->map_size);
	__builtin_memset(cq, 0, sizeof(*cq));
	return ret;
}

static void ring_names(struct uring *ring, const struct uring_params *params, int fd)
{
	ring->flags = params->flags;
	ring->features = params->features;
	ring->enter_fd = fd;
	if (params->flags & URING_SETUP_REGISTERED_FD_ONLY)
		ring->enter_flags = URING_ENTER_REGISTERED_RING;
	else
		ring->fd = fd;
}

/* Modes in which the submission queue works by rules that get_sqe does not follow. */
#define UNSUPPORTED_SETUP (URING_SETUP_SQE_MIXED | URING_SETUP_SQ_REWIND)

static int ring_make(struct uring *ring, struct uring_params *params, unsigned entries)
{
	int fd, ret;

	if (params->flags & UNSUPPORTED_SETUP)
		return -EINVAL;
	fd = uring_sys_setup(entries, params);
	if (fd < 0)
		return fd;
	ret = uring_submission_queue_make(&ring->sq, fd, params);
	if (ret)
		goto close_fd;
	ret = uring_completion_queue_make(&ring->cq, fd, params, &ring->sq);
	if (ret)
		goto destroy_sq;
	ring_names(ring, params, fd);
	return 0;

destroy_sq:
	uring_submission_queue_destroy(&ring->sq);
close_fd:
	sys_close(fd);
	return ret;
}

static int ring_make_mem(struct uring *ring, struct uring_params *params, unsigned entries,
			 void *mem, size_t size)
{
	struct ring_sizes sizes;
	char *base = mem;
	int fd, ret;

	if (params->flags & UNSUPPORTED_SETUP)
		return -EINVAL;
	ret = ring_sizes(&sizes, params, entries);
	if (ret)
		return ret;
	if ((uintptr_t)mem & (getauxval(AT_PAGESZ) - 1))
		return -EINVAL;
	if (size < sizes.rings + sizes.sqes)
		return -ENOMEM;
	params->flags |= URING_SETUP_NO_MMAP;
	params->cq_off.user_addr = (uintptr_t)base;
	params->sq_off.user_addr = (uintptr_t)(base + sizes.rings);
	fd = uring_sys_setup(entries, params);
	if (fd < 0)
		return fd;
	ring_names(ring, params, fd);
	/* The kernel laid the rings out; see that they end inside what we gave. */
	if (cq_ring_size(params) > sizes.rings || sq_ring_size(params) > sizes.rings) {
		uring_destroy(ring);
		return -ENOMEM;
	}
	sq_point(&ring->sq, params, base, base + sizes.rings);
	cq_point(&ring->cq, params, base);
	return 0;
}

int uring_init_mem(struct uring *ring, struct uring_params *params, unsigned entries,
		   void *mem, size_t size)
{
	struct uring_params defaults = URING_DEFAULT_PARAMS;

	if (!ring)
		return -EINVAL;
	ring_close(ring);
	if (!params)
		params = &defaults;
	if (mem)
		return ring_make_mem(ring, params, entries, mem, size);
	return ring_make(ring, params, entries);
}

int uring_init(struct uring *ring, struct uring_params *params, unsigned entries)
{
	struct uring_params defaults = URING_DEFAULT_PARAMS;
	struct uring_params asked;
	int ret;

	if (!ring)
		return -EINVAL;
	ring_close(ring);
	if (!entries || entries > URING_MAX_ENTRIES || entries & (entries - 1))
		return -EINVAL;
	if (!params)
		params = &defaults;
	/* The queue is ours, so its index array is too: do without where that works. */
	asked = *params;
	params->flags |= URING_SETUP_NO_SQARRAY;
	ret = ring_make(ring, params, entries);
	if (ret != -EINVAL || asked.flags & URING_SETUP_NO_SQARRAY)
		return ret;
	*params = asked;
	return ring_make(ring, params, entries);
}

/*
 * The ladder of uring_init_thread. Each rung is what a kernel of that age
 * still takes; an EINVAL means the next one.
 */
#define THREAD_6_1 (URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN | URING_SETUP_SUBMIT_ALL)
#define THREAD_6_6 (THREAD_6_1 | URING_SETUP_NO_SQARRAY)

static const uint32_t thread_flags[] = {
	THREAD_6_6 | URING_SETUP_NO_MMAP | URING_SETUP_REGISTERED_FD_ONLY,
	THREAD_6_6,
	THREAD_6_1,
	URING_SETUP_SINGLE_ISSUER | URING_SETUP_COOP_TASKRUN | URING_SETUP_SUBMIT_ALL,
	URING_SETUP_COOP_TASKRUN | URING_SETUP_SUBMIT_ALL,
	URING_SETUP_SUBMIT_ALL,
	0,
};

/* Makes a ring in anonymous memory of its own, which is unmapped with it. */
static int ring_make_anon(struct uring *ring, struct uring_params *params, unsigned entries)
{
	struct ring_sizes sizes;
	size_t size;
	void *mem;
	int ret;

	ret = ring_sizes(&sizes, params, entries);
	if (ret)
		return ret;
	size = sizes.rings + sizes.sqes;
	mem = sys_mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (sys_is_error(mem))
		return (int)(long)mem;
	sys_madvise(mem, size, MADV_DONTFORK);
	ret = ring_make_mem(ring, params, entries, mem, size);
	if (ret) {
		sys_munmap(mem, size);
		return ret;
	}
	ring->sq.map = mem;
	ring->sq.map_size = size;
	return 0;
}

/* Puts a registered ring in the place of the descriptor, and closes that. */
static void ring_drop_fd(struct uring *ring)
{
	struct uring_rsrc_update up = { .offset = -1u, .data = (uint32_t)ring->fd };

	if (uring_sys_register(ring->fd, URING_REGISTER_RING_FDS, &up, 1) != 1)
		return;
	ring->enter_fd = (int)up.offset;
	ring->enter_flags = URING_ENTER_REGISTERED_RING;
	sys_close(ring->fd);
	ring->fd = -1;
}

int uring_init_thread(struct uring *ring, unsigned entries)
{
	struct uring_params params;
	size_t i;
	int ret = -EINVAL;

	if (!ring)
		return -EINVAL;
	ring_close(ring);
	if (!entries || entries > URING_MAX_ENTRIES || entries & (entries - 1))
		return -EINVAL;
	for (i = 0; i < sizeof(thread_flags) / sizeof(*thread_flags); i++) {
		params = URING_DEFAULT_PARAMS;
		params.flags = thread_flags[i];
		if (params.flags & URING_SETUP_NO_MMAP)
			ret = ring_make_anon(ring, &params, entries);
		else
			ret = ring_make(ring, &params, entries);
		if (!ret)
			break;
		/*
		 * The first rung has more ways to fail than a flag too new: the
		 * sixteen registered rings of a thread used up, memory that 6.5
		 * wants contiguous.
		 */
		if (ret != -EINVAL && (i > 0 || ret == -EPERM || ret == -ENOSYS))
			break;
	}
	if (!ret && ring->fd >= 0)
		ring_drop_fd(ring);
	return ret;
}

/*
 * Frees the thread's slot of a registered ring. Through the ring itself that
 * works from 6.3 on; before, any other ring's descriptor does as well.
 */
static void ring_unregister(const struct uring *ring)
{
	struct uring_rsrc_update up = { .offset = (uint32_t)ring->enter_fd };
	struct uring_params params = URING_DEFAULT_PARAMS;
	int fd;

	if (ring->fd >= 0) {
		uring_sys_register(ring->fd, URING_UNREGISTER_RING_FDS, &up, 1);
		return;
	}
	if (ring->features & URING_FEAT_REG_REG_RING) {
		uring_sys_register(ring->enter_fd,
				   URING_UNREGISTER_RING_FDS | URING_REGISTER_USE_REGISTERED_RING,
				   &up, 1);
		return;
	}
	fd = uring_sys_setup(1, &params);
	if (fd < 0)
		return;
	uring_sys_register(fd, URING_UNREGISTER_RING_FDS, &up, 1);
	sys_close(fd);
}

void uring_destroy(struct uring *ring)
{
	if (!ring)
		return;
	if (ring->enter_flags & URING_ENTER_REGISTERED_RING)
		ring_unregister(ring);
	if (ring->fd >= 0)
		sys_close(ring->fd);
	uring_completion_queue_destroy(&ring->cq);
	uring_submission_queue_destroy(&ring->sq);
	ring_close(ring);
}

void uring_forget(struct uring *ring)
{
	if (!ring)
		return;
	if (ring->fd >= 0)
		sys_close(ring->fd);
	ring_close(ring);
}
