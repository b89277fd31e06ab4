/* SPDX-License-Identifier: MIT */
/* Lists the child processes of this process by reading /proc. */
#include "config.h"

#include "cli/measure/children.h"

#include "cli/cli.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Returns the parent of a process, or -1. The name in the second field can contain any
 * character, so the last ')' ends it.
 */
static pid_t parent_of(const char *pid)
{
	char *path = text("/proc/%s/stat", pid);
	FILE *file = fopen(path, "re");
	char line[512];
	char *fields;
	size_t n;
	int parent;

	free(path);
	if (!file)
		return -1;
	n = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	line[n] = '\0';
	fields = strrchr(line, ')');
	return fields && sscanf(fields + 1, " %*c %d", &parent) == 1 ? parent : -1;
}

/* /proc/PID/task/TID/children would be simpler, but some kernels are built without it. */
void children_list(struct children *list)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	*list = (struct children){ 0 };
	if (!proc)
		die("cannot read /proc: %m");
	while ((entry = readdir(proc))) {
		if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name) ||
		    parent_of(entry->d_name) != getpid())
			continue;
		list->pids = grow(list->pids, list->count + 1, sizeof(*list->pids));
		list->pids[list->count++] = atoi(entry->d_name);
	}
	closedir(proc);
}

bool children_has(const struct children *list, pid_t pid)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->pids[i] == pid)
			return true;
	return false;
}

void children_free(struct children *list)
{
	free(list->pids);
	*list = (struct children){ 0 };
}
