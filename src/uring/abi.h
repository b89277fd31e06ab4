/* SPDX-License-Identifier: MIT */
/*
 * The kernel's io_uring interface: numbers and layouts, under our own names. It can
 * therefore be newer than the system's <linux/io_uring.h>, and one file can include both.
 */
#ifndef RINGSHIM_URING_ABI_H
#define RINGSHIM_URING_ABI_H

/*
 * Names: IORING_X and IO_URING_X are URING_X here, IOSQE_X is URING_SQE_X, and struct
 * io_uring_x is struct uring_x. Members keep their names.
 *
 * The number before each meaning is the kernel version that introduced it. A kernel refuses
 * names that are newer than itself, mostly with EINVAL.
 */

#include <stdint.h>

/* The kernel's own layouts use unnamed members and zero-length arrays. */
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Operations, the values of sqe.opcode: each with its first kernel and its effect. */
enum uring_op {
	URING_OP_NOP = 0,	       /* 5.1: complete without doing I/O */
	URING_OP_READV = 1,	       /* 5.1: vectored read (preadv2) */
	URING_OP_WRITEV = 2,	       /* 5.1: vectored write (pwritev2) */
	URING_OP_FSYNC = 3,	       /* 5.1: fsync or fdatasync, optionally of a range */
	URING_OP_READ_FIXED = 4,       /* 5.1: read into a registered buffer */
	URING_OP_WRITE_FIXED = 5,      /* 5.1: write from a registered buffer */
	URING_OP_POLL_ADD = 6,	       /* 5.1: wait for readiness of an fd */
	URING_OP_POLL_REMOVE = 7,      /* 5.1: remove or update a pending poll */
	URING_OP_SYNC_FILE_RANGE = 8,  /* 5.2: sync_file_range */
	URING_OP_SENDMSG = 9,	       /* 5.3: sendmsg on a socket */
	URING_OP_RECVMSG = 10,	       /* 5.3: recvmsg on a socket */
	URING_OP_TIMEOUT = 11,	       /* 5.4: timer, or wait for N completions */
	URING_OP_TIMEOUT_REMOVE = 12,  /* 5.5: remove or update a timeout */
	URING_OP_ACCEPT = 13,	       /* 5.5: accept4 on a listening socket */
	URING_OP_ASYNC_CANCEL = 14,    /* 5.5: cancel requests in flight */
	URING_OP_LINK_TIMEOUT = 15,    /* 5.5: time limit for the request before it in a link */
	URING_OP_CONNECT = 16,	       /* 5.5: connect a socket */
	URING_OP_FALLOCATE = 17,       /* 5.6: fallocate */
	URING_OP_OPENAT = 18,	       /* 5.6: openat */
	URING_OP_CLOSE = 19,	       /* 5.6: close an fd or a direct slot */
	URING_OP_FILES_UPDATE = 20,    /* 5.6: update registered file slots */
	URING_OP_STATX = 21,	       /* 5.6: statx */
	URING_OP_READ = 22,	       /* 5.6: read (pread) */
	URING_OP_WRITE = 23,	       /* 5.6: write (pwrite) */
	URING_OP_FADVISE = 24,	       /* 5.6: posix_fadvise */
	URING_OP_MADVISE = 25,	       /* 5.6: madvise */
	URING_OP_SEND = 26,	       /* 5.6: send or sendto on a socket */
	URING_OP_RECV = 27,	       /* 5.6: recv on a socket */
	URING_OP_OPENAT2 = 28,	       /* 5.6: openat2 */
	URING_OP_EPOLL_CTL = 29,       /* 5.6: epoll_ctl */
	URING_OP_SPLICE = 30,	       /* 5.7: splice between a pipe and another fd */
	URING_OP_PROVIDE_BUFFERS = 31, /* 5.7: give classic buffers to a group */
	URING_OP_REMOVE_BUFFERS = 32,  /* 5.7: take classic buffers back from a group */
	URING_OP_TEE = 33,	       /* 5.8: tee between pipes */
	URING_OP_SHUTDOWN = 34,	       /* 5.11: shutdown a socket */
	URING_OP_RENAMEAT = 35,	       /* 5.11: renameat2 */
	URING_OP_UNLINKAT = 36,	       /* 5.11: unlinkat */
	URING_OP_MKDIRAT = 37,	       /* 5.15: mkdirat */
	URING_OP_SYMLINKAT = 38,       /* 5.15: symlinkat */
	URING_OP_LINKAT = 39,	       /* 5.15: linkat */
	URING_OP_MSG_RING = 40,	      /* 5.18: post a CQE (or pass a direct file) to another ring */
	URING_OP_FSETXATTR = 41,      /* 5.19: fsetxattr */
	URING_OP_SETXATTR = 42,	      /* 5.19: setxattr */
	URING_OP_FGETXATTR = 43,      /* 5.19: fgetxattr */
	URING_OP_GETXATTR = 44,	      /* 5.19: getxattr */
	URING_OP_SOCKET = 45,	      /* 5.19: create a socket */
	URING_OP_URING_CMD = 46,      /* 5.19: driver or socket specific command */
	URING_OP_SEND_ZC = 47,	      /* 6.0: zero-copy send */
	URING_OP_SENDMSG_ZC = 48,     /* 6.1: zero-copy sendmsg */
	URING_OP_READ_MULTISHOT = 49, /* 6.7: multishot read: pollable fd, provided buffers */
	URING_OP_WAITID = 50,	      /* 6.7: waitid */
	URING_OP_FUTEX_WAIT = 51,     /* 6.7: futex2 wait */
	URING_OP_FUTEX_WAKE = 52,     /* 6.7: futex2 wake */
	URING_OP_FUTEX_WAITV = 53,    /* 6.7: wait on several futexes */
	URING_OP_FIXED_FD_INSTALL = 54, /* 6.8: make a normal fd from a direct slot */
	URING_OP_FTRUNCATE = 55,	/* 6.9: ftruncate */
	URING_OP_BIND = 56,		/* 6.11: bind a socket */
	URING_OP_LISTEN = 57,		/* 6.11: listen on a socket */
	URING_OP_RECV_ZC = 58,		/* 6.15: zero-copy receive through a zcrx queue */
	URING_OP_EPOLL_WAIT = 59,	/* 6.15: epoll_wait */
	URING_OP_READV_FIXED = 60,	/* 6.15: vectored read into a registered buffer */
	URING_OP_WRITEV_FIXED = 61,	/* 6.15: vectored write from a registered buffer */
	URING_OP_PIPE = 62,		/* 6.16: create a pipe */
	URING_OP_NOP128 = 63,		/* 6.19: NOP that occupies a 128-byte SQE */
	URING_OP_URING_CMD128 = 64,	/* 6.19: URING_CMD that occupies a 128-byte SQE */
	URING_OP_LAST = 65
};

