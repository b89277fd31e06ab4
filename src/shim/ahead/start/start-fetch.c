/* SPDX-License-Identifier: MIT */
/* The list of what a program needs when it starts. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include "shim/ahead/files/file-systems.h"
#include "shim/ahead/start/mappings.h"
#include "shim/ahead/files/resolve.h"
#include "shim/ahead/start/start-list.h"
#include "shim/ahead/start/start-fetch.h"
#include "shim/ahead/start/start-log.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"

/* So many files may be opened that the list does not have. */
enum { MISSES_MAX = 32 };

/*
 * So much of a mapped file, and of each of its mappings, is fetched. For one advice the kernel reads
 * no more than the disk takes at once.
 */
enum { MAPPED_BYTES = 4 * 1024 * 1024, PIECE = 512 * 1024 };

static bool begin_list(const struct walk *walk, struct start_list *list)
{
	return start_list_begin(list, walk->ahead->owner, start_log->directory,
				ahead_arguments.count, ahead_arguments.list);
}

/* The names of mapped files come first, then an empty one. */
static uint32_t count_mapped(const char *names, size_t size)
{
	uint32_t count = 0;

	for (size_t i = 0; i < size && names[i]; i += strlen(names + i) + 1)
		count++;
	return count;
}

/* Returns -1 on failure. */
static int open_directory(const struct walk *walk, const char *path)
{
	size_t length = strlen(path);
	int fd = -1;

	if (length <= EVENT_PATH_MAX)
		fd = resolve_directory(walk->ahead->owner, AT_FDCWD, path, length);
	return fd < 0 ? -1 : fd;
}

/*
 * A mapping of a file that the program used last time: the kernel is advised to read it. The helper
 * shares the program's memory, so no file is opened.
 */
static void advise_mapping(void *arg, const struct mapping *mapping)
{
	struct walk *walk = arg;
	struct listing *names = &walk->start.names;
	uint32_t index = listing_find(names, mapping->path);
	size_t size = mapping->size < MAPPED_BYTES ? mapping->size : MAPPED_BYTES;

	if (index >= walk->start.mapped || walk->start.advised / 4096 >= walk->pages_max ||
	    !is_fetchable_path(names->fd, mapping->path, walk->kinds & AHEAD_NETWORK))
		return;
	for (size_t done = 0; done < size; done += PIECE) {
		size_t length = size - done < PIECE ? size - done : PIECE;

		if (!sys3(SYS_madvise, (long)(mapping->address + done), (long)length,
			  MADV_WILLNEED))
			walk_count(walk, AHEAD_RANGES);
	}
	walk->start.advised += size;
	names->entries[index].state = ENTRY_DONE;
}

/*
 * The first name is that of the working directory that the program went to, or empty if it stayed
 * where it had started.
 */
static void use_list(struct walk *walk, const struct start_list *list)
{
	const char *moved = start_list_names(list), *names = moved + strlen(moved) + 1;
	size_t size = list->size - (size_t)(names - list->text);
	int fd = open_directory(walk, start_log->directory);

	walk->start.moved = -1;
	if (fd < 0 || !size || !listing_of_names(&walk->start.names, fd, names, size))
		return;
	walk->start.mapped = count_mapped(names, size);
	if (*moved)
		walk->start.moved = open_directory(walk, moved);
	mappings_visit(advise_mapping, walk);
}

void start_load(struct walk *walk)
{
	struct start_list list;

	if (!start_log || start_log->is_loaded || !start_log_is_open())
		return;
	start_log->is_loaded = true;
	if (!begin_list(walk, &list))
		return;
	if (start_list_load(&list, start_directory))
		use_list(walk, &list);
	start_list_free(&list);
}

/* A list that is made. */
struct making {
	struct start_list list;
	int dirs[2]; /* where the program started, and where it is if that is elsewhere, or -1 */
	bool network;
	char last[1024]; /* the name that was added last */
};

static bool is_name_fetchable(const struct making *making, const char *name)
{
	for (size_t i = 0; i < 2; i++)
		if (making->dirs[i] >= 0 &&
		    is_fetchable_path(making->dirs[i], name, making->network))
			return true;
	return false;
}

