/* SPDX-License-Identifier: MIT */
/*
 * entries LIBRARY: runs the calls of entries-calls.c under the preload library and compares, field
 * by field, each submission queue entry that reaches the kernel with the announced one. Prints a
 * line for each call. Exit status 77: there is no ring to inspect.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "entries.h"

/* Copied from <linux/ptrace.h>, which conflicts with <sys/ptrace.h>. */
struct stop {
	uint8_t op, pad[3];
	uint32_t arch;
	uint64_t ip, sp;
	union {
		struct { uint64_t nr, args[6]; } entry;
		struct { int64_t value; uint8_t is_error; } exit;
	};
};

enum { GET_SYSCALL_INFO = 0x420e, STOP_ENTRY = 1, STOP_EXIT = 2, NO_RING = 77 };

static pid_t pid;
static struct uring_params ring;	/* the latest ring; flags 0: none yet */
static uint64_t setup_params;		/* address of the parameters of the setup under way, or 0 */
static struct announcement now;		/* the entries of the current call */
static struct uring_sqe seen[ENTRIES_MOST + 1];
static unsigned seen_count;
static bool failed, any;

static void die(const char *what)
{
	perror(what);
	if (pid)
		kill(pid, SIGKILL);
	exit(1);
}

static void peek(void *to, uint64_t from, size_t size)
{
	struct iovec here = { to, size };
	struct iovec there = { (void *)(uintptr_t)from, size };

	if (process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)size)
		die("process_vm_readv");
}

static uint32_t word(uint32_t offset)
{
	uint32_t value;

	peek(&value, ring.cq_off.user_addr + offset, sizeof(value));
	return value;
}

/* Records the entries that this io_uring_enter submits, except the library's own. */
static void take(unsigned count)
{
	uint32_t head = word(ring.sq_off.head);
	uint32_t mask = word(ring.sq_off.ring_mask);
	uint32_t shown = word(ring.sq_off.tail) - head;

	for (unsigned i = 0; i < count && i < shown && seen_count <= ENTRIES_MOST; i++) {
		uint32_t slot = (head + i) & mask;
		struct uring_sqe *sqe = &seen[seen_count];

		if (!(ring.flags & URING_SETUP_NO_SQARRAY))
			slot = word(ring.sq_off.array + slot * 4);
		peek(sqe, ring.sq_off.user_addr + slot * sizeof(*sqe), sizeof(*sqe));
		if (sqe->user_data == 0 || sqe->user_data == UINT64_MAX)
			continue;
		/*
		 * The kernel may not have consumed the entry the first time; do not count it twice.
		 */
		if (!seen_count || seen[seen_count - 1].user_data != sqe->user_data)
			seen_count++;
	}
}

static void differ(unsigned i, const char *field, uint64_t is, uint64_t means)
{
	printf("%s: entry %u: %s is %#llx, means %#llx\n", now.name, i, field,
	       (unsigned long long)is, (unsigned long long)means);
	failed = true;
}

static void compare(unsigned i, const struct uring_sqe *is, const struct uring_sqe *means)
{
#define SAME(field) do { if (is->field != means->field) \
	differ(i, #field, (uint64_t)is->field, (uint64_t)means->field); } while (0)
#define SAME_ADDRESS(field) do { if (means->field != SOMEWHERE || !is->field) SAME(field); } while (0)
	SAME(opcode);
	SAME(flags);
	SAME(ioprio);
	SAME(fd);
	SAME_ADDRESS(off);
	SAME_ADDRESS(addr);
	SAME(len);
	SAME(rw_flags);
	SAME(buf_index);
	SAME(personality);
	SAME(file_index);
	SAME(addr3);
	SAME(__pad2[0]);
}

/* Compares the entries of the call that has just ended. */
static void judge(void)
{
	if (!now.name[0])
		return;
	if (seen_count != now.count) {
		printf("%s: %u entries, means %u\n", now.name, seen_count, now.count);
		failed = true;
	}
	for (unsigned i = 0; i < seen_count && i < now.count; i++)
		compare(i, &seen[i], &now.sqes[i]);
	printf("%s\n", now.name);
	any |= seen_count > 0;
}

static void announce(uint64_t address)
{
	judge();
	memset(&now, 0, sizeof(now));
	seen_count = 0;
	if (address)
		peek(&now, address, sizeof(now));
}

static void entered(const struct stop *stop)
{
	setup_params = 0;
	if (stop->entry.nr == SYS_io_uring_setup)
		setup_params = stop->entry.args[1];
	else if (stop->entry.nr == ENTRIES_CALL)
		announce(stop->entry.args[0]);
	else if (stop->entry.nr == SYS_io_uring_enter && ring.flags & URING_SETUP_NO_MMAP)
		take((unsigned)stop->entry.args[1]);
}

static void left(const struct stop *stop)
{
	if (setup_params && !stop->exit.is_error)
		peek(&ring, setup_params, sizeof(ring));
	setup_params = 0;
}

/* Handles a stop. Returns the signal to deliver when the program continues, or 0. */
static int look(int status)
{
	struct stop stop;

	if (WSTOPSIG(status) != (SIGTRAP | 0x80))
		return WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
	if (ptrace((enum __ptrace_request)GET_SYSCALL_INFO, pid, sizeof(stop), &stop) < 0)
		die("PTRACE_GET_SYSCALL_INFO");
	if (stop.op == STOP_ENTRY)
		entered(&stop);
	else if (stop.op == STOP_EXIT)
		left(&stop);
	return 0;
}

static void start(char **argv)
{
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid)
		return;
	setenv("LD_PRELOAD", argv[1], 1);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	execl("/proc/self/exe", argv[0], "--calls", (char *)NULL);
	_exit(127);
}

static int follow(void)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("start");
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (int sig = 0;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)sig) < 0)
			die("PTRACE_SYSCALL");
		if (waitpid(pid, &status, 0) != pid)
			die("waitpid");
		if (!WIFSTOPPED(status))
			return status;
		sig = look(status);
	}
}

int main(int argc, char **argv)
{
	int status;

	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "--calls")) {
		entries_make_calls();
		return 0;
	}
	start(argv);
	status = follow();
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "the program ended with %#x\n", status);
		return 1;
	}
	if (!any && !(ring.flags & URING_SETUP_NO_MMAP))
		return NO_RING;
	return failed;
}
