/* SPDX-License-Identifier: MIT */
/*
 * The names of operations, registrations, features and flags, and the kernel versions that
 * introduced them.
 */
#include "internal.h"

struct name {
	const char *name;
	const char *since;
};

static const struct name ops[] = {
	[URING_OP_NOP] = { "nop", "5.1" },
	[URING_OP_READV] = { "readv", "5.1" },
	[URING_OP_WRITEV] = { "writev", "5.1" },
	[URING_OP_FSYNC] = { "fsync", "5.1" },
	[URING_OP_READ_FIXED] = { "read_fixed", "5.1" },
	[URING_OP_WRITE_FIXED] = { "write_fixed", "5.1" },
	[URING_OP_POLL_ADD] = { "poll_add", "5.1" },
	[URING_OP_POLL_REMOVE] = { "poll_remove", "5.1" },
	[URING_OP_SYNC_FILE_RANGE] = { "sync_file_range", "5.2" },
	[URING_OP_SENDMSG] = { "sendmsg", "5.3" },
	[URING_OP_RECVMSG] = { "recvmsg", "5.3" },
	[URING_OP_TIMEOUT] = { "timeout", "5.4" },
	[URING_OP_TIMEOUT_REMOVE] = { "timeout_remove", "5.5" },
	[URING_OP_ACCEPT] = { "accept", "5.5" },
	[URING_OP_ASYNC_CANCEL] = { "async_cancel", "5.5" },
	[URING_OP_LINK_TIMEOUT] = { "link_timeout", "5.5" },
	[URING_OP_CONNECT] = { "connect", "5.5" },
	[URING_OP_FALLOCATE] = { "fallocate", "5.6" },
	[URING_OP_OPENAT] = { "openat", "5.6" },
	[URING_OP_CLOSE] = { "close", "5.6" },
	[URING_OP_FILES_UPDATE] = { "files_update", "5.6" },
	[URING_OP_STATX] = { "statx", "5.6" },
	[URING_OP_READ] = { "read", "5.6" },
	[URING_OP_WRITE] = { "write", "5.6" },
	[URING_OP_FADVISE] = { "fadvise", "5.6" },
	[URING_OP_MADVISE] = { "madvise", "5.6" },
	[URING_OP_SEND] = { "send", "5.6" },
	[URING_OP_RECV] = { "recv", "5.6" },
	[URING_OP_OPENAT2] = { "openat2", "5.6" },
	[URING_OP_EPOLL_CTL] = { "epoll_ctl", "5.6" },
	[URING_OP_SPLICE] = { "splice", "5.7" },
	[URING_OP_PROVIDE_BUFFERS] = { "provide_buffers", "5.7" },
	[URING_OP_REMOVE_BUFFERS] = { "remove_buffers", "5.7" },
	[URING_OP_TEE] = { "tee", "5.8" },
	[URING_OP_SHUTDOWN] = { "shutdown", "5.11" },
	[URING_OP_RENAMEAT] = { "renameat", "5.11" },
	[URING_OP_UNLINKAT] = { "unlinkat", "5.11" },
	[URING_OP_MKDIRAT] = { "mkdirat", "5.15" },
	[URING_OP_SYMLINKAT] = { "symlinkat", "5.15" },
	[URING_OP_LINKAT] = { "linkat", "5.15" },
	[URING_OP_MSG_RING] = { "msg_ring", "5.18" },
	[URING_OP_FSETXATTR] = { "fsetxattr", "5.19" },
	[URING_OP_SETXATTR] = { "setxattr", "5.19" },
	[URING_OP_FGETXATTR] = { "fgetxattr", "5.19" },
	[URING_OP_GETXATTR] = { "getxattr", "5.19" },
	[URING_OP_SOCKET] = { "socket", "5.19" },
	[URING_OP_URING_CMD] = { "uring_cmd", "5.19" },
	[URING_OP_SEND_ZC] = { "send_zc", "6.0" },
	[URING_OP_SENDMSG_ZC] = { "sendmsg_zc", "6.1" },
	[URING_OP_READ_MULTISHOT] = { "read_multishot", "6.7" },
	[URING_OP_WAITID] = { "waitid", "6.7" },
	[URING_OP_FUTEX_WAIT] = { "futex_wait", "6.7" },
	[URING_OP_FUTEX_WAKE] = { "futex_wake", "6.7" },
	[URING_OP_FUTEX_WAITV] = { "futex_waitv", "6.7" },
	[URING_OP_FIXED_FD_INSTALL] = { "fixed_fd_install", "6.8" },
	[URING_OP_FTRUNCATE] = { "ftruncate", "6.9" },
	[URING_OP_BIND] = { "bind", "6.11" },
	[URING_OP_LISTEN] = { "listen", "6.11" },
	[URING_OP_RECV_ZC] = { "recv_zc", "6.15" },
	[URING_OP_EPOLL_WAIT] = { "epoll_wait", "6.15" },
	[URING_OP_READV_FIXED] = { "readv_fixed", "6.15" },
	[URING_OP_WRITEV_FIXED] = { "writev_fixed", "6.15" },
	[URING_OP_PIPE] = { "pipe", "6.16" },
	[URING_OP_NOP128] = { "nop128", "6.19" },
	[URING_OP_URING_CMD128] = { "uring_cmd128", "6.19" },
};

