/* SPDX-License-Identifier: MIT */
/* Benchmarks connections: connect and accept, each timed alone. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench.h"

#define BATCH 64		/* connections that wait to be accepted */

static int listener, client[BATCH], server[BATCH];
static union {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_un un;
} addr;
static socklen_t addr_len;

static void prepare(char **args)
{
	memset(&addr, 0, sizeof(addr));
	if (!strcmp(args[0], "tcp")) {
		addr.in.sin_family = AF_INET;
		addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		addr_len = sizeof(addr.in);
	} else {
		/* The kernel picks a name in the abstract namespace. */
		addr.un.sun_family = AF_UNIX;
		addr_len = sizeof(sa_family_t);
	}
	/* connect waits for the answer to the first packet. */
	floor_knows.writes_wait = addr.any.sa_family == AF_INET;
	listener = socket(addr.any.sa_family, SOCK_STREAM, 0);
	must(listener >= 0 && !bind(listener, &addr.any, addr_len), "bind");
	must(!listen(listener, BATCH), "listen");
	addr_len = sizeof(addr);
	must(!getsockname(listener, &addr.any, &addr_len), "getsockname");
}

/* Resets the connection, so that no port stays in TIME_WAIT. */
static void end_connection(int i)
{
	const struct linger linger = { .l_onoff = 1 };

	setsockopt(client[i], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(client[i]);
	close(server[i]);
}

static void connect_all(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		must(!io->connect(client[i], &addr.any, addr_len), "connect");
}

static void accept_all(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		server[i] = io->accept(listener, NULL, NULL);
		must(server[i] >= 0, "accept");
	}
}

static inline void repeat(unsigned long count, bool accepts)
{
	while (count) {
		unsigned long some = count < BATCH ? count : BATCH;

		count -= some;
		for (unsigned long i = 0; i < some; i++)
			client[i] = socket(addr.any.sa_family, SOCK_STREAM, 0);
		clock_on();
		connect_all(some);
		if (accepts)
			clock_on();
		else
			clock_off();
		accept_all(some);
		if (accepts)
			clock_off();
		for (unsigned long i = 0; i < some; i++)
			end_connection((int)i);
	}
}

static void repeat_connect(unsigned long count)
{
	repeat(count, false);
}

static void repeat_accept(unsigned long count)
{
	repeat(count, true);
}

/* A datagram socket, on which connect only records the address. */
static void prepare_nonblocking(char **args)
{
	addr.in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(9),
					.sin_addr = { htonl(INADDR_LOOPBACK) } };
	addr_len = sizeof(addr.in);
	*client = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	must(*client >= 0, "socket");
}

static void repeat_nonblocking(unsigned long count)
{
	clock_on();
	while (count--)
		must(!io->connect(*client, &addr.any, addr_len), "connect");
	clock_off();
}

const struct subject connection_subjects[] = {
	{ "connect", "tcp|unix", 1, prepare, repeat_connect, NULL },
	{ "accept", "tcp|unix", 1, prepare, repeat_accept, NULL },
	{ "connect-nonblocking", "", 0, prepare_nonblocking, repeat_nonblocking, NULL },
	{ 0 }
};
