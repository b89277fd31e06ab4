/* SPDX-License-Identifier: MIT */
/* Runs CMD once: starts it, relays its input, output and signals, and waits for its processes. */
#include "config.h"

#include "cli/measure/measure.h"

#include "cli/measure/children.h"
#include "cli/cli.h"
#include "cli/output/progress.h"
#include "cli/measure/signals.h"
#include "shim/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const int passed_on[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };

/* The state in which ringshim was started; CMD gets the same signal mask. Set once. */
static struct {
	sigset_t mask;
	struct children children;
	int signals; /* the signalfd */
} start;

struct run {
	const struct launch *launch;
	struct outcome *outcome;
	pid_t pid;
	bool ended;    /* CMD has ended; processes that it left behind can still run */
	int64_t begin; /* ns */
};

/*
 * Makes the tracer, and daemons that CMD leaves behind, children of this process, so that it can
 * wait for their end. Notes the children that exist before (of a shell that became ringshim by
 * exec), to leave them alone.
 */
void measure_prepare(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++) {
		struct sigaction action;

		/* A signal that is ignored, as under nohup(1), stays ignored. */
		if (!sigaction(passed_on[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&set, passed_on[i]);
	}
	start.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	sigaddset(&set, SIGPIPE); /* sent to us if CMD does not read all its input */
	if (start.signals < 0 || sigprocmask(SIG_BLOCK, &set, &start.mask) ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		die("cannot prepare to wait for processes: %m");
	children_list(&start.children);
}

static void become(const struct launch *launch, const int wanted[3], int failure)
{
	int spare[3], error;

	/* Copy all three above 2 first, so that no dup2 overwrites one that is still needed. */
	for (int i = 0; i < 3; i++)
		spare[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < 3; i++)
		if (spare[i] >= 0)
			dup2(spare[i], i);
	sigprocmask(SIG_SETMASK, &start.mask, NULL);
	execve(launch->path, launch->argv, launch->environment);
	error = errno;
	if (write(failure, &error, sizeof(error)) < 0)
		_exit(EXIT_TROUBLE);
	_exit(EXIT_CANNOT_RUN);
}

/* Opens CMD's standard input, output and error. */
static void open_ends(const struct launch *launch, int ends[3])
{
	ends[0] = input_begin(launch->input);
	for (int i = 0; i < 2; i++)
		ends[1 + i] = launch->captures ? capture_begin(&launch->captures[i]) : 1 + i;
}

static void close_ends(const int ends[3])
{
	for (int i = 0; i < 3; i++)
		if (ends[i] > STDERR_FILENO) /* not our own descriptors */
			close(ends[i]);
}

static void stop_relays(const struct launch *launch)
{
	input_end(launch->input);
	for (int i = 0; launch->captures && i < 2; i++)
		capture_end(&launch->captures[i]);
}

static int launch_child(struct run *run)
{
	const struct launch *launch = run->launch;
	int failure[2], ends[3], error = 0;

	open_ends(launch, ends);
	if (pipe2(failure, O_CLOEXEC))
		die("cannot make a pipe: %m");
	run->begin = monotonic_now();
	run->pid = fork();
	if (run->pid < 0)
		die("cannot start a process: %m");
	if (!run->pid)
		become(launch, ends, failure[1]);
	close_ends(ends);
	close(failure[1]);
	if (read(failure[0], &error, sizeof(error)) < 0)
		error = errno;
	close(failure[0]);
	if (!error)
		return 0;
	waitpid(run->pid, NULL, 0);
	stop_relays(launch);
	say("cannot run %s: %s", launch->path, strerror(error));
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

/*
 * Returns true if CMD left processes behind: children that this process did not have at the start.
 * Sends them signal unless it is 0.
 */
static bool left_behind(int signal)
{
	struct children list;
	bool any = false;

	children_list(&list);
	for (size_t i = 0; i < list.count; i++) {
		if (children_has(&start.children, list.pids[i]))
			continue;
		any = true;
		if (signal)
			kill(list.pids[i], signal);
	}
	children_free(&list);
	return any;
}

static void pass_on(struct run *run, const struct signalfd_siginfo *info)
{
	char *name;

	/* The terminal sends its signals to CMD as well. */
	if (info->ssi_code == SI_KERNEL)
		return;
	name = signal_name(info->ssi_signo);
	say("%s: %s passed on to CMD", run->launch->label, name);
	free(name);
	if (run->ended)
		left_behind(info->ssi_signo);
	else
		kill(run->pid, info->ssi_signo);
}

/* Reaps children. Returns true once CMD and all processes that it left behind have ended. */
static bool reap(struct run *run)
{
	struct rusage usage;
	pid_t pid;
	int status;

	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		if (pid != run->pid)
			continue;
		run->ended = true;
		run->outcome->status = status;
		amounts_take(&run->outcome->amounts, (double)(monotonic_now() - run->begin) / 1e9,
			     &usage);
	}
	return run->ended && (pid < 0 || !left_behind(0));
}

/* Handles the pending signals. Returns the result of reap() after a SIGCHLD, else false. */
static bool take_signals(struct run *run)
{
	struct signalfd_siginfo info;
	bool done = false;

	while (read(start.signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			done = reap(run);
		else
			pass_on(run, &info);
	}
	return done;
}

/* The places of what relay() waits for. */
enum {
	POLL_SIGNALS,
	POLL_TRACE,
	POLL_INPUT,
	POLL_OUTPUT = POLL_INPUT + INPUT_POLLS,
	POLLS = POLL_OUTPUT + 2,
};

static const struct pollfd no_poll = { .fd = -1 };

/* Waits for an event and moves CMD's input and output. Returns true if a signal is pending. */
static bool relay(const struct launch *launch)
{
	struct pollfd polls[POLLS];

	polls[POLL_SIGNALS] = (struct pollfd){ .fd = start.signals, .events = POLLIN };
	polls[POLL_TRACE] = launch->trace ? trace_poll(launch->trace) : no_poll;
	input_polls(launch->input, polls + POLL_INPUT);
	for (int i = 0; i < 2; i++)
		polls[POLL_OUTPUT + i] = launch->captures ? capture_poll(&launch->captures[i]) :
							    no_poll;
	if (poll(polls, POLLS, progress_timeout()) < 0)
		return false;
	progress_show();
	input_move(launch->input, polls + POLL_INPUT);
	for (int i = 0; i < 2; i++)
		if (polls[POLL_OUTPUT + i].revents)
			capture_move(&launch->captures[i]);
	if (polls[POLL_TRACE].revents)
		trace_move(launch->trace);
	return polls[POLL_SIGNALS].revents;
}

int measure(const struct launch *launch, struct outcome *outcome)
{
	struct run run = { .launch = launch, .outcome = outcome };
	int status;

	progress_next_run(launch->label);
	status = launch_child(&run);
	if (status)
		return status;
	while (!relay(launch) || !take_signals(&run))
		;
	stop_relays(launch);
	return 0;
}
