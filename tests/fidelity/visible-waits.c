/* SPDX-License-Identifier: MIT */
/*
 * Tests how other processes see a waiting process. Two processes wait for the same event, and the
 * first one is stopped, traced or frozen: checks which one gets it. Also checks partly complete
 * calls when the process is stopped and continued, and the accounting of the wait as I/O wait.
 */
#include "harness.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum way { STOP, TRACE, FREEZE };

struct kind {
	const char *name;
	void (*make)(void);		/* makes the ends */
	void (*wait)(void);		/* waits for the event */
	void (*give)(void);		/* causes one event */
};

static int ends[2];	/* the waiting processes' end, and the other one */
static struct sockaddr_storage address;
static socklen_t address_len;
static char byte[2][8];

static void listens(int family)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	memset(&address, 0, sizeof(address));
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(&address, &in, sizeof(in));
	/* For unix sockets the kernel picks a name too. */
	address.ss_family = (sa_family_t)family;
	address_len = family == AF_UNIX ? sizeof(sa_family_t) : sizeof(in);
	ends[0] = socket(family, SOCK_STREAM, 0);
	if (bind(ends[0], (void *)&address, address_len) || listen(ends[0], 8))
		fid_die("listen");
	address_len = sizeof(address);
	getsockname(ends[0], (void *)&address, &address_len);
}

static void listens_tcp(void) { listens(AF_INET); }
static void listens_unix(void) { listens(AF_UNIX); }
static void pair_stream(void) { socketpair(AF_UNIX, SOCK_STREAM, 0, ends); }
static void pair_datagram(void) { socketpair(AF_UNIX, SOCK_DGRAM, 0, ends); }
static void makes_pipe(void) { (void)!pipe(ends); }
static void makes_event(void) { ends[0] = ends[1] = eventfd(0, 0); }

static void makes_fifo(void)
{
	char name[30];

	snprintf(name, sizeof(name), "/tmp/stopped.%d", getpid());
	if (mkfifo(name, 0600))
		fid_die("mkfifo");
	ends[0] = ends[1] = open(name, O_RDWR);
	unlink(name);
}

static void makes_udp(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ends[0] = socket(AF_INET, SOCK_DGRAM, 0);
	ends[1] = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(ends[0], (void *)&in, len) || getsockname(ends[0], (void *)&in, &len) ||
	    connect(ends[1], (void *)&in, len))
		fid_die("udp");
}

static void makes_tcp(void)
{
	listens_tcp();
	ends[1] = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(ends[1], (void *)&address, address_len))
		fid_die("connect");
	ends[0] = accept(ends[0], NULL, NULL);
}

static void accepts(void) { accept(ends[0], NULL, NULL); }
static void accepts4(void) { accept4(ends[0], NULL, NULL, SOCK_CLOEXEC); }
static void reads(void) { (void)!read(ends[0], byte[0], sizeof(byte[0])); }
static void receives(void) { recv(ends[0], byte[0], sizeof(byte[0]), 0); }

