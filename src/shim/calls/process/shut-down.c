/* SPDX-License-Identifier: MIT */
/*
 * Calls that abort the program, unmount a file system or end the system. Before them, everything is
 * on the disk that the program has synced.
 */
#include "shim/late/late.h"
#include "shim/symbols/next-symbol.h"

EXPORT void abort(void)
{
	late_sync_before(LATE_EXIT);
	NEXT(abort)();
	__builtin_unreachable();
}

EXPORT int umount(const char *path)
{
	late_sync_before(LATE_UNMOUNT);
	return NEXT(umount)(path);
}

EXPORT int umount2(const char *path, int flags)
{
	late_sync_before(LATE_UNMOUNT);
	return NEXT(umount2)(path, flags);
}

EXPORT int reboot(int what)
{
	late_sync_before(LATE_UNMOUNT);
	return NEXT(reboot)(what);
}
