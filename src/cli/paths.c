/* SPDX-License-Identifier: MIT */
/* Computes file names. */
#include "config.h"

#include "cli/paths.h"

#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *path_absolute(const char *path)
{
	char *here, *absolute;

	if (*path == '/')
		return text("%s", path);
	here = getcwd(NULL, 0);
	if (!here)
		die("'%s' is relative to the working directory, which cannot be found: %m", path);
	absolute = text("%s/%s", strcmp(here, "/") ? here : "", path);
	free(here);
	return absolute;
}

char *path_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? text("/") : text("%.*s", (int)(slash - path), path);
}

char *path_of_self(void)
{
	return realpath("/proc/self/exe", NULL);
}
