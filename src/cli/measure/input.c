/* SPDX-License-Identifier: MIT */
/* Gives every run of CMD the same standard input: rewinds a file, relays a slow pipe. */
#include "config.h"

#include "cli/measure/input.h"

#include "cli/cli.h"
#include "cli/temp.h"
#include "shim/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536
#define PATIENCE 1000000000ll	   /* ns to wait for the end of a pipe */
#define ENOUGH (256 * 1024 * 1024) /* bytes after which we stop waiting for it */

static void take_more(struct input *input)
{
	char chunk[CHUNK];
	ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		if (n < 0)
			say("cannot read standard input: %m");
		input->ended = true;
		return;
	}
	if (pwrite(input->file, chunk, n, input->length) != n)
		die("cannot keep a copy of standard input for the next run: %m");
	input->length += n;
}

/*
 * Reads a pipe to its end into the file, because only a file gives both runs the same reads: how
 * much a read of a pipe returns is chance. Without an end in time, the input stays relayed.
 */
static void read_to_end(struct input *input)
{
	int64_t deadline = monotonic_now() + PATIENCE, left = PATIENCE;

	while (!input->ended && left > 0 && input->length < ENOUGH) {
		struct pollfd poll_input = { .fd = STDIN_FILENO, .events = POLLIN };

		if (poll(&poll_input, 1, (int)(left / 1000000) + 1) > 0)
			take_more(input);
		left = deadline - monotonic_now();
	}
	if (input->ended) {
		input->kind = INPUT_REWOUND;
		return;
	}
	say("note: standard input does not end soon, so CMD gets its data as it arrives; the counts "
	    "of reads and the times can vary from run to run");
}

void input_open(struct input *input)
{
	struct stat st;

	*input = (struct input){ .kind = INPUT_AS_IS, .file = STDIN_FILENO, .pipe = -1 };
	if (fstat(STDIN_FILENO, &st))
		return;
	if (S_ISREG(st.st_mode)) {
		input->kind = INPUT_REWOUND;
		input->start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	} else if (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) {
		input->kind = INPUT_RELAYED;
		input->file = temp_file();
		read_to_end(input);
	}
}

void input_end(struct input *input)
{
	if (input->pipe >= 0)
		close(input->pipe);
	input->pipe = -1;
}

static void end_when_given(struct input *input)
{
	if (input->ended && input->given == input->length)
		input_end(input);
}

static int begin_relay(struct input *input)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) || fcntl(ends[1], F_SETFL, O_NONBLOCK))
		die("cannot make a pipe: %m");
	input->pipe = ends[1];
	input->given = 0;
	end_when_given(input);
	return ends[0];
}

int input_begin(struct input *input)
{
	int fd;

	if (input->kind == INPUT_RELAYED)
		return begin_relay(input);
	if (input->kind == INPUT_REWOUND)
		lseek(input->file, input->start, SEEK_SET);
	fd = fcntl(input->file, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0)
		die("cannot duplicate standard input: %m");
	return fd;
}

/* Reads nothing ahead of the runs: data that they leave unread stays in the source. */
void input_polls(const struct input *input, struct pollfd polls[INPUT_POLLS])
{
	bool behind = input->given < input->length;
	bool wanting = input->pipe >= 0 && !behind && !input->ended;

	polls[0] = (struct pollfd){ .fd = wanting ? STDIN_FILENO : -1, .events = POLLIN };
	/* Even without events, poll(2) reports an error once the reader is gone. */
	polls[1] = (struct pollfd){ .fd = input->pipe, .events = behind ? POLLOUT : 0 };
}

static void give_more(struct input *input)
{
	char chunk[CHUNK];
	ssize_t n = pread(input->file, chunk, sizeof(chunk), input->given);

	if (n < 0)
		die("cannot read the copy of standard input: %m");
	n = write(input->pipe, chunk, n);
	if (n > 0)
		input->given += n;
	else if (errno != EAGAIN && errno != EINTR)
		input_end(input);
}

void input_move(struct input *input, const struct pollfd polls[INPUT_POLLS])
{
	if (input->pipe < 0)
		return;
	if (polls[1].revents & POLLERR) {
		input_end(input);
		return;
	}
	if (polls[0].revents)
		take_more(input);
	if (input->given < input->length)
		give_more(input);
	end_when_given(input);
}