/* Registrations, the values of the opcode argument of uring_sys_register. */
enum uring_register_op {
	URING_REGISTER_BUFFERS = 0,	      /* 5.1 */
	URING_UNREGISTER_BUFFERS = 1,	      /* 5.1 */
	URING_REGISTER_FILES = 2,	      /* 5.1 */
	URING_UNREGISTER_FILES = 3,	      /* 5.1 */
	URING_REGISTER_EVENTFD = 4,	      /* 5.2 */
	URING_UNREGISTER_EVENTFD = 5,	      /* 5.2 */
	URING_REGISTER_FILES_UPDATE = 6,      /* 5.5 */
	URING_REGISTER_EVENTFD_ASYNC = 7,     /* 5.6 */
	URING_REGISTER_PROBE = 8,	      /* 5.6 */
	URING_REGISTER_PERSONALITY = 9,	      /* 5.6 */
	URING_UNREGISTER_PERSONALITY = 10,    /* 5.6 */
	URING_REGISTER_RESTRICTIONS = 11,     /* 5.10 */
	URING_REGISTER_ENABLE_RINGS = 12,     /* 5.10 */
	URING_REGISTER_FILES2 = 13,	      /* 5.13 */
	URING_REGISTER_FILES_UPDATE2 = 14,    /* 5.13 */
	URING_REGISTER_BUFFERS2 = 15,	      /* 5.13 */
	URING_REGISTER_BUFFERS_UPDATE = 16,   /* 5.13 */
	URING_REGISTER_IOWQ_AFF = 17,	      /* 5.14 */
	URING_UNREGISTER_IOWQ_AFF = 18,	      /* 5.14 */
	URING_REGISTER_IOWQ_MAX_WORKERS = 19, /* 5.15 */
	URING_REGISTER_RING_FDS = 20,	      /* 5.18 */
	URING_UNREGISTER_RING_FDS = 21,	      /* 5.18 */
	URING_REGISTER_PBUF_RING = 22,	      /* 5.19 */
	URING_UNREGISTER_PBUF_RING = 23,      /* 5.19 */
	URING_REGISTER_SYNC_CANCEL = 24,      /* 6.0 */
	URING_REGISTER_FILE_ALLOC_RANGE = 25, /* 6.0 */
	URING_REGISTER_PBUF_STATUS = 26,      /* 6.8 */
	URING_REGISTER_NAPI = 27,	      /* 6.9 */
	URING_UNREGISTER_NAPI = 28,	      /* 6.9 */
	URING_REGISTER_CLOCK = 29,	      /* 6.12 */
	URING_REGISTER_CLONE_BUFFERS = 30,    /* 6.12 */
	URING_REGISTER_SEND_MSG_RING = 31,    /* 6.13 */
	URING_REGISTER_ZCRX_IFQ = 32,	      /* 6.15 */
	URING_REGISTER_RESIZE_RINGS = 33,     /* 6.13 */
	URING_REGISTER_MEM_REGION = 34,	      /* 6.13 */
	URING_REGISTER_QUERY = 35,	      /* 6.18 */
	URING_REGISTER_ZCRX_CTRL = 36,	      /* 6.19 */
	URING_REGISTER_BPF_FILTER = 37,	      /* 7.0 */
	URING_REGISTER_LAST = 38,
	/* 6.3: ORed into the opcode: fd is a registered ring index */
	URING_REGISTER_USE_REGISTERED_RING = 0x80000000u
};

