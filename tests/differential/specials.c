/* SPDX-License-Identifier: MIT */
/* Other kinds of descriptor: devices, ttys, event descriptors, invalid ones. */
#include "differential.h"

#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <termios.h>

enum device { DEV_NULL, DEV_ZERO, DEV_FULL, DEV_URANDOM };

static int make_device(struct object *o, const struct kind *k)
{
	static const char *const paths[] = {
		[DEV_NULL] = "/dev/null", [DEV_ZERO] = "/dev/zero",
		[DEV_FULL] = "/dev/full", [DEV_URANDOM] = "/dev/urandom",
	};

	o->fd = open(paths[k->family], O_RDWR | k->type);
	return o->fd < 0 ? cannot(o, paths[k->family], -errno) : 0;
}

/* Writes a line to the slave or to the master, without echo. */
static int make_tty(struct object *o, const struct kind *k)
{
	struct termios t;
	int unlock = 0, number, err, slave;
	char path[32];

	err = raw_open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
	if (err < 0)
		return cannot(o, "/dev/ptmx", err);
	o->peer = err;
	raw_ioctl(o->peer, TIOCSPTLCK, &unlock);
	raw_ioctl(o->peer, TIOCGPTN, &number);
	snprintf(path, sizeof(path), "/dev/pts/%d", number);
	slave = open(path, O_RDWR | O_NOCTTY);
	if (slave < 0)
		return cannot(o, "opening the slave", -errno);
	tcgetattr(slave, &t);
	t.c_lflag &= ~ECHO;
	if (k->state & S_MASTER) {
		t.c_lflag &= ~ICANON;	/* the master's data is readable without a newline */
		t.c_oflag &= ~OPOST;	/* the slave's data is readable at once, in one part */
	}
	tcsetattr(slave, TCSANOW, &t);
	o->fd = slave;
	if (k->state & S_MASTER) {
		o->fd = o->peer;
		o->peer = slave;
	}
	raw_fcntl(o->peer, F_SETFL, O_RDWR | O_NONBLOCK);
	if (set_nonblock(o, k->state) < 0)
		return -1;
	if (k->state & S_DATA) {
		raw_write(o->peer, "one line\n", 9);
		wait_readable_bytes(o->fd, 9);
	}
	if (k->state & S_PEER_CLOSED)
		act_close_peer(o, 0);
	return 0;
}

static void act_line(struct object *o, unsigned int round)
{
	raw_write(o->peer, "a line later\n", 13);
	let_arrive(o, 200);
}

static int make_eventfd(struct object *o, const struct kind *k)
{
	uint64_t full = UINT64_MAX - 1, one = 1;

	o->fd = eventfd(k->state & S_DATA ? 3 : 0, k->type | (k->state & S_NB_BORN ? EFD_NONBLOCK : 0));
	if (o->fd < 0)
		return cannot(o, "eventfd", -errno);
	if (k->state & S_LEARNT && (raw_write(o->fd, &one, 8) != 8 || read(o->fd, &one, 8) != 8))
		return cannot(o, "learning", -EIO);
	if (set_nonblock(o, k->state) < 0)
		return -1;
	if (k->state & S_FULL)
		raw_write(o->fd, &full, sizeof(full));
	return 0;
}

static void act_count(struct object *o, unsigned int round)
{
	uint64_t one = 1;

	raw_write(o->fd, &one, sizeof(one));
}

static void act_uncount(struct object *o, unsigned int round)
{
	uint64_t value;

	if (raw_poll(o->fd, POLLIN, 0))	/* or the helper itself would wait */
		raw_read(o->fd, &value, sizeof(value));
}

static void set_timer(int fd, long ns)
{
	struct itimerspec its = { .it_value = { 0, ns } };

	raw6(SYS_timerfd_settime, fd, 0, (long)&its, 0, 0, 0);
}

static int make_timerfd(struct object *o, const struct kind *k)
{
	o->fd = timerfd_create(CLOCK_MONOTONIC, k->state & S_NB_BORN ? TFD_NONBLOCK : 0);
	if (o->fd < 0)
		return cannot(o, "timerfd_create", -errno);
	if (k->state & S_DATA) {
		set_timer(o->fd, 1);
		raw_poll(o->fd, POLLIN, 1000);
	}
	return set_nonblock(o, k->state);
}

static void act_expire(struct object *o, unsigned int round)
{
	set_timer(o->fd, 1);
}

