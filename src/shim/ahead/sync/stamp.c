/* SPDX-License-Identifier: MIT */
/* Takes and compares stamps. */
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include "shim/ahead/sync/stamp.h"
#include "shim/base/sys.h"

static int64_t clock_ns(clockid_t clock)
{
	struct timespec time = { 0 };

	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static int64_t time_ns(struct statx_timestamp time)
{
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

bool stamp_read(struct stamp *stamp, int fd)
{
	const unsigned wanted = STATX_BASIC_STATS | STATX_BTIME;
	struct statx st;

	if (sys6(SYS_statx, fd, (long)"", AT_EMPTY_PATH, wanted, (long)&st, 0) ||
	    (st.stx_mask & wanted) != wanted)
		return false;
	*stamp = (struct stamp){
		.device = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor,
		.inode = st.stx_ino,
		.size = st.stx_size,
		.changed = time_ns(st.stx_ctime),
		.modified = time_ns(st.stx_mtime),
		.accessed = time_ns(st.stx_atime),
		.born = time_ns(st.stx_btime),
		.attributes = st.stx_attributes,
		.mode = st.stx_mode,
		.links = st.stx_nlink,
		.owner = st.stx_uid,
		.group = st.stx_gid,
	};
	return true;
}

/*
 * A change gets at least the time of the coarse clock. So if that clock is later than the change
 * time now, every change that begins from now on gets another time. A file system that keeps whole
 * seconds only shows it by zeros.
 *
 * The thread can be held up between two readings of clocks. The order of the two here, and the
 * other order in was_clock_set_back(), make the clock look set back by more than it was, not less.
 */
bool stamp_take(struct stamp *stamp, int fd)
{
	int64_t monotonic;

	if (!stamp_read(stamp, fd))
		return false;
	stamp->age = clock_ns(CLOCK_REALTIME_COARSE) - stamp->changed;
	monotonic = clock_ns(CLOCK_MONOTONIC);
	stamp->offset = clock_ns(CLOCK_REALTIME) - monotonic;
	return S_ISREG(stamp->mode) && stamp->age > 0 && stamp->changed % 1000000;
}

/* Returns true if a later change could have the time of the stamp. */
static bool was_clock_set_back(const struct stamp *stamp)
{
	int64_t now = clock_ns(CLOCK_REALTIME);

	return stamp->offset - (now - clock_ns(CLOCK_MONOTONIC)) >= stamp->age;
}

bool stamp_holds(const struct stamp *stamp, int fd)
{
	struct stamp now;

	return stamp_read(&now, fd) && stamp_is_of_same_file(&now, stamp) &&
		now.size == stamp->size && now.changed == stamp->changed &&
		now.modified == stamp->modified && now.accessed == stamp->accessed &&
		now.attributes == stamp->attributes && now.mode == stamp->mode &&
		now.links == stamp->links && now.owner == stamp->owner &&
		now.group == stamp->group && !was_clock_set_back(stamp);
}
