/* SPDX-License-Identifier: MIT */
/* See doc/ahead-sync.md for why each step is there. */
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include "shim/base/sys.h"
#include "shim/fd/fdtable.h"
#include "shim/late/mounts.h"

enum { MOUNTS_MAX = 8 };

/*
 * A mount in one word, so that it is closed only if nothing is noted and nobody else uses it.
 *
 *  63      32 31     18   17     16   15     0
 * +----------+---------+------+------+--------+
 * |  noted   |    0    | open | busy | users  |
 * +----------+---------+------+------+--------+
 *
 * noted  how many files were noted, modulo 2^32
 * busy   a thread opens or closes it; nothing is noted, and nobody else touches the rest
 */
enum { MOUNT_FREE = 0, MOUNT_BUSY = 1 << 16, MOUNT_OPEN = 1 << 17, MOUNT_NOTED_SHIFT = 32 };

struct mount {
	_Atomic uint64_t state;
	_Atomic uint32_t synced; /* of what was noted, so much is on the disk */
	int fd;
	uint32_t major, minor;
	uint64_t inode; /* of the directory that fd is */
};

static struct mount mounts[MOUNTS_MAX];

_Atomic uint32_t mounts_open;

/* Becomes a user of the mount. Returns false if it is not open. */
static bool acquire_mount(struct mount *mount)
{
	uint64_t state = atomic_load(&mount->state);

	while (state & MOUNT_OPEN)
		if (atomic_compare_exchange_weak(&mount->state, &state, state + 1))
			return true;
	return false;
}

static void release_mount(struct mount *mount)
{
	atomic_fetch_sub(&mount->state, 1);
}

static bool is_on_mount(const struct mount *mount, const struct statx *st)
{
	return mount->major == st->stx_dev_major && mount->minor == st->stx_dev_minor;
}

static bool read_state(int fd, struct statx *st)
{
	return !sys6(SYS_statx, fd, (long)"", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		     STATX_TYPE | STATX_INO, (long)st, 0);
}

enum { DIRECTORY_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW };

/* Opens the directory that the open file has its name in. path: PATH_MAX bytes to work in. */
static long open_parent(int fd, char *path)
{
	char *slash;

	if (fd_read_name(fd, path, PATH_MAX) <= 0 || path[0] != '/')
		return -ENOENT;
	slash = strrchr(path, '/');
	slash[slash == path] = '\0';
	return sys4(SYS_openat, AT_FDCWD, (long)path, DIRECTORY_FLAGS, 0);
}

/*
 * Opens a directory on the same file system. The file itself would do, but a program can see that
 * it is kept open: a lease cannot be taken, and what was deleted keeps its space.
 */
static long open_mount_directory(int fd, const struct statx *st)
{
	char *path;
	long ret;

	if (S_ISDIR(st->stx_mode))
		return sys4(SYS_openat, fd, (long)".", DIRECTORY_FLAGS, 0);
	path = sys_pages(PATH_MAX);
	if (!path)
		return -ENOMEM;
	ret = open_parent(fd, path);
	sys2(SYS_munmap, (long)path, PATH_MAX);
	return ret;
}

/* Moves the descriptor out of the way of the program's. Returns the new one. */
static long move_high(long fd)
{
	struct rlimit limit;
	long high = -EMFILE;

	if (!sys4(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, (long)&limit) && limit.rlim_cur > 64)
		high = sys3(SYS_fcntl, fd, F_DUPFD_CLOEXEC,
			    limit.rlim_cur > 1024 ? 1024 - 16 : (long)limit.rlim_cur - 16);
	sys1(SYS_close, fd);
	return high;
}

/*
 * Returns true if one syncfs of the file system does all that an fsync of each file does: the
 * kernel's ext4 can. Of the drivers with this magic number it alone knows when a file was made.
 */
static bool can_sync_at_once(int fd)
{
	struct statfs fs;

	return !sys2(SYS_fstatfs, fd, (long)&fs) && fs.f_type == EXT4_SUPER_MAGIC &&
		!(fs.f_flags & ST_RDONLY);
}

/* Gives the mount its descriptor. Returns false if there can be none. */
static bool fill_mount(struct mount *mount, int fd, const struct statx *st)
{
	struct statx directory;
	long opened = can_sync_at_once(fd) ? open_mount_directory(fd, st) : -EINVAL;

	if (opened >= 0)
		opened = move_high(opened);
	if (opened < 0)
		return false;
	mount->major = st->stx_dev_major;
	mount->minor = st->stx_dev_minor;
	if (!read_state((int)opened, &directory) || !is_on_mount(mount, &directory)) {
		sys1(SYS_close, opened);
		return false;
	}
	mount->fd = (int)opened;
	mount->inode = directory.stx_ino;
	mount->synced = 0;
	return true;
}

