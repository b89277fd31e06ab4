/* SPDX-License-Identifier: MIT */
/*
 * Kinds derived from others, in which the shim's knowledge of the descriptor has become wrong
 * without a call that it intercepts:
 *
 *   BASE+HOW         HOW changed the same descriptor
 *   BASE>HOW>AFTER   BASE was used, then HOW gave its number to AFTER
 *   BASE>HOW         BASE was used, then the libc function HOW opened its number itself
 */
#include "differential.h"

#include <dirent.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <utmp.h>

enum { HIGH = 40 };	/* above the numbers that the kinds use */

/* Ways to change flags: by a duplicate, by assembly, by syscall(2), by another process. */

static int flags_with(int fd, bool nonblock)
{
	int fl = raw_fcntl(fd, F_GETFL, 0);

	return nonblock ? fl | O_NONBLOCK : fl & ~O_NONBLOCK;
}

static int change_by_dup(struct object *o, bool nb)
{
	int copy = raw_fcntl(o->fd, F_DUPFD_CLOEXEC, HIGH);
	int ret = fcntl(copy, F_SETFL, flags_with(copy, nb));

	raw_close(copy);
	return ret;
}

static int change_by_libc_dup(struct object *o, bool nb)
{
	int copy = dup(o->fd);
	int ret = fcntl(copy, F_SETFL, flags_with(copy, nb));

	close(copy);
	return ret;
}

static int change_by_asm(struct object *o, bool nb)
{
	return raw_fcntl(o->fd, F_SETFL, flags_with(o->fd, nb));
}

static int change_by_syscall(struct object *o, bool nb)
{
	return syscall(SYS_fcntl, o->fd, F_SETFL, flags_with(o->fd, nb));
}

static int change_by_fcntl64(struct object *o, bool nb)
{
	return fcntl64(o->fd, F_SETFL, flags_with(o->fd, nb));
}

static int change_by_ioctl(struct object *o, bool nb)
{
	int on = nb;

	return ioctl(o->fd, FIONBIO, &on);
}

static int change_by_raw_ioctl(struct object *o, bool nb)
{
	int on = nb;

	return raw_ioctl(o->fd, FIONBIO, &on);
}

static int wait_for(pid_t pid)
{
	int status = 1;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status ? -1 : 0;
}

static int change_by_child(struct object *o, bool nb)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(fcntl(o->fd, F_SETFL, flags_with(o->fd, nb)) ? 1 : 0);
	return wait_for(pid);
}

static int timeout_by_asm(int fd, int name)
{
	struct timeval tv = { 0, 20000 };

	return raw_setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv));
}

static int timeout_by_dup(int fd, int name)
{
	struct timeval tv = { 0, 20000 };
	int copy = raw_fcntl(fd, F_DUPFD_CLOEXEC, HIGH);
	int ret = setsockopt(copy, SOL_SOCKET, name, &tv, sizeof(tv));

	raw_close(copy);
	return ret;
}

static int timeout_by_child(int fd, int name)
{
	struct timeval tv = { 0, 20000 };
	pid_t pid = fork();

	if (pid == 0)
		_exit(setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv)) ? 1 : 0);
	return wait_for(pid);
}

struct change {
	const char *how;
	int (*nonblock)(struct object *o, bool nb);
	bool to;
	int (*timeout)(int fd, int name);
	int option;
};

static const struct change changes[] = {
	{ "nb-by-dup", change_by_dup, true },
	{ "nb-by-libc-dup", change_by_libc_dup, true },
	{ "nb-by-asm", change_by_asm, true },
	{ "nb-by-syscall", change_by_syscall, true },
	{ "nb-by-fcntl64", change_by_fcntl64, true },
	{ "nb-by-ioctl", change_by_ioctl, true },
	{ "nb-by-asm-ioctl", change_by_raw_ioctl, true },
	{ "nb-by-child", change_by_child, true },
	{ "wait-by-dup", change_by_dup, false },
	{ "wait-by-asm", change_by_asm, false },
	{ "wait-by-ioctl", change_by_ioctl, false },
	{ "wait-by-child", change_by_child, false },
	{ "rcvtimeo-by-asm", .timeout = timeout_by_asm, .option = SO_RCVTIMEO },
	{ "rcvtimeo-by-dup", .timeout = timeout_by_dup, .option = SO_RCVTIMEO },
	{ "rcvtimeo-by-child", .timeout = timeout_by_child, .option = SO_RCVTIMEO },
	{ "sndtimeo-by-asm", .timeout = timeout_by_asm, .option = SO_SNDTIMEO },
	{ "sndtimeo-by-dup", .timeout = timeout_by_dup, .option = SO_SNDTIMEO },
	{ "sndtimeo-by-child", .timeout = timeout_by_child, .option = SO_SNDTIMEO },
	{ 0 },
};

