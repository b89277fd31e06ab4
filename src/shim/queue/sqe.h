/* SPDX-License-Identifier: MIT */
/*
 * Fills submission queue entries from arguments that have names. With several integers, or two
 * paths, in the wrong order an operation does something else and reports success. So src/shim
 * prepares no such entry by the position of arguments.
 */
#ifndef SHIM_QUEUE_SQE_H
#define SHIM_QUEUE_SQE_H

#include <signal.h>
#include "shim/queue/operation.h"

struct entry_read {
	int fd;
	void *buf;
	unsigned len;
	uint64_t offset; /* URING_CUR_POS: the file position */
};

static inline void fill_read(struct operation *op, struct entry_read as)
{
	uring_prep_read(&op->sqe, as.fd, as.buf, as.len, as.offset);
}

struct entry_write {
	int fd;
	const void *buf;
	unsigned len;
	uint64_t offset;
};

static inline void fill_write(struct operation *op, struct entry_write as)
{
	uring_prep_write(&op->sqe, as.fd, as.buf, as.len, as.offset);
}

struct entry_vector {
	int fd;
	const struct iovec *iov;
	int count;
	uint64_t offset;
	int flags; /* RWF_* */
};

static inline void fill_readv(struct operation *op, struct entry_vector as)
{
	uring_prep_readv(&op->sqe, as.fd, as.iov, (unsigned)as.count, as.offset);
	op->sqe.rw_flags = as.flags;
}

static inline void fill_writev(struct operation *op, struct entry_vector as)
{
	uring_prep_writev(&op->sqe, as.fd, as.iov, (unsigned)as.count, as.offset);
	op->sqe.rw_flags = as.flags;
}

struct entry_send {
	int fd;
	const void *buf;
	unsigned len;
	int flags; /* MSG_* */
};

static inline void fill_send(struct operation *op, struct entry_send as)
{
	uring_prep_send(&op->sqe, as.fd, as.buf, as.len, as.flags);
}

struct entry_recv {
	int fd;
	void *buf;
	unsigned len;
	int flags;
};

static inline void fill_recv(struct operation *op, struct entry_recv as)
{
	uring_prep_recv(&op->sqe, as.fd, as.buf, as.len, as.flags);
}

/* Always syncs the whole file. */
struct entry_fsync {
	int fd;
	uint32_t flags; /* URING_FSYNC_* */
};

static inline void fill_fsync(struct operation *op, struct entry_fsync as)
{
	uring_prep_fsync(&op->sqe, as.fd, as.flags, 0, 0);
}

struct entry_sync_file_range {
	int fd;
	uint64_t offset;
	uint32_t len; /* 0: to the end of the file */
	unsigned flags;
};

static inline void fill_sync_file_range(struct operation *op, struct entry_sync_file_range as)
{
	uring_prep_sync_file_range(&op->sqe, as.fd, as.offset, as.len, as.flags);
}

struct entry_fallocate {
	int fd;
	int mode;
	off64_t offset, len;
};

static inline void fill_fallocate(struct operation *op, struct entry_fallocate as)
{
	uring_prep_fallocate(&op->sqe, as.fd, as.mode, (uint64_t)as.offset, (uint64_t)as.len);
}

struct entry_fadvise {
	int fd;
	off64_t offset, len;
	int advice;
};

static inline void fill_fadvise(struct operation *op, struct entry_fadvise as)
{
	uring_prep_fadvise(&op->sqe, as.fd, (uint64_t)as.offset, (uint64_t)as.len, as.advice);
}

struct entry_madvise {
	void *addr;
	size_t len;
	int advice;
};

static inline void fill_madvise(struct operation *op, struct entry_madvise as)
{
	uring_prep_madvise(&op->sqe, as.addr, as.len, as.advice);
}

/* Moves data from one descriptor to another. Offset -1: none, or the file position. */
struct entry_splice {
	int in, out;
	int64_t in_at, out_at;
	uint32_t len;
	unsigned flags;
};

