/* SPDX-License-Identifier: MIT */
/*
 * The operations. uring_prep_X fills a whole entry and sets its user data and flags to 0.
 * From each of them ops.awk makes uring_X, which takes the entry from a ring.
 */
#ifndef RINGSHIM_URING_PREP_H
#define RINGSHIM_URING_PREP_H

/*
 * Write prototypes in the form that they have here: ops.awk reads them.
 *
 * In the comments, "res" is the res member of the completion: the result, or a negative
 * errno. The number at the end is the kernel version that introduced the operation.
 */

#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "queue.h"

#ifdef __cplusplus
extern "C" {
#endif

struct epoll_event;
struct iovec;
struct msghdr;
struct sockaddr;
struct statx;

/* The offset that means the file position, for operations that take an offset. */
#define URING_CUR_POS UINT64_MAX

/* The most bytes that one read or write moves, here and in the system calls. */
#define URING_MAX_RW 0x7ffff000u

/*
 * Returns len as the 32 bits of an entry can hold it: capped at URING_MAX_RW, never
 * truncated. 5.1
 */
URING_INLINE uint32_t uring_rw_len(size_t len)
{
	return len < URING_MAX_RW ? (uint32_t)len : URING_MAX_RW;
}

/* Clears sqe and sets the members that most operations use. addr: an address or NULL. 5.1 */
URING_INLINE void uring_sqe_fill(struct uring_sqe *sqe, enum uring_op op, int fd, const void *addr,
				 uint32_t len, uint64_t off)
{
	/* One by one and in the order of the members: the compiler then makes the fewest stores. */
	sqe->opcode = (uint8_t)op;
	sqe->flags = 0;
	sqe->ioprio = 0;
	sqe->fd = fd;
	sqe->off = off;
	sqe->addr = (uintptr_t)addr;
	sqe->len = len;
	sqe->rw_flags = 0;
	sqe->user_data = 0;
	sqe->buf_index = 0;
	sqe->personality = 0;
	sqe->file_index = 0;
	sqe->addr3 = 0;
	sqe->__pad2[0] = 0;
}

/*
 * Makes the result go to this slot of the registered files, or with URING_FILE_INDEX_ALLOC
 * to a free slot. 5.15; ALLOC: 5.19
 */
URING_INLINE void uring_sqe_set_slot(struct uring_sqe *sqe, uint32_t slot)
{
	sqe->file_index = slot == URING_FILE_INDEX_ALLOC ? slot : slot + 1;
}

/*
 * Makes the operation use the registered file in slot instead of a descriptor. Returns sqe;
 * passes NULL on. 5.1
 */
URING_INLINE struct uring_sqe *uring_fixed_file(struct uring_sqe *sqe, uint32_t slot)
{
	if (sqe) {
		sqe->fd = (int32_t)slot;
		sqe->flags |= URING_SQE_FIXED_FILE;
	}
	return sqe;
}

/*
 * Makes the operation take its buffer from group when data is there. The completion's flags
 * name the buffer. Returns sqe; passes NULL on. 5.7
 */
URING_INLINE struct uring_sqe *uring_select_buffer(struct uring_sqe *sqe, uint16_t group)
{
	if (sqe) {
		sqe->buf_group = group;
		sqe->flags |= URING_SQE_BUFFER_SELECT;
	}
	return sqe;
}

/* Does nothing. res: 0. No errors of its own. 5.1 */
URING_INLINE void uring_prep_nop(struct uring_sqe *sqe)
{
	uring_sqe_fill(sqe, URING_OP_NOP, -1, NULL, 0, 0);
}

/* Like uring_prep_nop, in an entry of 128 bytes. 6.19 */
URING_INLINE void uring_prep_nop128(struct uring_sqe *sqe)
{
	uring_sqe_fill(sqe, URING_OP_NOP128, -1, NULL, 0, 0);
}

/* ---- files: data ---- */

/* pread(2), or read(2) with offset URING_CUR_POS. res: bytes, 0 at the end of the file. 5.6 */
URING_INLINE void uring_prep_read(struct uring_sqe *sqe, int fd, void *buf, size_t len,
				  uint64_t offset)
{
	uring_sqe_fill(sqe, URING_OP_READ, fd, buf, uring_rw_len(len), offset);
}

/* pwrite(2), or write(2) with offset URING_CUR_POS. res: bytes. 5.6 */
URING_INLINE void uring_prep_write(struct uring_sqe *sqe, int fd, const void *buf, size_t len,
				   uint64_t offset)
{
	uring_sqe_fill(sqe, URING_OP_WRITE, fd, buf, uring_rw_len(len), offset);
}

/* preadv(2), or readv(2) with offset URING_CUR_POS. res: bytes. 5.1 */
URING_INLINE void uring_prep_readv(struct uring_sqe *sqe, int fd, const struct iovec *iov,
				   unsigned nr_iov, uint64_t offset)
{
	uring_sqe_fill(sqe, URING_OP_READV, fd, iov, nr_iov, offset);
}

/* pwritev(2), or writev(2) with offset URING_CUR_POS. res: bytes. 5.1 */
URING_INLINE void uring_prep_writev(struct uring_sqe *sqe, int fd, const struct iovec *iov,
				    unsigned nr_iov, uint64_t offset)
{
	uring_sqe_fill(sqe, URING_OP_WRITEV, fd, iov, nr_iov, offset);
}

/*
 * Like uring_prep_read, but into part of a registered buffer: buf is an address inside it.
 * res: bytes; -EFAULT: outside the buffer. 5.1
 */
URING_INLINE void uring_prep_read_fixed(struct uring_sqe *sqe, int fd, void *buf, size_t len,
					uint64_t offset, uint16_t buf_index)
{
	uring_sqe_fill(sqe, URING_OP_READ_FIXED, fd, buf, uring_rw_len(len), offset);
	sqe->buf_index = buf_index;
}

/*
 * Like uring_prep_write, but from part of a registered buffer. res: bytes; -EFAULT: outside
 * the buffer. 5.1
 */
URING_INLINE void uring_prep_write_fixed(struct uring_sqe *sqe, int fd, const void *buf, size_t len,
					 uint64_t offset, uint16_t buf_index)
{
	uring_sqe_fill(sqe, URING_OP_WRITE_FIXED, fd, buf, uring_rw_len(len), offset);
	sqe->buf_index = buf_index;
}

/* Like uring_prep_readv, with all of iov inside one registered buffer. 6.15 */
URING_INLINE void uring_prep_readv_fixed(struct uring_sqe *sqe, int fd, const struct iovec *iov,
					 unsigned nr_iov, uint64_t offset, uint16_t buf_index)
{
	uring_sqe_fill(sqe, URING_OP_READV_FIXED, fd, iov, nr_iov, offset);
	sqe->buf_index = buf_index;
}

/* Like uring_prep_writev, with all of iov inside one registered buffer. 6.15 */
URING_INLINE void uring_prep_writev_fixed(struct uring_sqe *sqe, int fd, const struct iovec *iov,
					  unsigned nr_iov, uint64_t offset, uint16_t buf_index)
{
	uring_sqe_fill(sqe, URING_OP_WRITEV_FIXED, fd, iov, nr_iov, offset);
	sqe->buf_index = buf_index;
}

/*
 * Like uring_prep_read, but reads repeatedly from a file that can be polled, each time into
 * a buffer of group. A completion without URING_CQE_F_MORE is the last. res: bytes;
 * -ENOBUFS: group is empty; -EBADFD: the file cannot be polled. 6.7
 */
URING_INLINE void uring_prep_read_multishot(struct uring_sqe *sqe, int fd, uint64_t offset,
					    uint16_t group)
{
	uring_sqe_fill(sqe, URING_OP_READ_MULTISHOT, fd, NULL, 0, offset);
	uring_select_buffer(sqe, group);
}

/*
 * fsync(2), or fdatasync(2) with URING_FSYNC_DATASYNC, of len bytes from offset; of the
 * whole file if both are 0. It is not ordered after writes in flight: link it to them, or
 * wait for them first. res: 0. 5.1
 */
URING_INLINE void uring_prep_fsync(struct uring_sqe *sqe, int fd, uint32_t fsync_flags,
				   uint64_t offset, uint32_t len)
{
	uring_sqe_fill(sqe, URING_OP_FSYNC, fd, NULL, len, offset);
	sqe->fsync_flags = fsync_flags;
}

/* sync_file_range(2), with a length of at most 32 bits; 0: to the end of the file. res: 0. 5.2 */
URING_INLINE void uring_prep_sync_file_range(struct uring_sqe *sqe, int fd, uint64_t offset,
					     uint32_t len, uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_SYNC_FILE_RANGE, fd, NULL, len, offset);
	sqe->sync_range_flags = flags;
}

