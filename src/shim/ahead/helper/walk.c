/* SPDX-License-Identifier: MIT */
/* Matches what the program does with the listings. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include "shim/ahead/files/file-systems.h"
#include "shim/ahead/files/memory.h"
#include "shim/ahead/files/resolve.h"
#include "shim/ahead/helper/frontier.h"
#include "shim/ahead/helper/habit.h"
#include "shim/ahead/helper/listings.h"
#include "shim/ahead/start/start-fetch.h"
#include "shim/ahead/helper/walk.h"
#include "shim/ahead/name-hash.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"

void walk_start(struct walk *walk, struct ahead *ahead, struct fetcher *fetcher)
{
	walk->ahead = ahead;
	walk->fetcher = fetcher;
	walk->window = WINDOW_MIN;
	walk->kinds = settings.ahead.kinds;
	walk->pages_max = memory_limit();
	walk->arguments = LISTING_NONE;
}

static struct place place_of(const struct event *event, const char *path, size_t parent_length)
{
	return (struct place){ event->dir, hash_on(NAME_HASH, path, path + parent_length) };
}

static bool is_at_place(const struct listing *listing, struct place place)
{
	return listing->in_use && listing->last_event && listing->place.dir == place.dir &&
		listing->place.hash == place.hash;
}

/* No two directories have the same place: a descriptor's number was reused. */
static void set_place(struct walk *walk, struct listing *listing, struct place place)
{
	for (size_t i = 0; i < LISTINGS; i++)
		if (is_at_place(&walk->listings[i], place))
			walk->listings[i].place = (struct place){ INT_MIN, 0 };
	listing->place = place;
}

/* The program has opened a directory: its descriptor's number can have named another one before. */
static void forget_descriptors(struct walk *walk)
{
	for (size_t i = 0; i < LISTINGS; i++)
		if (walk->listings[i].place.dir >= 0)
			walk->listings[i].place = (struct place){ INT_MIN, 0 };
}

/* Returns the listing of the directory that the descriptor names, or makes it. */
static struct listing *list_directory(struct walk *walk, int fd)
{
	struct listing *listing;
	struct stat st;
	int listed;

	if (!is_fetchable(fd, walk->kinds & AHEAD_NETWORK) || sys2(SYS_fstat, fd, (long)&st))
		return NULL;
	listing = listings_find_inode(walk, st.st_dev, st.st_ino);
	if (listing)
		return listing;
	listing = listings_find_room(walk, NULL);
	listed = listing ? resolve_listed(fd, ".") : -1;
	return listed >= 0 && listing_read(listing, listed) ? listing : NULL;
}

/* Finds the listing of the directory of path by asking the kernel, or makes it. */
static struct listing *resolve_listing(struct walk *walk, const struct event *event,
				       const char *path, size_t parent_length)
{
	int fd = resolve_directory(walk->ahead->owner, event->dir, path, parent_length);
	struct listing *listing;

	if (fd < 0)
		return NULL;
	listing = list_directory(walk, fd);
	sys1(SYS_close, fd);
	return listing;
}

/* Makes the listing of the arguments, if the one that the program uses may be fetched. */
static struct listing *list_arguments(struct walk *walk, const char *path)
{
	struct listing *listing;
	int fd = resolve_directory(walk->ahead->owner, AT_FDCWD, "", 0);

	if (fd < 0)
		return NULL;
	listing = is_fetchable_path(fd, path, walk->kinds & AHEAD_NETWORK) ?
		listings_find_room(walk, NULL) :
		NULL;
	if (!listing) {
		sys1(SYS_close, fd);
		return NULL;
	}
	if (!listing_of_arguments(listing, fd, ahead_arguments.count, ahead_arguments.list))
		return NULL;
	walk->arguments = listing_index(walk, listing);
	return listing;
}

/* Returns the listing of the arguments. Makes it if there is none. */
static struct listing *arguments_of(struct walk *walk, const char *path)
{
	struct listing *listing = listing_at(walk, walk->arguments);

	if (listing || !(walk->kinds & AHEAD_ARGUMENTS))
		return listing;
	return list_arguments(walk, path);
}

/* Returns the listing of the arguments if path is one of them, else NULL. */
static struct listing *find_argument(struct walk *walk, const struct event *event, const char *path,
				     uint32_t *entry)
{
	struct listing *listing = NULL;

	if (event->is_argument)
		listing = arguments_of(walk, path);
	if (!listing)
		return NULL;
	*entry = listing_find(listing, path);
	if (*entry == ENTRY_NONE)
		return NULL;
	/* The order of the arguments needs no other proof than two of them. */
	if (listing->last == ENTRY_NONE)
		return listing;
	walk->habit.scores[ORDER_LISTING] = SCORE_MAX;
	habit_choose_order(walk);
	return listing;
}

