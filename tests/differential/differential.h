/* SPDX-License-Identifier: MIT */
/*
 * The differential test: every case makes one descriptor of some kind in a known state, makes one
 * call on it with some arguments, and prints one line of everything a program can observe. The
 * output must be the same natively and under the preload library.
 *
 *   kinds  files.c, pipes.c, sockets.c, specials.c, stale.c
 *   calls  calls.c     cases  cases.c     observations  observe.c
 *   helper that unblocks a waiting call  helper.c
 *   processes, watchdog, command line    differential.c
 */
#ifndef DIFFERENTIAL_H
#define DIFFERENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "../lib/raw-syscalls.h"

enum {
	FILE_SIZE = 10000,	/* bytes in a file under test */
	FILE_POS = 100,		/* its initial position */
	STREAM_DATA = 100,	/* bytes waiting in a stream */
	DGRAM_DATA = 40,	/* bytes of each waiting datagram */
	DGRAM_COUNT = 3,
	FEED = 8,		/* bytes that wake a waiting reader */
	BIG = 4 << 20,		/* a transfer larger than any buffer */
	FD_HUGE = 0x7fffffff,
};

/* Properties of a kind of descriptor, and which cases make sense on it. */
enum kind_flags {
	K_SOCK = 1 << 0,
	K_LISTEN = 1 << 1,
	K_CONNECT = 1 << 2,	/* not connected yet; object.target is reachable */
	K_BADFD = 1 << 3,	/* no call can block or succeed */
	K_FILE = 1 << 4,	/* object.verify shows the contents */
	K_SEEK = 1 << 5,
	K_BRIEF = 1 << 6,	/* one case of each call is enough */
	K_OPAQUE = 1 << 7,	/* the bytes read are unpredictable */
	K_VAGUE = 1 << 8,	/* how much of a short transfer fits is unpredictable */
	K_ENDLESS = 1 << 9,	/* endless: leave out reads of gigabytes */
	K_SINK = 1 << 10,	/* writes of gigabytes are harmless */
	K_BULK = 1 << 11,	/* a write of BIG bytes finishes */
	K_BROKEN = 1 << 12,	/* writing raises a signal */
	K_FORK = 1 << 13,	/* a child that inherited the descriptor makes the call */
	K_ONE_NAME = 1 << 15,	/* slow or numerous: one name of each call is enough */
	K_DGRAM = 1 << 14,	/* keeps message boundaries */
};

/* States that the make functions can set up. */
enum state {
	S_NB = 1 << 0,		/* O_NONBLOCK, by fcntl */
	S_NB_BORN = 1 << 1,	/* O_NONBLOCK, by the creating call */
	S_NB_IOCTL = 1 << 2,	/* O_NONBLOCK, by ioctl(FIONBIO) */
	S_DATA = 1 << 3,
	S_FULL = 1 << 4,
	S_PEER_CLOSED = 1 << 5,
	S_PEER_SHUT = 1 << 6,
	S_SHUT_RD = 1 << 7,
	S_SHUT_WR = 1 << 8,
	S_RESET = 1 << 9,
	S_RCVTIMEO = 1 << 10,
	S_SNDTIMEO = 1 << 11,
	S_UNCONNECTED = 1 << 12,
	S_ACCEPTED = 1 << 13,	/* our end is the accepted one */
	S_RIGHTS = 1 << 14,	/* the data carries a descriptor */
	S_OOB = 1 << 15,
	S_WRITE_END = 1 << 16,
	S_LEARNT = 1 << 17,	/* calls were made on it before it got into its state */
	S_REFUSED = 1 << 18,	/* nobody listens at the target */
	S_BACKLOG = 1 << 19,	/* the target's queue is full */
	S_PASSCRED = 1 << 20,
	S_EMFILE = 1 << 21,
	S_RDWR = 1 << 22,
	S_FSIZE = 1 << 23,	/* RLIMIT_FSIZE is the file's size */
	S_FSIZE_NEAR = 1 << 24,	/* RLIMIT_FSIZE is the position plus 20 bytes */
	S_DUP = 1 << 25,
	S_HIGH = 1 << 26,
	S_EOF = 1 << 27,
	S_MASTER = 1 << 28,
};

struct object;
struct kind;

typedef int make_fn(struct object *o, const struct kind *k);
typedef void act_fn(struct object *o, unsigned int round);

