/* SPDX-License-Identifier: MIT */
/* Runs one case: makes the descriptor, makes the call, and observes the result. */
#include "differential.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "run.h"

/* Shared with the children that make calls on inherited descriptors. */
static struct scene {
	struct object object;
	struct run run;
	char *p;
	atomic_bool watched;
} *scene;

static bool in_threads;

static bool waits(const struct kind *k)
{
	return k->wake_in || k->wake_out;
}

void run_init(const struct kind *k, bool threads)
{
	in_threads = threads;
	scene = mmap(NULL, sizeof(*scene), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (scene == MAP_FAILED)
		abort();
	helper_init();
	signals_init();
	if (!waits(k))
		return;
	helper_start();
	if (!threads && !(k->flags & K_FORK))
		helper_watch(getpid(), raw_gettid());
}

static void call_and_observe(void)
{
	static struct args args;
	struct run *run = &scene->run;
	struct object *o = &scene->object;
	const struct call *c = run->call;
	act_fn *wake = c->dir == DIR_IN ? run->kind->wake_in : run->kind->wake_out;
	char *end = run->line + sizeof(run->line);
	int fl, lowest, err;
	long ret;

	memset(&args, 0, sizeof(args));
	if (args_prepare(&args, o, c, run->arg_case) < 0) {
		put(&scene->p, end, " = unmade (no address space for gigabytes)");
		return;
	}
	fl = raw_fcntl(o->fd, F_GETFL, 0);
	lowest = lowest_free_fd();
	signals_arm(run->arg_case);
	/* shutdown never waits, but a busy machine can be slow. */
	if (c->shape != SH_SHUT)
		helper_arm(o, wake, run->arg_case->marks & C_BULK);
	errno = ENOTBLK;
	ret = c->run(&args);
	err = errno;
	if (c->shape != SH_SHUT && helper_disarm())
		snprintf(o->note, sizeof(o->note), "waited");
	observe(o, &args, c, run->arg_case, ret, err, lowest, fl, &scene->p, end);
	args_release(&args);
}

/* A child makes the call; afterwards the parent looks at its own file position. */
static void call_in_child(void)
{
	struct object *o = &scene->object;
	char *end = scene->run.line + sizeof(scene->run.line);
	int status = 0;
	long pos;
	pid_t pid;

	atomic_store(&scene->watched, false);
	pid = fork();
	if (pid == 0) {
		raw6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
		while (!atomic_load(&scene->watched))
			raw3(SYS_sched_yield, 0, 0, 0);
		call_and_observe();
		_exit(0);
	}
	if (pid < 0) {
		put(&scene->p, end, " = unmade (fork: %s)", errno_name(errno));
		return;
	}
	if (waits(scene->run.kind))
		helper_watch(pid, pid);
	atomic_store(&scene->watched, true);
	waitpid(pid, &status, 0);
	if (waits(scene->run.kind))
		helper_unwatch();
	if (WIFSIGNALED(status))
		put(&scene->p, end, " = CRASH (signal %d)", WTERMSIG(status));
	pos = raw_lseek(o->fd, 0, SEEK_CUR);
	if (pos >= 0)
		put(&scene->p, end, " parent-pos=%ld", pos);
}

static void *run_here(void *unused)
{
	struct run *run = &scene->run;
	struct object *o = &scene->object;
	const struct kind *k = run->kind;
	char *end = run->line + sizeof(run->line);
	int lowest, after;

	if (in_threads && waits(k) && !(k->flags & K_FORK))
		helper_watch(getpid(), raw_gettid());
	lowest = lowest_free_fd();
	object_init(o, k);
	scene->p = run->line;
	put(&scene->p, end, "%s %s %s", k->name, run->call->name, run->arg_case->name);
	if (k->make(o, k) < 0) {
		put(&scene->p, end, " = unmade (%s)", o->reason);
		run->unmade = true;
	} else if (k->flags & K_FORK) {
		call_in_child();
	} else {
		call_and_observe();
	}
	snprintf(run->reason, sizeof(run->reason), "%s", o->reason);
	object_close(o);
	after = lowest_free_fd();
	if (after != lowest)
		put(&scene->p, end, " descriptors-left=%d", after - lowest);
	if (in_threads && waits(k) && !(k->flags & K_FORK))
		helper_unwatch();
	return NULL;
}

const struct run *run_case(const struct kind *k, const struct call *c, const struct arg_case *ac)
{
	pthread_t thread;

	memset(&scene->run, 0, sizeof(scene->run));
	scene->run.kind = k;
	scene->run.call = c;
	scene->run.arg_case = ac;
	if (!in_threads)
		run_here(NULL);
	else if (pthread_create(&thread, NULL, run_here, NULL) == 0)
		pthread_join(thread, NULL);
	else
		abort();
	return &scene->run;
}
