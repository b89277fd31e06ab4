/* SPDX-License-Identifier: MIT */
/* Finds out which operations, registrations, features and flags this kernel has. */
#include <sys/utsname.h>

#include "internal.h"
#include "sys.h"

static void set_bit(uint64_t *bits, unsigned nr)
{
	bits[nr / 64] |= 1ull << nr % 64;
}

static void set_first(uint64_t *bits, size_t words, unsigned nr)
{
	for (unsigned i = 0; i < nr && i < words * 64; i++)
		set_bit(bits, i);
}

static void probe_ops(struct uring_support *support, int fd)
{
	struct {
		struct uring_probe head;
		struct uring_probe_op ops[256];
	} probe;
	unsigned i;

	__builtin_memset(&probe, 0, sizeof(probe));
	if (uring_sys_register(fd, URING_REGISTER_PROBE, &probe, ARRAY_SIZE(probe.ops)) < 0) {
		/* Before 5.6 the kernel cannot be asked. Assume what 5.5 has. */
		set_first(support->ops, ARRAY_SIZE(support->ops), URING_OP_CONNECT + 1);
		return;
	}
	for (i = 0; i < probe.head.ops_len; i++)
		if (probe.ops[i].flags & URING_OP_SUPPORTED)
			set_bit(support->ops, probe.ops[i].op);
}

/* Since 6.18 the kernel tells all of it but the operations. Returns 0 or a negative errno. */
static int probe_by_query(struct uring_support *support)
{
	struct uring_query_opcode opcode = { 0 };
	struct uring_query_hdr hdr = {
		.query_data = (uintptr_t)&opcode,
		.query_op = URING_QUERY_OPCODES,
		.size = sizeof(opcode),
	};
	int ret = uring_sys_register(-1, URING_REGISTER_QUERY, &hdr, 0);

	if (ret < 0)
		return ret;
	if (hdr.result < 0)
		return hdr.result;
	support->setup_flags = opcode.ring_setup_flags;
	support->enter_flags = opcode.enter_flags;
	support->sqe_flags = opcode.sqe_flags;
	set_first(support->register_ops, ARRAY_SIZE(support->register_ops),
		  opcode.nr_register_opcodes);
	return 0;
}

/*
 * Tries the flag on a ring of its own, and returns true if the kernel knows it. Where a
 * flag needs memory for the rings (URING_SETUP_NO_MMAP) none is given; a kernel that knows
 * the flag then fails with EFAULT.
 */
static int takes_setup_flag(uint32_t flag, int other_ring)
{
	static const struct {
		uint32_t flag;
		uint32_t needs;
	} needs[] = {
		{ URING_SETUP_SQ_AFF, URING_SETUP_SQPOLL },
		{ URING_SETUP_TASKRUN_FLAG, URING_SETUP_COOP_TASKRUN },
		{ URING_SETUP_DEFER_TASKRUN, URING_SETUP_SINGLE_ISSUER },
		{ URING_SETUP_REGISTERED_FD_ONLY, URING_SETUP_NO_MMAP },
		{ URING_SETUP_HYBRID_IOPOLL, URING_SETUP_IOPOLL },
		{ URING_SETUP_SQ_REWIND, URING_SETUP_NO_SQARRAY },
	};
	struct uring_params params = URING_DEFAULT_PARAMS;
	int fd;

	params.flags = flag;
	params.cq_entries = flag == URING_SETUP_CQSIZE ? 2 : 0;
	params.wq_fd = flag == URING_SETUP_ATTACH_WQ ? (uint32_t)other_ring : 0;
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if (needs[i].flag == flag)
			params.flags |= needs[i].needs;
	fd = uring_sys_setup(1, &params);
	if (fd >= 0)
		sys_close(fd);
	return fd >= 0 || fd == -EFAULT;
}

static unsigned parse_number(const char **s)
{
	unsigned n = 0;

	while (**s >= '0' && **s <= '9' && n < 100000)
		n = n * 10 + (unsigned)(*(*s)++ - '0');
	return n;
}

