/* SPDX-License-Identifier: MIT */
/*
 * Makes the descriptors that a slot can hold: through libc, as a program would. Calls that only
 * inspect them bypass the library.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <termios.h>

#include "sequences.h"

const char *shm_dir;

/* The test's own descriptors have numbers from here on, so the steps get the lowest ones. */
enum { APART = 300 };

int keep_apart(int fd)
{
	int high = fd < 0 ? -1 : raw_fcntl(fd, F_DUPFD_CLOEXEC, APART);

	if (fd >= 0)
		raw_close(fd);
	return high;
}

static void fill_file(int fd)
{
	char data[FILE_START];

	for (int i = 0; i < FILE_START; i++)
		data[i] = 'a' + (i + i / 512) % 26;
	raw_pwrite(fd, data, sizeof(data), 0);
}

/* a: flags of open, b: 0 in the current directory, 1 on tmpfs */
static int make_file(const struct kind *k, int *fds, int *verify)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/file", k->b ? shm_dir : ".");
	*verify = keep_apart(raw_open(path, O_RDWR | O_CREAT | O_TRUNC, 0644));
	fill_file(*verify);
	fds[0] = open(path, (int)k->a, 0644);
	raw_unlink(path);
	return fds[0];
}

static int make_memfd(const struct kind *k, int *fds, int *verify)
{
	fds[0] = memfd_create("sequence", 0);
	if (fds[0] >= 0) {
		*verify = raw_fcntl(fds[0], F_DUPFD_CLOEXEC, APART);
		fill_file(fds[0]);
	}
	return fds[0];
}

static int make_pipe(const struct kind *k, int *fds, int *verify)
{
	return pipe2(fds, k->a);
}

static int make_fifo(const struct kind *k, int *fds, int *verify)
{
	raw_unlink("fifo");
	if (mkfifo("fifo", 0600) < 0)
		return -1;
	fds[0] = open("fifo", O_RDONLY | O_NONBLOCK);
	fds[1] = open("fifo", O_WRONLY);
	if (!k->a)
		fcntl(fds[0], F_SETFL, 0);
	raw_unlink("fifo");
	return fds[1];
}

static int make_pair(const struct kind *k, int *fds, int *verify)
{
	return socketpair(AF_UNIX, k->a, 0, fds);
}

static int bind_loopback(int fd)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return bind(fd, (struct sockaddr *)&sin, sizeof(sin));
}

static int connect_to(int fd, int to)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	raw_getsockname(to, &ss, &len);
	return connect(fd, (struct sockaddr *)&ss, len);
}

static int make_tcp(const struct kind *k, int *fds, int *verify)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (bind_loopback(listener) < 0 || listen(listener, 1) < 0)
		return -1;
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	connect_to(fds[0], listener);
	fds[1] = accept4(listener, NULL, NULL, k->a);
	if (k->a)
		fcntl(fds[0], F_SETFL, O_NONBLOCK);
	close(listener);
	return fds[1];
}

static int make_udp(const struct kind *k, int *fds, int *verify)
{
	for (int i = 0; i < 2; i++) {
		fds[i] = socket(AF_INET, SOCK_DGRAM | k->a, 0);
		if (bind_loopback(fds[i]) < 0)
			return -1;
	}
	connect_to(fds[0], fds[1]);
	return connect_to(fds[1], fds[0]);
}

/* a: family, b: flags */
static int make_listener(const struct kind *k, int *fds, int *verify)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	fds[0] = socket(k->a, SOCK_STREAM | k->b, 0);
	/* The kernel picks the name. */
	if (k->a == AF_UNIX ? bind(fds[0], (struct sockaddr *)&un, sizeof(sa_family_t))
			    : bind_loopback(fds[0]))
		return -1;
	return listen(fds[0], 4);
}

static int make_socket(const struct kind *k, int *fds, int *verify)
{
	return fds[0] = socket(k->a, k->b, 0);
}

static int make_eventfd(const struct kind *k, int *fds, int *verify)
{
	return fds[0] = eventfd(k->b, k->a);
}

static int make_timerfd(const struct kind *k, int *fds, int *verify)
{
	struct itimerspec due = { .it_value.tv_nsec = 1 };

	fds[0] = timerfd_create(CLOCK_MONOTONIC, k->a);
	if (k->b && fds[0] >= 0) {
		timerfd_settime(fds[0], 0, &due, NULL);
		raw_poll(fds[0], POLLIN, 1000);
	}
	return fds[0];
}