static void undo_signal(struct object *o)
{
	uint64_t set = 1ULL << (SIGUSR1 - 1);
	struct timespec none = { 0, 0 };

	while (raw6(SYS_rt_sigtimedwait, (long)&set, 0, (long)&none, 8, 0, 0) > 0)
		;
}

static int make_signalfd(struct object *o, const struct kind *k)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	o->fd = signalfd(-1, &set, k->state & S_NB_BORN ? SFD_NONBLOCK : 0);
	if (o->fd < 0)
		return cannot(o, "signalfd", -errno);
	o->undo = undo_signal;
	if (k->state & S_DATA && k->family)	/* pending for this thread alone */
		raw3(SYS_tgkill, getpid(), raw_gettid(), SIGUSR1);
	else if (k->state & S_DATA)
		raw3(SYS_kill, getpid(), SIGUSR1, 0);
	return set_nonblock(o, k->state);
}

static void act_signal(struct object *o, unsigned int round)
{
	raw3(SYS_kill, getpid(), SIGUSR1, 0);
}

static void touch_watched(struct object *o)
{
	char path[4096];

	scratch_path(path, sizeof(path), o->handle, "touched");
	raw_close(raw_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	raw_unlink(path);
}

static void undo_watched(struct object *o)
{
	raw3(SYS_unlinkat, AT_FDCWD, (long)o->handle, 0x200);	/* AT_REMOVEDIR */
	free(o->handle);
}

static int make_inotify(struct object *o, const struct kind *k)
{
	char path[4096];

	scratch_path(path, sizeof(path), shm_dir, "dir");
	o->fd = inotify_init1(k->state & S_NB_BORN ? IN_NONBLOCK : 0);
	if (o->fd < 0)
		return cannot(o, "inotify_init1", -errno);
	raw3(SYS_mkdirat, AT_FDCWD, (long)path, 0700);
	o->handle = strdup(path);
	o->undo = undo_watched;
	if (inotify_add_watch(o->fd, path, IN_CREATE) < 0)
		return cannot(o, "inotify_add_watch", -errno);
	if (k->state & S_DATA)
		touch_watched(o);
	return set_nonblock(o, k->state);
}

static void act_touch(struct object *o, unsigned int round)
{
	touch_watched(o);
}

static int make_epoll(struct object *o, const struct kind *k)
{
	o->fd = epoll_create1(0);
	return o->fd < 0 ? cannot(o, "epoll_create1", -errno) : 0;
}

static int make_pidfd(struct object *o, const struct kind *k)
{
	o->fd = syscall(SYS_pidfd_open, getpid(), 0);
	return o->fd < 0 ? cannot(o, "pidfd_open", -errno) : 0;
}

static int make_netlink(struct object *o, const struct kind *k)
{
	o->peer_is_sock = true;
	o->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE);
	return o->fd < 0 ? cannot(o, "socket(AF_NETLINK)", -errno) : 0;
}

enum bad { CLOSED, CLOSED_UNSEEN, MINUS_ONE, HUGE_NUMBER, AT_CWD, CLOSED_SOCKET };

static int make_bad(struct object *o, const struct kind *k)
{
	static const int numbers[] = {
		[MINUS_ONE] = -1, [HUGE_NUMBER] = FD_HUGE, [AT_CWD] = AT_FDCWD,
	};
	char c;
	int sv[2], fd;

	if (k->family == CLOSED || k->family == CLOSED_UNSEEN) {
		fd = open("/dev/zero", O_RDWR);
	} else if (k->family == CLOSED_SOCKET) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) < 0)
			return cannot(o, "socketpair", -errno);
		fd = sv[0];
		raw_write(sv[1], "x", 1);
		raw_close(sv[1]);
	} else {
		o->fd = numbers[k->family];
		return 0;
	}
	if (fd < 0 || read(fd, &c, 1) != 1)
		return cannot(o, "opening what is to be closed", -errno);
	if (k->family == CLOSED)
		close(fd);
	else
		raw_close(fd);
	o->fd = fd;
	return 0;
}

