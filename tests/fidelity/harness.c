/* SPDX-License-Identifier: MIT */
/*
 * The frame of the fidelity programs: runs each case in a process, with a watchdog, and prints
 * reports.
 */
#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/memfd.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../lib/each-thread.h"

#define SCRATCH (64 * 1024)
#define USUAL_SECONDS 60
#define HANGS_ENOUGH 12	/* limit of hangs; with more of them the run would take hours */

struct area {
	char scratch[SCRATCH];
	atomic_uint len;
	char text[16 * 1024];
};

static struct area *area;
void *fid_shm;
int fid_slow = 1;

void fid_say(const char *fmt, ...)
{
	char piece[1024];
	va_list ap;
	int len;
	unsigned at;

	va_start(ap, fmt);
	len = vsnprintf(piece, sizeof(piece) - 2, fmt, ap);
	va_end(ap);
	if (len > (int)sizeof(piece) - 3)
		len = sizeof(piece) - 3;
	piece[len++] = ';';
	piece[len++] = ' ';
	at = atomic_fetch_add(&area->len, len);
	if (at + len <= sizeof(area->text))
		memcpy(area->text + at, piece, len);
}

const char *fid_errname(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "E?";
}

const char *fid_result(long result)
{
	static _Thread_local char text[4][32];
	static _Thread_local unsigned turn;
	char *t = text[turn++ % 4];

	if (result < 0 && result > -4096)
		return fid_errname(-result);
	snprintf(t, sizeof(text[0]), "%ld", result);
	return t;
}

void fid_die(const char *what)
{
	fid_say("FAILED: %s: %s", what, fid_errname(errno));
	fid_sys1(SYS_exit_group, 99);
	__builtin_unreachable();
}

pid_t fid_gettid(void)
{
	return fid_sys0(SYS_gettid);
}

long fid_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

void fid_sleep_us(long us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	fid_sys2(SYS_nanosleep, &ts, NULL);
}

void fid_until(atomic_int *word, int value)
{
	while (atomic_load(word) < value)
		fid_sleep_us(200);
}

void fid_fill(void *buf, size_t len, uint64_t place)
{
	unsigned char *p = buf;

	for (size_t i = 0; i < len; i++)
		p[i] = fid_byte(place + i);
}

bool fid_matches(const void *buf, size_t len, uint64_t place)
{
	const unsigned char *p = buf;

	for (size_t i = 0; i < len; i++)
		if (p[i] != fid_byte(place + i))
			return false;
	return true;
}

static long slurp(const char *path, char *buf, size_t size)
{
	long fd = fid_sys4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	long len;

	if (fd < 0)
		return fd;
	len = fid_sys3(SYS_read, fd, buf, size - 1);
	fid_sys1(SYS_close, fd);
	buf[len > 0 ? len : 0] = '\0';
	return len;
}

/* Returns the thread's state letter and how often it has slept; 0 when it has exited. */
static char thread_state(pid_t pid, pid_t tid, long *switches)
{
	char path[64], text[4096], *p;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", pid, tid);
	if (slurp(path, text, sizeof(text)) <= 0)
		return 0;
	p = strstr(text, "\nvoluntary_ctxt_switches:");
	*switches = p ? atol(p + 25) : 0;
	p = strstr(text, "\nState:\t");
	return p ? p[8] : 0;
}

bool fid_asleep(pid_t pid, pid_t tid, atomic_int *over)
{
	long last = -1, now = 0;
	int same = 0;
	char state;

	while (same < 5) {
		if (over && atomic_load(over))
			return false;
		state = thread_state(pid, tid, &now);
		if (!state || state == 'Z' || state == 'X')
			return false;
		same = state == 'S' && now == last ? same + 1 : 0;
		last = now;
		fid_sleep_us(500);
	}
	return true;
}

bool fid_state(pid_t pid, pid_t tid, char letter)
{
	long switches;
	char state;

	while ((state = thread_state(pid, tid, &switches)) != letter) {
		if (!state)
			return false;
		fid_sleep_us(200);
	}
	return true;
}

pid_t fid_fork(void)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		fid_die("fork");
	if (pid)
		return pid;
	fid_sys2(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
	if (fid_sys0(SYS_getppid) != parent)
		fid_sys1(SYS_exit_group, 98);
	return 0;
}

