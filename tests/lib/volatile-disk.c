/* SPDX-License-Identifier: MIT */
/*
 * A disk with a volatile cache: a FUSE file system with one file, disk, which shows an image file.
 * What is written stays in memory until the next flush has ended, which takes FLUSH-US
 * microseconds. So the image file is at each moment what a power cut would leave, and to kill this
 * program is a power cut. A loop device on disk, with direct I/O, makes a block device of it.
 *
 * A write fails if one of its blocks of 4 KiB begins with the text "a bad block", or for want of space
 * if one begins with "a block too many". It takes a second if one begins with "a slow block".
 *
 * The file counts holds the numbers of writes, of flushes, and of writes that failed.
 *
 * Usage: volatile-disk IMAGE DIRECTORY FLUSH-US. Runs until the directory is unmounted.
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/slow-answers.h"

enum { DISK = 2, COUNTS = 3, BLOCK = 512, PAGE = 4096 }; /* inode numbers; 1 is the directory */

static const struct {
	const char *begin;
	int error;
} refused[] = { { "a bad block", EIO }, { "a block too many", ENOSPC } };
static const char slow[] = "a slow block";
static const long long slow_ns = 1000000000;

static int image;
static size_t size;
static char *content;		/* with what was not flushed */
static unsigned char *is_dirty; /* for each block */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic long writes, flushes, failures;
static long long flush_ns;
static struct answers flush_answers = ANSWERS_INIT(flush_answers);
static struct answers slow_writes = ANSWERS_INIT(slow_writes);

static struct stat attributes_of(fuse_ino_t node)
{
	return (struct stat){
		.st_ino = node,
		.st_mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0600,
		.st_nlink = 1,
		.st_size = node == DISK ? (off_t)size : 0,
	};
}

static void get_attributes(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
	struct stat st = attributes_of(node);

	fuse_reply_attr(request, &st, 3600);
}

static void look_up(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = { .attr_timeout = 3600, .entry_timeout = 3600 };

	entry.ino = !strcmp(name, "disk") ? DISK : !strcmp(name, "counts") ? COUNTS : 0;
	entry.attr = attributes_of(entry.ino);
	if (entry.ino)
		fuse_reply_entry(request, &entry);
	else
		fuse_reply_err(request, ENOENT);
}

static void open_file(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
	file->direct_io = 1;
	fuse_reply_open(request, file);
}

static void read_counts(fuse_req_t request, off_t at)
{
	char text[100];
	int length = snprintf(text, sizeof(text), "%ld %ld %ld\n", writes, flushes, failures);

	fuse_reply_buf(request, text, at ? 0 : (size_t)length);
}

static void read_file(fuse_req_t request, fuse_ino_t node, size_t count, off_t at,
		      struct fuse_file_info *file)
{
	if (node == COUNTS) {
		read_counts(request, at);
		return;
	}
	count = (size_t)at >= size ? 0 : count < size - (size_t)at ? count : size - (size_t)at;
	pthread_mutex_lock(&lock);
	fuse_reply_buf(request, content + at, count);
	pthread_mutex_unlock(&lock);
}

static bool has_block(const char *data, size_t count, const char *begin)
{
	for (size_t at = 0; at + PAGE <= count; at += PAGE)
		if (!memcmp(data + at, begin, strlen(begin)))
			return true;
	return false;
}

/* Returns the error of writing this, or 0. */
static int error_of(const char *data, size_t count)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (has_block(data, count, refused[i].begin))
			return refused[i].error;
	return 0;
}

static void put_content(const char *data, size_t count, off_t at)
{
	pthread_mutex_lock(&lock);
	memcpy(content + at, data, count);
	memset(is_dirty + at / BLOCK, 1, (count + BLOCK - 1) / BLOCK);
	pthread_mutex_unlock(&lock);
}

static void write_slowly(struct answer *answer)
{
	put_content(answer->data, (size_t)answer->result, answer->entry.attr.st_size);
	fuse_reply_write(answer->request, (size_t)answer->result);
}

/* The offset is kept in a field of the answer that has no other use here. */
static void delay_write(fuse_req_t request, const char *data, size_t count, off_t at)
{
	struct answer *answer = answer_make(request, slow_ns, write_slowly);

	answer->data = malloc(count);
	if (!answer->data)
		exit(1);
	memcpy(answer->data, data, count);
	answer->result = (ssize_t)count;
	answer->entry.attr.st_size = at;
	answers_put(&slow_writes, answer);
}

static void write_file(fuse_req_t request, fuse_ino_t node, const char *data, size_t count,
		       off_t at, struct fuse_file_info *file)
{
	int error = error_of(data, count);

	if (node != DISK || (size_t)at > size || count > size - (size_t)at) {
		fuse_reply_err(request, ENOSPC);
		return;
	}
	writes++;
	if (error) {
		failures++;
		fuse_reply_err(request, error);
		return;
	}
	if (has_block(data, count, slow)) {
		delay_write(request, data, count, at);
		return;
	}
	put_content(data, count, at);
	fuse_reply_write(request, count);
}

/* Writes everything to the image. */
static bool flush_content(void)
{
	for (size_t begin = 0, end; begin < size / BLOCK; begin = end) {
		const unsigned char *next = memchr(is_dirty + begin, 1, size / BLOCK - begin);

		if (!next)
			break;
		begin = end = (size_t)(next - is_dirty);
		while (end < size / BLOCK && is_dirty[end])
			is_dirty[end++] = 0;
		if (pwrite(image, content + begin * BLOCK, (end - begin) * BLOCK,
			   (off_t)(begin * BLOCK)) < 0)
			return false;
	}
	return true;
}

static void flush_and_answer(struct answer *answer)
{
	pthread_mutex_lock(&lock);
	answer->result = flush_content() ? 0 : -EIO;
	pthread_mutex_unlock(&lock);
	flushes++;
	answer_send_result(answer);
}

static void flush_file(fuse_req_t request, fuse_ino_t node, int only_data,
		       struct fuse_file_info *file)
{
	answers_put(&flush_answers, answer_make(request, flush_ns, flush_and_answer));
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
	.open = open_file,
	.read = read_file,
	.write = write_file,
	.fsync = flush_file,
};

static bool open_image(const char *name)
{
	struct stat st;

	image = open(name, O_RDWR | O_CLOEXEC);
	if (image < 0 || fstat(image, &st))
		return false;
	size = (size_t)st.st_size / BLOCK * BLOCK;
	is_dirty = calloc(size / BLOCK, 1);
	/* A page that was not written shows the file's. */
	content = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, image, 0);
	return is_dirty && content != MAP_FAILED;
}

int main(int argc, char **argv)
{
	char options[] = "fsname=volatile-disk,allow_other,default_permissions";

	if (argc < 4) {
		fprintf(stderr, "usage: volatile-disk IMAGE DIRECTORY FLUSH-US\n");
		return 2;
	}
	if (!open_image(argv[1])) {
		perror(argv[1]);
		return 1;
	}
	flush_ns = atoll(argv[3]) * 1000;
	if (answers_start(&flush_answers) || answers_start(&slow_writes))
		return 1;
	return serve_requests(argv[0], options, &operations, sizeof(operations), argv[2]);
}