const struct kind special_kinds[] = {
	{ "dev-null", make_device, DEV_NULL, 0, 0, K_SEEK | K_SINK },
	{ "dev-null-nb", make_device, DEV_NULL, O_NONBLOCK, 0, K_BRIEF },
	{ "dev-zero", make_device, DEV_ZERO, 0, 0, K_SEEK | K_SINK | K_ENDLESS },
	{ "dev-zero-nb", make_device, DEV_ZERO, O_NONBLOCK, 0, K_BRIEF },
	{ "dev-full", make_device, DEV_FULL, 0, 0, K_SEEK | K_SINK | K_ENDLESS },
	{ "dev-urandom", make_device, DEV_URANDOM, 0, 0, K_SEEK | K_OPAQUE | K_ENDLESS },
	{ "tty-slave-data", make_tty, 0, 0, S_DATA, 0, act_line, act_drain },
	{ "tty-slave-data-nb", make_tty, 0, 0, S_DATA | S_NB, K_VAGUE },
	{ "tty-slave-empty", make_tty, 0, 0, 0, 0, act_line, act_drain },
	{ "tty-slave-empty-nb", make_tty, 0, 0, S_NB, K_VAGUE },
	{ "tty-slave-hangup", make_tty, 0, 0, S_PEER_CLOSED, 0 },
	{ "tty-master-data", make_tty, 0, 0, S_DATA | S_MASTER, 0, act_line, act_drain },
	{ "tty-master-empty", make_tty, 0, 0, S_MASTER, 0, act_line, act_drain },
	{ "tty-master-empty-nb", make_tty, 0, 0, S_MASTER | S_NB, K_VAGUE },
	{ "tty-master-hangup", make_tty, 0, 0, S_MASTER | S_PEER_CLOSED, K_BRIEF },
	{ "eventfd", make_eventfd, 0, 0, S_DATA, 0 },
	{ "eventfd-semaphore", make_eventfd, 0, EFD_SEMAPHORE, S_DATA, K_BRIEF },
	{ "eventfd-empty", make_eventfd, 0, 0, 0, 0, act_count },
	{ "eventfd-empty-nb", make_eventfd, 0, 0, S_NB, 0 },
	{ "eventfd-empty-nb-born", make_eventfd, 0, 0, S_NB_BORN, K_BRIEF },
	{ "eventfd-full", make_eventfd, 0, 0, S_FULL, 0, NULL, act_uncount },
	{ "eventfd-full-nb", make_eventfd, 0, 0, S_FULL | S_NB, 0 },
	{ "timerfd-expired", make_timerfd, 0, 0, S_DATA, 0, act_expire },
	{ "timerfd-waiting", make_timerfd, 0, 0, 0, 0, act_expire },
	{ "timerfd-waiting-nb", make_timerfd, 0, 0, S_NB, 0 },
	{ "timerfd-waiting-nb-born", make_timerfd, 0, 0, S_NB_BORN, K_BRIEF },
	{ "signalfd-pending", make_signalfd, 0, 0, S_DATA, K_OPAQUE },
	{ "signalfd-pending-thread", make_signalfd, 1, 0, S_DATA, K_OPAQUE },
	{ "signalfd-empty", make_signalfd, 0, 0, 0, K_OPAQUE, act_signal },
	{ "signalfd-empty-nb", make_signalfd, 0, 0, S_NB, K_OPAQUE },
	{ "signalfd-empty-nb-born", make_signalfd, 0, 0, S_NB_BORN, K_OPAQUE | K_BRIEF },
	{ "inotify-events", make_inotify, 0, 0, S_DATA, K_OPAQUE | K_BRIEF },
	{ "inotify-empty", make_inotify, 0, 0, 0, K_OPAQUE | K_BRIEF, act_touch },
	{ "inotify-empty-nb", make_inotify, 0, 0, S_NB, K_OPAQUE | K_BRIEF },
	{ "inotify-empty-nb-born", make_inotify, 0, 0, S_NB_BORN, K_OPAQUE | K_BRIEF },
	{ "epoll", make_epoll, 0, 0, 0, 0 },
	{ "pidfd", make_pidfd, 0, 0, 0, 0 },
	{ "netlink-nb", make_netlink, AF_NETLINK, 0, 0, K_SOCK | K_BRIEF },
	{ "closed", make_bad, CLOSED, 0, 0, K_BADFD },
	{ "closed-unseen", make_bad, CLOSED_UNSEEN, 0, 0, K_BADFD },
	{ "closed-socket-unseen", make_bad, CLOSED_SOCKET, 0, 0, K_BADFD },
	{ "minus-one", make_bad, MINUS_ONE, 0, 0, K_BADFD },
	{ "huge-number", make_bad, HUGE_NUMBER, 0, 0, K_BADFD },
	{ "at-fdcwd", make_bad, AT_CWD, 0, 0, K_BADFD },
	{ 0 },
};
