/* SPDX-License-Identifier: MIT */
/* The memory of the queues: its size, its mappings, and the pointers into it. */
#include <sys/auxv.h>
#include <sys/mman.h>

#include "internal.h"
#include "sys.h"

/*
 * An upper limit for the part of the ring memory before the completions. It is 64 bytes on
 * the kernels we know, but depends on the size of a cache line. uringi_make_mem checks the
 * outcome.
 */
#define RING_HEADER_SIZE 256

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

static size_t sqe_size(const struct uring_params *params)
{
	return sizeof(struct uring_sqe) << !!(params->flags & URING_SETUP_SQE128);
}

static size_t cqe_size(const struct uring_params *params)
{
	return sizeof(struct uring_cqe) << !!(params->flags & URING_SETUP_CQE32);
}

/* Returns the size that the kernel makes of entries, or 0 if it refuses that. */
static unsigned queue_size(unsigned entries, unsigned max, unsigned flags)
{
	if (entries > max)
		return flags & URING_SETUP_CLAMP ? max : 0;
	return entries ? round_up_pow2(entries) : 0;
}

int uringi_sizes(struct ring_sizes *sizes, const struct uring_params *params, unsigned entries)
{
	unsigned sq_entries, cq_entries;

	sq_entries = queue_size(entries, URING_MAX_SQ_ENTRIES, params->flags);
	if (!sq_entries)
		return -EINVAL;
	cq_entries = 2 * sq_entries;
	if (params->flags & URING_SETUP_CQSIZE)
		cq_entries = queue_size(params->cq_entries, URING_MAX_CQ_ENTRIES, params->flags);
	if (cq_entries < sq_entries)
		return -EINVAL;
	sizes->rings = RING_HEADER_SIZE + cq_entries * cqe_size(params);
	if (!(params->flags & URING_SETUP_NO_SQARRAY))
		sizes->rings += sq_entries * sizeof(uint32_t);
	sizes->rings = page_round(sizes->rings);
	sizes->sqes = page_round(sq_entries * sqe_size(params));
	return 0;
}

long uring_memory_size(const struct uring_params *params, unsigned entries)
{
	struct uring_params defaults = URING_DEFAULT_PARAMS;
	struct ring_sizes sizes;
	int ret = uringi_sizes(&sizes, params ? params : &defaults, entries);

	return ret ? ret : (long)(sizes.rings + sizes.sqes);
}

static size_t sq_ring_size(const struct uring_params *params)
{
	if (params->flags & URING_SETUP_NO_SQARRAY)
		return params->cq_off.cqes;
	return params->sq_off.array + params->sq_entries * sizeof(uint32_t);
}

static size_t cq_ring_size(const struct uring_params *params)
{
	return params->cq_off.cqes + params->cq_entries * cqe_size(params);
}

size_t uringi_rings_size(const struct uring_params *params)
{
	size_t sq = sq_ring_size(params), cq = cq_ring_size(params);

	return sq > cq ? sq : cq;
}

void uringi_sq_point(struct uring_sq *sq, const struct uring_params *params, void *rings,
		     void *sqes)
{
	char *base = rings;

	sq->head = (uint32_t *)(base + params->sq_off.head);
	sq->tail = (uint32_t *)(base + params->sq_off.tail);
	sq->flags = (uint32_t *)(base + params->sq_off.flags);
	sq->dropped = (uint32_t *)(base + params->sq_off.dropped);
	sq->ring_mask = (uint32_t *)(base + params->sq_off.ring_mask);
	sq->ring_entries = (uint32_t *)(base + params->sq_off.ring_entries);
	sq->mask = *sq->ring_mask;
	sq->entries = *sq->ring_entries;
	sq->sqes = sqes;
	sq->sqe_shift = !!(params->flags & URING_SETUP_SQE128);
	sq->sqe_head = *sq->head;
	sq->sqe_tail = *sq->tail;
	if (params->flags & URING_SETUP_NO_SQARRAY)
		return;
	/* We never reorder: place i of the index array always names entry i. */
	sq->array = (uint32_t *)(base + params->sq_off.array);
	for (unsigned i = 0; i < sq->entries; i++)
		sq->array[i] = i;
}

