/* SPDX-License-Identifier: MIT */
/* Tries system calls to see which of them a seccomp filter refuses. */
#include "config.h"

#include "cli/doctor/filter.h"

#include "cli/doctor/surroundings.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* clang-format off */

/*
 * Each with the errors that the kernel itself gives for these arguments, to every user. The
 * numbers after 424 are the same on all architectures.
 */
static const struct {
	const char *name;
	long number;
	long args[6];
	int native[2];
} calls[TRIED_COUNT] = {
	[TRIED_SETUP] = { "io_uring_setup", 425, { 0 }, { EFAULT, EINVAL } },
	[TRIED_ENTER] = { "io_uring_enter", 426, { -1 }, { EBADF } },
	[TRIED_REGISTER] = { "io_uring_register", 427, { -1 }, { EBADF, EINVAL } },
	[TRIED_IO_SETUP] = { "io_setup", SYS_io_setup, { 0 }, { EFAULT, EINVAL } },
	[TRIED_ADD_KEY] = { "add_key", SYS_add_key, { 0 }, { EFAULT } },
	[TRIED_KEYCTL] = { "keyctl", SYS_keyctl, { 1000 }, { EOPNOTSUPP } },
	[TRIED_MOVE_PAGES] = { "move_pages", SYS_move_pages, { 0, 0, 0, 0, 0, 0x80 }, { EINVAL } },
	[TRIED_VMSPLICE] = { "vmsplice", SYS_vmsplice, { -1, 0, 0, ~0u }, { EINVAL, EBADF } },
	[TRIED_CLONE3] = { "clone3", 435, { 0 }, { EINVAL } },
	[TRIED_UNKNOWN] = { "a system call of a number that no kernel has", 1023, { 0 }, { ENOSYS } },
};

/* clang-format on */

static enum answer answer_of(enum tried tried, int error)
{
	if (error == calls[tried].native[0] || (error && error == calls[tried].native[1]))
		return ANSWER_ALLOWED;
	return error == EPERM ? ANSWER_EPERM : error == ENOSYS ? ANSWER_ENOSYS : ANSWER_OTHER;
}

/* In the child: a call that kills leaves its own answer behind. */
static void try_from(enum answer *answers, int first, int count)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	alarm(5);
	for (int i = first; i < count; i++) {
		const long *a = calls[i].args;
		long ret;

		answers[i] = ANSWER_KILLED;
		ret = syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
		answers[i] = answer_of((enum tried)i, ret < 0 ? errno : 0);
	}
	_exit(0);
}

static void try_calls(struct filter_facts *filter, int count)
{
	enum answer *answers = mmap(NULL, sizeof(filter->answers), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (answers == MAP_FAILED)
		return;
	for (int first = 0; first < count;) {
		pid_t child = fork();
		int status = 0;

		if (!child)
			try_from(answers, first, count);
		if (child < 0 || waitpid(child, &status, 0) < 0)
			break;
		while (first < count && answers[first] != ANSWER_NOT_TRIED)
			first++;
		if (WIFEXITED(status))
			break;
		/* A supervisor of the filter that does not answer is no kill. */
		if (first && WTERMSIG(status) == SIGALRM)
			answers[first - 1] = ANSWER_OTHER;
	}
	memcpy(filter->answers, answers, sizeof(filter->answers));
	munmap(answers, sizeof(filter->answers));
}

void filter_examine(struct filter_facts *filter)
{
	filter->mode = (int)process_number("self", "Seccomp:");
	filter->filters = (int)process_number("self", "Seccomp_filters:");
	filter->permanent = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	filter->unit = service_of_systemd();
	filter->marks = surroundings_marks();
	/* Without a filter only the kernel answers. What it says of io_uring matters all the same. */
	try_calls(filter, filter->mode ? TRIED_COUNT : TRIED_REGISTER + 1);
}

bool filter_refuses_ring(const struct filter_facts *filter)
{
	/* The sysctl forbids io_uring_setup only. */
	const enum answer refusals = ANSWER_EPERM | ANSWER_ENOSYS | ANSWER_OTHER | ANSWER_KILLED;

	if (filter->mode <= 0)
		return false;
	return (filter->answers[TRIED_ENTER] | filter->answers[TRIED_REGISTER]) & refusals ||
		filter->answers[TRIED_SETUP] & (refusals & ~ANSWER_EPERM);
}

const char *filter_answer_name(enum answer answer)
{
	switch (answer) {
	case ANSWER_NOT_TRIED:
		return "not tried";
	case ANSWER_ALLOWED:
		return "allowed";
	case ANSWER_EPERM:
		return "EPERM";
	case ANSWER_ENOSYS:
		return "ENOSYS";
	case ANSWER_KILLED:
		return "SIGSYS";
	default:
		return "another error";
	}
}

void filter_json(struct json *json, const struct filter_facts *filter, const char *looks_like)
{
	json_object(json, "seccomp");
	json_number(json, "mode", filter->mode);
	json_number(json, "filters", filter->filters);
	json_bool(json, "no_new_privs", filter->permanent);
	json_string(json, "looks_like", looks_like);
	json_string(json, "unit", filter->unit);
	json_object(json, "answers");
	for (int i = 0; i < TRIED_COUNT; i++)
		if (filter->answers[i] != ANSWER_NOT_TRIED)
			json_string(json, i == TRIED_UNKNOWN ? "unknown" : calls[i].name,
				    filter_answer_name(filter->answers[i]));
	json_close_object(json);
	json_close_object(json);
}