/* Ways to reuse a number: n becomes another name of the open file description behind m. */

static int take_number(int n, int m)
{
	int got = raw_fcntl(m, F_DUPFD, n);

	return got == n ? 0 : -1;
}

static int reuse_asm_dup2(int n, int m)
{
	return raw_dup3(m, n) == n ? 0 : -1;
}

static int reuse_asm_close(int n, int m)
{
	raw_close(n);
	return take_number(n, m);
}

static int reuse_asm_close_range(int n, int m)
{
	raw3(SYS_close_range, n, n, 0);
	return take_number(n, m);
}

static int reuse_syscall_close(int n, int m)
{
	syscall(SYS_close, n);
	return take_number(n, m);
}

static int reuse_syscall_dup(int n, int m)
{
	return syscall(SYS_dup3, m, n, 0) == n ? 0 : -1;
}

static int reuse_dup2(int n, int m)
{
	return dup2(m, n) == n ? 0 : -1;
}

static int reuse_close_fcntl(int n, int m)
{
	close(n);
	return fcntl(m, F_DUPFD, n) == n ? 0 : -1;
}

static int reuse_close_range(int n, int m)
{
	close_range(n, n, 0);
	return take_number(n, m);
}

static const char *stdio_mode(int fd)
{
	int mode = raw_fcntl(fd, F_GETFL, 0) & O_ACCMODE;

	return mode == O_RDONLY ? "r" : mode == O_WRONLY ? "w" : "r+";
}

static int reuse_fclose(int n, int m)
{
	FILE *f = fdopen(n, stdio_mode(n));

	if (!f || fclose(f) != 0)
		return -1;
	return take_number(n, m);
}

static int reuse_closedir(int n, int m)
{
	DIR *d = fdopendir(n);

	if (!d || !readdir(d) || closedir(d) != 0)
		return -1;
	return take_number(n, m);
}

/* A vfork child shares only memory with us: a descriptor that it closes stays open here. */
static int reuse_child_close(int n, int m)
{
	pid_t pid = vfork();

	if (pid == 0) {
		close(n);
		_exit(0);
	}
	if (wait_for(pid) < 0)
		return -1;
	return raw_dup3(m, n) == n ? 0 : -1;
}

struct reuse {
	const char *how;
	int (*reuse)(int n, int m);
};

static const struct reuse reuses[] = {
	{ "asm-dup2", reuse_asm_dup2 },
	{ "asm-close", reuse_asm_close },
	{ "asm-close_range", reuse_asm_close_range },
	{ "syscall-close", reuse_syscall_close },
	{ "syscall-dup3", reuse_syscall_dup },
	{ "dup2", reuse_dup2 },
	{ "close-fcntl", reuse_close_fcntl },
	{ "close_range", reuse_close_range },
	{ "fclose", reuse_fclose },
	{ "closedir", reuse_closedir },
	{ "vfork-close", reuse_child_close },
	{ 0 },
};

/* Openers: libc opens something internally and gets the number that was freed. */

static void undo_file(struct object *o)
{
	fclose(o->handle);
}

static int keep_file(struct object *o, FILE *f)
{
	if (!f)
		return -1;
	o->handle = f;
	o->undo = undo_file;
	return fileno(f);
}

static int disk_file(char *path, size_t size)
{
	char text[STREAM_DATA];
	int fd;

	scratch_path(path, size, disk_dir, "opened");
	pattern(text, sizeof(text), 4);
	fd = raw_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	raw_write(fd, text, sizeof(text));
	raw_close(fd);
	return 0;
}

