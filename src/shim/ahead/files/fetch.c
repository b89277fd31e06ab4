/* SPDX-License-Identifier: MIT */
/* The helper's ring: each fetch is one or two operations, one after the other. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include "shim/ahead/files/fetch.h"
#include "shim/base/sys.h"
#include "shim/queue/sqe.h"
#include "shim/symbols/probes.h"

enum { ENTRIES = 2 * DEPTH_MAX };

/* A name that no directory has: looking for it reads the blocks of the directory. */
static const char absent[] = "/.\001ringshim";

/*
 * Without URING_SETUP_DEFER_TASKRUN: the worker that has opened a file goes on to read it, without
 * waiting for the helper.
 */
static int make_ring(struct fetcher *fetcher)
{
	struct uring_params params = uring_default_params();
	int ret;

	params.flags = URING_SETUP_SUBMIT_ALL;
	ret = uring_init(&fetcher->ring, &params, ENTRIES);
	/* 5.17 */
	if (!ret && !(fetcher->ring.features & URING_FEAT_CQE_SKIP))
		return -EOPNOTSUPP;
	return ret;
}

int fetcher_start(struct fetcher *fetcher, unsigned depth, unsigned bytes)
{
	int none[DEPTH_MAX];
	unsigned workers[2] = { depth, depth };
	int ret = make_ring(fetcher);

	if (ret)
		return ret;
	memset(none, 0xff, sizeof(none));
	fetcher->depth = depth;
	fetcher->bytes = bytes;
	fetcher->buffer = sys_pages(bytes);
	if (!fetcher->buffer)
		return -ENOMEM;
	uring_dontfork(&fetcher->ring);
	/* The kernel allows 4 workers for each processor, too few for a slow disk. 5.15 */
	uring_register_iowq_max_workers(&fetcher->ring, workers);
	return uring_register_files(&fetcher->ring, none, DEPTH_MAX);
}

/*
 * A fetch ends with its first completion: that of the last operation, or of an open that failed. A
 * slot is used again in another batch.
 */
static uint64_t user_data_of(const struct fetcher *fetcher, size_t slot)
{
	return (uint64_t)fetcher->list[slot].batch << 32 | slot;
}

static struct uring_sqe *put_entry(struct fetcher *fetcher, const struct operation *op, size_t slot)
{
	struct uring_sqe *sqe = uring_get_sqe(&fetcher->ring, 0);

	*sqe = op->sqe;
	sqe->user_data = user_data_of(fetcher, slot);
	return sqe;
}

static void put_open(struct fetcher *fetcher, size_t slot, int dir)
{
	struct fetch *fetch = &fetcher->list[slot];
	struct uring_sqe *sqe = uring_get_sqe(&fetcher->ring, 0);

	uring_prep_openat2_direct(sqe, dir, fetch->path, &fetch->how, (uint32_t)slot);
	sqe->user_data = user_data_of(fetcher, slot);
	/* If it fails, the kernel drops the read without a completion. */
	if (fetch->kind == FETCH_CONTENTS)
		sqe->flags |= URING_SQE_IO_LINK | URING_SQE_CQE_SKIP_SUCCESS;
}

static void put_read(struct fetcher *fetcher, size_t slot)
{
	const struct fetch *fetch = &fetcher->list[slot];
	struct operation op;

	/* Advice does not change the access time. */
	if (fetch->reads)
		fill_read(&op, (struct entry_read){ .buf = fetcher->buffer, .len = fetch->bytes });
	else
		fill_fadvise(&op,
			     (struct entry_fadvise){ .len = fetch->bytes,
						     .advice = POSIX_FADV_WILLNEED });
	uring_fixed_file(put_entry(fetcher, &op, slot), (uint32_t)slot);
}

/* Flags for an open that has no effect but on the caches. A slot has no O_CLOEXEC. */
static struct uring_open_how how_to_open(const struct fetch_order *order)
{
	uint64_t flags = O_PATH;

	if (order->kind == FETCH_CONTENTS)
		flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | (order->noatime ? O_NOATIME : 0);
	if (order->follows)
		return (struct uring_open_how){ .flags = flags };
	return (struct uring_open_how){
		.flags = flags | O_NOFOLLOW,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};
}

static void put_statx(struct fetcher *fetcher, size_t slot, int dir)
{
	struct fetch *fetch = &fetcher->list[slot];
	struct operation op;

	fill_statx(&op,
		   (struct entry_statx){ .dir = dir,
					 .path = fetch->path,
					 .flags = AT_NO_AUTOMOUNT,
					 .mask = STATX_TYPE | STATX_INO,
					 .to = &fetch->statx });
	put_entry(fetcher, &op, slot);
}