/* uring_params.flags */
/* 5.1: busy-poll for completions; O_DIRECT files on a polling device only */
#define URING_SETUP_IOPOLL 0x1u
/* 5.1: a kernel thread submits; unprivileged since 5.11 (CAP_SYS_NICE) / 5.13 (none) */
#define URING_SETUP_SQPOLL 0x2u
/* 5.1: pin the SQ thread to sq_thread_cpu; needs SQPOLL */
#define URING_SETUP_SQ_AFF 0x4u
/* 5.5: cq_entries is the CQ size; rounded up to a power of two, then not below the SQ size */
#define URING_SETUP_CQSIZE 0x8u
/* 5.6: clamp sizes that are too large to the maximum instead of -EINVAL; 0 entries stay invalid */
#define URING_SETUP_CLAMP 0x10u
/* 5.6: share the backend of ring wq_fd; since 5.12 only the SQ thread is shared */
#define URING_SETUP_ATTACH_WQ 0x20u
/* 5.10: the ring starts disabled; enter returns -EBADFD until ENABLE_RINGS */
#define URING_SETUP_R_DISABLED 0x40u
/* 5.18: keep submitting after an SQE fails at prep */
#define URING_SETUP_SUBMIT_ALL 0x80u
#define URING_SETUP_COOP_TASKRUN 0x100u /* 5.19: no IPI for task work; not with SQPOLL */
/* 5.19: set URING_SQ_TASKRUN while task work is pending; needs COOP_TASKRUN or DEFER_TASKRUN */
#define URING_SETUP_TASKRUN_FLAG 0x200u
#define URING_SETUP_SQE128 0x400u /* 5.19: 128-byte SQEs */
#define URING_SETUP_CQE32 0x800u  /* 5.19: 32-byte CQEs; not with CQE_MIXED */
/* 6.0: only one task submits; other tasks get -EEXIST on submit and register */
#define URING_SETUP_SINGLE_ISSUER 0x1000u
/* 6.1: run completions only inside enter with GETEVENTS; needs SINGLE_ISSUER, not with SQPOLL */
#define URING_SETUP_DEFER_TASKRUN 0x2000u
/* 6.5: rings at cq_off.user_addr, SQEs at sq_off.user_addr: caller's memory, page aligned */
#define URING_SETUP_NO_MMAP 0x4000u
/* 6.5: return a registered ring index, no fd; needs NO_MMAP */
#define URING_SETUP_REGISTERED_FD_ONLY 0x8000u
#define URING_SETUP_NO_SQARRAY 0x10000u /* 6.6: no index array; sq_off.array is 0 */
/* 6.13: sleep for a while before polling; needs IOPOLL */
#define URING_SETUP_HYBRID_IOPOLL 0x20000u
/* 6.18: 16- and 32-byte CQEs in one ring; not with CQE32 */
#define URING_SETUP_CQE_MIXED 0x40000u
/* 6.19: 64- and 128-byte SQEs in one ring (128-byte opcodes); not with SQE128 */
#define URING_SETUP_SQE_MIXED 0x80000u
/* 7.0: kernel ignores SQ head and tail, reads from index 0; needs NO_SQARRAY, not with SQPOLL */
#define URING_SETUP_SQ_REWIND 0x100000u

/* uring_sqe.flags */
#define URING_SQE_FIXED_FILE 0x1u /* 5.1: fd is a registered file index */
/* 5.2: start after all earlier requests have completed; later requests wait */
#define URING_SQE_IO_DRAIN 0x2u
/* 5.3: the next SQE starts after this one succeeds; an error or short transfer breaks the link */
#define URING_SQE_IO_LINK 0x4u
#define URING_SQE_IO_HARDLINK 0x8u /* 5.5: IO_LINK that survives completion errors */
/* 5.6: go to an io-wq worker at once (a pollable file still arms poll from there) */
#define URING_SQE_ASYNC 0x10u
/* 5.7: take a buffer from group buf_group; -EOPNOTSUPP if the opcode does not support it */
#define URING_SQE_BUFFER_SELECT 0x20u
/* 5.17: no CQE on success; afterwards IO_DRAIN on the ring gives -EOPNOTSUPP */
#define URING_SQE_CQE_SKIP_SUCCESS 0x40u

/* bit numbers of uring_sqe.flags, for restrictions */
enum uring_sqe_flags_bit {
	URING_SQE_FIXED_FILE_BIT = 0,	    /* 5.1: bit number */
	URING_SQE_IO_DRAIN_BIT = 1,	    /* 5.2: bit number */
	URING_SQE_IO_LINK_BIT = 2,	    /* 5.3: bit number */
	URING_SQE_IO_HARDLINK_BIT = 3,	    /* 5.5: bit number */
	URING_SQE_ASYNC_BIT = 4,	    /* 5.6: bit number */
	URING_SQE_BUFFER_SELECT_BIT = 5,    /* 5.7: bit number */
	URING_SQE_CQE_SKIP_SUCCESS_BIT = 6, /* 5.17: bit number */
};

/* uring_cqe.flags */
#define URING_CQE_F_BUFFER 0x1u /* 5.7: upper 16 bits of flags hold the buffer id */
#define URING_CQE_F_MORE 0x2u	/* 5.13: more CQEs will follow from this SQE */
/* 5.19: the socket had more data (6.10: or more connections) */
#define URING_CQE_F_SOCK_NONEMPTY 0x4u
#define URING_CQE_F_NOTIF 0x8u /* 6.0: zero-copy send notification */
/* 6.12: incremental buffer not used up, the same id will return */
#define URING_CQE_F_BUF_MORE 0x10u
/* 6.18: filler CQE before the ring wraps, ignore and advance by 1 */
#define URING_CQE_F_SKIP 0x20u
/* 6.18: this CQE is 32 bytes, advance by 2 (CQE_MIXED rings) */
#define URING_CQE_F_32 0x8000u
#define URING_CQE_F_TSTAMP_HW 0x10000u /* 6.17: TX_TIMESTAMP: hardware timestamp */

/* shifts in uring_cqe.flags */
#define URING_CQE_BUFFER_SHIFT 16     /* 5.7: shift of the buffer id in flags */
#define URING_TIMESTAMP_HW_SHIFT 16   /* 6.17: bit of the hardware timestamp flag */
#define URING_TIMESTAMP_TYPE_SHIFT 17 /* 6.17: shift of the timestamp type in flags */

/* the flags word of the submission queue */
#define URING_SQ_NEED_WAKEUP 0x1u /* 5.1: SQ thread sleeps; enter with SQ_WAKEUP */
/* 5.8: CQEs wait in the kernel backlog; enter with GETEVENTS flushes them */
#define URING_SQ_CQ_OVERFLOW 0x2u
#define URING_SQ_TASKRUN 0x4u /* 5.19: task work pending; enter with GETEVENTS */

/* the flags word of the completion queue */
/* 5.8: set by the application: mute the eventfd */
#define URING_CQ_EVENTFD_DISABLED 0x1u