/* Adds a name, unless it is the same as the last one or may not be fetched. */
static void add_name(struct making *making, const char *name)
{
	if (strlen(name) >= sizeof(making->last) || !strcmp(name, making->last) ||
	    !is_name_fetchable(making, name))
		return;
	stpcpy(making->last, name);
	start_list_add(&making->list, name);
}

static void add_mapped(void *arg, const struct mapping *mapping)
{
	add_name(arg, mapping->path);
}

/* Adds the names of the log. */
static void add_all_opened(struct making *making, uint32_t used)
{
	for (uint32_t i = 0; i < used; i += (uint32_t)strlen(start_log->names + i) + 1)
		add_name(making, start_log->names + i);
}

/*
 * Adds the working directory that the program has gone to, or an empty name. Returns that directory,
 * opened, or -1.
 */
static int add_moved(struct making *making, const struct walk *walk)
{
	char path[sizeof(start_log->directory)];
	size_t length = resolve_link(walk->ahead->owner, "/cwd", path, sizeof(path));
	bool has_moved = length && length < sizeof(path) - 1 && strcmp(path, start_log->directory);

	start_list_add(&making->list, has_moved ? path : "");
	return has_moved ? open_directory(walk, path) : -1;
}

void start_store(const struct walk *walk)
{
	uint32_t used = start_log ? atomic_load(&start_log->used) : 0;
	struct making making = { .network = walk->kinds & AHEAD_NETWORK };

	if (!used || start_log->stored == used || !begin_list(walk, &making.list))
		return;
	start_log->stored = used;
	making.dirs[0] = open_directory(walk, start_log->directory);
	making.dirs[1] = add_moved(&making, walk);
	if (making.dirs[0] >= 0) {
		mappings_visit(add_mapped, &making);
		start_list_add(&making.list, "");
		add_all_opened(&making, used);
		start_list_store(&making.list, start_directory);
	}
	for (size_t i = 0; i < 2; i++)
		if (making.dirs[i] >= 0)
			sys1(SYS_close, making.dirs[i]);
	start_list_free(&making.list);
}

/* Returns what a name is relative to. which: LISTING_START or LISTING_MOVED. */
static int dir_of(const struct start *start, uint32_t which)
{
	return which == LISTING_MOVED ? start->moved : start->names.fd;
}

/* Adds a fetch of a name. Returns false if it cannot be fetched. */
static bool add_fetch(struct walk *walk, uint32_t which, uint32_t index, enum fetch_kind kind,
		      bool reads)
{
	struct start *start = &walk->start;
	bool is_mapped = index < start->mapped;
	const struct fetch_order order = {
		.kind = kind,
		.dir = dir_of(start, which),
		.name = entry_name(&start->names, index),
		.reads = reads && !is_mapped,
		.noatime = reads && !is_mapped,
		.advised = is_mapped ? MAPPED_BYTES : 0,
		.follows = true,
		.listing = which,
		.entry = index,
	};

	if (!fetcher_add(walk->fetcher, &order))
		return false;
	start->names.pending++;
	return true;
}

static bool has_more(const struct walk *walk)
{
	const struct start *start = &walk->start;

	return start->next < start->names.count && start->misses <= start->hits + MISSES_MAX &&
		walk->pages < walk->pages_max;
}

/* Asks for the type first. Returns false if there is nothing to ask for. */
static bool begin_fetch(struct walk *walk, uint32_t index)
{
	const struct start *start = &walk->start;
	const char *name = entry_name(&start->names, index);
	bool has_moved = start->moved >= 0 && *name != '/';

	return *name &&
		add_fetch(walk, has_moved ? LISTING_MOVED : LISTING_START, index, FETCH_TYPE,
			  false);
}

void start_fetch_more(struct walk *walk)
{
	struct start *start = &walk->start;

	if (!start->names.in_use)
		return;
	leases_update(&walk->leases);
	while (has_more(walk) && fetcher_has_room(walk->fetcher)) {
		uint32_t index = start->next++;
		struct entry *entry = &start->names.entries[index];

		if (entry->state == ENTRY_NEW)
			entry->state = begin_fetch(walk, index) ? ENTRY_IN_FLIGHT : ENTRY_DONE;
	}
}

