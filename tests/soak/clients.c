/* SPDX-License-Identifier: MIT */
/* Clients in threads and children: messages that come back, and files that are read. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/soak/soak.h"

enum { CLIENTS = 4, FILES = 24, LARGEST = 65536 };

static void *send_message(void *arg)
{
	const unsigned *message = arg; /* descriptor, seed, size */
	unsigned char buf[4096];

	for (size_t at = 0; at < message[2];) {
		size_t size = message[2] - at < sizeof(buf) ? message[2] - at : sizeof(buf);

		for (size_t i = 0; i < size; i++)
			buf[i] = byte_at(message[1], at + i);
		write_all((int)message[0], buf, size);
		at += size;
	}
	shutdown((int)message[0], SHUT_WR);
	return NULL;
}

/* Sends a message in one thread, and checks in another that it comes back. */
static void converse(unsigned seed)
{
	unsigned message[3] = { 0, seed, seed * 40503U % LARGEST + 1 };
	struct sockaddr_in address = server_address();
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	unsigned char buf[4096];
	pthread_t sender;
	size_t at = 0;
	ssize_t got;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("connect: %m");
	message[0] = (unsigned)fd;
	if (pthread_create(&sender, NULL, send_message, message))
		fail("no thread");
	while ((got = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < got; i++, at++)
			if (buf[i] != byte_at(seed, at))
				fail("message %u: byte %zu is %u", seed, at, buf[i]);
	if (got < 0 || at != message[2])
		fail("message %u: %zu bytes of %u, %m", seed, at, message[2]);
	pthread_join(sender, NULL);
	close(fd);
	add(&counts->connections, 1);
	add(&counts->bytes, (long)at);
}

void make_files(void)
{
	unsigned char buf[3000];
	char name[32];
	int fd;

	if (mkdir("files", 0700))
		fail("files: %m");
	for (unsigned n = 0; n < FILES; n++) {
		snprintf(name, sizeof(name), "files/%u", n);
		for (size_t i = 0; i < sizeof(buf); i++)
			buf[i] = byte_at(n, i);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd < 0)
			fail("%s: %m", name);
		write_all(fd, buf, sizeof(buf) - n);
		close(fd);
	}
}

static void check_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY);
	unsigned n = (unsigned)atoi(name);
	unsigned char buf[4096];
	ssize_t got = read(fd, buf, sizeof(buf));

	if (got != 3000 - (int)n)
		fail("file %s: %zd bytes, %m", name, got);
	for (ssize_t i = 0; i < got; i++)
		if (buf[i] != byte_at(n, (size_t)i))
			fail("file %s: byte %zd is %u", name, i, buf[i]);
	close(fd);
}

static void read_directory(void)
{
	DIR *dir = opendir("files");
	struct dirent *entry;
	int count = 0;

	if (!dir)
		fail("files: %m");
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			check_file(dirfd(dir), entry->d_name);
			count++;
		}
	if (count != FILES)
		fail("%d files", count);
	closedir(dir);
	add(&counts->files, count);
}

/* A child takes up what its parent does, with a ring of its own. */
static void converse_in_child(unsigned seed)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		converse(seed);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		fail("a child ended with %x, %m", status);
	add(&counts->children, 1);
}

static void *run_client(void *first)
{
	for (unsigned seed = (unsigned)(long)first; !is_over; seed += CLIENTS) {
		converse(seed);
		if (seed % 32 < CLIENTS)
			converse_in_child(seed + 1000000007U);
		if (seed % 64 < CLIENTS)
			read_directory();
	}
	return NULL;
}

void run_clients(void)
{
	pthread_t threads[CLIENTS];

	handle_signals();
	for (long i = 0; i < CLIENTS; i++)
		if (pthread_create(&threads[i], NULL, run_client, (void *)i))
			fail("no thread");
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
	exit(0);
}
