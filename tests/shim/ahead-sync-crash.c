/* SPDX-License-Identifier: MIT */
/*
 * Writes files, syncs and renames them, and notes each that was synced, until its disk is gone; or
 * checks afterwards that all of these are whole. See ahead-sync-crash.bats.
 *
 * Usage: ahead-sync-crash write LOG DIRECTORY | check LOG DIRECTORY
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 40, FILES_MAX = 8000, SIZE_MAX_OF_FILE = 16384 };

static char data[SIZE_MAX_OF_FILE], found[SIZE_MAX_OF_FILE + 1];

/* What is in a file follows from its number. Returns the size. */
static size_t content_of(unsigned number)
{
	uint64_t dice = (number + 1) * 0x9e3779b97f4a7c15ull;
	size_t size = 1 + (dice >> 32) % sizeof(data);

	for (size_t i = 0; i < size; i++)
		data[i] = (char)((dice *= 6364136223846793005ull, dice += 1442695040888963407ull) >> 56);
	return size;
}

static const char *name_of(unsigned number, const char *suffix)
{
	static char name[32];

	snprintf(name, sizeof(name), "%u%s", number, suffix);
	return name;
}

static void write_file(unsigned number)
{
	size_t size = content_of(number);
	int fd = open(name_of(number, ".new"), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd))
		exit(0);
}

static void sync_file(unsigned number, int log)
{
	int fd = open(name_of(number, ".new"), O_RDWR);
	char old[32];

	if (fd < 0 || fsync(fd))
		exit(0);
	if (write(log, &number, sizeof(number)) != sizeof(number))
		exit(99);
	close(fd);
	strcpy(old, name_of(number, ".new"));
	if (rename(old, name_of(number, "")))
		exit(0);
}

static void write_files(int log)
{
	for (unsigned first = 0; first < FILES_MAX; first += BATCH) {
		for (unsigned i = first; i < first + BATCH; i++)
			write_file(i);
		for (unsigned i = first; i < first + BATCH; i++)
			sync_file(i, log);
	}
}

/* The rename need not have reached the disk. */
static int is_whole(unsigned number)
{
	size_t size = content_of(number);
	int fd = open(name_of(number, ""), O_RDONLY);
	ssize_t got;

	if (fd < 0)
		fd = open(name_of(number, ".new"), O_RDONLY);
	got = fd < 0 ? -1 : read(fd, found, sizeof(found));
	close(fd);
	return got == (ssize_t)size && !memcmp(found, data, size);
}

static int check_files(int log)
{
	unsigned number, count = 0, broken = 0;

	while (read(log, &number, sizeof(number)) == sizeof(number)) {
		count++;
		if (!is_whole(number)) {
			printf("file %u was synced and is not whole\n", number);
			broken++;
		}
	}
	printf("%u files were synced, %u are broken\n", count, broken);
	return broken != 0;
}

int main(int argc, char **argv)
{
	int log = argc == 4 ? open(argv[2], O_RDWR | O_CREAT | O_APPEND, 0644) : -1;

	if (log < 0 || chdir(argv[3])) {
		fprintf(stderr, "usage: ahead-sync-crash write|check LOG DIRECTORY\n");
		return 2;
	}
	if (!strcmp(argv[1], "check"))
		return check_files(log);
	write_files(log);
	return 0;
}
