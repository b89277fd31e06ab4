/* SPDX-License-Identifier: MIT */
/* The state of the helper: the program's way through directories, and how far it has fetched. */
#ifndef SHIM_AHEAD_HELPER_STATE_H
#define SHIM_AHEAD_HELPER_STATE_H

#include "shim/ahead/events.h"
#include "shim/ahead/files/leases.h"
#include "shim/ahead/files/listing.h"
#include "shim/ahead/files/fetch.h"

enum {
	WINDOW_MIN = 4,
	WINDOW_MAX = 2048,
	SKIP_MAX = 8, /* entries that a program may leave out */
};

struct habit {
	int scores[ORDERS]; /* how well each order has predicted the last events */
	enum order order;
	bool is_known;		/* order has predicted at least two files */
	bool reads;		/* it reads the files */
	bool descends;		/* it goes into directories when it comes to them */
	unsigned opens, stats;	/* of files, lately */
	unsigned opens_in_turn; /* since it last asked for attributes */
};

/* What the program needed when it was last started. */
struct start {
	struct listing names; /* not in use: there is no list, or it is done with */
	int moved;	      /* the working directory that the program went to, or -1 */
	uint32_t mapped;      /* so many names at the start are of mapped files */
	uint32_t next;	      /* the name to fetch next */
	unsigned hits, misses;
	uint64_t dev;	/* where files may be fetched, or 0: not known yet */
	size_t advised; /* so much of mapped files */
};

struct walk {
	struct ahead *ahead;
	struct fetcher *fetcher;
	struct listing listings[LISTINGS];
	struct start start;
	struct habit habit;
	uint32_t frames[LISTINGS]; /* where to fetch, in the order in which the program comes by */
	unsigned frame_count;
	unsigned window;	   /* at most so many fetched or on their way, and not asked for */
	unsigned outstanding;	   /* so many are */
	unsigned pages, pages_max; /* the same for the size of their contents */
	unsigned directories;	   /* looked up, and not yet come by */
	uint32_t events;
	uint32_t cached; /* a bit for each of the last 32 fetches: 1: it was cached */
	unsigned fetches;
	unsigned hits, unused; /* lately */
	unsigned in_vain;      /* how often in turn fetching was of no use, as 2^n - 1 */
	unsigned kinds;	       /* of settings.ahead */
	struct leases leases;
	uint32_t arguments; /* their listing, or LISTING_NONE */
};

static inline void walk_count(struct walk *walk, enum ahead_count what)
{
	atomic_fetch_add_explicit(&walk->ahead->counts[what], 1, memory_order_relaxed);
}

static inline struct listing *listing_at(struct walk *walk, uint32_t index)
{
	return index == LISTING_NONE ? NULL : &walk->listings[index];
}

static inline uint32_t listing_index(const struct walk *walk, const struct listing *listing)
{
	return (uint32_t)(listing - walk->listings);
}

#endif
