/* SPDX-License-Identifier: MIT */
#include "shim/symbols/probes.h"

/* Storage for the words whose lower halves are semaphores (queue/prepare-flags.h, route/stats.h). */
_Atomic uint32_t prepare_flags HIDDEN HOT;
uint32_t stats_duties HIDDEN HOT;

#ifdef RINGSHIM_PROBES

extern _Atomic uint32_t ringshim_submit_semaphore HIDDEN
	__attribute__((alias("prepare_flags"), used));
extern uint32_t ringshim_complete_semaphore HIDDEN __attribute__((alias("stats_duties"), used));
extern uint32_t ringshim_fallback_semaphore HIDDEN __attribute__((alias("stats_duties"), used));
/* Nobody looks at this one: what it is about takes long. */
uint16_t ringshim_hint_semaphore HIDDEN __attribute__((used, section(".probes")));

#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

/* Returns the name of a call, in a register: not all tracers know every form of an argument. */
static inline const char *name_of(enum call call)
{
	const char *name = call_names[call].name;

	__asm__("" : "+r"(name));
	return name;
}

COLD void probe_submit(unsigned opcode, int fd, unsigned length, uint64_t offset)
{
	STAP_PROBE4(ringshim, submit, opcode, fd, length, offset);
}

COLD void probe_complete(enum call call, long result)
{
	STAP_PROBE3(ringshim, complete, (int)call, name_of(call), result);
}

COLD void probe_fallback(enum call call, unsigned reason, const char *name)
{
	STAP_PROBE4(ringshim, fallback, (int)call, name_of(call), reason, name);
}

COLD void probe_hint(const char *path, int fd, int64_t offset, uint64_t length)
{
	STAP_PROBE4(ringshim, hint, path, fd, offset, length);
}

#else

void probe_submit(unsigned opcode, int fd, unsigned length, uint64_t offset) {}

void probe_complete(enum call call, long result) {}

void probe_fallback(enum call call, unsigned reason, const char *name) {}

void probe_hint(const char *path, int fd, int64_t offset, uint64_t length) {}

#endif
