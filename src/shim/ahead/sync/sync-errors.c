/* SPDX-License-Identifier: MIT */
/* Keeps errors. A child has a copy of those that there were when it was forked. */
#include "shim/ahead/sync/sync-errors.h"

_Atomic uint32_t sync_error_count;

static struct {
	_Atomic int error; /* 0: it was reported */
	struct stamp stamp;
} kept[SYNC_ERRORS_MAX];

void sync_error_keep(const struct stamp *stamp, int error)
{
	uint32_t count = atomic_load(&sync_error_count);

	if (count == SYNC_ERRORS_MAX)
		return;
	kept[count].stamp = *stamp;
	kept[count].error = error;
	atomic_store_explicit(&sync_error_count, count + 1, memory_order_release);
}

int sync_error_take(const struct stamp *stamp)
{
	uint32_t count = atomic_load_explicit(&sync_error_count, memory_order_acquire);

	for (uint32_t i = 0; i < count; i++)
		if (stamp_is_of_same_file(&kept[i].stamp, stamp) && atomic_load(&kept[i].error))
			return atomic_exchange(&kept[i].error, 0);
	return 0;
}
