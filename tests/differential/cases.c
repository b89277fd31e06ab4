/* SPDX-License-Identifier: MIT */
/*
 * The arguments of the differential test: one row per case, with the calls and kinds of descriptor
 * that it applies to and the arguments that it sets.
 */
#include "differential.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	OFF = 200,		/* offset of positioned reads and writes */
	RWF_ATOMIC_ = 0x40,	/* newer than some headers */
	RWF_NOAPPEND_ = 0x20,
	RWF_DONTCACHE_ = 0x80,
	MSG_BAD = 0x08000000,
};

#define GIB4 0x100000000

/*
 * Level: 0 for every kind, 1 where the call or the name is untypical, 2 only where it is typical.
 */
const struct arg_case arg_cases[] = {
	{ "normal", SH_BUFFERS, 0, .len = 64, .off = OFF },
	{ "zero", SH_BUFFERS, 1, .len = 0, .off = OFF },
	{ "unmapped", SH_BUFFERS, 1, .buffer = B_UNMAPPED, .len = 64, .off = OFF },
	{ "one", SH_BUFFERS, 2, .len = 1, .off = OFF },
	{ "eight", SH_BUF, 0, .len = 8 },
	{ "eight", SH_BUFFERS & ~SH_BUF, 2, .len = 8, .off = OFF },
	{ "larger", SH_BUFFERS, 2, .len = 20000, .off = OFF },
	{ "page", SH_BUF, 0, .len = 4096 },
	{ "page", SH_BUFFERS & ~SH_BUF, 2, .len = 4096, .off = 4096 },
	{ "unaligned", SH_BUFFERS, 2, .buffer = B_UNALIGNED, .len = 4096, .off = 4096 },
	{ "null", SH_BUFFERS, 2, .buffer = B_NULL, .len = 64, .off = OFF },
	{ "null-zero", SH_BUFFERS, 2, .buffer = B_NULL, .len = 0, .off = OFF },
	{ "unmapped-zero", SH_BUFFERS, 2, .buffer = B_UNMAPPED, .len = 0, .off = OFF },
	{ "partly-mapped", SH_BUFFERS, 2, .buffer = B_PARTIAL, .len = 64, .off = OFF },
	{ "readonly-buffer", SH_BUFFERS, 2, .dir = DIR_IN, .buffer = B_READONLY, .len = 64, .off = OFF },
	{ "2GiB-1", SH_BUFFERS, 2, .buffer = B_VAST, .len = 0x7fffffff, .off = OFF, .marks = C_VAST },
	{ "2GiB+16", SH_BUFFERS, 2, .buffer = B_VAST, .len = 0x80000010, .off = OFF, .marks = C_VAST },
	{ "4GiB", SH_BUFFERS, 2, .buffer = B_VAST, .len = GIB4, .off = OFF, .marks = C_VAST },
	{ "4GiB+16", SH_BUFFERS, 2, .buffer = B_VAST, .len = GIB4 + 16, .off = OFF, .marks = C_VAST },
	{ "ssize-max", SH_BUF | SH_BUFOFF, 2, .len = SSIZE_MAX, .off = OFF },
	{ "size-max", SH_BUF | SH_BUFOFF, 2, .len = SIZE_MAX, .off = OFF },
	{ "ssize-max", SH_SBUF | SH_SADDR, 2, .len = SSIZE_MAX, .marks = C_VAST },
	{ "size-max", SH_SBUF | SH_SADDR, 2, .len = SIZE_MAX, .marks = C_VAST },
	{ "bulk", SH_BUFFERS & ~SH_BUFOFF, 1, .dir = DIR_OUT, .len = BIG, .marks = C_BULK },
	{ "bulk-waitall", SH_SBUF | SH_SADDR, 2, .dir = DIR_IN, .len = BIG / 4, .flags = MSG_WAITALL, .marks = C_BULK },
	{ "sig-ignored", SH_BUFFERS, 0, .dir = DIR_OUT, .len = 64, .off = FILE_SIZE, .marks = C_SIG_IGNORED },
	{ "sig-blocked", SH_BUFFERS, 0, .dir = DIR_OUT, .len = 64, .off = FILE_SIZE, .marks = C_SIG_BLOCKED },

	{ "off-0", SH_BUFOFF, 1, .len = 64, .off = 0 },
	{ "off-near-end", SH_BUFOFF, 2, .len = 64, .off = FILE_SIZE - 10 },
	{ "off-end", SH_BUFOFF, 1, .len = 64, .off = FILE_SIZE },
	{ "off-beyond", SH_BUFOFF, 2, .len = 64, .off = 2 * FILE_SIZE },
	{ "off-minus-1", SH_BUFOFF | SH_VECOFF, 1, .len = 64, .off = -1 },
	{ "off-minus-1-zero", SH_BUFOFF, 2, .len = 0, .off = -1 },
	{ "off-minus-2", SH_OFFSETS, 1, .len = 64, .off = -2 },
	{ "off-int64-min", SH_OFFSETS, 2, .len = 64, .off = INT64_MIN },
	{ "off-int64-max", SH_OFFSETS, 2, .len = 64, .off = INT64_MAX },
	{ "off-near-int64-max", SH_OFFSETS, 2, .len = 64, .off = INT64_MAX - 32 },
	{ "off-4GiB", SH_OFFSETS, 2, .dir = DIR_IN, .len = 64, .off = GIB4 + OFF },

	{ "normal", SH_VECTORS, 0, .off = OFF },
	{ "vec-one", SH_VECTORS, 2, .vector = V_ONE, .off = OFF },
	{ "vec-none", SH_VECTORS, 1, .vector = V_NONE, .off = OFF },
	{ "vec-negative", SH_VECTORS, 2, .vector = V_NEGATIVE, .off = OFF },
	{ "vec-1024", SH_VECTORS, 2, .vector = V_1024, .off = OFF },
	{ "vec-1025", SH_VECTORS, 2, .vector = V_1025, .off = OFF },
	{ "vec-null-middle", SH_VECTORS, 2, .vector = V_NULL_MIDDLE, .off = OFF },
	{ "vec-null-base", SH_VECTORS, 2, .vector = V_NULL_BASE, .off = OFF },
	{ "vec-unmapped", SH_VECTORS, 1, .vector = V_UNMAPPED_ARRAY, .off = OFF },
	{ "vec-null", SH_VECTORS, 2, .vector = V_NULL_ARRAY, .off = OFF },
	{ "vec-first-unmapped", SH_VECTORS, 2, .vector = V_FIRST_UNMAPPED, .off = OFF },
	{ "vec-second-unmapped", SH_VECTORS, 2, .vector = V_SECOND_UNMAPPED, .off = OFF },
	{ "vec-overflow", SH_VECTORS, 2, .vector = V_OVERFLOW, .off = OFF },
	{ "vec-empty", SH_VECTORS, 1, .vector = V_EMPTY, .off = OFF },
	{ "vec-pages", SH_VECTORS, 2, .vector = V_PAGES, .off = 4096 },
	{ "vec-4GiB", SH_VECTORS, 2, .vector = V_VAST, .off = OFF, .marks = C_VAST },
	{ "vec-bulk", SH_VEC | SH_MSG, 1, .dir = DIR_OUT, .vector = V_BULK, .marks = C_BULK },
	{ "vec-bulk-waitall", SH_MSG, 2, .dir = DIR_IN, .vector = V_BULK, .flags = MSG_WAITALL, .marks = C_BULK },
	{ "sig-ignored", SH_VEC | SH_MSG, 0, .dir = DIR_OUT, .marks = C_SIG_IGNORED },
	{ "sig-blocked", SH_VEC | SH_MSG, 0, .dir = DIR_OUT, .marks = C_SIG_BLOCKED },

	{ "current", SH_VECOFF2, 1, .off = -1 },
	{ "current-bulk", SH_VECOFF2, 1, .dir = DIR_OUT, .vector = V_BULK, .off = -1, .marks = C_BULK },
	{ "current-empty", SH_VECOFF2, 2, .off = -1, .vector = V_EMPTY },
	{ "current-unmapped", SH_VECOFF2, 2, .off = -1, .vector = V_UNMAPPED_ARRAY },
	{ "current-nowait", SH_VECOFF2, 1, .dir = DIR_IN, .off = -1, .flags = RWF_NOWAIT },
	{ "current-nowait", SH_VECOFF2, 1, .dir = DIR_OUT, .off = -1, .flags = RWF_NOWAIT },
	{ "rwf-nowait", SH_VECOFF2, 2, .off = OFF, .flags = RWF_NOWAIT },
	{ "rwf-hipri", SH_VECOFF2, 2, .off = OFF, .flags = RWF_HIPRI },
	{ "rwf-dsync", SH_VECOFF2, 2, .off = OFF, .flags = RWF_DSYNC },
	{ "rwf-sync", SH_VECOFF2, 2, .off = OFF, .flags = RWF_SYNC },
	{ "rwf-append", SH_VECOFF2, 2, .off = OFF, .flags = RWF_APPEND },
	{ "rwf-append-current", SH_VECOFF2, 2, .off = -1, .flags = RWF_APPEND },
	{ "rwf-noappend", SH_VECOFF2, 2, .off = OFF, .flags = RWF_NOAPPEND_ },
	{ "rwf-atomic", SH_VECOFF2, 2, .off = OFF, .flags = RWF_ATOMIC_ },
	{ "rwf-dontcache", SH_VECOFF2, 2, .off = OFF, .flags = RWF_DONTCACHE_ },
	{ "rwf-unknown", SH_VECOFF2, 1, .off = OFF, .flags = 0x4000 },
	{ "rwf-unknown-high", SH_VECOFF2, 2, .off = OFF, .flags = INT_MIN },
	{ "rwf-unknown-current", SH_VECOFF2, 1, .off = -1, .flags = 0x4000 },

	{ "dontwait", SH_SBUF | SH_SADDR, 1, .len = 64, .flags = MSG_DONTWAIT },
	{ "dontwait-bulk", SH_SBUF | SH_SADDR, 2, .dir = DIR_OUT, .len = BIG / 4, .flags = MSG_DONTWAIT },
	{ "peek", SH_SBUF | SH_SADDR, 1, .dir = DIR_IN, .len = 64, .flags = MSG_PEEK },
	{ "waitall", SH_SBUF | SH_SADDR, 1, .dir = DIR_IN, .len = 64, .flags = MSG_WAITALL },
	{ "waitall-larger", SH_SBUF | SH_SADDR, 2, .dir = DIR_IN, .len = 150, .flags = MSG_WAITALL },
	{ "waitall-dontwait", SH_SBUF, 2, .dir = DIR_IN, .len = 150, .flags = MSG_WAITALL | MSG_DONTWAIT },
	{ "waitall-peek", SH_SBUF, 2, .dir = DIR_IN, .len = 64, .flags = MSG_WAITALL | MSG_PEEK },
	{ "trunc", SH_SBUF | SH_SADDR, 2, .dir = DIR_IN, .len = 10, .flags = MSG_TRUNC },
	{ "peek-trunc", SH_SBUF, 2, .dir = DIR_IN, .len = 10, .flags = MSG_PEEK | MSG_TRUNC },
	{ "oob", SH_SBUF, 2, .len = 8, .flags = MSG_OOB, .marks = C_HELD_BACK },
	{ "oob-dontwait", SH_SBUF, 2, .len = 8, .flags = MSG_OOB | MSG_DONTWAIT, .marks = C_HELD_BACK },
	{ "errqueue", SH_SBUF, 2, .dir = DIR_IN, .len = 64, .flags = MSG_ERRQUEUE },
	{ "nosignal", SH_SBUF | SH_SADDR, 1, .dir = DIR_OUT, .len = 64, .flags = MSG_NOSIGNAL },
	{ "nosignal-in", SH_SBUF, 2, .dir = DIR_IN, .len = 64, .flags = MSG_NOSIGNAL },
	{ "more", SH_SBUF, 2, .dir = DIR_OUT, .len = 64, .flags = MSG_MORE, .marks = C_HELD_BACK },
	{ "eor", SH_SBUF, 2, .dir = DIR_OUT, .len = 64, .flags = MSG_EOR },
	{ "confirm", SH_SBUF, 2, .dir = DIR_OUT, .len = 64, .flags = MSG_CONFIRM },
	{ "dontroute", SH_SBUF, 2, .dir = DIR_OUT, .len = 64, .flags = MSG_DONTROUTE },
	{ "cmsg-cloexec", SH_SBUF, 2, .dir = DIR_IN, .len = 64, .flags = MSG_CMSG_CLOEXEC },
	{ "waitall-out", SH_SBUF, 2, .dir = DIR_OUT, .len = 64, .flags = MSG_WAITALL },
	{ "peek-out", SH_SBUF, 2, .dir = DIR_OUT, .len = 64, .flags = MSG_PEEK },
	{ "flag-unknown", SH_SBUF | SH_SADDR, 2, .len = 64, .flags = MSG_BAD },
	{ "flag-all-high", SH_SBUF, 2, .dir = DIR_IN, .len = 64, .flags = INT_MIN },

	{ "addr-none", SH_SADDR | SH_ACCEPTS, 1, .dir = DIR_IN, .len = 64, .address = A_NONE },
	{ "addr-short", SH_SADDR | SH_ACCEPTS, 2, .dir = DIR_IN, .len = 64, .address = A_SHORT },
	{ "addr-zero-len", SH_SADDR | SH_ACCEPTS, 2, .dir = DIR_IN, .len = 64, .address = A_ZERO_LEN },
	{ "addr-negative-len", SH_SADDR | SH_ACCEPTS, 2, .dir = DIR_IN, .len = 64, .address = A_NEGATIVE },
	{ "addr-unmapped", SH_SADDR | SH_ACCEPTS, 2, .dir = DIR_IN, .len = 64, .address = A_UNMAPPED },
	{ "addrlen-unmapped", SH_SADDR | SH_ACCEPTS, 2, .dir = DIR_IN, .len = 64, .address = A_LEN_UNMAPPED },
	{ "addr-null-with-len", SH_SADDR | SH_ACCEPTS, 2, .dir = DIR_IN, .len = 64, .address = A_NULL_WITH_LEN },
	{ "dest", SH_SADDR, 1, .dir = DIR_OUT, .len = 64, .address = A_TARGET },
	{ "dest-dontwait", SH_SADDR, 2, .dir = DIR_OUT, .len = 64, .flags = MSG_DONTWAIT, .address = A_TARGET },
	{ "dest-short", SH_SADDR | SH_CONNECT, 2, .dir = DIR_OUT, .len = 64, .address = A_SHORT },
	{ "dest-zero-len", SH_SADDR | SH_CONNECT, 2, .dir = DIR_OUT, .len = 64, .address = A_ZERO_LEN },
	{ "dest-negative-len", SH_SADDR | SH_CONNECT, 2, .dir = DIR_OUT, .len = 64, .address = A_NEGATIVE },
	{ "dest-long", SH_SADDR | SH_CONNECT, 2, .dir = DIR_OUT, .len = 64, .address = A_LONG },
	{ "dest-unmapped", SH_SADDR | SH_CONNECT, 2, .dir = DIR_OUT, .len = 64, .address = A_UNMAPPED },
	{ "dest-null-with-len", SH_SADDR | SH_CONNECT, 2, .dir = DIR_OUT, .len = 64, .address = A_NULL_WITH_LEN },
	{ "dest-wrong-family", SH_SADDR | SH_CONNECT, 2, .dir = DIR_OUT, .len = 64, .address = A_WRONG_FAMILY },
	{ "dest-unspec", SH_SADDR | SH_CONNECT, 2, .dir = DIR_OUT, .len = 64, .address = A_UNSPEC },

	{ "normal", SH_ACCEPTS, 0 },
	{ "cloexec", SH_ACCEPT4, 1, .flags = SOCK_CLOEXEC },
	{ "nonblock", SH_ACCEPT4, 1, .flags = SOCK_NONBLOCK },
	{ "both-flags", SH_ACCEPT4, 2, .flags = SOCK_NONBLOCK | SOCK_CLOEXEC },
	{ "flag-unknown", SH_ACCEPT4, 1, .flags = 0x10 },
	{ "flag-negative", SH_ACCEPT4, 2, .flags = -1 },
	{ "normal", SH_CONNECT, 0, .address = A_TARGET },

	{ "msg-dontwait", SH_MSG, 1, .flags = MSG_DONTWAIT },
	{ "msg-peek", SH_MSG, 2, .dir = DIR_IN, .flags = MSG_PEEK },
	{ "msg-waitall", SH_MSG, 2, .dir = DIR_IN, .flags = MSG_WAITALL },
	{ "msg-trunc", SH_MSG, 2, .dir = DIR_IN, .vector = V_ONE, .flags = MSG_TRUNC },
	{ "msg-errqueue", SH_MSG, 2, .dir = DIR_IN, .flags = MSG_ERRQUEUE, .message = M_CONTROL },
	{ "msg-oob", SH_MSG, 2, .vector = V_ONE, .flags = MSG_OOB | MSG_DONTWAIT, .marks = C_HELD_BACK },
	{ "msg-nosignal", SH_MSG, 1, .dir = DIR_OUT, .flags = MSG_NOSIGNAL },
	{ "msg-flag-unknown", SH_MSG, 2, .flags = MSG_BAD },
	{ "msg-null", SH_MSG, 2, .message = M_NULL },
	{ "msg-unmapped", SH_MSG, 1, .message = M_UNMAPPED },
	{ "msg-name", SH_MSG, 1, .message = M_NAME },
	{ "msg-name-short", SH_MSG, 2, .message = M_NAME_SHORT },
	{ "msg-name-negative", SH_MSG, 2, .message = M_NAME_NEGATIVE },
	{ "msg-name-unmapped", SH_MSG, 2, .message = M_NAME_UNMAPPED },
	{ "msg-control", SH_MSG, 2, .dir = DIR_IN, .message = M_CONTROL },
	{ "msg-control-cloexec", SH_MSG, 2, .dir = DIR_IN, .message = M_CONTROL, .flags = MSG_CMSG_CLOEXEC },
	{ "msg-control-peek", SH_MSG, 2, .dir = DIR_IN, .message = M_CONTROL, .flags = MSG_PEEK },
	{ "msg-control-short", SH_MSG, 2, .message = M_CONTROL_SHORT },
	{ "msg-control-unmapped", SH_MSG, 2, .message = M_CONTROL_UNMAPPED },
	{ "msg-rights", SH_MSG, 1, .dir = DIR_OUT, .message = M_RIGHTS },
	{ "msg-rights-bad", SH_MSG, 2, .dir = DIR_OUT, .message = M_RIGHTS_BAD },

	{ "normal", SH_MMSG, 0 },
	{ "vlen-0", SH_MMSG, 1, .message = M_MANY_NONE },
	{ "vlen-1", SH_MMSG, 2, .message = M_MANY_ONE },
	{ "vlen-3", SH_MMSG, 2, .message = M_MANY_THREE },
	{ "vlen-3-dontwait", SH_MMSG, 1, .message = M_MANY_THREE, .flags = MSG_DONTWAIT },
	{ "vlen-3-waitforone", SH_MMSG, 2, .dir = DIR_IN, .message = M_MANY_THREE, .flags = MSG_WAITFORONE },
	{ "vlen-3-peek", SH_MMSG, 2, .dir = DIR_IN, .message = M_MANY_THREE, .flags = MSG_PEEK },
	{ "vlen-3-nosignal", SH_MMSG, 2, .dir = DIR_OUT, .message = M_MANY_THREE, .flags = MSG_NOSIGNAL },
	{ "second-bad", SH_MMSG, 2, .message = M_MANY_SECOND_BAD },
	{ "mmsg-null", SH_MMSG, 2, .message = M_NULL },
	{ "mmsg-unmapped", SH_MMSG, 1, .message = M_UNMAPPED },
	{ "mmsg-name", SH_MMSG, 2, .message = M_NAME },
	{ "mmsg-flag-unknown", SH_MMSG, 2, .flags = MSG_BAD },
	{ "timeout-0", SH_MMSG, 2, .dir = DIR_IN, .message = M_MANY_TIMEOUT },
	{ "timeout-bad", SH_MMSG, 2, .dir = DIR_IN, .message = M_MANY_TIMEOUT_BAD },
	{ "timeout-unmapped", SH_MMSG, 2, .dir = DIR_IN, .message = M_MANY_TIMEOUT_UNMAPPED },
	{ "sig-ignored", SH_MMSG, 0, .dir = DIR_OUT, .marks = C_SIG_IGNORED },
	{ "sig-blocked", SH_MMSG, 0, .dir = DIR_OUT, .marks = C_SIG_BLOCKED },

	{ "normal", SH_SYNC, 0 },
	{ "normal", SH_RANGE, 0, .flags = SYNC_FILE_RANGE_WRITE },
	{ "write-and-wait", SH_RANGE, 2, .count = 4096, .flags = SYNC_FILE_RANGE_WRITE_AND_WAIT },
	{ "no-flags", SH_RANGE, 2, .count = 4096 },
	{ "beyond", SH_RANGE, 2, .off = 2 * FILE_SIZE, .count = 4096, .flags = SYNC_FILE_RANGE_WRITE },
	{ "off-negative", SH_RANGE, 1, .off = -1, .count = 4096, .flags = SYNC_FILE_RANGE_WRITE },
	{ "count-negative", SH_RANGE, 2, .off = 0, .count = -1, .flags = SYNC_FILE_RANGE_WRITE },
	{ "overflow", SH_RANGE, 2, .off = INT64_MAX - 10, .count = 4096, .flags = SYNC_FILE_RANGE_WRITE },
	{ "count-4GiB", SH_RANGE, 2, .off = 0, .count = GIB4, .flags = SYNC_FILE_RANGE_WRITE },
	{ "flag-unknown", SH_RANGE, 1, .count = 4096, .flags = 0x100 },

	{ "rd", SH_SHUT, 0, .flags = SHUT_RD },
	{ "wr", SH_SHUT, 1, .flags = SHUT_WR },
	{ "rdwr", SH_SHUT, 1, .flags = SHUT_RDWR },
	{ "how-negative", SH_SHUT, 2, .flags = -1 },
	{ "how-3", SH_SHUT, 2, .flags = 3 },
};

