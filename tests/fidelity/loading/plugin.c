/* SPDX-License-Identifier: MIT */
/* A library that is loaded at run time; see host.c. */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Initial-exec: uses up part of the little static TLS space that is left. */
static __thread char ours[PLUGIN_TLS] __attribute__((tls_model(PLUGIN_MODEL)));
static int constructed;

static int io_works(void)
{
	char in[8] = "";
	int p[2], ok;

	if (pipe(p))
		return 0;
	ok = write(p[1], "plug", 4) == 4 && read(p[0], in, 8) == 4 && !strcmp(in, "plug");
	close(p[0]);
	close(p[1]);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p))
		return 0;
	ok = ok && send(p[0], "x", 1, 0) == 1 && recv(p[1], in, 1, 0) == 1;
	close(p[0]);
	close(p[1]);
	return ok;
}

__attribute__((constructor)) static void constructor(void)
{
	constructed = io_works();
}

__attribute__((destructor)) static void destructor(void)
{
	if (!io_works() && write(2, "WRONG\n", 6) < 0)
		_exit(99);
}

static void *body(void *arg)
{
	memset(ours, 1, sizeof(ours));
	return io_works() ? arg : NULL;
}

int plugin_works(void)
{
	pthread_t thread;
	void *result = NULL;

	memset(ours, 2, sizeof(ours));
	if (pthread_create(&thread, NULL, body, &thread))
		return 0;
	pthread_join(thread, &result);
	return constructed && io_works() && result && ours[PLUGIN_TLS - 1] == 2;
}