static int open_posix_openpt(struct object *o)
{
	return posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
}

static int open_openpty(struct object *o)
{
	struct termios t;
	int master;

	if (openpty(&master, &o->peer, NULL, NULL, NULL) < 0)
		return -1;
	tcgetattr(o->peer, &t);
	cfmakeraw(&t);
	tcsetattr(o->peer, TCSANOW, &t);
	raw_fcntl(o->peer, F_SETFL, O_RDWR | O_NONBLOCK);
	return master;
}

static void act_from_slave(struct object *o, unsigned int round)
{
	raw_write(o->peer, "from the slave", 14);
	let_arrive(o, 200);
}

static int open_tmpfile(struct object *o)
{
	return keep_file(o, tmpfile());
}

static int open_fopen(struct object *o)
{
	char path[4096];
	int fd = -1;

	if (disk_file(path, sizeof(path)) == 0)
		fd = keep_file(o, fopen(path, "r+"));
	raw_unlink(path);
	return fd;
}

static int open_mkstemp(struct object *o)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/differential-XXXXXX", disk_dir);
	fd = mkstemp(path);
	if (fd >= 0)
		raw_unlink(path);
	return fd;
}

static void undo_dir(struct object *o)
{
	closedir(o->handle);
}

static int open_opendir(struct object *o)
{
	DIR *d = opendir(disk_dir);

	o->handle = d;
	o->undo = d ? undo_dir : NULL;
	return d ? dirfd(d) : -1;
}

static void undo_popen(struct object *o)
{
	pclose(o->handle);
}

static int open_popen(struct object *o)
{
	FILE *f = popen("echo from the child", "r");

	if (!f)
		return -1;
	o->handle = f;
	o->undo = undo_popen;
	for (int i = 0; i < 2000 && !(raw_poll(fileno(f), POLLIN, 100) & POLLHUP); i++)
		raw_sleep_us(1000);
	return fileno(f);
}

struct opener {
	const char *how;
	int (*open)(struct object *o);
	act_fn *wake_in;
	unsigned int flags;
};

static const struct opener openers[] = {
	{ "posix_openpt", open_posix_openpt, NULL, K_VAGUE },
	{ "openpty", open_openpty, act_from_slave },
	{ "tmpfile", open_tmpfile, NULL, K_SEEK },
	{ "fopen", open_fopen, NULL, K_SEEK },
	{ "mkstemp", open_mkstemp, NULL, K_SEEK },
	{ "opendir", open_opendir, NULL, K_OPAQUE },
	{ "popen", open_popen },
	{ 0 },
};

/* The number is not passed from one descriptor to another here. */

static int make_freopen(struct object *o, const struct kind *k)
{
	char path[4096], c;
	int ends[2];
	FILE *f;

	if (disk_file(path, sizeof(path)) < 0 || pipe(ends) < 0)
		return cannot(o, "pipe", -errno);
	also_close(o, ends[1]);
	raw_write(ends[1], "ab", 2);
	if (read(ends[0], &c, 1) != 1)
		return cannot(o, "read", -errno);
	f = fdopen(ends[0], "r");
	o->fd = keep_file(o, f ? freopen(path, "r+", f) : NULL);
	raw_unlink(path);
	return o->fd < 0 ? cannot(o, "freopen", -errno) : 0;
}

static int make_pclose(struct object *o, const struct kind *k)
{
	FILE *f = popen("echo words", "r");
	struct kind after = *kinds_find("pipe-r-empty-nb");
	char word[16];
	int n, m;

	if (!f)
		return cannot(o, "popen", -errno);
	n = fileno(f);
	if (read(n, word, sizeof(word)) != 6)
		return cannot(o, "reading from a child", -EIO);
	pclose(f);
	after.state = k->state;
	if (make_derived == after.make || after.make(o, &after) < 0)
		return -1;
	m = o->fd;
	if (m == n)
		return 0;
	if (reuse_asm_dup2(n, m) < 0)
		return cannot(o, "dup3", -EBADF);
	raw_close(m);
	o->fd = n;
	return 0;
}

