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
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void *wait_for_end(void *arg)
{
	pause();
	return arg;
}

/* Makes a duplicate of fd in the way that how names. */
static int make_copy(int fd, const char *how)
{
	if (!strcmp(how, "dup"))
		return dup(fd);
	if (!strcmp(how, "fcntl"))
		return fcntl(fd, F_DUPFD, 10);
	if (!strcmp(how, "syscall-dup"))
		return (int)syscall(SYS_dup, fd);
	if (!strcmp(how, "syscall-dup3"))
		return (int)syscall(SYS_dup3, fd, 20, 0);
	return -1;
}

/* Usage: dup-position HOW [before]; with "before" the direct call comes before the thread. */
int main(int argc, char **argv)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600), wrong = 0;
	int copy = make_copy(fd, argc > 1 ? argv[1] : "");
	volatile int negative = -1;
	char byte = 'x';
	pthread_t thread;

	for (int i = 0; i < 100; i++)
		wrong += pwrite(fd, &byte, 1, i) != 1;
	if (argc > 2)
		wrong += readv(copy, NULL, negative) != -1 || errno != EINVAL;
	if (fd < 0 || copy < 0 || pthread_create(&thread, NULL, wait_for_end, NULL))
		return 2;
	if (argc <= 2)
		wrong += readv(copy, NULL, negative) != -1 || errno != EINVAL;
	for (int i = 0; i < 100; i++)
		wrong += read(fd, &byte, 1) != 1 || byte != 'x';
	printf("%d wrong\n", wrong);
	return 0;
}
