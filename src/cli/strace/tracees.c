/* SPDX-License-Identifier: MIT */
/* Follows the processes of a run under strace, and where the preload library lies in them. */
#include "config.h"

#include "cli/strace/tracees.h"

#include "cli/cli.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Reads the first string of text, with the escapes that strace writes. Returns false if none. */
static bool read_string(const char *text, char *to, size_t size)
{
	size_t n = 0;

	text = strchr(text, '"');
	if (!text)
		return false;
	for (text++; *text && *text != '"' && n + 1 < size; n++) {
		unsigned code;
		int digits = 0;

		if (*text == '\\' && sscanf(text + 1, "%3o%n", &code, &digits) == 1) {
			to[n] = (char)code;
			text += 1 + digits;
			continue;
		}
		text += *text == '\\' && text[1];
		to[n] = *text++;
	}
	to[n] = '\0';
	return true;
}

static void begin_open(const struct tracees *tracees, struct tracee *thread, const char *arguments)
{
	char path[PATH_MAX];

	thread->call.opens_library = tracees->library && !thread->process->library_end &&
		read_string(arguments, path, sizeof(path)) && !strcmp(path, tracees->library);
}

static void end_open(struct tracees *tracees, struct tracee *thread, long long result)
{
	if (!thread->call.opens_library || result < 0)
		return;
	thread->process->loading = (long)result;
	thread->call.origin = ORIGIN_LIBRARY;
}

static void end_close(struct tracees *tracees, struct tracee *thread, long long result)
{
	if (thread->process->loading == (int)thread->call.arguments[0])
		thread->process->loading = -1;
}

/* The dynamic linker's first mapping of a library has its whole size. */
static void end_mmap(struct tracees *tracees, struct tracee *thread, long long result)
{
	struct tracee_process *process = thread->process;

	if (process->loading < 0 || process->library_end || result == -1 ||
	    process->loading != (int)thread->call.arguments[4])
		return;
	process->library_start = (uint64_t)result;
	process->library_end = (uint64_t)result + thread->call.arguments[1];
}

static bool is_in_library(const struct tracee_process *process, uint64_t address)
{
	return address >= process->library_start && address < process->library_end;
}

/* The dynamic linker's, after relocation. */
static void begin_mprotect(const struct tracees *tracees, struct tracee *thread,
			   const char *arguments)
{
	if (is_in_library(thread->process, thread->call.arguments[0]))
		thread->call.origin = ORIGIN_LIBRARY;
}

static void begin_exec(const struct tracees *tracees, struct tracee *thread, const char *arguments)
{
	struct tracee_process *process = thread->process;
	char path[PATH_MAX];
	const char *slash;

	if (!read_string(arguments, path, sizeof(path)))
		return;
	slash = strrchr(path, '/');
	snprintf(process->next_program, sizeof(process->next_program), "%.*s",
		 (int)sizeof(process->next_program) - 1, slash ? slash + 1 : path);
}

static void end_exec(struct tracees *tracees, struct tracee *thread, long long result)
{
	struct tracee_process *process = thread->process;

	if (result)
		return;
	memcpy(process->program, process->next_program, sizeof(process->program));
	process->library_start = process->library_end = 0;
	process->loading = -1;
}

static void begin_fork(const struct tracees *tracees, struct tracee *thread, const char *arguments)
{
	thread->call.makes_process = true;
	thread->call.makes_thread = strstr(arguments, "CLONE_THREAD");
}

static struct tracee_process *add_process(struct tracees *tracees,
					  const struct tracee_process *parent, pid_t pid)
{
	struct tracee_process *process = grow(NULL, 1, sizeof(*process));

	*process = parent ? *parent : (struct tracee_process){ .program = "?" };
	process->pid = pid;
	process->loading = -1;
	memset(process->calls, 0, sizeof(process->calls));
	tracees->processes = grow(tracees->processes, tracees->process_count + 1,
				  sizeof(struct tracee_process *));
	tracees->processes[tracees->process_count++] = process;
	return process;
}

static struct tracee *add_thread(struct tracees *tracees, pid_t tid)
{
	struct tracee *thread = grow(NULL, 1, sizeof(*thread));

	*thread = (struct tracee){ .tid = tid };
	tracees->threads = grow(tracees->threads, tracees->thread_count + 1,
				sizeof(struct tracee *));
	tracees->threads[tracees->thread_count++] = thread;
	return thread;
}

/* The child, of which nothing or only a guess was known, is that of parent's call. */
static struct tracee *adopt(struct tracees *tracees, struct tracee *parent, pid_t tid)
{
	struct tracee *child = tracees_find(tracees, tid);

	if (!child)
		child = add_thread(tracees, tid);
	child->process = parent->call.makes_thread ? parent->process :
						     add_process(tracees, parent->process, tid);
	parent->call.child = tid;
	return child;
}

static void end_fork(struct tracees *tracees, struct tracee *thread, long long result)
{
	if (result > 0 && thread->call.child != result)
		adopt(tracees, thread, (pid_t)result);
}

