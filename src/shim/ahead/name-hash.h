/* SPDX-License-Identifier: MIT */
/* A hash of names and paths (FNV-1a). */
#ifndef SHIM_AHEAD_NAME_HASH_H
#define SHIM_AHEAD_NAME_HASH_H

#include "shim/base/base.h"

static const uint32_t NAME_HASH = 2166136261u; /* of nothing */

/* Returns the hash of what hash is of, followed by the bytes from, up to to. */
static inline uint32_t hash_on(uint32_t hash, const char *from, const char *to)
{
	for (; from < to; from++)
		hash = (hash ^ (unsigned char)*from) * 16777619;
	return hash;
}

#endif
