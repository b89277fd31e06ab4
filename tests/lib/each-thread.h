/* SPDX-License-Identifier: MIT */
/* Lists the threads of a process, for finding out where one of them hangs. */
#ifndef EACH_THREAD_H
#define EACH_THREAD_H

#include <dirent.h>
#include <stdio.h>
#include <sys/types.h>

/* Calls tell with the directory in /proc and the id of each thread of pid. */
static inline void each_thread(pid_t pid, void (*tell)(const char *dir, const char *id, void *arg),
			       void *arg)
{
	char path[64], own[sizeof(path) + sizeof(((struct dirent *)0)->d_name) + 1];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(own, sizeof(own), "%s/%s", path, entry->d_name);
		tell(own, entry->d_name, arg);
	}
	if (dir)
		closedir(dir);
}

#endif
