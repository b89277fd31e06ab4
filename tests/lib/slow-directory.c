/* SPDX-License-Identifier: MIT */
/*
 * A directory with an exact latency, as a network file system has it: a FUSE file system that shows
 * another directory, for reading, and answers each lookup, open and read US microseconds after it
 * arrived. Any number of requests can wait at the same time. What was looked up and read stays in
 * the kernel's caches.
 *
 * Usage: slow-directory SOURCE DIRECTORY US [debug]. Runs until the directory is unmounted. With
 * debug it prints a line for each request.
 */
#define FUSE_USE_VERSION 31
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/lib/slow-answers.h"

static const double FOREVER = 3600; /* seconds that the kernel may keep an answer */

static long long latency_ns;
static const char *source;
static struct answers answers = ANSWERS_INIT(answers);

/* A node that the kernel knows is its path, and its number is the path's address. */
static const char *path_of(fuse_ino_t node)
{
	return node == FUSE_ROOT_ID ? source : (const char *)node;
}

static void get_attributes(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
	struct stat st;

	if (lstat(path_of(node), &st))
		fuse_reply_err(request, errno);
	else
		fuse_reply_attr(request, &st, FOREVER);
}

static void send_entry(struct answer *answer)
{
	if (answer->result < 0)
		fuse_reply_err(answer->request, (int)-answer->result);
	else
		fuse_reply_entry(answer->request, &answer->entry);
}

static void look_up(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct answer *answer = answer_make(request, latency_ns, send_entry);
	char *path;

	if (asprintf(&path, "%s/%s", path_of(parent), name) < 0)
		exit(1);
	answer->entry.attr_timeout = FOREVER;
	answer->entry.entry_timeout = FOREVER;
	if (!lstat(path, &answer->entry.attr)) {
		answer->entry.ino = (fuse_ino_t)path;
	} else {
		/* Node 0 lets the kernel remember that there is no such name. */
		answer->result = errno == ENOENT ? 0 : -errno;
		free(path);
	}
	answers_put(&answers, answer);
}

/* Each lookup makes a node of its own, and the kernel looks each one up once. */
static void forget(fuse_req_t request, fuse_ino_t node, uint64_t lookups)
{
	if (node != FUSE_ROOT_ID)
		free((void *)node);
	fuse_reply_none(request);
}

static void read_link(fuse_req_t request, fuse_ino_t node)
{
	char target[4096];
	ssize_t len = readlink(path_of(node), target, sizeof(target) - 1);

	if (len < 0) {
		fuse_reply_err(request, errno);
		return;
	}
	target[len] = '\0';
	fuse_reply_readlink(request, target);
}

static void open_list(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
	DIR *list = opendir(path_of(node));

	if (!list) {
		fuse_reply_err(request, errno);
		return;
	}
	file->fh = (uintptr_t)list;
	file->keep_cache = 1;
	file->cache_readdir = 1;
	fuse_reply_open(request, file);
}

static void read_list(fuse_req_t request, fuse_ino_t node, size_t size, off_t at,
		      struct fuse_file_info *file)
{
	struct answer *answer = answer_make(request, latency_ns, answer_send_data);
	DIR *list = (DIR *)(uintptr_t)file->fh;
	struct dirent *found;

	answer->data = malloc(size);
	if (!answer->data)
		exit(1);
	seekdir(list, at);
	while ((found = readdir(list))) {
		struct stat st = { .st_ino = found->d_ino, .st_mode = DTTOIF(found->d_type) };
		size_t left = size - (size_t)answer->result;
		size_t len = fuse_add_direntry(request, answer->data + answer->result, left,
					       found->d_name, &st, found->d_off);

		if (len > left)
			break;
		answer->result += (ssize_t)len;
	}
	answers_put(&answers, answer);
}

static void close_list(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
	closedir((DIR *)(uintptr_t)file->fh);
	fuse_reply_err(request, 0);
}

static void send_open(struct answer *answer)
{
	if (answer->result < 0)
		fuse_reply_err(answer->request, (int)-answer->result);
	else
		fuse_reply_open(answer->request, &answer->file);
}

static void open_file(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
	struct answer *answer = answer_make(request, latency_ns, send_open);
	int fd = open(path_of(node), O_RDONLY | O_CLOEXEC);

	answer->file = *file;
	answer->file.fh = (uint64_t)fd;
	answer->file.keep_cache = 1;
	answer->result = fd < 0 ? -errno : 0;
	answers_put(&answers, answer);
}

static void read_file(fuse_req_t request, fuse_ino_t node, size_t size, off_t at,
		      struct fuse_file_info *file)
{
	struct answer *answer = answer_make(request, latency_ns, answer_send_data);

	answer_read(answer, (int)file->fh, size, at);
	answers_put(&answers, answer);
}

static void close_file(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file)
{
	close((int)file->fh);
	fuse_reply_err(request, 0);
}

static void start(void *arg, struct fuse_conn_info *connection)
{
	connection->max_background = 1024;
	connection->congestion_threshold = 1024;
	/* A listing that also has the attributes would save the lookups. */
	connection->want &= ~(FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO);
}

/*
 * Several lookups in one directory at a time. libfuse before 3.17 never tells the kernel that this
 * is allowed, whatever start asked for, so the first answer, that to the start, is changed here on
 * its way to the kernel.
 */
ssize_t writev(int fd, const struct iovec *parts, int nr)
{
	static bool started;

	if (!started && nr == 2 && parts[1].iov_len > offsetof(struct fuse_init_out, flags))
		((struct fuse_init_out *)parts[1].iov_base)->flags |= FUSE_PARALLEL_DIROPS;
	started = true;
	return syscall(SYS_writev, fd, parts, nr);
}

static const struct fuse_lowlevel_ops operations = {
	.init = start,
	.lookup = look_up,
	.forget = forget,
	.getattr = get_attributes,
	.readlink = read_link,
	.opendir = open_list,
	.readdir = read_list,
	.releasedir = close_list,
	.open = open_file,
	.read = read_file,
	.release = close_file,
};

int main(int argc, char **argv)
{
	char options[] = "ro,fsname=slow-directory,allow_other,default_permissions,debug";
	bool debug = argc == 5 && !strcmp(argv[4], "debug");

	if (argc != 4 && !debug) {
		fprintf(stderr, "usage: slow-directory SOURCE DIRECTORY US [debug]\n");
		return 2;
	}
	if (!debug)
		*strrchr(options, ',') = '\0';
	source = argv[1];
	latency_ns = atoll(argv[3]) * 1000;
	if (answers_start(&answers))
		return 1;
	return serve_requests(argv[0], options, &operations, sizeof(operations), argv[2]);
}
