/* SPDX-License-Identifier: MIT */
/* Counts calls by how long they took, and keeps those that waited. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/un.h>
#include "shim/base/clock.h"
#include "shim/base/strview.h"
#include "shim/base/sys.h"
#include "shim/fd/fdtable.h"
#include "shim/ring/process.h"
#include "shim/ring/thread.h"
#include "shim/route/stats.h"
#include "shim/timing/site.h"
#include "shim/timing/timing-file.h"
#include "shim/timing/timing.h"

static struct timing_record *record;

/* Makes a record for this process. Handlers can note calls as soon as it is there. */
static void make_record(void)
{
	struct timing_record *new = timing_file_map(settings.timings);

	if (!new)
		return;
	new->process = (uint32_t)sys0(SYS_getpid);
	new->begin = moment_now();
	new->size = sizeof(*new);
	new->magic = TIMING_MAGIC;
	signal_fence();
	record = new;
}

/* A forked child has a file of its own. */
static void begin_again(void)
{
	struct timing_record *parents = record;

	record = NULL;
	signal_fence();
	if (parents)
		sys2(SYS_munmap, (long)parents, sizeof(*parents));
	make_record();
}

static void name_internet_peer(char name[TIMING_NAME], int family, const void *address,
			       uint16_t port)
{
	char *end;

	if (!inet_ntop(family, address, name, TIMING_NAME - 8))
		return;
	end = name + strlen(name);
	*end++ = family == AF_INET6 ? '.' : ':';
	*strview_put_number(end, ntohs(port)) = '\0';
}

/* Names the peer of a socket by its address. Returns false if it has none. */
static bool name_peer(char name[TIMING_NAME], int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_storage storage;
	} peer = { 0 };
	socklen_t length = sizeof(peer);

	if (sys3(SYS_getpeername, fd, (long)&peer, (long)&length))
		return false;
	if (peer.any.sa_family == AF_INET)
		name_internet_peer(name, AF_INET, &peer.in.sin_addr, peer.in.sin_port);
	else if (peer.any.sa_family == AF_INET6)
		name_internet_peer(name, AF_INET6, &peer.in6.sin6_addr, peer.in6.sin6_port);
	else if (peer.any.sa_family == AF_UNIX && *peer.un.sun_path)
		timing_copy_name(name, peer.un.sun_path, strnlen(peer.un.sun_path, 100));
	return *name;
}

static void name_descriptor(char name[TIMING_NAME], int fd)
{
	char text[512];
	long length = fd_read_name(fd, text, sizeof(text));

	if (length <= 0)
		return;
	if (!strncmp(text, "socket:", 7) && name_peer(name, fd))
		return;
	timing_copy_name(name, text, (size_t)length);
}

/* Only for a path that the kernel has just read. */
static void name_path(char name[TIMING_NAME], int dir, const char *path)
{
	char text[512];
	long length = *path == '/' || dir == AT_FDCWD ? 0 : fd_read_name(dir, text, 255);

	if (length < 0)
		return;
	if (length)
		text[length++] = '/';
	strncpy(text + length, path, sizeof(text) - (size_t)length);
	timing_copy_name(name, text, strnlen(text, sizeof(text)));
}

static bool is_open(enum call call)
{
	return call == CALL_open || call == CALL_openat || call == CALL_openat2 ||
		call == CALL_creat;
}

static void name_wait(struct timing_wait *wait, const struct timed_call *call, ssize_t ret)
{
	if (call->fd >= 0)
		name_descriptor(wait->name, call->fd);
	else if (call->path && ret >= 0 && is_open(call->call))
		name_descriptor(wait->name, (int)ret);
	else if (call->path && ret >= 0)
		name_path(wait->name, call->dir, call->path);
}

static struct timing_wait describe(const struct timed_call *call, uint64_t ticks, ssize_t ret)
{
	struct timing_wait wait = {
		.ticks = ticks,
		.site = (uint64_t)site_find((const void *)~call->site, call),
		.offset = call->offset,
		.fd = call->fd,
		.result = ret < 0 ? -errno : (int32_t)(ret > INT32_MAX ? INT32_MAX : ret),
		.call = call->call,
	};