static const struct name register_ops[] = {
	[URING_REGISTER_BUFFERS] = { "register_buffers", "5.1" },
	[URING_UNREGISTER_BUFFERS] = { "unregister_buffers", "5.1" },
	[URING_REGISTER_FILES] = { "register_files", "5.1" },
	[URING_UNREGISTER_FILES] = { "unregister_files", "5.1" },
	[URING_REGISTER_EVENTFD] = { "register_eventfd", "5.2" },
	[URING_UNREGISTER_EVENTFD] = { "unregister_eventfd", "5.2" },
	[URING_REGISTER_FILES_UPDATE] = { "register_files_update", "5.5" },
	[URING_REGISTER_EVENTFD_ASYNC] = { "register_eventfd_async", "5.6" },
	[URING_REGISTER_PROBE] = { "register_probe", "5.6" },
	[URING_REGISTER_PERSONALITY] = { "register_personality", "5.6" },
	[URING_UNREGISTER_PERSONALITY] = { "unregister_personality", "5.6" },
	[URING_REGISTER_RESTRICTIONS] = { "register_restrictions", "5.10" },
	[URING_REGISTER_ENABLE_RINGS] = { "register_enable_rings", "5.10" },
	[URING_REGISTER_FILES2] = { "register_files2", "5.13" },
	[URING_REGISTER_FILES_UPDATE2] = { "register_files_update2", "5.13" },
	[URING_REGISTER_BUFFERS2] = { "register_buffers2", "5.13" },
	[URING_REGISTER_BUFFERS_UPDATE] = { "register_buffers_update", "5.13" },
	[URING_REGISTER_IOWQ_AFF] = { "register_iowq_aff", "5.14" },
	[URING_UNREGISTER_IOWQ_AFF] = { "unregister_iowq_aff", "5.14" },
	[URING_REGISTER_IOWQ_MAX_WORKERS] = { "register_iowq_max_workers", "5.15" },
	[URING_REGISTER_RING_FDS] = { "register_ring_fds", "5.18" },
	[URING_UNREGISTER_RING_FDS] = { "unregister_ring_fds", "5.18" },
	[URING_REGISTER_PBUF_RING] = { "register_pbuf_ring", "5.19" },
	[URING_UNREGISTER_PBUF_RING] = { "unregister_pbuf_ring", "5.19" },
	[URING_REGISTER_SYNC_CANCEL] = { "register_sync_cancel", "6.0" },
	[URING_REGISTER_FILE_ALLOC_RANGE] = { "register_file_alloc_range", "6.0" },
	[URING_REGISTER_PBUF_STATUS] = { "register_pbuf_status", "6.8" },
	[URING_REGISTER_NAPI] = { "register_napi", "6.9" },
	[URING_UNREGISTER_NAPI] = { "unregister_napi", "6.9" },
	[URING_REGISTER_CLOCK] = { "register_clock", "6.12" },
	[URING_REGISTER_CLONE_BUFFERS] = { "register_clone_buffers", "6.12" },
	[URING_REGISTER_SEND_MSG_RING] = { "register_send_msg_ring", "6.13" },
	[URING_REGISTER_ZCRX_IFQ] = { "register_zcrx_ifq", "6.15" },
	[URING_REGISTER_RESIZE_RINGS] = { "register_resize_rings", "6.13" },
	[URING_REGISTER_MEM_REGION] = { "register_mem_region", "6.13" },
	[URING_REGISTER_QUERY] = { "register_query", "6.18" },
	[URING_REGISTER_ZCRX_CTRL] = { "register_zcrx_ctrl", "6.19" },
	[URING_REGISTER_BPF_FILTER] = { "register_bpf_filter", "7.0" },
};

