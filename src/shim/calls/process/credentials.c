/* SPDX-License-Identifier: MIT */
/*
 * Calls that change the credentials of the process. An SQPOLL thread keeps the credentials that
 * it was created with, so nothing is submitted to it from then on.
 */
#include <sys/types.h>
#include "shim/symbols/next-symbol.h"
#include "shim/ring/sqpoll.h"

EXPORT int setuid(uid_t uid)
{
	sqpoll_disable();
	return NEXT(setuid)(uid);
}

EXPORT int seteuid(uid_t uid)
{
	sqpoll_disable();
	return NEXT(seteuid)(uid);
}

EXPORT int setreuid(uid_t real, uid_t effective)
{
	sqpoll_disable();
	return NEXT(setreuid)(real, effective);
}

EXPORT int setresuid(uid_t real, uid_t effective, uid_t saved)
{
	sqpoll_disable();
	return NEXT(setresuid)(real, effective, saved);
}

EXPORT int setgid(gid_t gid)
{
	sqpoll_disable();
	return NEXT(setgid)(gid);
}

EXPORT int setegid(gid_t gid)
{
	sqpoll_disable();
	return NEXT(setegid)(gid);
}

EXPORT int setregid(gid_t real, gid_t effective)
{
	sqpoll_disable();
	return NEXT(setregid)(real, effective);
}

EXPORT int setresgid(gid_t real, gid_t effective, gid_t saved)
{
	sqpoll_disable();
	return NEXT(setresgid)(real, effective, saved);
}

EXPORT int setgroups(size_t count, const gid_t *groups)
{
	sqpoll_disable();
	return NEXT(setgroups)(count, groups);
}

EXPORT int initgroups(const char *user, gid_t group)
{
	sqpoll_disable();
	return NEXT(initgroups)(user, group);
}

EXPORT int setfsuid(uid_t uid)
{
	sqpoll_disable();
	return NEXT(setfsuid)(uid);
}

EXPORT int setfsgid(gid_t gid)
{
	sqpoll_disable();
	return NEXT(setfsgid)(gid);
}

EXPORT int capset(cap_user_header_t header, const cap_user_data_t data)
{
	sqpoll_disable();
	return NEXT(capset)(header, data);
}