/* The calls that say something of processes and of the library. */
static const struct followed {
	const char *name;
	void (*begin)(const struct tracees *tracees, struct tracee *thread, const char *arguments);
	void (*end)(struct tracees *tracees, struct tracee *thread, long long result);
} followed[] = {
	{ "open", begin_open, end_open },   { "openat", begin_open, end_open },
	{ "close", NULL, end_close },	    { "mmap", NULL, end_mmap },
	{ "mmap2", NULL, end_mmap },	    { "mprotect", begin_mprotect, NULL },
	{ "execve", begin_exec, end_exec }, { "execveat", begin_exec, end_exec },
	{ "clone", begin_fork, end_fork },  { "clone3", begin_fork, end_fork },
	{ "fork", begin_fork, end_fork },   { "vfork", begin_fork, end_fork },
};

static const struct followed *followed_named(const char *name)
{
	for (size_t i = 0; i < sizeof(followed) / sizeof(*followed); i++)
		if (!strcmp(followed[i].name, name))
			return &followed[i];
	return NULL;
}

/* From the end: the newest threads make most calls. */
struct tracee *tracees_find(const struct tracees *tracees, pid_t tid)
{
	for (size_t i = tracees->thread_count; i-- > 0;)
		if (tracees->threads[i]->tid == tid)
			return tracees->threads[i];
	return NULL;
}

/* A child's first call can come before the end of the call that made it. */
struct tracee *tracees_get(struct tracees *tracees, pid_t tid)
{
	struct tracee *thread = tracees_find(tracees, tid), *parent = NULL;

	if (thread)
		return thread;
	for (size_t i = 0; i < tracees->thread_count; i++) {
		struct tracee *other = tracees->threads[i];

		if (other->call.makes_process && !other->call.child &&
		    (!parent || other->call.order > parent->call.order))
			parent = other;
	}
	if (parent)
		return adopt(tracees, parent, tid);
	thread = add_thread(tracees, tid);
	thread->process = add_process(tracees, NULL, tid);
	return thread;
}

static void read_arguments(struct tracee_call *call, const char *arguments)
{
	for (int i = 0; i < CALL_ARGUMENTS && arguments; i++) {
		call->arguments[i] = strtoull(arguments, NULL, 0);
		arguments = strchr(arguments, ',');
		arguments += arguments ? 1 : 0;
	}
}

void tracee_begin_call(struct tracees *tracees, struct tracee *thread, const char *name,
		       const char *arguments, uint64_t address)
{
	const struct followed *what = followed_named(name);
	struct tracee_process *process = thread->process;
	bool own = process->loading >= 0 || is_in_library(process, address);

	thread->call = (struct tracee_call){
		.origin = own ? ORIGIN_LIBRARY : ORIGIN_PROGRAM,
		.order = tracees->order++,
	};
	snprintf(thread->call.name, sizeof(thread->call.name), "%s", name);
	if (!what)
		return;
	read_arguments(&thread->call, arguments);
	if (what->begin)
		what->begin(tracees, thread, arguments);
}

enum origin tracee_end_call(struct tracees *tracees, struct tracee *thread, const char *result)
{
	const struct followed *what = followed_named(thread->call.name);
	enum origin origin;

	if (what && what->end)
		what->end(tracees, thread,
			  strchr("-?", *result) ? -1 : (long long)strtoull(result, NULL, 0));
	origin = thread->call.origin;
	thread->process->calls[origin]++;
	thread->call = (struct tracee_call){ 0 };
	return origin;
}

static void remove_thread(struct tracees *tracees, size_t index)
{
	free(tracees->threads[index]);
	tracees->threads[index] = tracees->threads[--tracees->thread_count];
}

void tracee_end(struct tracees *tracees, struct tracee *thread)
{
	const struct tracee_process *process = thread->process;
	bool all = !strcmp(thread->call.name, "exit_group");

	for (size_t i = tracees->thread_count; i-- > 0;)
		if (tracees->threads[i] == thread ||
		    (all && tracees->threads[i]->process == process))
			remove_thread(tracees, i);
}

void tracees_supersede(struct tracees *tracees, pid_t tid, pid_t caller)
{
	struct tracee *thread = tracees_find(tracees, caller);

	for (size_t i = tracees->thread_count; i-- > 0 && thread;)
		if (tracees->threads[i]->tid == tid && tracees->threads[i] != thread)
			remove_thread(tracees, i);
	if (thread)
		thread->tid = tid;
}

static int by_pid(const void *left, const void *right)
{
	const struct tracee_process *a = *(struct tracee_process *const *)left;
	const struct tracee_process *b = *(struct tracee_process *const *)right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

void tracees_sort(struct tracees *tracees)
{
	size_t kept = 0;

	for (size_t i = 0; i < tracees->process_count; i++) {
		struct tracee_process *process = tracees->processes[i];

		if (process->calls[ORIGIN_PROGRAM] + process->calls[ORIGIN_LIBRARY])
			tracees->processes[kept++] = process;
		else
			free(process);
	}
	tracees->process_count = kept;
	if (kept)
		qsort(tracees->processes, kept, sizeof(struct tracee_process *), by_pid);
}
