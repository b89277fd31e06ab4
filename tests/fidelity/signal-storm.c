/* SPDX-License-Identifier: MIT */
/*
 * Stress test: threads read, write, accept and connect over pipes, sockets and files, under signals
 * every 100 to 300 us to random threads, some restarting and some interrupting, while others fork.
 * At the end every byte must have arrived once and in order. Totals go to standard error.
 *
 * STORM_SECONDS (default 5) and STORM_SEED (default: from the clock).
 */
#include "harness.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 20000	/* of one transfer */
#define RECORD 64

enum carrier { PIPE, UNIX, TCP, SEQPACKET };

struct stream {
	enum carrier carrier;
	int in, out;
	uint64_t sent, received;
};

struct worker {
	void *(*body)(void *arg);
	void *arg;
	pthread_t thread;
	atomic_int tid;
};

struct totals {
	atomic_long calls, interrupted, partial, signals, in_handlers;
	atomic_long connections, forks, file_rounds;
};

static struct totals totals;
static atomic_int stop, wrong, stop_signals;
static unsigned seed;
static __thread unsigned dice;

static unsigned roll(unsigned sides)
{
	if (!dice)
		dice = seed ^ (unsigned)fid_gettid() * 2654435761u;
	dice = dice * 1664525 + 1013904223;
	return (dice >> 8) % sides;
}

static void complain(const char *what, long result)
{
	if (atomic_fetch_add(&wrong, 1) < 20)
		fid_say("%s: %s", what, fid_result(result));
}

/* Counts the result and returns it as -errno; anything but data or EINTR is a failure. */
static long counted(long result)
{
	totals.calls++;
	if (result >= 0)
		return result;
	if (errno == EINTR)
		totals.interrupted++;
	return -errno;
}

static __thread int own_pipe[2];
static __thread bool have_pipe;

static void on_signal(int sig)
{
	int saved = errno;
	char c = 's';

	totals.signals++;
	/* Now and then a handler does I/O too. */
	if (have_pipe && totals.signals % 16 == 0) {
		while (write(own_pipe[1], &c, 1) < 0)
			;
		while (read(own_pipe[0], &c, 1) < 0)
			;
		totals.in_handlers++;
	}
	errno = saved;
}

static void open_own_pipe(void)
{
	have_pipe = !pipe(own_pipe);
}

static const struct { int sig, flags; } signals[] = {
	{ SIGUSR1, SA_RESTART }, { SIGUSR2, 0 }, { SIGHUP, SA_RESTART | SA_NODEFER },
	{ SIGURG, SA_RESTART }, { SIGALRM, 0 },
};

