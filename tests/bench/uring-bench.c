/* SPDX-License-Identifier: MIT */
/*
 * Compares our library with liburing in one process, in turns: no-ops, cached reads of 4 KiB and
 * received messages, in batches of a size, and creating and destroying rings of a size, one or a
 * hundred at a time. Prints nanoseconds of CPU time per operation (the median of the rounds), and
 * the median of each round's quotients, which noise disturbs less, with its 95 % confidence
 * interval. Each round has its own rings, in a child whose heap and stack start elsewhere:
 * placement in memory makes a difference of a per cent.
 *
 * With -c it makes one contender do a number of operations and nothing else, for counting by
 * callgrind: --toggle-collect=counted.
 */
#include <alloca.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "uring-bench.h"

#define MAX_ROUNDS 201
#define MAX_RINGS 100

enum { LIBURING, RINGSHIM, LIBURING_THREAD, RINGSHIM_THREAD, NR };

static const struct contender *const contenders[NR] = {
	[LIBURING] = &liburing_default,
	[RINGSHIM] = &ringshim_default,
	[LIBURING_THREAD] = &liburing_thread,
	[RINGSHIM_THREAD] = &ringshim_thread,
};

static double round_ns;			/* duration of one measurement */
static int rounds;
static double ns[NR][MAX_ROUNDS];
static char *buffers;
static int file;

/* The operations of a batch. */
enum what { NOPS, READS, RECEIVES, NR_WHAT };

static const unsigned sizes[] = { 1, 8, 32, 128 };
#define NR_SIZES (sizeof(sizes) / sizeof(*sizes))

static const char *const names[NR_WHAT] = { "no-op", "read 4 KiB", "receive" };

/* A contender at work: its ring, and for messages the sending end. */
struct work {
	const struct contender *contender;
	void *ring;
	void *buffers;
	int sender;
};

/* Returns this thread's CPU time: nothing here waits, but other processes use the machine too. */
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

/* The median of the quotients of each round, and its 95 % confidence interval. */
struct quotient {
	double median, low, high;
};

static struct quotient quotient_of(int a, int b)
{
	double sorted[MAX_ROUNDS];
	int reach = (int)(0.98 * sqrt(rounds) + 1), low, high;

	for (int i = 0; i < rounds; i++)
		sorted[i] = ns[a][i] / ns[b][i];
	qsort(sorted, rounds, sizeof(*sorted), by_value);
	low = rounds / 2 - reach;
	high = rounds / 2 + reach;
	return (struct quotient){
		sorted[rounds / 2], sorted[low < 0 ? 0 : low],
		sorted[high >= rounds ? rounds - 1 : high],
	};
}

static void failed(const struct contender *c)
{
	fprintf(stderr, "uring-bench: %s: an operation failed\n", c->name);
	exit(1);
}

static void begin(struct work *work, const struct contender *c, enum what what)
{
	static char messages[NR][BENCH_ENTRIES * BENCH_MESSAGE];
	static int used;
	int pair[2];

	work->contender = c;
	work->ring = c->make(BENCH_ENTRIES);
	if (!work->ring)
		failed(c);
	if (what != RECEIVES)
		return;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		failed(c);
	work->sender = pair[1];
	work->buffers = c->receive(work->ring, pair[0], messages[used++ % NR]);
	if (!work->buffers)
		failed(c);
}

static int do_batch(const struct work *work, enum what what, unsigned batch)
{
	const struct contender *c = work->contender;
	char message[BENCH_MESSAGE] = "";

	if (what == NOPS)
		return c->nops(work->ring, batch);
	if (what == READS)
		return c->reads(work->ring, batch, file, buffers);
	for (unsigned i = 0; i < batch; i++)
		if (send(work->sender, message, sizeof(message), 0) != sizeof(message))
			return 0;
	return c->receives(work->ring, work->buffers, batch);
}

static double measure_batch(const struct work *work, enum what what, unsigned batch)
{
	double start = now_ns(), time;
	unsigned done = 0;

	do {
		for (int i = 0; i < 16; i++) {
			if (!do_batch(work, what, batch))
				failed(work->contender);
			done += batch;
		}
		time = now_ns() - start;
	} while (time < round_ns);
	return time / done;
}

static double measure_setup(const struct contender *c, unsigned entries, unsigned at_once)
{
	double start = now_ns(), time;
	void *made[MAX_RINGS];
	unsigned done = 0;

	do {
		for (unsigned i = 0; i < at_once; i++) {
			made[i] = c->make(entries);
			if (!made[i])
				failed(c);
		}
		for (unsigned i = 0; i < at_once; i++)
			c->end(made[i]);
		done += at_once;
		time = now_ns() - start;
	} while (time < round_ns);
	return time / done;
}

/* A row is slower than liburing only if the whole interval is above 1. */
static void print_quotient(struct quotient q)
{
	printf("  %5.3f (%5.3f to %5.3f)%s", q.median, q.low, q.high, q.low > 1 ? "*" : " ");
}

