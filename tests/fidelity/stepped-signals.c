/* SPDX-License-Identifier: MIT */
/*
 * Delivers a signal between the instructions of a call. A tracer runs N instructions of the call,
 * sends a signal whose handler makes calls too, and continues; N grows until the call completes
 * first. Every message must arrive once, in order. STEPPED_PACE=1 tests each instruction; the
 * default is each seventh, in a seventh of the time.
 */
#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGES = 3, MARK = SIGUSR2, NUMBERS = 1 << 16 };

struct call {
	/* Makes the call. Returns true if it did its work. */
	bool (*make)(void);
};

static int ends[2];		/* a socket pair with message boundaries */
static int pipes[MESSAGES][2];
static int own[2];		/* used by the handler */
static unsigned sent, received;	/* numbers of messages */
static volatile sig_atomic_t handled, failed;

/* Makes one operation, so that its entries overwrite those that the call was filling. */
static void on_signal(int sig)
{
	int saved = errno;
	char byte = 'x';

	handled++;
	if (write(own[1], &byte, 1) != 1 ||
	    fid_sys3(SYS_read, own[0], &byte, 1) != 1)
		failed++;
	errno = saved;
}

/* Receives past the library, without waiting. */
static bool arrives(unsigned number)
{
	unsigned got = 0;

	return raw6(SYS_recvfrom, ends[0], FID_ARG(&got), sizeof(got), MSG_DONTWAIT, 0, 0) ==
		       sizeof(got) && got == number;
}

static bool arrive(unsigned until)
{
	bool right = true;

	while (right && received < until)
		right = arrives(received++);
	return right && raw6(SYS_recvfrom, ends[0], FID_ARG(&(int){ 0 }), 4, MSG_DONTWAIT, 0,
				 0) == -EAGAIN;
}

