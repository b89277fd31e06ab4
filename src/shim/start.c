/* The library's start and end. */
#include <stdlib.h>
#include "shim/base.h"
#include "shim/log.h"
#include "shim/next.h"
#include "shim/process.h"
#include "shim/route.h"
#include "shim/settings.h"
#include "shim/stats.h"
#include "shim/thread.h"

static __attribute__((constructor)) void start(void)
{
	int saved = errno;

	next();
	settings_start();
	log_start(settings.log);
	route_start();
	thread_start();
	process_start();
	/* Registered first, so run last. */
	at_quick_exit(stats_write);
	errno = saved;
}

static __attribute__((destructor)) void end(void)
{
	stats_write();
}
