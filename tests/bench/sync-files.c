/* SPDX-License-Identifier: MIT */
/*
 * Writes files into the current directory, then syncs each and renames it. With floor as an argument
 * it syncs the file system once instead.
 *
 * Usage: sync-files COUNT [floor]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int write_file(const char *name)
{
	static const char data[4096] = "data";
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, data, sizeof(data)) != sizeof(data))
		return -1;
	return close(fd);
}

static int sync_file(const char *name)
{
	int fd = open(name, O_WRONLY);

	if (fd < 0 || fsync(fd))
		return -1;
	return close(fd);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0, dir = open(".", O_RDONLY | O_DIRECTORY);
	char from[32], to[32];

	for (int i = 0; i < count; i++) {
		snprintf(from, sizeof(from), "%d.new", i);
		if (write_file(from))
			return 1;
	}
	if (argc > 2 && syncfs(dir))
		return 1;
	for (int i = 0; i < count; i++) {
		snprintf(from, sizeof(from), "%d.new", i);
		snprintf(to, sizeof(to), "%d", i);
		if ((argc == 2 && sync_file(from)) || rename(from, to))
			return 1;
	}
	return 0;
}
