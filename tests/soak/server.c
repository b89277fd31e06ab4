/* SPDX-License-Identifier: MIT */
/* A server in threads that come and go. It sends back what it gets, and keeps a log. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/soak/soak.h"

enum { WORKERS = 5, CONNECTIONS = 16, LOG_LIMIT = 1 << 20 };

static void lose_something(void)
{
	/* Without this the compiler would see that nobody uses the memory. */
	static void *volatile lost;

	if (leak == LEAK_DESCRIPTOR && dup(2) < 0)
		fail("dup: %m");
	if (leak == LEAK_MAPPING &&
	    mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		fail("mmap: %m");
	if (leak == LEAK_MEMORY)
		memset(lost = malloc(16384), 1, 16384);
}

/* The log begins anew when it has become long, as a rotated one does. */
static void log_connection(size_t size)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static FILE *file;
	static long lines;

	pthread_mutex_lock(&lock);
	if (file && ftell(file) > LOG_LIMIT) {
		fclose(file);
		file = NULL;
	}
	if (!file)
		file = fopen("log", "w");
	if (!file || fprintf(file, "connection of %zu bytes\n", size) < 0)
		fail("log: %m");
	if (++lines % 64 == 0 && (fflush(file) || fdatasync(fileno(file))))
		fail("log: %m");
	pthread_mutex_unlock(&lock);
}

static void serve(int listener)
{
	int fd = accept(listener, NULL, NULL);
	char buf[8192];
	size_t size = 0;
	ssize_t got;

	if (fd < 0)
		fail("accept: %m");
	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		write_all(fd, buf, (size_t)got);
		size += (size_t)got;
	}
	if (got < 0)
		fail("read of the server: %m");
	close(fd);
	log_connection(size);
	lose_something();
}

static void *run_worker(void *arg);

static void start_worker(void *listener)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_worker, listener) || pthread_detach(thread))
		fail("no thread");
}

/* Each worker makes way for another one, so that threads come and go but their number stays. */
static void *run_worker(void *listener)
{
	for (int i = 0; i < CONNECTIONS; i++)
		serve((int)(long)listener);
	start_worker(listener);
	return NULL;
}

static int listen_somewhere(void)
{
	struct sockaddr_in address = server_address();
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) || listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)&address, &length))
		fail("no listener: %m");
	add(&counts->port, ntohs(address.sin_port));
	return fd;
}

void run_server(void)
{
	int listener = listen_somewhere();

	handle_signals();
	for (int i = 0; i < WORKERS; i++)
		start_worker((void *)(long)listener);
	/* The ticks go on. */
	while (!is_over)
		pause();
	exit(0);
}