/* fallocate(2). res: 0. 5.6 */
URING_INLINE void uring_prep_fallocate(struct uring_sqe *sqe, int fd, int mode, uint64_t offset,
				       uint64_t len)
{
	uring_sqe_fill(sqe, URING_OP_FALLOCATE, fd, NULL, (uint32_t)mode, offset);
	sqe->addr = len;
}

/* ftruncate(2). res: 0. 6.9 */
URING_INLINE void uring_prep_ftruncate(struct uring_sqe *sqe, int fd, uint64_t len)
{
	uring_sqe_fill(sqe, URING_OP_FTRUNCATE, fd, NULL, 0, len);
}

/* posix_fadvise(2). res: 0. 5.6; a len above 32 bits: 6.11, -EINVAL before. */
URING_INLINE void uring_prep_fadvise(struct uring_sqe *sqe, int fd, uint64_t offset, uint64_t len,
				     int advice)
{
	uring_sqe_fill(sqe, URING_OP_FADVISE, fd, NULL, 0, offset);
	if (len <= UINT32_MAX)
		sqe->len = (uint32_t)len;
	else
		sqe->addr = len;
	sqe->fadvise_advice = (uint32_t)advice;
}

/* madvise(2). res: 0. 5.6; a len above 32 bits: 6.11, -EINVAL before. */
URING_INLINE void uring_prep_madvise(struct uring_sqe *sqe, void *addr, size_t len, int advice)
{
	uring_sqe_fill(sqe, URING_OP_MADVISE, -1, addr, 0, 0);
	if (len <= UINT32_MAX)
		sqe->len = (uint32_t)len;
	else
		sqe->off = len;
	sqe->fadvise_advice = (uint32_t)advice;
}

/*
 * splice(2). One of the two files must be a pipe. An offset of -1 stands for splice's NULL.
 * URING_SPLICE_F_FD_IN_FIXED: fd_in is a registered file. res: bytes. 5.7
 */
URING_INLINE void uring_prep_splice(struct uring_sqe *sqe, int fd_in, int64_t off_in, int fd_out,
				    int64_t off_out, uint32_t len, uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_SPLICE, fd_out, NULL, len, (uint64_t)off_out);
	sqe->splice_off_in = (uint64_t)off_in;
	sqe->splice_fd_in = fd_in;
	sqe->splice_flags = flags;
}

/* tee(2), between two pipes. res: bytes. 5.8 */
URING_INLINE void uring_prep_tee(struct uring_sqe *sqe, int fd_in, int fd_out, uint32_t len,
				 uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_TEE, fd_out, NULL, len, 0);
	sqe->splice_fd_in = fd_in;
	sqe->splice_flags = flags;
}

/* ---- files: paths ---- */

/* openat(2). res: a descriptor. 5.6 */
URING_INLINE void uring_prep_openat(struct uring_sqe *sqe, int dirfd, const char *path, int flags,
				    unsigned mode)
{
	uring_sqe_fill(sqe, URING_OP_OPENAT, dirfd, path, mode, 0);
	sqe->open_flags = (uint32_t)flags;
}

/*
 * Like uring_prep_openat, but opens into slot of the registered files. O_CLOEXEC is not
 * allowed. res: 0, or the slot with URING_FILE_INDEX_ALLOC. -ENXIO: no files are
 * registered; -EINVAL: there is no such slot; -ENFILE: no slot is free, with ALLOC. 5.15;
 * ALLOC: 5.19
 */
URING_INLINE void uring_prep_openat_direct(struct uring_sqe *sqe, int dirfd, const char *path,
					   int flags, unsigned mode, uint32_t slot)
{
	uring_prep_openat(sqe, dirfd, path, flags, mode);
	uring_sqe_set_slot(sqe, slot);
}

