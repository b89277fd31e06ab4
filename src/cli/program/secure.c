/* SPDX-License-Identifier: MIT */
/* Detects programs that gain privileges: set-user-id, set-group-id, file capabilities. */
#include "config.h"

#include "cli/program/secure.h"

#include "cli/cli.h"

#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/*
 * Returns true if the kernel ignores the set-id bits and file capabilities: under no_new_privs, and
 * on a file system that is mounted nosuid.
 */
static bool privileges_ignored(int fd)
{
	struct statvfs fs;

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return true;
	return !fstatvfs(fd, &fs) && fs.f_flag & ST_NOSUID;
}

/*
 * Execution is secure if the effective ids will differ from the real ones, or if the file gives
 * capabilities to a user who is not root. A set-user-id root program that root runs is an ordinary
 * program.
 */
char *secure_execution(int fd, char **dormant)
{
	bool set_user, set_group, capable;
	struct stat st;
	uid_t user;
	gid_t group;

	*dormant = NULL;
	if (fstat(fd, &st))
		return NULL;
	set_user = st.st_mode & S_ISUID;
	/* Without the group's execute bit, S_ISGID means mandatory locking. */
	set_group = (st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
	capable = fgetxattr(fd, "security.capability", NULL, 0) > 0;
	if (privileges_ignored(fd))
		set_user = set_group = capable = false;

	user = set_user ? st.st_uid : geteuid();
	group = set_group ? st.st_gid : getegid();
	if (user != getuid())
		return set_user ?
			text("is set-user-id (to user %d; you are %d)", (int)user, (int)getuid()) :
			text("would run with effective user id %d, but your real user id is %d",
			     (int)user, (int)getuid());
	if (group != getgid())
		return set_group ?
			text("is set-group-id (to group %d; yours is %d)", (int)group,
			     (int)getgid()) :
			text("would run with effective group id %d, but your real group id is %d",
			     (int)group, (int)getgid());
	if (capable && getuid())
		return text("has file capabilities");

	if (set_user || set_group || capable)
		*dormant = text("%s",
				set_user	  ? "is set-user-id" :
					set_group ? "is set-group-id" :
						    "has file capabilities");
	return NULL;
}
