/* The operations of the benchmark with our library. */
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

const struct contender ringshim_default = { "ringshim", make_default, end, nops, reads };
const struct contender ringshim_thread = { "ringshim, thread", make_thread, end, nops, reads };