static void print_row(const char *what, unsigned batch)
{
	printf("%-14s %5u", what, batch);
	for (int i = 0; i < NR; i++)
		printf(" %9.0f", median(ns[i]));
	print_quotient(quotient_of(RINGSHIM, LIBURING));
	print_quotient(quotient_of(RINGSHIM_THREAD, LIBURING_THREAD));
	putchar('\n');
	fflush(stdout);
}

/* The children's measurements, by size, contender and round. */
typedef double samples[NR_SIZES][NR][MAX_ROUNDS];

/* More than 32 messages do not fit into the socket. */
static unsigned sizes_of(enum what what)
{
	return what == RECEIVES ? NR_SIZES - 1 : NR_SIZES;
}

static __attribute__((noinline)) void measure_round(samples *results, enum what what, int round)
{
	struct work work[NR];

	for (int turn = 0; turn < NR; turn++) {
		int c = (turn + round) % NR;

		begin(&work[c], contenders[c], what);
	}
	for (unsigned size = 0; size < sizes_of(what); size++)
		for (int turn = 0; turn < NR; turn++) {
			/* A different contender goes first each time. */
			int c = (turn + round) % NR;

			(*results)[size][c][round] = measure_batch(&work[c], what, sizes[size]);
		}
}

static void measure_elsewhere(samples *results, enum what what, int round)
{
	volatile char *stack;

	srandom((unsigned)round);
	stack = alloca(1 + random() % 4096);
	*stack = 0;
	for (long blocks = random() % 64; blocks > 0; blocks--)
		if (!malloc((size_t)random() % 512))
			exit(1);
	measure_round(results, what, round);
	exit(0);
}

static void batches(enum what what)
{
	samples *results = mmap(NULL, sizeof(*results), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	if (results == MAP_FAILED)
		failed(contenders[0]);
	for (int round = 0; round < rounds; round++) {
		pid_t child = fork();

		if (!child)
			measure_elsewhere(results, what, round);
		if (child < 0 || waitpid(child, &status, 0) != child || status)
			failed(contenders[0]);
	}
	for (unsigned size = 0; size < sizes_of(what); size++) {
		memcpy(ns, (*results)[size], sizeof(ns));
		print_row(names[what], sizes[size]);
	}
	munmap(results, sizeof(*results));
}

static void setups(const char *what, unsigned entries, unsigned at_once)
{
	for (int round = 0; round < rounds; round++)
		for (int turn = 0; turn < NR; turn++) {
			int c = (turn + round) % NR;

			ns[c][round] = measure_setup(contenders[c], entries, at_once);
		}
	print_row(what, entries);
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

static void all_rows(void)
{
	printf("nanoseconds of CPU time per operation, median of %d rounds; quotients with their 95 %% interval, * where all of it is above 1\n",
	       rounds);
	printf("%-14s %5s %9s %9s %9s %9s  %-23s  %s\n", "", "size", "liburing", "ringshim",
	       "liburing+", "thread", "ringshim/liburing", "thread/liburing+");
	for (int what = 0; what < NR_WHAT; what++)
		batches((enum what)what);
	for (unsigned entries = 8; entries <= 4096; entries *= 2)
		setups("make and end", entries, 1);
	for (unsigned entries = 8; entries <= 512; entries *= 8)
		setups("100 rings", entries, MAX_RINGS);
	printf("liburing+: with the flags and the registered ring of our ring for one thread\n");
}

/* The function that callgrind counts. */
int counted(const struct work *work, enum what what, unsigned batch);

__attribute__((noinline)) int counted(const struct work *work, enum what what, unsigned batch)
{
	return do_batch(work, what, batch);
}

static int count(const char *contender, const char *what, unsigned batch, int batches_to_do)
{
	struct work work;

	for (int c = 0; c < NR; c++)
		for (int w = 0; w < NR_WHAT; w++) {
			if (strcmp(contenders[c]->name, contender) || strcmp(names[w], what))
				continue;
			begin(&work, contenders[c], (enum what)w);
			for (int i = 0; i < batches_to_do; i++)
				if (!counted(&work, (enum what)w, batch))
					failed(contenders[c]);
			return 0;
		}
	return 2;
}

static int usage(const char *name)
{
	fprintf(stderr, "usage: %s [ROUNDS (1 to %d)] [MILLISECONDS EACH]\n"
		"       %s -c CONTENDER WHAT BATCH TIMES\n", name, MAX_ROUNDS, name);
	return 2;
}

int main(int argc, char **argv)
{
	cpu_set_t cpus;

	setvbuf(stdout, NULL, _IOLBF, 0);
	prepare_file();
	if (argc == 6 && !strcmp(argv[1], "-c"))
		return count(argv[2], argv[3], (unsigned)atoi(argv[4]), atoi(argv[5]));
	rounds = argc > 1 ? atoi(argv[1]) : 51;
	round_ns = argc > 2 ? atof(argv[2]) * 1e6 : 5e6;
	if (rounds < 1 || rounds > MAX_ROUNDS || round_ns <= 0)
		return usage(argv[0]);
	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	all_rows();
	return 0;
}
