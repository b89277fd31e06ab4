/* SPDX-License-Identifier: MIT */
/*
 * The processes of a run under strace, as the traced calls show them: who made whom, which program
 * each executes, and where the preload library lies in it. From that follows who made a call: the
 * program, or the library, whose own system calls are instructions in its own text. The calls with
 * which the dynamic linker loads the library count as the library's.
 */
#ifndef RINGSHIM_CLI_STRACE_TRACEES_H
#define RINGSHIM_CLI_STRACE_TRACEES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum origin { ORIGIN_PROGRAM, ORIGIN_LIBRARY, ORIGINS };

struct tracee_process {
	pid_t pid;
	char program[32];
	char next_program[32]; /* of an execve that has not returned */
	uint64_t library_start, library_end;
	long loading; /* the descriptor through which the library is loaded; -1: none */
	unsigned long long calls[ORIGINS];
};

enum { CALL_ARGUMENTS = 5 };

/* A call between its beginning and its end. */
struct tracee_call {
	char name[48]; /* empty: in no call */
	enum origin origin;
	uint64_t arguments[CALL_ARGUMENTS]; /* the first ones, as far as they are numbers */
	bool opens_library;
	bool makes_thread;
	bool makes_process;
	pid_t child;	     /* that was seen before the call that made it returned */
	unsigned long order; /* later calls have higher numbers */
};

struct tracee {
	pid_t tid;
	struct tracee_process *process;
	struct tracee_call call;
};

struct tracees {
	const char *library; /* the path; NULL: the run has none */
	struct tracee_process **processes;
	size_t process_count;
	struct tracee **threads; /* those that run */
	size_t thread_count;
	unsigned long order;
};

/* Returns the thread, or NULL if it was not seen before. */
struct tracee *tracees_find(const struct tracees *tracees, pid_t tid);

/* Returns the thread. If it is new, finds out which process it belongs to. */
struct tracee *tracees_get(struct tracees *tracees, pid_t tid);

/*
 * Call at the beginning of each call, and at its end. arguments: text after the parenthesis.
 * address: of the instruction. result: text after "=". Ending returns who made the call.
 */
void tracee_begin_call(struct tracees *tracees, struct tracee *thread, const char *name,
		       const char *arguments, uint64_t address);
enum origin tracee_end_call(struct tracees *tracees, struct tracee *thread, const char *result);

/* Call instead if the call does not return. */
void tracee_end(struct tracees *tracees, struct tracee *thread);

/* The thread caller executes a program, and becomes the first thread of its process, tid. */
void tracees_supersede(struct tracees *tracees, pid_t tid, pid_t caller);

/* Sorts the processes by pid, without those that made no call. */
void tracees_sort(struct tracees *tracees);

#endif
