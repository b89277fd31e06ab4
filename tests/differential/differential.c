/* SPDX-License-Identifier: MIT */
/*
 * The driver: for each kind of descriptor a child runs the cases and reports lines. A child that
 * hangs or dies is killed and named, and another one continues after the failing case.
 */
#include "differential.h"

#include <fnmatch.h>
#include <ftw.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../lib/each-thread.h"
#include "run.h"

enum { TIMEOUTS_PER_KIND = 3, OWN_FDS = 30 };

static struct options {
	const char *kind, *call, *arg_case;
	bool list, threads, brief;
	int timeout_s;
} opt = { "*", "*", "*", false, false, false, 60 };	/* a busy disk can be slow */

static bool selected(const char *glob, const char *name)
{
	return fnmatch(glob, name, FNM_EXTMATCH) == 0;
}

/* The selected cases of the current kind. */
static struct pair {
	const struct call *call;
	const struct arg_case *arg_case;
} *pairs;
static unsigned int pairs_len;

static void collect_pairs(const struct kind *k)
{
	if (!pairs)
		pairs = calloc(calls_len * arg_cases_len, sizeof(*pairs));
	if (!pairs)
		abort();
	pairs_len = 0;
	for (unsigned int c = 0; c < calls_len; c++) {
		if (!selected(opt.call, calls[c].name))
			continue;
		for (unsigned int a = 0; a < arg_cases_len; a++)
			if (case_applies(k, &calls[c], &arg_cases[a], opt.brief) &&
			    selected(opt.arg_case, arg_cases[a].name))
				pairs[pairs_len++] = (struct pair){ &calls[c], &arg_cases[a] };
	}
}

static char out[1 << 16];
static size_t out_len;

static void flush_out(void)
{
	for (size_t done = 0; done < out_len;) {
		long n = raw_write(STDOUT_FILENO, out + done, out_len - done);

		if (n < 0 && n != -EINTR)
			_exit(1);
		done += n > 0 ? n : 0;
	}
	out_len = 0;
}

static void say(const char *text, size_t len)
{
	if (out_len + len > sizeof(out))
		flush_out();
	memcpy(out + out_len, text, len);
	out_len += len;
}

static void say_case(const struct kind *k, const struct call *c, const struct arg_case *ac, const char *what)
{
	char line[600];
	int n = snprintf(line, sizeof(line), "%s %s %s = %s\n", k->name, c->name, ac->name, what);

	say(line, n);
}

static void child(const struct kind *k, unsigned int first, int report)
{
	raw6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
	run_init(k, opt.threads);
	for (unsigned int n = first; n < pairs_len; n++) {
		const struct run *run = run_case(k, pairs[n].call, pairs[n].arg_case);
		char line[1600];
		int len;

		if (run->unmade && n == 0)
			len = snprintf(line, sizeof(line), "kind %s: unavailable (%s)\n", k->name, run->reason);
		else
			len = snprintf(line, sizeof(line), "%s\n", run->line);
		raw_write(report, line, len);
		if (run->unmade && n == 0)
			break;
	}
	_exit(0);
}

/* Waits in steps, so that a machine that was suspended for a while loses only one of them. */
static bool wait_for_line(int from)
{
	for (int i = 0; i < opt.timeout_s; i++)
		if (raw_poll(from, POLLIN, 1000))
			return true;
	return false;
}

/* The outcome of a child; UNAVAILABLE: the kind cannot be made here. */
enum outcome { ENDED, TIMED_OUT, UNAVAILABLE };

static enum outcome relay(int from, unsigned int *lines)
{
	static char buf[1 << 16];
	size_t have = 0;

	for (;;) {
		char *start = buf, *newline;
		long n;

		if (!wait_for_line(from))
			return TIMED_OUT;
		n = raw_read(from, buf + have, sizeof(buf) - have);
		if (n <= 0)
			return ENDED;
		have += n;
		while ((newline = memchr(start, '\n', buf + have - start))) {
			bool unavailable = !strncmp(start, "kind ", 5);

			say(start, newline + 1 - start);
			(*lines)++;
			start = newline + 1;
			if (unavailable)
				return UNAVAILABLE;
		}
		have -= start - buf;
		memmove(buf, start, have);
	}
}

static void read_proc(const char *dir, const char *what, char *text, size_t size)
{
	char path[340];
	long fd, n = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, what);
	fd = raw_open(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd >= 0)
		n = raw_read(fd, text, size - 1);
	raw_close(fd);
	text[n > 0 ? n : 0] = '\0';
}

static char threads_told[256];	/* threads of the child that timed out */

/* Describes a thread: its state, and the kernel function in which it waits. */
static void tell_thread(const char *dir, const char *id, void *to)
{
	char stat[512], wchan[64], *paren, **p = to;

	read_proc(dir, "stat", stat, sizeof(stat));
	read_proc(dir, "wchan", wchan, sizeof(wchan));
	paren = strrchr(stat, ')');
	put(p, threads_told + sizeof(threads_told), " %c:%s", paren ? paren[2] : '?', wchan);
}

static enum outcome run_from(const struct kind *k, unsigned int *n, int *status)
{
	enum outcome outcome;
	int ends[2];
	pid_t pid;

	if (raw3(SYS_pipe2, (long)ends, O_CLOEXEC, 0) < 0)
		_exit(1);
	for (int i = 0; i < 2; i++) {
		int low = ends[i];

		ends[i] = raw_fcntl(low, F_DUPFD_CLOEXEC, OWN_FDS);
		raw_close(low);
	}
	pid = fork();
	if (pid == 0) {
		raw_close(ends[0]);
		child(k, *n, ends[1]);
	}
	raw_close(ends[1]);
	outcome = relay(ends[0], n);
	if (outcome == TIMED_OUT)
		each_thread(pid, tell_thread, &(char *){ threads_told });
	if (outcome != ENDED)
		kill(pid, SIGKILL);
	raw_close(ends[0]);
	waitpid(pid, status, 0);
	return outcome;
}

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	stopped = 1;
}

