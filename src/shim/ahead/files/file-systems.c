/* SPDX-License-Identifier: MIT */
/* The kinds of file systems. */
#include <fcntl.h>
#include <linux/magic.h>
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

bool is_fetchable(const struct statfs *fs, bool network)
{
	enum fs_kind kind = kind_of(fs);

	return kind == FS_LOCAL || (network && kind == FS_NETWORK);
}

bool is_fetchable_path(int dir, const char *path, bool network)
{
	struct statfs fs;
	long fd = sys3(SYS_openat, dir, (long)path, O_PATH | O_CLOEXEC);
	bool is_known = fd >= 0 && !sys2(SYS_fstatfs, fd, (long)&fs);

	if (fd >= 0)
		sys1(SYS_close, fd);
	return is_known && is_fetchable(&fs, network);
}
