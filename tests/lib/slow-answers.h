/* SPDX-License-Identifier: MIT */
/* Answers to requests of FUSE that are sent a certain time after the request arrived. */
#ifndef SLOW_ANSWERS_H
#define SLOW_ANSWERS_H

#include <fuse3/fuse_lowlevel.h>
#include <pthread.h>

/* An answer that waits for its time. */
struct answer {
	fuse_req_t request;
	long long due;
	/* Sends the answer. */
	void (*send)(struct answer *answer);
	ssize_t result; /* the length of data, or a negative errno */
	char *data;	/* freed afterwards */
	struct fuse_entry_param entry;
	struct fuse_file_info file;
	struct answer *next;
};

/* Answers of one kind become due in the order in which they arrive. */
struct answers {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct answer *first, **last;
};

#define ANSWERS_INIT(name) \
	{ PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &(name).first }

/* Starts the thread that sends the answers; 0, or an errno. */
int answers_start(struct answers *answers);
/* Makes an answer that is due so many nanoseconds from now; ends the program without memory. */
struct answer *answer_make(fuse_req_t request, long long after, void (*send)(struct answer *));
/* Reads from a file into the answer's data, and the length or the error into its result. */
void answer_read(struct answer *answer, int fd, size_t size, off_t at);
/* Has the answer sent when it is due, and then freed. */
void answers_put(struct answers *answers, struct answer *answer);

/* Ways to send an answer: data or an error; only an error, or 0. */
void answer_send_data(struct answer *answer);
void answer_send_result(struct answer *answer);

/* Mounts a file system at a directory, and answers requests until it is unmounted. */
int serve_requests(char *program, char *options, const struct fuse_lowlevel_ops *operations,
		   size_t size, const char *directory);

#endif