/* openat2(2). res: a descriptor. 5.6 */
URING_INLINE void uring_prep_openat2(struct uring_sqe *sqe, int dirfd, const char *path,
				     const struct uring_open_how *how)
{
	uring_sqe_fill(sqe, URING_OP_OPENAT2, dirfd, path, sizeof(*how), (uintptr_t)how);
}

/* Like uring_prep_openat_direct, with the argument of openat2(2). 5.15; ALLOC: 5.19 */
URING_INLINE void uring_prep_openat2_direct(struct uring_sqe *sqe, int dirfd, const char *path,
					    const struct uring_open_how *how, uint32_t slot)
{
	uring_prep_openat2(sqe, dirfd, path, how);
	uring_sqe_set_slot(sqe, slot);
}

/* close(2). Operations in flight on fd go on. res: 0. 5.6 */
URING_INLINE void uring_prep_close(struct uring_sqe *sqe, int fd)
{
	uring_sqe_fill(sqe, URING_OP_CLOSE, fd, NULL, 0, 0);
}

/*
 * Empties slot of the registered files. res: 0; -EBADF: slot is empty; -EINVAL: there is no
 * such slot; -ENXIO: no files are registered. 5.15
 */
URING_INLINE void uring_prep_close_direct(struct uring_sqe *sqe, uint32_t slot)
{
	uring_prep_close(sqe, 0);
	uring_sqe_set_slot(sqe, slot);
}

/* statx(2). buf must live until the completion. res: 0. 5.6 */
URING_INLINE void uring_prep_statx(struct uring_sqe *sqe, int dirfd, const char *path, int flags,
				   unsigned mask, struct statx *buf)
{
	uring_sqe_fill(sqe, URING_OP_STATX, dirfd, path, mask, (uintptr_t)buf);
	sqe->statx_flags = (uint32_t)flags;
}

/* renameat2(2). res: 0. 5.11 */
URING_INLINE void uring_prep_renameat(struct uring_sqe *sqe, int olddirfd, const char *oldpath,
				      int newdirfd, const char *newpath, unsigned flags)
{
	uring_sqe_fill(sqe, URING_OP_RENAMEAT, olddirfd, oldpath, (uint32_t)newdirfd,
		       (uintptr_t)newpath);
	sqe->rename_flags = flags;
}

/* unlinkat(2). res: 0. 5.11 */
URING_INLINE void uring_prep_unlinkat(struct uring_sqe *sqe, int dirfd, const char *path, int flags)
{
	uring_sqe_fill(sqe, URING_OP_UNLINKAT, dirfd, path, 0, 0);
	sqe->unlink_flags = (uint32_t)flags;
}

/* mkdirat(2). res: 0. 5.15 */
URING_INLINE void uring_prep_mkdirat(struct uring_sqe *sqe, int dirfd, const char *path,
				     unsigned mode)
{
	uring_sqe_fill(sqe, URING_OP_MKDIRAT, dirfd, path, mode, 0);
}

/* symlinkat(2). res: 0. 5.15 */
URING_INLINE void uring_prep_symlinkat(struct uring_sqe *sqe, const char *target, int newdirfd,
				       const char *linkpath)
{
	uring_sqe_fill(sqe, URING_OP_SYMLINKAT, newdirfd, target, 0, (uintptr_t)linkpath);
}

/* linkat(2). res: 0. 5.15 */
URING_INLINE void uring_prep_linkat(struct uring_sqe *sqe, int olddirfd, const char *oldpath,
				    int newdirfd, const char *newpath, int flags)
{
	uring_sqe_fill(sqe, URING_OP_LINKAT, olddirfd, oldpath, (uint32_t)newdirfd,
		       (uintptr_t)newpath);
	sqe->hardlink_flags = (uint32_t)flags;
}

/* getxattr(2). res: the value's length. 5.19 */
URING_INLINE void uring_prep_getxattr(struct uring_sqe *sqe, const char *path, const char *name,
				      void *value, uint32_t size)
{
	uring_sqe_fill(sqe, URING_OP_GETXATTR, 0, name, size, (uintptr_t)value);
	sqe->addr3 = (uintptr_t)path;
}

/* setxattr(2). res: 0. 5.19 */
URING_INLINE void uring_prep_setxattr(struct uring_sqe *sqe, const char *path, const char *name,
				      const void *value, uint32_t size, int flags)
{
	uring_sqe_fill(sqe, URING_OP_SETXATTR, 0, name, size, (uintptr_t)value);
	sqe->addr3 = (uintptr_t)path;
	sqe->xattr_flags = (uint32_t)flags;
}

/* fgetxattr(2), not for a registered file. res: the value's length. 5.19 */
URING_INLINE void uring_prep_fgetxattr(struct uring_sqe *sqe, int fd, const char *name, void *value,
				       uint32_t size)
{
	uring_sqe_fill(sqe, URING_OP_FGETXATTR, fd, name, size, (uintptr_t)value);
}

/* fsetxattr(2), not for a registered file. res: 0. 5.19 */
URING_INLINE void uring_prep_fsetxattr(struct uring_sqe *sqe, int fd, const char *name,
				       const void *value, uint32_t size, int flags)
{
	uring_sqe_fill(sqe, URING_OP_FSETXATTR, fd, name, size, (uintptr_t)value);
	sqe->xattr_flags = (uint32_t)flags;
}

/* ---- sockets ---- */

/* socket(2). res: a descriptor. 5.19 */
URING_INLINE void uring_prep_socket(struct uring_sqe *sqe, int domain, int type, int protocol)
{
	uring_sqe_fill(sqe, URING_OP_SOCKET, domain, NULL, (uint32_t)protocol, (uint64_t)type);
}

/*
 * Like uring_prep_socket, but creates the socket in slot of the registered files.
 * SOCK_CLOEXEC is not allowed. res: 0, or the slot with URING_FILE_INDEX_ALLOC. -ENXIO: no
 * files are registered; -EINVAL: there is no such slot; -ENFILE: no slot is free, with
 * ALLOC. 5.19
 */
URING_INLINE void uring_prep_socket_direct(struct uring_sqe *sqe, int domain, int type,
					   int protocol, uint32_t slot)
{
	uring_prep_socket(sqe, domain, type, protocol);
	uring_sqe_set_slot(sqe, slot);
}