static void run_kind(const struct kind *k)
{
	unsigned int n = 0, timeouts = 0;
	char what[300];

	while (n < pairs_len) {
		int status = 0;
		enum outcome outcome = UNAVAILABLE;

		if (timeouts < TIMEOUTS_PER_KIND) {
			outcome = run_from(k, &n, &status);
			if (outcome == UNAVAILABLE || n >= pairs_len || stopped)
				return;
		}
		if (outcome == UNAVAILABLE)
			snprintf(what, sizeof(what), "SKIPPED (%d timeouts before)", TIMEOUTS_PER_KIND);
		else if (outcome == TIMED_OUT)
			snprintf(what, sizeof(what), "TIMEOUT%s", threads_told);
		else if (WIFSIGNALED(status))
			snprintf(what, sizeof(what), "CRASH (signal %d)", WTERMSIG(status));
		else
			snprintf(what, sizeof(what), "CRASH (exit status %d)", WEXITSTATUS(status));
		timeouts += outcome == TIMED_OUT;
		say_case(k, pairs[n].call, pairs[n].arg_case, what);
		n++;
	}
}

static void list_kind(const struct kind *k)
{
	char line[600];

	for (unsigned int n = 0; n < pairs_len; n++)
		say(line, snprintf(line, sizeof(line), "%s %s %s\n", k->name, pairs[n].call->name,
				   pairs[n].arg_case->name));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	remove(path);
	return 0;
}

static char *own_directory(const char *in)
{
	char *path = malloc(strlen(in) + 32);

	if (!path)
		abort();
	sprintf(path, "%s/differential-XXXXXX", in);
	if (!mkdtemp(path))
		sprintf(path, "%s/differential-cannot-be-made", in);
	return path;
}

static const char usage[] =
	"usage: differential [--list] [--brief] [--threads] [--kind GLOB] [--call GLOB]\n"
	"                    [--case GLOB] [--disk DIR] [--shm DIR] [--timeout SECONDS]\n"
	"Makes every call with every argument on every kind of descriptor; prints a line for each\n"
	"outcome. --brief: only the plainest arguments; --threads: each case in a thread of its own.\n";

static void parse_options(int argc, char **argv, const char **disk, const char **shm)
{
	static const struct option longs[] = {
		{ "list", no_argument, NULL, 'l' },
		{ "threads", no_argument, NULL, 't' },
		{ "brief", no_argument, NULL, 'b' },
		{ "kind", required_argument, NULL, 'k' },
		{ "call", required_argument, NULL, 'c' },
		{ "case", required_argument, NULL, 'a' },
		{ "disk", required_argument, NULL, 'd' },
		{ "shm", required_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 'T' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'l': opt.list = true; break;
		case 't': opt.threads = true; break;
		case 'b': opt.brief = true; break;
		case 'k': opt.kind = optarg; break;
		case 'c': opt.call = optarg; break;
		case 'a': opt.arg_case = optarg; break;
		case 'd': *disk = optarg; break;
		case 's': *shm = optarg; break;
		case 'T': opt.timeout_s = atoi(optarg); break;
		case 'h': fputs(usage, stdout); exit(0);
		default: fputs(usage, stderr); exit(2);
		}
	}
	if (optind != argc || opt.timeout_s < 1) {
		fputs(usage, stderr);
		exit(2);
	}
}

static void own_descriptors(void)
{
	int fd;

	do {	/* makes sure that 0, 1 and 2 are open */
		fd = raw_open("/dev/null", O_RDWR | O_CLOEXEC, 0);
	} while (fd >= 0 && fd < 3);
	spare_fd = raw_fcntl(fd, F_DUPFD_CLOEXEC, OWN_FDS);
	raw_close(fd);
	if (spare_fd < 0) {
		fprintf(stderr, "differential: /dev/null: %s\n", strerror(-spare_fd));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR");
	const char *disk = tmp && *tmp ? tmp : "/tmp", *shm = "/dev/shm";
	unsigned int matched = 0;

	parse_options(argc, argv, &disk, &shm);
	own_descriptors();
	if (access("/proc/self/stat", R_OK) < 0) {
		fputs("differential: /proc has to be mounted: it tells which calls wait\n", stderr);
		return 1;
	}
	memory_init();
	kinds_collect();
	if (!opt.list) {
		disk_dir = own_directory(disk);
		shm_dir = own_directory(shm);
	}
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = stop }, NULL);
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = stop }, NULL);
	for (unsigned int i = 0; i < kinds_count() && !stopped; i++) {
		if (!selected(opt.kind, kinds_get(i)->name))
			continue;
		matched++;
		collect_pairs(kinds_get(i));
		if (opt.list)
			list_kind(kinds_get(i));
		else
			run_kind(kinds_get(i));
		flush_out();
	}
	if (!opt.list) {
		nftw(disk_dir, remove_one, 4, FTW_DEPTH | FTW_PHYS);
		nftw(shm_dir, remove_one, 4, FTW_DEPTH | FTW_PHYS);
	}
	if (stopped) {
		fprintf(stderr, "differential: stopped by a signal, not complete\n");
		return 1;
	}
	if (!matched) {
		fprintf(stderr, "differential: no kind matches '%s' (--list names them)\n", opt.kind);
		return 2;
	}
	return 0;
}
