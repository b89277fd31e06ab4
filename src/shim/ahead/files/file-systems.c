/* SPDX-License-Identifier: MIT */
/* The kinds of file systems. */
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include "shim/ahead/files/file-systems.h"
#include "shim/base/sys.h"

enum fs_kind { FS_NEVER, FS_LOCAL, FS_NETWORK };

/* File systems that are neither here nor there are left alone: /proc, /sys, devices, memory. */
static const struct {
	uint32_t magic;
	enum fs_kind kind;
} file_systems[] = {
	{ EXT4_SUPER_MAGIC, FS_LOCAL },	      { XFS_SUPER_MAGIC, FS_LOCAL },
	{ BTRFS_SUPER_MAGIC, FS_LOCAL },      { F2FS_SUPER_MAGIC, FS_LOCAL },
	{ OVERLAYFS_SUPER_MAGIC, FS_LOCAL },  { SQUASHFS_MAGIC, FS_LOCAL },
	{ EROFS_SUPER_MAGIC_V1, FS_LOCAL },   { ISOFS_SUPER_MAGIC, FS_LOCAL },
	{ MSDOS_SUPER_MAGIC, FS_LOCAL },      { 0x2011bab0 /* exFAT */, FS_LOCAL },
	{ 0x7366746e /* ntfs3 */, FS_LOCAL }, { 0xca451a4e /* bcachefs */, FS_LOCAL },
	{ 0x2fc12fc1 /* ZFS */, FS_LOCAL },   { NFS_SUPER_MAGIC, FS_NETWORK },
	{ SMB2_SUPER_MAGIC, FS_NETWORK },     { CIFS_SUPER_MAGIC, FS_NETWORK },
	{ CEPH_SUPER_MAGIC, FS_NETWORK },     { V9FS_MAGIC, FS_NETWORK },
	{ AFS_FS_MAGIC, FS_NETWORK },	      { FUSE_SUPER_MAGIC, FS_NETWORK },
};

static enum fs_kind kind_of(const struct statfs *fs)
{
	for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++)
		if (file_systems[i].magic == (uint32_t)fs->f_type)
			return file_systems[i].kind;
	return FS_NEVER;
}

/*
 * Returns true if fd may lie on a network file system or FUSE, whose server would be asked by
 * fstatfs(2). They have no device and no attributes; of the others some have one of the two.
 */
static bool may_have_server(int fd)
{
	struct statx st;

	return sys6(SYS_statx, fd, (long)"", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, (long)&st, 0) ||
		(!st.stx_dev_major && !(st.stx_attributes_mask & STATX_ATTR_APPEND));
}

bool is_fetchable(int fd, bool network)
{
	struct statfs fs;
	enum fs_kind kind;

	if ((!network && may_have_server(fd)) || sys2(SYS_fstatfs, fd, (long)&fs))
		return false;
	kind = kind_of(&fs);
	return kind == FS_LOCAL || (network && kind == FS_NETWORK);
}

bool is_fetchable_path(int dir, const char *path, bool network)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_CACHED,
	};
	long fd = sys4(SYS_openat2, dir, (long)path, (long)&how, sizeof(how));
	bool is_good = fd >= 0 && is_fetchable((int)fd, network);

	if (fd >= 0)
		sys1(SYS_close, fd);
	return is_good;
}