const unsigned int arg_cases_len = sizeof(arg_cases) / sizeof(arg_cases[0]);

/* Returns the highest level of cases that are run for this call on this kind. */
static int level_for(const struct kind *k, const struct call *c)
{
	int level = c->alias ? 1 : 2;

	if (k->flags & K_BADFD)
		return level;
	if (k->flags & K_BRIEF)
		return 0;
	if (c->shape & SH_SOCKET && !(k->flags & K_SOCK))
		return 0;
	if (c->shape & SH_ACCEPTS && !(k->flags & K_LISTEN))
		return 0;
	if (c->shape & SH_CONNECT && !(k->flags & K_CONNECT))
		return 0;
	if (c->shape & SH_SYNCS && !(k->flags & K_FILE))
		return 0;
	if (c->shape & SH_OFFSETS && !(k->flags & K_SEEK))
		return 1;
	return level;
}

bool case_applies(const struct kind *k, const struct call *c, const struct arg_case *ac, bool brief)
{
	int level = brief ? 0 : level_for(k, c);

	if (ac->marks & C_BULK && (brief || k->flags & K_BRIEF))
		level++;
	if (c->alias && k->flags & K_ONE_NAME)
		return false;
	if (!(ac->shapes & c->shape) || ac->level > level)
		return false;
	if (ac->dir != DIR_NONE && ac->dir != c->dir)
		return false;
	if (ac->marks & (C_SIG_IGNORED | C_SIG_BLOCKED) && !(k->flags & K_BROKEN))
		return false;
	if (ac->marks & C_BULK && !(k->flags & K_BULK))
		return false;
	if (ac->marks & C_BULK && c->shape & SH_SOCKET && !(k->flags & K_SOCK))
		return false;
	if (!(ac->marks & C_VAST) || k->flags & K_BADFD)
		return true;
	return c->dir == DIR_IN ? !(k->flags & K_ENDLESS) : k->flags & K_SINK;
}