static const char *const devices[] = { "/dev/zero", "/dev/null", "/dev/full" };

static int make_device(const struct kind *k, int *fds, int *verify)
{
	return fds[0] = open(devices[k->a], O_RDWR);
}

static int make_terminal(const struct kind *k, int *fds, int *verify)
{
	struct termios t;

	fds[0] = posix_openpt(O_RDWR | O_NOCTTY);
	if (fds[0] < 0 || grantpt(fds[0]) < 0 || unlockpt(fds[0]) < 0)
		return -1;
	fds[1] = open(ptsname(fds[0]), O_RDWR | O_NOCTTY | (int)k->a);
	if (fds[1] < 0 || tcgetattr(fds[1], &t) < 0)
		return -1;
	cfmakeraw(&t);
	return tcsetattr(fds[1], TCSANOW, &t);
}

static int make_epoll(const struct kind *k, int *fds, int *verify)
{
	return fds[0] = epoll_create1(0);
}

static int make_directory(const struct kind *k, int *fds, int *verify)
{
	return fds[0] = open(".", O_RDONLY | O_DIRECTORY);
}

enum {
	RW = T_READS | T_WRITES,
	SOCK = T_SOCKET | RW,
	STREAM = SOCK | T_STREAMS,
	NB = O_NONBLOCK,
};

const struct kind kinds[] = {
	{ "file", T_FILE | RW, 0, make_file, O_RDWR, 0, 6 },
	{ "file-append", T_FILE | RW, 0, make_file, O_RDWR | O_APPEND, 0, 2 },
	{ "file-direct", T_FILE | T_ALIGNED | RW, 0, make_file, O_RDWR | O_DIRECT, 0, 2 },
	{ "file-dsync", T_FILE | RW, 0, make_file, O_RDWR | O_DSYNC, 0, 1 },
	{ "file-rdonly", T_FILE | T_READS, 0, make_file, O_RDONLY, 0, 1 },
	{ "file-wronly", T_FILE | T_WRITES, 0, make_file, O_WRONLY, 0, 1 },
	{ "file-nonblock", T_FILE | RW, 0, make_file, O_RDWR | O_NONBLOCK, 0, 1 },
	{ "file-path", 0, 0, make_file, O_PATH, 0, 1 },
	{ "tmpfs", T_FILE | RW, 0, make_file, O_RDWR, 1, 4 },
	{ "tmpfs-append", T_FILE | RW, 0, make_file, O_RDWR | O_APPEND, 1, 2 },
	{ "memfd", T_FILE | RW, 0, make_memfd, 0, 0, 2 },
	{ "pipe", T_PIPE | T_STREAMS | RW, 1, make_pipe, 0, 0, 6 },
	{ "pipe-nonblock", T_PIPE | T_STREAMS | RW, 1, make_pipe, NB, 0, 3 },
	{ "pipe-packets", T_PIPE | RW, 1, make_pipe, O_DIRECT, 0, 1 },
	{ "fifo", T_PIPE | T_STREAMS | RW, 1, make_fifo, 0, 0, 2 },
	{ "unix-stream", STREAM | T_UNIX, 1, make_pair, SOCK_STREAM, 0, 6 },
	{ "unix-stream-nonblock", STREAM | T_UNIX, 1, make_pair, SOCK_STREAM | SOCK_NONBLOCK, 0, 3 },
	{ "unix-dgram", SOCK | T_UNIX, 1, make_pair, SOCK_DGRAM, 0, 3 },
	{ "unix-dgram-nonblock", SOCK | T_UNIX, 1, make_pair, SOCK_DGRAM | SOCK_NONBLOCK, 0, 1 },
	{ "unix-seqpacket", SOCK | T_UNIX, 1, make_pair, SOCK_SEQPACKET, 0, 3 },
	{ "tcp", STREAM | T_LATE, 1, make_tcp, 0, 0, 6 },
	{ "tcp-nonblock", STREAM | T_LATE, 1, make_tcp, SOCK_NONBLOCK, 0, 3 },
	{ "udp", SOCK | T_DATAGRAMS, 1, make_udp, 0, 0, 4 },
	{ "udp-nonblock", SOCK | T_DATAGRAMS, 1, make_udp, SOCK_NONBLOCK, 0, 2 },
	{ "tcp-listener", T_SOCKET | T_LISTENER | T_LATE, 0, make_listener, AF_INET, 0, 3 },
	{ "tcp-listener-nonblock", T_SOCKET | T_LISTENER | T_LATE, 0, make_listener, AF_INET,
	  SOCK_NONBLOCK, 1 },
	{ "unix-listener", T_SOCKET | T_LISTENER | T_UNIX, 0, make_listener, AF_UNIX, 0, 3 },
	{ "tcp-loose", STREAM | T_LOOSE | T_LATE, 0, make_socket, AF_INET, SOCK_STREAM, 3 },
	{ "tcp-loose-nonblock", STREAM | T_LOOSE | T_LATE, 0, make_socket, AF_INET,
	  SOCK_STREAM | SOCK_NONBLOCK, 1 },
	{ "unix-loose", STREAM | T_LOOSE | T_UNIX, 0, make_socket, AF_UNIX, SOCK_STREAM, 3 },
	{ "udp-loose", SOCK | T_LOOSE, 0, make_socket, AF_INET, SOCK_DGRAM, 2 },
	{ "eventfd", T_COUNTER | RW, 0, make_eventfd, 0, 3, 3 },
	{ "eventfd-nonblock", T_COUNTER | RW, 0, make_eventfd, EFD_NONBLOCK, 0, 1 },
	{ "eventfd-semaphore", T_COUNTER | RW, 0, make_eventfd, EFD_SEMAPHORE, 2, 1 },
	{ "timerfd", T_READS, 0, make_timerfd, 0, 0, 1 },
	{ "timerfd-due", T_READS, 0, make_timerfd, 0, 1, 1 },
	{ "timerfd-nonblock", T_READS, 0, make_timerfd, TFD_NONBLOCK, 0, 1 },
	{ "zero", T_DEVICE | T_ENDLESS | RW, 0, make_device, 0, 0, 2 },
	{ "null", T_DEVICE | RW, 0, make_device, 1, 0, 2 },
	{ "full", T_DEVICE | T_ENDLESS | RW, 0, make_device, 2, 0, 2 },
	{ "terminal", T_LATE | T_STREAMS | RW, 1, make_terminal, 0, 0, 1 },
	{ "terminal-nonblock", T_LATE | T_STREAMS | RW, 1, make_terminal, NB, 0, 1 },
	{ "epoll", T_EPOLL, 0, make_epoll, 0, 0, 2 },
	{ "directory", 0, 0, make_directory, 0, 0, 1 },
};

