/* SPDX-License-Identifier: MIT */
/*
 * Threads read the files whose names stand in LIST and are cancelled on the way. Then the main
 * thread reads them all, and prints what it has seen. See ahead.bats.
 *
 * Usage: ahead-cancel LIST ROUNDS
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 1024 };

static char *files[FILES_MAX];
static int file_count;

static void load(const char *list)
{
	char line[512];
	FILE *file = fopen(list, "r");

	if (!file) {
		perror(list);
		exit(1);
	}
	while (file_count < FILES_MAX && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		files[file_count++] = strdup(line);
	}
	fclose(file);
}

static void close_file(void *fd)
{
	close(*(int *)fd);
}

static uint32_t sum_of(int fd)
{
	unsigned char bytes[4096];
	uint32_t sum = 0;
	ssize_t got;

	while ((got = read(fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < got; i++)
			sum = sum * 31 + bytes[i];
	return sum;
}

/* Reads one file. Stores a checksum. */
static void read_file(const char *path, uint32_t *sum)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return;
	pthread_cleanup_push(close_file, &fd);
	*sum = sum_of(fd);
	pthread_cleanup_pop(1);
}

static void *read_all(void *arg)
{
	uint32_t sum;

	for (int i = 0; i < file_count; i++)
		read_file(files[i], &sum);
	return arg;
}

/* Cancels a thread after so many milliseconds. Returns true if it was cancelled on its way. */
static int cancel_after(int ms)
{
	const struct timespec wait = { ms / 1000, ms % 1000 * 1000000 };
	pthread_t thread;
	void *result;

	if (pthread_create(&thread, NULL, read_all, NULL))
		abort();
	nanosleep(&wait, NULL);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	return result == PTHREAD_CANCELED;
}

int main(int argc, char **argv)
{
	int cancelled = 0;

	if (argc != 3)
		return 2;
	load(argv[1]);
	for (int i = 0; i < atoi(argv[2]); i++)
		cancelled += cancel_after(3 * i);
	puts(cancelled ? "cancelled" : "NEVER CANCELLED");
	for (int i = 0; i < file_count; i++) {
		uint32_t sum = 0;

		read_file(files[i], &sum);
		printf("%s %08x\n", files[i], (unsigned)sum);
	}
	return 0;
}
