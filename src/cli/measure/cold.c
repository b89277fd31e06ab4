/* SPDX-License-Identifier: MIT */
/* Drops the kernel's caches before a run, for `ringshim compare --cold`. */
#include "config.h"

#include "cli/measure/cold.h"

#include "cli/cli.h"

#include <fcntl.h>
#include <unistd.h>

#define DROP_CACHES "/proc/sys/vm/drop_caches"

/* Opened before the first run and kept open, so that no later run finds that it cannot write. */
static int file = -1;

int caches_prepare(void)
{
	file = open(DROP_CACHES, O_WRONLY | O_CLOEXEC);
	if (file >= 0)
		return 0;
	if (geteuid())
		say("--cold: only root can drop the caches; run ringshim as root, or leave out "
		    "--cold");
	else
		say("--cold: cannot write to " DROP_CACHES " (%m); run ringshim outside of the "
		    "container, or leave out --cold");
	return EXIT_TROUBLE;
}

/* Dirty pages are not dropped, hence the sync. Always at offset 0: others are ignored (sysctl). */
int caches_drop(void)
{
	sync();
	if (pwrite(file, "3", 1, 0) == 1)
		return 0;
	say("--cold: cannot drop the caches: %m");
	return EXIT_TROUBLE;
}