/* bind(2). res: 0. 6.11 */
URING_INLINE void uring_prep_bind(struct uring_sqe *sqe, int sockfd, const struct sockaddr *addr,
				  uint32_t addrlen)
{
	uring_sqe_fill(sqe, URING_OP_BIND, sockfd, addr, 0, addrlen);
}

/* listen(2). res: 0. 6.11 */
URING_INLINE void uring_prep_listen(struct uring_sqe *sqe, int sockfd, int backlog)
{
	uring_sqe_fill(sqe, URING_OP_LISTEN, sockfd, NULL, (uint32_t)backlog, 0);
}

/*
 * accept4(2). addr and addrlen (a socklen_t) can be NULL; they must live until the
 * completion. Waits on a non-blocking socket too, unless ioprio is set to
 * URING_ACCEPT_DONTWAIT (6.10). res: a descriptor. 5.5
 */
URING_INLINE void uring_prep_accept(struct uring_sqe *sqe, int sockfd, struct sockaddr *addr,
				    uint32_t *addrlen, int flags)
{
	uring_sqe_fill(sqe, URING_OP_ACCEPT, sockfd, addr, 0, (uintptr_t)addrlen);
	sqe->accept_flags = (uint32_t)flags;
}

/*
 * Like uring_prep_accept, but accepts into slot of the registered files. SOCK_CLOEXEC is
 * not allowed. res: 0, or the slot with URING_FILE_INDEX_ALLOC. -ENXIO: no files are
 * registered; -EINVAL: there is no such slot; -ENFILE: no slot is free, with ALLOC. 5.15;
 * ALLOC: 5.19
 */
URING_INLINE void uring_prep_accept_direct(struct uring_sqe *sqe, int sockfd, struct sockaddr *addr,
					   uint32_t *addrlen, int flags, uint32_t slot)
{
	uring_prep_accept(sqe, sockfd, addr, addrlen, flags);
	uring_sqe_set_slot(sqe, slot);
}

/*
 * Like uring_prep_accept, but accepts repeatedly and posts a completion for each
 * connection. A completion without URING_CQE_F_MORE is the last. res: a descriptor. 5.19
 */
URING_INLINE void uring_prep_accept_multishot(struct uring_sqe *sqe, int sockfd,
					      struct sockaddr *addr, uint32_t *addrlen, int flags)
{
	uring_prep_accept(sqe, sockfd, addr, addrlen, flags);
	sqe->ioprio = URING_ACCEPT_MULTISHOT;
}

/* Like uring_prep_accept_multishot, but into slots that the kernel picks. res: the slot. 5.19 */
URING_INLINE void uring_prep_accept_multishot_direct(struct uring_sqe *sqe, int sockfd,
						     struct sockaddr *addr, uint32_t *addrlen,
						     int flags)
{
	uring_prep_accept_multishot(sqe, sockfd, addr, addrlen, flags);
	uring_sqe_set_slot(sqe, URING_FILE_INDEX_ALLOC);
}

/* connect(2). Waits on a non-blocking socket too. res: 0. 5.5 */
URING_INLINE void uring_prep_connect(struct uring_sqe *sqe, int sockfd, const struct sockaddr *addr,
				     uint32_t addrlen)
{
	uring_sqe_fill(sqe, URING_OP_CONNECT, sockfd, addr, 0, addrlen);
}

/* shutdown(2). res: 0. 5.11 */
URING_INLINE void uring_prep_shutdown(struct uring_sqe *sqe, int sockfd, int how)
{
	uring_sqe_fill(sqe, URING_OP_SHUTDOWN, sockfd, NULL, (uint32_t)how, 0);
}

/*
 * send(2), but never raises SIGPIPE. Can send less than len, unless flags has MSG_WAITALL.
 * ioprio: URING_RECVSEND_*. res: bytes. 5.6
 */
URING_INLINE void uring_prep_send(struct uring_sqe *sqe, int sockfd, const void *buf, size_t len,
				  int flags)
{
	uring_sqe_fill(sqe, URING_OP_SEND, sockfd, buf, uring_rw_len(len), 0);
	sqe->msg_flags = (uint32_t)flags;
}

/* sendto(2); see uring_prep_send. 6.1; -EINVAL before, with an address */
URING_INLINE void uring_prep_sendto(struct uring_sqe *sqe, int sockfd, const void *buf, size_t len,
				    int flags, const struct sockaddr *addr, uint16_t addrlen)
{
	uring_prep_send(sqe, sockfd, buf, len, flags);
	sqe->addr2 = (uintptr_t)addr;
	sqe->addr_len = addrlen;
}

/* Like uring_prep_send, but sends the nr_iov parts of iov. res: bytes. 6.17 */
URING_INLINE void uring_prep_sendv(struct uring_sqe *sqe, int sockfd, const struct iovec *iov,
				   unsigned nr_iov, int flags)
{
	uring_sqe_fill(sqe, URING_OP_SEND, sockfd, iov, nr_iov, 0);
	sqe->msg_flags = (uint32_t)flags;
	sqe->ioprio = URING_SEND_VECTORIZED;
}

/*
 * Like uring_prep_send, but sends the contents of the buffers of group, as many as len
 * bytes (0: all) take. More completions follow one that has URING_CQE_F_MORE. res: bytes;
 * -ENOBUFS: group is empty; -ENOENT: there is no such group. 6.10
 */
URING_INLINE void uring_prep_send_bundle(struct uring_sqe *sqe, int sockfd, size_t len, int flags,
					 uint16_t group)
{
	uring_prep_send(sqe, sockfd, NULL, len, flags);
	sqe->ioprio = URING_RECVSEND_BUNDLE;
	uring_select_buffer(sqe, group);
}

/*
 * Like uring_prep_send, but does not copy. buf must not change before a second completion,
 * which has URING_CQE_F_NOTIF. URING_CQE_F_MORE in the first one announces it, even if the
 * first is an error. In the second one, res is 0, or, with URING_SEND_ZC_REPORT_USAGE in
 * ioprio, URING_NOTIF_USAGE_ZC_COPIED if data was copied. res: bytes; -EOPNOTSUPP: this
 * kind of socket always copies. 6.0
 */
URING_INLINE void uring_prep_send_zc(struct uring_sqe *sqe, int sockfd, const void *buf, size_t len,
				     int flags, uint16_t ioprio)
{
	uring_sqe_fill(sqe, URING_OP_SEND_ZC, sockfd, buf, uring_rw_len(len), 0);
	sqe->msg_flags = (uint32_t)flags;
	sqe->ioprio = ioprio;
}

