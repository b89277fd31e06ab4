/* SPDX-License-Identifier: MIT */
/*
 * cat: prints files in order. It reads each file with one operation; a batch of such reads is
 * submitted by one system call.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringshim/uring.h>

struct request {
	const char *path;
	char *buffer;
	size_t size;
	int result;
};

static void fail(const char *what, const char *name, int error)
{
	fprintf(stderr, "cat: %s %s: %s\n", what, name, strerror(error));
	exit(1);
}

/* The operation's user_data is the index of the request; the completion returns it. */
static void submit_read(struct uring *ring, struct request *request, unsigned index)
{
	struct stat st;
	int fd = open(request->path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		fail("open", request->path, errno);
	if (!S_ISREG(st.st_mode)) {
		fprintf(stderr, "cat: %s: not a regular file\n", request->path);
		exit(1);
	}
	request->size = (size_t)st.st_size;
	request->buffer = malloc(request->size + 1);
	if (!request->buffer)
		fail("read", request->path, ENOMEM);
	if (!uring_read(ring, index, fd, request->buffer, request->size, 0))
		fail("read", request->path, EBUSY); /* the queue is full */
}

static void run_batch(struct uring *ring, struct request *requests, unsigned nr)
{
	struct uring_cqe cqes[URING_DEFAULT_ENTRIES];
	int ret;

	for (unsigned i = 0; i < nr; i++)
		submit_read(ring, &requests[i], i);

	/* One system call submits all reads and waits for all of them. */
	ret = uring_submit(ring, nr, NULL);
	if (ret < 0)
		fail("submit", "reads", -ret);

	nr = uring_copy_cqes_ready(ring, cqes, URING_DEFAULT_ENTRIES);
	for (unsigned i = 0; i < nr; i++)
		requests[cqes[i].user_data].result = cqes[i].res;

	for (unsigned i = 0; i < nr; i++) {
		if (requests[i].result < 0)
			fail("read", requests[i].path, -requests[i].result);
		fwrite(requests[i].buffer, 1, (size_t)requests[i].result, stdout);
		free(requests[i].buffer);
	}
}

int main(int argc, char **argv)
{
	struct request requests[URING_DEFAULT_ENTRIES];
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring ring;
	unsigned nr = 0;
	int ret;

	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE...\n", argv[0]);
		return 2;
	}
	ret = uring_init(&ring, &params, URING_DEFAULT_ENTRIES);
	if (ret)
		fail("ring:", uring_why_text(uring_why_failed(ret)), -ret);

	for (int i = 1; i < argc; i++) {
		requests[nr++] = (struct request){ .path = argv[i] };
		if (nr == URING_DEFAULT_ENTRIES || i == argc - 1) {
			run_batch(&ring, requests, nr);
			nr = 0;
		}
	}
	uring_destroy(&ring);
	return 0;
}