/* Indexed by bit number. */
static const struct name setup_flags[] = {
	[0] = { "iopoll", "5.1" },	   [1] = { "sqpoll", "5.1" },
	[2] = { "sq_aff", "5.1" },	   [3] = { "cqsize", "5.5" },
	[4] = { "clamp", "5.6" },	   [5] = { "attach_wq", "5.6" },
	[6] = { "r_disabled", "5.10" },	   [7] = { "submit_all", "5.18" },
	[8] = { "coop_taskrun", "5.19" },  [9] = { "taskrun_flag", "5.19" },
	[10] = { "sqe128", "5.19" },	   [11] = { "cqe32", "5.19" },
	[12] = { "single_issuer", "6.0" }, [13] = { "defer_taskrun", "6.1" },
	[14] = { "no_mmap", "6.5" },	   [15] = { "registered_fd_only", "6.5" },
	[16] = { "no_sqarray", "6.6" },	   [17] = { "hybrid_iopoll", "6.13" },
	[18] = { "cqe_mixed", "6.18" },	   [19] = { "sqe_mixed", "6.19" },
	[20] = { "sq_rewind", "7.0" },
};

static const struct name features[] = {
	[0] = { "single_mmap", "5.4" },	      [1] = { "nodrop", "5.5" },
	[2] = { "submit_stable", "5.5" },     [3] = { "rw_cur_pos", "5.6" },
	[4] = { "cur_personality", "5.6" },   [5] = { "fast_poll", "5.7" },
	[6] = { "poll_32bits", "5.9" },	      [7] = { "sqpoll_nonfixed", "5.11" },
	[8] = { "ext_arg", "5.11" },	      [9] = { "native_workers", "5.12" },
	[10] = { "rsrc_tags", "5.13" },	      [11] = { "cqe_skip", "5.17" },
	[12] = { "linked_file", "5.18" },     [13] = { "reg_reg_ring", "6.3" },
	[14] = { "recvsend_bundle", "6.10" }, [15] = { "min_timeout", "6.12" },
	[16] = { "rw_attr", "6.14" },	      [17] = { "no_iowait", "6.15" },
};

static const struct name enter_flags[] = {
	[0] = { "getevents", "5.1" },	     [1] = { "sq_wakeup", "5.1" },
	[2] = { "sq_wait", "5.10" },	     [3] = { "ext_arg", "5.11" },
	[4] = { "registered_ring", "5.18" }, [5] = { "abs_timer", "6.12" },
	[6] = { "ext_arg_reg", "6.13" },     [7] = { "no_iowait", "6.15" },
};

static const struct name sqe_flags[] = {
	[0] = { "fixed_file", "5.1" },
	[1] = { "io_drain", "5.2" },
	[2] = { "io_link", "5.3" },
	[3] = { "io_hardlink", "5.5" },
	[4] = { "async", "5.6" },
	[5] = { "buffer_select", "5.7" },
	[6] = { "cqe_skip_success", "5.17" },
};

static const struct {
	const struct name *names;
	size_t nr;
	int flags; /* indexed by bit number */
} tables[] = {
	[URING_WHAT_OP] = { ops, ARRAY_SIZE(ops), 0 },
	[URING_WHAT_REGISTER] = { register_ops, ARRAY_SIZE(register_ops), 0 },
	[URING_WHAT_SETUP] = { setup_flags, ARRAY_SIZE(setup_flags), 1 },
	[URING_WHAT_FEATURE] = { features, ARRAY_SIZE(features), 1 },
	[URING_WHAT_ENTER] = { enter_flags, ARRAY_SIZE(enter_flags), 1 },
	[URING_WHAT_SQE] = { sqe_flags, ARRAY_SIZE(sqe_flags), 1 },
};

static const struct name *find(enum uring_what what, uint64_t value)
{
	if ((unsigned)what >= ARRAY_SIZE(tables))
		return NULL;
	if (tables[what].flags) {
		if (!value || value & (value - 1))
			return NULL;
		value = (uint64_t)__builtin_ctzll(value);
	}
	if (value >= tables[what].nr || !tables[what].names[value].name)
		return NULL;
	return &tables[what].names[value];
}

const char *uring_name(enum uring_what what, uint64_t value)
{
	const struct name *name = find(what, value);

	return name ? name->name : NULL;
}

const char *uring_since(enum uring_what what, uint64_t value)
{
	const struct name *name = find(what, value);

	return name ? name->since : NULL;
}