/* Like uring_prep_send_zc, but sends to an address. 6.0 */
URING_INLINE void uring_prep_sendto_zc(struct uring_sqe *sqe, int sockfd, const void *buf,
				       size_t len, int flags, uint16_t ioprio,
				       const struct sockaddr *addr, uint16_t addrlen)
{
	uring_prep_send_zc(sqe, sockfd, buf, len, flags, ioprio);
	sqe->addr2 = (uintptr_t)addr;
	sqe->addr_len = addrlen;
}

/* Like uring_prep_send_zc, but sends part of a registered buffer. 6.0 */
URING_INLINE void uring_prep_send_zc_fixed(struct uring_sqe *sqe, int sockfd, const void *buf,
					   size_t len, int flags, uint16_t ioprio,
					   uint16_t buf_index)
{
	uring_prep_send_zc(sqe, sockfd, buf, len, flags, ioprio | URING_RECVSEND_FIXED_BUF);
	sqe->buf_index = buf_index;
}

/* Like uring_prep_send_zc, but sends the nr_iov parts of iov. 6.17 */
URING_INLINE void uring_prep_sendv_zc(struct uring_sqe *sqe, int sockfd, const struct iovec *iov,
				      unsigned nr_iov, int flags, uint16_t ioprio)
{
	uring_sqe_fill(sqe, URING_OP_SEND_ZC, sockfd, iov, nr_iov, 0);
	sqe->msg_flags = (uint32_t)flags;
	sqe->ioprio = ioprio | URING_SEND_VECTORIZED;
}

/* sendmsg(2); see uring_prep_send. 5.3 */
URING_INLINE void uring_prep_sendmsg(struct uring_sqe *sqe, int sockfd, const struct msghdr *msg,
				     int flags)
{
	uring_sqe_fill(sqe, URING_OP_SENDMSG, sockfd, msg, 1, 0);
	sqe->msg_flags = (uint32_t)flags;
}

/* sendmsg(2) without copying; see uring_prep_send_zc. 6.1 */
URING_INLINE void uring_prep_sendmsg_zc(struct uring_sqe *sqe, int sockfd, const struct msghdr *msg,
					int flags, uint16_t ioprio)
{
	uring_sqe_fill(sqe, URING_OP_SENDMSG_ZC, sockfd, msg, 1, 0);
	sqe->msg_flags = (uint32_t)flags;
	sqe->ioprio = ioprio;
}

/* Like uring_prep_sendmsg_zc, with all parts inside one registered buffer. 6.15 */
URING_INLINE void uring_prep_sendmsg_zc_fixed(struct uring_sqe *sqe, int sockfd,
					      const struct msghdr *msg, int flags, uint16_t ioprio,
					      uint16_t buf_index)
{
	uring_prep_sendmsg_zc(sqe, sockfd, msg, flags, ioprio | URING_RECVSEND_FIXED_BUF);
	sqe->buf_index = buf_index;
}

/*
 * recv(2). Waits on a non-blocking socket too, unless flags has MSG_DONTWAIT. Set ioprio to
 * URING_RECVSEND_POLL_FIRST if no data is expected to be there yet. res: bytes, 0 at the
 * end of the stream. 5.6
 */
URING_INLINE void uring_prep_recv(struct uring_sqe *sqe, int sockfd, void *buf, size_t len,
				  int flags)
{
	uring_sqe_fill(sqe, URING_OP_RECV, sockfd, buf, uring_rw_len(len), 0);
	sqe->msg_flags = (uint32_t)flags;
}

/*
 * Like uring_prep_recv, but receives repeatedly, each time into a buffer of group. A
 * completion without URING_CQE_F_MORE is the last. ioprio can also have
 * URING_RECVSEND_BUNDLE. res: bytes, 0 at the end of the stream; -ENOBUFS: group is empty.
 * 6.0
 */
URING_INLINE void uring_prep_recv_multishot(struct uring_sqe *sqe, int sockfd, int flags,
					    uint16_t group)
{
	uring_prep_recv(sqe, sockfd, NULL, 0, flags);
	sqe->ioprio = URING_RECV_MULTISHOT;
	uring_select_buffer(sqe, group);
}

/*
 * Like uring_prep_recv, but receives into as many buffers of group as the data at hand
 * takes. The completion names the first buffer. It receives at most len bytes (0: no
 * limit), which the kernel can round down to whole buffers. res: bytes; -ENOBUFS: group is
 * empty; -ENOENT: there is no such group. 6.10
 */
URING_INLINE void uring_prep_recv_bundle(struct uring_sqe *sqe, int sockfd, size_t len, int flags,
					 uint16_t group)
{
	uring_prep_recv(sqe, sockfd, NULL, len, flags);
	sqe->ioprio = URING_RECVSEND_BUNDLE;
	uring_select_buffer(sqe, group);
}

/* recvmsg(2); see uring_prep_recv. msg must live until the completion. 5.3 */
URING_INLINE void uring_prep_recvmsg(struct uring_sqe *sqe, int sockfd, struct msghdr *msg,
				     int flags)
{
	uring_sqe_fill(sqe, URING_OP_RECVMSG, sockfd, msg, 1, 0);
	sqe->msg_flags = (uint32_t)flags;
}

/*
 * Like uring_prep_recv_multishot, but each buffer begins with a uring_recvmsg_out; see
 * uring_recvmsg_validate. Only msg_namelen and msg_controllen of msg count. res: bytes used
 * of the buffer. 6.0
 */
URING_INLINE void uring_prep_recvmsg_multishot(struct uring_sqe *sqe, int sockfd,
					       struct msghdr *msg, int flags, uint16_t group)
{
	uring_prep_recvmsg(sqe, sockfd, msg, flags);
	sqe->ioprio = URING_RECV_MULTISHOT;
	uring_select_buffer(sqe, group);
}

/*
 * Receives repeatedly into the memory of a registered interface queue, len bytes in all (0:
 * no limit). The ring must have URING_SETUP_CQE32 or CQE_MIXED. big_cqe is a
 * uring_zcrx_cqe. res: bytes; -EINVAL: there is no such interface queue. 6.15
 */