/* Returns true if the file lies where files may be fetched. Most lie where the last one does. */
static bool is_device_fetchable(struct walk *walk, const struct fetched *fetched)
{
	struct start *start = &walk->start;

	if (fetched->dev == start->dev)
		return true;
	if (!is_fetchable_path(dir_of(start, fetched->listing),
			       entry_name(&start->names, fetched->entry),
			       walk->kinds & AHEAD_NETWORK))
		return false;
	start->dev = fetched->dev;
	return true;
}

/* The type is known now. Returns true if the rest is on its way. */
static bool fetch_rest(struct walk *walk, const struct fetched *fetched)
{
	uint32_t index = fetched->entry, which = fetched->listing;

	/* The name can be from before the program went to another directory. */
	if (fetched->failed)
		return which == LISTING_MOVED &&
			add_fetch(walk, LISTING_START, index, FETCH_TYPE, false);
	if (!is_device_fetchable(walk, fetched) || is_leased(&walk->leases, fetched->ino))
		return false;
	if (S_ISDIR(fetched->mode))
		return add_fetch(walk, which, index, FETCH_DIRECTORY, false);
	return S_ISREG(fetched->mode) && add_fetch(walk, which, index, FETCH_CONTENTS, true);
}

/* Goes on with the next step of a fetch. Returns false if that was the last one. */
static bool go_on(struct walk *walk, const struct fetched *fetched)
{
	if (fetched->kind == FETCH_TYPE)
		return fetch_rest(walk, fetched);
	/* Only its owner may open a file with O_NOATIME. */
	return fetched->kind == FETCH_CONTENTS && fetched->failed && fetched->reads &&
		add_fetch(walk, fetched->listing, fetched->entry, FETCH_CONTENTS, false);
}

void start_note_fetched(struct walk *walk, const struct fetched *fetched)
{
	struct entry *entry = &walk->start.names.entries[fetched->entry];

	walk->start.names.pending--;
	if (entry->state == ENTRY_IN_FLIGHT && go_on(walk, fetched))
		return;
	if (!fetched->failed && fetched->kind != FETCH_TYPE)
		walk_count(walk, fetched->was_cached ? AHEAD_CACHED : AHEAD_FETCHED);
	if (entry->state != ENTRY_IN_FLIGHT) {
		entry->state = ENTRY_DONE;
		return;
	}
	entry->state = ENTRY_FETCHED;
	entry->pages = fetched->pages;
	walk->pages += fetched->pages;
}

/* The program has asked for an entry, or will not. */
static void settle(struct walk *walk, struct entry *entry)
{
	walk->pages -= entry->pages;
	entry->pages = 0;
	entry->state = entry->state == ENTRY_IN_FLIGHT ? ENTRY_LATE : ENTRY_DONE;
}

bool start_note(struct walk *walk, const struct event *event, const char *path)
{
	struct start *start = &walk->start;
	struct entry *entry;
	uint32_t index;

	if (!start->names.in_use || (event->dir != AT_FDCWD && path[0] != '/'))
		return false;
	index = listing_find(&start->names, path);
	if (index == ENTRY_NONE) {
		start->misses += event->kind == EVENT_OPEN;
		return false;
	}
	entry = &start->names.entries[index];
	start->hits++;
	if (entry->state == ENTRY_FETCHED || entry->state == ENTRY_IN_FLIGHT)
		walk_count(walk, entry->state == ENTRY_FETCHED ? AHEAD_USED : AHEAD_LATE);
	if (entry->state != ENTRY_LATE)
		settle(walk, entry);
	return true;
}

void start_let_go(struct walk *walk)
{
	struct listing *names = &walk->start.names;

	if (!names->in_use)
		return;
	walk->start.next = names->count;
	if (names->fd >= 0)
		sys1(SYS_close, names->fd);
	names->fd = -1;
	if (walk->start.moved >= 0)
		sys1(SYS_close, walk->start.moved);
	walk->start.moved = -1;
}

void start_end(struct walk *walk)
{
	struct start *start = &walk->start;

	if (!start->names.in_use)
		return;
	for (uint32_t i = 0; i < start->names.count; i++) {
		struct entry *entry = &start->names.entries[i];

		/* The program does not ask for mapped files in a way that we see. */
		if (entry->state != ENTRY_FETCHED)
			continue;
		if (i >= start->mapped)
			walk_count(walk, AHEAD_UNUSED);
		settle(walk, entry);
	}
	listing_free(&start->names);
}
