/* The library's start and end. */
#include "shim/base/base.h"
#include "shim/calls/file/stdio.h"
#include "shim/op/interrupt.h"
#include "shim/base/log.h"
#include "shim/symbols/next-symbol.h"
#include "shim/queue/iowq-files.h"
#include "shim/ring/child-marks.h"
#include "shim/ring/process.h"
#include "shim/route/route.h"
#include "shim/config/settings.h"
#include "shim/route/stats.h"
#include "shim/ring/thread.h"

/* What only glibc has; with another libc the library stays out of the way. */
extern const char *gnu_get_libc_version(void) __attribute__((weak));
extern int __cxa_at_quick_exit(void (*fn)(void *), void *dso) __attribute__((weak));

/*
 * AddressSanitizer's runtime asks for this before it looks whether it was loaded
 * first, and would end the program. What the program itself defines comes before.
 */
EXPORT const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "verify_asan_link_order=0";
}

static void at_quick_end(void *arg)
{
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
	thread_start(iowq_drop_all_files);
	process_call_in_child(child_marks_reset);
	process_call_in_child(stats_forget);
	if (settings.participates)
		stdio_start();
	epoch_start();
	/* Registered first, so run last. */
	if (settings.stats)
		__cxa_at_quick_exit(at_quick_end, NULL);
	errno = saved;
}

/*
 * Other libraries and libc's streams may come after us. What other threads
 * have in flight is ended, for the kernel would let go of its files only some
 * time after.
 */
static __attribute__((destructor)) void end_library(void)
{
	stats_end();
	if (process_is_single_threaded())
		return;
	rings_block(REASON_EARLY);
	interrupt_others();
}
