/* SPDX-License-Identifier: MIT */
/* Kinds of descriptor that are files: on disk, on tmpfs, in memory, and in /proc and /sys. */
#include "differential.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum where { DISK, SHM, MEMFD, PROC_COMM, SYSFS, PROC_SYS };

enum {
	SEAL_WRITE = 1 << 0,
	SEAL_GROW = 1 << 1,
	EMPTY = 1 << 2,
	PATH_DIR = 1 << 3,
	FILE_BITS = 24,		/* above the flags of open(2) */
};

static int make_contents(struct object *o, int fd, size_t len)
{
	char buf[FILE_SIZE];
	long n;

	pattern(buf, sizeof(buf), 0);
	n = raw_pwrite(fd, buf, len, 0);
	return n == (long)len ? 0 : cannot(o, "pwrite", n < 0 ? n : -ENOSPC);
}

/* The limit belongs to this process, so it is restored after the case. */
static void undo_limit(struct object *o)
{
	setrlimit(RLIMIT_FSIZE, &o->saved_limit);
}

static int limit_file_size(struct object *o, rlim_t limit)
{
	struct rlimit r;

	getrlimit(RLIMIT_FSIZE, &o->saved_limit);
	r = o->saved_limit;
	r.rlim_cur = limit;
	if (setrlimit(RLIMIT_FSIZE, &r) < 0)
		return cannot(o, "setrlimit", -errno);
	o->undo = undo_limit;
	return 0;
}

static int move_descriptor(struct object *o)
{
	struct rlimit r;
	int high;

	if (o->state & S_DUP) {
		also_close(o, o->fd);
		o->fd = dup(o->fd);
		return o->fd < 0 ? cannot(o, "dup", -errno) : 0;
	}
	getrlimit(RLIMIT_NOFILE, &r);
	high = r.rlim_cur > 1 << 20 ? 1 << 20 : (int)r.rlim_cur - 1;
	if (dup2(o->fd, high) < 0)
		return cannot(o, "dup2", -errno);
	close(o->fd);
	o->fd = high;
	return 0;
}

static int finish_file(struct object *o, const struct kind *k)
{
	off_t pos = FILE_POS;

	if (k->state & S_EOF)
		pos = FILE_SIZE;
	if (k->state & S_FSIZE_NEAR)
		pos = FILE_SIZE - 20;
	if (k->state & S_FSIZE)
		pos = FILE_SIZE;
	if (k->family & EMPTY << FILE_BITS)
		pos = 0;
	if (k->type & O_DIRECT)
		pos = 4096;
	if (!(k->type & O_PATH) && lseek(o->fd, pos, SEEK_SET) < 0)
		return cannot(o, "lseek", -errno);
	if (k->state & (S_DUP | S_HIGH) && move_descriptor(o) < 0)
		return -1;
	if (k->state & (S_FSIZE | S_FSIZE_NEAR))
		return limit_file_size(o, FILE_SIZE);
	return 0;
}

static int make_file(struct object *o, const struct kind *k)
{
	const char *dir = (k->family & 0xff) == DISK ? disk_dir : shm_dir;
	size_t len = k->family & EMPTY << FILE_BITS ? 0 : FILE_SIZE;
	char path[4096];
	int fd, err;

	scratch_path(path, sizeof(path), dir, "file");
	fd = raw_open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot(o, "creating a file", fd);
	o->verify = fd;
	err = make_contents(o, fd, len);
	o->fd = err ? -1 : open(path, k->type);
	err = -errno;
	raw_unlink(path);
	if (o->fd < 0)
		return cannot(o, "open", err);
	return finish_file(o, k);
}

static int make_dir(struct object *o, const struct kind *k)
{
	const char *dir = (k->family & 0xff) == DISK ? disk_dir : shm_dir;

	o->fd = open(dir, k->type);
	return o->fd < 0 ? cannot(o, "open", -errno) : 0;
}