static void undo_login(struct object *o)
{
	for (int i = 0; i < 3; i++) {
		raw_dup3(o->saved_fds[i], i);
		raw_close(o->saved_fds[i]);
	}
}

/* A known socket at number 0 becomes a terminal whose reads do not wait. */
static int make_login_tty(struct object *o, const struct kind *k)
{
	int sv[2], master, slave;
	char c;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) < 0)
		return cannot(o, "socketpair", -errno);
	for (int i = 0; i < 3; i++)
		o->saved_fds[i] = raw_fcntl(i, F_DUPFD_CLOEXEC, HIGH);
	o->undo = undo_login;
	dup2(sv[0], 0);
	raw_write(sv[1], "x", 1);
	c = read(0, &c, 1) == 1;
	close(sv[0]);
	raw_close(sv[1]);
	if (!c || openpty(&master, &slave, NULL, NULL, NULL) < 0)
		return cannot(o, "openpty", -errno);
	also_close(o, master);
	raw_fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
	if (login_tty(slave) < 0)
		return cannot(o, "login_tty", -errno);
	o->fd = 0;
	return 0;
}

static const struct change *find_change(const char *how)
{
	for (const struct change *c = changes; c->how; c++)
		if (!strcmp(c->how, how))
			return c;
	return NULL;
}

static const struct opener *find_opener(const char *how)
{
	for (const struct opener *p = openers; p->how; p++)
		if (!strcmp(p->how, how))
			return p;
	return NULL;
}

static const struct reuse *find_reuse(const char *how)
{
	for (const struct reuse *r = reuses; r->how; r++)
		if (!strcmp(r->how, how))
			return r;
	return NULL;
}

static int make_changed(struct object *o, const struct kind *k, const struct change *c)
{
	int ret;

	if (kinds_find(k->base)->make(o, k) < 0)
		return -1;
	ret = c->nonblock ? c->nonblock(o, c->to) : c->timeout(o->fd, c->option);
	return ret ? cannot(o, k->how, ret < -1 ? ret : -errno) : 0;
}

/* Makes and uses the descriptor whose number is to be taken. */
static int make_before(struct object *b, const char *name)
{
	struct kind before = *kinds_find(name);
	char c;

	before.state |= S_LEARNT;
	object_init(b, &before);
	if (before.make(b, &before) < 0)
		return -1;
	if (before.flags & K_FILE && read(b->fd, &c, 1) != 1)
		return -1;
	return 0;
}

static int make_reused(struct object *o, const struct kind *k, const struct reuse *r)
{
	const struct kind *after = kinds_find(k->after);
	struct object b;
	int m;

	if (make_before(&b, k->base) < 0 || after->make(o, k) < 0)
		return cannot(o, b.reason[0] ? b.reason : "making the first", -EIO);
	m = o->fd;
	if (r->reuse(b.fd, m) < 0)
		return cannot(o, r->how, -errno);
	raw_close(m);
	o->fd = b.fd;
	b.fd = -1;
	object_close(&b);
	return 0;
}

/* Frees the number without the shim's knowledge, so that libc takes it as the lowest free one. */
static int make_opened(struct object *o, const struct kind *k, const struct opener *p)
{
	struct object b;
	int fillers[64], n, count = 0;

	if (make_before(&b, k->base) < 0)
		return cannot(o, b.reason[0] ? b.reason : "making the first", -EIO);
	n = b.fd;
	while (count < 64 && (fillers[count] = raw_fcntl(spare_fd, F_DUPFD_CLOEXEC, 0)) < n)
		count++;
	if (count < 64)
		raw_close(fillers[count]);
	raw_close(n);
	o->fd = p->open(o);
	while (count > 0)
		raw_close(fillers[--count]);
	b.fd = -1;
	object_close(&b);
	if (o->fd < 0)
		return cannot(o, p->how, -errno);
	snprintf(o->note, sizeof(o->note), "number=%s", o->fd == n ? "reused" : "other");
	return 0;
}

int make_derived(struct object *o, const struct kind *k)
{
	const struct change *c = find_change(k->how);
	const struct opener *p = find_opener(k->how);

	if (!RAW_IS_UNSEEN)
		return cannot(o, "no unseen system calls on this architecture", -ENOSYS);
	if (c)
		return make_changed(o, k, c);
	if (p)
		return make_opened(o, k, p);
	return make_reused(o, k, find_reuse(k->how));
}