/* Finds the directory and the entry that an event is about. Returns NULL if it is unknown. */
static struct listing *find_listing(struct walk *walk, const struct event *event, const char *path,
				    uint32_t *entry)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t parent_length = slash ? (size_t)(slash - path) + 1 : 0;
	struct place place = place_of(event, path, parent_length);
	struct listing *listing = find_argument(walk, event, path, entry);

	if (listing || !(walk->kinds & AHEAD_LIST))
		return listing;
	for (size_t i = 0; i < LISTINGS; i++) {
		listing = &walk->listings[i];
		if (!is_at_place(listing, place))
			continue;
		*entry = listing_find(listing, name);
		if (*entry != ENTRY_NONE)
			return listing;
	}
	listing = resolve_listing(walk, event, path, parent_length);
	if (!listing)
		return NULL;
	set_place(walk, listing, place);
	*entry = listing_find(listing, name);
	return *entry == ENTRY_NONE ? NULL : listing;
}

/* Counts how the fetch of an entry has served the program. Returns true if it was not fetched. */
static bool count_use(struct walk *walk, struct entry *entry)
{
	if (entry->state == ENTRY_NEW)
		return true;
	if (entry->state == ENTRY_FETCHED || entry->state == ENTRY_IN_FLIGHT) {
		walk_count(walk, entry->state == ENTRY_FETCHED ? AHEAD_USED : AHEAD_LATE);
		walk->hits++;
		if (walk->window < WINDOW_MAX)
			walk->window++;
	}
	return false;
}

/* Returns true if text begins with a path's component of a single point, or an empty one. */
static bool is_idle_component(const char *text)
{
	return text[0] == '/' || (text[0] == '.' && (text[1] == '/' || !text[1]));
}

/* Removes what leads nowhere from a path, such as /. at its end. One point remains of a lone one. */
static void shorten_path(char *path)
{
	char *to = path;

	if (*path == '/')
		to++, path++;
	for (const char *from = path; *from;) {
		if (is_idle_component(from) && from[1]) {
			from += *from == '/' ? 1 : 2;
			continue;
		}
		if (is_idle_component(from) && to > path)
			break;
		while (*from && *from != '/')
			*to++ = *from++;
		if (*from)
			*to++ = *from++;
	}
	while (to > path + 1 && to[-1] == '/')
		to--;
	*to = '\0';
}

/*
 * Returns true if fetching has to go on from here. A program that reads files can list directories
 * long before it comes to the files in them.
 */
static bool is_new_start(const struct walk *walk, const struct entry *entry, bool is_miss)
{
	return !walk->frame_count || (is_miss && !(walk->habit.reads && entry->type == DT_DIR));
}

/* Learns in which order the program goes on. Returns true if that is known. */
static bool learn_order(struct walk *walk, struct listing *listing, uint32_t index)
{
	if (listing->last != ENTRY_NONE && listing->last != index) {
		listing->is_followed = true;
		habit_learn_order(walk, listing, index);
	}
	listing->last = index;
	if (walk->habit.is_known)
		return true;
	walk->frame_count = 0;
	walk->window = WINDOW_MIN;
	return false;
}

/* Goes on from the entry that the program has come to. */
static void follow(struct walk *walk, enum event_kind kind, struct listing *listing, uint32_t index,
		   bool is_miss)
{
	const struct entry *entry = &listing->entries[index];
	uint32_t rank = listing->rank[walk->habit.order][index];

	if (rank > SKIP_MAX)
		listing_sweep(walk, listing, rank - SKIP_MAX);
	/* The window is full of files that the program does not come by. */
	if (is_miss && !walk->fetcher->in_flight && walk->outstanding >= walk->window)
		listings_give_up(walk);
	if (is_new_start(walk, entry, is_miss))
		frontier_start(walk, listing, index);
	if (kind != EVENT_STAT && entry->type == DT_DIR)
		frontier_list(walk, listing, index);
	listings_free_left(walk, listing);
}

void walk_note(struct walk *walk, const struct event *event, char *path)
{
	struct listing *listing;
	struct entry *entry;
	uint32_t index;
	bool is_miss;

	if (event->kind == EVENT_SYNC)
		return;
	walk->events++;
	if (start_note(walk, event, path))
		return;
	shorten_path(path);
	listing = find_listing(walk, event, path, &index);
	if (!listing)
		return;
	entry = &listing->entries[index];
	listing->last_event = walk->events;
	if (event->kind == EVENT_OPEN && entry->type == DT_DIR)
		forget_descriptors(walk);
	else if (event->kind == EVENT_OPEN)
		listing->is_opened = true;
	habit_learn_use(walk, event->kind, entry);
	/* Of a program that reads the files, what it asks before it does is no news. */
	if (event->kind == EVENT_STAT && walk->habit.reads && entry->type != DT_DIR)
		return;
	is_miss = count_use(walk, entry);
	listing_settle_entry(walk, entry, false);
	if (learn_order(walk, listing, index))
		follow(walk, event->kind, listing, index, is_miss);
}
