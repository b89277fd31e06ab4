/* SPDX-License-Identifier: MIT */
/* Measures the memory that a thread's first call takes: resident, and locked in the kernel. */
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "uring/abi.h"
#include "uring/sys.h"

#define THREADS 256
#define STACK_TOUCHED 16384

static int file;
static pthread_barrier_t started, go, done, leave;

static void read_byte(void)
{
	char byte;

	must(io->pread(file, &byte, 1, 0) == 1, "pread");
}

static void *work(void *arg)
{
	char stack[STACK_TOUCHED];

	explicit_bzero(stack, sizeof(stack));
	pthread_barrier_wait(&started);
	pthread_barrier_wait(&go);
	read_byte();
	pthread_barrier_wait(&done);
	pthread_barrier_wait(&leave);
	return NULL;
}

/* Returns the growth of measure for each thread that makes a call. */
static double growth(double (*measure)(void), const char *dir)
{
	pthread_t threads[THREADS];
	double before, after;

	file = scratch_file(dir, 4096);
	read_byte();
	pthread_barrier_init(&started, NULL, THREADS + 1);
	pthread_barrier_init(&go, NULL, THREADS + 1);
	pthread_barrier_init(&done, NULL, THREADS + 1);
	pthread_barrier_init(&leave, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, NULL))
			cannot("so many threads");
	pthread_barrier_wait(&started);
	before = measure();
	pthread_barrier_wait(&go);
	pthread_barrier_wait(&done);
	after = measure();
	pthread_barrier_wait(&leave);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return (after - before) / THREADS;
}

static double resident(void)
{
	FILE *rollup = fopen("/proc/self/smaps_rollup", "r");
	char line[256];
	double kib = -1;

	must(rollup, "/proc/self/smaps_rollup");
	while (fgets(line, sizeof(line), rollup) && sscanf(line, "Rss: %lf", &kib) != 1)
		;
	fclose(rollup);
	must(kib >= 0, "Rss");
	return kib;
}

static struct rlimit limit;		/* of locked memory */

static bool ring_fits(rlim_t pages)
{
	const struct rlimit lower = { pages * (rlim_t)getpagesize(), limit.rlim_max };
	struct uring_params params = { 0 };
	long fd;

	must(!setrlimit(RLIMIT_MEMLOCK, &lower), "setrlimit");
	fd = sys_call6(SYS_io_uring_setup, 1, (long)&params, 0, 0, 0, 0);
	if (fd >= 0)
		close((int)fd);
	return fd >= 0;
}

/*
 * Returns the lowest limit under which one more ring can be made: the memory that the kernel has
 * counted so far, plus that ring.
 */
static double locked_now(void)
{
	rlim_t least = 0, most = limit.rlim_max / (rlim_t)getpagesize();

	if (most > 1 << 20)
		most = 1 << 20;
	if (!ring_fits(most))
		cannot("so much locked memory (ulimit -l)");
	while (most - least > 1) {
		rlim_t middle = (least + most) / 2;

		if (ring_fits(middle))
			most = middle;
		else
			least = middle;
	}
	must(!setrlimit(RLIMIT_MEMLOCK, &limit), "setrlimit");
	return (double)most * getpagesize() / 1024;
}

/* The rings of exited threads and processes are freed some time later. */
static double locked(void)
{
	double kib = locked_now(), before;
	int tries = 50;

	do {
		before = kib;
		usleep(20000);
		kib = locked_now();
	} while (kib != before && tries--);
	return kib;
}

/* Drops privileges, because the kernel does not count what a privileged process locks. */
static void become_counted(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	must(!syscall(SYS_capget, &header, data), "capget");
	data[0].effective &= ~(1u << CAP_IPC_LOCK);
	must(!syscall(SYS_capset, &header, data), "capset");
}

static double resident_each(char **args)
{
	return growth(resident, args[0]);
}

static double locked_each(char **args)
{
	getrlimit(RLIMIT_MEMLOCK, &limit);
	limit.rlim_cur = limit.rlim_max;
	become_counted();
	return growth(locked, args[0]);
}

const struct subject memory_subjects[] = {
	{ "resident", "DIR", 1, NULL, NULL, resident_each },
	{ "locked", "DIR", 1, NULL, NULL, locked_each },
	{ 0 }
};
