/*
 * What makes, copies, changes and ends descriptors: passed on as it is, so
 * that the descriptor table stays true.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/socket.h>
#include "shim/calls/descriptor/close.h"
#include "shim/calls/path/path.h"
#include "shim/calls/file/file-position.h"
#include "shim/fd/fdtable.h"
#include "shim/queue/iowq-workers.h"
#include "shim/symbols/next-symbol.h"
#include "shim/route/route.h"

/* A file that this process opened itself: its position is its own. */
static int opened(int fd, fd_mark mark)
{
	if (fd >= 0)
		fd_note_open(fd, mark, true);
	return fd;
}

static int opened_path(int fd, fd_mark mark, const char *path)
{
	opened(fd, mark);
	if (fd >= 0)
		path_opened(fd, path);
	return fd;
}

/* A descriptor of which nothing is known yet. */
static int made(int fd)
{
	if (fd >= 0)
		fd_note_open(fd, 0, false);
	return fd;
}

/* type: with SOCK_* flags. */
static void made_socket(int fd, fd_mark mark, int domain, int type)
{
	int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

	fd_note_socket(fd, mark, fd_socket_kind(domain, type & ~flags), type & SOCK_NONBLOCK);
}

static int made_pipe(int ret, const int *fds, int flags)
{
	for (int i = 0; !ret && i < 2; i++)
		fd_note_open_as(fds[i], FD_PIPE, flags & O_NONBLOCK);
	return ret;
}

#define NEEDS_MODE(flags) ((flags) & (O_CREAT | __O_TMPFILE))

/* The mode comes along only where a file may be created. */
#define OPEN_MODE(last, flags)                                              \
	({                                                                  \
		mode_t mode_ = 0;                                           \
		va_list args_;                                              \
		if (NEEDS_MODE(flags)) {                                    \
			va_start(args_, last);                              \
			mode_ = va_arg(args_, mode_t);                      \
			va_end(args_);                                      \
		}                                                           \
		mode_;                                                      \
	})

EXPORT int open(const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_open(path, flags, mode, &res))
		res = NEXT(open)(path, flags, mode);
	return opened_path((int)res, mark, path);
}

EXPORT int open64(const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_open(path, flags, mode, &res))
		res = NEXT(open64)(path, flags, mode);
	return opened_path((int)res, mark, path);
}

EXPORT int __open(const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_open(path, flags, mode, &res))
		res = NEXT(__open)(path, flags, mode);
	return opened_path((int)res, mark, path);
}

EXPORT int __open64(const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_open(path, flags, mode, &res))
		res = NEXT(__open64)(path, flags, mode);
	return opened_path((int)res, mark, path);
}

EXPORT int __open_2(const char *path, int flags)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (NEEDS_MODE(flags) || !call_open(path, flags, 0, &res))
		res = NEXT(__open_2)(path, flags);
	return opened_path((int)res, mark, path);
}

EXPORT int __open64_2(const char *path, int flags)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (NEEDS_MODE(flags) || !call_open(path, flags, 0, &res))
		res = NEXT(__open64_2)(path, flags);
	return opened_path((int)res, mark, path);
}

EXPORT int openat(int dir, const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_openat(dir, path, flags, mode, &res))
		res = NEXT(openat)(dir, path, flags, mode);
	return opened_path((int)res, mark, path);
}

EXPORT int openat64(int dir, const char *path, int flags, ...)
{
	mode_t mode = OPEN_MODE(flags, flags);
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_openat(dir, path, flags, mode, &res))
		res = NEXT(openat64)(dir, path, flags, mode);
	return opened_path((int)res, mark, path);
}

EXPORT int __openat_2(int dir, const char *path, int flags)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (NEEDS_MODE(flags) || !call_openat(dir, path, flags, 0, &res))
		res = NEXT(__openat_2)(dir, path, flags);
	return opened_path((int)res, mark, path);
}

EXPORT int __openat64_2(int dir, const char *path, int flags)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (NEEDS_MODE(flags) || !call_openat(dir, path, flags, 0, &res))
		res = NEXT(__openat64_2)(dir, path, flags);
	return opened_path((int)res, mark, path);
}

/* Only in newer libcs; a program that finds it here may be running on an older one. */
EXPORT int openat2(int dir, const char *path, const struct open_how *how, size_t size)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (call_openat2(dir, path, how, size, &res))
		return opened_path((int)res, mark, path);
	if (NEXT(openat2))
		res = NEXT(openat2)(dir, path, how, size);
	else
		res = NEXT(syscall)(SYS_openat2, dir, path, how, size);
	return opened_path((int)res, mark, path);
}

EXPORT int creat(const char *path, mode_t mode)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_creat(path, mode, &res))
		res = NEXT(creat)(path, mode);
	return opened_path((int)res, mark, path);
}

