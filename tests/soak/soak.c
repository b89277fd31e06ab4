/* SPDX-License-Identifier: MIT */
/*
 * A server and its clients, for as long as one likes: connections come and go, signals, threads,
 * children, logs, and a directory that is listed and read. Every byte that comes back is checked.
 * Meanwhile an observer looks at what both processes hold. None of it may grow after the first third
 * of the time.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/soak/soak.h"

enum { TICK_US = 5000 };

static const char *const leak_names[] = { "none", "descriptor", "mapping", "memory" };

enum leak leak;
volatile sig_atomic_t is_over;
struct counts *counts;

static volatile sig_atomic_t ticks;

struct sockaddr_in server_address(void)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)counts->port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void add(long *count, long n)
{
	__atomic_add_fetch(count, n, __ATOMIC_RELAXED);
}

static void on_tick(int sig)
{
	ticks++;
}

static void on_end(int sig)
{
	is_over = 1;
}

void handle_signals(void)
{
	struct sigaction action = { .sa_handler = on_tick, .sa_flags = SA_RESTART };
	struct sigaction end = { .sa_handler = on_end, .sa_flags = SA_RESTART };
	struct itimerval every = { { 0, TICK_US }, { 0, TICK_US } };

	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

unsigned char byte_at(unsigned seed, size_t at)
{
	return (unsigned char)((seed + at) * 2654435761U >> 13);
}

void write_all(int fd, const void *buf, size_t size)
{
	ssize_t wrote;

	for (size_t at = 0; at < size; at += (size_t)wrote) {
		wrote = write(fd, (const char *)buf + at, size - at);
		if (wrote <= 0)
			fail("write: %m");
	}
}

/* A group of its own has the children, too. */
static pid_t start(void (*run)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork: %m");
	if (!pid) {
		setpgid(0, 0);
		run();
	}
	setpgid(pid, pid);
	return pid;
}

/* Returns true if the process ended well. */
static int end(pid_t pid)
{
	int status = 1;

	kill(pid, SIGTERM);
	for (int i = 0; i < 600 && is_running(pid); i++)
		nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	/* What is left, its children as well. */
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status == 0;
}

static enum leak leak_of(const char *name)
{
	for (size_t i = 0; i < sizeof(leak_names) / sizeof(*leak_names); i++)
		if (!strcmp(name, leak_names[i]))
			return (enum leak)i;
	fail("there is no leak '%s'", name);
	return NO_LEAK;
}

static void wait_for_port(void)
{
	for (int i = 0; i < 600 && !__atomic_load_n(&counts->port, __ATOMIC_RELAXED); i++)
		nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	if (!counts->port)
		fail("the server does not listen");
}

int main(int argc, char **argv)
{
	pid_t server, clients;
	int grown;

	if (argc < 2 || argc > 3 || atof(argv[1]) <= 0)
		fail("usage: soak SECONDS [none|descriptor|mapping|memory], in an empty directory");
	leak = leak_of(argc == 3 ? argv[2] : "none");
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		fail("mmap: %m");
	make_files();
	server = start(run_server);
	wait_for_port();
	clients = start(run_clients);
	grown = observe(server, clients, atof(argv[1]));
	/* Clients first: a server that is gone would be an error to them. */
	if (!end(clients) + !end(server))
		fail("a process did not end well");
	printf("# %ld connections, %ld bytes, %ld children, %ld files\n", counts->connections,
	       counts->bytes, counts->children, counts->files);
	return grown || !counts->connections || !counts->children || !counts->files;
}
