/* SPDX-License-Identifier: MIT */
/*
 * The table of waiting calls: sets up each kind of descriptor, makes the call, and acts as the
 * other side.
 */
#include "waiting-calls.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* Declared only with _FORTIFY_SOURCE; programs built with it call these. */
ssize_t __read_chk(int fd, void *buf, size_t len, size_t size);
ssize_t __recv_chk(int fd, void *buf, size_t len, size_t size, int flags);
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size);

#define RT_KIND (SIGRTMIN + 3)

static void need(bool ok, const char *what)
{
	if (!ok)
		fid_die(what);
}

static long ret(long result)
{
	return result < 0 ? -errno : result;
}

/* Setting up */

static void s_pipe(struct io *io)
{
	int p[2];

	need(!pipe(p), "pipe");
	io->fd = p[0];
	io->peer = p[1];
}

static void s_pair(struct io *io, int type)
{
	int p[2];

	need(!socketpair(AF_UNIX, type, 0, p), "socketpair");
	io->fd = p[0];
	io->peer = p[1];
}

static void s_unix(struct io *io) { s_pair(io, SOCK_STREAM); }
static void s_dgram(struct io *io) { s_pair(io, SOCK_DGRAM); }
static void s_seqpacket(struct io *io) { s_pair(io, SOCK_SEQPACKET); }

static void inet_bind(struct io *io, int fd)
{
	struct sockaddr_in *in = (void *)&io->addr;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in->sin_port = 0;
	io->addrlen = sizeof(*in);
	need(!bind(fd, (void *)in, sizeof(*in)), "bind");
	need(!getsockname(fd, (void *)&io->addr, &io->addrlen), "getsockname");
}

static void unix_bind(struct io *io, int fd)
{
	struct sockaddr_un *un = (void *)&io->addr;

	un->sun_family = AF_UNIX;
	strcpy(un->sun_path, "listener");
	io->addrlen = sizeof(*un);
	need(!bind(fd, (void *)un, sizeof(*un)), "bind");
}

/*
 * No operation waits for connections on a socket that another process shares. So the caller makes
 * its own listener when it is the only user, on the address that this socket reserves.
 */
static int reserving(int domain)
{
	int fd = socket(domain, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	return fd;
}

static void s_reserve_unix(struct io *io)
{
	io->fd = reserving(AF_UNIX);
	unix_bind(io, io->fd);
	io->reserves = true;
}

static void s_reserve_tcp(struct io *io)
{
	io->fd = reserving(AF_INET);
	inet_bind(io, io->fd);
	io->reserves = true;
}

void kind_alone(struct io *io)
{
	int fd;

	if (!io->reserves)
		return;
	io->reserves = false;
	fd = reserving(io->addr.ss_family);
	if (io->addr.ss_family == AF_UNIX)
		unlink("listener");
	need(!bind(fd, (void *)&io->addr, io->addrlen) && !listen(fd, 8), "listen");
	need(dup2(fd, io->fd) == io->fd, "dup2");
	close(fd);
}

static void s_listen_tcp(struct io *io)
{
	io->fd = socket(AF_INET, SOCK_STREAM, 0);
	inet_bind(io, io->fd);
	need(!listen(io->fd, 8), "listen");
}

static void s_tcp(struct io *io)
{
	int listener;

	s_listen_tcp(io);
	listener = io->fd;
	io->peer = socket(AF_INET, SOCK_STREAM, 0);
	need(!connect(io->peer, (void *)&io->addr, io->addrlen), "connect");
	io->fd = accept(listener, NULL, NULL);
	need(io->fd >= 0, "accept");
	close(listener);
}

static void s_udp(struct io *io)
{
	io->fd = socket(AF_INET, SOCK_DGRAM, 0);
	inet_bind(io, io->fd);
	io->peer = socket(AF_INET, SOCK_DGRAM, 0);
	need(!connect(io->peer, (void *)&io->addr, io->addrlen), "connect");
}

/* Makes a listener whose backlog is full, so that the next connect waits. */
static void s_full_listener(struct io *io, int domain)
{
	io->peer = socket(domain, SOCK_STREAM, 0);
	if (domain == AF_UNIX)
		unix_bind(io, io->peer);
	else
		inet_bind(io, io->peer);
	need(!listen(io->peer, 0), "listen");
	io->aux[0] = socket(domain, SOCK_STREAM, 0);
	need(!connect(io->aux[0], (void *)&io->addr, io->addrlen), "connect");
	io->fd = socket(domain, SOCK_STREAM, 0);
}

static void s_connect_unix(struct io *io) { s_full_listener(io, AF_UNIX); }
static void s_connect_tcp(struct io *io) { s_full_listener(io, AF_INET); }

static void s_pty(struct io *io, bool raw)
{
	struct termios t;

	io->peer = posix_openpt(O_RDWR | O_NOCTTY);
	need(io->peer >= 0 && !grantpt(io->peer) && !unlockpt(io->peer), "posix_openpt");
	io->fd = open(ptsname(io->peer), O_RDWR | O_NOCTTY);
	need(io->fd >= 0, "open of a pty");
	need(!tcgetattr(io->fd, &t), "tcgetattr");
	t.c_lflag &= ~ECHO;
	if (raw)
		cfmakeraw(&t);
	need(!tcsetattr(io->fd, TCSANOW, &t), "tcsetattr");
}

static void s_pty_slave(struct io *io) { s_pty(io, false); }

static void s_pty_master(struct io *io)
{
	int slave;

	s_pty(io, true);
	slave = io->fd;
	io->fd = io->peer;
	io->peer = slave;
}

static void s_eventfd(struct io *io)
{
	io->fd = io->peer = eventfd(0, 0);
	need(io->fd >= 0, "eventfd");
}

static void s_timerfd(struct io *io)
{
	io->fd = io->peer = timerfd_create(CLOCK_MONOTONIC, 0);
	need(io->fd >= 0, "timerfd_create");
}

static void s_signalfd(struct io *io)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, RT_KIND);
	need(!sigprocmask(SIG_BLOCK, &set, NULL), "sigprocmask");
	io->fd = signalfd(-1, &set, 0);
	need(io->fd >= 0, "signalfd");
}