URING_INLINE void uring_prep_recv_zc(struct uring_sqe *sqe, int sockfd, uint32_t len,
				     uint32_t zcrx_id)
{
	uring_sqe_fill(sqe, URING_OP_RECV_ZC, sockfd, NULL, len, 0);
	sqe->ioprio = URING_RECV_MULTISHOT;
	sqe->zcrx_ifq_idx = zcrx_id;
}

/* ---- readiness ---- */

/*
 * Returns events as poll32_events holds them: with the halves swapped on big-endian
 * machines. 5.1
 */
URING_INLINE uint32_t uring_poll_mask(uint32_t events)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return events << 16 | events >> 16;
#else
	return events;
#endif
}

/*
 * Waits for one of events (POLL*, EPOLL*) on fd. flags: URING_POLL_ADD_MULTI for one
 * completion after another; all but the last have URING_CQE_F_MORE. res: the events that
 * are there; -EBADF: fd is not open. 5.1; MULTI: 5.13
 */
URING_INLINE void uring_prep_poll_add(struct uring_sqe *sqe, int fd, uint32_t events,
				      uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_POLL_ADD, fd, NULL, flags, 0);
	sqe->poll32_events = uring_poll_mask(events);
}

/*
 * Removes the poll with user data target. res: 0; -ENOENT: no such poll; -EALREADY: it is
 * completing. The poll itself completes with -ECANCELED. 5.1
 */
URING_INLINE void uring_prep_poll_remove(struct uring_sqe *sqe, uint64_t target)
{
	uring_sqe_fill(sqe, URING_OP_POLL_REMOVE, -1, NULL, 0, 0);
	sqe->addr = target;
}

/*
 * Changes the poll with user data target. flags: URING_POLL_UPDATE_EVENTS,
 * URING_POLL_UPDATE_USER_DATA. An argument that flags do not select must be 0. res: 0;
 * -ENOENT: no such poll; -EALREADY: it is completing. 5.13
 */
URING_INLINE void uring_prep_poll_update(struct uring_sqe *sqe, uint64_t target,
					 uint64_t new_user_data, uint32_t events, uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_POLL_REMOVE, -1, NULL, flags, new_user_data);
	sqe->addr = target;
	sqe->poll32_events = uring_poll_mask(events);
}

/* Like uring_prep_poll_update, but changes the events only. 5.13 */
URING_INLINE void uring_prep_poll_update_events(struct uring_sqe *sqe, uint64_t target,
						uint32_t events)
{
	uring_prep_poll_update(sqe, target, 0, events, URING_POLL_UPDATE_EVENTS);
}

/* Like uring_prep_poll_update, but changes the user data only. 5.13 */
URING_INLINE void uring_prep_poll_update_user_data(struct uring_sqe *sqe, uint64_t target,
						   uint64_t new_user_data)
{
	uring_prep_poll_update(sqe, target, new_user_data, 0, URING_POLL_UPDATE_USER_DATA);
}

/* epoll_ctl(2). res: 0. 5.6 */
URING_INLINE void uring_prep_epoll_ctl(struct uring_sqe *sqe, int epfd, int op, int fd,
				       const struct epoll_event *event)
{
	uring_sqe_fill(sqe, URING_OP_EPOLL_CTL, epfd, event, (uint32_t)op, (uint64_t)fd);
}

/* epoll_wait(2), without a time limit: link a timeout for one. res: the number of events. 6.15 */
URING_INLINE void uring_prep_epoll_wait(struct uring_sqe *sqe, int epfd, struct epoll_event *events,
					unsigned max_events)
{
	uring_sqe_fill(sqe, URING_OP_EPOLL_WAIT, epfd, events, max_events, 0);
}

/* ---- timeouts and cancellation ---- */

/*
 * Completes when ts has passed, or when count (not 0) other completions have been posted.
 * The clock is CLOCK_MONOTONIC unless flags says otherwise. flags: URING_TIMEOUT_*. res:
 * -ETIME: ts has passed; 0: count was reached; -ECANCELED: removed. 5.4
 */
URING_INLINE void uring_prep_timeout(struct uring_sqe *sqe, const struct uring_timespec *ts,
				     uint32_t count, uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_TIMEOUT, -1, ts, 1, count);
	sqe->timeout_flags = flags;
}

/*
 * Completes each time ts has passed, count times (0: without end). All completions but the
 * last have URING_CQE_F_MORE. res: -ETIME: ts has passed; -ECANCELED: removed. 6.4
 */
URING_INLINE void uring_prep_timeout_multishot(struct uring_sqe *sqe,
					       const struct uring_timespec *ts, uint32_t count,
					       uint32_t flags)
{
	uring_prep_timeout(sqe, ts, count, flags | URING_TIMEOUT_MULTISHOT);
}

/*
 * Removes the timeout with user data target. res: 0; -ENOENT: no such timeout; -EBUSY,
 * -EALREADY: it is expiring. 5.5
 */
URING_INLINE void uring_prep_timeout_remove(struct uring_sqe *sqe, uint64_t target, uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_TIMEOUT_REMOVE, -1, NULL, 0, 0);
	sqe->addr = target;
	sqe->timeout_flags = flags;
}

/*
 * Changes the time of the timeout with user data target. flags: URING_TIMEOUT_ABS;
 * URING_LINK_TIMEOUT_UPDATE for a linked timeout (5.15). res: 0; -ENOENT: no such timeout;
 * -EALREADY: it is expiring. 5.11
 */
URING_INLINE void uring_prep_timeout_update(struct uring_sqe *sqe, uint64_t target,
					    const struct uring_timespec *ts, uint32_t flags)
{
	uring_prep_timeout_remove(sqe, target, flags | URING_TIMEOUT_UPDATE);
	sqe->addr2 = (uintptr_t)ts;
}

/*
 * Limits the time of the operation before it, which must have URING_SQE_IO_LINK. res:
 * -ETIME: it cancelled that operation; -ECANCELED: that operation completed in time;
 * -EALREADY, -ENOENT: that operation could not be cancelled any more. 5.5
 */
URING_INLINE void uring_prep_link_timeout(struct uring_sqe *sqe, const struct uring_timespec *ts,
					  uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_LINK_TIMEOUT, -1, ts, 1, 0);
	sqe->timeout_flags = flags;
}

