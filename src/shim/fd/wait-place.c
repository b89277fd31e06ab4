/* SPDX-License-Identifier: MIT */
#include "shim/base/clock.h"
#include "shim/fd/wait-place.h"

struct wait_place *_Atomic wait_places;

struct wait_place *wait_place_take(uint32_t thread, unsigned opcode, int fd)
{
	struct wait_place *places = atomic_load(&wait_places);

	for (size_t i = 0; places && i < WAIT_PLACES; i++) {
		struct wait_place *place = &places[i];
		uint32_t free = 0;

		if (atomic_load_explicit(&place->thread, memory_order_relaxed) ||
		    !atomic_compare_exchange_strong(&place->thread, &free, thread))
			continue;
		place->fd = fd;
		place->opcode = opcode;
		atomic_store(&place->since, (uint64_t)monotonic_now());
		return place;
	}
	return NULL;
}

void wait_place_free(struct wait_place *place)
{
	atomic_store(&place->since, 0);
	atomic_store(&place->thread, 0);
}
