/* SPDX-License-Identifier: MIT */
/*
 * One thread sends the answers of a queue. Any number of them can wait at the same time, so that
 * requests that are made together are also answered together.
 */
#define FUSE_USE_VERSION 31
#include "tests/lib/slow-answers.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

void answers_put(struct answers *answers, struct answer *answer)
{
	pthread_mutex_lock(&answers->lock);
	*answers->last = answer;
	answers->last = &answer->next;
	pthread_cond_signal(&answers->filled);
	pthread_mutex_unlock(&answers->lock);
}

static struct answer *take(struct answers *answers)
{
	struct answer *answer;

	pthread_mutex_lock(&answers->lock);
	while (!answers->first)
		pthread_cond_wait(&answers->filled, &answers->lock);
	answer = answers->first;
	answers->first = answer->next;
	if (!answers->first)
		answers->last = &answers->first;
	pthread_mutex_unlock(&answers->lock);
	return answer;
}

static void *send_in_time(void *arg)
{
	for (;;) {
		struct answer *answer = take(arg);
		struct timespec due = { answer->due / 1000000000, answer->due % 1000000000 };

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
			;
		answer->send(answer);
		free(answer->data);
		free(answer);
	}
	return NULL;
}

int answers_start(struct answers *answers)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, send_in_time, answers);
}

struct answer *answer_make(fuse_req_t request, long long after, void (*send)(struct answer *))
{
	struct answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		exit(1);
	answer->request = request;
	answer->due = now() + after;
	answer->send = send;
	return answer;
}

void answer_read(struct answer *answer, int fd, size_t size, off_t at)
{
	answer->data = malloc(size ? size : 1);
	if (!answer->data)
		exit(1);
	answer->result = pread(fd, answer->data, size, at);
	if (answer->result < 0)
		answer->result = -errno;
}

void answer_send_data(struct answer *answer)
{
	if (answer->result < 0)
		fuse_reply_err(answer->request, (int)-answer->result);
	else
		fuse_reply_buf(answer->request, answer->data, (size_t)answer->result);
}

void answer_send_result(struct answer *answer)
{
	fuse_reply_err(answer->request, (int)-answer->result);
}

int serve_requests(char *program, char *options, const struct fuse_lowlevel_ops *operations,
		   size_t size, const char *directory)
{
	char option[] = "-o";
	char *argv[] = { program, option, options, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(3, argv);
	struct fuse_session *session = fuse_session_new(&args, operations, size, NULL);

	if (!session || fuse_session_mount(session, directory))
		return 1;
	fuse_session_loop(session);
	fuse_session_unmount(session);
	return 0;
}
