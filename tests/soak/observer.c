/* SPDX-License-Identifier: MIT */
/* What processes hold: descriptors, mappings, memory, locked memory, threads. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include "tests/soak/soak.h"

struct held {
	long descriptors, mappings, memory_kib, locked_kib, threads;
};

static long count_entries(const char *directory)
{
	DIR *dir = opendir(directory);
	long count = -2;

	if (!dir)
		fail("%s: %m", directory);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static long count_lines(const char *name)
{
	FILE *file = fopen(name, "r");
	long count = 0;
	int c;

	if (!file)
		fail("%s: %m", name);
	while ((c = getc(file)) != EOF)
		count += c == '\n';
	fclose(file);
	return count;
}

static struct held look_at(pid_t pid)
{
	char name[64], line[256];
	struct held held = { 0 };
	FILE *status;

	snprintf(name, sizeof(name), "/proc/%d/fd", pid);
	held.descriptors = count_entries(name);
	snprintf(name, sizeof(name), "/proc/%d/maps", pid);
	held.mappings = count_lines(name);
	snprintf(name, sizeof(name), "/proc/%d/status", pid);
	status = fopen(name, "r");
	if (!status)
		fail("%s: %m", name);
	while (fgets(line, sizeof(line), status)) {
		sscanf(line, "VmRSS: %ld", &held.memory_kib);
		sscanf(line, "VmLck: %ld", &held.locked_kib);
		sscanf(line, "Threads: %ld", &held.threads);
	}
	fclose(status);
	return held;
}

static void keep_most(struct held *most, struct held now)
{
	long *to = (long *)most, *from = (long *)&now;

	for (size_t i = 0; i < sizeof(now) / sizeof(long); i++)
		to[i] = from[i] > to[i] ? from[i] : to[i];
}

/* What a burst of connections takes more than the first third of the time had at once. */
static const struct held slack = { 8, 32, 2048, 64, 4 };

static int has_grown(const char *who, const struct held *before, const struct held *after)
{
	static const char *const names[] = { "descriptors", "mappings", "KiB of memory",
					     "KiB locked", "threads" };
	const long *old = (const long *)before, *new = (const long *)after;
	int grown = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		printf("# %s: %ld %s, at first %ld\n", who, new[i], names[i], old[i]);
		if (new[i] > old[i] + ((const long *)&slack)[i]) {
			printf("%s: %s grow from %ld to %ld\n", who, names[i], old[i], new[i]);
			grown = 1;
		}
	}
	return grown;
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int is_running(pid_t pid)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) && !info.si_pid;
}

int observe(pid_t server, pid_t clients, double seconds)
{
	struct held first[2] = { 0 }, then[2] = { 0 };
	double began = now_s();
	int grown;

	while (now_s() - began < seconds) {
		struct held *most = now_s() - began < seconds / 3 ? first : then;

		nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
		if (!is_running(server) || !is_running(clients))
			fail("a process has ended");
		keep_most(&most[0], look_at(server));
		keep_most(&most[1], look_at(clients));
	}
	grown = has_grown("server", &first[0], &then[0]);
	return has_grown("clients", &first[1], &then[1]) || grown;
}
