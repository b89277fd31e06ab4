/* SPDX-License-Identifier: MIT */
/* The functions that make the native calls, and note them or answer in their place. */
#include <fcntl.h>
#include <pthread.h>
#include "shim/ahead/notice/natives.h"
#include "shim/ahead/sync/sync-answer.h"
#include "shim/ahead/sync/sync-log.h"
#include "shim/ahead/sync/sync-notice.h"
#include "shim/config/settings.h"
#include "shim/route/route-auto.h"

static struct ahead *memory;

/* Both calls are cancellation points, at their start and at their end. */
static int answer_or_sync(int fd, int (*sync_natively)(int fd))
{
	pthread_testcancel();
	if (!sync_is_proved(memory, fd))
		return sync_add_error(memory, fd, sync_natively(fd));
	pthread_testcancel();
	return 0;
}

static int notice_fsync(int fd)
{
	return answer_or_sync(fd, notice_natives.fsync);
}

static int notice_fdatasync(int fd)
{
	return answer_or_sync(fd, notice_natives.fdatasync);
}

static int notice_sync_file_range(int fd, off64_t offset, off64_t count, unsigned flags)
{
	int ret = notice_natives.sync_file_range(fd, offset, count, flags);

	sync_log_announce(fd);
	return ret ? ret : sync_add_error(memory, fd, ret);
}

static int notice_fadvise(int fd, off_t offset, off_t length, int advice)
{
	/* Programs have a file written in this way: only clean pages can be dropped. */
	if (advice == POSIX_FADV_DONTNEED)
		sync_log_announce(fd);
	return notice_natives.posix_fadvise(fd, offset, length, advice);
}

static ssize_t notice_write(int fd, const void *buf, size_t count)
{
	sync_log_note_write(fd);
	return notice_natives.write(fd, buf, count);
}

static ssize_t notice_pwrite(int fd, const void *buf, size_t count, off_t offset)
{
	sync_log_note_write(fd);
	return notice_natives.pwrite(fd, buf, count, offset);
}

static ssize_t notice_writev(int fd, const struct iovec *iov, int count)
{
	sync_log_note_write(fd);
	return notice_natives.writev(fd, iov, count);
}

static ssize_t notice_pwritev(int fd, const struct iovec *iov, int count, off_t offset)
{
	sync_log_note_write(fd);
	return notice_natives.pwritev(fd, iov, count, offset);
}

static const struct stand_in notices[] = {
	STAND_IN(fsync, fsync, notice_fsync),
	STAND_IN(fdatasync, fdatasync, notice_fdatasync),
	STAND_IN(sync_file_range, sync_file_range, notice_sync_file_range),
	STAND_IN(posix_fadvise, posix_fadvise, notice_fadvise),
	STAND_IN(posix_fadvise64, posix_fadvise, notice_fadvise),
	STAND_IN(write, write, notice_write),
	STAND_IN(__write, write, notice_write),
	STAND_IN(pwrite, pwrite, notice_pwrite),
	STAND_IN(pwrite64, pwrite, notice_pwrite),
	STAND_IN(__pwrite64, pwrite, notice_pwrite),
	STAND_IN(writev, writev, notice_writev),
	STAND_IN(pwritev, pwritev, notice_pwritev),
	STAND_IN(pwritev64, pwritev, notice_pwritev),
};

static void note_rename(void)
{
	atomic_fetch_add(&sync_log->renames, 1);
}

static int notice_rename(const char *from, const char *to)
{
	note_rename();
	return notice_natives.rename(from, to);
}

static int notice_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	note_rename();
	return notice_natives.renameat(from_dir, from, to_dir, to);
}

static int notice_renameat2(int from_dir, const char *from, int to_dir, const char *to,
			    unsigned flags)
{
	note_rename();
	return notice_natives.renameat2(from_dir, from, to_dir, to, flags);
}

static int notice_link(const char *from, const char *to)
{
	note_rename();
	return notice_natives.link(from, to);
}

static int notice_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	note_rename();
	return notice_natives.linkat(from_dir, from, to_dir, to, flags);
}

static int notice_unlink(const char *path)
{
	note_rename();
	return notice_natives.unlink(path);
}

static int notice_unlinkat(int dir, const char *path, int flags)
{
	note_rename();
	return notice_natives.unlinkat(dir, path, flags);
}

/* With the value "ordered": a change of names since the stamp leaves nothing proved. */
static const struct stand_in ordered_notices[] = {
	STAND_IN(rename, rename, notice_rename),
	STAND_IN(renameat, renameat, notice_renameat),
	STAND_IN(renameat2, renameat2, notice_renameat2),
	STAND_IN(link, link, notice_link),
	STAND_IN(linkat, linkat, notice_linkat),
	STAND_IN(unlink, unlink, notice_unlink),
	STAND_IN(unlinkat, unlinkat, notice_unlinkat),
};

/* Writes by ring would pass the functions above by. One at a time they gain nothing. */
static void expect_direct_writes(void)
{
	static const enum call writes[] = { CALL_write, CALL_pwrite, CALL_writev, CALL_pwritev };

	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		auto_expect_detour(writes[i], FD_FILE);
}

void sync_notices_put(struct ahead *ahead)
{
	if (!sync_log_begin())
		return;
	memory = ahead;
	expect_direct_writes();
	stand_ins_put(notices, sizeof(notices) / sizeof(notices[0]), &notice_natives);
	if (settings.ahead.kinds & AHEAD_ORDERED)
		stand_ins_put(ordered_notices, sizeof(ordered_notices) / sizeof(ordered_notices[0]),
			      &notice_natives);
}