static void receives_message(void)
{
	struct iovec iov = { byte[0], sizeof(byte[0]) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	recvmsg(ends[0], &msg, 0);
}

static int receive_messages(int count)
{
	struct iovec iovs[2] = { { byte[0], sizeof(byte[0]) }, { byte[1], sizeof(byte[1]) } };
	struct mmsghdr msgs[2] = {
		{ .msg_hdr = { .msg_iov = &iovs[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &iovs[1], .msg_iovlen = 1 } },
	};

	return recvmmsg(ends[0], msgs, (unsigned)count, 0, NULL);
}

static void receives_messages(void) { receive_messages(1); }

static void connects(void)
{
	int fd = socket(address.ss_family, SOCK_STREAM, 0);

	if (connect(fd, (void *)&address, address_len))
		fid_die("connect");
}

static void writes(void) { (void)!write(ends[1], "12345678", 8); }

static const struct kind kinds[] = {
	{ "accept-tcp", listens_tcp, accepts, connects },
	{ "accept-unix", listens_unix, accepts, connects },
	{ "accept4-tcp", listens_tcp, accepts4, connects },
	{ "read-pipe", makes_pipe, reads, writes },
	{ "read-fifo", makes_fifo, reads, writes },
	{ "read-event", makes_event, reads, writes },
	{ "read-stream", pair_stream, reads, writes },
	{ "recv-tcp", makes_tcp, receives, writes },
	{ "recv-udp", makes_udp, receives, writes },
	{ "recv-datagram", pair_datagram, receives, writes },
	{ "recvmsg-udp", makes_udp, receives_message, writes },
	{ "recvmmsg-udp", makes_udp, receives_messages, writes },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

#define GROUP "/sys/fs/cgroup/freezer/stopped"

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	(void)!write(fd, text, strlen(text));
	close(fd);
}

static void hold(enum way way, pid_t pid)
{
	char id[20];
	int status;

	if (way == STOP)
		kill(pid, SIGSTOP);
	if (way == TRACE) {
		fid_sys4(SYS_ptrace, PTRACE_SEIZE, pid, 0, 0);
		fid_sys4(SYS_ptrace, PTRACE_INTERRUPT, pid, 0, 0);
		fid_sys4(SYS_wait4, pid, FID_ARG(&status), __WALL, 0);
	}
	if (way == STOP)
		fid_state(pid, pid, 'T');
	if (way != FREEZE)
		return;
	snprintf(id, sizeof(id), "%d", pid);
	put(GROUP "/cgroup.procs", id);
	put(GROUP "/freezer.state", "FROZEN");
	fid_sleep_us(50000);
}

struct shared_wait {
	const struct kind *kind;
	enum way way;
};

static void wait_shared(const void *arg)
{
	const struct shared_wait *shared = arg;
	bool frozen = shared->way == FREEZE && !mkdir(GROUP, 0755);
	atomic_int *got = fid_shm;
	pid_t pids[2];

	if (shared->way == FREEZE && !frozen) {
		fid_say("no freezer here");
		return;
	}
	shared->kind->make();
	for (int i = 0; i < 2; i++) {
		pids[i] = fid_fork();
		if (pids[i])
			fid_asleep(pids[i], pids[i], NULL);
		if (pids[i])
			continue;
		shared->kind->wait();
		atomic_store(got, i + 1);
		_exit(0);
	}
	hold(shared->way, pids[0]);
	shared->kind->give();
	for (int i = 0; i < 200 && !atomic_load(got); i++)
		fid_sleep_us(10000);
	fid_say("got by %d", atomic_load(got));
	if (frozen)
		put(GROUP "/freezer.state", "THAWED");
	/* The one that got it ends by itself, and then writes its statistics. */
	for (int i = 0; i < 2; i++) {
		if (atomic_load(got) != i + 1)
			kill(pids[i], SIGKILL);
		fid_reap(pids[i]);
	}
	if (frozen)
		rmdir(GROUP);
}

/* A call that has received one of two messages when the process is stopped and continued. */
static void partly_done(const void *arg)
{
	const struct kind *kind = arg;
	atomic_int *result = fid_shm;
	pid_t pid;

	kind->make();
	kind->give();
	pid = fid_fork();
	if (!pid) {
		atomic_store(result, 100 + receive_messages(2));
		_exit(0);
	}
	fid_asleep(pid, pid, NULL);
	kill(pid, SIGSTOP);
	fid_state(pid, pid, 'T');
	kill(pid, SIGCONT);
	for (int i = 0; i < 100 && !atomic_load(result); i++)
		fid_sleep_us(10000);
	if (atomic_load(result))
		fid_say("ended with %d", atomic_load(result) - 100);
	else
		fid_say("waits on");
	if (!atomic_load(result))
		kill(pid, SIGKILL);
	fid_reap(pid);
}

/* Returns hundredths of a second; 0 if the kernel does not report it. */
static long waited_for_io(void)
{
	char text[1024], *field;
	int fd = open("/proc/self/stat", O_RDONLY);
	long len = fid_sys3(SYS_read, fd, text, sizeof(text) - 1);

	close(fd);
	text[len > 0 ? len : 0] = '\0';
	field = strrchr(text, ')');
	/* Field 42; field 2 ends at this bracket. */
	for (int i = 2; field && i < 42; i++)
		field = strchr(field + 1, ' ');
	return field ? strtol(field, NULL, 10) : 0;
}

static void idle(const void *arg)
{
	const struct kind *kind = arg;
	atomic_int *ready = fid_shm;
	pid_t pid;

	kind->make();
	pid = fid_fork();
	if (pid) {
		fid_until(ready, 1);
		fid_sleep_us(300000);
		kind->give();
		fid_reap(pid);
		return;
	}
	atomic_store(ready, 1);
	kind->wait();
	fid_say("%s", waited_for_io() > 10 ? "WRONG: waited for I/O" : "idle");
	_exit(0);
}

int main(int argc, char **argv)
{
	static const char *const ways[] = { "stop", "trace", "freeze" };
	static struct shared_wait waits[3 * KINDS];
	static struct fid_case cases[4 * KINDS + 3];
	static char names[4 * KINDS][40];
	size_t count = 0;

	for (size_t i = 0; i < KINDS; i++)
		for (int way = STOP; way <= FREEZE; way++) {
			if (way == FREEZE && i)
				continue;
			waits[count] = (struct shared_wait){ &kinds[i], way };
			snprintf(names[count], sizeof(names[count]), "%s/%s", kinds[i].name, ways[way]);
			cases[count] = (struct fid_case){ names[count], wait_shared, &waits[count],
				way == STOP ? 0 : way == TRACE ? FID_TRACER : FID_ROOT, 30 };
			count++;
		}
	for (size_t i = 0; i < KINDS; i++) {
		snprintf(names[count], sizeof(names[count]), "idle/%s", kinds[i].name);
		cases[count] = (struct fid_case){ names[count], idle, &kinds[i], 0, 30 };
		count++;
	}
	cases[count++] = (struct fid_case){ "partly/datagram", partly_done, &kinds[9], FID_RING, 30 };
	cases[count++] = (struct fid_case){ "partly/udp", partly_done, &kinds[8], FID_RING, 30 };
	cases[count++] = (struct fid_case){ "partly/stream", partly_done, &kinds[6], 0, 30 };
	return fid_main(argc, argv, cases, count);
}
