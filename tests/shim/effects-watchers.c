/* SPDX-License-Identifier: MIT */
/* Effects of calls that others observe: file events, and the I/O accounting of the process. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include "effects.h"

static int inotify;

static const struct {
	uint32_t bit;
	const char *name;
} bits[] = {
	{ IN_ACCESS, "access" }, { IN_MODIFY, "modify" }, { IN_ATTRIB, "attrib" }, { IN_OPEN, "open" },
	{ IN_CLOSE_WRITE, "close-write" }, { IN_CLOSE_NOWRITE, "close-nowrite" },
	{ IN_CREATE, "create" }, { IN_DELETE, "delete" }, { IN_MOVED_FROM, "from" },
	{ IN_MOVED_TO, "to" },
};

/* Prints the events that a call caused, in order. */
static void told(const char *call, long ret)
{
	char buf[4096] __attribute__((aligned(8))), text[4096] = "";
	long len = raw_read(inotify, buf, sizeof(buf));

	for (char *at = buf; at < buf + len;) {
		struct inotify_event *event = (struct inotify_event *)at;

		for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
			if (event->mask & bits[i].bit) {
				strcat(text, " ");
				strcat(text, bits[i].name);
			}
		at += sizeof(*event) + event->len;
	}
	saw(call, "inotify", "%s%s", result(ret), text);
}

#define TOLD(name_, call_) told(#name_, (long)(call_))

/* Returns memory that ends after len bytes. */
static char *ends_after(size_t len)
{
	char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(map + 4096, 4096, PROT_NONE);
	return map + 4096 - len;
}

/* Makes a device node of our own, on which nobody else causes events; -1 if not permitted. */
static int own_null(void)
{
	mknod("null", S_IFCHR | 0600, makedev(1, 3));
	return open("null", O_RDWR);
}

static void inotify_devices(void)
{
	int fd = own_null(), fifo;
	char buf[16];

	mkfifo("fifo", 0600);
	fifo = open("fifo", O_RDWR);
	inotify_add_watch(inotify, "null", IN_ACCESS | IN_MODIFY);
	inotify_add_watch(inotify, "fifo", IN_ACCESS | IN_MODIFY);
	if (fd >= 0) {
		TOLD(read, read(fd, buf, 16));
		TOLD(write, write(fd, buf, 16));
	}
	TOLD(write, write(fifo, buf, 16));
	TOLD(read, read(fifo, buf, 16));
	close(fifo);
	close(fd);
}

static void inotify_files(void)
{
	char buf[64], *faulty = ends_after(1000);
	struct iovec iov[2] = { { buf, 32 }, { (void *)8, 100 } };
	int fd = open("watched", O_RDWR | O_CREAT, 0600);

	inotify = inotify_init1(IN_NONBLOCK);
	need(inotify_add_watch(inotify, "watched", IN_ALL_EVENTS) >= 0, "inotify_add_watch");
	memset(buf, 'x', sizeof(buf));
	TOLD(read, read(fd, buf, 16));
	TOLD(pread, pread(fd, buf, 16, 100));
	TOLD(readv, readv(fd, iov, 1));
	TOLD(preadv, preadv(fd, iov, 1, 100));
	TOLD(preadv2, preadv2(fd, iov, 1, -1, 0));
	TOLD(write, write(fd, "", 0));
	TOLD(pwrite, pwrite(fd, "", 0, 0));
	TOLD(write, write(fd, buf, 60));
	TOLD(write, write(fd, faulty, 5000));
	TOLD(pwrite, pwrite(fd, faulty, 5000, 0));
	TOLD(writev, writev(fd, iov, 2));
	TOLD(pwritev, pwritev(fd, iov, 1, 0));
	TOLD(pwritev, pwritev(fd, iov + 1, 1, 0));
	TOLD(pwritev2, pwritev2(fd, iov, 1, -1, 0));
	TOLD(pread, pread(fd, buf, 16, 0));
	TOLD(pread, pread(fd, faulty, 5000, 0));
	TOLD(read, read(fd, buf, 16));
	TOLD(fsync, fsync(fd));
	TOLD(fdatasync, fdatasync(fd));
	TOLD(sync_file_range, sync_file_range(fd, 0, 0, 7));
	TOLD(ftruncate, ftruncate(fd, 10));
	TOLD(fallocate, fallocate(fd, 0, 0, 100));
	TOLD(posix_fallocate, posix_fallocate(fd, 0, 200));
	TOLD(posix_fadvise, posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL));
	TOLD(fsetxattr, fsetxattr(fd, "user.a", "x", 1, 0));
	TOLD(setxattr, setxattr("watched", "user.a", "x", 1, 0));
	TOLD(lsetxattr, lsetxattr("watched", "user.a", "x", 1, 0));
	TOLD(close, close(fd));
}

