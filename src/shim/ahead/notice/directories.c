/* SPDX-License-Identifier: MIT */
/* A table by the lowest bits of the descriptor. What it says is a hint: several threads write. */
#include <string.h>
#include "shim/ahead/notice/directories.h"

enum { DIRECTORIES = 64 };

static struct directory directories[DIRECTORIES];

void directories_start(void)
{
	for (size_t i = 0; i < DIRECTORIES; i++)
		directories[i].fd = -1;
}

const struct directory *directory_find(int fd)
{
	const struct directory *directory = &directories[(unsigned)fd % DIRECTORIES];

	return fd >= 0 && atomic_load_explicit(&directory->fd, memory_order_relaxed) == fd ?
		directory :
		NULL;
}

void directory_forget(int fd)
{
	struct directory *directory = &directories[(unsigned)fd % DIRECTORIES];

	if (atomic_load_explicit(&directory->fd, memory_order_relaxed) == fd)
		directory->fd = -1;
}

void directory_note_open(int fd, int dir, const char *path)
{
	struct directory *directory = &directories[(unsigned)fd % DIRECTORIES];
	const struct directory *above = NULL;
	struct directory new = { .fd = -1, .dir = dir };
	size_t above_length = 0, length;

	if (path[0] != '/')
		above = directory_find(dir);
	if (above) {
		new.dir = above->dir;
		above_length = strnlen(above->path, DIRECTORY_PATH_MAX);
	}
	length = strnlen(path, DIRECTORY_PATH_MAX);
	directory->fd = -1;
	if (above_length + 1 + length > DIRECTORY_PATH_MAX)
		return;
	if (above) {
		memcpy(new.path, above->path, above_length);
		new.path[above_length++] = '/';
	}
	memcpy(new.path + above_length, path, length);
	new.path[above_length + length] = '\0';
	directory->dir = new.dir;
	memcpy(directory->path, new.path, above_length + length + 1);
	directory->fd = fd;
}