EXPORT int creat64(const char *path, mode_t mode)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_creat(path, mode, &res))
		res = NEXT(creat64)(path, mode);
	return opened_path((int)res, mark, path);
}

EXPORT int mkstemp(char *path)
{
	fd_mark mark = fd_mark_open();

	return opened(NEXT(mkstemp)(path), mark);
}

EXPORT int mkstemp64(char *path)
{
	fd_mark mark = fd_mark_open();

	return opened(NEXT(mkstemp64)(path), mark);
}

EXPORT int mkostemp(char *path, int flags)
{
	fd_mark mark = fd_mark_open();

	return opened(NEXT(mkostemp)(path, flags), mark);
}

EXPORT int mkostemp64(char *path, int flags)
{
	fd_mark mark = fd_mark_open();

	return opened(NEXT(mkostemp64)(path, flags), mark);
}

EXPORT int mkstemps(char *path, int suffix)
{
	fd_mark mark = fd_mark_open();

	return opened(NEXT(mkstemps)(path, suffix), mark);
}

EXPORT int mkstemps64(char *path, int suffix)
{
	fd_mark mark = fd_mark_open();

	return opened(NEXT(mkstemps64)(path, suffix), mark);
}

EXPORT int mkostemps(char *path, int suffix, int flags)
{
	fd_mark mark = fd_mark_open();

	return opened(NEXT(mkostemps)(path, suffix, flags), mark);
}

EXPORT int mkostemps64(char *path, int suffix, int flags)
{
	fd_mark mark = fd_mark_open();

	return opened(NEXT(mkostemps64)(path, suffix, flags), mark);
}

EXPORT int shm_open(const char *name, int flags, mode_t mode)
{
	fd_mark mark = fd_mark_open();

	return opened(NEXT(shm_open)(name, flags, mode), mark);
}

EXPORT int memfd_create(const char *name, unsigned flags)
{
	fd_mark mark = fd_mark_open();

	return opened(NEXT(memfd_create)(name, flags), mark);
}

EXPORT int socket(int domain, int type, int protocol)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_socket(domain, type, protocol, &res))
		res = NEXT(socket)(domain, type, protocol);
	made_socket((int)res, mark, domain, type);
	return (int)res;
}

EXPORT int __socket(int domain, int type, int protocol)
{
	fd_mark mark = fd_mark_open();
	ssize_t res;

	if (!call_socket(domain, type, protocol, &res))
		res = NEXT(__socket)(domain, type, protocol);
	made_socket((int)res, mark, domain, type);
	return (int)res;
}

EXPORT int socketpair(int domain, int type, int protocol, int fds[2])
{
	fd_mark mark = fd_mark_open();
	int ret = NEXT(socketpair)(domain, type, protocol, fds);

	for (int i = 0; !ret && i < 2; i++)
		made_socket(fds[i], mark, domain, type);
	return ret;
}

EXPORT int pipe(int fds[2])
{
	ssize_t res;

	if (!call_pipe(fds, &res))
		res = NEXT(pipe)(fds);
	return made_pipe((int)res, fds, 0);
}

EXPORT int __pipe(int fds[2])
{
	ssize_t res;

	if (!call_pipe(fds, &res))
		res = NEXT(__pipe)(fds);
	return made_pipe((int)res, fds, 0);
}

EXPORT int pipe2(int fds[2], int flags)
{
	ssize_t res;

	if (!call_pipe2(fds, flags, &res))
		res = NEXT(pipe2)(fds, flags);
	return made_pipe((int)res, fds, flags);
}

EXPORT int eventfd(unsigned count, int flags)
{
	return made(NEXT(eventfd)(count, flags));
}

EXPORT int timerfd_create(clockid_t clock, int flags)
{
	return made(NEXT(timerfd_create)(clock, flags));
}

EXPORT int signalfd(int fd, const sigset_t *mask, int flags)
{
	return made(NEXT(signalfd)(fd, mask, flags));
}

EXPORT int epoll_create(int size)
{
	return made(NEXT(epoll_create)(size));
}

EXPORT int epoll_create1(int flags)
{
	return made(NEXT(epoll_create1)(flags));
}

EXPORT int inotify_init(void)
{
	return made(NEXT(inotify_init)());
}

EXPORT int inotify_init1(int flags)
{
	return made(NEXT(inotify_init1)(flags));
}

/* What a ring does to a file makes other events than the native call in some cases. */

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

EXPORT int posix_openpt(int flags)
{
	return made(NEXT(posix_openpt)(flags));
}

EXPORT int getpt(void)
{
	return made(NEXT(getpt)());
}

EXPORT int openpty(int *master, int *slave, char *name, const struct termios *termios,
		   const struct winsize *size)
{
	int ret = NEXT(openpty)(master, slave, name, termios, size);

	if (!ret) {
		made(*master);
		made(*slave);
	}
	return ret;
}

