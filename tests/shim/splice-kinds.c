/* SPDX-License-Identifier: MIT */
/*
 * Tests splice and tee between every two kinds of descriptor, with every kind of offset: result,
 * errno, signals, offsets, both file positions and the data. Prints the same natively, by ring and
 * directly. Run it in an empty directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* A descriptor, and the descriptor at which the data written to it is read. */
struct end {
	int fd, other;
};

static const char text[] = "0123456789abcdefghij";

static struct end ends_of(int fd, int other)
{
	return (struct end){ fd, other };
}

static struct end file(int flags)
{
	int fd;

	unlink("file");
	fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0600);
	if (write(fd, text, 20) != 20)
		exit(2);
	return ends_of(open("file", flags), fd);
}

static struct end file_both(void) { return file(O_RDWR); }
static struct end file_read(void) { return file(O_RDONLY); }
static struct end file_write(void) { return file(O_WRONLY); }
static struct end file_append(void) { return file(O_RDWR | O_APPEND); }
static struct end file_path(void) { return file(O_PATH); }

static struct end memory(void)
{
	int fd = memfd_create("m", 0);

	if (write(fd, text, 20) != 20)
		exit(2);
	lseek(fd, 0, SEEK_SET);
	return ends_of(fd, fcntl(fd, F_DUPFD, 0));
}

static struct end pipe_end(int which, int flags, int data)
{
	int p[2];

	if (pipe2(p, flags) || (data && write(p[1], text, 20) != 20))
		exit(2);
	return ends_of(p[which], p[!which]);
}

static struct end pipe_out(void) { return pipe_end(0, 0, 1); }
static struct end pipe_in(void) { return pipe_end(1, 0, 0); }
static struct end pipe_out_nonblocking(void) { return pipe_end(0, O_NONBLOCK, 1); }
static struct end pipe_in_nonblocking(void) { return pipe_end(1, O_NONBLOCK, 1); }

static struct end pipe_closed(void)
{
	struct end end = pipe_end(0, 0, 0);

	close(end.other);
	return ends_of(end.fd, -1);
}

static struct end pipe_broken(void)
{
	struct end end = pipe_end(1, 0, 0);

	close(end.other);
	return ends_of(end.fd, -1);
}

static struct end sockets(int type)
{
	int s[2];

	if (socketpair(AF_UNIX, type, 0, s) || write(s[1], text, 20) != 20)
		exit(2);
	return ends_of(s[0], s[1]);
}

static struct end stream(void) { return sockets(SOCK_STREAM); }
static struct end datagrams(void) { return sockets(SOCK_DGRAM); }

static struct end event(void)
{
	int fd = eventfd(3, 0);

	return ends_of(fd, fcntl(fd, F_DUPFD, 0));
}

static struct end null(void) { return ends_of(open("/dev/null", O_RDWR), -1); }
static struct end zero(void) { return ends_of(open("/dev/zero", O_RDWR), -1); }
static struct end directory(void) { return ends_of(open(".", O_RDONLY), -1); }
static struct end closed(void) { return ends_of(777, -1); }

/* The data is not compared, because a terminal echoes at any time. */
static struct end terminal(void)
{
	static int master = -1;
	int slave;

	close(master);
	if (openpty(&master, &slave, NULL, NULL, NULL) || write(master, "line\n", 5) != 5)
		exit(2);
	return ends_of(slave, -1);
}

static const struct kind {
	const char *name;
	struct end (*make)(void);
} kinds[] = {
	{ "file", file_both }, { "file for reading", file_read }, { "file for writing", file_write },
	{ "file for appending", file_append }, { "path", file_path }, { "memory", memory },
	{ "pipe's read end", pipe_out }, { "pipe's write end", pipe_in },
	{ "non-blocking pipe's read end", pipe_out_nonblocking },
	{ "non-blocking pipe's write end", pipe_in_nonblocking },
	{ "pipe without a writer", pipe_closed }, { "pipe without a reader", pipe_broken },
	{ "stream", stream }, { "datagrams", datagrams }, { "event", event }, { "null", null },
	{ "zero", zero },
	{ "directory", directory }, { "terminal", terminal }, { "closed", closed },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), ABSENT = -100, BAD = -101, FIXED = -102 };

