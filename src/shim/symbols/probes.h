/* SPDX-License-Identifier: MIT */
/*
 * Static probes (USDT) of the provider ringshim, for bpftrace, perf, gdb and systemtap. ringshim(7)
 * has their arguments. They are off the fast path: while no tracer looks, a call by ring takes no
 * instruction for them, and a direct call one. The semaphore of a probe, which a tracer counts up,
 * is the lower half of a word whose upper half has flags that each call looks at anyway:
 * prepare_flags for submit, stats_duties for complete and fallback. The entry of a call has no
 * probe here: any tracer can stop at the exported function itself, and a probe in it, even one
 * without a nop, took up to 21 instructions, because its arguments have to be kept in registers.
 *
 * Without <sys/sdt.h>, or with --disable-probes, the functions do nothing.
 */
#ifndef SHIM_SYMBOLS_PROBES_H
#define SHIM_SYMBOLS_PROBES_H

#include "shim/symbols/call-ids.h"

/* The bits of such a word in which tracers count. */
enum { PROBED = 0xffff };

/* An operation is about to be submitted. */
void probe_submit(unsigned opcode, int fd, unsigned length, uint64_t offset);

/* A call by ring has ended, with its result or a negative errno. */
void probe_complete(enum call call, long result);

/* A call is about to be made directly, for the reason of that number and name. */
void probe_fallback(enum call call, unsigned reason, const char *name);

/* The kernel is asked for a file before the program needs it. path: NULL if only fd says which. */
void probe_hint(const char *path, int fd, int64_t offset, uint64_t length);

#endif
