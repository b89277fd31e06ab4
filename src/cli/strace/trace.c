/* SPDX-License-Identifier: MIT */
/* Counts the system calls of a run from the lines that strace writes. */
#include "config.h"

#include "cli/strace/trace.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

void trace_open(struct trace *trace, struct counts *counts, int which, const char *library)
{
	*trace = (struct trace){
		.counts = counts,
		.which = which,
		.tracees.library = library,
	};
	/* Only our end is non-blocking: strace opens the other one anew. */
	if (pipe2(trace->pipe, O_CLOEXEC) || fcntl(trace->pipe[0], F_SETFL, O_NONBLOCK))
		die("cannot make a pipe: %m");
}

/* Returns the start of the result, which stands behind the last "=", or NULL. */
static const char *result_in(const char *line)
{
	const char *found = NULL;

	for (const char *at = line; (at = strstr(at, " = ")); at += 3)
		found = at + 3;
	return found;
}

/* Ends the call if the line has its end. Calls that do not return count as none, as with -c. */
static void end_call(struct trace *trace, struct tracee *thread, const char *line)
{
	const char *result = result_in(line);
	char name[sizeof(thread->call.name)];

	if (!result)
		return;
	if (!strcmp(result, "?")) {
		tracee_end(&trace->tracees, thread);
		return;
	}
	memcpy(name, thread->call.name, sizeof(name));
	counts_add(trace->counts, name, trace->which,
		   tracee_end_call(&trace->tracees, thread, result) == ORIGIN_LIBRARY);
	trace->calls++;
}

static void read_beginning(struct trace *trace, pid_t tid, uint64_t address, char *line)
{
	static const char unfinished[] = " <unfinished ...>";
	char *parenthesis = strchr(line, '(');
	size_t length = strlen(line), tail = strlen(unfinished);
	struct tracee *thread;

	if (!parenthesis ||
	    strspn(line,
		   "abcdefghijklmnopqrstuvwxyz"
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != (size_t)(parenthesis - line))
		return;
	*parenthesis = '\0';
	thread = tracees_get(&trace->tracees, tid);
	tracee_begin_call(&trace->tracees, thread, line, parenthesis + 1, address);
	if (length < tail || strcmp(line + length - tail, unfinished))
		end_call(trace, thread, parenthesis + 1);
}

/* Reads a line "<... NAME resumed>REST". */
static void read_end(struct trace *trace, pid_t tid, const char *line)
{
	struct tracee *thread = tracees_find(&trace->tracees, tid);

	if (thread && !strncmp(line, "<... ", 5))
		end_call(trace, thread, line);
}

/* Reads a line "TID [ADDRESS] CALL". Signals and ends have other lines, which are left out. */
static void read_line(struct trace *trace, char *line)
{
	uint64_t address = 0;
	int caller;
	pid_t tid = (pid_t)strtol(line, &line, 10);

	line += strspn(line, " ");
	if (tid <= 0)
		return;
	if (*line == '[') {
		address = strtoull(line + 1, NULL, 16);
		line += strcspn(line, "]");
		line += *line == ']';
		line += strspn(line, " ");
	}
	if (*line == '<')
		read_end(trace, tid, line);
	else if (sscanf(line, "+++ superseded by execve in pid %d", &caller) == 1)
		tracees_supersede(&trace->tracees, tid, (pid_t)caller);
	else
		read_beginning(trace, tid, address, line);
}

static void read_lines(struct trace *trace)
{
	char *from = trace->line, *end = trace->line + trace->length, *newline;

	while ((newline = memchr(from, '\n', (size_t)(end - from)))) {
		*newline = '\0';
		read_line(trace, from);
		from = newline + 1;
	}
	trace->length = (size_t)(end - from);
	memmove(trace->line, from, trace->length);
}

struct pollfd trace_poll(const struct trace *trace)
{
	return (struct pollfd){ .fd = trace->pipe[0], .events = POLLIN };
}

/* Returns false if there is nothing to read. */
static bool read_chunk(struct trace *trace)
{
	ssize_t n;

	if (trace->size < trace->length + CHUNK) {
		trace->size = trace->length + CHUNK;
		trace->line = grow(trace->line, trace->size, 1);
	}
	do
		n = read(trace->pipe[0], trace->line + trace->length, CHUNK);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	trace->length += (size_t)n;
	read_lines(trace);
	return true;
}

void trace_move(struct trace *trace)
{
	read_chunk(trace);
}

void trace_close(struct trace *trace)
{
	while (read_chunk(trace))
		;
	close(trace->pipe[0]);
	close(trace->pipe[1]);
	free(trace->line);
	trace->line = NULL;
	tracees_sort(&trace->tracees);
}
