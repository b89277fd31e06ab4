/* SPDX-License-Identifier: MIT */
/* The entries of a directory, in the orders in which programs go through it. */
#ifndef SHIM_AHEAD_LISTING_H
#define SHIM_AHEAD_LISTING_H

#include "shim/base/base.h"

enum order {
	ORDER_LISTING, /* as getdents64(2) gives it */
	ORDER_INODE,
	ORDER_NAME, /* by the bytes of the name */
	ORDERS
};

enum entry_state {
	ENTRY_NEW,
	ENTRY_IN_FLIGHT,
	ENTRY_LATE, /* in flight, but the program has come by */
	ENTRY_FETCHED,
	ENTRY_DONE, /* asked for by the program, or never to be fetched */
};

/* How the program names a directory: a descriptor, and the hash of a path relative to it. */
struct place {
	int dir;
	uint32_t hash;
};

struct entry {
	uint64_t ino;
	uint32_t name;	/* its offset in names */
	uint32_t pages; /* fetched and not asked for yet */
	uint8_t type;	/* DT_REG, DT_DIR, ... */
	uint8_t state;	/* enum entry_state */
};

struct listing {
	bool in_use;
	bool is_followed;  /* the program goes through it: it has come to two entries */
	bool is_opened;	   /* the program has opened a file in it */
	bool is_arguments; /* paths relative to fd, not names in it: arguments, or a start list */
	int fd;		   /* of the helper; -1: closed */
	uint64_t dev, ino;
	bool has_noatime; /* files in it can be read without changing their access times */
	bool needs_flag;  /* ... if they are opened with O_NOATIME */
	unsigned pending; /* fetches of its entries on their way */
	uint32_t parent, parent_entry; /* the listing that it is in, or LISTING_NONE */
	uint32_t count;
	struct entry *entries;
	char *names;
	uint32_t *sorted[ORDERS]; /* the entries in this order */
	uint32_t *rank[ORDERS];	  /* the place of an entry in this order */
	uint32_t *table;	  /* entries by the hash of their name */
	uint32_t table_mask;
	size_t names_size, entries_size; /* of the mappings */
	uint32_t last;			 /* the entry that the program asked for last, or none */
	uint32_t frontier;		 /* the rank from which on nothing is fetched yet */
	uint32_t swept;			 /* below this rank nothing is fetched and not asked for */
	struct place place;		 /* how the program names it */
	uint32_t last_event;		 /* the number of the last event in it */
};

enum { LISTINGS = 64, LISTING_NONE = LISTINGS, LISTING_START, LISTING_MOVED };
enum { ENTRY_NONE = -1u };

/*
 * Reads the directory fd, which the listing owns from then on, and which lies on a file system that
 * may be read. Returns false, and closes fd, if its access time would change.
 */
bool listing_read(struct listing *listing, int fd);

/*
 * Makes a listing of the program's arguments. fd is its working directory. The program can change
 * the text of its arguments at any time.
 */
bool listing_of_arguments(struct listing *listing, int fd, int argc, char *const *argv);

/* Makes a listing of size bytes of names, each with a zero byte at its end. Owns fd. */
bool listing_of_names(struct listing *listing, int fd, const char *names, size_t size);

void listing_free(struct listing *listing);

/* Returns the entry with that name, or ENTRY_NONE. */
uint32_t listing_find(const struct listing *listing, const char *name);

/* Returns the directory with that inode number, or ENTRY_NONE. */
uint32_t listing_find_directory(const struct listing *listing, uint64_t ino);

static inline const char *entry_name(const struct listing *listing, uint32_t entry)
{
	return listing->names + listing->entries[entry].name;
}

#endif
