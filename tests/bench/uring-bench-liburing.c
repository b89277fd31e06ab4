/* SPDX-License-Identifier: MIT */
/* The operations of the benchmark, as a program does them with liburing. */
#include <liburing.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "uring-bench.h"

/* A number, because the installed liburing can be older than the kernel. */
#define SUBMIT_ALL (1u << 7)
#define SINGLE_ISSUER (1u << 12)
#define DEFER_TASKRUN (1u << 13)
#define NO_SQARRAY (1u << 16)

static void *make_flags(unsigned entries, unsigned flags)
{
	struct io_uring *ring = calloc(1, sizeof(*ring));

	if (io_uring_queue_init(entries, ring, flags)) {
		free(ring);
		return NULL;
	}
	return ring;
}

static void *make_default(unsigned entries)
{
	return make_flags(entries, 0);
}

static void *make_thread(unsigned entries)
{
	void *ring = make_flags(entries, SUBMIT_ALL | SINGLE_ISSUER | DEFER_TASKRUN);

	if (ring)
		io_uring_register_ring_fd(ring);
	return ring;
}

static void end(void *ring)
{
	io_uring_queue_exit(ring);
	free(ring);
}

static int reap(struct io_uring *ring, unsigned batch, int want)
{
	struct io_uring_cqe *cqe;
	unsigned head, nr = 0;
	int good = 0;

	if (io_uring_submit_and_wait(ring, batch) != (int)batch)
		return 0;
	io_uring_for_each_cqe(ring, head, cqe) {
		good += cqe->res == want;
		nr++;
	}
	io_uring_cq_advance(ring, nr);
	return good == (int)batch;
}

static int nops(void *ring, unsigned batch)
{
	for (unsigned i = 0; i < batch; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

		if (!sqe)
			return 0;
		io_uring_prep_nop(sqe);
		io_uring_sqe_set_data64(sqe, i);
	}
	return reap(ring, batch, 0);
}

static int reads(void *ring, unsigned batch, int fd, char *buf)
{
	for (unsigned i = 0; i < batch; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

		if (!sqe)
			return 0;
		io_uring_prep_read(sqe, fd, buf + i * BENCH_BLOCK, BENCH_BLOCK, i * BENCH_BLOCK);
		io_uring_sqe_set_data64(sqe, i);
	}
	return reap(ring, batch, BENCH_BLOCK);
}

/* io_uring_setup_buf_ring came with 2.4, and Debian 12 has 2.3. */
static struct io_uring_buf_ring *make_buffers(void *ring)
{
	size_t size = BENCH_ENTRIES * sizeof(struct io_uring_buf);
	struct io_uring_buf_reg reg = { .ring_entries = BENCH_ENTRIES };
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);

	reg.ring_addr = (uintptr_t)mem;
	if (mem == MAP_FAILED || io_uring_register_buf_ring(ring, &reg, 0))
		return NULL;
	io_uring_buf_ring_init(mem);
	return mem;
}

static void *receive(void *ring, int fd, char *buf)
{
	struct io_uring_buf_ring *br = make_buffers(ring);
	struct io_uring_sqe *sqe;

	if (!br)
		return NULL;
	for (unsigned i = 0; i < BENCH_ENTRIES; i++)
		io_uring_buf_ring_add(br, buf + i * BENCH_MESSAGE, BENCH_MESSAGE, i,
				      io_uring_buf_ring_mask(BENCH_ENTRIES), i);
	io_uring_buf_ring_advance(br, BENCH_ENTRIES);
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = 0;
	io_uring_sqe_set_data64(sqe, (uintptr_t)buf);
	return io_uring_submit(ring) == 1 ? br : NULL;
}

static int receives(void *ring, void *buffers, unsigned batch)
{
	struct io_uring_buf_ring *br = buffers;
	struct io_uring_cqe *cqe;
	unsigned head, nr = 0;
	int good = 0;

	if (io_uring_submit_and_wait(ring, batch))
		return 0;
	io_uring_for_each_cqe((struct io_uring *)ring, head, cqe) {
		unsigned id = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
		char *buf = (char *)(uintptr_t)io_uring_cqe_get_data64(cqe);

		good += cqe->res == BENCH_MESSAGE && cqe->flags & IORING_CQE_F_MORE;
		io_uring_buf_ring_add(br, buf + id * BENCH_MESSAGE, BENCH_MESSAGE, id,
				      io_uring_buf_ring_mask(BENCH_ENTRIES), nr);
		nr++;
	}
	io_uring_buf_ring_cq_advance(ring, br, nr);
	return good == (int)batch;
}

const struct contender liburing_default = {
	"liburing", make_default, end, nops, reads, receive, receives,
};
const struct contender liburing_thread = {
	"liburing, same flags", make_thread, end, nops, reads, receive, receives,
};
