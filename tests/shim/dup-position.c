/* SPDX-License-Identifier: MIT */
/*
 * In a threaded program, one call goes direct at the position of a duplicate. From then on every
 * call at that shared position must go direct. Prints how many of a hundred reads went wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

static void *wait_for_end(void *arg)
{
	pause();
	return arg;
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600), copy = dup(fd), wrong = 0;
	volatile int negative = -1;
	char byte = 'x';
	pthread_t thread;

	for (int i = 0; i < 100; i++)
		wrong += pwrite(fd, &byte, 1, i) != 1;
	if (fd < 0 || copy < 0 || pthread_create(&thread, NULL, wait_for_end, NULL))
		return 2;
	wrong += readv(copy, NULL, negative) != -1 || errno != EINVAL;
	for (int i = 0; i < 100; i++)
		wrong += read(fd, &byte, 1) != 1 || byte != 'x';
	printf("%d wrong\n", wrong);
	return 0;
}