/* the flags of uring_sys_enter */
/* 5.1: run task work, flush overflow, wait for min_complete */
#define URING_ENTER_GETEVENTS 0x1u
#define URING_ENTER_SQ_WAKEUP 0x2u /* 5.1: wake the SQ thread */
#define URING_ENTER_SQ_WAIT 0x4u   /* 5.10: wait for SQ space (SQPOLL) */
/* 5.11: arg is a uring_getevents_arg, argsz must be 24 */
#define URING_ENTER_EXT_ARG 0x8u
#define URING_ENTER_REGISTERED_RING 0x10u /* 5.18: fd is a registered ring index */
/* 6.12: the timeout is absolute, on the registered clock */
#define URING_ENTER_ABS_TIMER 0x20u
/* 6.13: arg is a byte offset into the wait region, argsz 64; needs EXT_ARG too */
#define URING_ENTER_EXT_ARG_REG 0x40u
#define URING_ENTER_NO_IOWAIT 0x80u /* 6.15: do not account the wait as iowait */

/* uring_params.features */
#define URING_FEAT_SINGLE_MMAP 0x1u	 /* 5.4: SQ and CQ rings share one mapping */
#define URING_FEAT_NODROP 0x2u		 /* 5.5: CQ overflow is kept in a kernel backlog */
#define URING_FEAT_SUBMIT_STABLE 0x4u	 /* 5.5: SQE-side data may be reused after submit */
#define URING_FEAT_RW_CUR_POS 0x8u	 /* 5.6: offset -1 = file position */
#define URING_FEAT_CUR_PERSONALITY 0x10u /* 5.6: requests use the submitter's credentials */
#define URING_FEAT_FAST_POLL 0x20u	 /* 5.7: internal poll instead of worker threads */
#define URING_FEAT_POLL_32BITS 0x40u	 /* 5.9: POLL_ADD takes 32-bit masks */
#define URING_FEAT_SQPOLL_NONFIXED 0x80u /* 5.11: SQPOLL works without fixed files */
#define URING_FEAT_EXT_ARG 0x100u	 /* 5.11: ENTER_EXT_ARG works */
#define URING_FEAT_NATIVE_WORKERS 0x200u /* 5.12: workers are threads of the process */
#define URING_FEAT_RSRC_TAGS 0x400u	 /* 5.13: tags and in-place buffer updates */
#define URING_FEAT_CQE_SKIP 0x800u	 /* 5.17: URING_SQE_CQE_SKIP_SUCCESS works */
/* 5.18: files of linked requests are looked up when those start */
#define URING_FEAT_LINKED_FILE 0x1000u
#define URING_FEAT_REG_REG_RING 0x2000u	   /* 6.3: register through a registered ring */
#define URING_FEAT_RECVSEND_BUNDLE 0x4000u /* 6.10: bundles, and buffer select on send */
#define URING_FEAT_MIN_TIMEOUT 0x8000u	   /* 6.12: min_wait_usec works */
/* 6.14: attr_ptr and attr_type_mask on reads and writes */
#define URING_FEAT_RW_ATTR 0x10000u
#define URING_FEAT_NO_IOWAIT 0x20000u /* 6.15: ENTER_NO_IOWAIT works */

/* sqe.fsync_flags */
#define URING_FSYNC_DATASYNC 0x1u /* 5.1: fdatasync behaviour */

/* sqe.timeout_flags */
#define URING_TIMEOUT_ABS 0x1u		/* 5.5: absolute time */
#define URING_TIMEOUT_UPDATE 0x2u	/* 5.11: TIMEOUT_REMOVE: update instead */
#define URING_TIMEOUT_BOOTTIME 0x4u	/* 5.15: CLOCK_BOOTTIME */
#define URING_TIMEOUT_REALTIME 0x8u	/* 5.15: CLOCK_REALTIME (one clock flag at most) */
#define URING_LINK_TIMEOUT_UPDATE 0x10u /* 5.15: TIMEOUT_REMOVE: update a linked timeout */
/* 5.16: expiry does not break a link (res stays -ETIME) */
#define URING_TIMEOUT_ETIME_SUCCESS 0x20u
/* 6.4: repeat; off = repeat count, 0 = forever; not with ABS */
#define URING_TIMEOUT_MULTISHOT 0x40u
/* 7.1: addr holds nanoseconds, not a pointer; not on 6.18 */
#define URING_TIMEOUT_IMMEDIATE_ARG 0x80u

/* masks of sqe.timeout_flags */
#define URING_TIMEOUT_CLOCK_MASK 0xcu	/* 5.15: BOOTTIME and REALTIME */
#define URING_TIMEOUT_UPDATE_MASK 0x12u /* 5.15: UPDATE and LINK_TIMEOUT_UPDATE */

/* sqe.splice_flags, beside SPLICE_F_* */
#define URING_SPLICE_F_FD_IN_FIXED 0x80000000u /* 5.7: splice_fd_in is a registered file index */

/* sqe.len of the poll operations */
#define URING_POLL_ADD_MULTI 0x1u	 /* 5.13: multishot poll (sqe len) */
#define URING_POLL_UPDATE_EVENTS 0x2u	 /* 5.13: POLL_REMOVE: change the mask */
#define URING_POLL_UPDATE_USER_DATA 0x4u /* 5.13: POLL_REMOVE: change user_data */
/* 6.0: level triggered; POLL_ADD rejects it with -EINVAL (seen on 6.1, 6.12, 6.18) */
#define URING_POLL_ADD_LEVEL 0x8u

/* sqe.cancel_flags */
#define URING_ASYNC_CANCEL_ALL 0x1u /* 5.19: cancel every match; res = number */
#define URING_ASYNC_CANCEL_FD 0x2u  /* 5.19: match on fd; not with ANY */
/* 5.19: match every request (res is then a count) */
#define URING_ASYNC_CANCEL_ANY 0x4u
#define URING_ASYNC_CANCEL_FD_FIXED 0x8u /* 6.0: fd is a registered file index */
/* 6.6: also match user_data when other keys are given */
#define URING_ASYNC_CANCEL_USERDATA 0x10u
#define URING_ASYNC_CANCEL_OP 0x20u /* 6.6: match on opcode (sqe len); not with ANY */

