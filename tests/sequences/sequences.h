/* SPDX-License-Identifier: MIT */
/*
 * Random sequences of calls: a seed gives a list of steps, each a call on one of some descriptors,
 * and each step prints one line of what a program can observe. The lines must be the same natively
 * and under the preload library.
 *
 *   generate.c     seed -> steps                text.c     steps <-> text
 *   descriptors.c  contents of a slot           calls*.c   the calls and their arguments
 *   run.c          runs steps, ends waits       observe.c  prints the state after a step
 *   sequences.c    the command line
 *
 * Steps name descriptors by slot, never by number, and their arguments do not depend on results, so
 * that a sequence stays valid when steps are removed from it.
 */
#ifndef SEQUENCES_H
#define SEQUENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "../lib/raw-syscalls.h"

enum {
	SLOTS = 12,
	STEPS = 80,
	OBJECTS = 96,
	NAMES = 8,
	PARTS = 4,		/* parts of a vector, or messages of a batch */
	ROOM = 1 << 18,		/* bytes that can be read or written in one call */
	FILE_START = 10000,	/* bytes in a new file */
	LITTLE = 20000,		/* bytes that TCP always accepts */
	LITTLE_TERMINAL = 2000,
	WAIT_MS = 2,		/* time until a wait is ended */
	NOT_MADE = -2,		/* a step that makes no sense or would show nothing */
};

/* The arguments of steps. */
enum field {
	F_SLOT, F_TO, F_KIND, F_NAME, F_OTHER, F_LEN, F_AT, F_COUNT, F_FLAGS, F_HOW, F_PARTS,
	F_BUFFER, F_WAIT, FIELDS
};

enum has {
	SLOT = 1 << F_SLOT, TO = 1 << F_TO, KIND = 1 << F_KIND, NAME = 1 << F_NAME,
	OTHER = 1 << F_OTHER, LEN = 1 << F_LEN, AT = 1 << F_AT, COUNT = 1 << F_COUNT,
	FLAGS = 1 << F_FLAGS, HOW = 1 << F_HOW, SPLIT = 1 << F_PARTS, BUFFER = 1 << F_BUFFER,
	WAIT = 1 << F_WAIT,
};

enum buffer { B_NORMAL, B_ODD, B_NULL, B_UNMAPPED, B_TAIL, B_READONLY, BUFFERS };

/* The end of a wait: a signal, bytes from the peer, or the peer's reading. */
enum wait { W_SIGNAL, W_FEED, W_DRAIN, WAITS };

enum direction { D_NONE, D_IN, D_OUT };

/* Traits of a kind of descriptor. */
enum trait {
	T_FILE = 1 << 0,	/* has contents that can be compared */
	T_PIPE = 1 << 1,
	T_SOCKET = 1 << 2,
	T_UNIX = 1 << 3,
	T_LISTENER = 1 << 4,
	T_LOOSE = 1 << 5,	/* a socket that can connect */
	T_LATE = 1 << 6,	/* data arrives a little later, and how much fits can vary */
	T_ENDLESS = 1 << 7,
	T_EPOLL = 1 << 8,
	T_ALIGNED = 1 << 9,
	T_DEVICE = 1 << 10,
	T_STREAMS = 1 << 11,	/* a byte stream without message boundaries */
	T_COUNTER = 1 << 12,	/* eventfd */
	T_READS = 1 << 13,
	T_WRITES = 1 << 14,
	T_DATAGRAMS = 1 << 15,	/* UDP */
	T_ANY = 0,
};

struct kind {
	const char *name;
	unsigned int traits;
	int pairs;		/* makes two descriptors, in two slots */
	int (*make)(const struct kind *k, int *fds, int *verify);
	long a, b;
	int weight;
};

struct step {
	const struct call *call;
	long v[FIELDS];
};

/* A call that is about to be made. */
struct run {
	const struct step *step;
	int fd, to;
	char *buf;
	size_t len;
	long at;
	int flags;
	struct iovec iov[PARTS];
	int parts;
	long moved;		/* bytes */
};

struct call {
	const char *name;
	unsigned int fields;
	unsigned int suits;	/* needs any of these traits */
	int weight;
	enum direction direction;
	long (*run)(struct run *r);
	const long *flags;	/* values of F_FLAGS, ended by -1 */
	int hows;		/* number of values of F_HOW, from 0 */
};

struct object {
	const struct kind *kind;
	int slots;
	int verify;		/* a descriptor that reads the contents, -1: none */
	struct object *peer;
	long expected;		/* bytes that must become readable, for T_LATE */
	struct object *pending[16];	/* connected, not yet accepted */
	int npending;
	bool sent;		/* sent by the current step */
	bool timed;		/* SO_RCVTIMEO or SO_SNDTIMEO ends its calls */
};

struct slot {
	int fd;
	struct object *object;	/* NULL when closed */
	FILE *stream;
};

extern struct slot slots[SLOTS];

/* generate.c */
unsigned int generate(uint64_t seed, struct step *steps);

/* text.c */
extern const char *const field_names[FIELDS];
int write_step(const struct step *s, char *text, size_t room);
bool read_step(const char *text, struct step *s);

/* descriptors.c */
extern const struct kind kinds[];
extern const unsigned int kinds_len;
extern const struct kind *const kind_named, *const kind_accepted, *const kind_accepted_unix;
extern const char *shm_dir;
int keep_apart(int fd);
int make_name(int i, char *path, size_t room);
void make_names(void);
void remove_names(void);

/* calls.c, calls-sockets.c, calls-others.c */
extern const struct call byte_calls[], socket_calls[], other_calls[];
const struct call *call_get(unsigned int i);	/* NULL after the last */
const struct call *call_find(const char *name);

/* run.c */
struct object *object_of(int fd);
int live_fd(const struct object *o);
struct object *slot_fill(int slot, int fd, const struct kind *k, int verify);
struct object *slot_share(int slot, int fd, struct object *o);
void number_closed(int fd);
bool has_stream(int fd);
void run_sequence(const struct step *steps, unsigned int count);
void run_init(void);

/* observe.c */
void put(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void put_flush(void);
uint32_t hash_bytes(const void *data, size_t len);
const char *errno_name(int e);
int lowest_free(void);
void observe(const struct step *s, const struct run *r);
void observe_rest(void);
void settle(struct object *o);

#endif