static struct mount *open_mount(int fd, const struct statx *st)
{
	for (size_t i = 0; i < MOUNTS_MAX; i++) {
		uint64_t expected = MOUNT_FREE;

		if (!atomic_compare_exchange_strong(&mounts[i].state, &expected, MOUNT_BUSY))
			continue;
		atomic_fetch_add(&mounts_open, 1);
		if (fill_mount(&mounts[i], fd, st)) {
			atomic_store(&mounts[i].state, MOUNT_OPEN + 1);
			return &mounts[i];
		}
		atomic_fetch_sub(&mounts_open, 1);
		atomic_store(&mounts[i].state, MOUNT_FREE);
		return NULL;
	}
	return NULL;
}

/* Returns the mount of the file, as a user of it, or NULL. */
static struct mount *find_mount(int fd, const struct statx *st)
{
	for (size_t i = 0; i < MOUNTS_MAX; i++) {
		if (!acquire_mount(&mounts[i]))
			continue;
		if (is_on_mount(&mounts[i], st))
			return &mounts[i];
		release_mount(&mounts[i]);
	}
	return open_mount(fd, st);
}

/*
 * Returns the error that a sync of the file would report, if it has occurred already. The mount's
 * descriptor reports only what occurs after it was opened. Waits for the pages behind the end of
 * any file, of which there are none.
 */
static int find_error(int fd)
{
	return (int)sys4(SYS_sync_file_range, fd, INT64_MAX - 1, 1, SYNC_FILE_RANGE_WAIT_BEFORE);
}

static bool is_read_only(int fd)
{
	struct statfs fs;

	return !sys2(SYS_fstatfs, fd, (long)&fs) && fs.f_flags & ST_RDONLY;
}

static bool is_own_directory(const struct mount *mount)
{
	struct statx st;

	return read_state(mount->fd, &st) && is_on_mount(mount, &st) && st.stx_ino == mount->inode;
}

/*
 * If the program has closed the descriptor behind our back, everything is synced. A file system
 * that an error has made read-only has nothing to sync, and only fsync says so.
 */
static int sync_file_system(const struct mount *mount)
{
	int ret;

	if (!is_own_directory(mount))
		return (int)sys0(SYS_sync);
	ret = (int)sys1(SYS_syncfs, mount->fd);
	if (!ret && is_read_only(mount->fd))
		ret = (int)sys1(SYS_fsync, mount->fd);
	return ret;
}

static uint32_t count_noted(const struct mount *mount)
{
	return (uint32_t)(atomic_load(&mount->state) >> MOUNT_NOTED_SHIFT);
}

/* Syncs what was noted before the call. Returns 1, 0 if there was nothing, or a negative errno. */
static int sync_mount(struct mount *mount)
{
	uint32_t noted = count_noted(mount);
	uint32_t synced = atomic_load(&mount->synced);
	int ret;

	if (synced == noted)
		return 0;
	ret = sync_file_system(mount);
	/* Another thread may have come further. */
	while (!ret && (int32_t)(noted - synced) > 0 &&
	       !atomic_compare_exchange_weak(&mount->synced, &synced, noted))
		;
	return ret ? ret : 1;
}

/*
 * Ends the use of the mount. Closes its descriptor if nothing is noted and nobody else uses it. If
 * an error was reported, the descriptor that is opened next need not report it once more: the
 * kernel forgets the error when it was reported to one.
 */
static void close_mount(struct mount *mount, bool was_reported)
{
	uint64_t alone = (uint64_t)atomic_load(&mount->synced) << MOUNT_NOTED_SHIFT | MOUNT_OPEN |
		1;

	if (!atomic_compare_exchange_strong(&mount->state, &alone, MOUNT_BUSY)) {
		release_mount(mount);
		return;
	}
	if (is_own_directory(mount)) {
		if (was_reported)
			sys1(SYS_syncfs, mount->fd);
		sys1(SYS_close, mount->fd);
	}
	atomic_store(&mount->state, MOUNT_FREE);
	atomic_fetch_sub(&mounts_open, 1);
}

int mounts_note(int fd, const struct statx *st)
{
	struct mount *mount = find_mount(fd, st);
	int error;

	if (!mount)
		return 0;
	error = find_error(fd);
	if (error)
		close_mount(mount, error != -EBADF);
	else
		/* One step: it is noted, and no longer used. */
		atomic_fetch_add(&mount->state, (1ull << MOUNT_NOTED_SHIFT) - 1);
	return error ? error : 1;
}

int mounts_sync(void)
{
	int count = 0;

	for (size_t i = 0; i < MOUNTS_MAX; i++) {
		int ret;

		if (!acquire_mount(&mounts[i]))
			continue;
		ret = sync_mount(&mounts[i]);
		close_mount(&mounts[i], false);
		if (ret < 0)
			return ret;
		count += ret;
	}
	return count;
}

bool mounts_have_fd(unsigned first, unsigned last)
{
	bool has = false;

	for (size_t i = 0; i < MOUNTS_MAX; i++) {
		if (!acquire_mount(&mounts[i]))
			continue;
		has |= (unsigned)mounts[i].fd >= first && (unsigned)mounts[i].fd <= last;
		release_mount(&mounts[i]);
	}
	return has;
}
