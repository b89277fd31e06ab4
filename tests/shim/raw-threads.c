/* SPDX-License-Identifier: MIT */
/*
 * Tests threads and processes that libc does not know, made by clone(2) as some runtimes do. Prints
 * the same natively and under the library.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "uring/sys.h"

enum { THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM };

static int file, pipes[2];
static volatile int done, works;
static _Alignas(64) char stack[65536], storage[2 * 65536];

/* Makes calls that need a ring and an io-wq worker. */
static int use_ring(void)
{
	char buf[8];

	return pwrite(file, "01234567", 8, 0) == 8 && pread(file, buf, 8, 0) == 8 &&
	       !fsync(file) && !memcmp(buf, "01234567", 8) && write(pipes[1], "a", 1) == 1 &&
	       read(pipes[0], buf, 1) == 1;
}

static void await_done(void)
{
	for (int i = 0; i < 5000 && !done; i++)
		usleep(1000);
	/* Time for it to exit, in case it is going to. */
	usleep(20000);
}

static int leaves(void *arg)
{
	done = 1;
	syscall(SYS_exit, 3);
	return 0;
}

static int works_and_leaves(void *arg)
{
	for (int i = 0; i < 50; i++)
		works += use_ring();
	return leaves(arg);
}

static int returns(void *arg)
{
	works = use_ring();
	return 9;
}

/* Uses syscall(2) alone, as a thread without libc's storage has to. */
static int calls_by_number(void *arg)
{
	char c;

	works = syscall(SYS_gettid) > 0 && syscall(SYS_write, pipes[1], "b", 1L) == 1 &&
		syscall(SYS_read, pipes[0], &c, 1L) == 1 && c == 'b';
	return leaves(arg);
}

static int make(int (*fn)(void *), int flags, void *tls)
{
	return clone(fn, stack + sizeof(stack), flags, NULL, NULL, tls, NULL);
}

static void thread_exits(void)
{
	printf("made: %d\n", make(leaves, THREAD, NULL) > 0);
	await_done();
	printf("done: %d, works: %d\n", done, use_ring());
}

/* Two threads do I/O one after the other. They share errno and all thread-local storage. */
static void thread_works(void)
{
	printf("made: %d\n", make(works_and_leaves, THREAD, NULL) > 0);
	await_done();
	printf("done: %d, %d of 50, works: %d\n", done, works, use_ring());
}

/* Thread-local storage that is all zeros. */
static void thread_without_storage(void)
{
	void **block = (void **)(storage + 65536);

	/* On x86-64 the block holds its own address here. */
	block[0] = block[2] = block;
	printf("made: %d\n", make(calls_by_number, THREAD | CLONE_SETTLS, block) > 0);
	await_done();
	printf("done: %d, works: %d and %d\n", done, works, use_ring());
}

static int wait_for(pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, __WALL) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* A process that shares our memory and runs in parallel. */
static void process_beside(void)
{
	pid_t pid = make(works_and_leaves, CLONE_VM | CLONE_FILES | SIGCHLD, NULL);

	printf("made: %d, ", pid > 0);
	await_done();
	printf("status %d, %d of 50, works: %d\n", wait_for(pid), works, use_ring());
}

static void process_returns(void)
{
	printf("status %d\n", wait_for(make(returns, SIGCHLD, NULL)));
}

/* Parent and child take turns at one file position. */
static void take_turns(pid_t pid)
{
	char buf[4] = "";

	if (pid == 0) {
		if (read(file, buf, 2) != 2)
			_exit(1);
		_exit(buf[0]);
	}
	printf("child read %c, ", wait_for(pid));
	printf("parent %zd %s\n", read(file, buf, 3), buf);
}

static void forks_by_number(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	lseek(file, 0, SEEK_SET);
	take_turns((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	take_turns((pid_t)syscall(SYS_clone3, &args, sizeof(args)));
	printf("bad flags: %ld", syscall(SYS_clone, CLONE_VM | CLONE_THREAD, 0, 0, 0, 0));
	printf(" %d, ", errno);
	printf("bad pointer: %ld", syscall(SYS_clone3, (void *)8, sizeof(args)));
	printf(" %d\n", errno);
}

static void last_thread(void)
{
	fflush(stdout);
	syscall(SYS_exit, 7);
}

static void *ends_all(void *arg)
{
	pthread_t first = *(pthread_t *)arg;

	/* Waits until it has exited. */
	for (int i = 0; i < 5000 && pthread_tryjoin_np(first, NULL) == EBUSY; i++)
		usleep(1000);
	printf("the other goes on: %d\n", use_ring());
	exit(5);
}

/* The first thread exits while the other goes on. */
static void first_thread(void)
{
	static pthread_t first;
	pthread_t thread;

	first = pthread_self();
	pthread_create(&thread, NULL, ends_all, &first);
	syscall(SYS_exit, 7);
}

static void *ends_itself(void *arg)
{
	done = use_ring();
	syscall(SYS_exit, 7);
	return NULL;
}

static void other_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, ends_itself, NULL);
	pthread_join(thread, NULL);
	printf("done: %d, works: %d\n", done, use_ring());
}

#if defined(__x86_64__)
/* Made without libc, so nobody has seen it start. */
static void unseen_thread(void)
{
	uintptr_t *top = (uintptr_t *)(stack + sizeof(stack) - 64);
	long ret;

	__asm__ volatile(
		"xor %%edx, %%edx\n\txor %%r10d, %%r10d\n\txor %%r8d, %%r8d\n\tsyscall\n\t"
		"test %%eax, %%eax\n\tjnz 1f\n\txor %%ebp, %%ebp\n\tcall *%3\n\t"
		"1:"
		: "=a"(ret) : "a"(SYS_clone), "D"((long)THREAD), "b"(leaves), "S"(top)
		: "rcx", "r11", "rdx", "r10", "r8", "memory");
	printf("made: %d\n", ret > 0);
	await_done();
	printf("done: %d, works: %d\n", done, use_ring());
}
#endif

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "thread-exits", thread_exits },
	{ "thread-works", thread_works },
	{ "thread-without-storage", thread_without_storage },
	{ "process-beside", process_beside },
	{ "process-returns", process_returns },
	{ "forks-by-number", forks_by_number },
	{ "last-thread", last_thread },
	{ "first-thread", first_thread },
	{ "other-thread", other_thread },
#if defined(__x86_64__)
	{ "unseen-thread", unseen_thread },
#endif
};

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	file = open("file", O_RDWR | O_CREAT, 0600);
	if (pipe(pipes) || write(file, "abcdefghijklmnop", 16) != 16)
		return 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pid_t pid = fork();

		if (pid == 0) {
			alarm(300);
			printf("%s: works: %d\n", cases[i].name, use_ring());
			cases[i].run();
			fflush(stdout);
			_exit(4);
		}
		printf("%s ended with %d\n", cases[i].name, wait_for(pid));
	}
	return 0;
}