/*
 * Cancels the operation with user data target. flags: URING_ASYNC_CANCEL_ALL for every
 * match (5.19). res: 0, or the number of matches with ALL; -ENOENT: no match; -EALREADY: it
 * is running and may or may not end early. 5.5
 */
URING_INLINE void uring_prep_async_cancel(struct uring_sqe *sqe, uint64_t target, uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_ASYNC_CANCEL, -1, NULL, 0, 0);
	sqe->addr = target;
	sqe->cancel_flags = flags;
}

/* Like uring_prep_async_cancel, by descriptor (URING_ASYNC_CANCEL_FD_FIXED: by slot). 5.19 */
URING_INLINE void uring_prep_async_cancel_fd(struct uring_sqe *sqe, int fd, uint32_t flags)
{
	uring_prep_async_cancel(sqe, 0, flags | URING_ASYNC_CANCEL_FD);
	sqe->fd = fd;
}

/*
 * Like uring_prep_async_cancel, by operation (URING_OP_*). 6.6; kernels before it ignore
 * this and cancel the operation with user data 0
 */
URING_INLINE void uring_prep_async_cancel_op(struct uring_sqe *sqe, uint32_t op, uint32_t flags)
{
	uring_prep_async_cancel(sqe, 0, flags | URING_ASYNC_CANCEL_OP);
	sqe->len = op;
}

/* Cancels all operations. res: the number of them, which can be 0. No errors of its own. 5.19 */
URING_INLINE void uring_prep_async_cancel_any(struct uring_sqe *sqe)
{
	uring_prep_async_cancel(sqe, 0, URING_ASYNC_CANCEL_ANY);
}

/* ---- registered files ---- */

/*
 * Puts nr descriptors into the registered files from slot offset on: -1 empties a slot,
 * URING_REGISTER_FILES_SKIP leaves it unchanged. With offset URING_FILE_INDEX_ALLOC they go
 * into free slots, which are written back to fds. fds must live until the completion. res:
 * the number of slots done; -ENXIO: no files are registered; -EINVAL: there are no such
 * slots; -EBADF: a descriptor is not open. 5.6
 */
URING_INLINE void uring_prep_files_update(struct uring_sqe *sqe, int *fds, unsigned nr,
					  uint32_t offset)
{
	uring_sqe_fill(sqe, URING_OP_FILES_UPDATE, -1, fds, nr, offset);
}

/*
 * Makes a descriptor for a registered file. It is close-on-exec unless flags has
 * URING_FIXED_FD_NO_CLOEXEC. res: the descriptor; -EBADF: slot is empty, or there is none;
 * -EMFILE: RLIMIT_NOFILE is used up. 6.8
 */
URING_INLINE void uring_prep_fixed_fd_install(struct uring_sqe *sqe, uint32_t slot, uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_FIXED_FD_INSTALL, 0, NULL, 0, 0);
	uring_fixed_file(sqe, slot);
	sqe->install_fd_flags = flags;
}

/* ---- provided buffers ---- */

/*
 * Gives nr buffers of len bytes each to group. They lie one after another from addr on, and
 * are numbered from first_id on. res: 0; -E2BIG: nr is not 1 to 65536; -EINVAL: an id would
 * be above 65535, or group is a ring of buffers; -EFAULT: the memory is not accessible.
 * 5.7; a buffer ring does it better
 */
URING_INLINE void uring_prep_provide_buffers(struct uring_sqe *sqe, void *addr, uint32_t len,
					     int nr, uint16_t group, uint16_t first_id)
{
	uring_sqe_fill(sqe, URING_OP_PROVIDE_BUFFERS, nr, addr, len, first_id);
	sqe->buf_group = group;
}

/*
 * Takes up to nr buffers of uring_prep_provide_buffers back. res: the number taken;
 * -ENOENT: no such group; -EINVAL: group is a ring of buffers. 5.7
 */
URING_INLINE void uring_prep_remove_buffers(struct uring_sqe *sqe, int nr, uint16_t group)
{
	uring_sqe_fill(sqe, URING_OP_REMOVE_BUFFERS, nr, NULL, 0, 0);
	sqe->buf_group = group;
}

/* ---- other rings ---- */

/*
 * Posts a completion to another ring, given by its descriptor, with data as user data and
 * res as result. flags: URING_MSG_RING_*. res of this operation: 0; -EBADFD: ring_fd is no
 * ring, or one that is not enabled; -EBADF: it is not open. 5.18
 */
URING_INLINE void uring_prep_msg_ring(struct uring_sqe *sqe, int ring_fd, uint32_t res,
				      uint64_t data, uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_MSG_RING, ring_fd, NULL, res, data);
	sqe->msg_ring_flags = flags;
}

/* Like uring_prep_msg_ring, and sets the flags of the completion in the other ring. 6.3 */
URING_INLINE void uring_prep_msg_ring_cqe_flags(struct uring_sqe *sqe, int ring_fd, uint32_t res,
						uint64_t data, uint32_t flags, uint32_t cqe_flags)
{
	uring_prep_msg_ring(sqe, ring_fd, res, data, flags | URING_MSG_RING_FLAGS_PASS);
	sqe->file_index = cqe_flags;
}

/*
 * Puts the registered file in slot into target_slot of another ring, and posts a completion
 * there unless flags has URING_MSG_RING_CQE_SKIP. res of this operation: 0, or with
 * URING_FILE_INDEX_ALLOC the slot in the other ring; -EBADF: slot is empty; -EBADFD:
 * ring_fd is no ring; -EINVAL: it is this ring. 6.0
 */
URING_INLINE void uring_prep_msg_ring_fd(struct uring_sqe *sqe, int ring_fd, uint32_t slot,
					 uint32_t target_slot, uint64_t data, uint32_t flags)
{
	uring_prep_msg_ring(sqe, ring_fd, 0, data, flags);
	sqe->addr = URING_MSG_SEND_FD;
	sqe->addr3 = slot;
	uring_sqe_set_slot(sqe, target_slot);
}

/* ---- commands ---- */

/*
 * Sends a command to the driver behind fd. The caller puts its payload into sqe->cmd, 16
 * bytes (80 with URING_SETUP_SQE128). res: the driver's; -EOPNOTSUPP: the file has no
 * commands. 5.19
 */
