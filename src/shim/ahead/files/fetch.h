/* SPDX-License-Identifier: MIT */
/*
 * Brings files into the kernel's caches with operations on the helper's ring, many at a time. What
 * is read goes to a buffer that nobody looks at.
 */
#ifndef SHIM_AHEAD_FETCH_H
#define SHIM_AHEAD_FETCH_H

#include "shim/base/base.h"
#include <sys/stat.h>
#include "uring/uring.h"

enum { DEPTH_MAX = 128, FETCH_PATH_MAX = 512 };

enum fetch_kind {
	FETCH_ATTRIBUTES, /* looks the file up */
	FETCH_CONTENTS,	  /* opens it and reads it from the start */
	FETCH_TYPE,	  /* asks for its type, which no listing has said */
	FETCH_SYNC,	  /* writes an open file to the disk */
	FETCH_DIRECTORY,  /* looks the directory up, and a name in it that does not exist */
};

/* One file or directory on its way. */
struct fetch {
	bool in_use;
	bool reads; /* else the kernel is only advised to */
	uint8_t kind;
	uint32_t listing, entry;
	uint32_t batch; /* the submission that it goes with */
	unsigned bytes; /* to be read at most */
	int fd;		/* of FETCH_SYNC */
	struct uring_open_how how;
	struct statx statx;
	char path[FETCH_PATH_MAX];
};

struct fetcher {
	struct uring ring;
	unsigned depth; /* at most so many on their way */
	unsigned in_flight;
	unsigned bytes; /* read at most so much of each */
	uint32_t batch;
	char *buffer;
	struct fetch list[DEPTH_MAX];
};

/* The result of a fetch. pages: read from the file. */
struct fetched {
	uint32_t listing, entry;
	uint8_t kind;
	bool was_cached;
	bool failed;
	bool reads; /* of struct fetch_order */
	uint32_t pages;
	int result, fd; /* of FETCH_SYNC: what fsync returned, and the file */
	uint16_t mode;	/* these three of FETCH_TYPE */
	uint64_t ino, dev;
};

/* Makes the ring. Returns a negative errno on failure. */
int fetcher_start(struct fetcher *fetcher, unsigned depth, unsigned bytes);

static inline bool fetcher_has_room(const struct fetcher *fetcher)
{
	return fetcher->in_flight < fetcher->depth;
}

/* A file or directory that is to be fetched. */
struct fetch_order {
	enum fetch_kind kind;
	int dir; /* name is relative to it */
	const char *name;
	bool reads;	  /* reading the file does not change its access time */
	bool noatime;	  /* ... if it is opened with O_NOATIME, which only its owner may */
	bool follows;	  /* name may lead through symbolic links and to other file systems */
	unsigned advised; /* if reads is false: advise so many bytes, 0: as many as are read */
	uint32_t listing, entry;
};

/* Adds a fetch. It begins with the next fetcher_run(). Returns false if the name is too long. */
bool fetcher_add(struct fetcher *fetcher, const struct fetch_order *order);

/* Adds a sync of an open file, for which there must be room. */
void fetcher_add_sync(struct fetcher *fetcher, int fd, uint32_t entry);

/*
 * Submits what was added. If wait is true, waits until something is done, or for a millisecond.
 * Calls done for each fetch that ended.
 */
void fetcher_run(struct fetcher *fetcher, bool wait, void (*done)(void *arg, struct fetched),
		 void *arg);

/* Waits until nothing is on its way, and lets go of all files. */
void fetcher_release(struct fetcher *fetcher);

#endif
