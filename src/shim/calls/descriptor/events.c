/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that report events: eventfd, timerfd, signalfd, epoll, inotify and fanotify.
 * Native calls; the descriptor table learns of new descriptors and of watches on files.
 */
#include "shim/calls/descriptor/note.h"
#include "shim/symbols/next-symbol.h"

EXPORT int eventfd(unsigned count, int flags)
{
	return note_new_fd(NEXT(eventfd)(count, flags));
}

EXPORT int timerfd_create(clockid_t clock, int flags)
{
	return note_new_fd(NEXT(timerfd_create)(clock, flags));
}

EXPORT int signalfd(int fd, const sigset_t *mask, int flags)
{
	return note_new_fd(NEXT(signalfd)(fd, mask, flags));
}

EXPORT int epoll_create(int size)
{
	return note_new_fd(NEXT(epoll_create)(size));
}

EXPORT int epoll_create1(int flags)
{
	return note_new_fd(NEXT(epoll_create1)(flags));
}

EXPORT int inotify_init(void)
{
	return note_new_fd(NEXT(inotify_init)());
}

EXPORT int inotify_init1(int flags)
{
	return note_new_fd(NEXT(inotify_init1)(flags));
}

EXPORT int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	if (mask & (IN_ACCESS | IN_MODIFY))
		fd_watch(FD_WATCH_EVENTS);
	return NEXT(inotify_add_watch)(fd, path, mask);
}

EXPORT int fanotify_mark(int fd, unsigned flags, uint64_t mask, int dir, const char *path)
{
	if (flags & FAN_MARK_ADD)
		fd_watch(FD_WATCH_EVENTS);
	return NEXT(fanotify_mark)(fd, flags, mask, dir, path);
}
