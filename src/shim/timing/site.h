/* SPDX-License-Identifier: MIT */
#ifndef SHIM_TIMING_SITE_H
#define SHIM_TIMING_SITE_H

#include "shim/timing/timing-record.h"

/*
 * Returns the address in the program that a call came from. address: where the function that timed
 * it returns to, which can be a function of ours; frame: an address in that function's frame.
 */
const void *site_find(const void *address, const void *frame);

/* Remembers in which file the address lies, while there is room. */
void site_note(struct timing_site sites[TIMING_SITES], const void *address);

#endif