EXPORT int close(int fd)
{
	ssize_t res;

	if (route_is_idle(CALL_close))
		return NEXT(close)(fd);
	if (call_close(fd, &res))
		return (int)res;
	closing(fd);
	return NEXT(close)(fd);
}

EXPORT int __close(int fd)
{
	ssize_t res;

	if (call_close(fd, &res))
		return (int)res;
	closing(fd);
	return NEXT(__close)(fd);
}

EXPORT void closefrom(int first)
{
	closing_range(first < 0 ? 0 : (unsigned)first, INT_MAX);
	NEXT(closefrom)(first);
}

static int copied(int from, int to)
{
	if (to >= 0 && to != from)
		fd_note_dup(from, to);
	return to;
}

EXPORT int dup(int fd)
{
	return copied(fd, NEXT(dup)(fd));
}

EXPORT int dup2(int from, int to)
{
	if (from != to)
		closing(to);
	return copied(from, NEXT(dup2)(from, to));
}

EXPORT int __dup2(int from, int to)
{
	if (from != to)
		closing(to);
	return copied(from, NEXT(__dup2)(from, to));
}

EXPORT int dup3(int from, int to, int flags)
{
	if (from != to)
		closing(to);
	return copied(from, NEXT(dup3)(from, to, flags));
}

/* What a successful fcntl tells. */
static int controlled(int fd, int cmd, int ret)
{
	if (ret < 0)
		return ret;
	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
		copied(fd, ret);
	else if (cmd == F_SETFL)
		fd_note_flags_change(fd);
	else if (cmd == F_NOTIFY)
		fd_watch(FD_WATCH_EVENTS);
	return ret;
}

#define ONE_ARGUMENT(last)                              \
	({                                              \
		va_list args_;                          \
		void *arg_;                             \
		va_start(args_, last);                  \
		arg_ = va_arg(args_, void *);           \
		va_end(args_);                          \
		arg_;                                   \
	})

EXPORT int fcntl(int fd, int cmd, ...)
{
	void *arg = ONE_ARGUMENT(cmd);

	return controlled(fd, cmd, NEXT(fcntl)(fd, cmd, arg));
}

EXPORT int fcntl64(int fd, int cmd, ...)
{
	void *arg = ONE_ARGUMENT(cmd);

	return controlled(fd, cmd, NEXT(fcntl64)(fd, cmd, arg));
}

EXPORT int __fcntl(int fd, int cmd, ...)
{
	void *arg = ONE_ARGUMENT(cmd);

	return controlled(fd, cmd, NEXT(__fcntl)(fd, cmd, arg));
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
	void *arg = ONE_ARGUMENT(request);
	int ret = NEXT(ioctl)(fd, request, arg);

	if (!ret && request == FIONBIO)
		fd_note_flags_change(fd);
	return ret;
}

/* libc closes and opens these on its own, past close() and open(). */

EXPORT int closedir(DIR *dir)
{
	if (dir)
		fd_forget(NEXT(dirfd)(dir));
	return NEXT(closedir)(dir);
}

EXPORT int login_tty(int fd)
{
	int ret;

	iowq_drop_files(&thread_self, -1);
	ret = NEXT(login_tty)(fd);
	fd_forget(fd);
	fd_forget_range(0, 2);
	return ret;
}

EXPORT DIR *opendir(const char *path)
{
	DIR *dir = NEXT(opendir)(path);

	if (dir) {
		iowq_end_if_listed(path);
		fd_forget(NEXT(dirfd)(dir));
	}
	return dir;
}

/* Descriptors that libc reads and writes at their positions, past us. */

EXPORT int dirfd(DIR *dir)
{
	int fd = NEXT(dirfd)(dir);

	position_leave(fd);
	return fd;
}

EXPORT DIR *fdopendir(int fd)
{
	position_leave(fd);
	return NEXT(fdopendir)(fd);
}

/* The native calls take the kernel's position lock, ours must keep it company. */

EXPORT off_t lseek(int fd, off_t offset, int whence)
{
	struct position_guard guard = position_guard(fd);
	off_t ret = NEXT(lseek)(fd, offset, whence);

	position_unguard(&guard);
	return ret;
}

EXPORT off64_t lseek64(int fd, off64_t offset, int whence)
{
	struct position_guard guard = position_guard(fd);
	off64_t ret = NEXT(lseek64)(fd, offset, whence);

	position_unguard(&guard);
	return ret;
}

EXPORT off64_t __lseek(int fd, off64_t offset, int whence)
{
	struct position_guard guard = position_guard(fd);
	off64_t ret = NEXT(__lseek)(fd, offset, whence);

	position_unguard(&guard);
	return ret;
}