struct kind {
	const char *name;
	make_fn *make;
	int family, type;	/* sockets; for files: directory and open flags */
	unsigned int state;
	unsigned int flags;
	act_fn *wake_in;	/* ends the wait of a reading call; NULL: never waits */
	act_fn *wake_out;
	const char *base;	/* derived kinds: see stale.c */
	const char *how;
	const char *after;
};

/* One descriptor under test, in memory shared with forked children. */
struct object {
	int fd;
	int peer;			/* the other end */
	int verify;			/* a descriptor that reads the file's contents */
	int aux[8];			/* closed after the case */
	unsigned int naux;
	unsigned int state, flags;
	int family, type;
	struct sockaddr_storage target;
	socklen_t target_len;
	struct sockaddr_storage peer_name;
	socklen_t peer_name_len;
	bool peer_is_sock;
	uint64_t got;			/* bytes that the peer has received so far */
	uint32_t got_hash;
	unsigned int got_msgs, got_rights;
	char note[64];			/* printed in the line */
	char reason[120];		/* why the descriptor could not be made */
	void (*undo)(struct object *o);
	struct rlimit saved_limit;
	int saved_fds[3];
	void *handle;
};

/* The arguments of one call; each call uses those it takes. */
struct args {
	int fd;
	char *buf;
	size_t len;
	struct iovec *iov;
	int iovcnt;
	off_t off;
	off_t count;			/* for sync_file_range */
	int flags;
	struct sockaddr *addr;
	socklen_t addrlen;		/* for connect and sendto */
	socklen_t *addrlenp;		/* for accept and recvfrom */
	struct msghdr *msg;
	struct mmsghdr *mmsg;
	unsigned int vlen;
	struct timespec *timeout;

	/* storage that the pointers point to */
	struct iovec vec[1100];
	struct sockaddr_storage name;
	socklen_t namelen;
	socklen_t name_room;
	struct msghdr hdr;
	struct mmsghdr many[8];
	struct timespec ts;
	char control[256];
	size_t control_room;
	size_t touchable;		/* bytes of buf that the call may have written */
	int rights_fd;
};

enum direction { DIR_NONE, DIR_IN, DIR_OUT };

enum shape {
	SH_BUF = 1 << 0,
	SH_BUFOFF = 1 << 1,
	SH_VEC = 1 << 2,
	SH_VECOFF = 1 << 3,
	SH_VECOFF2 = 1 << 4,
	SH_SBUF = 1 << 5,
	SH_SADDR = 1 << 6,
	SH_MSG = 1 << 7,
	SH_MMSG = 1 << 8,
	SH_ACCEPT = 1 << 9,
	SH_ACCEPT4 = 1 << 10,
	SH_CONNECT = 1 << 11,
	SH_SYNC = 1 << 12,
	SH_RANGE = 1 << 13,
	SH_SHUT = 1 << 14,

	SH_OFFSETS = SH_BUFOFF | SH_VECOFF | SH_VECOFF2,
	SH_BUFFERS = SH_BUF | SH_BUFOFF | SH_SBUF | SH_SADDR,
	SH_VECTORS = SH_VEC | SH_VECOFF | SH_VECOFF2 | SH_MSG,
	SH_ACCEPTS = SH_ACCEPT | SH_ACCEPT4,
	SH_SOCKET = SH_SBUF | SH_SADDR | SH_MSG | SH_MMSG | SH_ACCEPTS | SH_CONNECT | SH_SHUT,
	SH_SYNCS = SH_SYNC | SH_RANGE,
};

struct call {
	const char *name;
	enum shape shape;
	enum direction dir;
	bool alias;			/* another name of a call that is tested in full */
	long (*run)(struct args *a);
};

enum buffer { B_NORMAL, B_NULL, B_UNMAPPED, B_PARTIAL, B_READONLY, B_UNALIGNED, B_VAST };

enum vector {
	V_NORMAL, V_ONE, V_NONE, V_NEGATIVE, V_1024, V_1025, V_NULL_MIDDLE, V_NULL_BASE,
	V_UNMAPPED_ARRAY, V_NULL_ARRAY, V_FIRST_UNMAPPED, V_SECOND_UNMAPPED, V_OVERFLOW,
	V_EMPTY, V_VAST, V_BULK, V_PAGES,
};

