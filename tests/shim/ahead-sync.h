/* SPDX-License-Identifier: MIT */
/*
 * Looks at what is really on the disk of tests/lib/volatile-disk.c: its image is what a power cut
 * would leave. For ext4, with commits only when something is synced (commit=300).
 */
#ifndef AHEAD_SYNC_H
#define AHEAD_SYNC_H

#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXTENTS_MAX = 64, CHUNK = 4096 };

static inline void must(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(99);
}

/* The image, by the variable IMAGE. */
static inline int image_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(getenv("IMAGE"), O_RDONLY | O_CLOEXEC);
	must(fd >= 0, "IMAGE");
	return fd;
}

/* Returns how many transactions the journal has committed; its file is in the variable JOURNAL. */
static inline long count_commits(void)
{
	char text[512];
	int fd = open(getenv("JOURNAL"), O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	must(got > 0, "JOURNAL");
	text[got] = '\0';
	close(fd);
	return atol(text);
}

/* Returns true if this part of the file is the same in the image. */
static inline bool is_extent_on_disk(int fd, const struct fiemap_extent *extent, off_t size)
{
	char cached[CHUNK], stored[CHUNK];
	off_t at = (off_t)extent->fe_logical, end = at + (off_t)extent->fe_length;

	if (extent->fe_flags &
	    (FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC | FIEMAP_EXTENT_UNWRITTEN))
		return false;
	for (end = end < size ? end : size; at < end; at += CHUNK) {
		size_t count = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		off_t place = (off_t)extent->fe_physical + at - (off_t)extent->fe_logical;

		must(pread(fd, cached, count, at) == (ssize_t)count, "pread");
		must(pread(image_fd(), stored, count, place) == (ssize_t)count,
		     "pread of the image");
		if (memcmp(cached, stored, count) != 0)
			return false;
	}
	return true;
}

/* Returns true if the blocks of the file are the same in the image. fd is open to be read. */
static inline bool is_data_on_disk(int fd)
{
	_Alignas(struct fiemap) char
		space[sizeof(struct fiemap) + EXTENTS_MAX * sizeof(struct fiemap_extent)] = { 0 };
	struct fiemap *map = (struct fiemap *)space;
	struct stat st;

	map->fm_length = ~0ull;
	map->fm_extent_count = EXTENTS_MAX;
	must(!fstat(fd, &st) && !ioctl(fd, FS_IOC_FIEMAP, map), "FIEMAP");
	must(map->fm_mapped_extents < EXTENTS_MAX, "too many extents");
	for (unsigned i = 0; i < map->fm_mapped_extents; i++)
		if (!is_extent_on_disk(fd, &map->fm_extents[i], st.st_size))
			return false;
	return true;
}

/* Returns true if the kernel commits nothing for a native sync, past the library's function. */
static inline bool is_committed(int fd)
{
	long before = count_commits();

	must(!syscall(SYS_fsync, fd), "native fsync");
	return count_commits() == before;
}

/* Returns true if a sync of the file has nothing to do. This ends with a native sync. */
static inline bool is_on_disk(int fd)
{
	bool has_data = is_data_on_disk(fd);

	return is_committed(fd) && has_data;
}

#endif