static void install(void)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction sa = { .sa_handler = on_signal, .sa_flags = signals[i].flags };

		sigaction(signals[i].sig, &sa, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

/* Streams */

static long put(struct stream *s, unsigned char *buf, size_t len)
{
	struct iovec v[2] = { { buf, len / 3 }, { buf + len / 3, len - len / 3 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };

	switch (roll(s->carrier == PIPE ? 2 : 4)) {
	case 0: return counted(write(s->out, buf, len));
	case 1: return counted(writev(s->out, v, 2));
	case 2: return counted(send(s->out, buf, len, MSG_NOSIGNAL));
	default: return counted(sendmsg(s->out, &m, 0));
	}
}

static long get(struct stream *s, unsigned char *buf, size_t len)
{
	struct iovec v[2] = { { buf, len / 3 }, { buf + len / 3, len - len / 3 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };

	switch (roll(s->carrier == PIPE ? 2 : 4)) {
	case 0: return counted(read(s->in, buf, len));
	case 1: return counted(readv(s->in, v, 2));
	case 2: return counted(recv(s->in, buf, len, 0));
	default: return counted(recvmsg(s->in, &m, 0));
	}
}

static void *sends(void *arg)
{
	unsigned char *buf = malloc(MOST);
	struct stream *s = arg;

	open_own_pipe();
	while (!stop) {
		size_t len = 1 + roll(roll(4) ? 1000 : MOST);
		long n;

		fid_fill(buf, len, s->sent);
		n = put(s, buf, len);
		if (n > 0) {
			s->sent += n;
			totals.partial += (size_t)n < len;
		} else if (n != -EINTR) {
			complain("send", n);
			break;
		}
	}
	close(s->out);
	return NULL;
}

static void *receives(void *arg)
{
	unsigned char *buf = malloc(MOST);
	struct stream *s = arg;
	long n;

	open_own_pipe();
	while ((n = get(s, buf, s->carrier == SEQPACKET ? MOST : 1 + roll(MOST))) != 0) {
		if (n == -EINTR)
			continue;
		if (n < 0) {
			complain("receive", n);
			break;
		}
		if (!fid_matches(buf, n, s->received))
			complain("receive: not the next bytes", n);
		s->received += n;
	}
	return NULL;
}

/* Connections */

static struct sockaddr_storage addresses[2];
static socklen_t lengths[2];
static int listeners[2];

static void make_listeners(void)
{
	struct sockaddr_un *un = (void *)&addresses[0];
	struct sockaddr_in *in = (void *)&addresses[1];

	un->sun_family = AF_UNIX;
	strcpy(un->sun_path, "storm");
	lengths[0] = sizeof(*un);
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	lengths[1] = sizeof(*in);
	for (int i = 0; i < 2; i++) {
		listeners[i] = socket(i ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
		if (bind(listeners[i], (void *)&addresses[i], lengths[i]) || listen(listeners[i], 4) ||
		    getsockname(listeners[i], (void *)&addresses[i], &lengths[i]))
			fid_die("listener");
	}
}

/* An interrupted TCP connect continues by itself; a unix connect is made again. */
static long connected(int fd, int which)
{
	struct pollfd p = { fd, POLLOUT, 0 };
	socklen_t len = sizeof(int);
	int err = 0;
	long n;

	n = counted(connect(fd, (void *)&addresses[which], lengths[which]));
	while (which == 0 && n == -EINTR)
		n = counted(connect(fd, (void *)&addresses[which], lengths[which]));
	if (n != -EINTR)
		return n;
	while (poll(&p, 1, -1) < 0)
		;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return -err;
}

static bool moved(int fd, unsigned char *buf, size_t len, bool out)
{
	size_t done = 0;

	while (done < len) {
		long n = counted(out ? write(fd, buf + done, len - done) :
				 read(fd, buf + done, len - done));

		if (n == 0 || (n < 0 && n != -EINTR))
			return false;
		if (n > 0)
			done += n;
	}
	return true;
}

static void *connects(void *arg)
{
	int which = (long)arg;
	uint64_t place = 0;

	open_own_pipe();
	for (bool last = false; !last; place += RECORD) {
		unsigned char out[RECORD + 1], in[RECORD + 1];
		int fd = socket(which ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
		long n = connected(fd, which);

		if (n < 0) {
			complain("connect", n);
			close(fd);
			break;
		}
		last = stop;
		fid_fill(out, RECORD, place);
		out[RECORD] = last;
		if (!moved(fd, out, RECORD + 1, true) || !moved(fd, in, RECORD + 1, false) ||
		    memcmp(in, out, RECORD + 1))
			complain("echo", -errno);
		close(fd);
		totals.connections++;
	}
	return NULL;
}

static void *accepts(void *arg)
{
	int which = (long)arg;
	unsigned char buf[RECORD + 1] = "";

	open_own_pipe();
	while (!buf[RECORD]) {
		long fd = counted(roll(2) ? accept(listeners[which], NULL, NULL) :
				  accept4(listeners[which], NULL, NULL, SOCK_CLOEXEC));

		if (fd == -EINTR)
			continue;
		if (fd < 0) {
			complain("accept", fd);
			break;
		}
		if (!moved(fd, buf, RECORD + 1, false) || !moved(fd, buf, RECORD + 1, true))
			complain("serve", -errno);
		close(fd);
	}
	return NULL;
}

/* Files: no call on them must ever be interrupted */

static void whole(const char *what, long result, long expected)
{
	totals.calls++;
	if (result != expected)
		complain(what, result < 0 ? -errno : result);
}

static void *files(void *arg)
{
	unsigned char *out = malloc(MOST), *in = malloc(MOST);
	char name[32];
	int fd;

	open_own_pipe();
	snprintf(name, sizeof(name), "storm%ld", (long)arg);
	fd = open(name, O_RDWR | O_CREAT, 0600);
	while (!stop) {
		size_t len = 1 + roll(MOST), at = roll(100000);

		fid_fill(out, len, at);
		whole("pwrite", pwrite(fd, out, len, at), len);
		if (roll(8) == 0)
			whole("fsync", roll(2) ? fsync(fd) : fdatasync(fd), 0);
		memset(in, 0, len);
		whole("pread", pread(fd, in, len, at), len);
		whole("pread data", fid_matches(in, len, at), 1);
		whole("lseek", lseek(fd, at, SEEK_SET), at);
		whole("write", write(fd, out, len), len);
		whole("lseek", lseek(fd, at, SEEK_SET), at);
		whole("read", read(fd, in, len), len);
		whole("read data", fid_matches(in, len, at), 1);
		totals.file_rounds++;
	}
	return NULL;
}

/* Two threads, one file position */

static int shared_file;
static atomic_long records;

static void *appends(void *arg)
{
	unsigned char record[RECORD];

	open_own_pipe();
	while (!stop && records < 100000) {
		memset(record, 'a' + (long)arg, RECORD);
		whole("record", write(shared_file, record, RECORD), RECORD);
		records++;
	}
	return NULL;
}

static void check_records(void)
{
	unsigned char record[RECORD];
	long at = 0;

	for (; pread(shared_file, record, RECORD, at * RECORD) == RECORD; at++)
		for (int i = 1; i < RECORD; i++)
			if (record[i] != record[0] || record[0] < 'a' || record[0] > 'b')
				complain("torn record", at);
	if (at != records)
		complain("records in the file", at);
}

/* Processes */

static void child(void)
{
	unsigned char buf[500];
	int p[2];

	if (pipe(p))
		_exit(1);
	fid_fill(buf, sizeof(buf), 9);
	if (!moved(p[1], buf, sizeof(buf), true) || !moved(p[0], buf, sizeof(buf), false) ||
	    !fid_matches(buf, sizeof(buf), 9))
		_exit(2);
	_exit(7);
}

static void *forks(void *arg)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)"exit 7", NULL };

	open_own_pipe();
	while (!stop) {
		int status = 0, kind = roll(8);
		long got;
		pid_t pid = -1;

		if (kind == 0) {
			if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ))
				complain("posix_spawn", -errno);
		} else if (kind == 1) {
			pid = vfork();
			if (pid == 0)
				_exit(7);
		} else {
			pid = fork();
			if (pid == 0)
				child();
		}
		while ((got = counted(waitpid(pid, &status, 0))) == -EINTR)
			;
		if (got != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 7)
			complain("child", status);
		totals.forks++;
		fid_sleep_us(roll(3000));
	}
	return NULL;
}