static int make_memfd(struct object *o, const struct kind *k)
{
	int seals = 0;
	char path[64];

	o->fd = memfd_create("differential", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (o->fd < 0)
		return cannot(o, "memfd_create", -errno);
	if (make_contents(o, o->fd, FILE_SIZE) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", o->fd);
	o->verify = raw_open(path, O_RDONLY | O_CLOEXEC, 0);
	if (o->verify < 0)
		return cannot(o, "opening /proc/self/fd", o->verify);
	if (k->family & SEAL_WRITE << FILE_BITS)
		seals |= F_SEAL_WRITE;
	if (k->family & SEAL_GROW << FILE_BITS)
		seals |= F_SEAL_GROW;
	if (seals && fcntl(o->fd, F_ADD_SEALS, seals) < 0)
		return cannot(o, "fcntl(F_ADD_SEALS)", -errno);
	return finish_file(o, k);
}

static int make_kernel_file(struct object *o, const struct kind *k)
{
	static const char *const paths[] = {
		[PROC_COMM] = "/proc/self/comm",
		[SYSFS] = "/sys/kernel/fscaps",
		[PROC_SYS] = "/proc/sys/kernel/ostype",
	};
	const char *path = paths[k->family & 0xff];

	o->fd = open(path, k->type);
	if (o->fd < 0)
		return cannot(o, path, -errno);
	if ((k->family & 0xff) != PROC_COMM)
		return 0;
	o->verify = raw_open(path, O_RDWR | O_CLOEXEC, 0);
	if (o->verify < 0)
		return cannot(o, path, o->verify);
	raw_write(o->verify, "differential", 12);
	return 0;
}

enum { FILE_KIND = K_FILE | K_SEEK };

const struct kind file_kinds[] = {
	{ "disk-rw", make_file, DISK, O_RDWR, 0, FILE_KIND },
	{ "disk-rdonly", make_file, DISK, O_RDONLY, 0, FILE_KIND },
	{ "disk-wronly", make_file, DISK, O_WRONLY, 0, FILE_KIND },
	{ "disk-append", make_file, DISK, O_RDWR | O_APPEND, 0, FILE_KIND },
	{ "disk-direct", make_file, DISK, O_RDWR | O_DIRECT, 0, FILE_KIND | K_ENDLESS },
	{ "disk-sync", make_file, DISK, O_RDWR | O_SYNC, 0, FILE_KIND | K_BRIEF },
	{ "disk-dsync", make_file, DISK, O_RDWR | O_DSYNC, 0, FILE_KIND | K_BRIEF },
	{ "disk-nonblock", make_file, DISK, O_RDWR | O_NONBLOCK, 0, FILE_KIND | K_BRIEF },
	{ "disk-at-end", make_file, DISK, O_RDWR, S_EOF, FILE_KIND },
	{ "disk-empty", make_file, DISK | EMPTY << FILE_BITS, O_RDWR, 0, FILE_KIND | K_BRIEF },
	{ "disk-limited", make_file, DISK, O_RDWR, S_FSIZE, FILE_KIND | K_BROKEN },
	{ "disk-limited-near", make_file, DISK, O_RDWR, S_FSIZE_NEAR, FILE_KIND | K_BROKEN },
	{ "disk-append-limited", make_file, DISK, O_RDWR | O_APPEND, S_FSIZE, FILE_KIND | K_BRIEF | K_BROKEN },
	{ "disk-dup", make_file, DISK, O_RDWR, S_DUP, FILE_KIND },
	{ "disk-high-number", make_file, DISK, O_RDWR, S_HIGH, FILE_KIND | K_BRIEF },
	{ "disk-inherited", make_file, DISK, O_RDWR, 0, FILE_KIND | K_FORK },
	{ "disk-append-inherited", make_file, DISK, O_RDWR | O_APPEND, 0, FILE_KIND | K_FORK | K_BRIEF },
	{ "disk-path", make_file, DISK, O_PATH, 0, K_FILE | K_BADFD },
	{ "disk-dir", make_dir, DISK, O_RDONLY | O_DIRECTORY, 0, K_SEEK | K_OPAQUE },
	{ "disk-dir-path", make_dir, DISK, O_PATH | O_DIRECTORY, 0, K_BRIEF },
	{ "shm-rw", make_file, SHM, O_RDWR, 0, FILE_KIND },
	{ "shm-rdonly", make_file, SHM, O_RDONLY, 0, FILE_KIND },
	{ "shm-wronly", make_file, SHM, O_WRONLY, 0, FILE_KIND },
	{ "shm-append", make_file, SHM, O_RDWR | O_APPEND, 0, FILE_KIND },
	{ "shm-direct", make_file, SHM, O_RDWR | O_DIRECT, 0, FILE_KIND | K_ENDLESS },
	{ "shm-sync", make_file, SHM, O_RDWR | O_SYNC, 0, FILE_KIND | K_BRIEF },
	{ "shm-at-end", make_file, SHM, O_RDWR, S_EOF, FILE_KIND },
	{ "shm-limited", make_file, SHM, O_RDWR, S_FSIZE, FILE_KIND | K_BROKEN },
	{ "shm-limited-near", make_file, SHM, O_RDWR, S_FSIZE_NEAR, FILE_KIND | K_BROKEN },
	{ "shm-dup", make_file, SHM, O_RDWR, S_DUP, FILE_KIND },
	{ "shm-inherited", make_file, SHM, O_RDWR, 0, FILE_KIND | K_FORK },
	{ "shm-path", make_file, SHM, O_PATH, 0, K_FILE | K_BRIEF },
	{ "shm-dir", make_dir, SHM, O_RDONLY | O_DIRECTORY, 0, K_SEEK | K_OPAQUE },
	{ "memfd", make_memfd, MEMFD, 0, 0, FILE_KIND },
	{ "memfd-sealed-write", make_memfd, MEMFD | SEAL_WRITE << FILE_BITS, 0, 0, FILE_KIND },
	{ "memfd-sealed-grow", make_memfd, MEMFD | SEAL_GROW << FILE_BITS, 0, S_EOF, FILE_KIND },
	{ "memfd-inherited", make_memfd, MEMFD, 0, 0, FILE_KIND | K_FORK | K_BRIEF },
	{ "proc-comm", make_kernel_file, PROC_COMM, O_RDWR, 0, K_SEEK | K_FILE },
	{ "proc-comm-rdonly", make_kernel_file, PROC_COMM, O_RDONLY, 0, K_SEEK },
	{ "proc-sys", make_kernel_file, PROC_SYS, O_RDONLY, 0, K_SEEK },
	{ "sysfs", make_kernel_file, SYSFS, O_RDONLY, 0, K_SEEK },
	{ 0 },
};
