/* SPDX-License-Identifier: MIT */
/*
 * Measures one call in one way: natively, on the floor, or through a preloaded library. Prints
 * nanoseconds per call, in wall clock time and in CPU time (of this process, its threads, the
 * kernel's workers for it, and a partner process), and the number of timed calls; or the single
 * figure of a subject that is not about time.
 *
 * Runs on one CPU unless told otherwise.
 */
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

const struct io libc_io = {
	.read = read,
	.write = write,
	.pread = pread,
	.recv = recv,
	.send = send,
	.accept = accept,
	.connect = connect,
	.fsync = fsync,
};

const struct io *io = &libc_io;
unsigned long calls_each = 1;

enum { EXIT_CANNOT = 77 };

void must(bool so, const char *what)
{
	if (__builtin_expect(so, 1))
		return;
	fprintf(stderr, "calls: %s: %s\n", what, strerror(errno));
	exit(1);
}

void cannot(const char *what)
{
	fprintf(stderr, "calls: not on this machine: %s\n", what);
	exit(EXIT_CANNOT);
}

unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	switch (*end) {
	case 'g': n *= 1024; /* fall through */
	case 'm': n *= 1024; /* fall through */
	case 'k': n *= 1024; end++;
	}
	errno = EINVAL;
	must(end != text && !*end, text);
	return n;
}

struct times {
	double wall, cpu;
};

static struct times total, began;
static clockid_t partner;

static double now(clockid_t clock)
{
	struct timespec ts;

	must(!clock_gettime(clock, &ts), "clock_gettime");
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static struct times times_now(void)
{
	struct times times = { .cpu = now(CLOCK_PROCESS_CPUTIME_ID) };

	if (partner)
		times.cpu += now(partner);
	times.wall = now(CLOCK_MONOTONIC);
	return times;
}

void clock_on(void)
{
	began = times_now();
}

void clock_off(void)
{
	struct times times = times_now();

	total.wall += times.wall - began.wall;
	total.cpu += times.cpu - began.cpu;
}

void clock_include(pid_t pid)
{
	must(!clock_getcpuclockid(pid, &partner), "clock_getcpuclockid");
}

static struct times timed(const struct subject *subject, unsigned long count)
{
	total = (struct times){ 0 };
	subject->repeat(count);
	return total;
}

/* Warms up for a tenth of the sample's time, then times a whole sample. */
static unsigned long warm_up(const struct subject *subject, double sample_ns)
{
	unsigned long count = 1;

	while (timed(subject, count).wall < sample_ns / 10)
		count *= 2;
	return (unsigned long)(count * sample_ns / total.wall) + 1;
}

static void measure(const struct subject *subject, double sample_ns)
{
	unsigned long count = warm_up(subject, sample_ns);

	timed(subject, count);
	count *= calls_each;
	printf("%.2f %.2f %lu\n", total.wall / count, total.cpu / count, count);
}

/* libc's own functions, bypassing any preloaded library. */
static struct io past_preload(void)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);

	must(libc, "libc.so.6");
	return (struct io){
		.read = (ssize_t (*)(int, void *, size_t))dlsym(libc, "read"),
		.write = (ssize_t (*)(int, const void *, size_t))dlsym(libc, "write"),
		.pread = (ssize_t (*)(int, void *, size_t, off_t))dlsym(libc, "pread"),
		.recv = (ssize_t (*)(int, void *, size_t, int))dlsym(libc, "recv"),
		.send = (ssize_t (*)(int, const void *, size_t, int))dlsym(libc, "send"),
		.accept = (int (*)(int, struct sockaddr *, socklen_t *))dlsym(libc, "accept"),
		.connect = (int (*)(int, const struct sockaddr *, socklen_t))dlsym(libc, "connect"),
		.fsync = (int (*)(int))dlsym(libc, "fsync"),
	};
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * Measures the nanoseconds that a preloaded library adds to a call. Blocks of a fifth of a
 * millisecond alternate with the library and without it, so close together that a disturbance
 * affects both. The result is the median of the pairs' differences.
 */