/* The sources of signals */

static struct worker workers[40];
static int worker_count;

static void *worker_body(void *arg)
{
	struct worker *w = arg;

	w->tid = fid_gettid();
	w->body(w->arg);
	w->tid = -1;
	return NULL;
}

static void employ(void *(*body)(void *), void *arg)
{
	struct worker *w = &workers[worker_count++];

	w->body = body;
	w->arg = arg;
	if (pthread_create(&w->thread, NULL, worker_body, w))
		fid_die("pthread_create");
}

static void *thunders(void *arg)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (!stop_signals) {
		struct worker *w = &workers[roll(worker_count)];
		int sig = signals[roll(5)].sig;

		fid_sleep_us(100 + roll(200));
		if (w->tid > 0)
			fid_sys3(SYS_tgkill, getpid(), w->tid, sig);
	}
	return NULL;
}

static void make_stream(struct stream *s)
{
	int p[2];

	if (s->carrier == PIPE && pipe(p))
		fid_die("pipe");
	if (s->carrier == UNIX || s->carrier == SEQPACKET) {
		if (socketpair(AF_UNIX, s->carrier == UNIX ? SOCK_STREAM : SOCK_SEQPACKET, 0, p))
			fid_die("socketpair");
	}
	if (s->carrier == TCP) {
		p[1] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(p[1], (void *)&addresses[1], lengths[1]))
			fid_die("connect");
		p[0] = accept(listeners[1], NULL, NULL);
	}
	s->in = p[0];
	s->out = p[1];
}

