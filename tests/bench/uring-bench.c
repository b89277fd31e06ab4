/*
 * Compares our library with liburing, in one process, turn by turn: no-ops
 * and cached reads of 4 KiB, submitted and reaped in batches of a size, and
 * making and ending a ring of a size. Prints nanoseconds of CPU time per
 * operation, the median of the rounds, and the median of each round's
 * quotients, which a noisy machine disturbs less.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "uring-bench.h"

#define MAX_ROUNDS 201

enum { LIBURING, RINGSHIM, LIBURING_THREAD, RINGSHIM_THREAD, NR };

static const struct contender *const contenders[NR] = {
	[LIBURING] = &liburing_default,
	[RINGSHIM] = &ringshim_default,
	[LIBURING_THREAD] = &liburing_thread,
	[RINGSHIM_THREAD] = &ringshim_thread,
};

static double round_ns;			/* how long one measurement lasts */
static int rounds;
static double ns[NR][MAX_ROUNDS];
static char *buffers;
static int file;

/* Of this thread's CPU time: nothing here waits, but others want the machine too. */
static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values)
{
	double sorted[MAX_ROUNDS];

	memcpy(sorted, values, rounds * sizeof(*values));
	qsort(sorted, rounds, sizeof(*sorted), by_value);
	return sorted[rounds / 2];
}

static double median_quotient(int a, int b)
{
	double quotients[MAX_ROUNDS];

	for (int i = 0; i < rounds; i++)
		quotients[i] = ns[a][i] / ns[b][i];
	return median(quotients);
}

static void failed(const struct contender *c)
{
	fprintf(stderr, "uring-bench: %s: an operation failed\n", c->name);
	exit(1);
}

static double measure_batch(const struct contender *c, void *ring, unsigned batch, int is_read)
{
	double start = now_ns(), time;
	unsigned done = 0;

	do {
		for (int i = 0; i < 16; i++) {
			if (!(is_read ? c->reads(ring, batch, file, buffers) : c->nops(ring, batch)))
				failed(c);
			done += batch;
		}
		time = now_ns() - start;
	} while (time < round_ns);
	return time / done;
}

static double measure_setup(const struct contender *c, unsigned entries)
{
	double start = now_ns(), time;
	unsigned done = 0;

	do {
		void *ring = c->make(entries);

		if (!ring)
			failed(c);
		c->end(ring);
		done++;
		time = now_ns() - start;
	} while (time < round_ns);
	return time / done;
}

static void print_row(const char *what, unsigned batch)
{
	double default_quotient = median_quotient(RINGSHIM, LIBURING);
	double thread_quotient = median_quotient(RINGSHIM_THREAD, LIBURING);
	double same_quotient = median_quotient(RINGSHIM_THREAD, LIBURING_THREAD);

	printf("%-14s %5u", what, batch);
	for (int i = 0; i < NR; i++)
		printf(" %10.1f", median(ns[i]));
	printf(" %8.3f%s %8.3f%s %8.3f%s\n", default_quotient, default_quotient > 1 ? "*" : " ",
	       thread_quotient, thread_quotient > 1 ? "*" : " ",
	       same_quotient, same_quotient > 1 ? "*" : " ");
	fflush(stdout);
}

static void batches(const char *what, int is_read)
{
	static const unsigned sizes[] = { 1, 8, 32, 128 };
	void *rings[NR];

	for (int c = 0; c < NR; c++) {
		rings[c] = contenders[c]->make(BENCH_ENTRIES);
		if (!rings[c])
			failed(contenders[c]);
	}
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (int round = 0; round < rounds; round++)
			for (int turn = 0; turn < NR; turn++) {
				/* Another one first each time. */
				int c = (turn + round) % NR;

				ns[c][round] = measure_batch(contenders[c], rings[c], sizes[i],
							     is_read);
			}
		print_row(what, sizes[i]);
	}
	for (int c = 0; c < NR; c++)
		contenders[c]->end(rings[c]);
}

static void setups(unsigned entries)
{
	for (int round = 0; round < rounds; round++)
		for (int turn = 0; turn < NR; turn++) {
			int c = (turn + round) % NR;

			ns[c][round] = measure_setup(contenders[c], entries);
		}
	print_row("make and end", entries);
}

static void prepare_file(void)
{
	char path[] = "/tmp/uring-bench-XXXXXX";
	size_t size = BENCH_ENTRIES * BENCH_BLOCK;

	buffers = aligned_alloc(BENCH_BLOCK, size);
	file = mkstemp(path);
	if (file < 0 || !buffers) {
		perror("uring-bench");
		exit(1);
	}
	unlink(path);
	memset(buffers, 1, size);
	if (write(file, buffers, size) != (ssize_t)size) {
		perror("uring-bench");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	cpu_set_t cpus;

	rounds = argc > 1 ? atoi(argv[1]) : 51;
	round_ns = argc > 2 ? atof(argv[2]) * 1e6 : 5e6;
	if (rounds < 1 || rounds > MAX_ROUNDS || round_ns <= 0) {
		fprintf(stderr, "usage: %s [ROUNDS (1 to %d)] [MILLISECONDS EACH]\n", argv[0],
			MAX_ROUNDS);
		return 2;
	}
	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	prepare_file();

	printf("nanoseconds of CPU time per operation, median of %d rounds; * is above 1\n", rounds);
	printf("%-14s %5s %10s %10s %10s %10s %9s %9s %9s\n", "", "size", "liburing", "ringshim",
	       "liburing+", "thread", "2/1", "4/1", "4/3");
	batches("no-op", 0);
	batches("read 4 KiB", 1);
	setups(1);
	setups(BENCH_ENTRIES);
	printf("liburing+: with the flags and the registered ring of our ring for one thread\n");
	return 0;
}
