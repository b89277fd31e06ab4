# SPDX-License-Identifier: MIT
# Makes liburing/io_uring.h from abi.h: the same numbers and layouts, under the kernel's names
# and with its types.

BEGIN {
	# Names that do not follow the rules of rename(): ours, then the kernel's.
	split("uint8_t __u8 uint16_t __u16 uint32_t __u32 uint64_t __u64 " \
	      "int32_t __s32 int64_t __s64 " \
	      "uring_sys_enter io_uring_enter uring_sys_register io_uring_register " \
	      "uring_cmd_flags uring_cmd_flags " \
	      "uring_timespec __kernel_timespec uring_tx_timespec io_timespec " \
	      "uring_sqring_offsets io_sqring_offsets uring_cqring_offsets io_cqring_offsets " \
	      "uring_zcrx_ctrl_op zcrx_ctrl_op uring_zcrx_features zcrx_features " \
	      "uring_zcrx_reg_flags zcrx_reg_flags uring_wq_type io_wq_type " \
	      "uring_zcrx_ctrl zcrx_ctrl uring_zcrx_ctrl_export zcrx_ctrl_export " \
	      "uring_zcrx_ctrl_flush_rq zcrx_ctrl_flush_rq " \
	      "URING_SPLICE_F_FD_IN_FIXED SPLICE_F_FD_IN_FIXED " \
	      "URING_OP_SUPPORTED IO_URING_OP_SUPPORTED " \
	      "URING_PBUF_RING_MMAP IOU_PBUF_RING_MMAP URING_PBUF_RING_INC IOU_PBUF_RING_INC " \
	      "URING_WQ_BOUND IO_WQ_BOUND URING_WQ_UNBOUND IO_WQ_UNBOUND " \
	      "URING_QUERY_MAX __IO_URING_QUERY_MAX URING_ZCRX_CTRL_LAST __ZCRX_CTRL_LAST", word, " ")
	for (i = 1; i in word; i += 2)
		exception[word[i]] = word[i + 1]

	print "/*\n * Made of abi.h by io_uring.awk: the kernel's interface under its own names. Its\n" \
	      " * guard is that of <linux/io_uring.h>, so of several only the first counts.\n */"
	print "#ifndef LINUX_IO_URING_H\n#define LINUX_IO_URING_H\n"
	print "#include <linux/types.h>\n\n#include \"compat.h\"\n"
}

# Skip all before this comment of abi.h. All after it, up to the end of the guard, is used.
/^\/\* The kernel's own layouts/ { started = 1 }
!started { next }

# Leave out the structures that the system has, and the limits, which the kernel's header lacks.
/^struct uring_(timespec|open_how|futex_waitv) \{/ { skipping = 1 }
skipping { if (/^\};/) { skipping = 0; comment = "" }; next }
/^#define URING_MAX_/ { comment = ""; next }

# Hold a comment back until the line after it is printed or left out.
/^(\/\*| \*)/ { comment = comment translate($0) "\n"; next }

/^struct .* \{/ { in_struct = 1 }
in_struct && /^\};/ { in_struct = 0; sub(/\}/, "} __attribute__((__may_alias__))") }

{
	line = translate($0)
	printf "%s", comment
	comment = ""
}

# These arrays have no size in the kernel's header.
in_struct && line ~ /(big_cqe|ops)\[0\];/ { sub(/\[0\]/, "[]", line) }

# Other headers of the system can define these as well.
line ~ /^#define (RWF_|IO_INTEGRITY_|BLOCK_URING_)/ {
	split(line, word, " ")
	printf "#ifndef %s\n%s\n#endif\n", word[2], line
	next
}

{ print line }

function translate(text,	out) {
	while (match(text, /[A-Za-z_][A-Za-z0-9_]*/)) {
		out = out substr(text, 1, RSTART - 1) rename(substr(text, RSTART, RLENGTH))
		text = substr(text, RSTART + RLENGTH)
	}
	return out text
}

function rename(name) {
	if (name in exception)
		return exception[name]
	if (!sub(/^URING_SQE_/, "IOSQE_", name) &&
	    !sub(/^URING_SOCKET_OP_/, "SOCKET_URING_OP_", name) &&
	    !sub(/^URING_BLOCK_CMD_/, "BLOCK_URING_CMD_", name) &&
	    !sub(/^URING_INTEGRITY_/, "IO_INTEGRITY_", name) &&
	    !sub(/^URING_QUERY_/, "IO_URING_QUERY_", name) &&
	    !sub(/^URING_BPF_/, "IO_URING_BPF_", name) &&
	    !sub(/^URING_ZCRX_AREA_/, "IORING_ZCRX_AREA_", name) &&
	    !sub(/^URING_ZCRX_/, "ZCRX_", name) &&
	    !sub(/^URING_RWF_/, "RWF_", name))
		sub(/^URING_/, "IORING_", name)
	sub(/^uring_/, "io_uring_", name)
	return name
}