/* Memory for the arguments: allocated once per process, filled the same for every case. */
static struct {
	char *out;		/* BIG bytes of pattern */
	char *in;		/* BIG bytes to receive into */
	char *edge;		/* a page followed by an inaccessible one */
	char *none;		/* inaccessible */
	char *readonly;
	char *vast;		/* more than 4 GiB, never touched; NULL when refused */
	size_t page;
} mem;

static char *map(size_t size, int prot)
{
	char *p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void memory_init(void)
{
	mem.page = sysconf(_SC_PAGESIZE);
	mem.out = map(BIG + mem.page, PROT_READ | PROT_WRITE);
	mem.in = map(BIG + mem.page, PROT_READ | PROT_WRITE);
	mem.edge = map(2 * mem.page, PROT_READ | PROT_WRITE);
	mem.none = map(8 * mem.page, PROT_NONE);
	mem.readonly = map(mem.page, PROT_READ);
	mem.vast = map(GIB4 + 16 * mem.page, PROT_READ | PROT_WRITE);
	if (!mem.out || !mem.in || !mem.edge || !mem.none || !mem.readonly ||
	    mprotect(mem.edge + mem.page, mem.page, PROT_NONE) < 0)
		abort();
	pattern(mem.out, BIG + mem.page, 7);
}

static char *choose_buffer(struct args *a, enum buffer kind, enum direction dir)
{
	a->touchable = 0;
	switch (kind) {
	case B_NULL:
		return NULL;
	case B_UNMAPPED:
		return mem.none;
	case B_READONLY:
		return mem.readonly;
	case B_VAST:
		return mem.vast;
	case B_PARTIAL:
		pattern(mem.edge, mem.page, 7);
		return mem.edge + mem.page - 32;
	case B_NORMAL:
	case B_UNALIGNED:
		break;
	}
	if (dir == DIR_OUT)
		return mem.out + (kind == B_UNALIGNED);
	a->touchable = a->len < BIG ? a->len + 64 : BIG;
	memset(mem.in, 0xa5, a->touchable + 1);
	return mem.in + (kind == B_UNALIGNED);
}

static void set_vec(struct args *a, unsigned int i, char *base, size_t len)
{
	a->vec[i].iov_base = base;
	a->vec[i].iov_len = len;
}

/* Builds a vector whose parts are not adjacent in the buffer, so that each has to be right. */
static void choose_vector(struct args *a, enum vector kind, char *base)
{
	a->iov = a->vec;
	a->iovcnt = 2;
	set_vec(a, 0, base, 32);
	set_vec(a, 1, base + 64, 32);
	switch (kind) {
	case V_NORMAL:
		break;
	case V_ONE:
		a->iovcnt = 1;
		break;
	case V_NONE:
		a->iovcnt = 0;
		break;
	case V_NEGATIVE:
		a->iovcnt = -1;
		break;
	case V_1024:
	case V_1025:
		a->iovcnt = kind == V_1024 ? 1024 : 1025;
		for (int i = 0; i < a->iovcnt; i++)
			set_vec(a, i, base + 2 * i, 1);
		break;
	case V_NULL_MIDDLE:
		a->iovcnt = 3;
		set_vec(a, 1, NULL, 0);
		set_vec(a, 2, base + 64, 32);
		break;
	case V_NULL_BASE:
		set_vec(a, 0, NULL, 32);
		break;
	case V_UNMAPPED_ARRAY:
		a->iov = (struct iovec *)mem.none;
		break;
	case V_NULL_ARRAY:
		a->iov = NULL;
		break;
	case V_FIRST_UNMAPPED:
		set_vec(a, 0, mem.none, 32);
		break;
	case V_SECOND_UNMAPPED:
		set_vec(a, 1, mem.none, 32);
		break;
	case V_OVERFLOW:
		set_vec(a, 0, base, SSIZE_MAX);
		set_vec(a, 1, base + 64, SSIZE_MAX);
		break;
	case V_EMPTY:
		set_vec(a, 0, base, 0);
		set_vec(a, 1, base + 64, 0);
		break;
	case V_PAGES:
		set_vec(a, 0, base, 4096);
		set_vec(a, 1, base + 8192, 4096);
		break;
	case V_VAST:
		set_vec(a, 0, mem.vast, 0x7fffffff);
		set_vec(a, 1, mem.vast + 0x80000000, 0x7fffffff);
		break;
	case V_BULK:
		a->iovcnt = 4;
		for (int i = 0; i < 4; i++)
			set_vec(a, i, base + i * (BIG / 4), BIG / 4 - (i ? 0 : 1));
		break;
	}
}

static void choose_address_in(struct args *a, enum address kind)
{
	a->addr = (struct sockaddr *)&a->name;
	a->addrlenp = &a->namelen;
	a->namelen = sizeof(a->name);
	memset(&a->name, 0xa5, sizeof(a->name));
	switch (kind) {
	case A_NONE:
		a->addr = NULL;
		a->addrlenp = NULL;
		break;
	case A_SHORT:
		a->namelen = 4;
		break;
	case A_ZERO_LEN:
		a->namelen = 0;
		break;
	case A_NEGATIVE:
		a->namelen = (socklen_t)-1;
		break;
	case A_UNMAPPED:
		a->addr = (struct sockaddr *)mem.none;
		break;
	case A_LEN_UNMAPPED:
		a->addrlenp = (socklen_t *)mem.none;
		break;
	case A_NULL_WITH_LEN:
		a->addr = NULL;
		break;
	default:
		break;
	}
	a->name_room = a->namelen;
}

static void choose_address_out(struct args *a, struct object *o, enum address kind)
{
	memset(&a->name, 0, sizeof(a->name));
	memcpy(&a->name, &o->target, o->target_len);
	a->addr = (struct sockaddr *)&a->name;
	a->addrlen = o->target_len;
	switch (kind) {
	case A_NORMAL:
	case A_NONE:
		a->addr = NULL;
		a->addrlen = 0;
		break;
	case A_SHORT:
		a->addrlen = 3;
		break;
	case A_ZERO_LEN:
		a->addrlen = 0;
		break;
	case A_NEGATIVE:
		a->addrlen = (socklen_t)-1;
		break;
	case A_LONG:
		a->addrlen = sizeof(struct sockaddr_storage) + 1;
		break;
	case A_UNMAPPED:
		a->addr = (struct sockaddr *)mem.none;
		a->addrlen = 16;
		break;
	case A_NULL_WITH_LEN:
		a->addr = NULL;
		a->addrlen = 16;
		break;
	case A_WRONG_FAMILY:
		a->addr->sa_family = AF_APPLETALK;
		break;
	case A_UNSPEC:
		a->addr->sa_family = AF_UNSPEC;
		break;
	default:
		break;
	}
}

static void choose_rights(struct args *a, int fd)
{
	struct cmsghdr *cm = (struct cmsghdr *)a->control;

	memset(a->control, 0, sizeof(a->control));
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
	a->hdr.msg_control = a->control;
	a->hdr.msg_controllen = CMSG_SPACE(sizeof(int));
}

static void choose_message(struct args *a, struct object *o, enum message kind, enum direction dir)
{
	struct msghdr *m = &a->hdr;

	memset(m, 0, sizeof(*m));
	m->msg_iov = a->iov;
	m->msg_iovlen = a->iovcnt;
	m->msg_flags = 0x5a5a;
	a->msg = m;
	switch (kind) {
	case M_NULL:
		a->msg = NULL;
		break;
	case M_UNMAPPED:
		a->msg = (struct msghdr *)mem.none;
		break;
	case M_NAME:
	case M_NAME_SHORT:
	case M_NAME_NEGATIVE:
		m->msg_name = &a->name;
		m->msg_namelen = dir == DIR_IN ? (socklen_t)sizeof(a->name) : o->target_len;
		if (dir == DIR_OUT)
			memcpy(&a->name, &o->target, o->target_len);
		if (kind == M_NAME_SHORT)
			m->msg_namelen = 4;
		if (kind == M_NAME_NEGATIVE)
			m->msg_namelen = (socklen_t)-1;
		break;
	case M_NAME_UNMAPPED:
		m->msg_name = mem.none;
		m->msg_namelen = 16;
		break;
	case M_CONTROL:
		memset(a->control, 0, sizeof(a->control));
		m->msg_control = a->control;
		m->msg_controllen = sizeof(a->control);
		break;
	case M_CONTROL_SHORT:
		choose_rights(a, spare_fd);
		m->msg_controllen = 6;
		break;
	case M_CONTROL_UNMAPPED:
		m->msg_control = mem.none;
		m->msg_controllen = CMSG_SPACE(sizeof(int));
		break;
	case M_RIGHTS:
		choose_rights(a, spare_fd);
		break;
	case M_RIGHTS_BAD:
		choose_rights(a, FD_HUGE);
		break;
	default:
		break;
	}
	a->name_room = m->msg_namelen;
	a->control_room = m->msg_control == a->control ? m->msg_controllen : 0;
}

static void choose_messages(struct args *a, struct object *o, enum message kind, enum direction dir,
			    char *base)
{
	a->mmsg = a->many;
	a->vlen = 2;
	a->timeout = NULL;
	memset(a->many, 0, sizeof(a->many));
	for (unsigned int i = 0; i < 8; i++) {
		set_vec(a, i, base + i * 64, 32 + i);
		a->many[i].msg_hdr.msg_iov = &a->vec[i];
		a->many[i].msg_hdr.msg_iovlen = 1;
		a->many[i].msg_len = 0x5a5a;
	}
	switch (kind) {
	case M_NULL:
		a->mmsg = NULL;
		break;
	case M_UNMAPPED:
		a->mmsg = (struct mmsghdr *)mem.none;
		break;
	case M_NAME:
		a->many[0].msg_hdr.msg_name = &a->name;
		a->many[0].msg_hdr.msg_namelen = dir == DIR_IN ? (socklen_t)sizeof(a->name) : o->target_len;
		if (dir == DIR_OUT)
			memcpy(&a->name, &o->target, o->target_len);
		break;
	case M_MANY_NONE:
		a->vlen = 0;
		break;
	case M_MANY_ONE:
		a->vlen = 1;
		break;
	case M_MANY_THREE:
		a->vlen = 3;
		break;
	case M_MANY_SECOND_BAD:
		a->vlen = 3;
		a->vec[1].iov_base = mem.none;
		break;
	case M_MANY_TIMEOUT:
	case M_MANY_TIMEOUT_BAD:
		a->vlen = 3;
		a->ts = (struct timespec){ 0, kind == M_MANY_TIMEOUT ? 0 : 1000000000 };
		a->timeout = &a->ts;
		break;
	case M_MANY_TIMEOUT_UNMAPPED:
		a->timeout = (struct timespec *)mem.none;
		break;
	default:
		break;
	}
}

int args_prepare(struct args *a, struct object *o, const struct call *c, const struct arg_case *ac)
{
	bool vast = ac->buffer == B_VAST || ac->vector == V_VAST;
	char *base;

	if (vast && !mem.vast)
		return -1;
	a->fd = o->fd;
	a->len = c->shape & SH_BUFFERS ? ac->len : ac->vector == V_BULK ? BIG : 20000;
	a->off = ac->off;
	a->count = ac->count;
	a->flags = ac->flags;
	base = choose_buffer(a, ac->buffer, c->dir);
	a->buf = base;
	if (c->shape & SH_VECTORS)
		choose_vector(a, ac->vector, base);
	if (c->shape & (SH_SADDR | SH_ACCEPTS) && c->dir == DIR_IN)
		choose_address_in(a, ac->address);
	if (c->shape & (SH_SADDR | SH_CONNECT) && c->dir == DIR_OUT)
		choose_address_out(a, o, ac->address);
	if (c->shape & SH_MSG)
		choose_message(a, o, ac->message, c->dir);
	if (c->shape & SH_MMSG)
		choose_messages(a, o, ac->message, c->dir, base);
	return 0;
}

/* Frees the pages that a read into the vast mapping allocated. */
void args_release(struct args *a)
{
	if (a->buf == mem.vast && mem.vast)
		madvise(mem.vast, GIB4 + 16 * mem.page, MADV_DONTNEED);
}
