/* SPDX-License-Identifier: MIT */
/* Keeps the files that the program has opened to be written. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include "shim/ahead/name-hash.h"
#include "shim/ahead/sync/sync-log.h"
#include "shim/base/sys.h"
#include "shim/fd/fdtable.h"
#include "shim/ring/thread.h"

struct sync_log *sync_log;

bool sync_log_begin(void)
{
	struct sync_log *log = sys_pages(sizeof(*log));

	if (!log || sys3(SYS_madvise, (long)log, sizeof(*log), MADV_WIPEONFORK))
		return false;
	sync_log = log;
	return true;
}

/* Returns the slot of the table that has the file, or the free one where it belongs. */
static int32_t *find_slot(const char *path, uint32_t hash)
{
	uint32_t at = hash % (2 * SYNC_FILES);

	for (;; at = (at + 1) % (2 * SYNC_FILES)) {
		const struct sync_file *file;

		if (!sync_log->table[at])
			return &sync_log->table[at];
		file = &sync_log->files[sync_log->table[at] - 1];
		if (file->hash == hash && !strcmp(sync_log->names + file->name, path))
			return &sync_log->table[at];
	}
}

static void add_file(int32_t *slot, const char *path, size_t size, uint32_t hash)
{
	uint32_t index = atomic_load_explicit(&sync_log->count, memory_order_relaxed);

	sync_log->files[index].name = sync_log->names_used;
	sync_log->files[index].hash = hash;
	memcpy(sync_log->names + sync_log->names_used, path, size);
	sync_log->names_used += (uint32_t)size;
	*slot = (int32_t)index + 1;
	atomic_store_explicit(&sync_log->count, index + 1, memory_order_release);
}

/* Returns the index of the file plus 1, or 0 if there was none. Adds it then, if that is wanted. */
static int32_t look_up(const char *path, bool adds)
{
	size_t size = strnlen(path, EVENT_PATH_MAX) + 1;
	uint32_t hash = hash_on(NAME_HASH, path, path + size - 1);
	int32_t *slot;

	if (size > EVENT_PATH_MAX)
		return 0;
	slot = find_slot(path, hash);
	if (*slot)
		return *slot;
	if (adds && sync_log->count < SYNC_FILES && sync_log->names_used + size <= SYNC_NAMES_SIZE)
		add_file(slot, path, size, hash);
	return 0;
}

/* Remembers a file that was opened to be read: it can be announced next. */
static void remember_unlogged(int fd, const char *path)
{
	size_t length = strnlen(path, EVENT_PATH_MAX);

	memcpy(sync_log->unlogged, path, length);
	sync_log->unlogged[length] = '\0';
	sync_log->unlogged_fd = fd + 1;
}

/* A handler that interrupts a thread here finds the flag set, and its file is not logged. */
static bool lock_log(void)
{
	return !atomic_flag_test_and_set_explicit(&sync_log->writing, memory_order_acquire);
}

static void unlock_log(void)
{
	atomic_flag_clear_explicit(&sync_log->writing, memory_order_release);
}

void sync_log_note_open(int fd, int dir, const char *path, bool is_written, int64_t begin)
{
	struct sync_fd *slot;
	int32_t file;

	if (fd < 0 || fd >= SYNC_FDS || thread_is_vfork_child())
		return;
	slot = &sync_log->fds[fd];
	slot->file = 0;
	if ((path[0] != '/' && dir != AT_FDCWD) || !lock_log())
		return;
	file = look_up(path, is_written);
	if (!file && !is_written)
		remember_unlogged(fd, path);
	else
		sync_log->unlogged_fd = 0;
	unlock_log();
	slot->version = (uint8_t)(fd_peek(fd) >> FD_VERSION_SHIFT);
	slot->begin = begin;
	slot->file = file;
}

void sync_log_announce(int fd)
{
	if (sync_log->unlogged_fd != fd + 1 || !lock_log())
		return;
	if (sync_log->unlogged_fd == fd + 1)
		look_up(sync_log->unlogged, true);
	sync_log->unlogged_fd = 0;
	unlock_log();
}

/* The number can have become another description's since: by dup2(), or after a close. */
int32_t sync_log_find(int fd)
{
	const struct sync_fd *slot;

	if (fd < 0 || fd >= SYNC_FDS)
		return SYNC_NONE;
	slot = &sync_log->fds[fd];
	if (!slot->file ||
	    (uint8_t)(fd_peek(fd) >> FD_VERSION_SHIFT) != (uint8_t)(slot->version + 1))
		return SYNC_NONE;
	return slot->file - 1;
}
