/* SPDX-License-Identifier: MIT */
/*
 * Calls that change the credentials of the process. An SQPOLL thread and the helper that runs ahead
 * keep the credentials that they were created with.
 */
#include <sys/types.h>
#include "shim/ahead/ahead.h"
#include "shim/late/late.h"
#include "shim/symbols/next-symbol.h"
#include "shim/ring/sqpoll.h"

static void begin_change(void)
{
	late_sync_before(LATE_CREDENTIALS);
	sqpoll_disable();
	ahead_end_helper();
}

/* Returns ret. Another thread can have started a helper while libc went through the threads. */
static int end_change(int ret)
{
	ahead_end_helper();
	return ret;
}

EXPORT int setuid(uid_t uid)
{
	begin_change();
	return end_change(NEXT(setuid)(uid));
}

EXPORT int seteuid(uid_t uid)
{
	begin_change();
	return end_change(NEXT(seteuid)(uid));
}

EXPORT int setreuid(uid_t real, uid_t effective)
{
	begin_change();
	return end_change(NEXT(setreuid)(real, effective));
}

EXPORT int setresuid(uid_t real, uid_t effective, uid_t saved)
{
	begin_change();
	return end_change(NEXT(setresuid)(real, effective, saved));
}

EXPORT int setgid(gid_t gid)
{
	begin_change();
	return end_change(NEXT(setgid)(gid));
}

EXPORT int setegid(gid_t gid)
{
	begin_change();
	return end_change(NEXT(setegid)(gid));
}

EXPORT int setregid(gid_t real, gid_t effective)
{
	begin_change();
	return end_change(NEXT(setregid)(real, effective));
}

EXPORT int setresgid(gid_t real, gid_t effective, gid_t saved)
{
	begin_change();
	return end_change(NEXT(setresgid)(real, effective, saved));
}

EXPORT int setgroups(size_t count, const gid_t *groups)
{
	begin_change();
	return end_change(NEXT(setgroups)(count, groups));
}

EXPORT int initgroups(const char *user, gid_t group)
{
	begin_change();
	return end_change(NEXT(initgroups)(user, group));
}

EXPORT int setfsuid(uid_t uid)
{
	begin_change();
	return end_change(NEXT(setfsuid)(uid));
}

EXPORT int setfsgid(gid_t gid)
{
	begin_change();
	return end_change(NEXT(setfsgid)(gid));
}

EXPORT int capset(cap_user_header_t header, const cap_user_data_t data)
{
	begin_change();
	return end_change(NEXT(capset)(header, data));
}