URING_INLINE void uring_prep_uring_cmd(struct uring_sqe *sqe, int fd, uint32_t cmd_op)
{
	uring_sqe_fill(sqe, URING_OP_URING_CMD, fd, NULL, 0, 0);
	sqe->cmd_op = cmd_op;
}

/* Like uring_prep_uring_cmd, in an entry of 128 bytes: 80 for the payload. 6.19 */
URING_INLINE void uring_prep_uring_cmd128(struct uring_sqe *sqe, int fd, uint32_t cmd_op)
{
	uring_sqe_fill(sqe, URING_OP_URING_CMD128, fd, NULL, 0, 0);
	sqe->cmd_op = cmd_op;
}

/*
 * Sends a command to a socket. cmd_op: URING_SOCKET_OP_SIOCINQ or URING_SOCKET_OP_SIOCOUTQ,
 * for the bytes in its queues, with 0 for the other arguments; URING_SOCKET_OP_GETSOCKOPT,
 * for level SOL_SOCKET only, or URING_SOCKET_OP_SETSOCKOPT (both 6.7). res: the bytes; for
 * GETSOCKOPT the option's length; for SETSOCKOPT 0; -EOPNOTSUPP: the command is not for
 * this kind of socket. 6.5
 */
URING_INLINE void uring_prep_cmd_sock(struct uring_sqe *sqe, int sockfd, uint32_t cmd_op, int level,
				      int optname, void *optval, uint32_t optlen)
{
	uring_prep_uring_cmd(sqe, sockfd, cmd_op);
	sqe->level = (uint32_t)level;
	sqe->optname = (uint32_t)optname;
	sqe->optlen = optlen;
	sqe->optval = (uintptr_t)optval;
}

/* getsockname(2), or getpeername(2) if peer is 1. res: 0. 6.19; -EOPNOTSUPP before */
URING_INLINE void uring_prep_cmd_getsockname(struct uring_sqe *sqe, int sockfd,
					     struct sockaddr *addr, uint32_t *addrlen, int peer)
{
	uring_prep_uring_cmd(sqe, sockfd, URING_SOCKET_OP_GETSOCKNAME);
	sqe->addr = (uintptr_t)addr;
	sqe->addr3 = (uintptr_t)addrlen;
	sqe->optlen = (uint32_t)peer;
}

/*
 * Resets all zones of a zoned block device. res: 0; -EOPNOTSUPP: fd is not a block device.
 * 5.19; since when block devices know the command is not documented: 6.18 refuses it with
 * -EINVAL
 */
URING_INLINE void uring_prep_cmd_zone_reset_all(struct uring_sqe *sqe, int fd)
{
	uring_prep_uring_cmd(sqe, fd, URING_BLOCK_CMD_ZONE_RESET_ALL);
}

/*
 * Discards len bytes from offset on of a block device. res: 0; -EOPNOTSUPP: fd is not a
 * block device, or one that cannot do it; -EBADF: fd is not open for writing; -EINVAL: the
 * range is not one of whole blocks. 6.12
 */
URING_INLINE void uring_prep_cmd_discard(struct uring_sqe *sqe, int fd, uint64_t offset,
					 uint64_t len)
{
	uring_prep_uring_cmd(sqe, fd, URING_BLOCK_CMD_DISCARD);
	sqe->addr = offset;
	sqe->addr3 = len;
}

/* ---- processes, futexes, pipes ---- */

/* waitid(2). siginfo: a siginfo_t, or NULL. res: 0; -ECHILD. 6.7 */
URING_INLINE void uring_prep_waitid(struct uring_sqe *sqe, int idtype, int id, void *siginfo,
				    int options)
{
	uring_sqe_fill(sqe, URING_OP_WAITID, id, NULL, (uint32_t)idtype, (uintptr_t)siginfo);
	sqe->file_index = (uint32_t)options;
}

/*
 * Waits on a futex while it holds val. mask: the wakes that count, or
 * FUTEX_BITSET_MATCH_ANY. flags: FUTEX2_SIZE_*, FUTEX2_PRIVATE. res: 0; -EAGAIN: it holds
 * another value. 6.7
 */
URING_INLINE void uring_prep_futex_wait(struct uring_sqe *sqe, const uint32_t *futex, uint64_t val,
					uint64_t mask, uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_FUTEX_WAIT, (int)flags, futex, 0, val);
	sqe->addr3 = mask;
}

/*
 * Wakes up to nr waiters. mask, flags: see uring_prep_futex_wait. res: the number woken;
 * -EINVAL: mask is 0, or the address is not aligned; -EFAULT: it is not mapped. 6.7
 */
URING_INLINE void uring_prep_futex_wake(struct uring_sqe *sqe, const uint32_t *futex, uint64_t nr,
					uint64_t mask, uint32_t flags)
{
	uring_sqe_fill(sqe, URING_OP_FUTEX_WAKE, (int)flags, futex, 0, nr);
	sqe->addr3 = mask;
}

/*
 * Waits on nr futexes at once, 1 to 128. res: the index of the one that was woken; -EAGAIN:
 * one holds another value; -EINVAL: nr is out of range. 6.7
 */
URING_INLINE void uring_prep_futex_waitv(struct uring_sqe *sqe,
					 const struct uring_futex_waitv *futexes, unsigned nr)
{
	uring_sqe_fill(sqe, URING_OP_FUTEX_WAITV, 0, futexes, nr, 0);
}

/* pipe2(2). fds receives the two descriptors. res: 0. 6.16 */
URING_INLINE void uring_prep_pipe(struct uring_sqe *sqe, int *fds, int flags)
{
	uring_sqe_fill(sqe, URING_OP_PIPE, 0, fds, 0, 0);
	sqe->pipe_flags = (uint32_t)flags;
}

/*
 * Like uring_prep_pipe, but puts the two ends into slot and slot + 1 of the registered
 * files. With URING_FILE_INDEX_ALLOC the kernel picks two slots and writes them to fds.
 * O_CLOEXEC is not allowed. -ENXIO: no files are registered; -EINVAL: there is no such
 * slot; -ENFILE: no slot is free, with ALLOC. 6.16
 */
URING_INLINE void uring_prep_pipe_direct(struct uring_sqe *sqe, int *fds, int flags, uint32_t slot)
{
	uring_prep_pipe(sqe, fds, flags);
	uring_sqe_set_slot(sqe, slot);
}

#ifdef __cplusplus
}
#endif

#endif