static void s_inotify(struct io *io)
{
	need(!mkdir("watched", 0700), "mkdir");
	io->fd = inotify_init1(0);
	need(io->fd >= 0 && inotify_add_watch(io->fd, "watched", IN_CREATE) >= 0, "inotify");
}

static void s_fifo(struct io *io)
{
	need(!mkfifo("fifo", 0600), "mkfifo");
}

static void s_fgets(struct io *io)
{
	s_pipe(io);
	io->file = fdopen(io->fd, "r");
	need(io->file, "fdopen");
}

static void s_epoll(struct io *io)
{
	struct epoll_event ev = { .events = EPOLLIN };

	s_pipe(io);
	io->aux[0] = epoll_create1(0);
	need(io->aux[0] >= 0 && !epoll_ctl(io->aux[0], EPOLL_CTL_ADD, io->fd, &ev), "epoll");
}

static void s_child(struct io *io)
{
	char c;

	s_pipe(io);
	io->child = fid_fork();
	if (io->child)
		return;
	fid_sys3(SYS_read, io->fd, &c, 1);
	fid_sys1(SYS_exit_group, 7);
}

/* Opens the same file twice; the peer's open file description holds the lock. */
static void s_locked(struct io *io)
{
	io->fd = open("lock", O_RDWR | O_CREAT, 0600);
	io->peer = open("lock", O_RDWR);
	need(io->fd >= 0 && io->peer >= 0, "open");
}

static void s_flock(struct io *io)
{
	s_locked(io);
	need(!flock(io->peer, LOCK_EX), "flock");
}

static void s_setlkw(struct io *io)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	s_locked(io);
	need(!fcntl(io->peer, F_OFD_SETLK, &lock), "F_OFD_SETLK");
}

static void s_sem(struct io *io)
{
	need(!sem_init((sem_t *)((char *)fid_shm + 60 * 1024), 1, 0), "sem_init");
}

static void s_splice(struct io *io)
{
	s_pipe(io);
	need(!pipe(io->aux), "pipe");
}

/*
 * Fills fd up without waiting; the bytes are part of the stream. TCP is full only once a delayed
 * acknowledgement (40 ms) makes no more room, a terminal once the kernel's worker has moved all it
 * will.
 */
