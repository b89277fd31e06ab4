/* SPDX-License-Identifier: MIT */
/*
 * The floor: each call as one operation on a ring, written by hand for this one purpose with the
 * cheapest flags. It handles no signals, cancellation, forks, kinds of descriptors or misuse, so no
 * library in its place can be cheaper. Needs Linux 6.6.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "bench.h"
#include "uring/abi.h"
#include "uring/sys.h"

#define FLAGS (URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN | URING_SETUP_SUBMIT_ALL | \
	       URING_SETUP_NO_SQARRAY | URING_SETUP_NO_MMAP | URING_SETUP_REGISTERED_FD_ONLY)
#define PAGE 4096
/* More than the one in use: the kernel then fetches free completions by the dozen. */
#define ENTRIES 8
#define SIZE (2 * PAGE)		/* the queues' indices and completions; then the entries */

struct floor_knows floor_knows;

struct ring {
	struct uring_sqe *sqes;		/* NULL: not created yet */
	uint32_t *sq_tail, *cq_head, *cq_tail;
	const struct uring_cqe *cqes;
	int index;
};

static __thread struct ring ring;

static void make_ring(void)
{
	struct uring_params params = { .flags = FLAGS };
	char *mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	must(mem != MAP_FAILED, "mmap");
	madvise(mem, SIZE, MADV_DONTFORK);
	params.cq_off.user_addr = (uintptr_t)mem;
	params.sq_off.user_addr = (uintptr_t)mem + PAGE;
	ring.index = (int)sys_call6(SYS_io_uring_setup, ENTRIES, (long)&params, 0, 0, 0, 0);
	if (ring.index < 0)
		cannot("a ring with the floor's flags (Linux 6.6, locked memory)");
	ring.sq_tail = (uint32_t *)(mem + params.sq_off.tail);
	ring.cq_head = (uint32_t *)(mem + params.cq_off.head);
	ring.cq_tail = (uint32_t *)(mem + params.cq_off.tail);
	ring.cqes = (struct uring_cqe *)(mem + params.cq_off.cqes);
	ring.sqes = (struct uring_sqe *)(mem + PAGE);
}

void floor_end(void)
{
	struct uring_rsrc_update up = { .offset = (uint32_t)ring.index };
	char *mem = (char *)ring.sqes - PAGE;

	if (!ring.sqes)
		return;
	sys_call6(SYS_io_uring_register, ring.index,
		  URING_UNREGISTER_RING_FDS | URING_REGISTER_USE_REGISTERED_RING, (long)&up, 1, 0,
		  0);
	munmap(mem, SIZE);
	ring.sqes = NULL;
}

static inline struct uring_sqe *entry(void)
{
	if (__builtin_expect(!ring.sqes, 0))
		make_ring();
	return &ring.sqes[*ring.sq_tail % ENTRIES];
}

static inline long enter(unsigned submit, unsigned wait)
{
	return sys_call6(SYS_io_uring_enter, ring.index, submit, wait,
			 URING_ENTER_REGISTERED_RING | (wait ? URING_ENTER_GETEVENTS : 0), 0, 0);
}

/* Submits the filled entry, waits for it, and takes its completion. */
static inline long run(bool waits)
{
	uint32_t head = *ring.cq_head;
	long ret;

	__atomic_store_n(ring.sq_tail, *ring.sq_tail + 1, __ATOMIC_RELEASE);
	ret = enter(1, waits);
	must(ret == 1, "io_uring_enter");
	while (__builtin_expect(__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) == head, 0))
		enter(0, 1);
	ret = ring.cqes[head % (2 * ENTRIES)].res;
	__atomic_store_n(ring.cq_head, head + 1, __ATOMIC_RELEASE);
	if (__builtin_expect(ret < 0, 0)) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}

static inline long transfer(uint8_t opcode, int fd, const void *buf, size_t len, uint64_t offset,
			    bool waits)
{
	*entry() = (struct uring_sqe){
		.opcode = opcode,
		.fd = fd,
		.addr = (uintptr_t)buf,
		.len = (uint32_t)len,
		.off = offset,
		.rw_flags = floor_knows.nonblocking ? RWF_NOWAIT : 0,
	};
	return run(waits);
}

static ssize_t floor_read(int fd, void *buf, size_t len)
{
	return transfer(URING_OP_READ, fd, buf, len, -1, floor_knows.reads_wait);
}

static ssize_t floor_write(int fd, const void *buf, size_t len)
{
	return transfer(URING_OP_WRITE, fd, buf, len, -1, floor_knows.writes_wait);
}

static ssize_t floor_pread(int fd, void *buf, size_t len, off_t offset)
{
	return transfer(URING_OP_READ, fd, buf, len, (uint64_t)offset, floor_knows.reads_wait);
}

static inline long message(uint8_t opcode, int fd, const void *buf, size_t len, int flags,
			   bool waits)
{
	*entry() = (struct uring_sqe){
		.opcode = opcode,
		.fd = fd,
		.addr = (uintptr_t)buf,
		.len = (uint32_t)len,
		.msg_flags = (uint32_t)flags | (floor_knows.nonblocking ? MSG_DONTWAIT : 0),
	};
	return run(waits);
}

static ssize_t floor_recv(int fd, void *buf, size_t len, int flags)
{
	return message(URING_OP_RECV, fd, buf, len, flags, floor_knows.reads_wait);
}

static ssize_t floor_send(int fd, const void *buf, size_t len, int flags)
{
	return message(URING_OP_SEND, fd, buf, len, flags, floor_knows.writes_wait);
}

static int floor_accept(int fd, struct sockaddr *addr, socklen_t *len)
{
	*entry() = (struct uring_sqe){
		.opcode = URING_OP_ACCEPT,
		.fd = fd,
		.addr = (uintptr_t)addr,
		.addr2 = (uintptr_t)len,
	};
	return (int)run(floor_knows.reads_wait);
}

static int floor_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	*entry() = (struct uring_sqe){
		.opcode = URING_OP_CONNECT,
		.fd = fd,
		.addr = (uintptr_t)addr,
		.off = len,
	};
	return (int)run(floor_knows.writes_wait);
}

static int floor_fsync(int fd)
{
	*entry() = (struct uring_sqe){ .opcode = URING_OP_FSYNC, .fd = fd };
	return (int)run(floor_knows.writes_wait);
}

const struct io floor_io = {
	.read = floor_read,
	.write = floor_write,
	.pread = floor_pread,
	.recv = floor_recv,
	.send = floor_send,
	.accept = floor_accept,
	.connect = floor_connect,
	.fsync = floor_fsync,
};