/* Returns "6.18.44-x" as 6018. */
static unsigned parse_version(const char *s)
{
	unsigned major = parse_number(&s);

	if (*s++ != '.')
		return major * 1000;
	return major * 1000 + parse_number(&s);
}

/*
 * Before 6.18: finds the flags by trying them. Registrations cannot be tried without side
 * effects; the kernel's version decides.
 */
void uringi_probe_by_trial(struct uring_support *support, int fd)
{
	struct utsname uts;
	unsigned version, i;

	for (i = 0; i < 32; i++)
		if (uring_name(URING_WHAT_SETUP, 1ull << i) && takes_setup_flag(1u << i, fd))
			support->setup_flags |= 1ull << i;

	/* This flag cannot be tried: it declares fd an index, but fd is a descriptor. */
	support->enter_flags = support->features & URING_FEAT_LINKED_FILE ?
		URING_ENTER_REGISTERED_RING :
		0;
	for (i = 0; i < 32; i++)
		if (uring_name(URING_WHAT_ENTER, 1ull << i) &&
		    1u << i != URING_ENTER_REGISTERED_RING &&
		    uring_sys_enter(fd, 0, 0, 1u << i, NULL, 0) == 0)
			support->enter_flags |= 1ull << i;

	support->sqe_flags = URING_SQE_FIXED_FILE | URING_SQE_IO_DRAIN | URING_SQE_IO_LINK |
		URING_SQE_IO_HARDLINK;
	if (support->features & URING_FEAT_CUR_PERSONALITY)
		support->sqe_flags |= URING_SQE_ASYNC;
	if (support->features & URING_FEAT_FAST_POLL)
		support->sqe_flags |= URING_SQE_BUFFER_SELECT;
	if (support->features & URING_FEAT_CQE_SKIP)
		support->sqe_flags |= URING_SQE_CQE_SKIP_SUCCESS;

	version = uname(&uts) ? 0 : parse_version(uts.release);
	for (i = 0; i < URING_REGISTER_LAST; i++)
		if (parse_version(uring_since(URING_WHAT_REGISTER, i)) <= version)
			set_bit(support->register_ops, i);
}

int uring_probe(struct uring_support *support)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	int fd;

	if (!support)
		return -EINVAL;
	__builtin_memset(support, 0, sizeof(*support));
	fd = uring_sys_setup(1, &params);
	if (fd < 0) {
		support->error = fd;
		support->why = uring_why_failed(fd);
		return fd;
	}
	support->features = params.features;
	probe_ops(support, fd);
	if (probe_by_query(support))
		uringi_probe_by_trial(support, fd);
	sys_close(fd);
	return 0;
}

static uint64_t flags_of(const struct uring_support *support, enum uring_what what)
{
	switch (what) {
	case URING_WHAT_SETUP:
		return support->setup_flags;
	case URING_WHAT_FEATURE:
		return support->features;
	case URING_WHAT_ENTER:
		return support->enter_flags;
	case URING_WHAT_SQE:
		return support->sqe_flags;
	default:
		return 0;
	}
}

static int has_bit(const uint64_t *bits, size_t words, uint64_t nr)
{
	return nr < words * 64 && bits[nr / 64] >> nr % 64 & 1;
}

int uring_has(const struct uring_support *support, enum uring_what what, uint64_t value)
{
	if (!support || support->error || (unsigned)what >= URING_WHAT_LAST)
		return 0;
	if (what == URING_WHAT_OP)
		return has_bit(support->ops, ARRAY_SIZE(support->ops), value);
	if (what == URING_WHAT_REGISTER)
		return has_bit(support->register_ops, ARRAY_SIZE(support->register_ops), value);
	return value && (flags_of(support, what) & value) == value;
}

enum uring_why uring_why_not(const struct uring_support *support, enum uring_what what,
			     uint64_t value)
{
	if (!support)
		return URING_WHY_OTHER;
	if (support->error)
		return support->why;
	return uring_has(support, what, value) ? URING_WHY_OK : URING_WHY_ABSENT;
}
