/* SPDX-License-Identifier: MIT */
#include "shim/symbols/stand-in.h"

void stand_ins_put(const struct stand_in *list, size_t count, struct next *before)
{
	void **table = (void **)&next_table, **natives = (void **)before;

	for (size_t i = 0; i < count; i++) {
		const struct stand_in *stand_in = &list[i];

		natives[stand_in->slot] = next_find(stand_in->slot);
		if (natives[stand_in->slot] && natives[stand_in->slot] == natives[stand_in->same])
			__atomic_store_n(&table[stand_in->slot], stand_in->function,
					 __ATOMIC_RELEASE);
	}
}
