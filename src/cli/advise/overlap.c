/* SPDX-License-Identifier: MIT */
/* Sorts waits by what they were for. */
#include "config.h"

#include "cli/advise/overlap.h"

#include "cli/cli.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* What a call does, whatever it is made on. */
enum action { ACTION_PEER, ACTION_LOOK_UP, ACTION_READ, ACTION_WRITE, ACTION_SYNC, ACTION_NAME };

/* Calls that are not listed wait for others. */
static const unsigned char actions[TIMED_COUNT] = {
	[CALL_open] = ACTION_LOOK_UP,
	[CALL_openat] = ACTION_LOOK_UP,
	[CALL_openat2] = ACTION_LOOK_UP,
	[CALL_stat] = ACTION_LOOK_UP,
	[CALL_lstat] = ACTION_LOOK_UP,
	[CALL_fstatat] = ACTION_LOOK_UP,
	[CALL_statx] = ACTION_LOOK_UP,
	[CALL_fstat] = ACTION_LOOK_UP,
	[CALL_getxattr] = ACTION_LOOK_UP,
	[CALL_lgetxattr] = ACTION_LOOK_UP,
	[CALL_fgetxattr] = ACTION_LOOK_UP,
	[TIMED_opendir] = ACTION_LOOK_UP,
	[TIMED_fopen] = ACTION_LOOK_UP,
	[CALL_read] = ACTION_READ,
	[CALL_readv] = ACTION_READ,
	[CALL_pread] = ACTION_READ,
	[CALL_preadv] = ACTION_READ,
	[CALL_preadv2] = ACTION_READ,
	[TIMED_sendfile] = ACTION_READ,
	[TIMED_copy_file_range] = ACTION_READ,
	[CALL_write] = ACTION_WRITE,
	[CALL_writev] = ACTION_WRITE,
	[CALL_pwrite] = ACTION_WRITE,
	[CALL_pwritev] = ACTION_WRITE,
	[CALL_pwritev2] = ACTION_WRITE,
	[CALL_fallocate] = ACTION_WRITE,
	[CALL_posix_fallocate] = ACTION_WRITE,
	[CALL_ftruncate] = ACTION_WRITE,
	[CALL_fsync] = ACTION_SYNC,
	[CALL_fdatasync] = ACTION_SYNC,
	[CALL_sync_file_range] = ACTION_SYNC,
	[CALL_creat] = ACTION_NAME,
	[CALL_unlink] = ACTION_NAME,
	[CALL_unlinkat] = ACTION_NAME,
	[CALL_rename] = ACTION_NAME,
	[CALL_renameat] = ACTION_NAME,
	[CALL_renameat2] = ACTION_NAME,
	[CALL_mkdir] = ACTION_NAME,
	[CALL_mkdirat] = ACTION_NAME,
	[CALL_symlink] = ACTION_NAME,
	[CALL_symlinkat] = ACTION_NAME,
	[CALL_link] = ACTION_NAME,
	[CALL_linkat] = ACTION_NAME,
	[CALL_close] = ACTION_WRITE,
};

static const struct {
	const char *text, *name;
	bool can_overlap;
} kinds[WAIT_KINDS] = {
	[WAIT_FILES] = { "opening, looking up, reading file after file", "files", true },
	[WAIT_SEQUENCE] = { "reading on in a file", "sequence", true },
	[WAIT_OFFSETS] = { "reading at offsets that do not follow", "offsets", true },
	[WAIT_SYNCS] = { "syncing file after file", "syncs", true },
	[WAIT_SYNC_AGAIN] = { "syncing the same files again", "sync-again", false },
	[WAIT_WRITES] = { "writing and closing files", "writes", false },
	[WAIT_NAMES] = { "making, renaming, removing files", "names", false },
	[WAIT_PEERS] = { "sockets, pipes, terminals: for others", "peers", false },
};

const char *wait_kind_text(enum wait_kind kind)
{
	return kinds[kind].text;
}

const char *wait_kind_name(enum wait_kind kind)
{
	return kinds[kind].name;
}

bool wait_kind_can_overlap(enum wait_kind kind)
{
	return kinds[kind].can_overlap;
}

/* What is known of a file, in the order of the waits. */
struct known_file {
	const char *name;
	uint32_t process;
	bool was_read, was_synced;
	int64_t end; /* of the last read that named its offset */
};

static int compare_files(const void *left, const void *right)
{
	const struct known_file *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->process > b->process) - (a->process < b->process);
}

static struct known_file *find_file(void **known, const struct wait *wait)
{
	const struct known_file key = { .name = wait->name, .process = wait->process };
	struct known_file **node = tsearch(&key, known, compare_files);

	if (!node)
		die("there is not enough memory");
	if (*node == &key) {
		*node = grow(NULL, 1, sizeof(key));
		**node = key;
	}
	return *node;
}

static bool is_on_file(const struct wait *wait)
{
	if (wait->fd < 0 || !strncmp(wait->name, "/dev/shm/", 9))
		return true;
	return *wait->name == '/' && strncmp(wait->name, "/dev/", 5);
}

static enum wait_kind find_read_kind(struct known_file *file, const struct wait *wait)
{
	bool is_first = !file->was_read, follows = wait->offset == file->end;

	file->was_read = true;
	if (wait->offset >= 0)
		file->end = wait->offset + (wait->result > 0 ? wait->result : 0);
	if (is_first)
		return WAIT_FILES;
	return wait->offset < 0 || follows ? WAIT_SEQUENCE : WAIT_OFFSETS;
}

static enum wait_kind find_kind(void **known, const struct wait *wait)
{
	struct known_file *file;
	bool was_synced;

	if (actions[wait->call] == ACTION_PEER || !is_on_file(wait))
		return WAIT_PEERS;
	switch (actions[wait->call]) {
	case ACTION_LOOK_UP:
		return WAIT_FILES;
	case ACTION_WRITE:
		return WAIT_WRITES;
	case ACTION_NAME:
		return WAIT_NAMES;
	}
	file = find_file(known, wait);
	if (actions[wait->call] == ACTION_READ)
		return find_read_kind(file, wait);
	was_synced = file->was_synced;
	/* This only announces a sync. */
	file->was_synced |= wait->call != CALL_sync_file_range;
	return was_synced ? WAIT_SYNC_AGAIN : WAIT_SYNCS;
}

void overlap_find(struct overlap *overlap, const struct recording *recording)
{
	void *known = NULL;

	memset(overlap, 0, sizeof(*overlap));
	overlap->kinds = grow(NULL, recording->count + 1, sizeof(*overlap->kinds));
	for (size_t i = 0; i < recording->count; i++) {
		enum wait_kind kind = find_kind(&known, &recording->waits[i]);

		overlap->kinds[i] = kind;
		overlap->groups[kind].count++;
		overlap->groups[kind].ns += recording->waits[i].ns;
	}
	tdestroy(known, free);
}

double overlap_union(const struct overlap *overlap, const struct recording *recording,
		     unsigned wanted)
{
	double end = 0, sum = 0;

	for (size_t i = 0; i < recording->count; i++) {
		const struct wait *wait = &recording->waits[i];
		double last = wait->begin + wait->ns;

		if (!(wanted & 1u << overlap->kinds[i]) || last <= end)
			continue;
		sum += last - (wait->begin > end ? wait->begin : end);
		end = last;
	}
	return sum;
}
