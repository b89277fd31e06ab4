/* SPDX-License-Identifier: MIT */
/* Benchmarks many threads that read at once, and threads that start, read once and exit. */
#include <pthread.h>
#include <stdlib.h>

#include "bench.h"

#define BLOCK 4096
#define READS 100		/* per repetition: the barriers cost about as much as one */

static int file;
static unsigned long nr_threads;
static pthread_barrier_t begin, end;
static volatile unsigned long reads;	/* by each thread, in this round */

static void read_block(unsigned long nr)
{
	char buf[BLOCK];

	must(io->pread(file, buf, BLOCK, (off_t)(nr % 256 * BLOCK)) == BLOCK, "pread");
}

static pthread_t begin_thread(void *(*body)(void *))
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * 1024);
	if (pthread_create(&thread, &attr, body, NULL))
		cannot("so many threads");
	return thread;
}

static void *work(void *arg)
{
	for (;;) {
		pthread_barrier_wait(&begin);
		for (unsigned long i = reads; i; i--)
			read_block(i);
		pthread_barrier_wait(&end);
	}
	return NULL;
}

static void prepare_threads(char **args)
{
	nr_threads = number(args[0]);
	file = scratch_file(args[1], 256 * BLOCK);
	pthread_barrier_init(&begin, NULL, (unsigned)nr_threads + 1);
	pthread_barrier_init(&end, NULL, (unsigned)nr_threads + 1);
	calls_each = nr_threads * READS;
	for (unsigned long i = 0; i < nr_threads; i++)
		begin_thread(work);
}

static void repeat_threads(unsigned long count)
{
	reads = count * READS;
	clock_on();
	pthread_barrier_wait(&begin);
	pthread_barrier_wait(&end);
	clock_off();
}

static void *read_once(void *arg)
{
	read_block(0);
	if (io == &floor_io)
		floor_end();
	return NULL;
}

static void prepare_start(char **args)
{
	file = scratch_file(args[0], 256 * BLOCK);
}

static void repeat_start(unsigned long count)
{
	clock_on();
	while (count--)
		must(!pthread_join(begin_thread(read_once), NULL), "pthread_join");
	clock_off();
}

const struct subject thread_subjects[] = {
	{ "threads", "COUNT DIR", 2, prepare_threads, repeat_threads, NULL },
	{ "thread-start", "DIR", 1, prepare_start, repeat_start, NULL },
	{ 0 }
};