static void prepare(struct mmsghdr *msgs, struct iovec *iovs, unsigned *numbers)
{
	memset(msgs, 0, MESSAGES * sizeof(*msgs));
	for (unsigned i = 0; i < MESSAGES; i++) {
		iovs[i] = (struct iovec){ &numbers[i], sizeof(numbers[i]) };
		msgs[i].msg_hdr.msg_iov = &iovs[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
}

static bool send_one(void)
{
	unsigned number = sent++;

	return send(ends[1], &number, sizeof(number), 0) == sizeof(number) && arrive(sent);
}

static bool send_many(void)
{
	struct mmsghdr msgs[MESSAGES];
	struct iovec iovs[MESSAGES];
	unsigned numbers[MESSAGES];
	int ret;

	prepare(msgs, iovs, numbers);
	for (unsigned i = 0; i < MESSAGES; i++)
		numbers[i] = sent + i;
	/* A signal can end it after some of the messages. */
	ret = sendmmsg(ends[1], msgs, MESSAGES, 0);
	if (ret <= 0)
		return false;
	sent += (unsigned)ret;
	return arrive(sent);
}

static void put(void)
{
	unsigned number = sent++;

	raw6(SYS_sendto, ends[1], FID_ARG(&number), sizeof(number), 0, 0, 0);
}

static bool receive_one(void)
{
	unsigned number = 0;

	put();
	return recv(ends[0], &number, sizeof(number), 0) == sizeof(number) && number == received++;
}

static bool receive_many(void)
{
	struct mmsghdr msgs[MESSAGES];
	struct iovec iovs[MESSAGES];
	unsigned numbers[MESSAGES];
	int ret;

	prepare(msgs, iovs, numbers);
	while (sent < received + MESSAGES)
		put();
	ret = recvmmsg(ends[0], msgs, MESSAGES, 0, NULL);
	for (int i = 0; i < ret; i++)
		if (numbers[i] != received++ || msgs[i].msg_len != sizeof(numbers[i]))
			return false;
	return ret > 0;
}

static bool poll_many(void)
{
	struct pollfd fds[MESSAGES];
	int ret;

	for (int i = 0; i < MESSAGES; i++)
		fds[i] = (struct pollfd){ .fd = pipes[i][i % 2], .events = i % 2 ? POLLOUT : POLLIN };
	ret = poll(fds, MESSAGES, 2000);
	if (ret < 0)
		return errno == EINTR;
	for (int i = 0; i < MESSAGES; i++)
		if (fds[i].revents != (i % 2 ? POLLOUT : 0))
			return false;
	return ret == MESSAGES / 2;
}

static const struct call calls[] = {
	{ send_one }, { send_many }, { receive_one }, { receive_many }, { poll_many },
};

static void mark(void)
{
	fid_sys2(SYS_kill, fid_sys0(SYS_getpid), MARK);
}

static void make_calls(const struct call *call)
{
	atomic_int *over = fid_shm;
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < MESSAGES; i++)
		if (pipe(pipes[i]))
			fid_die("pipe");
	if (pipe(own) || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends))
		fid_die("socketpair");
	fid_sys4(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
	/* The first calls make the ring and look up the kinds of the descriptors. */
	for (int i = 0; i < 4; i++)
		if (!call->make())
			_exit(2);
	while (!atomic_load(over)) {
		bool right;

		mark();
		right = call->make();
		mark();
		if (!right || failed)
			_exit(1);
	}
	_exit(0);
}

/* Waits for pid. Returns the signal that it stopped with, or -1 if it has exited. */
static int stopped_with(pid_t pid, int *status)
{
	if (fid_sys4(SYS_wait4, pid, FID_ARG(status), __WALL, 0) != pid || !WIFSTOPPED(*status))
		return -1;
	return WSTOPSIG(*status);
}

static int go(pid_t pid, int how, int sig, int *status)
{
	fid_sys4(SYS_ptrace, how, pid, 0, FID_ARG((long)sig));
	return stopped_with(pid, status);
}

/* Runs it to its next mark; delivers any other signal that stops it. */
static int to_mark(pid_t pid, int sig, int *status)
{
	do
		sig = go(pid, PTRACE_CONT, sig, status);
	while (sig >= 0 && sig != MARK);
	return sig;
}

/* Runs so many instructions of a call. Returns true if the call is not over by then. */
static bool step(pid_t pid, unsigned count, int *status)
{
	while (count--)
		if (go(pid, PTRACE_SINGLESTEP, 0, status) != SIGTRAP)
			return false;
	return true;
}

static void one_processor(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void run(const void *arg)
{
	const char *pace = getenv("STEPPED_PACE");
	unsigned at = 0, by = pace ? (unsigned)atoi(pace) : 7;
	atomic_int *over = fid_shm;
	int status = 0, sig;
	pid_t pid;

	one_processor();
	pid = fid_fork();
	if (!pid)
		make_calls(arg);
	sig = stopped_with(pid, &status);
	while (sig == MARK && step(pid, at, &status)) {
		sig = to_mark(pid, SIGUSR1, &status);
		if (sig == MARK)
			sig = to_mark(pid, 0, &status);
		at += by;
	}
	atomic_store(over, 1);
	while (sig >= 0 && !WIFEXITED(status))
		sig = go(pid, PTRACE_CONT, 0, &status);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		fid_say("every one once, in order");
	else
		fid_say("WRONG at instruction %u, status %x", at, status);
	if (getenv("STEPPED_SHOW"))
		fid_say("%u instructions", at);
}

static const struct fid_case cases[] = {
	{ "send", run, &calls[0], FID_TRACER, 300 },
	{ "sendmmsg", run, &calls[1], FID_TRACER, 300 },
	{ "recv", run, &calls[2], FID_TRACER, 300 },
	{ "recvmmsg", run, &calls[3], FID_TRACER, 300 },
	{ "poll", run, &calls[4], FID_TRACER, 300 },
};

int main(int argc, char **argv)
{
	return fid_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