static void fill_up(struct io *io)
{
	long pause = io->kind->flags & KIND_LAG ? 60000 : 3000;
	int flags = fcntl(io->fd, F_GETFL);
	size_t chunk = 1000;
	int idle = 0;

	need(!fcntl(io->fd, F_SETFL, flags | O_NONBLOCK), "F_SETFL");
	while (idle < 3) {
		long n;

		fid_fill(io->buf, chunk, io->place);
		n = write(io->fd, io->buf, chunk);
		if (n > 0) {
			io->place += n;
			idle = 0;
		} else if (chunk > 1 && io->kind->flags & KIND_STREAM) {
			chunk = 1;
		} else {
			idle++;
			fid_sleep_us(pause);
		}
	}
	need(!fcntl(io->fd, F_SETFL, flags), "F_SETFL");
}

static void s_swap(struct io *io)
{
	int fd = io->fd;

	io->fd = io->peer;
	io->peer = fd;
}

static void s_full_pipe(struct io *io) { s_pipe(io); s_swap(io); fill_up(io); }
static void s_full_unix(struct io *io) { s_unix(io); fill_up(io); }
static void s_full_dgram(struct io *io) { s_dgram(io); fill_up(io); }
static void s_full_seqpacket(struct io *io) { s_seqpacket(io); fill_up(io); }
static void s_full_pty(struct io *io) { s_pty(io, true); fill_up(io); }

static void s_full_tcp(struct io *io)
{
	int small = 16384;

	s_tcp(io);
	setsockopt(io->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	setsockopt(io->peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	fill_up(io);
}

static void s_fflush(struct io *io)
{
	s_full_pipe(io);
	io->file = fdopen(io->fd, "w");
	need(io->file && !setvbuf(io->file, NULL, _IOFBF, 8192), "fdopen");
}

static void s_sendfile(struct io *io)
{
	unsigned char block[4096];

	s_full_unix(io);
	io->aux[0] = open("source", O_RDWR | O_CREAT, 0600);
	need(io->aux[0] >= 0, "open");
	for (int i = 0; i < 1024; i++) {
		fid_fill(block, sizeof(block), i * sizeof(block));
		need(write(io->aux[0], block, sizeof(block)) == sizeof(block), "write");
	}
}

/* Far longer than a case can take: the timeout itself never expires. */
static void timeouts(struct io *io)
{
	struct timeval tv = { .tv_sec = 1000 };

	need(!setsockopt(io->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), "SO_RCVTIMEO");
	need(!setsockopt(io->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)), "SO_SNDTIMEO");
}

static void s_unix_timeo(struct io *io) { s_unix(io); timeouts(io); }
static void s_udp_timeo(struct io *io) { s_udp(io); timeouts(io); }
static void s_listen_timeo(struct io *io) { s_listen_tcp(io); timeouts(io); }
static void s_connect_timeo(struct io *io) { s_connect_unix(io); timeouts(io); }
static void s_full_unix_timeo(struct io *io) { s_full_unix(io); timeouts(io); }

/* The calls */

static long c_read(struct io *io) { return ret(read(io->fd, io->buf, 16)); }
static long c_read8(struct io *io) { return ret(read(io->fd, io->buf, 8)); }
static long c_read_big(struct io *io) { return ret(read(io->fd, io->buf, 512)); }
static long c_read_chk(struct io *io) { return ret(__read_chk(io->fd, io->buf, 16, 64)); }
static long c_recv(struct io *io) { return ret(recv(io->fd, io->buf, 16, 0)); }
static long c_recv_chk(struct io *io) { return ret(__recv_chk(io->fd, io->buf, 16, 64, 0)); }
static long c_peek(struct io *io) { return ret(recv(io->fd, io->buf, 16, MSG_PEEK)); }
static long c_syscall(struct io *io) { return ret(syscall(SYS_read, io->fd, io->buf, 16)); }

static long c_readv(struct io *io)
{
	struct iovec v[2] = { { io->buf, 2 }, { io->buf + 2, 14 } };

	return ret(readv(io->fd, v, 2));
}

static long c_preadv2(struct io *io)
{
	struct iovec v[2] = { { io->buf, 2 }, { io->buf + 2, 14 } };

	return ret(preadv2(io->fd, v, 2, -1, 0));
}

static long c_recvfrom(struct io *io)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);

	return ret(recvfrom(io->fd, io->buf, 16, 0, (void *)&from, &len));
}