/* sqe.ioprio of the send and receive operations */
#define URING_RECVSEND_POLL_FIRST 0x1u /* 5.19: arm poll before the first attempt */
#define URING_RECV_MULTISHOT 0x2u      /* 6.0: multishot recv or recvmsg */
/* 6.0: use buf_index; ZC sends only, plain SEND and RECV reject it */
#define URING_RECVSEND_FIXED_BUF 0x4u
/* 6.2: the notification's res tells if data was copied */
#define URING_SEND_ZC_REPORT_USAGE 0x8u
#define URING_RECVSEND_BUNDLE 0x10u /* 6.10: several provided buffers per CQE */
/* 6.17: addr is an iovec array (SEND, SEND_ZC); not with FIXED_BUF */
#define URING_SEND_VECTORIZED 0x20u

/* res of a zero-copy notification */
/* 6.2: bit in the notification's res: data was copied */
#define URING_NOTIF_USAGE_ZC_COPIED 0x80000000u

/* sqe.ioprio of accept */
#define URING_ACCEPT_MULTISHOT 0x1u  /* 5.19: keep accepting */
#define URING_ACCEPT_DONTWAIT 0x2u   /* 6.10: -EAGAIN instead of arming poll */
#define URING_ACCEPT_POLL_FIRST 0x4u /* 6.10: arm poll before the first attempt */

/* sqe.addr of msg_ring */
enum uring_msg_ring_flags {
	URING_MSG_DATA = 0,    /* 5.18: send res and user_data (sqe addr value) */
	URING_MSG_SEND_FD = 1, /* 6.0: send a registered file (sqe addr value) */
};

/* sqe.msg_ring_flags */
/* 6.0: no CQE on the target; SEND_FD only (-EINVAL with DATA) */
#define URING_MSG_RING_CQE_SKIP 0x1u
#define URING_MSG_RING_FLAGS_PASS 0x2u /* 6.3: file_index becomes the target cqe flags */

/* sqe.install_fd_flags */
#define URING_FIXED_FD_NO_CLOEXEC 0x1u /* 6.8: do not set O_CLOEXEC */

/* sqe.nop_flags */
#define URING_NOP_INJECT_RESULT 0x1u /* 6.10: res = sqe len */
#define URING_NOP_FILE 0x2u	     /* 6.13: look up sqe fd */
#define URING_NOP_FIXED_FILE 0x4u    /* 6.13: fd is a registered index */
#define URING_NOP_FIXED_BUFFER 0x8u  /* 6.13: look up buf_index */
#define URING_NOP_TW 0x10u	     /* 6.14: complete through task work */
/* 6.18: post a 32-byte CQE; needs CQE32 or CQE_MIXED */
#define URING_NOP_CQE32 0x20u

/* sqe.uring_cmd_flags */
#define URING_URING_CMD_FIXED 0x1u     /* 6.1: use registered buffer buf_index */
#define URING_URING_CMD_MULTISHOT 0x2u /* 6.18: multishot command into provided buffers */
/* 6.1: mask of valid bits (3 in the 6.18 kernel header) */
#define URING_URING_CMD_MASK 0x3u

/* sqe.cmd_op on a socket */
enum uring_socket_op {
	URING_SOCKET_OP_SIOCINQ = 0,  /* 6.5: bytes unread */
	URING_SOCKET_OP_SIOCOUTQ = 1, /* 6.5: bytes unsent */
	/* 6.7: getsockopt; level SOL_SOCKET only; res = option length */
	URING_SOCKET_OP_GETSOCKOPT = 2,
	URING_SOCKET_OP_SETSOCKOPT = 3,	  /* 6.7: setsockopt */
	URING_SOCKET_OP_TX_TIMESTAMP = 4, /* 6.17: stream TX timestamps as big CQEs */
	/* 6.19: getsockname, or getpeername with optlen 1; -EOPNOTSUPP on 6.18 */
	URING_SOCKET_OP_GETSOCKNAME = 5,
};

/* sqe.cmd_op on a block device */
/* 6.12: block device discard (addr=offset, addr3=length) */
#define URING_BLOCK_CMD_DISCARD 0x1200u
/* reset all zones of a zoned device; undocumented */
#define URING_BLOCK_CMD_ZONE_RESET_ALL 0x1201u

/* sqe.attr_type_mask */
#define URING_RW_ATTR_FLAG_PI 0x1u /* 6.14: attr_ptr points to uring_attr_pi */

/* uring_attr_pi.flags */
#define URING_INTEGRITY_CHK_GUARD 0x1  /* 6.14: check guard tag (linux/fs.h) */
#define URING_INTEGRITY_CHK_REFTAG 0x2 /* 6.14: check reference tag (linux/fs.h) */
#define URING_INTEGRITY_CHK_APPTAG 0x4 /* 6.14: check application tag (linux/fs.h) */

/* sqe.rw_flags */
/* 4.6: polled I/O; -EINVAL on a ring without IOPOLL */
#define URING_RWF_HIPRI 0x1
#define URING_RWF_DSYNC 0x2 /* 4.7: O_DSYNC for this write */
#define URING_RWF_SYNC 0x4  /* 4.7: O_SYNC for this write */
/* 4.14: -EAGAIN instead of waiting, polling or punting */
#define URING_RWF_NOWAIT 0x8
#define URING_RWF_APPEND 0x10	/* 4.16: append */
#define URING_RWF_NOAPPEND 0x20 /* 6.9: ignore O_APPEND */
/* 6.11: atomic write (-EOPNOTSUPP if unsupported) */
#define URING_RWF_ATOMIC 0x40
#define URING_RWF_DONTCACHE 0x80 /* 6.14: uncached buffered I/O */
#define URING_RWF_NOSIGNAL 0x100 /* 6.18: no SIGPIPE */

/* sqe.file_index */
#define URING_FILE_INDEX_ALLOC 0xffffffffu /* 5.19: file_index value: kernel picks a slot */

/* a value in an array of descriptors */
#define URING_REGISTER_FILES_SKIP (-2) /* 5.12: fd value: leave the slot unchanged (-2) */