void uringi_cq_point(struct uring_cq *cq, const struct uring_params *params, void *rings)
{
	char *base = rings;

	cq->head = (uint32_t *)(base + params->cq_off.head);
	cq->tail = (uint32_t *)(base + params->cq_off.tail);
	cq->overflow = (uint32_t *)(base + params->cq_off.overflow);
	if (params->cq_off.flags)
		cq->flags = (uint32_t *)(base + params->cq_off.flags);
	cq->ring_mask = (uint32_t *)(base + params->cq_off.ring_mask);
	cq->ring_entries = (uint32_t *)(base + params->cq_off.ring_entries);
	cq->mask = *cq->ring_mask;
	cq->entries = *cq->ring_entries;
	cq->cqes = (struct uring_cqe *)(base + params->cq_off.cqes);
	cq->cqe_shift = !!(params->flags & URING_SETUP_CQE32);
}

/*
 * Returns an address or a negative errno (see sys_is_error). The kernel fills the mapping
 * itself and chooses its address.
 */
static void *map_queue(int fd, size_t size, unsigned long offset)
{
	return sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
}

int uring_submission_queue_make(struct uring_sq *sq, int fd, const struct uring_params *params)
{
	size_t size, sqes_size;
	void *map, *sqes;

	if (!sq || !params || !params->sq_entries)
		return -EINVAL;
	__builtin_memset(sq, 0, sizeof(*sq));
	size = params->features & URING_FEAT_SINGLE_MMAP ? uringi_rings_size(params) :
							   sq_ring_size(params);
	map = map_queue(fd, size, URING_OFF_SQ_RING);
	if (sys_is_error(map))
		return (int)(long)map;
	sqes_size = params->sq_entries * sqe_size(params);
	sqes = map_queue(fd, sqes_size, URING_OFF_SQES);
	if (sys_is_error(sqes)) {
		sys_munmap(map, size);
		return (int)(long)sqes;
	}
	uringi_sq_point(sq, params, map, sqes);
	sq->map = map;
	sq->map_size = size;
	sq->map_sqes_size = (uint32_t)sqes_size;
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
		uringi_cq_point(cq, params, sq->map);
		return 0;
	}
	size = cq_ring_size(params);
	map = map_queue(fd, size, URING_OFF_CQ_RING);
	if (sys_is_error(map))
		return (int)(long)map;
	uringi_cq_point(cq, params, map);
	cq->map = map;
	cq->map_size = size;
	return 0;
}

/* Two memory ranges. A size of 0: there is no such range. */
struct pieces {
	void *at[2];
	size_t size[2];
};

/*
 * Returns the mappings of sq. Usually they are adjacent and returned as one range. One call
 * then handles both, and the processor flushes its TLB only once.
 */
static struct pieces mappings_of(const struct uring_sq *sq)
{
	struct pieces p = {
		.at = { sq->map, sq->sqes },
		.size = { sq->map ? page_round(sq->map_size) : 0, page_round(sq->map_sqes_size) },
	};

	if (p.size[0] && p.size[1] && (char *)p.at[1] + p.size[1] == (char *)p.at[0])
		p.at[0] = p.at[1];
	else if (!p.size[0] || !p.size[1] || (char *)p.at[0] + p.size[0] != (char *)p.at[1])
		return p;
	p.size[0] += p.size[1];
	p.size[1] = 0;
	return p;
}

int uring_submission_queue_destroy(struct uring_sq *sq)
{
	struct pieces p;
	int ret = 0, ret2 = 0;

	if (!sq)
		return -EINVAL;
	p = mappings_of(sq);
	if (p.size[1])
		ret = sys_munmap(p.at[1], p.size[1]);
	if (p.size[0])
		ret2 = sys_munmap(p.at[0], p.size[0]);
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

int uring_dontfork(struct uring *ring)
{
	struct pieces p;
	int ret = 0;

	if (!ring)
		return -EINVAL;
	if (ring->enter_fd < 0)
		return -EBADF;
	p = mappings_of(&ring->sq);
	for (int i = 0; i < 2 && !ret; i++)
		if (p.size[i])
			ret = sys_madvise(p.at[i], p.size[i], MADV_DONTFORK);
	if (!ret && ring->cq.map)
		ret = sys_madvise(ring->cq.map, ring->cq.map_size, MADV_DONTFORK);
	if (!ret)
		ring->dontfork = 1;
	return ret;
}
