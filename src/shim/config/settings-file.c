/* SPDX-License-Identifier: MIT */
/* Reads the configuration file into anonymous memory, and describes why it cannot be read. */
#include <fcntl.h>
#include <string.h>
#include "shim/config/settings-file.h"
#include "shim/base/sys.h"

/* One byte more than the largest file, to detect a file that is too large. */
enum { ROOM = SETTINGS_FILE_SIZE_MAX + 1 };

static long fill_buffer(long fd, char *room)
{
	size_t size = 0;

	while (size < ROOM) {
		long ret = sys3(SYS_read, fd, (long)(room + size), (long)(ROOM - size));

		if (ret == -EINTR)
			continue;
		if (ret < 0)
			return ret;
		if (!ret)
			return memchr(room, '\0', size) ? -EILSEQ : (long)size;
		size += (size_t)ret;
	}
	return -EFBIG;
}

int settings_file_load(const char *path, struct strview *text)
{
	/* A file that is a pipe or a terminal must not stop every program. */
	long fd = sys4(SYS_openat, AT_FDCWD, (long)path,
		       O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	long size = -ENOMEM;
	char *room;

	if (fd < 0)
		return (int)fd;
	room = sys_pages(ROOM);
	if (room)
		size = fill_buffer(fd, room);
	sys1(SYS_close, fd);
	*text = (struct strview){ room, size > 0 ? (size_t)size : 0 };
	if (room && size < 0)
		settings_file_unload(*text);
	return size < 0 ? (int)size : 0;
}

void settings_file_unload(struct strview text)
{
	sys2(SYS_munmap, (long)text.start, ROOM);
}

/* clang-format off */
static const struct trouble {
	int err;
	const char *text;
} troubles[] = {
	{ -ENOENT, "there is no such file" },
	{ -ENOTDIR, "there is no such file" },
	{ -EACCES, "it may not be read" },
	{ -EISDIR, "it is a directory" },
	{ -EFBIG, "it is larger than 64 KiB" },
	{ -EILSEQ, "it is not a text file" },
};
/* clang-format on */

const char *settings_file_trouble(int err)
{
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (troubles[i].err == err)
			return troubles[i].text;
	return "it cannot be read";
}