static size_t find_free(const struct fetcher *fetcher)
{
	size_t slot = 0;

	while (fetcher->list[slot].in_use)
		slot++;
	return slot;
}

bool fetcher_add(struct fetcher *fetcher, const struct fetch_order *order)
{
	size_t length = strlen(order->name);
	size_t slot = find_free(fetcher);
	struct fetch *fetch = &fetcher->list[slot];

	if (length + sizeof(absent) > FETCH_PATH_MAX)
		return false;
	fetch->in_use = true;
	fetch->kind = (uint8_t)order->kind;
	fetch->batch = fetcher->batch + 1;
	fetch->listing = order->listing;
	fetch->entry = order->entry;
	fetch->reads = order->reads;
	fetch->bytes = order->advised && !order->reads ? order->advised : fetcher->bytes;
	fetch->how = how_to_open(order);
	memcpy(fetch->path, order->name, length + 1);
	if (order->kind == FETCH_DIRECTORY)
		memcpy(fetch->path + length, absent, sizeof(absent));
	if (order->kind == FETCH_TYPE)
		put_statx(fetcher, slot, order->dir);
	else
		put_open(fetcher, slot, order->dir);
	if (order->kind == FETCH_CONTENTS)
		put_read(fetcher, slot);
	fetcher->in_flight++;
	probe_hint(fetch->path, order->dir, 0, fetch->bytes);
	return true;
}

void fetcher_add_sync(struct fetcher *fetcher, int fd, uint32_t entry)
{
	size_t slot = find_free(fetcher);
	struct fetch *fetch = &fetcher->list[slot];
	struct operation op;

	fetch->in_use = true;
	fetch->kind = FETCH_SYNC;
	fetch->batch = fetcher->batch + 1;
	fetch->entry = entry;
	fetch->fd = fd;
	fill_fsync(&op, (struct entry_fsync){ .fd = fd });
	put_entry(fetcher, &op, slot);
	fetcher->in_flight++;
}

static struct fetched end_fetch(struct fetcher *fetcher, size_t slot, int res)
{
	struct fetch *fetch = &fetcher->list[slot];
	/* That the name does not exist is what a fetch of a directory ends with. */
	bool failed = res < 0 && !(fetch->kind == FETCH_DIRECTORY && res == -ENOENT);

	fetch->in_use = false;
	fetcher->in_flight--;
	return (struct fetched){
		.listing = fetch->listing,
		.entry = fetch->entry,
		.kind = fetch->kind,
		.was_cached = fetch->batch == fetcher->batch,
		.failed = failed,
		.reads = fetch->reads,
		.result = res,
		.fd = fetch->fd,
		.mode = fetch->statx.stx_mode,
		.ino = fetch->statx.stx_ino,
		.dev = (uint64_t)fetch->statx.stx_dev_major << 32 | fetch->statx.stx_dev_minor,
		.pages = fetch->kind == FETCH_CONTENTS && res > 0 ? ((unsigned)res + 4095) / 4096 :
								    0,
	};
}

/* Handles all completions that are there. Returns the number of fetches that ended. */
static unsigned reap(struct fetcher *fetcher, void (*done)(void *arg, struct fetched), void *arg)
{
	struct uring_cqe cqe;
	unsigned ended = 0;

	while (uring_copy_cqes_ready(&fetcher->ring, &cqe, 1) == 1) {
		size_t slot = cqe.user_data % DEPTH_MAX;

		if (!fetcher->list[slot].in_use || user_data_of(fetcher, slot) != cqe.user_data)
			continue;
		done(arg, end_fetch(fetcher, slot, cqe.res));
		ended++;
	}
	return ended;
}

/* A fetch that completes while it is submitted was in the caches. */
void fetcher_run(struct fetcher *fetcher, bool wait, void (*done)(void *arg, struct fetched),
		 void *arg)
{
	const struct uring_timespec limit = { .tv_nsec = 1000 * 1000 };
	unsigned ended = 0;

	fetcher->batch++;
	if (uring_sq_ready(&fetcher->ring)) {
		uring_submit(&fetcher->ring, 0, NULL);
		ended = reap(fetcher, done, arg);
	}
	fetcher->batch++;
	if (!wait || ended || !fetcher->in_flight)
		return;
	uring_submit(&fetcher->ring, 1, &limit);
	reap(fetcher, done, arg);
}

void fetcher_release(struct fetcher *fetcher)
{
	int none[DEPTH_MAX];

	memset(none, 0xff, sizeof(none));
	uring_register_files_update(&fetcher->ring, 0, none, DEPTH_MAX);
}
