/* SPDX-License-Identifier: MIT */
/*
 * What the parts of `calls`, which measures one call in one way, share: the
 * calls that are measured, the clock, and small help.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The calls, as libc has them or as the floor has them. */
struct io {
	ssize_t (*read)(int fd, void *buf, size_t len);
	ssize_t (*write)(int fd, const void *buf, size_t len);
	ssize_t (*pread)(int fd, void *buf, size_t len, off_t offset);
	ssize_t (*recv)(int fd, void *buf, size_t len, int flags);
	ssize_t (*send)(int fd, const void *buf, size_t len, int flags);
	int (*accept)(int fd, struct sockaddr *addr, socklen_t *len);
	int (*connect)(int fd, const struct sockaddr *addr, socklen_t len);
	int (*fsync)(int fd);
};

extern const struct io libc_io, floor_io;

/* The ones to be measured. */
extern const struct io *io;

/*
 * What the floor knows of its operations, as only a program written for this one
 * purpose can: what has to wait is waited for in the submission, and what does
 * not is submitted without a look at completions.
 */
struct floor_knows {
	bool nonblocking;		/* the descriptors are */
	bool reads_wait;		/* reads, receives, accepts */
	bool writes_wait;		/* writes, sends, connects, syncs */
};

extern struct floor_knows floor_knows;
/* The calling thread's ring of the floor is ended. */
void floor_end(void);

/* A thing to be measured. */
struct subject {
	const char *name;
	const char *args;		/* what it takes, for the usage */
	int nr_args;			/* at least */
	void (*prepare)(char **args);
	/* Does it count times, between clock_on and clock_off. */
	void (*repeat)(unsigned long count);
	/* Or measures by itself something else than time, and says it. */
	double (*figure)(char **args);
};

extern const struct subject file_subjects[], stream_subjects[], connection_subjects[],
	thread_subjects[], descriptor_subjects[], memory_subjects[], spawn_subjects[];

/* How many calls one repetition is; 1, unless prepare says more. */
extern unsigned long calls_each;

/* The clock runs between these two, any number of times. */
void clock_on(void);
void clock_off(void);
/* The CPU time of another process counts, too. */
void clock_include(pid_t pid);

/* Ends the program with a message when it is not so; what: what was tried. */
void must(bool so, const char *what);
/* Ends it because this machine cannot do it: the driver leaves the variant out. */
void cannot(const char *what);
/* A number with an optional k, m or g behind it. */
unsigned long number(const char *text);
/* A new file of a size in dir, without a name. */
int scratch_file(const char *dir, size_t size);

#endif