	name_wait(&wait, call, ret);
	return wait;
}

static void empty_window(void)
{
	bool has_room = record->appended < TIMING_WAITS_MAX && timing_file_append(record);

	if (has_room)
		record->appended += TIMING_WINDOW;
	else
		atomic_fetch_add(&record->lost, TIMING_WINDOW);
	for (size_t i = 0; i < TIMING_WINDOW; i++)
		atomic_store_explicit(&record->window[i].begin, 0, memory_order_relaxed);
	atomic_store(&record->used, 0);
}

/* Takes a place in the window. The thread that takes the last one empties the window first. */
static struct timing_wait *take_place(void)
{
	uint32_t place = atomic_fetch_add(&record->used, 1);

	if (place == TIMING_WINDOW) {
		empty_window();
		place = atomic_fetch_add(&record->used, 1);
	}
	if (place < TIMING_WINDOW)
		return &record->window[place];
	atomic_fetch_add(&record->lost, 1);
	return NULL;
}

/* Returns true if so many ticks are TIMING_WAIT_NS or more: their share of the time until now. */
static bool is_wait(uint64_t ticks, struct moment now)
{
	uint64_t ns = (uint64_t)(now.ns - record->begin.ns);

	return (unsigned __int128)ticks * ns >=
		(unsigned __int128)TIMING_WAIT_NS * (now.ticks - record->begin.ticks);
}

/* Keeps a call that may have waited, unless it waits for others by its nature. */
static COLD void keep_wait(const struct timed_call *call, uint64_t begin, uint64_t ticks,
			   ssize_t ret)
{
	struct timing_wait wait, *place;
	int saved = errno;

	if ((call->call < CALL_COUNT && call_names[call->call].family == FAMILY_wait) ||
	    !is_wait(ticks, moment_now()))
		return;
	wait = describe(call, ticks, ret);
	site_note(record->sites, (const void *)wait.site);
	place = take_place();
	if (place) {
		*place = wait;
		atomic_store_explicit(&place->begin, begin, memory_order_release);
	}
	errno = saved;
}

/* The number of the highest bit. */
static inline unsigned bucket_of(uint64_t ticks)
{
	unsigned bucket = 63 - (unsigned)__builtin_clzll(ticks | 1);

	return bucket < TIMING_BUCKETS ? bucket : TIMING_BUCKETS - 1;
}

static void note_longest(_Atomic uint64_t *max, uint64_t ticks)
{
	uint64_t before = atomic_load_explicit(max, memory_order_relaxed);

	while (ticks > before &&
	       !atomic_compare_exchange_weak_explicit(max, &before, ticks, memory_order_relaxed,
						      memory_order_relaxed))
		;
}

void timing_note(const struct timed_call *call, uint64_t begin, ssize_t ret)
{
	/* Processors can count from different starts. */
	int64_t passed = (int64_t)(ticks_now() - begin);
	uint64_t ticks = passed > 0 ? (uint64_t)passed : 0;
	struct call_timing *timing;

	if (call_clock_runs && call->call < CALL_COUNT)
		stats_note_direct((enum call)call->call, begin);
	/* A vfork child runs on its parent's memory. */
	if (!record || thread_is_vfork_child())
		return;
	timing = &record->calls[call->call];
	atomic_fetch_add_explicit(&timing->count, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&timing->ticks, ticks, memory_order_relaxed);
	atomic_fetch_add_explicit(&timing->buckets[bucket_of(ticks)], 1, memory_order_relaxed);
	if (ret < 0)
		atomic_fetch_add_explicit(&timing->errors, 1, memory_order_relaxed);
	note_longest(&timing->max, ticks);
	if (unlikely(ticks >= TICKS_IN_40_US / 2))
		keep_wait(call, begin, ticks, ret);
}

void timing_begin(void)
{
	if (settings.timings && settings.participates)
		make_record();
	if (record)
		process_call_in_child(begin_again);
	if (record || call_clock_runs)
		timing_stand_ins_put();
}
