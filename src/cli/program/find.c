/* SPDX-License-Identifier: MIT */
/* Finds the executable file of a command name, and explains why there is none. */
#include "config.h"

#include "cli/program/find.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns 0 if path can be executed, else the errno for why not (ENOENT, EISDIR, EACCES, ...). */
static int why_not_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS))
		return EACCES;
	return 0;
}

/*
 * Searches PATH as execvp(3) does: goes on past a file that cannot be executed, but sets *candidate
 * to the first one whose error is EACCES. The caller frees both paths.
 */
static char *search_path(const char *name, int *error, char **candidate)
{
	const char *dirs = getenv("PATH");

	*error = ENOENT;
	if (!dirs)
		dirs = "/bin:/usr/bin";
	for (;;) {
		int length = strcspn(dirs, ":");
		char *path = text("%.*s%s%s", length, dirs, length ? "/" : "./", name);
		int why = why_not_executable(path);

		if (!why) {
			*error = 0;
			return path;
		}
		if (why == EACCES && *error == ENOENT) {
			*error = why;
			*candidate = path;
		} else {
			free(path);
		}
		if (!dirs[length])
			return NULL;
		dirs += length + 1;
	}
}

static int say_why(const char *name, int why)
{
	switch (why) {
	case EISDIR:
		say("cannot run %s: it is a directory, not a program", name);
		return EXIT_CANNOT_RUN;
	case EACCES:
		say("cannot run %s: it is not executable (that needs a regular file, execute "
		    "permission, and no noexec mount)",
		    name);
		return EXIT_CANNOT_RUN;
	case ENOENT:
		say("cannot run %s: there is no such file", name);
		return EXIT_NOT_FOUND;
	}
	say("cannot run %s: %s", name, strerror(why));
	return why == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

int find_program(const char *name, char **path)
{
	char *candidate = NULL;
	int why;

	if (!*name) {
		say("cannot run '': the name of a program is needed");
		return EXIT_NOT_FOUND;
	}
	if (strchr(name, '/')) {
		why = why_not_executable(name);
		if (why)
			return say_why(name, why);
		*path = text("%s", name);
		return 0;
	}
	*path = search_path(name, &why, &candidate);
	if (*path)
		return 0;
	if (!candidate) {
		say("cannot run %s: there is no such program in PATH", name);
		return EXIT_NOT_FOUND;
	}
	why = say_why(candidate, why);
	free(candidate);
	return why;
}

char *find_in_path(const char *name)
{
	char *candidate = NULL;
	char *path;
	int why;

	path = search_path(name, &why, &candidate);
	free(candidate);
	return path;
}