/* uring_rsrc_register.flags */
#define URING_RSRC_REGISTER_SPARSE 0x1u /* 5.19: register empty slots */

/* uring_probe_op.flags */
#define URING_OP_SUPPORTED 0x1u /* 5.6: opcode supported */

/* uring_restriction.opcode */
enum uring_register_restriction_op {
	URING_RESTRICTION_REGISTER_OP = 0,	  /* 5.10: allow a register opcode */
	URING_RESTRICTION_SQE_OP = 1,		  /* 5.10: allow an SQE opcode */
	URING_RESTRICTION_SQE_FLAGS_ALLOWED = 2,  /* 5.10: allowed IOSQE flags */
	URING_RESTRICTION_SQE_FLAGS_REQUIRED = 3, /* 5.10: required IOSQE flags */
	URING_RESTRICTION_LAST = 4,		  /* 5.10: number of kinds */
};

/* uring_clone_buffers.flags */
enum {
	URING_REGISTER_SRC_REGISTERED = 0x1, /* 6.12: src_fd is a registered ring index */
	URING_REGISTER_DST_REPLACE = 0x2,    /* 6.13: replace existing destination slots */
};

/* uring_buf_reg.flags */
enum uring_register_pbuf_ring_flags {
	URING_PBUF_RING_MMAP = 0x1, /* 6.4: kernel allocates, application maps it */
	URING_PBUF_RING_INC = 0x2,  /* 6.12: incremental consumption */
};

/* memory regions */
enum {
	/* 6.13: region_desc flag: user memory at user_addr */
	URING_MEM_REGION_TYPE_USER = 0x1,
};

enum {
	/* 6.13: mem_region_reg flag: holds wait arguments */
	URING_MEM_REGION_REG_WAIT_ARG = 0x1,
};

/* uring_reg_wait.flags */
enum {
	URING_REG_WAIT_TS = 0x1, /* 6.13: ts is valid */
};

/* indices of the worker limits */
enum uring_wq_type {
	/* 5.15: index of the bounded worker limit (regular files, block devices) */
	URING_WQ_BOUND = 0,
	/* 5.15: index of the unbounded worker limit (everything else) */
	URING_WQ_UNBOUND = 1,
};

/* offsets for mmap */
#define URING_OFF_SQ_RING 0x0ull	  /* 5.1: mmap offset of the SQ ring */
#define URING_OFF_CQ_RING 0x8000000ull	  /* 5.1: mmap offset of the CQ ring */
#define URING_OFF_SQES 0x10000000ull	  /* 5.1: mmap offset of the SQE array */
#define URING_OFF_PBUF_RING 0x80000000ull /* 6.4: mmap offset of buffer rings */
#define URING_OFF_PBUF_SHIFT 16		  /* 6.4: shift of the group id in the offset */
#define URING_OFF_MMAP_MASK 0xf8000000ull /* 6.4: mask of the offset kind */

/* uring_query_hdr.query_op */
enum {
	URING_QUERY_OPCODES = 0, /* 6.18: opcodes and flags */
	URING_QUERY_ZCRX = 1,	 /* 6.19: zero-copy receive capabilities */
	URING_QUERY_SCQ = 2,	 /* 6.19: SQ/CQ header size and alignment */
	URING_QUERY_MAX = 3,	 /* 6.18: number of query ops known here */
};

/* zero-copy receive */
enum uring_zcrx_area_flags {
	URING_ZCRX_AREA_DMABUF = 0x1, /* 6.16: area is a dma-buf */
};

#define URING_ZCRX_AREA_SHIFT 48		   /* 6.15: shift of the area id in offsets */
#define URING_ZCRX_AREA_MASK 0xffff000000000000ull /* 6.15: mask of the area id in offsets */

enum uring_zcrx_reg_flags {
	URING_ZCRX_REG_IMPORT = 0x1, /* 6.19: import an exported zcrx instance */
	URING_ZCRX_REG_NODEV = 0x2,  /* 7.1: instance without a net device (copying) */
};

enum uring_zcrx_features {
	URING_ZCRX_FEATURE_RX_PAGE_SIZE = 0x1, /* 7.0: rx_buf_len can be chosen */
};

enum uring_zcrx_ctrl_op {
	URING_ZCRX_CTRL_FLUSH_RQ = 0, /* 6.19: flush the refill queue */
	URING_ZCRX_CTRL_EXPORT = 1,   /* 6.19: export the instance as an fd */
	URING_ZCRX_CTRL_LAST = 2,     /* 6.19: number of control ops */
};

/* request filters */
enum {
	URING_BPF_FILTER_DENY_REST = 0x1, /* 7.0: deny opcodes without a filter */
	URING_BPF_FILTER_SZ_STRICT = 0x2, /* 7.0: fail on pdu size mismatch */
};

enum {
	URING_BPF_CMD_FILTER = 0x1, /* 7.0: command: add a filter */
};

/* the kernel's limits */
#define URING_MAX_SQ_ENTRIES 32768 /* 5.1: SQ entries limit */
#define URING_MAX_CQ_ENTRIES 65536 /* 5.5: CQ entries limit */
/* 5.1: fixed file limit: 1024 at first, 2^15 since 5.5, 2^20 since 5.19 */
#define URING_MAX_FIXED_FILES 1048576
#define URING_MAX_REG_BUFFERS 16384   /* 5.13: registered buffer limit */
#define URING_MAX_RING_FDS 16	      /* 5.18: registered ring slots per task */
#define URING_MAX_BIDS_PER_BGID 65536 /* 5.7: buffer ids per group */

/* Layouts. __extension__ permits the unnamed unions in C99, in C++ and with -pedantic. */

/* The kernel's timespec: 64-bit members on every architecture. */
struct uring_timespec {
	int64_t tv_sec;
	int64_t tv_nsec;
};