static struct msghdr message(struct io *io, struct iovec *v, size_t len)
{
	*v = (struct iovec){ io->buf, len };
	return (struct msghdr){ .msg_iov = v, .msg_iovlen = 1 };
}

static long c_recvmsg(struct io *io)
{
	struct iovec v;
	struct msghdr m = message(io, &v, 16);

	return ret(recvmsg(io->fd, &m, 0));
}

static long c_recvmmsg(struct io *io)
{
	struct iovec v;
	struct mmsghdr m = { .msg_hdr = message(io, &v, 16) };
	long n = recvmmsg(io->fd, &m, 1, 0, NULL);

	return n < 0 ? -errno : (long)m.msg_len;
}


static long c_accept(struct io *io)
{
	kind_alone(io);
	return ret(accept(io->fd, NULL, NULL));
}

static long c_accept4(struct io *io)
{
	kind_alone(io);
	return ret(accept4(io->fd, NULL, NULL, SOCK_CLOEXEC));
}

static long c_connect(struct io *io) { return ret(connect(io->fd, (void *)&io->addr, io->addrlen)); }
static long c_open(struct io *io) { return ret(open("fifo", O_RDONLY)); }
static long c_openat(struct io *io) { return ret(openat(AT_FDCWD, "fifo", O_RDONLY | O_CLOEXEC)); }
static long c_flock(struct io *io) { return ret(flock(io->fd, LOCK_EX)); }
static long c_sem(struct io *io) { return ret(sem_wait((sem_t *)((char *)fid_shm + 60 * 1024))); }

static long c_setlkw(struct io *io)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return ret(fcntl(io->fd, F_SETLKW, &lock));
}

static long c_fgets(struct io *io)
{
	clearerr(io->file);
	if (!fgets((char *)io->buf, 16, io->file))
		return ferror(io->file) ? -errno : 0;
	return strlen((char *)io->buf);
}

static long c_poll(struct io *io)
{
	struct pollfd p = { io->fd, POLLIN, 0 };

	return ret(poll(&p, 1, -1));
}

static long c_poll_chk(struct io *io)
{
	struct pollfd p = { io->fd, POLLIN, 0 };

	return ret(__poll_chk(&p, 1, -1, sizeof(p)));
}

static long c_ppoll(struct io *io)
{
	struct pollfd p = { io->fd, POLLIN, 0 };

	return ret(ppoll(&p, 1, NULL, NULL));
}

static long c_select(struct io *io)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(io->fd, &set);
	return ret(select(io->fd + 1, &set, NULL, NULL, NULL));
}

static long c_pselect(struct io *io)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(io->fd, &set);
	return ret(pselect(io->fd + 1, &set, NULL, NULL, NULL, NULL));
}

static long c_epoll(struct io *io)
{
	struct epoll_event ev;

	return ret(epoll_wait(io->aux[0], &ev, 1, -1));
}

static long c_waitpid(struct io *io)
{
	int status = 0;
	long pid = waitpid(io->child, &status, 0);

	return pid < 0 ? -errno : WEXITSTATUS(status);
}

static long c_waitid(struct io *io)
{
	siginfo_t info;

	return waitid(P_PID, io->child, &info, WEXITED) < 0 ? -errno : info.si_status;
}

static long c_splice(struct io *io)
{
	long n = splice(io->fd, NULL, io->aux[1], NULL, 16, 0);

	if (n < 0)
		return -errno;
	return fid_sys3(SYS_read, io->aux[0], io->buf, 16) == n ? n : -EPROTO;
}

static unsigned char *next_data(struct io *io)
{
	fid_fill(io->buf, io->len, io->place);
	return io->buf;
}

static long sent(struct io *io, long n)
{
	if (n < 0)
		return -errno;
	io->place += n;
	return n;
}

static long c_write(struct io *io)
{
	next_data(io);
	return sent(io, write(io->fd, io->buf, io->len));
}

