/* SPDX-License-Identifier: MIT */
/*
 * Opens directories of the program. The links in /proc/PID lead to its root, its working directory
 * and what its descriptors refer to, whatever it has changed since the helper was started.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include "shim/ahead/events.h"
#include "shim/ahead/files/file-systems.h"
#include "shim/ahead/files/resolve.h"
#include "shim/base/strview.h"
#include "shim/base/sys.h"

/* Opens a directory, to look names up in it and no more. */
static int open_path(int dir, const char *path, uint64_t resolve)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = resolve,
	};

	return (int)sys4(SYS_openat2, dir, (long)path, (long)&how, sizeof(how));
}

/* Opens what the path is relative to. */
static int open_base(pid_t owner, int dir, bool is_absolute)
{
	char link[64] = "/proc/";
	char *at = strview_put_number(link + 6, (unsigned)owner);

	if (is_absolute)
		stpcpy(at, "/root");
	else if (dir == AT_FDCWD)
		stpcpy(at, "/cwd");
	else
		*strview_put_number(stpcpy(at, "/fd/"), (unsigned)dir) = '\0';
	return open_path(AT_FDCWD, link, 0);
}

int resolve_directory(pid_t owner, int dir, const char *path, size_t length)
{
	char parent[EVENT_PATH_MAX + 1];
	bool is_absolute = length && path[0] == '/';
	int base = open_base(owner, dir, is_absolute);
	int fd;

	if (base < 0 || !length)
		return base;
	memcpy(parent, path, length);
	parent[length] = '\0';
	fd = open_path(base, parent, is_absolute ? RESOLVE_IN_ROOT : 0);
	sys1(SYS_close, base);
	return fd;
}

size_t resolve_link(pid_t owner, const char *name, char *path, size_t size)
{
	char link[64] = "/proc/";
	long length;

	stpcpy(strview_put_number(link + 6, (unsigned)owner), name);
	length = sys4(SYS_readlinkat, AT_FDCWD, (long)link, (long)path, (long)size - 1);
	if (length < 0)
		length = 0;
	path[length] = '\0';
	return (size_t)length;
}

int resolve_open_again(int fd)
{
	char link[64] = "/proc/self/fd/";

	*strview_put_number(link + strlen(link), (unsigned)fd) = '\0';
	return (int)sys4(SYS_openat, AT_FDCWD, (long)link, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
}

int resolve_regular_file(pid_t owner, const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = path[0] == '/' ? RESOLVE_IN_ROOT : 0,
	};
	int base = open_base(owner, AT_FDCWD, path[0] == '/');
	struct stat st;
	long fd;

	if (base < 0)
		return base;
	fd = sys4(SYS_openat2, base, (long)path, (long)&how, sizeof(how));
	sys1(SYS_close, base);
	if (fd < 0)
		return (int)fd;
	if (is_fetchable((int)fd, false) && !sys2(SYS_fstat, fd, (long)&st) && S_ISREG(st.st_mode))
		return (int)fd;
	sys1(SYS_close, fd);
	return -EINVAL;
}

int resolve_listed(int parent, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC | O_NOATIME,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};
	long fd = sys4(SYS_openat2, parent, (long)name, (long)&how, sizeof(how));

	if (fd == -EPERM) {
		how.flags &= ~(uint64_t)O_NOATIME;
		fd = sys4(SYS_openat2, parent, (long)name, (long)&how, sizeof(how));
	}
	return (int)fd;
}
