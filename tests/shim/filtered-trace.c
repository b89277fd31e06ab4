/* SPDX-License-Identifier: MIT */
/*
 * A tracer that records every system call between two marks, including those of children created
 * meanwhile, until these execute another program.
 */
#include <dirent.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "filtered.h"
#include "uring/sys.h"

enum { TASKS = 32, CALLS = 400 };

/* A process or thread. The first ones existed before the mark. */
struct task {
	pid_t id;
	bool early, over;
	size_t count;
	short calls[CALLS];
};

static struct task tasks[TASKS];
static size_t task_count, alive;
static bool marked;

/* Bypasses the library, which the tracer runs under too. */
static long trace(long request, pid_t pid, long address, void *data)
{
	return sys_call6(SYS_ptrace, request, pid, address, (long)data, 0, 0);
}

static struct task *find(pid_t id)
{
	for (size_t i = 0; i < task_count; i++)
		if (tasks[i].id == id)
			return &tasks[i];
	if (task_count == TASKS)
		exit(5);
	alive++;
	tasks[task_count] = (struct task){ .id = id };
	return &tasks[task_count++];
}

static void seize(pid_t id)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

	if (trace(PTRACE_SEIZE, id, 0, (void *)options) || trace(PTRACE_INTERRUPT, id, 0, NULL))
		exit(5);
	find(id)->early = true;
}

static bool is_worker(const char *path, const char *task)
{
	char name[400], comm[8] = "";
	FILE *file;

	snprintf(name, sizeof(name), "%s/%s/comm", path, task);
	file = fopen(name, "r");
	if (file && !fgets(comm, sizeof(comm), file))
		comm[0] = '\0';
	if (file)
		fclose(file);
	return comm[0] == 'i' && comm[1] == 'o' && comm[2] == 'u';
}

static void seize_threads(pid_t pid)
{
	char path[64];
	struct dirent *entry;
	DIR *dir;

	seize(pid);
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != pid && !is_worker(path, entry->d_name))
			seize(atoi(entry->d_name));
	if (dir)
		closedir(dir);
}

/* Returns true in the thread that waits to be told to end; a signal of libc's can interrupt it. */
static bool is_waiting(const struct task *task, long nr)
{
	return task->early && task != tasks && (nr == SYS_ppoll || nr == SYS_rt_sigreturn);
}

/* Returns true for calls that the kernel can restart after a signal. */
static bool is_restartable(long nr)
{
	return nr == SYS_wait4 || nr == SYS_read || nr == SYS_clone;
}

/*
 * Returns true for calls that depend on chance: mkstemp's names, calls resumed after a signal, and how
 * libc waits for threads.
 */
static bool is_chance(const struct task *task, long nr)
{
	bool threads = task_count > 1;

	if (nr == SYS_getrandom || nr == SYS_restart_syscall || (nr == SYS_futex && threads) || is_waiting(task, nr))
		return true;
	return is_restartable(nr) && task->count && task->calls[task->count - 1] == nr;
}

static void note(struct task *task)
{
	struct ptrace_syscall_info info;

	if (trace(PTRACE_GET_SYSCALL_INFO, task->id, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	if (info.entry.nr == SYS_symlinkat && (int)info.entry.args[1] == FILTERED_BEGIN)
		marked = true;
	else if (info.entry.nr == SYS_symlinkat && (int)info.entry.args[1] == FILTERED_END)
		/* The parent in daemon() has still to exit when its child comes here. */
		marked = marked && !task->early;
	else if ((marked || !task->early) && !task->over && task->count < CALLS &&
		 !is_chance(task, (long)info.entry.nr))
		task->calls[task->count++] = (short)info.entry.nr;
}

static pid_t new_one(pid_t id)
{
	unsigned long made = 0;

	trace(PTRACE_GETEVENTMSG, id, 0, &made);
	return (pid_t)made;
}

/* Handles one stop and lets the task continue. */
static void go_on(pid_t id, int status)
{
	struct task *task = find(id);
	int sig = WSTOPSIG(status), event = status >> 16;

	/* Adds a child before its first stop, so that its stop is waited for. */
	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE)
		find(new_one(id));
	if (event == PTRACE_EVENT_EXEC) {
		task->over = true;
		alive--;
		trace(PTRACE_DETACH, id, 0, NULL);
		return;
	}
	if (sig == (SIGTRAP | 0x80))
		note(task);
	if (event || sig == (SIGTRAP | 0x80))
		sig = 0;
	trace(PTRACE_SYSCALL, id, 0, (void *)(long)sig);
}

static void print(const char *name)
{
	for (size_t i = 0; i < task_count; i++) {
		if (i && !tasks[i].count)
			continue;
		printf("%s%s:", name, i ? " (another)" : "");
		for (size_t k = 0; k < tasks[i].count; k++)
			printf(" %d", tasks[i].calls[k]);
		printf("\n");
	}
}

int filtered_trace(const char *name, pid_t pid, int go)
{
	int status = 0, last = 0;
	long id;

	task_count = alive = 0;
	marked = false;
	seize_threads(pid);
	if (write(go, "g", 1) != 1)
		exit(5);
	while (alive) {
		id = sys_call6(SYS_wait4, -1, (long)&status, __WALL, 0, 0, 0);
		if (id < 0)
			break;
		if (WIFSTOPPED(status)) {
			go_on((pid_t)id, status);
			continue;
		}
		if (id == pid)
			last = status;
		if (!find((pid_t)id)->over)
			alive--;
		find((pid_t)id)->over = true;
	}
	/* A process that executes another program is no longer traced. */
	sys_call6(SYS_wait4, pid, (long)&last, __WALL, 0, 0, 0);
	print(name);
	return last;
}
