/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include "shim/base/lines.h"
#include "shim/base/sys.h"

int lines_visit(const char *path, void (*visit)(void *arg, const char *line), void *arg)
{
	char text[4096];
	long fd = sys4(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
	size_t kept = 0;
	long got;

	if (fd < 0)
		return (int)fd;
	while ((got = sys3(SYS_read, fd, (long)(text + kept), (long)(sizeof(text) - kept))) > 0) {
		char *line = text, *end = text + kept + got, *newline;

		while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
			*newline = '\0';
			visit(arg, line);
			line = newline + 1;
		}
		kept = (size_t)(end - line);
		memmove(text, line, kept);
		/* A line that fills the text loses its start. */
		kept %= sizeof(text);
	}
	sys1(SYS_close, fd);
	return (int)got;
}
