/* SPDX-License-Identifier: MIT */
/* The library's constructor and destructor, which start and end everything else. */
#include "shim/ahead/ahead.h"
#include "shim/base/base.h"
#include "shim/calls/file/stdio.h"
#include "shim/op/interrupt.h"
#include "shim/base/log.h"
#include "shim/late/late.h"
#include "shim/symbols/next-symbol.h"
#include "shim/iowq/held-files.h"
#include "shim/ring/child-marks.h"
#include "shim/ring/process.h"
#include "shim/route/route.h"
#include "shim/config/settings.h"
#include "shim/route/stats.h"
#include "shim/ring/thread.h"
#include "shim/timing/timing.h"

/* Only glibc has these. With another libc the library stays inactive. */
extern const char *gnu_get_libc_version(void) __attribute__((weak));
extern int __cxa_at_quick_exit(void (*fn)(void *), void *dso) __attribute__((weak));

/*
 * AddressSanitizer's runtime calls this before it checks that it was loaded first; if it was not,
 * it would end the program. A definition in the program itself takes precedence over ours.
 */
EXPORT const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "verify_asan_link_order=0";
}

static void at_quick_end(void *arg)
{
	late_end_before(LATE_EXIT);
	ahead_end_helper();
	stats_end();
}

static __attribute__((constructor)) void start_library(int argc, char **argv)
{
	int saved = errno;

	if (!gnu_get_libc_version || !__cxa_at_quick_exit)
		return;
	next_start();
	settings_start(argc > 0 ? argv[0] : NULL);
	log_start(settings.log);
	route_start();
	/* Its code lies on a page that a start does not need otherwise. */
	if (settings.stats)
		stats_start();
	thread_start(iowq_drop_all_files);
	process_call_in_child(child_marks_reset);
	process_call_in_child(stats_forget);
	if (settings.participates)
		stdio_start();
	epoch_start();
	ahead_start(argc, argv);
	/* Without its functions for streams, the library does not see what the program writes. */
	if (stdio_is_watched())
		late_start();
	/* In front of all other functions, so that it sees each call. */
	timing_start();
	/* Registered before any other handler, so it runs last. */
	if (settings.stats || settings.ahead.kinds || settings.risk_sync_at_exit)
		__cxa_at_quick_exit(at_quick_end, NULL);
	errno = saved;
}

/*
 * Other libraries and libc's streams may still make calls after this. Operations that other threads
 * have in flight are ended, because the kernel would otherwise drop their files only some time
 * after the exit.
 */
static __attribute__((destructor)) void end_library(void)
{
	late_end_before(LATE_EXIT);
	ahead_end_helper();
	stats_end();
	if (process_is_single_threaded())
		return;
	rings_block(REASON_EARLY);
	interrupt_others();
}
