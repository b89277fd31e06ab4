/* SPDX-License-Identifier: MIT */
/* The list of what a program needs when it starts. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include "shim/ahead/files/file-systems.h"
#include "shim/ahead/files/resolve.h"
#include "shim/ahead/start/start-list.h"
#include "shim/ahead/start/start-fetch.h"
#include "shim/ahead/start/start-log.h"
#include "shim/base/sys.h"
#include "shim/config/settings.h"

/* So many files may be opened that the list does not have. */
enum { MISSES_MAX = 32 };

/* So much of a mapped file is fetched. */
enum { MAPPED_BYTES = 2 * 1024 * 1024 };

static bool begin_list(const struct walk *walk, struct start_list *list)
{
	return start_list_begin(list, walk->ahead->owner, ahead_arguments.count,
				ahead_arguments.list);
}

/* The names of mapped files come first, then an empty one. */
static uint32_t count_mapped(const char *names, size_t size)
{
	uint32_t count = 0;

	for (size_t i = 0; i < size && names[i]; i += strlen(names + i) + 1)
		count++;
	return count;
}

static void use_list(struct walk *walk, const struct start_list *list)
{
	size_t size = list->size - list->key_size;
	int fd = resolve_directory(walk->ahead->owner, AT_FDCWD, "", 0);

	if (fd < 0 || !listing_of_names(&walk->start.names, fd, start_list_names(list), size))
		return;
	walk->start.mapped = count_mapped(start_list_names(list), size);
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
	int dir; /* the program's working directory */
	bool network;
	char last[1024]; /* the name that was added last */
};

/* Adds a name, unless it is the same as the last one or may not be fetched. */
static void add_name(struct making *making, const char *name)
{
	if (strlen(name) >= sizeof(making->last) || !strcmp(name, making->last) ||
	    !is_fetchable_path(making->dir, name, making->network))
		return;
	stpcpy(making->last, name);
	start_list_add(&making->list, name);
}

/* Adds the path at the end of a line of /proc/PID/maps. */
static void add_mapped(struct making *making, const char *line)
{
	const char *path = strchr(line, '/');

	if (path)
		add_name(making, path);
}

/* The helper's mappings are the program's. */
static void add_all_mapped(struct making *making)
{
	char text[4096];
	long fd = sys4(SYS_openat, AT_FDCWD, (long)"/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	size_t kept = 0;
	long got;

	if (fd < 0)
		return;
	while ((got = sys3(SYS_read, fd, (long)(text + kept), (long)(sizeof(text) - kept))) > 0) {
		char *line = text, *end = text + kept + got, *newline;

		while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
			*newline = '\0';
			add_mapped(making, line);
			line = newline + 1;
		}
		kept = (size_t)(end - line);
		memmove(text, line, kept);
		/* No line is that long. */
		kept %= sizeof(text);
	}
	sys1(SYS_close, fd);
}

/* Adds the names of the log. */
static void add_all_opened(struct making *making, uint32_t used)
{
	for (uint32_t i = 0; i < used; i += (uint32_t)strlen(start_log->names + i) + 1)
		add_name(making, start_log->names + i);
}

void start_store(const struct walk *walk)
{
	uint32_t used = start_log ? atomic_load(&start_log->used) : 0;
	struct making making = { .network = walk->kinds & AHEAD_NETWORK };

	if (!used || start_log->stored == used || !begin_list(walk, &making.list))
		return;
	start_log->stored = used;
	making.dir = resolve_directory(walk->ahead->owner, AT_FDCWD, "", 0);
	if (making.dir >= 0) {
		add_all_mapped(&making);
		start_list_add(&making.list, "");
		add_all_opened(&making, used);
		start_list_store(&making.list, start_directory);
		sys1(SYS_close, making.dir);
	}
	start_list_free(&making.list);
}

/* Adds a fetch of a name. Returns false if it cannot be fetched. */
static bool add_fetch(struct walk *walk, uint32_t index, enum fetch_kind kind, bool reads)
{
	struct start *start = &walk->start;
	bool is_mapped = index < start->mapped;
	const struct fetch_order order = {
		.kind = kind,
		.dir = start->names.fd,
		.name = entry_name(&start->names, index),
		.reads = reads && !is_mapped,
		.noatime = reads && !is_mapped,
		.advised = is_mapped ? MAPPED_BYTES : 0,
		.follows = true,
		.listing = LISTING_START,
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
			entry->state = add_fetch(walk, index, FETCH_TYPE, false) ? ENTRY_IN_FLIGHT :
										   ENTRY_DONE;
	}
}

/* The type is known now. Returns true if the rest is on its way. */
static bool fetch_rest(struct walk *walk, const struct fetched *fetched)
{
	struct listing *names = &walk->start.names;
	uint32_t index = fetched->entry;

	if (fetched->failed ||
	    !is_fetchable_path(names->fd, entry_name(names, index), walk->kinds & AHEAD_NETWORK) ||
	    is_leased(&walk->leases, fetched->ino))
		return false;
	if (S_ISDIR(fetched->mode))
		return add_fetch(walk, index, FETCH_DIRECTORY, false);
	return S_ISREG(fetched->mode) && add_fetch(walk, index, FETCH_CONTENTS, true);
}

/* Goes on with the next step of a fetch. Returns false if that was the last one. */
static bool go_on(struct walk *walk, const struct fetched *fetched)
{
	if (fetched->kind == FETCH_TYPE)
		return fetch_rest(walk, fetched);
	/* Only its owner may open a file with O_NOATIME. */
	return fetched->kind == FETCH_CONTENTS && fetched->failed && fetched->reads &&
		add_fetch(walk, fetched->entry, FETCH_CONTENTS, false);
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
