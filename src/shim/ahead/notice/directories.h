/* SPDX-License-Identifier: MIT */
/*
 * The names of the directories that the program has opened. Many programs open a directory, then
 * files relative to it, and close it before the helper could ask what its descriptor was.
 */
#ifndef SHIM_AHEAD_DIRECTORIES_H
#define SHIM_AHEAD_DIRECTORIES_H

#include "shim/base/base.h"

enum { DIRECTORY_PATH_MAX = 239 };

/* A directory's path, relative to a descriptor that was not opened relative to another one. */
struct directory {
	_Atomic int fd; /* -1: none */
	int dir;
	char path[DIRECTORY_PATH_MAX + 1];
};

void directories_start(void);

/* Notes that fd names a directory that was opened relative to dir. */
void directory_note_open(int fd, int dir, const char *path);

/* Notes that fd names something else. */
void directory_forget(int fd);

/* Returns the directory that fd names, or NULL if that is not known. */
const struct directory *directory_find(int fd);

#endif