/* Completes a row: derives name, state and flags from the base kind. */
void derive_kind(struct kind *k)
{
	const struct kind *base = kinds_find(k->base);
	const struct opener *p = find_opener(k->how);
	char name[200];

	if (k->after) {
		snprintf(name, sizeof(name), "%s>%s>%s", k->base, k->how, k->after);
		base = kinds_find(k->after);
		k->wake_in = base->wake_in;
		k->wake_out = base->wake_out;
	} else {
		snprintf(name, sizeof(name), "%s%c%s", k->base, p ? '>' : '+', k->how);
	}
	k->name = strdup(name);
	k->make = make_derived;
	k->flags |= K_BRIEF | K_ONE_NAME | (p ? p->flags : base->flags);
	if (p) {
		k->wake_in = p->wake_in;
		return;
	}
	k->flags &= ~(unsigned int)K_BULK;
	k->family = base->family;
	k->type = base->type;
	k->state = base->state | (k->after ? 0 : S_LEARNT);
}

#define CHANGED(b, h) { .base = b, .how = h }
#define RELEASED(b, h, in, out) { .base = b, .how = h, .wake_in = in, .wake_out = out }
#define REUSED(b, h, a) { .base = b, .how = h, .after = a }

const struct kind derived_kinds[] = {
	{ "pipe>freopen", make_freopen, .flags = K_BRIEF | K_ONE_NAME },
	{ "popen>pclose>pipe-r-empty-nb", make_pclose, .state = S_NB, .flags = K_BRIEF | K_ONE_NAME },
	{ "unix-stream>login_tty", make_login_tty, .flags = K_BRIEF | K_ONE_NAME },
	CHANGED("pipe-r-empty", "nb-by-dup"),
	CHANGED("pipe-r-empty", "nb-by-libc-dup"),
	CHANGED("pipe-r-empty", "nb-by-asm"),
	CHANGED("pipe-r-empty", "nb-by-syscall"),
	CHANGED("pipe-r-empty", "nb-by-fcntl64"),
	CHANGED("pipe-r-empty", "nb-by-ioctl"),
	CHANGED("pipe-r-empty", "nb-by-asm-ioctl"),
	CHANGED("pipe-r-empty", "nb-by-child"),
	CHANGED("pipe-w-full", "nb-by-dup"),
	CHANGED("pipe-w-full", "nb-by-asm"),
	CHANGED("pipe-w-full", "nb-by-child"),
	CHANGED("fifo-r-empty", "nb-by-dup"),
	CHANGED("fifo-r-empty", "nb-by-child"),
	CHANGED("unix-stream", "nb-by-dup"),
	CHANGED("unix-stream", "nb-by-libc-dup"),
	CHANGED("unix-stream", "nb-by-asm"),
	CHANGED("unix-stream", "nb-by-syscall"),
	CHANGED("unix-stream", "nb-by-fcntl64"),
	CHANGED("unix-stream", "nb-by-ioctl"),
	CHANGED("unix-stream", "nb-by-asm-ioctl"),
	CHANGED("unix-stream", "nb-by-child"),
	CHANGED("unix-stream-full", "nb-by-dup"),
	CHANGED("unix-stream-full", "nb-by-asm"),
	CHANGED("unix-stream-full", "nb-by-child"),
	CHANGED("unix-listener-empty", "nb-by-dup"),
	CHANGED("unix-listener-empty", "nb-by-asm"),
	CHANGED("unix-listener-empty", "nb-by-ioctl"),
	CHANGED("unix-listener-empty", "nb-by-child"),
	CHANGED("unix-stream-fresh-backlog", "nb-by-asm"),
	CHANGED("unix-stream-fresh-backlog", "nb-by-child"),
	CHANGED("tcp-fresh", "nb-by-asm"),
	CHANGED("tcp-fresh", "nb-by-child"),
	CHANGED("tcp", "nb-by-asm"),
	CHANGED("tcp", "nb-by-child"),
	CHANGED("udp", "nb-by-asm"),
	CHANGED("udp", "nb-by-child"),
	CHANGED("eventfd-empty", "nb-by-asm"),
	CHANGED("eventfd-empty", "nb-by-child"),
	CHANGED("tty-slave-empty", "nb-by-asm"),
	CHANGED("tty-slave-empty", "nb-by-child"),
	CHANGED("timerfd-waiting", "nb-by-asm"),
	CHANGED("unix-stream", "rcvtimeo-by-asm"),
	CHANGED("unix-stream", "rcvtimeo-by-dup"),
	CHANGED("unix-stream", "rcvtimeo-by-child"),
	CHANGED("udp", "rcvtimeo-by-asm"),
	CHANGED("udp", "rcvtimeo-by-child"),
	CHANGED("unix-listener-empty", "rcvtimeo-by-asm"),
	CHANGED("unix-listener-empty", "rcvtimeo-by-dup"),
	CHANGED("unix-listener-empty", "rcvtimeo-by-child"),
	RELEASED("unix-stream-full", "sndtimeo-by-asm", act_feed, NULL),
	RELEASED("unix-stream-full", "sndtimeo-by-dup", act_feed, NULL),
	RELEASED("unix-stream-full", "sndtimeo-by-child", act_feed, NULL),
	CHANGED("unix-stream-fresh-backlog", "sndtimeo-by-asm"),
	RELEASED("pipe-r-empty-nb", "wait-by-dup", act_feed, NULL),
	RELEASED("pipe-r-empty-nb", "wait-by-asm", act_feed, NULL),
	RELEASED("pipe-r-empty-nb", "wait-by-ioctl", act_feed, NULL),
	RELEASED("pipe-r-empty-nb", "wait-by-child", act_feed, NULL),
	RELEASED("pipe-w-full-nb", "wait-by-asm", NULL, act_drain),
	RELEASED("unix-stream-nb", "wait-by-dup", act_feed, act_drain),
	RELEASED("unix-stream-nb", "wait-by-asm", act_feed, act_drain),
	RELEASED("unix-stream-nb", "wait-by-child", act_feed, act_drain),
	RELEASED("unix-stream-full-nb", "wait-by-asm", act_feed, act_drain),
	REUSED("disk-dir", "closedir", "pipe-r-empty-nb"),
	REUSED("disk-dir", "closedir", "unix-stream-nb"),
	REUSED("unix-stream", "asm-close", "unix-stream-rcvtimeo"),
	REUSED("unix-listener-empty", "asm-close", "unix-listener-rcvtimeo"),
	REUSED("disk-rw", "asm-close", "unix-stream-full-sndtimeo"),
	REUSED("unix-stream-rcvtimeo", "asm-close", "unix-stream"),
	REUSED("unix-listener-rcvtimeo", "asm-close", "unix-listener-empty"),
	REUSED("unix-stream-nb", "asm-close", "unix-stream"),
	REUSED("pipe-r-empty-nb", "asm-close", "pipe-r-empty"),
	REUSED("disk-append", "asm-close", "disk-rw"),
	REUSED("disk-rw", "asm-close", "disk-append"),
	REUSED("disk-rw", "asm-close", "disk-rw"),
	REUSED("disk-rw", "dup2", "shm-rw"),
	REUSED("disk-rw", "fclose", "shm-rw"),
	{ 0 },
};

/* These kinds are reused in every combination. */
const char *const reused_before[] = {
	"unix-stream", "pipe-r-empty", "disk-rw", "unix-listener-empty", "eventfd-empty", NULL,
};
const char *const reused_how[] = {
	"asm-dup2", "asm-close", "asm-close_range", "syscall-close", "syscall-dup3", "dup2",
	"close-fcntl", "close_range", "fclose", "vfork-close", NULL,
};
const char *const reused_after[] = {
	"pipe-r-empty-nb", "unix-stream-nb", "unix-listener-empty-nb", "pipe-w-full-nb",
	"eventfd-empty-nb", "tty-slave-empty-nb", "disk-rw", "udp-data", NULL,
};
const char *const opened_how[] = {
	"posix_openpt", "openpty", "tmpfile", "fopen", "mkstemp", "opendir", "popen", NULL,
};