static inline void fill_splice(struct operation *op, struct entry_splice as)
{
	uring_prep_splice(&op->sqe, as.in, as.in_at, as.out, as.out_at, as.len, as.flags);
}

struct entry_tee {
	int in, out;
	uint32_t len;
	unsigned flags;
};

static inline void fill_tee(struct operation *op, struct entry_tee as)
{
	uring_prep_tee(&op->sqe, as.in, as.out, as.len, as.flags);
}

struct entry_openat {
	int dir;
	const char *path;
	int flags; /* O_* */
	mode_t mode;
};

static inline void fill_openat(struct operation *op, struct entry_openat as)
{
	uring_prep_openat(&op->sqe, as.dir, as.path, as.flags, as.mode);
}

struct entry_statx {
	int dir;
	const char *path;
	int flags;     /* AT_* */
	unsigned mask; /* STATX_* */
	struct statx *to;
};

static inline void fill_statx(struct operation *op, struct entry_statx as)
{
	uring_prep_statx(&op->sqe, as.dir, as.path, as.flags, as.mask, as.to);
}

/* For operations with two names: from exists, to is the new name. */
struct entry_names {
	int from_dir, to_dir;
	const char *from, *to;
	unsigned flags;
};

static inline void fill_renameat(struct operation *op, struct entry_names as)
{
	uring_prep_renameat(&op->sqe, as.from_dir, as.from, as.to_dir, as.to, as.flags);
}

static inline void fill_linkat(struct operation *op, struct entry_names as)
{
	uring_prep_linkat(&op->sqe, as.from_dir, as.from, as.to_dir, as.to, (int)as.flags);
}

struct entry_symlinkat {
	const char *target;
	int dir;
	const char *path;
};

static inline void fill_symlinkat(struct operation *op, struct entry_symlinkat as)
{
	uring_prep_symlinkat(&op->sqe, as.target, as.dir, as.path);
}

struct entry_getxattr {
	const char *path;
	const char *name;
	void *value;
	uint32_t size;
};

static inline void fill_getxattr(struct operation *op, struct entry_getxattr as)
{
	uring_prep_getxattr(&op->sqe, as.path, as.name, as.value, as.size);
}

struct entry_setxattr {
	const char *path;
	const char *name;
	const void *value;
	uint32_t size;
	int flags;
};

static inline void fill_setxattr(struct operation *op, struct entry_setxattr as)
{
	uring_prep_setxattr(&op->sqe, as.path, as.name, as.value, as.size, as.flags);
}

struct entry_fsetxattr {
	int fd;
	const char *name;
	const void *value;
	uint32_t size;
	int flags;
};

static inline void fill_fsetxattr(struct operation *op, struct entry_fsetxattr as)
{
	uring_prep_fsetxattr(&op->sqe, as.fd, as.name, as.value, as.size, as.flags);
}

struct entry_socket {
	int domain;
	int type;
	int protocol;
};

static inline void fill_socket(struct operation *op, struct entry_socket as)
{
	uring_prep_socket(&op->sqe, as.domain, as.type, as.protocol);
}

/* Belongs to a batch, so it fills an entry and not an operation. */
struct entry_poll {
	int fd;
	short events;
};

static inline void fill_poll(struct uring_sqe *sqe, struct entry_poll as)
{
	uring_prep_poll_add(sqe, as.fd, (uint16_t)as.events, 0);
}

struct entry_timeout {
	const struct uring_timespec *time;
	uint32_t flags; /* URING_TIMEOUT_* */
};

static inline void fill_timeout(struct uring_sqe *sqe, struct entry_timeout as)
{
	uring_prep_timeout(sqe, as.time, 0, as.flags);
}

struct entry_waitid {
	int type; /* P_* */
	id_t id;
	siginfo_t *info;
	int options;
};

static inline void fill_waitid(struct operation *op, struct entry_waitid as)
{
	uring_prep_waitid(&op->sqe, as.type, (int)as.id, as.info, as.options);
}

#endif
