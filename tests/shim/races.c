/* SPDX-License-Identifier: MIT */
/*
 * Runs the layers below the calls in many threads at once. Built with ThreadSanitizer, which
 * reports data races and makes the program fail. Then looks at what becomes of an operation that is
 * given up once the program has a filter.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "shim/calls/file/stdio.h"
#include "shim/op/semantics.h"
#include "shim/fd/fdtable.h"
#include "shim/symbols/next-symbol.h"
#include "shim/ring/position-lock.h"
#include "shim/ring/process.h"
#include "shim/route/stats.h"
#include "shim/ring/thread.h"

enum { THREADS = 8, ROUNDS = 2000 };

/* Defined in the layer above, and called at the start. */
void stdio_start(void)
{
}

bool stdio_is_watched(void)
{
	return false;
}

static pthread_barrier_t all;
static int pipes[THREADS][2];
static unsigned counters[POSITION_LOCKS];	/* each protected by its lock */

static void descriptors(int self)
{
	for (int i = 0; i < ROUNDS; i++) {
		int fd = pipes[(self + i) % THREADS][i & 1];

		fd_get(fd);
		if (i % 7 == 0)
			fd_note_open(fd, fd_mark_open(), true);
		if (i % 11 == 0)
			fd_forget(fd);
		if (i % 13 == 0)
			fd_note_dup(fd, pipes[self][0]);
		if (i % 17 == 0)
			fd_note_flags_change(fd);
		if (i % 19 == 0)
			fd_share_position(fd);
		fd_has_private_position(fd_peek(fd));
	}
}

static void positions(int self)
{
	for (int i = 0; i < ROUNDS; i++) {
		unsigned lock = (unsigned)i % 3;

		position_lock_acquire(lock, (uint32_t)self + 1);
		counters[lock]++;
		position_lock_release(lock, (uint32_t)self + 1);
		if (i % 500 == 0) {
			process_fork_begin();
			process_fork_end();
		}
	}
}

static long operations(int self)
{
	struct thread *thread = &thread_self;
	long wrong = 0;
	char byte;

	for (int i = 0; i < ROUNDS / 4; i++) {
		struct operation op = { .fd = pipes[self][1], .info = FD_PIPE, .interruptible = true,
					.timeout_errno = EAGAIN };

		if (!thread_ensure_ring(thread))
			return ROUNDS;
		uring_prep_write(&op.sqe, op.fd, "x", 1, -1);
		wrong += op_run(thread, &op) != 1;
		op.fd = pipes[self][0];
		uring_prep_read(&op.sqe, op.fd, &byte, 1, -1);
		wrong += op_run(thread, &op) != 1;
		stats_count(&thread_self, CALL_read, REASON_RING);
	}
	return wrong;
}

static void *work(void *arg)
{
	int self = (int)(intptr_t)arg;
	long wrong = operations(self);

	descriptors(self);
	positions(self);
	/*
	 * No thread ends before all have their rings. A ring's memory is returned by a system call
	 * that ThreadSanitizer does not see, so its reuse for the next ring would look like a race.
	 */
	pthread_barrier_wait(&all);
	return (void *)wrong;
}

/*
 * Ends an operation because the ring was given up, while the program has a filter. Returns true if
 * libc's function is to go on: the library may make no system call, and the program must not see
 * why.
 */
static bool is_left_to_libc(uint8_t opcode, bool uncancellable)
{
	struct operation op = { 0 };
	int ret;

	op_init(&op, pipes[0][1], 0);
	op.sqe.opcode = opcode;
	op.interruptible = true;
	op.partly_done = !uncancellable;
	op.status.uncancellable = uncancellable;
	op.res = -ECANCELED;
	op.status.cancelled = true;
	sys_forbid();
	ret = op_resolve(&thread_self, &op);
	sys_permit();
	return ret == DECLINED(NO_RING) || ret == DECLINED(RESTART);
}

static int count_not_left(void)
{
	static const uint8_t opcodes[] = { URING_OP_READ, URING_OP_WRITE, URING_OP_CONNECT,
					   URING_OP_SENDMSG, URING_OP_RECVMSG };
	int count = 0;

	for (size_t i = 0; i < sizeof(opcodes); i++)
		count += !is_left_to_libc(opcodes[i], false) + !is_left_to_libc(opcodes[i], true);
	return count;
}

int main(void)
{
	pthread_t threads[THREADS];
	long wrong = 0;
	unsigned sum = 0;

	pthread_barrier_init(&all, NULL, THREADS);
	next_start();
	thread_start(NULL);
	epoch_start();
	for (int i = 0; i < THREADS; i++)
		if (pipe(pipes[i]))
			return 2;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i);
	for (int i = 0; i < THREADS; i++) {
		void *ret;

		pthread_join(threads[i], &ret);
		wrong += (long)ret;
	}
	for (int i = 0; i < 3; i++)
		sum += counters[i];
	wrong += count_not_left();
	printf("wrong results %ld, increments lost %u\n", wrong, THREADS * ROUNDS - sum);
	return wrong || sum != THREADS * ROUNDS;
}
