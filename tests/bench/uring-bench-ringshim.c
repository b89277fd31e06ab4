/* SPDX-License-Identifier: MIT */
/* The operations of the benchmark, done with our library. */
#include <stdlib.h>

#include <ringshim/uring.h>

#include "uring-bench.h"

static void *make_default(unsigned entries)
{
	struct uring *ring = calloc(1, sizeof(*ring));

	if (uring_init(ring, NULL, entries)) {
		free(ring);
		return NULL;
	}
	return ring;
}

static void *make_thread(unsigned entries)
{
	struct uring *ring = calloc(1, sizeof(*ring));

	if (uring_init_thread(ring, entries)) {
		free(ring);
		return NULL;
	}
	return ring;
}

static void end(void *ring)
{
	uring_destroy(ring);
	free(ring);
}

static int reap(struct uring *ring, unsigned batch, int want)
{
	unsigned nr;
	int good = 0;

	if (uring_submit(ring, batch, NULL) != (int)batch)
		return 0;
	nr = uring_cq_ready(ring);
	for (unsigned i = 0; i < nr; i++)
		good += uring_cqe_at(ring, i)->res == want;
	uring_cq_advance(ring, nr);
	return good == (int)batch;
}

static int nops(void *ring, unsigned batch)
{
	for (unsigned i = 0; i < batch; i++)
		if (!uring_nop(ring, i))
			return 0;
	return reap(ring, batch, 0);
}

static int reads(void *ring, unsigned batch, int fd, char *buf)
{
	for (unsigned i = 0; i < batch; i++)
		if (!uring_read(ring, i, fd, buf + i * BENCH_BLOCK, BENCH_BLOCK, i * BENCH_BLOCK))
			return 0;
	return reap(ring, batch, BENCH_BLOCK);
}

static void *receive(void *ring, int fd, char *buf)
{
	struct uring_buf_ring *br;

	if (uring_setup_buf_ring(ring, &br, BENCH_ENTRIES, 0, 0))
		return NULL;
	for (unsigned i = 0; i < BENCH_ENTRIES; i++)
		uring_buf_ring_add(br, buf + i * BENCH_MESSAGE, BENCH_MESSAGE, (uint16_t)i,
				   uring_buf_ring_mask(BENCH_ENTRIES), (int)i);
	uring_buf_ring_advance(br, BENCH_ENTRIES);
	if (!uring_recv_multishot(ring, (uintptr_t)buf, fd, 0, 0))
		return NULL;
	return uring_submit(ring, 0, NULL) == 1 ? br : NULL;
}

static int receives(void *ring, void *buffers, unsigned batch)
{
	struct uring_buf_ring *br = buffers;
	unsigned nr;
	int good = 0;

	if (uring_submit(ring, batch, NULL))
		return 0;
	nr = uring_cq_ready(ring);
	for (unsigned i = 0; i < nr; i++) {
		const struct uring_cqe *cqe = uring_cqe_at(ring, i);
		unsigned id = cqe->flags >> URING_CQE_BUFFER_SHIFT;
		char *buf = (char *)(uintptr_t)cqe->user_data;

		good += cqe->res == BENCH_MESSAGE && cqe->flags & URING_CQE_F_MORE;
		uring_buf_ring_add(br, buf + id * BENCH_MESSAGE, BENCH_MESSAGE, (uint16_t)id,
				   uring_buf_ring_mask(BENCH_ENTRIES), (int)i);
	}
	uring_buf_ring_advance(br, (int)nr);
	uring_cq_advance(ring, nr);
	return good == (int)batch;
}

const struct contender ringshim_default = {
	"ringshim", make_default, end, nops, reads, receive, receives,
};
const struct contender ringshim_thread = {
	"ringshim, thread", make_thread, end, nops, reads, receive, receives,
};
