/* SPDX-License-Identifier: MIT */
/*
 * A disk with an exact latency: a FUSE file system with one file, disk, which shows an image file
 * and answers each read READ-US microseconds after it arrived, and each flush FLUSH-US
 * microseconds after. Any number of requests can wait at the same time. A loop device on disk, with
 * direct I/O, makes a block device of it.
 *
 * Usage: slow-disk IMAGE DIRECTORY READ-US [FLUSH-US]. Runs until the directory is unmounted.
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/slow-answers.h"

enum { DISK = 2 }; /* the inode number; 1 is the directory */

static int image;
static long long read_ns, flush_ns;
static struct answers reads = ANSWERS_INIT(reads), flushes = ANSWERS_INIT(flushes);

static bool attributes_of(fuse_ino_t node, struct stat *st)
{
	if (fstat(image, st))
		return false;
	st->st_ino = node;
	if (node == FUSE_ROOT_ID)
		st->st_mode = S_IFDIR | 0755;
	return true;
}

static void get_attributes(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
	struct stat st;

	if (attributes_of(node, &st))
		fuse_reply_attr(request, &st, 3600);
	else
		fuse_reply_err(request, errno);
}

static void look_up(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = { .ino = DISK, .attr_timeout = 3600, .entry_timeout = 3600 };

	if (strcmp(name, "disk") != 0)
		fuse_reply_err(request, ENOENT);
	else if (attributes_of(DISK, &entry.attr))
		fuse_reply_entry(request, &entry);
	else
		fuse_reply_err(request, errno);
}

static void open_disk(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
	file->direct_io = 1;
	fuse_reply_open(request, file);
}

static void read_disk(fuse_req_t request, fuse_ino_t node, size_t size, off_t at,
		      struct fuse_file_info *file)
{
	struct answer *answer = answer_make(request, read_ns, answer_send_data);

	answer_read(answer, image, size, at);
	answers_put(&reads, answer);
}

static void write_disk(fuse_req_t request, fuse_ino_t node, const char *data, size_t size, off_t at,
		       struct fuse_file_info *file)
{
	ssize_t written = pwrite(image, data, size, at);

	if (written < 0)
		fuse_reply_err(request, errno);
	else
		fuse_reply_write(request, (size_t)written);
}

static void flush_disk(fuse_req_t request, fuse_ino_t node, int only_data,
		       struct fuse_file_info *file)
{
	answers_put(&flushes, answer_make(request, flush_ns, answer_send_result));
}

static void start(void *arg, struct fuse_conn_info *connection)
{
	connection->max_background = 1024;
	connection->congestion_threshold = 1024;
	connection->want |= connection->capable & FUSE_CAP_ASYNC_DIO;
}

static const struct fuse_lowlevel_ops operations = {
	.init = start,
	.lookup = look_up,
	.getattr = get_attributes,
	.open = open_disk,
	.read = read_disk,
	.write = write_disk,
	.fsync = flush_disk,
};

int main(int argc, char **argv)
{
	char options[] = "fsname=slow-disk,allow_other,default_permissions";

	if (argc < 4) {
		fprintf(stderr, "usage: slow-disk IMAGE DIRECTORY READ-US [FLUSH-US]\n");
		return 2;
	}
	image = open(argv[1], O_RDWR | O_CLOEXEC);
	if (image < 0) {
		perror(argv[1]);
		return 1;
	}
	read_ns = atoll(argv[3]) * 1000;
	flush_ns = argc > 4 ? atoll(argv[4]) * 1000 : 0;
	if (answers_start(&reads) || answers_start(&flushes))
		return 1;
	return serve_requests(argv[0], options, &operations, sizeof(operations), argv[2]);
}
