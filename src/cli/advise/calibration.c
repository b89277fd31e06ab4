/* SPDX-License-Identifier: MIT */
/* Measures what a ring costs: cached reads of one byte, one and several at a time. */
#include "config.h"

#include "cli/advise/calibration.h"

#include "cli/advise/disk.h"
#include "cli/cli.h"
#include "cli/doctor/ring.h"
#include "cli/program/find.h"
#include "cli/paths.h"
#include "cli/temp.h"
#include "shim/base/clock.h"
#include "uring/uring.h"

#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { READS = 4096, STARTS = 5 };

static double measure_native(int fd)
{
	int64_t begin = monotonic_now();
	char byte;

	for (int i = 0; i < READS; i++)
		if (pread(fd, &byte, 1, 0) != 1)
			return 0;
	return (double)(monotonic_now() - begin) / READS;
}

/* Submits count reads and waits for all of them. */
static bool run_batch(struct uring *ring, int fd, unsigned count, unsigned char flags)
{
	static char bytes[IN_FLIGHT];
	struct uring_cqe cqes[IN_FLIGHT];

	for (unsigned i = 0; i < count; i++) {
		struct uring_sqe *sqe = uring_read(ring, i, fd, &bytes[i], 1, 0);

		if (!sqe)
			return false;
		sqe->flags |= flags;
	}
	if (uring_submit(ring, count, NULL) < 0)
		return false;
	return uring_copy_cqes_ready(ring, cqes, IN_FLIGHT) == count && cqes[0].res == 1;
}

/* Returns the time for one read. */
static double measure_ring(struct uring *ring, int fd, unsigned in_flight, unsigned char flags)
{
	unsigned batches = READS / in_flight / (flags ? 8 : 1);
	int64_t begin = monotonic_now();

	for (unsigned i = 0; i < batches; i++)
		if (!run_batch(ring, fd, in_flight, flags))
			return 0;
	return (double)(monotonic_now() - begin) / batches / in_flight;
}

static void measure_rings(struct calibration *calibration, int fd)
{
	struct uring ring;

	calibration->ring_error = -uring_init(&ring, NULL, IN_FLIGHT);
	if (calibration->ring_error)
		return;
	measure_ring(&ring, fd, 1, 0);
	calibration->ring = measure_ring(&ring, fd, 1, 0);
	calibration->ring_8 = measure_ring(&ring, fd, 8, 0);
	calibration->ring_32 = measure_ring(&ring, fd, 32, 0);
	calibration->worker = measure_ring(&ring, fd, 1, URING_SQE_ASYNC) - calibration->ring;
	uring_destroy(&ring);
}

/* Starts a program that does nothing. Returns how long that takes at least. */
static double measure_start_of(char *const argv[])
{
	double least = 0;

	for (int i = 0; i < STARTS; i++) {
		int64_t begin = monotonic_now();
		double time;
		pid_t child;

		if (posix_spawn(&child, argv[0], NULL, NULL, argv, environ))
			return 0;
		while (waitpid(child, NULL, 0) < 0)
			;
		time = (double)(monotonic_now() - begin);
		least = !i || time < least ? time : least;
	}
	return least;
}

static double measure_start(void)
{
	char *self = path_of_self(), *nothing = find_in_path("true"), *option = text("--ahead");
	char *ahead[] = { self, (char *)"run", option, (char *)"--", nothing, NULL };
	double start = 0;

	if (self && nothing)
		start = measure_start_of(ahead) - measure_start_of(&ahead[4]);
	free(option);
	free(nothing);
	free(self);
	return start > 0 ? start : 0;
}

void calibrate(struct calibration *calibration, const struct recording *recording,
	       const struct overlap *overlap)
{
	struct ring_facts facts = { 0 };
	int fd = temp_file();

	memset(calibration, 0, sizeof(*calibration));
	if (write(fd, "", 1) == 1) {
		measure_native(fd);
		calibration->native = measure_native(fd);
	}
	/* A seccomp filter can kill who tries to make a ring. */
	ring_examine(&facts);
	calibration->ring_error = facts.error;
	if (!facts.error)
		measure_rings(calibration, fd);
	close(fd);
	calibration->start = measure_start();
	measure_reads(&calibration->disk, recording, overlap);
	measure_syncs(&calibration->disk, recording, overlap);
}