static long c_writev(struct io *io)
{
	struct iovec v[3];

	next_data(io);
	v[0] = (struct iovec){ io->buf, 1 };
	v[1] = (struct iovec){ io->buf + 1, io->len / 2 };
	v[2] = (struct iovec){ io->buf + 1 + io->len / 2, io->len - 1 - io->len / 2 };
	return sent(io, writev(io->fd, v, 3));
}

static long c_send(struct io *io)
{
	next_data(io);
	return sent(io, send(io->fd, io->buf, io->len, 0));
}

static long c_sendto(struct io *io)
{
	next_data(io);
	return sent(io, sendto(io->fd, io->buf, io->len, MSG_NOSIGNAL, NULL, 0));
}

static long c_sendmsg(struct io *io)
{
	struct iovec v;
	struct msghdr m = message(io, &v, io->len);

	next_data(io);
	return sent(io, sendmsg(io->fd, &m, 0));
}

static long c_sendmmsg(struct io *io)
{
	struct iovec v;
	struct mmsghdr m = { .msg_hdr = message(io, &v, io->len) };
	long n;

	next_data(io);
	n = sendmmsg(io->fd, &m, 1, 0);
	return sent(io, n < 0 ? n : (long)m.msg_len);
}

static long c_write_syscall(struct io *io)
{
	next_data(io);
	return sent(io, syscall(SYS_write, io->fd, io->buf, io->len));
}

static long c_sendfile(struct io *io)
{
	off_t offset = io->place;

	return sent(io, sendfile(io->fd, io->aux[0], &offset, io->len));
}

/* libc drops what a failed flush could not write, so it is written again. */
static long c_fflush(struct io *io)
{
	clearerr(io->file);
	next_data(io);
	if (fwrite(io->buf, 1, io->len, io->file) != io->len || fflush(io->file))
		return -errno;
	return sent(io, io->len);
}

/* The other side */

static void r_hello(struct io *io) { fid_sys3(SYS_write, io->peer, "hello", 5); }
static void r_line(struct io *io) { fid_sys3(SYS_write, io->peer, "hello\n", 6); }

static void r_number(struct io *io)
{
	uint64_t number = 5;

	fid_sys3(SYS_write, io->peer, &number, 8);
}

static void r_timer(struct io *io)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1 };

	fid_sys4(SYS_timerfd_settime, io->peer, 0, &soon, NULL);
}

static void r_signal(struct io *io) { fid_sys2(SYS_kill, io->owner, RT_KIND); }

static void r_create(struct io *io)
{
	fid_sys1(SYS_close, fid_sys4(SYS_openat, AT_FDCWD, "watched/x", O_CREAT | O_WRONLY, 0600));
}

static void r_connect(struct io *io)
{
	long fd = fid_sys3(SYS_socket, io->addr.ss_family, SOCK_STREAM, 0);

	fid_sys3(SYS_connect, fd, &io->addr, io->addrlen);
}

static void r_accept(struct io *io)
{
	fid_sys4(SYS_accept4, io->peer, NULL, NULL, 0);
}

static void r_open(struct io *io)
{
	while (fid_sys4(SYS_openat, AT_FDCWD, "fifo", O_WRONLY | O_NONBLOCK, 0) == -ENXIO)
		fid_sleep_us(500);
}

static void r_flock(struct io *io) { fid_sys2(SYS_flock, io->peer, LOCK_UN); }

static void r_setlk(struct io *io)
{
	struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	fid_sys3(SYS_fcntl, io->peer, F_OFD_SETLK, &lock);
}

static void r_sem(struct io *io) { sem_post((sem_t *)((char *)fid_shm + 60 * 1024)); }
static void r_drain(struct io *io) { kind_drain(io, UINT64_MAX); }

void kind_drain(struct io *io, uint64_t limit)
{
	static unsigned char block[65536];
	uint64_t until = limit == UINT64_MAX ? limit : io->traffic->bytes + limit;
	long flags = fid_sys3(SYS_fcntl, io->peer, F_GETFL, 0);

	fid_sys3(SYS_fcntl, io->peer, F_SETFL, flags | O_NONBLOCK);
	while (io->traffic->bytes < until) {
		uint64_t room = until - io->traffic->bytes;
		bool finished = io->traffic->sent_all;
		long n = fid_sys3(SYS_read, io->peer, block,
				  room < sizeof(block) ? room : sizeof(block));

		if (n == -EAGAIN && (!finished || io->kind->flags & KIND_LAG))
			fid_sleep_us(200);
		else if (n <= 0)
			break;
		if (n <= 0)
			continue;
		if (!fid_matches(block, n, io->traffic->bytes))
			io->traffic->wrong = 1;
		io->traffic->bytes += n;
	}
	fid_sys3(SYS_fcntl, io->peer, F_SETFL, flags);
}

