/* SPDX-License-Identifier: MIT */
/* Makes, maps and removes the file of the record, with system calls only. */
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include "shim/base/clock.h"
#include "shim/base/strview.h"
#include "shim/base/sys.h"
#include "shim/route/stats-file.h"

enum { DIRECTORY_MAX = 200, NAME_MAX_LENGTH = 64 };

/* The value of XDG_RUNTIME_DIR; empty: none. */
static char runtime_directory[DIRECTORY_MAX];

/* True if the files are there. Every process looks at its end, so it lies on a page in use. */
static bool has_files EARLY;

/* The names of the files. */
static char file_path[DIRECTORY_MAX + NAME_MAX_LENGTH];
static char owner_path[DIRECTORY_MAX + NAME_MAX_LENGTH];

void stats_file_start(char **environment)
{
	static const char name[] = "XDG_RUNTIME_DIR=";

	for (; *environment; environment++) {
		const char *value = *environment + sizeof(name) - 1;

		if (strncmp(*environment, name, sizeof(name) - 1))
			continue;
		if (*value == '/' && strlen(value) < DIRECTORY_MAX - 16)
			strcpy(runtime_directory, value);
		return;
	}
}

/* Returns true if only this user can write to the directory, and it lies in memory. */
static bool is_private_directory(const char *path, uint32_t uid)
{
	struct stat st;
	struct statfs fs;

	if (sys4(SYS_newfstatat, AT_FDCWD, (long)path, (long)&st, AT_SYMLINK_NOFOLLOW) ||
	    sys2(SYS_statfs, (long)path, (long)&fs))
		return false;
	return S_ISDIR(st.st_mode) && st.st_uid == uid && !(st.st_mode & 077) &&
		fs.f_type == TMPFS_MAGIC;
}

static bool make_directory(const char *path, uint32_t uid)
{
	sys3(SYS_mkdirat, AT_FDCWD, (long)path, 0700);
	return is_private_directory(path, uid);
}

/* Writes the name of the directory, which exists then, to path. Returns its end, or NULL. */
static char *find_directory(char path[DIRECTORY_MAX])
{
	uint32_t uid = (uint32_t)sys0(SYS_geteuid);
	char *end;

	if (*runtime_directory && is_private_directory(runtime_directory, uid)) {
		end = stpcpy(stpcpy(path, runtime_directory), "/ringshim");
		if (make_directory(path, uid))
			return end;
	}
	end = strview_put_number(stpcpy(path, "/dev/shm/ringshim-"), uid);
	*end = '\0';
	return make_directory(path, uid) ? end : NULL;
}

/* The name is one that no other process has used: a process ID comes back after some time. */
static bool choose_paths(void)
{
	char name[NAME_MAX_LENGTH - 2], *end = find_directory(file_path);

	if (!end)
		return false;
	*strview_put_number(stpcpy(strview_put_number(name, (uint64_t)sys0(SYS_getpid)), "."),
			    (uint64_t)monotonic_now()) = '\0';
	*end = '\0';
	stpcpy(stpcpy(stpcpy(owner_path, file_path), "/."), name);
	stpcpy(stpcpy(end, "/"), name);
	return true;
}

static bool write_owner(const struct stats_owner *owner)
{
	long fd = sys_make_file(AT_FDCWD, owner_path), written = -1;

	if (fd >= 0) {
		written = sys3(SYS_write, fd, (long)owner, sizeof(*owner));
		sys1(SYS_close, fd);
	}
	return written == sizeof(*owner);
}

static bool copy_part(long fd, const struct stats_record *record, const void *part, size_t size)
{
	long from = (const char *)part - (const char *)record;

	return sys4(SYS_pwrite64, fd, (long)part, (long)size, from) == (long)size;
}

/* All memory is taken now. A page that could not be had later would end the program by SIGBUS. */
static bool fill_file(long fd, const struct stats_record *record, bool with_counts, size_t stripe)
{
	if (sys4(SYS_fallocate, fd, 0, 0, record->owner.size))
		return false;
	if (with_counts)
		return copy_part(fd, record, record, record->owner.size);
	return copy_part(fd, record, &record->stripes[stripe], sizeof(record->stripes[stripe])) &&
		copy_part(fd, record, &record->owner, sizeof(record->owner));
}

bool stats_file_map(struct stats_record *record, bool with_counts, size_t stripe)
{
	long fd = -1, ret = -1;

	if (!sys_may_extend(record->owner.size) || !choose_paths())
		return false;
	has_files = true;
	if (write_owner(&record->owner))
		fd = sys_make_file(AT_FDCWD, file_path);
	if (fd >= 0 && fill_file(fd, record, with_counts, stripe))
		ret = sys6(SYS_mmap, (long)record, record->owner.size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_FIXED, fd, 0);
	if (fd >= 0)
		sys1(SYS_close, fd);
	if (ret == (long)record)
		return true;
	stats_file_remove();
	return false;
}

void stats_file_remove(void)
{
	if (has_files) {
		sys3(SYS_unlinkat, AT_FDCWD, (long)file_path, 0);
		sys3(SYS_unlinkat, AT_FDCWD, (long)owner_path, 0);
	}
	has_files = false;
}

void stats_file_forget(void)
{
	has_files = false;
}
