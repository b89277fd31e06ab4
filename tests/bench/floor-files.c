/* SPDX-License-Identifier: MIT */
/*
 * floor-files: how fast a list of files, or one big file, can come from a disk. It has 32
 * operations in flight all the time. It knows every name before it starts, and does nothing with
 * what it gets, so no program that has to find the names itself can be faster.
 *
 * Usage: floor-files read LIST, floor-files stat LIST, floor-files blocks FILE. LIST has a path on
 * each line.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringshim/uring.h>

#define DEPTH 32
#define BLOCK (128 * 1024)

struct floor {
	struct uring ring;
	char **paths;
	uint64_t total, next;		/* files, or blocks */
	unsigned in_flight;		/* files or blocks, not operations */
	unsigned operations[DEPTH];	/* of each slot, still to complete */
	struct statx attributes[DEPTH];
	char *buffers;
	int file;			/* the big one */
};

/* Queues the operations of the next file or block in this slot, and returns their number. */
typedef unsigned start_fn(struct floor *floor, unsigned slot);

static void fail(const char *what, int error)
{
	fprintf(stderr, "floor-files: %s: %s\n", what, strerror(error));
	exit(1);
}

/*
 * The read fails the link when it is shorter than the buffer, so its link to the close is a hard
 * one.
 */
static unsigned start_file(struct floor *floor, unsigned slot)
{
	char *buffer = floor->buffers + (size_t)slot * BLOCK;
	struct uring_sqe *sqe;

	sqe = uring_openat_direct(&floor->ring, slot, AT_FDCWD, floor->paths[floor->next],
				  O_RDONLY, 0, slot);
	sqe->flags |= URING_SQE_IO_LINK;
	sqe = uring_fixed_file(uring_read(&floor->ring, slot, 0, buffer, BLOCK, 0), slot);
	sqe->flags |= URING_SQE_IO_HARDLINK;
	uring_close_direct(&floor->ring, slot, slot);
	return 3;
}

static unsigned start_statx(struct floor *floor, unsigned slot)
{
	uring_statx(&floor->ring, slot, AT_FDCWD, floor->paths[floor->next], AT_SYMLINK_NOFOLLOW,
		    STATX_BASIC_STATS, &floor->attributes[slot]);
	return 1;
}

/*
 * By workers: otherwise the submission itself prepares one read after the other, which took three
 * times as long.
 */
static unsigned start_block(struct floor *floor, unsigned slot)
{
	char *buffer = floor->buffers + (size_t)slot * BLOCK;
	struct uring_sqe *sqe;

	sqe = uring_read(&floor->ring, slot, floor->file, buffer, BLOCK, floor->next * BLOCK);
	sqe->flags |= URING_SQE_ASYNC;
	return 1;
}

static void start_next(struct floor *floor, start_fn *start, unsigned slot)
{
	if (floor->next == floor->total)
		return;
	floor->operations[slot] = start(floor, slot);
	floor->next++;
	floor->in_flight++;
}

static void run(struct floor *floor, start_fn *start)
{
	struct uring_cqe cqes[3 * DEPTH];
	int ret, nr;

	for (unsigned slot = 0; slot < DEPTH; slot++)
		start_next(floor, start, slot);
	while (floor->in_flight) {
		ret = uring_submit(&floor->ring, 1, NULL);
		if (ret < 0 && ret != -EINTR)
			fail("submit", -ret);
		nr = uring_copy_cqes(&floor->ring, cqes, 3 * DEPTH, 1, NULL);
		for (int i = 0; i < nr; i++) {
			unsigned slot = (unsigned)cqes[i].user_data;

			if (cqes[i].res < 0)
				fail("a file", -cqes[i].res);
			if (--floor->operations[slot])
				continue;
			floor->in_flight--;
			start_next(floor, start, slot);
		}
	}
}

/* The kernel allows 4 workers for each processor, too few for a slow disk. */
static void make_ring(struct floor *floor)
{
	unsigned workers[2] = { DEPTH, DEPTH };
	int ret = uring_init(&floor->ring, NULL, 4 * DEPTH);

	if (ret)
		fail(uring_why_text(uring_why_failed(ret)), -ret);
	ret = uring_register_files_sparse(&floor->ring, DEPTH);
	if (ret)
		fail("register files", -ret);
	ret = uring_register_iowq_max_workers(&floor->ring, workers);
	if (ret)
		fail("workers", -ret);
	floor->buffers = mmap(NULL, (size_t)DEPTH * BLOCK, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (floor->buffers == MAP_FAILED)
		fail("buffers", errno);
}

static void read_list(struct floor *floor, const char *path)
{
	FILE *list = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!list)
		fail(path, errno);
	while (getline(&line, &size, list) > 0) {
		if (floor->total % 1024 == 0)
			floor->paths = realloc(floor->paths,
					       (floor->total + 1024) * sizeof(*floor->paths));
		line[strcspn(line, "\n")] = '\0';
		floor->paths[floor->total++] = strdup(line);
	}
	free(line);
	fclose(list);
}

static void open_big(struct floor *floor, const char *path)
{
	struct stat st;

	floor->file = open(path, O_RDONLY | O_CLOEXEC);
	if (floor->file < 0 || fstat(floor->file, &st))
		fail(path, errno);
	/* Without advice the kernel would read further blocks for each one. */
	posix_fadvise(floor->file, 0, 0, POSIX_FADV_RANDOM);
	floor->total = ((uint64_t)st.st_size + BLOCK - 1) / BLOCK;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*prepare)(struct floor *floor, const char *path);
		start_fn *start;
	} ways[] = {
		{ "read", read_list, start_file },
		{ "stat", read_list, start_statx },
		{ "blocks", open_big, start_block },
	};
	static struct floor floor;

	for (size_t i = 0; argc == 3 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(argv[1], ways[i].name) != 0)
			continue;
		ways[i].prepare(&floor, argv[2]);
		make_ring(&floor);
		run(&floor, ways[i].start);
		printf("%llu\n", (unsigned long long)floor.total);
		return 0;
	}
	fprintf(stderr, "usage: floor-files read|stat LIST, or blocks FILE\n");
	return 2;
}