int fid_reap(pid_t pid)
{
	int status = 0;
	long ret;

	do {
		ret = fid_sys4(SYS_wait4, pid, &status, 0, 0);
	} while (ret == -EINTR);
	if (ret < 0)
		return ret;
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The frame: one process per case; results are printed in the table's order. */

struct job {
	pid_t pid;
	long deadline;
	struct area *area;
	char dir[128];
	bool started, done;
};

static void job_start(struct job *job, const char *self, const struct fid_case *c)
{
	char number[16], *argv[] = { (char *)self, (char *)"--run", (char *)c->name, number, NULL };
	const char *tmp = getenv("TMPDIR");
	int fd;

	/* Closes everything else, because cases look at the lowest free number. */
	fid_sys3(SYS_close_range, 3, ~0U, 0);
	fd = fid_sys2(SYS_memfd_create, "fid", 0);
	if (fd < 0 || ftruncate(fd, sizeof(struct area)))
		abort();
	job->area = mmap(NULL, sizeof(struct area), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (job->area == MAP_FAILED)
		abort();
	snprintf(number, sizeof(number), "%d", fd);
	snprintf(job->dir, sizeof(job->dir), "%s/fid.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(job->dir) || chmod(job->dir, 0755)) {
		perror(job->dir);
		exit(1);
	}
	job->deadline = fid_now_ms() + (c->seconds ? c->seconds : USUAL_SECONDS) * 1000L * fid_slow;
	job->started = true;
	job->pid = fork();
	if (job->pid < 0) {
		perror("fork");
		exit(1);
	}
	if (job->pid == 0) {
		int null = fid_sys4(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);

		fid_sys0(SYS_setsid);
		fid_sys2(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
		fid_sys3(SYS_dup3, null, 0, 0);
		fid_sys3(SYS_dup3, 2, 1, 0);
		fid_sys1(SYS_close, null);
		fid_sys1(SYS_chdir, job->dir);
		fid_sys3(SYS_execve, "/proc/self/exe", argv, environ);
		fid_sys1(SYS_exit_group, 97);
	}
	fid_sys1(SYS_close, fd);
}

static void tell_where(const char *dir, const char *id, void *name)
{
	char path[340], text[256], where[64];

	snprintf(path, sizeof(path), "%s/syscall", dir);
	if (slurp(path, text, sizeof(text)) <= 0)
		strcpy(text, "?\n");
	snprintf(path, sizeof(path), "%s/wchan", dir);
	if (slurp(path, where, sizeof(where)) < 0)
		where[0] = '\0';
	fprintf(stderr, "# %s: thread %s: %s: system call %s", (const char *)name, id, where, text);
}

static void remove_tree(const char *path)
{
	char sub[512];
	struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", path, entry->d_name);
		if (unlink(sub) && errno == EISDIR)
			remove_tree(sub);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static void put(const char *text, size_t len)
{
	while (len > 0) {
		long n = fid_sys3(SYS_write, 1, text, len);

		if (n <= 0)
			exit(1);
		text += n;
		len -= n;
	}
}

static void job_report(struct job *job, const struct fid_case *c, const char *end)
{
	unsigned len = atomic_load(&job->area->len);
	char head[256];
	int n;

	if (len > sizeof(job->area->text))
		len = sizeof(job->area->text);
	if (!*end && len >= 2)
		len -= 2;	/* the last piece's separator */
	n = snprintf(head, sizeof(head), "%s: ", c->name);
	put(head, n);
	put(job->area->text, len);
	put(end, strlen(end));
	put("\n", 1);
}

/* Returns true when the case is over. Kills whatever it left running. */
static bool job_over(struct job *job, const struct fid_case *c, char *end, size_t size)
{
	int status = 0;
	long ret = fid_sys4(SYS_wait4, job->pid, &status, WNOHANG, 0);

	end[0] = '\0';
	if (ret == 0 && fid_now_ms() < job->deadline)
		return false;
	if (ret == 0) {
		each_thread(job->pid, tell_where, (void *)c->name);
		snprintf(end, size, "TIMEOUT");
		fid_sys2(SYS_kill, job->pid, SIGKILL);
		fid_sys4(SYS_wait4, job->pid, &status, 0, 0);
	} else if (WIFSIGNALED(status)) {
		snprintf(end, size, "ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
	} else if (WEXITSTATUS(status)) {
		snprintf(end, size, "exit %d", WEXITSTATUS(status));
	}
	fid_sys2(SYS_kill, -job->pid, SIGKILL);
	return true;
}

/* Orphans of the cases are reparented to us; kills them. */
static void end_orphans(void)
{
	char path[64], text[4096], *p, *next;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", getpid(), getpid());
	while (slurp(path, text, sizeof(text)) > 0) {
		for (p = text; ; p = next) {
			long pid = strtol(p, &next, 10);

			if (next == p)
				break;
			fid_sys2(SYS_kill, pid, SIGKILL);
			fid_sys4(SYS_wait4, pid, NULL, 0, 0);
		}
	}
}

static void skip(struct job *job, char **end)
{
	job->area = mmap(NULL, sizeof(struct area), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (job->area == MAP_FAILED)
		abort();
	job->done = true;
	*end = strdup("NOT RUN: too many cases hang");
}

static int run_jobs(const char *self, const struct fid_case *cases, const bool *chosen,
		    size_t count, int limit)
{
	struct job *jobs = calloc(count, sizeof(*jobs));
	char **ends = calloc(count, sizeof(*ends));
	size_t next = 0, shown = 0;
	int running = 0, hangs = 0;
	char end[64];

	fid_sys2(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1);
	while (shown < count) {
		for (; next < count && running < limit; next++) {
			if (!chosen[next])
				continue;
			if (hangs >= HANGS_ENOUGH) {
				skip(&jobs[next], &ends[next]);
				continue;
			}
			job_start(&jobs[next], self, &cases[next]);
			running++;
		}
		for (size_t i = shown; i < next; i++) {
			if (!jobs[i].started || jobs[i].done)
				continue;
			if (!job_over(&jobs[i], &cases[i], end, sizeof(end)))
				continue;
			jobs[i].done = true;
			ends[i] = strdup(end);
			hangs += !strcmp(end, "TIMEOUT");
			running--;
		}
		for (; shown < next && (!chosen[shown] || jobs[shown].done); shown++) {
			if (!chosen[shown])
				continue;
			job_report(&jobs[shown], &cases[shown], ends[shown]);
			munmap(jobs[shown].area, sizeof(struct area));
			if (jobs[shown].started)
				remove_tree(jobs[shown].dir);
		}
		if (running)
			fid_sleep_us(500);
	}
	end_orphans();
	free(jobs);
	free(ends);
	return 0;
}

static int run_one(const struct fid_case *cases, size_t count, const char *name, int fd)
{
	area = mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (area == MAP_FAILED)
		return 96;
	fid_sys1(SYS_close, fd);
	fid_shm = area->scratch;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(cases[i].name, name))
			continue;
		cases[i].run(cases[i].arg);
		return 0;
	}
	return 95;
}

static bool matches_any(char **patterns, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!fnmatch(patterns[i], name, 0))
			return true;
	return false;
}

static int usage(const char *self)
{
	fprintf(stderr, "usage: %s [-l] [-r] [-t] [-j JOBS] [PATTERN...]\n"
		"  -l  list the cases  -r  only those that use a ring under the shim\n"
		"  -t  leave out those that attach a tracer\n"
		"  FID_SLOW=N multiplies the time that a case may take\n", self);
	return 2;
}

int fid_main(int argc, char **argv, const struct fid_case *cases, size_t count)
{
	unsigned need = 0, refuse = 0;
	bool list = false, *chosen;
	int opt, limit = 1, ret = 0, any = 0;
	const char *slow = getenv("FID_SLOW");

	if (slow && atoi(slow) > 0)
		fid_slow = atoi(slow);
	if (argc == 4 && !strcmp(argv[1], "--run"))
		return run_one(cases, count, argv[2], atoi(argv[3]));
	while ((opt = getopt(argc, argv, "lrtj:")) != -1) {
		switch (opt) {
		case 'l': list = true; break;
		case 'r': need |= FID_RING; break;
		case 't': refuse |= FID_TRACER; break;
		case 'j': limit = atoi(optarg); break;
		default: return usage(argv[0]);
		}
	}
	if (limit < 1)
		return usage(argv[0]);
	if (geteuid())
		refuse |= FID_ROOT;
	chosen = calloc(count, sizeof(*chosen));
	for (size_t i = 0; i < count; i++) {
		chosen[i] = (cases[i].flags & need) == need && !(cases[i].flags & refuse) &&
			(optind == argc || matches_any(argv + optind, argc - optind, cases[i].name));
		any |= chosen[i];
		if (chosen[i] && list)
			puts(cases[i].name);
	}
	if (!any) {
		fprintf(stderr, "%s: no case has that name; -l lists them\n", argv[0]);
		return 2;
	}
	if (!list)
		ret = run_jobs(argv[0], cases, chosen, count, limit);
	free(chosen);
	return ret;
}