const unsigned int kinds_len = sizeof(kinds) / sizeof(kinds[0]);

/* Kinds that other steps than "make" put into slots. */
static const struct kind named = { .name = "named", .traits = T_FILE | RW };
static const struct kind accepted = { .name = "accepted", .traits = STREAM | T_LATE };
static const struct kind accepted_unix = { .name = "accepted-unix", .traits = STREAM | T_UNIX };
const struct kind *const kind_named = &named, *const kind_accepted = &accepted,
	*const kind_accepted_unix = &accepted_unix;

/* Names 0 to 4 are in the current directory, the others on tmpfs. */
int make_name(int i, char *path, size_t room)
{
	return snprintf(path, room, "%s%sn%d", i < 5 ? "" : shm_dir, i < 5 ? "" : "/", i);
}

/* 0, 5: files; 1: a FIFO; 2: a directory; 3: a symbolic link to 0. The others do not exist. */
void make_names(void)
{
	char path[200];
	int fd;

	for (int i = 0; i < NAMES; i += 5) {
		make_name(i, path, sizeof(path));
		fd = raw_open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
		fill_file(fd);
		raw_close(fd);
	}
	mkfifo("n1", 0600);
	raw3(SYS_mkdirat, AT_FDCWD, (long)"n2", 0755);
	raw3(SYS_symlinkat, (long)"n0", AT_FDCWD, (long)"n3");
}

void remove_names(void)
{
	char path[200];

	for (int i = 0; i < NAMES; i++) {
		make_name(i, path, sizeof(path));
		if (raw_unlink(path) == -EISDIR)
			raw3(SYS_unlinkat, AT_FDCWD, (long)path, AT_REMOVEDIR);
	}
}