#define R (KIND_RING | KIND_DATA)
#define S (KIND_RING | KIND_SEND)
#define SS (S | KIND_STREAM)
#define T (SS | KIND_LAG)
#define P KIND_NOPEEK

const struct kind kinds[] = {
	{ "read-pipe", s_pipe, c_read, r_hello, R },
	{ "read-unix", s_unix, c_read, r_hello, R },
	{ "read-tcp", s_tcp, c_read, r_hello, R },
	{ "read-tty", s_pty_slave, c_read, r_line, KIND_DATA },
	{ "read-pty-master", s_pty_master, c_read, r_hello, KIND_DATA },
	{ "read-eventfd", s_eventfd, c_read8, r_number, KIND_RING },
	{ "read-timerfd", s_timerfd, c_read8, r_timer, KIND_RING },
	{ "read-signalfd", s_signalfd, c_read_big, r_signal, 0 },
	{ "read-inotify", s_inotify, c_read_big, r_create, 0 },
	{ "read_chk-pipe", s_pipe, c_read_chk, r_hello, R },
	{ "readv-pipe", s_pipe, c_readv, r_hello, R },
	{ "readv-tcp", s_tcp, c_readv, r_hello, R },
	{ "preadv2-pipe", s_pipe, c_preadv2, r_hello, KIND_DATA },
	{ "syscall-read-pipe", s_pipe, c_syscall, r_hello, KIND_DATA },
	{ "fgets-pipe", s_fgets, c_fgets, r_line, KIND_DATA | KIND_STDIO },
	{ "recv-unix", s_unix, c_recv, r_hello, R },
	{ "recv-tcp", s_tcp, c_recv, r_hello, R },
	{ "recv-udp", s_udp, c_recv, r_hello, R },
	{ "recv-dgram", s_dgram, c_recv, r_hello, R },
	{ "recv-seqpacket", s_seqpacket, c_recv, r_hello, R },
	{ "recv_chk-unix", s_unix, c_recv_chk, r_hello, R },
	{ "recv-peek-tcp", s_tcp, c_peek, r_hello, R },
	{ "recvfrom-udp", s_udp, c_recvfrom, r_hello, R },
	{ "recvmsg-unix", s_unix, c_recvmsg, r_hello, R },
	{ "recvmsg-udp", s_udp, c_recvmsg, r_hello, R },
	{ "recvmmsg-udp", s_udp, c_recvmmsg, r_hello, KIND_DATA },
	{ "accept-unix", s_reserve_unix, c_accept, r_connect, KIND_RING | KIND_FD | P },
	{ "accept-tcp", s_reserve_tcp, c_accept, r_connect, KIND_RING | KIND_FD | P },
	{ "accept4-tcp", s_reserve_tcp, c_accept4, r_connect, KIND_RING | KIND_FD | P },
	{ "connect-unix", s_connect_unix, c_connect, r_accept, KIND_RING | P },
	{ "connect-tcp", s_connect_tcp, c_connect, r_accept, KIND_RING | KIND_SLOW | P },
	{ "write-pipe", s_full_pipe, c_write, r_drain, SS },
	{ "write-unix", s_full_unix, c_write, r_drain, SS },
	{ "write-tcp", s_full_tcp, c_write, r_drain, T },
	{ "write-tty", s_full_pty, c_write, r_drain, KIND_SEND | KIND_STREAM | KIND_LAG },
	{ "write-dgram", s_full_dgram, c_write, r_drain, S },
	{ "writev-pipe", s_full_pipe, c_writev, r_drain, SS },
	{ "writev-unix", s_full_unix, c_writev, r_drain, SS },
	{ "syscall-write-pipe", s_full_pipe, c_write_syscall, r_drain, KIND_SEND | KIND_STREAM },
	{ "fflush-pipe", s_fflush, c_fflush, r_drain, KIND_SEND | KIND_STDIO },
	{ "send-unix", s_full_unix, c_send, r_drain, SS },
	{ "send-tcp", s_full_tcp, c_send, r_drain, T },
	{ "send-dgram", s_full_dgram, c_send, r_drain, S },
	{ "send-seqpacket", s_full_seqpacket, c_send, r_drain, S },
	{ "sendto-unix", s_full_unix, c_sendto, r_drain, SS },
	{ "sendmsg-unix", s_full_unix, c_sendmsg, r_drain, SS },
	{ "sendmsg-tcp", s_full_tcp, c_sendmsg, r_drain, T },
	{ "sendmmsg-dgram", s_full_dgram, c_sendmmsg, r_drain, KIND_SEND },
	{ "sendfile-unix", s_sendfile, c_sendfile, r_drain, KIND_SEND | KIND_STREAM },
	{ "splice-pipe", s_splice, c_splice, r_hello, KIND_DATA },
	{ "read-unix-timeo", s_unix_timeo, c_read, r_hello, KIND_DATA },
	{ "recv-unix-timeo", s_unix_timeo, c_recv, r_hello, KIND_DATA },
	{ "recvmsg-udp-timeo", s_udp_timeo, c_recvmsg, r_hello, KIND_DATA },
	{ "accept-tcp-timeo", s_listen_timeo, c_accept, r_connect, KIND_FD | P },
	{ "connect-unix-timeo", s_connect_timeo, c_connect, r_accept, P },
	{ "write-unix-timeo", s_full_unix_timeo, c_write, r_drain, KIND_SEND | KIND_STREAM },
	{ "send-unix-timeo", s_full_unix_timeo, c_send, r_drain, KIND_SEND | KIND_STREAM },
	{ "open-fifo", s_fifo, c_open, r_open, KIND_FD | P },
	{ "openat-fifo", s_fifo, c_openat, r_open, KIND_FD | P },
	{ "flock", s_flock, c_flock, r_flock, P },
	{ "fcntl-setlkw", s_setlkw, c_setlkw, r_setlk, P },
	{ "poll", s_pipe, c_poll, r_hello, 0 },
	{ "poll_chk", s_pipe, c_poll_chk, r_hello, 0 },
	{ "ppoll", s_pipe, c_ppoll, r_hello, 0 },
	{ "select", s_pipe, c_select, r_hello, 0 },
	{ "pselect", s_pipe, c_pselect, r_hello, 0 },
	{ "epoll_wait", s_epoll, c_epoll, r_hello, 0 },
	{ "waitpid", s_child, c_waitpid, r_hello, P },
	{ "waitid", s_child, c_waitid, r_hello, P },
	{ "sem_wait", s_sem, c_sem, r_sem, P },
};

