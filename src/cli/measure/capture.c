/* SPDX-License-Identifier: MIT */
/* Captures the output of CMD: from a pipe to an unnamed file. */
#include "config.h"

#include "cli/measure/capture.h"

#include "cli/cli.h"
#include "cli/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CHUNK 65536 /* capacity of a pipe */

void capture_open(struct capture *capture)
{
	capture->file = temp_file();
	capture->pipe = -1;
}

int capture_begin(struct capture *capture)
{
	int ends[2];

	/* Only our end is non-blocking: each end has its own open file description. */
	if (pipe2(ends, O_CLOEXEC) || fcntl(ends[0], F_SETFL, O_NONBLOCK))
		die("cannot make a pipe: %m");
	capture->pipe = ends[0];
	return ends[1];
}

struct pollfd capture_poll(const struct capture *capture)
{
	return (struct pollfd){ .fd = capture->pipe, .events = POLLIN };
}

static void stop(struct capture *capture)
{
	if (capture->pipe >= 0)
		close(capture->pipe);
	capture->pipe = -1;
}

static void keep(const struct capture *capture, const char *chunk, ssize_t size)
{
	while (size > 0) {
		ssize_t n = write(capture->file, chunk, size);

		if (n < 0 && errno != EINTR)
			die("cannot store what CMD writes: %m; set TMPDIR to a "
			    "directory with more space, or use --show");
		if (n > 0) {
			chunk += n;
			size -= n;
		}
	}
}

void capture_move(struct capture *capture)
{
	char chunk[CHUNK];
	ssize_t n;

	while (capture->pipe >= 0) {
		n = read(capture->pipe, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0)
			stop(capture);
		else
			keep(capture, chunk, n);
	}
}

void capture_end(struct capture *capture)
{
	capture_move(capture);
	stop(capture);
}

void capture_close(struct capture *capture)
{
	close(capture->file);
}