/* The struct open_how of openat2(2). */
struct uring_open_how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};

/* The kernel's struct futex_waitv. flags: FUTEX2_*. */
struct uring_futex_waitv {
	uint64_t val;
	uint64_t uaddr;
	uint32_t flags;
	uint32_t __reserved;
};

/* A submission queue entry. With URING_SETUP_SQE128 entries are 128 bytes apart. */
struct uring_sqe {
	uint8_t opcode;
	uint8_t flags;
	uint16_t ioprio;
	int32_t fd;
	__extension__ union {
		uint64_t off;
		uint64_t addr2;
		__extension__ struct {
			uint32_t cmd_op;
			uint32_t __pad1;
		};
	};
	__extension__ union {
		uint64_t addr;
		uint64_t splice_off_in;
		__extension__ struct {
			uint32_t level;
			uint32_t optname;
		};
	};
	uint32_t len;
	__extension__ union {
		int32_t rw_flags; /* an int, as in the kernel */
		uint32_t fsync_flags;
		uint16_t poll_events;
		uint32_t poll32_events;
		uint32_t sync_range_flags;
		uint32_t msg_flags;
		uint32_t timeout_flags;
		uint32_t accept_flags;
		uint32_t cancel_flags;
		uint32_t open_flags;
		uint32_t statx_flags;
		uint32_t fadvise_advice;
		uint32_t splice_flags;
		uint32_t rename_flags;
		uint32_t unlink_flags;
		uint32_t hardlink_flags;
		uint32_t xattr_flags;
		uint32_t msg_ring_flags;
		uint32_t uring_cmd_flags;
		uint32_t waitid_flags;
		uint32_t futex_flags;
		uint32_t install_fd_flags;
		uint32_t nop_flags;
		uint32_t pipe_flags;
	};
	uint64_t user_data;
	__extension__ union {
		uint16_t buf_index;
		uint16_t buf_group;
	};
	uint16_t personality;
	__extension__ union {
		int32_t splice_fd_in;
		uint32_t file_index;
		uint32_t zcrx_ifq_idx;
		uint32_t optlen;
		__extension__ struct {
			uint16_t addr_len;
			uint16_t __pad3[1];
		};
	};
	__extension__ union {
		__extension__ struct {
			uint64_t addr3;
			uint64_t __pad2[1];
		};
		__extension__ struct {
			uint64_t attr_ptr;
			uint64_t attr_type_mask;
		};
		uint64_t optval;
		/* 16 bytes, or 80 in a 128-byte entry */
		__extension__ uint8_t cmd[0];
	};
};

/* Protection information for a read or write. flags: URING_INTEGRITY_CHK_*. */
struct uring_attr_pi {
	uint16_t flags;
	uint16_t app_tag;
	uint32_t len;
	uint64_t addr;
	uint64_t seed;
	uint64_t rsvd;
};

/*
 * A completion queue entry. big_cqe is 16 more bytes. It is there in a ring with
 * URING_SETUP_CQE32, and in an entry with URING_CQE_F_32 in flags.
 */
struct uring_cqe {
	uint64_t user_data;
	int32_t res;
	uint32_t flags;
	__extension__ uint64_t big_cqe[0];
};

struct uring_sqring_offsets {
	uint32_t head;
	uint32_t tail;
	uint32_t ring_mask;
	uint32_t ring_entries;
	uint32_t flags;
	uint32_t dropped;
	uint32_t array;
	uint32_t resv1;
	uint64_t user_addr;
};

struct uring_cqring_offsets {
	uint32_t head;
	uint32_t tail;
	uint32_t ring_mask;
	uint32_t ring_entries;
	uint32_t overflow;
	uint32_t cqes;
	uint32_t flags;
	uint32_t resv1;
	uint64_t user_addr;
};

struct uring_params {
	uint32_t sq_entries;
	uint32_t cq_entries;
	uint32_t flags;
	uint32_t sq_thread_cpu;
	uint32_t sq_thread_idle;
	uint32_t features;
	uint32_t wq_fd;
	uint32_t resv[3];
	struct uring_sqring_offsets sq_off;
	struct uring_cqring_offsets cq_off;
};

struct uring_files_update {
	uint32_t offset;
	uint32_t resv;
	uint64_t fds;
};

struct uring_region_desc {
	uint64_t user_addr;
	uint64_t size;
	uint32_t flags;
	uint32_t id;
	uint64_t mmap_offset;
	uint64_t __resv[4];
};

struct uring_mem_region_reg {
	uint64_t region_uptr;
	uint64_t flags;
	uint64_t __resv[2];
};

struct uring_rsrc_register {
	uint32_t nr;
	uint32_t flags;
	uint64_t resv2;
	uint64_t data;
	uint64_t tags;
};

struct uring_rsrc_update {
	uint32_t offset;
	uint32_t resv;
	uint64_t data;
};

struct uring_rsrc_update2 {
	uint32_t offset;
	uint32_t resv;
	uint64_t data;
	uint64_t tags;
	uint32_t nr;
	uint32_t resv2;
};

struct uring_probe_op {
	uint8_t op;
	uint8_t resv;
	uint16_t flags;
	uint32_t resv2;
};

struct uring_probe {
	uint8_t last_op;
	uint8_t ops_len;
	uint16_t resv;
	uint32_t resv2[3];
	__extension__ struct uring_probe_op ops[0];
};

struct uring_restriction {
	uint16_t opcode;
	__extension__ union {
		uint8_t register_op;
		uint8_t sqe_op;
		uint8_t sqe_flags;
	};
	uint8_t resv;
	uint32_t resv2[3];
};

struct uring_task_restriction {
	uint16_t flags;
	uint16_t nr_res;
	uint32_t resv[3];
	__extension__ struct uring_restriction restrictions[0];
};

struct uring_clock_register {
	uint32_t clockid;
	uint32_t __resv[3];
};