enum address {
	A_NORMAL, A_NONE, A_TARGET, A_SHORT, A_ZERO_LEN, A_NEGATIVE, A_LONG, A_UNMAPPED,
	A_LEN_UNMAPPED, A_NULL_WITH_LEN, A_WRONG_FAMILY, A_UNSPEC,
};

enum message {
	M_NORMAL, M_NULL, M_UNMAPPED, M_NAME, M_NAME_SHORT, M_NAME_NEGATIVE, M_NAME_UNMAPPED,
	M_CONTROL, M_CONTROL_SHORT, M_CONTROL_UNMAPPED, M_RIGHTS, M_RIGHTS_BAD,
	M_MANY_NONE, M_MANY_ONE, M_MANY_THREE, M_MANY_VAST, M_MANY_SECOND_BAD, M_MANY_TIMEOUT,
	M_MANY_TIMEOUT_BAD, M_MANY_TIMEOUT_UNMAPPED,
};

enum case_marks {
	C_VAST = 1 << 0,	/* gigabytes */
	C_BULK = 1 << 1,	/* BIG bytes */
	C_SIG_IGNORED = 1 << 2,
	C_SIG_BLOCKED = 1 << 3,
	C_HELD_BACK = 1 << 4,	/* the peer need not receive it now */
};

struct arg_case {
	const char *name;
	unsigned int shapes;
	int level;		/* see arg_cases in cases.c */
	enum direction dir;	/* DIR_NONE: both */
	enum buffer buffer;
	size_t len;
	off_t off;
	off_t count;
	int flags;
	enum vector vector;
	enum address address;
	enum message message;
	unsigned int marks;
};

/* kinds */
extern const struct kind file_kinds[], pipe_kinds[], socket_kinds[], special_kinds[], derived_kinds[];
make_fn make_derived;
unsigned int kinds_count(void);
const struct kind *kinds_get(unsigned int i);
const struct kind *kinds_find(const char *name);
void kinds_collect(void);
void derive_kind(struct kind *k);
extern const char *const reused_before[], *const reused_how[], *const reused_after[], *const opened_how[];

/* helpers of make functions */
extern const char *disk_dir, *shm_dir;
int cannot(struct object *o, const char *what, long negative_errno);
int also_close(struct object *o, int fd);
void object_init(struct object *o, const struct kind *k);
void object_close(struct object *o);
int scratch_path(char *path, size_t size, const char *dir, const char *what);
int set_nonblock(struct object *o, unsigned int state);
void pattern(char *buf, size_t len, unsigned int seed);
uint32_t hash_bytes(uint32_t h, const void *data, size_t len);
int lowest_free_fd(void);
bool wait_readable_bytes(int fd, int bytes);
void learn(struct object *o);
int make_socket_name(struct object *o, int family, struct sockaddr_storage *ss, socklen_t *len);
extern int spare_fd;	/* always open, to be duplicated */

/* actions that end a wait */
act_fn act_feed, act_drain, act_close_peer, act_shut_own, act_shut_peer, act_reset_peer,
	act_feed_then_close;
void let_arrive(struct object *o, int ms);

/* calls and cases */
extern const struct call calls[];
extern const unsigned int calls_len;
extern const struct arg_case arg_cases[];
extern const unsigned int arg_cases_len;
bool case_applies(const struct kind *k, const struct call *c, const struct arg_case *ac, bool brief);
void memory_init(void);
int args_prepare(struct args *a, struct object *o, const struct call *c, const struct arg_case *ac);
void args_release(struct args *a);

/* signals */
struct signals_seen { int count[2]; int code[2]; bool elsewhere; };
void signals_init(void);
void signals_arm(const struct arg_case *ac);
void signals_report(const struct arg_case *ac, char **p, char *end);

/* observing */
void peer_drain(struct object *o);
void put(char **p, char *end, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *errno_name(int e);
void observe(struct object *o, struct args *a, const struct call *c, const struct arg_case *ac,
	     long ret, int err, int lowest_before, int fl_before, char **p, char *end);

/* helper.c: ends waits */
void helper_init(void);			/* memory shared with later forks */
void helper_start(void);
void helper_watch(pid_t pid, pid_t tid);	/* the thread whose calls are watched */
void helper_unwatch(void);
void helper_arm(struct object *o, act_fn *act, bool bulk);
unsigned int helper_disarm(void);
bool helper_call_over(void);
bool helper_is_bulk(void);

#endif
