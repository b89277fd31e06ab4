/* SPDX-License-Identifier: MIT */
/* Makes temporary files. */
#include "config.h"

#include "cli/temp.h"

#include "cli/cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int unlinked_file(const char *directory)
{
	char *name = text("%s/ringshim-XXXXXX", directory);
	int fd = mkostemp(name, O_CLOEXEC);

	if (fd >= 0)
		unlink(name);
	free(name);
	return fd;
}

int temp_file(void)
{
	const char *directory = getenv("TMPDIR");
	int fd;

	if (!directory || !*directory)
		directory = "/tmp";
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) /* not every file system has O_TMPFILE */
		fd = unlinked_file(directory);
	if (fd < 0)
		die("cannot make a temporary file in %s: %m; set TMPDIR to another directory",
		    directory);
	return fd;
}