const size_t kind_count = sizeof(kinds) / sizeof(kinds[0]);

const struct kind *kind_find(const char *name)
{
	for (size_t i = 0; i < kind_count; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	fid_die(name);
}

void kind_finish(struct io *io)
{
	if (io->kind->flags & KIND_LAG)
		fid_sys1(SYS_close, io->fd);
	io->traffic->sent_all = 1;
}

void kind_setup(const struct kind *kind, struct io *io, struct traffic *traffic)
{
	memset(io, 0, sizeof(*io));
	io->kind = kind;
	io->owner = getpid();
	io->fd = io->peer = io->aux[0] = io->aux[1] = -1;
	io->len = 1000;
	io->traffic = traffic;
	io->buf = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(io->buf != MAP_FAILED, "mmap");
	kind->setup(io);
}

void kind_say(struct io *io, long result)
{
	char text[17] = "";

	if (result < 0) {
		fid_say("%s", fid_errname(-result));
	} else if (io->kind->flags & KIND_FD) {
		fid_say("a descriptor");
	} else if (io->kind->flags & KIND_SEND) {
		fid_say("%s", (size_t)result == io->len ? "all" : result ? "part" : "0");
	} else if (io->kind->flags & KIND_DATA) {
		memcpy(text, io->buf, result > 16 ? 16 : result);
		text[strcspn(text, "\n")] = '$';
		fid_say("%ld %s", result, text);
	} else {
		fid_say("%ld", result);
	}
}
