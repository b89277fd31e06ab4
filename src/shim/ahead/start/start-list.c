/* SPDX-License-Identifier: MIT */
/* Reads and writes the lists. A file is a header, the key and the names. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include "shim/ahead/files/resolve.h"
#include "shim/ahead/start/start-list.h"
#include "shim/base/strview.h"
#include "shim/base/sys.h"

enum { ARGUMENTS = 2, ARGUMENT_MAX = 255, LISTS = 256 };

struct header {
	char format[16];
	uint64_t check; /* hash of what follows */
	uint32_t key_size, size;
};

static const char format[16] = "ringshim start2";

static uint64_t hash_of(const char *text, size_t size)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
	return hash;
}

bool start_list_add(struct start_list *list, const char *name)
{
	size_t size = strlen(name) + 1;

	if (list->size + size > START_LIST_MAX)
		return false;
	memcpy(list->text + list->size, name, size);
	list->size += (uint32_t)size;
	return true;
}

/* Adds the path of the program's file. */
static void add_program(struct start_list *list, pid_t owner)
{
	char path[1024];

	resolve_link(owner, "/exe", path, sizeof(path));
	start_list_add(list, path);
}

bool start_list_begin(struct start_list *list, pid_t owner, const char *directory, int argc,
		      char *const *argv)
{
	char argument[ARGUMENT_MAX + 1];

	*list = (struct start_list){ .text = sys_pages(START_LIST_MAX) };
	if (!list->text)
		return false;
	add_program(list, owner);
	start_list_add(list, directory);
	for (int i = 1; i < argc && i <= ARGUMENTS; i++) {
		/* The program can change the text of its arguments at any time. */
		size_t length = strnlen(argv[i], ARGUMENT_MAX);

		memcpy(argument, argv[i], length);
		argument[length] = '\0';
		start_list_add(list, argument);
	}
	list->key_size = list->size;
	return true;
}

void start_list_free(struct start_list *list)
{
	if (list->text)
		sys2(SYS_munmap, (long)list->text, START_LIST_MAX);
	*list = (struct start_list){ .text = NULL };
}

/* Returns true if nobody else can have written this file or directory. */
static bool is_private(long fd, mode_t type)
{
	struct stat st;

	return !sys2(SYS_fstat, fd, (long)&st) && (st.st_mode & S_IFMT) == type &&
		st.st_uid == (uid_t)sys0(SYS_geteuid) && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static long open_directory(const char *path)
{
	const long flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	long fd = sys3(SYS_openat, AT_FDCWD, (long)path, flags);

	if (fd < 0 || is_private(fd, S_IFDIR))
		return fd;
	sys1(SYS_close, fd);
	return -EPERM;
}

/* Does the same, and makes the directory and the one above if they are not there. */
static long make_directory(const char *path)
{
	char above[512];
	long fd = open_directory(path);

	if (fd != -ENOENT || strlen(path) >= sizeof(above))
		return fd;
	stpcpy(above, path);
	*strrchr(above, '/') = '\0';
	sys3(SYS_mkdirat, AT_FDCWD, (long)above, 0700);
	sys3(SYS_mkdirat, AT_FDCWD, (long)path, 0700);
	return open_directory(path);
}

/* Writes the name of the list's file. */
static void name_file(const struct start_list *list, char name[16])
{
	uint64_t number = hash_of(list->text, list->key_size) % LISTS;

	*strview_put_number(stpcpy(name, "start-"), number) = '\0';
}

/* Returns true if text is size bytes after header that were stored with the key of list. */
static bool is_whole(const struct header *header, const char *text, long size,
		     const struct start_list *list)
{
	return !memcmp(header->format, format, sizeof(format)) && header->size == (uint64_t)size &&
		header->key_size == list->key_size && size > list->key_size && !text[size - 1] &&
		header->check == hash_of(text, (size_t)size) &&
		!memcmp(text, list->text, list->key_size);
}

/* Reads the file into the memory of the list, over the key. */
static bool read_file(long fd, struct start_list *list)
{
	struct header header;
	char *text = sys_pages(START_LIST_MAX);
	long size = -1;
	bool is_good;

	if (!text)
		return false;
	if (sys3(SYS_read, fd, (long)&header, sizeof(header)) == sizeof(header))
		size = sys3(SYS_read, fd, (long)text, START_LIST_MAX);
	is_good = size > 0 && is_whole(&header, text, size, list);
	if (is_good) {
		memcpy(list->text, text, (size_t)size);
		list->size = (uint32_t)size;
	}
	sys2(SYS_munmap, (long)text, START_LIST_MAX);
	return is_good;
}

bool start_list_load(struct start_list *list, const char *path)
{
	long directory = open_directory(path), fd;
	char name[16];
	bool is_read;

	if (directory < 0)
		return false;
	name_file(list, name);
	fd = sys4(SYS_openat, directory, (long)name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		  0);
	is_read = fd >= 0 && is_private(fd, S_IFREG) && read_file(fd, list);
	if (fd >= 0)
		sys1(SYS_close, fd);
	sys1(SYS_close, directory);
	return is_read;
}

static bool write_file(long fd, const struct start_list *list)
{
	struct header header = {
		.check = hash_of(list->text, list->size),
		.key_size = list->key_size,
		.size = list->size,
	};

	memcpy(header.format, format, sizeof(format));
	return sys3(SYS_write, fd, (long)&header, sizeof(header)) == sizeof(header) &&
		sys3(SYS_write, fd, (long)list->text, list->size) == (long)list->size;
}

/*
 * Makes a file that nobody else is writing. One that is older than a minute was left by a helper
 * that was killed; the next one can then make it.
 */
static long make_file(long directory, const char *name)
{
	struct timespec now;
	struct stat st;
	long fd = sys_make_file(directory, name);

	if (fd == -EEXIST && !sys2(SYS_clock_gettime, CLOCK_REALTIME, (long)&now) &&
	    !sys4(SYS_newfstatat, directory, (long)name, (long)&st, AT_SYMLINK_NOFOLLOW) &&
	    st.st_mtim.tv_sec + 60 < now.tv_sec)
		sys3(SYS_unlinkat, directory, (long)name, 0);
	return fd;
}

static void store_in(long directory, const struct start_list *list)
{
	char name[16], new[24];
	bool is_written;
	long fd;

	name_file(list, name);
	stpcpy(stpcpy(new, name), ".new");
	fd = make_file(directory, new);
	if (fd < 0)
		return;
	is_written = write_file(fd, list);
	sys1(SYS_close, fd);
	if (!is_written || sys6(SYS_renameat2, directory, (long)new, directory, (long)name, 0, 0))
		sys3(SYS_unlinkat, directory, (long)new, 0);
}

void start_list_store(const struct start_list *list, const char *path)
{
	long directory = make_directory(path);

	if (directory < 0)
		return;
	store_in(directory, list);
	sys1(SYS_close, directory);
}
