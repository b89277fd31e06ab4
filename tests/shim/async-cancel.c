/* SPDX-License-Identifier: MIT */
/*
 * Tests asynchronous cancellation: threads are cancelled at any instruction in the middle of reads,
 * once at the file position and once at an offset. Both kinds of read must work afterwards.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROUNDS = 100 };

static int fd;

static void *reads(void *arg)
{
	char buf[64];

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (;;) {
		lseek(fd, 0, SEEK_SET);
		if (read(fd, buf, sizeof(buf)) != sizeof(buf) ||
		    pread(fd, buf, sizeof(buf), 0) != sizeof(buf))
			abort();
	}
	return NULL;
}

int main(int argc, char **argv)
{
	char buf[64] = { 0 };
	pthread_t thread;
	int good = 0;

	alarm(60);
	fd = argc > 1 ? open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600) : -1;
	if (fd < 0 || write(fd, buf, sizeof(buf)) != sizeof(buf))
		return 2;
	for (int i = 0; i < ROUNDS; i++) {
		if (pthread_create(&thread, NULL, reads, NULL))
			return 2;
		usleep(500 + 37 * (useconds_t)i);
		pthread_cancel(thread);
		pthread_join(thread, NULL);
		lseek(fd, 0, SEEK_SET);
		good += read(fd, buf, sizeof(buf)) == sizeof(buf);
	}
	printf("%d of %d reads afterwards\n", good, ROUNDS);
	return good != ROUNDS;
}