struct uring_clone_buffers {
	uint32_t src_fd;
	uint32_t flags;
	uint32_t src_off;
	uint32_t dst_off;
	uint32_t nr;
	uint32_t pad[3];
};

struct uring_buf {
	uint64_t addr;
	uint32_t len;
	uint16_t bid;
	uint16_t resv;
};

/* A ring of provided buffers. Its tail is stored in the unused end of the first entry. */
struct uring_buf_ring {
	__extension__ union {
		__extension__ struct {
			uint64_t resv1;
			uint32_t resv2;
			uint16_t resv3;
			uint16_t tail;
		};
		__extension__ struct uring_buf bufs[0];
	};
};

struct uring_buf_reg {
	uint64_t ring_addr;
	uint32_t ring_entries;
	uint16_t bgid;
	uint16_t flags;
	uint32_t min_left;
	uint32_t resv[5];
};

struct uring_buf_status {
	uint32_t buf_group;
	uint32_t head;
	uint32_t resv[8];
};

struct uring_napi {
	uint32_t busy_poll_to;
	uint8_t prefer_busy_poll;
	uint8_t pad[3];
	uint64_t resv;
};

/* The arguments of one wait, in a registered region (URING_ENTER_EXT_ARG_REG). */
struct uring_reg_wait {
	struct uring_timespec ts;
	uint32_t min_wait_usec;
	uint32_t flags;
	uint64_t sigmask;
	uint32_t sigmask_sz;
	uint32_t pad[3];
	uint64_t pad2[2];
};

/* The argument of uring_sys_enter with URING_ENTER_EXT_ARG. */
struct uring_getevents_arg {
	uint64_t sigmask;
	uint32_t sigmask_sz;
	uint32_t min_wait_usec;
	uint64_t ts;
};

struct uring_sync_cancel_reg {
	uint64_t addr;
	int32_t fd;
	uint32_t flags;
	struct uring_timespec timeout;
	uint8_t opcode;
	uint8_t pad[7];
	uint64_t pad2[3];
};

struct uring_file_index_range {
	uint32_t off;
	uint32_t len;
	uint64_t resv;
};

/* The header of each buffer that a multishot recvmsg fills. */
struct uring_recvmsg_out {
	uint32_t namelen;
	uint32_t controllen;
	uint32_t payloadlen;
	uint32_t flags;
};

/* The 16 bytes of big_cqe that URING_SOCKET_OP_TX_TIMESTAMP posts. */
struct uring_tx_timespec {
	uint64_t tv_sec;
	uint64_t tv_nsec;
};

/* Zero-copy receive. */

struct uring_zcrx_rqe {
	uint64_t off;
	uint32_t len;
	uint32_t __pad;
};

struct uring_zcrx_cqe {
	uint64_t off;
	uint64_t __pad;
};

struct uring_zcrx_offsets {
	uint32_t head;
	uint32_t tail;
	uint32_t rqes;
	uint32_t __resv2;
	uint64_t __resv[2];
};

struct uring_zcrx_area_reg {
	uint64_t addr;
	uint64_t len;
	uint64_t rq_area_token;
	uint32_t flags;
	uint32_t dmabuf_fd;
	uint64_t __resv2[2];
};

struct uring_zcrx_ifq_reg {
	uint32_t if_idx;
	uint32_t if_rxq;
	uint32_t rq_entries;
	uint32_t flags;
	uint64_t area_ptr;
	uint64_t region_ptr;
	struct uring_zcrx_offsets offsets;
	uint32_t zcrx_id;
	uint32_t rx_buf_len;
	uint64_t __resv[3];
};

struct uring_zcrx_ctrl_flush_rq {
	uint64_t __resv[6];
};

struct uring_zcrx_ctrl_export {
	uint32_t zcrx_fd;
	uint32_t __resv1[11];
};

struct uring_zcrx_ctrl {
	uint32_t zcrx_id;
	uint32_t op;
	uint64_t __resv[2];
	__extension__ union {
		struct uring_zcrx_ctrl_export zc_export;
		struct uring_zcrx_ctrl_flush_rq zc_flush;
	};
};

/* Queries. */

struct uring_query_hdr {
	uint64_t next_entry;
	uint64_t query_data;
	uint32_t query_op;
	uint32_t size;
	int32_t result;
	uint32_t __resv[3];
};

struct uring_query_opcode {
	uint32_t nr_request_opcodes;
	uint32_t nr_register_opcodes;
	uint64_t feature_flags;
	uint64_t ring_setup_flags;
	uint64_t enter_flags;
	uint64_t sqe_flags;
	uint32_t nr_query_opcodes;
	uint32_t __pad;
};

struct uring_query_zcrx {
	uint64_t register_flags;
	uint64_t area_flags;
	uint32_t nr_ctrl_opcodes;
	uint32_t features;
	uint32_t rq_hdr_size;
	uint32_t rq_hdr_alignment;
	uint64_t __resv2;
};

struct uring_query_scq {
	uint64_t hdr_size;
	uint64_t hdr_alignment;
};

/* Request filters. */

struct uring_bpf_ctx {
	uint64_t user_data;
	uint8_t opcode;
	uint8_t sqe_flags;
	uint8_t pdu_size;
	uint8_t pad[5];
	__extension__ union {
		struct {
			uint32_t family;
			uint32_t type;
			uint32_t protocol;
		} socket;
		struct {
			uint64_t flags;
			uint64_t mode;
			uint64_t resolve;
		} open;
	};
};

struct uring_bpf_filter {
	uint32_t opcode;
	uint32_t flags;
	uint32_t filter_len;
	uint8_t pdu_size;
	uint8_t resv[3];
	uint64_t filter_ptr;
	uint64_t resv2[5];
};

struct uring_bpf {
	uint16_t cmd_type;
	uint16_t cmd_flags;
	uint32_t resv;
	__extension__ union {
		struct uring_bpf_filter filter;
	};
};

#ifdef __cplusplus
}
#endif

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#endif
