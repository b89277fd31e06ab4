/* SPDX-License-Identifier: MIT */
/* What the server, the clients and their observer share. Each is a process. */
#ifndef SOAK_H
#define SOAK_H

#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

/* What may be lost, so that the test can show that it would be seen. */
enum leak { NO_LEAK, LEAK_DESCRIPTOR, LEAK_MAPPING, LEAK_MEMORY };

extern enum leak leak;
extern volatile sig_atomic_t is_over; /* the process was asked to end */

/* In memory of all processes. The port is 0 until the server listens. */
extern struct counts {
	long port, connections, bytes, children, files;
} *counts;

struct sockaddr_in server_address(void);
void add(long *count, long n);

/* Prints a line and ends the process. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A timer ticks, and SIGTERM sets is_over. Each process has its own timer; a child of fork has none. */
void handle_signals(void);

/* Returns the byte at a place of the message with this seed. */
unsigned char byte_at(unsigned seed, size_t at);

void write_all(int fd, const void *buf, size_t size);

/* These run in a process of their own, and end it. */
void run_server(void);
void run_clients(void);

/* Makes the directory that clients read. */
void make_files(void);

/* Returns true if a child has not ended. */
int is_running(pid_t pid);

/* Looks at both for so long. Returns true if one of them holds more and more. */
int observe(pid_t server, pid_t clients, double seconds);

#endif
