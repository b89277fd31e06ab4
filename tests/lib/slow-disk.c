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
#include <fuse3/fuse_lowlevel.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DISK = 2 }; /* the inode number; 1 is the directory */

static int image;
static long long read_ns, flush_ns;

/* An answer that waits for its time. */
struct answer {
	fuse_req_t request;
	long long due;
	char *data; /* of a read; NULL: an answer without data */
	ssize_t result;
	struct answer *next;
};

/* Answers of one kind become due in the order in which they arrive. */
struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct answer *first, **last;
};

static struct queue reads = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &reads.first };
static struct queue flushes = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL,
				&flushes.first };

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static void put(struct queue *queue, struct answer *answer)
{
	pthread_mutex_lock(&queue->lock);
	*queue->last = answer;
	queue->last = &answer->next;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

static struct answer *take(struct queue *queue)
{
	struct answer *answer;

	pthread_mutex_lock(&queue->lock);
	while (!queue->first)
		pthread_cond_wait(&queue->filled, &queue->lock);
	answer = queue->first;
	queue->first = answer->next;
	if (!queue->first)
		queue->last = &queue->first;
	pthread_mutex_unlock(&queue->lock);
	return answer;
}

static void *answer_in_time(void *arg)
{
	for (;;) {
		struct answer *answer = take(arg);
		struct timespec due = { answer->due / 1000000000, answer->due % 1000000000 };

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
			;
		if (answer->result < 0 || !answer->data)
			fuse_reply_err(answer->request, (int)-answer->result);
		else
			fuse_reply_buf(answer->request, answer->data, (size_t)answer->result);
		free(answer->data);
		free(answer);
	}
	return NULL;
}

static struct answer *make_answer(fuse_req_t request, long long after)
{
	struct answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		exit(1);
	answer->request = request;
	answer->due = now() + after;
	return answer;
}

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
	struct answer *answer = make_answer(request, read_ns);

	answer->data = malloc(size ? size : 1);
	if (!answer->data)
		exit(1);
	answer->result = pread(image, answer->data, size, at);
	if (answer->result < 0)
		answer->result = -errno;
	put(&reads, answer);
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
	put(&flushes, make_answer(request, flush_ns));
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
	char options[] = "fsname=slow-disk,allow_other,default_permissions", option[] = "-o";
	char *fuse_argv[] = { argv[0], option, options, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(3, fuse_argv);
	struct fuse_session *session;
	pthread_t thread;

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
	session = fuse_session_new(&args, &operations, sizeof(operations), NULL);
	if (!session || fuse_session_mount(session, argv[2]))
		return 1;
	if (pthread_create(&thread, NULL, answer_in_time, &reads) ||
	    pthread_create(&thread, NULL, answer_in_time, &flushes))
		return 1;
	fuse_session_loop(session);
	fuse_session_unmount(session);
	return 0;
}