static void measure_added(const struct subject *subject, double sample_ns)
{
	enum { PAIRS = 100 };
	const struct io past = past_preload();
	unsigned long count = warm_up(subject, sample_ns / PAIRS);
	double added[PAIRS];

	for (int i = 0; i < PAIRS; i++) {
		double cpu[2];

		for (int k = 0; k < 2; k++) {
			bool with = (k + i) % 2;

			io = with ? &libc_io : &past;
			cpu[with] = timed(subject, count).cpu;
		}
		added[i] = (cpu[1] - cpu[0]) / count / calls_each;
	}
	qsort(added, PAIRS, sizeof(*added), by_size);
	printf("%.2f\n", added[PAIRS / 2]);
}

/* gcc would clone the function for its constant arguments, under another name. */
#ifdef __clang__
#define ONE_COPY noinline
#else
#define ONE_COPY noipa
#endif

/* callgrind counts the function of this name (instructions.bash). */
static __attribute__((ONE_COPY)) void counted(const struct subject *subject, unsigned long count)
{
	subject->repeat(count);
	__asm__ volatile("");	/* prevents a tail call of repeat */
}

static const struct subject *const families[] = {
	file_subjects, stream_subjects, connection_subjects, thread_subjects, descriptor_subjects,
	memory_subjects, spawn_subjects,
};

#define NR_FAMILIES (sizeof(families) / sizeof(*families))

static const struct subject *find(const char *name)
{
	for (size_t i = 0; i < NR_FAMILIES; i++)
		for (const struct subject *s = families[i]; s->name; s++)
			if (!strcmp(s->name, name))
				return s;
	return NULL;
}

static int usage(void)
{
	fprintf(stderr, "usage: calls [-a | -f] [-m MILLISECONDS | -c COUNT] [-u] SUBJECT [ARG...]\n"
		"  -a  what a preloaded library adds to it\n"
		"  -f  on the floor    -m  how long a sample lasts (20)    -u  not on one CPU only\n"
		"  -c  so many times after ten, and no time is printed\n");
	for (size_t i = 0; i < NR_FAMILIES; i++)
		for (const struct subject *s = families[i]; s->name; s++)
			fprintf(stderr, "  %s %s\n", s->name, s->args);
	return 2;
}

/* Pins to the last CPU, because the first one is busier with other work. */
static void pin(void)
{
	cpu_set_t cpus;
	int cpu = CPU_SETSIZE;

	must(!sched_getaffinity(0, sizeof(cpus), &cpus), "sched_getaffinity");
	while (!CPU_ISSET(--cpu, &cpus))
		;
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	must(!sched_setaffinity(0, sizeof(cpus), &cpus), "sched_setaffinity");
}

int main(int argc, char **argv)
{
	const struct subject *subject;
	bool pinned = true, adds = false;
	unsigned long count = 0;
	double ms = 20;
	int option;

	while ((option = getopt(argc, argv, "+ac:fm:u")) != -1) {
		switch (option) {
		case 'a': adds = true; break;
		case 'c': count = number(optarg); break;
		case 'f': io = &floor_io; break;
		case 'm': ms = atof(optarg); break;
		case 'u': pinned = false; break;
		default: return usage();
		}
	}
	argv += optind;
	subject = *argv ? find(*argv) : NULL;
	if (!subject || argc - optind - 1 < subject->nr_args || ms <= 0)
		return usage();
	if (pinned)
		pin();
	if (subject->figure) {
		printf("%.3f\n", subject->figure(argv + 1));
		return 0;
	}
	subject->prepare(argv + 1);
	if (count) {
		subject->repeat(10);
		/* In a trace, the measured calls are between these two. */
		getppid();
		counted(subject, count);
		getppid();
		return 0;
	}
	if (adds)
		measure_added(subject, ms * 1e6);
	else
		measure(subject, ms * 1e6);
	return 0;
}