static void storm(const void *arg)
{
	static struct stream streams[] = { { .carrier = PIPE }, { .carrier = PIPE },
		{ .carrier = UNIX }, { .carrier = UNIX }, { .carrier = TCP }, { .carrier = TCP },
		{ .carrier = SEQPACKET } };
	const size_t count = sizeof(streams) / sizeof(streams[0]);
	struct itimerval timer = { { 0, 7000 }, { 0, 7000 } };
	long seconds = *(const long *)arg;
	uint64_t bytes = 0;
	pthread_t thunder;

	seed = getenv("STORM_SEED") ? strtoul(getenv("STORM_SEED"), NULL, 0) : (unsigned)time(NULL);
	fprintf(stderr, "# storm: STORM_SEED=%u, %ld s\n", seed, seconds);
	install();
	make_listeners();
	shared_file = open("records", O_RDWR | O_CREAT, 0600);
	for (size_t i = 0; i < count; i++) {
		make_stream(&streams[i]);
		employ(sends, &streams[i]);
		employ(receives, &streams[i]);
	}
	for (long i = 0; i < 2; i++) {
		employ(connects, (void *)i);
		employ(accepts, (void *)i);
		employ(files, (void *)i);
		employ(appends, (void *)i);
	}
	employ(forks, NULL);
	pthread_create(&thunder, NULL, thunders, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (long until = fid_now_ms() + seconds * 1000; fid_now_ms() < until; )
		fid_sleep_us(50000);
	stop = 1;
	for (int i = 0; i < worker_count; i++)
		pthread_join(workers[i].thread, NULL);
	stop_signals = 1;
	pthread_join(thunder, NULL);
	timer = (struct itimerval){ { 0, 0 }, { 0, 0 } };
	setitimer(ITIMER_REAL, &timer, NULL);
	for (size_t i = 0; i < count; i++) {
		bytes += streams[i].received;
		if (streams[i].sent != streams[i].received)
			complain("bytes that did not arrive", streams[i].sent - streams[i].received);
	}
	check_records();
	fprintf(stderr, "# storm: %ld calls, %ld interrupted, %ld partly done, %ld signals, "
		"%ld with I/O in the handler, %lu bytes, %ld connections, %ld processes, "
		"%ld rounds on files, %ld records\n", totals.calls, totals.interrupted,
		totals.partial, totals.signals, totals.in_handlers, (unsigned long)bytes,
		totals.connections, totals.forks, totals.file_rounds, records);
	fid_say("%s", wrong ? "WRONG" : "every byte once and in order");
	fid_say("%s", totals.interrupted && totals.forks && totals.connections && bytes ?
		"all took part" : "SOME DID NOTHING");
}

int main(int argc, char **argv)
{
	static long seconds = 5;
	struct fid_case c = { "storm", storm, &seconds, FID_RING, 0 };

	if (getenv("STORM_SECONDS") && atol(getenv("STORM_SECONDS")) > 0)
		seconds = atol(getenv("STORM_SECONDS"));
	c.seconds = seconds + 30;
	return fid_main(argc, argv, &c, 1);
}
