/* SPDX-License-Identifier: MIT */
/* Makes, maps and extends the file of a process, with system calls only. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include "shim/base/strview.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"
#include "shim/timing/timing-file.h"

/* The name of this process's file. */
static char file_path[SETTING_FILE_MAX + 32];

/* Makes NAME.PID, or NAME.PID.N if the process was another program before. */
static long make_file(const char *name)
{
	char *end = strview_put_number(stpcpy(stpcpy(file_path, name), "."),
				       (uint64_t)sys0(SYS_getpid));
	long fd = -EEXIST;

	*end = '\0';
	for (uint64_t n = 1; fd == -EEXIST && n < 1000; n++) {
		fd = sys_make_file(AT_FDCWD, file_path);
		if (fd == -EEXIST)
			*strview_put_number(stpcpy(end, "."), n) = '\0';
	}
	return fd;
}

/* All memory is taken now. A page that could not be had later would end the program by SIGBUS. */
static struct timing_record *map_record(long fd)
{
	enum { SIZE = sizeof(struct timing_record) };
	long at;

	if (sys4(SYS_fallocate, fd, 0, 0, SIZE))
		return NULL;
	at = sys6(SYS_mmap, 0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return at < 0 ? NULL : (struct timing_record *)at;
}

struct timing_record *timing_file_map(const char *name)
{
	struct timing_record *record = NULL;
	long fd = sys_may_extend(sizeof(*record)) ? make_file(name) : -EFBIG;

	if (fd < 0)
		return NULL;
	record = map_record(fd);
	sys1(SYS_close, fd);
	if (!record)
		sys3(SYS_unlinkat, AT_FDCWD, (long)file_path, 0);
	return record;
}

bool timing_file_append(struct timing_record *record)
{
	uint64_t at = sizeof(*record) + record->appended * sizeof(record->window[0]);
	long fd, written;

	if (!sys_may_extend(at + sizeof(record->window)))
		return false;
	fd = sys4(SYS_openat, AT_FDCWD, (long)file_path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return false;
	written = sys4(SYS_pwrite64, fd, (long)record->window, sizeof(record->window), (long)at);
	sys1(SYS_close, fd);
	return written == sizeof(record->window);
}
