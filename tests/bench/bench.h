/* SPDX-License-Identifier: MIT */
/*
 * Declarations shared by the parts of `calls`, which measures one call in one way: the measured
 * calls, the clock, and small helpers.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The measured calls, in libc's or in the floor's version. */
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

/* The version that is measured. */
extern const struct io *io;

/*
 * Hints to the floor, which a library cannot have. If an operation has to wait, the floor submits
 * it and waits in one io_uring_enter. If it does not, the floor submits it without a wait.
 */
struct floor_knows {
	bool nonblocking;		/* the descriptors are non-blocking */
	bool reads_wait;		/* reads, receives and accepts wait */
	bool writes_wait;		/* writes, sends, connects and syncs wait */
};

extern struct floor_knows floor_knows;
/* Destroys the calling thread's ring of the floor. */
void floor_end(void);

/* Something that can be measured. */
struct subject {
	const char *name;
	const char *args;		/* its arguments, for the usage */
	int nr_args;			/* minimum number */
	void (*prepare)(char **args);
	/* Repeats the call count times, between clock_on and clock_off. */
	void (*repeat)(unsigned long count);
	/* Or measures something other than time, and returns it. */
	double (*figure)(char **args);
};

extern const struct subject file_subjects[], stream_subjects[], connection_subjects[],
	thread_subjects[], descriptor_subjects[], memory_subjects[], spawn_subjects[];

/* Number of calls in one repetition; 1 unless prepare changes it. */
extern unsigned long calls_each;

/* The clock runs between these two calls, which can be made any number of times. */
void clock_on(void);
void clock_off(void);
/* Includes the CPU time of another process. */
void clock_include(pid_t pid);

/* Ends the program with a message if so is false; what names the attempt. */
void must(bool so, const char *what);
/* Ends the program because this machine cannot do it; the driver skips the variant. */
void cannot(const char *what);
/* Parses a number with an optional suffix k, m or g. */
unsigned long number(const char *text);
/* Makes a new unnamed file of this size in dir. */
int scratch_file(const char *dir, size_t size);

#endif