/* An offset: none, a bad address, read-only memory, or a number. */
static const struct { long in, out; } offsets[] = {
	{ ABSENT, ABSENT }, { 3, ABSENT }, { ABSENT, 2 }, { 3, 2 }, { -1, ABSENT }, { ABSENT, -1 },
	{ BAD, ABSENT }, { ABSENT, BAD }, { FIXED, ABSENT }, { ABSENT, FIXED }, { 1000, ABSENT },
	{ ABSENT, 1000 }, { 0x7fffffffffffffff, ABSENT },
};

static const struct { size_t len; unsigned flags; } amounts[] = {
	{ 4, 0 }, { 0, 0 }, { 100, SPLICE_F_MOVE | SPLICE_F_MORE }, { 4, SPLICE_F_NONBLOCK },
	{ 4, 0x80 }, { 1ul << 31, SPLICE_F_NONBLOCK },
};

static volatile sig_atomic_t broken;

static void on_signal(int sig)
{
	broken += sig == SIGPIPE;
}

static off_t variables[2];
static off_t *fixed;
/* An unmapped address, hidden from the compiler. */
static off_t *volatile nowhere = (off_t *)8;

static off_t *offset_of(int i, long value)
{
	if (value == ABSENT)
		return NULL;
	if (value == BAD)
		return nowhere;
	if (value == FIXED)
		return fixed;
	variables[i] = value;
	return &variables[i];
}

/* Prints the part of the text that other shows. */
static void say_data(int other)
{
	char buf[64] = "";
	ssize_t n = -1;

	if (other < 0)
		return;
	if (lseek(other, 0, SEEK_CUR) >= 0) {
		n = pread(other, buf, sizeof(buf) - 1, 0);
	} else {
		fcntl(other, F_SETFL, O_NONBLOCK);
		n = read(other, buf, sizeof(buf) - 1);
	}
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] < ' ')
			buf[i] = '?';
	printf(" [%zd %s]", n, buf);
}

/* Again and again: on a busy machine the first can come before the call waits. */
static void set_alarm(int ms)
{
	const struct timeval time = { 0, ms * 1000 };

	setitimer(ITIMER_REAL, &(struct itimerval){ time, time }, NULL);
}

static void move(const struct kind *from, const struct kind *to, size_t at, size_t amount)
{
	struct end in = from->make(), out = to->make();
	off_t *in_at = offset_of(0, offsets[at].in), *out_at = offset_of(1, offsets[at].out);
	long ret;
	int err;

	broken = 0;
	set_alarm(10);
	errno = 0;
	ret = splice(in.fd, in_at, out.fd, out_at, amounts[amount].len, amounts[amount].flags);
	err = errno;
	printf("splice %s to %s, %ld %ld, %zu %x: %ld %s signals %d, at %ld %ld, %ld %ld",
	       from->name, to->name, offsets[at].in, offsets[at].out, amounts[amount].len,
	       amounts[amount].flags, ret, err ? strerrorname_np(err) : "-", (int)broken,
	       (long)variables[0], (long)variables[1], (long)lseek(in.fd, 0, SEEK_CUR),
	       (long)lseek(out.fd, 0, SEEK_CUR));
	set_alarm(0);
	say_data(in.other);
	say_data(out.other);
	printf("\n");
	if (at == 0) {
		set_alarm(10);
		errno = 0;
		ret = tee(in.fd, out.fd, amounts[amount].len, amounts[amount].flags);
		printf("  tee: %ld %s signals %d\n", ret, errno ? strerrorname_np(errno) : "-",
		       (int)broken);
		set_alarm(0);
	}
	close(in.fd);
	close(in.other);
	close(out.fd);
	close(out.other);
}

static bool has_pipe(const struct kind *kind)
{
	return strstr(kind->name, "pipe");
}

static void move_all(const struct kind *from, const struct kind *to)
{
	/* Without a pipe the result is always the same. */
	bool all = has_pipe(from) || has_pipe(to);
	size_t ways = all ? sizeof(offsets) / sizeof(offsets[0]) : 2;
	size_t sizes = all ? sizeof(amounts) / sizeof(amounts[0]) : 1;

	for (size_t at = 0; at < ways; at++)
		for (size_t n = 0; n < sizes; n++)
			move(from, to, at, n);
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGPIPE, &act, NULL);
	sigaction(SIGALRM, &act, NULL);
	fixed = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < KINDS; i++)
		for (size_t k = 0; k < KINDS; k++)
			move_all(&kinds[i], &kinds[k]);
	return 0;
}