static void inotify_names(void)
{
	int fd, dir = open(".", O_RDONLY | O_DIRECTORY);

	need(inotify_add_watch(inotify, ".", IN_ALL_EVENTS) >= 0, "inotify_add_watch");
	TOLD(open, (fd = open("n", O_RDWR | O_CREAT, 0600)) < 0 ? -1 : 0);
	TOLD(close, close(fd));
	TOLD(openat, (fd = openat(dir, "n", O_RDONLY)) < 0 ? -1 : 0);
	TOLD(close, close(fd));
	TOLD(creat, (fd = creat("n", 0600)) < 0 ? -1 : 0);
	TOLD(close, close(fd));
	TOLD(link, link("n", "m"));
	TOLD(linkat, linkat(dir, "n", dir, "l", 0));
	TOLD(symlink, symlink("n", "k"));
	TOLD(symlinkat, symlinkat("n", dir, "j"));
	TOLD(rename, rename("m", "i"));
	TOLD(renameat, renameat(dir, "i", dir, "m"));
	TOLD(renameat2, renameat2(dir, "m", dir, "h", RENAME_NOREPLACE));
	TOLD(mkdir, mkdir("g", 0700));
	TOLD(mkdirat, mkdirat(dir, "f", 0700));
	TOLD(unlink, unlink("h"));
	TOLD(unlinkat, unlinkat(dir, "f", AT_REMOVEDIR));
	close(dir);
}
#undef TOLD

/* Prints the process that each event of one call is attributed to. */
static void whose(const char *call, int fanotify, long ret)
{
	char buf[4096];
	struct fanotify_event_metadata *event = (void *)buf;
	long len = raw_read(fanotify, buf, sizeof(buf));
	char text[256] = "";

	for (; FAN_EVENT_OK(event, len); event = FAN_EVENT_NEXT(event, len)) {
		snprintf(text + strlen(text), 64, " %llx%s", (unsigned long long)event->mask,
			 event->pid == gettid() ? "" : " of another");
		raw3(SYS_close, event->fd, 0, 0);
	}
	saw(call, "fanotify", "%s%s", result(ret), text);
}

static void fanotify_files(void)
{
	int fanotify = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_TID | FAN_NONBLOCK, O_RDONLY);
	int fd = open("fanotified", O_RDWR | O_CREAT, 0600);
	char buf[16];

	if (fanotify < 0) {
		saw("read", "fanotify", "%s", result(-1));
		return;
	}
	fanotify_mark(fanotify, FAN_MARK_ADD, FAN_OPEN | FAN_ACCESS | FAN_MODIFY | FAN_CLOSE, AT_FDCWD, "fanotified");
#define WHOSE(name_, call_) whose(#name_, fanotify, (long)(call_))
	WHOSE(write, write(fd, "0123456789", 10));
	WHOSE(pwrite, pwrite(fd, "0123456789", 10, 3));
	WHOSE(pread, pread(fd, buf, 16, 0));
	WHOSE(read, read(fd, buf, 16));
	WHOSE(read, read(fd, buf, 16));
	WHOSE(ftruncate, ftruncate(fd, 5));
	WHOSE(close, close(fd));
	WHOSE(open, (fd = open("fanotified", O_RDONLY)) < 0 ? -1 : 0);
#undef WHOSE
	close(fd);
}

/* The process watches a file. Its forked child must be watched too. */
static void in_child(void)
{
	char part[50];
	int status, fd = open("watched", O_RDWR);
	pid_t pid;

	told("open", fd < 0 ? -1 : 0);
	pid = fork();
	if (!pid) {
		while (read(fd, part, sizeof(part)) > 0)
			;
		_exit(0);
	}
	raw6(SYS_wait4, pid, (long)&status, 0, 0, 0, 0);
	told("read", status);
	close(fd);
}

void events(void)
{
	inotify_files();
	inotify_devices();
	inotify_names();
	in_child();
	fanotify_files();
}

/* Returns a number of /proc/self/io. */
static long account(const char *key)
{
	char buf[512] = "", *at;
	int fd = open("/proc/self/io", O_RDONLY);

	need(fd >= 0 && read(fd, buf, sizeof(buf) - 1) > 0, "/proc/self/io");
	close(fd);
	at = strstr(buf, key);
	return at ? atol(at + strlen(key)) : -1;
}

/* Prints the bytes and calls that one call accounts for, without those of reading the account. */
static void counted(const char *call, int step)
{
	static long before[4];
	static const char *const keys[4] = { "rchar: ", "wchar: ", "syscr: ", "syscw: " };
	long now[4];

	for (int i = 0; i < 4; i++)
		now[i] = account(keys[i]);
	if (step)
		saw(call, "account", "%ld %ld", now[3] - before[3], now[1] - before[1]);
	memcpy(before, now, sizeof(now));
}

/* After one read of the file the library knows that the process reads its accounts. */
static void look(void)
{
	char byte;
	int fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/io", O_RDONLY);

	read(fd, &byte, 1);
	close(fd);
}

void accounts(void)
{
	static char buf[65536];
	struct iovec iov = { buf, 1000 };
	int fd = open("counted", O_RDWR | O_CREAT, 0600), fds[2], pair[2];
	long reads;

	look();
	need(!pipe(fds) && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "pipe");
#define COUNTED(name_, call_) counted(#name_, 0); call_; counted(#name_, 1)
	COUNTED(write, write(fd, buf, 5000));
	COUNTED(pwrite, pwrite(fd, buf, 6000, 0));
	COUNTED(writev, writev(fd, &iov, 1));
	COUNTED(pwritev, pwritev(fd, &iov, 1, 0));
	COUNTED(pwritev2, pwritev2(fd, &iov, 1, 0, 0));
	COUNTED(write, write(fds[1], buf, 77));
	COUNTED(write, write(pair[1], buf, 88));
	COUNTED(send, send(pair[1], buf, 99, 0));
#undef COUNTED
	reads = account("rchar: ");
	for (int i = 0; i < 16; i++)
		pread(fd, buf, 6000, 0);
	reads = account("rchar: ") - reads;
	saw("pread", "account", "%d", reads >= 96000 && reads < 100000);
	close(fd);
}
