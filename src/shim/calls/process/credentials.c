/* SPDX-License-Identifier: MIT */
/*
 * Calls that change the credentials of the process. An SQPOLL thread and the helper that runs ahead
 * keep the credentials that they were created with.
 */
#include <sys/types.h>
#include "shim/ahead/ahead.h"
#include "shim/symbols/next-symbol.h"
#include "shim/ring/sqpoll.h"

static void prepare_change(void)
{
	sqpoll_disable();
	ahead_end_helper();
}

EXPORT int setuid(uid_t uid)
{
	prepare_change();
	return NEXT(setuid)(uid);
}

EXPORT int seteuid(uid_t uid)
{
	prepare_change();
	return NEXT(seteuid)(uid);
}

EXPORT int setreuid(uid_t real, uid_t effective)
{
	prepare_change();
	return NEXT(setreuid)(real, effective);
}

EXPORT int setresuid(uid_t real, uid_t effective, uid_t saved)
{
	prepare_change();
	return NEXT(setresuid)(real, effective, saved);
}

EXPORT int setgid(gid_t gid)
{
	prepare_change();
	return NEXT(setgid)(gid);
}

EXPORT int setegid(gid_t gid)
{
	prepare_change();
	return NEXT(setegid)(gid);
}

EXPORT int setregid(gid_t real, gid_t effective)
{
	prepare_change();
	return NEXT(setregid)(real, effective);
}

EXPORT int setresgid(gid_t real, gid_t effective, gid_t saved)
{
	prepare_change();
	return NEXT(setresgid)(real, effective, saved);
}

EXPORT int setgroups(size_t count, const gid_t *groups)
{
	prepare_change();
	return NEXT(setgroups)(count, groups);
}

EXPORT int initgroups(const char *user, gid_t group)
{
	prepare_change();
	return NEXT(initgroups)(user, group);
}

EXPORT int setfsuid(uid_t uid)
{
	prepare_change();
	return NEXT(setfsuid)(uid);
}

EXPORT int setfsgid(gid_t gid)
{
	prepare_change();
	return NEXT(setfsgid)(gid);
}

EXPORT int capset(cap_user_header_t header, const cap_user_data_t data)
{
	prepare_change();
	return NEXT(capset)(header, data);
}
