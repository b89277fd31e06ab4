/* SPDX-License-Identifier: MIT */
/*
 * once: sends 300 messages on a non-blocking socket while a timer's signals keep coming. Prints how
 * many messages did not arrive exactly once.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { MESSAGES = 300, LEN = 1000 };

static volatile sig_atomic_t signals;

static void on_alarm(int sig)
{
	signals++;
}

static void start_timer(void)
{
	const struct itimerval often = { { 0, 200 }, { 0, 200 } };
	struct sigaction act = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

/* Returns how many messages with this content there are. */
static int count(int fd, char content)
{
	char buf[LEN];
	int found = 0;
	ssize_t len;

	while ((len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0 || (len < 0 && errno == EINTR))
		found += len == LEN && buf[0] == content && !memcmp(buf, buf + 1, LEN - 1);
	return found;
}

int main(void)
{
	int pair[2], wrong = 0;
	char buf[LEN];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair))
		return 1;
	start_timer();
	for (int i = 0; i < MESSAGES; i++) {
		memset(buf, 'a' + i % 26, LEN);
		if (send(pair[0], buf, LEN, 0) != LEN)
			return 1;
		wrong += count(pair[1], buf[0]) != 1;
	}
	printf("%d of %d wrong\n", wrong, MESSAGES);
	return signals == 0;
}
