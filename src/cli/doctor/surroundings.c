/* SPDX-License-Identifier: MIT */
/* Looks for signs of containers and services. */
#include "config.h"

#include "cli/doctor/surroundings.h"

#include "cli/cli.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

long process_number(const char *process, const char *key)
{
	char *path = text("/proc/%s/status", process);
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	long number = -1;

	free(path);
	if (!file)
		return -1;
	while (number < 0 && getline(&line, &size, file) > 0)
		if (!strncmp(line, key, strlen(key)))
			number = strtol(line + strlen(key), NULL, 10);
	free(line);
	fclose(file);
	return number;
}

bool has_capability(int capability)
{
	FILE *file = fopen("/proc/self/status", "re");
	unsigned long long effective = 0;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return !geteuid();
	while (getline(&line, &size, file) > 0)
		if (sscanf(line, "CapEff: %llx", &effective) == 1)
			break;
	free(line);
	fclose(file);
	return effective >> capability & 1;
}

char *read_line(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return NULL;
	if (getline(&line, &size, file) < 0) {
		free(line);
		line = NULL;
	}
	fclose(file);
	if (line)
		line[strcspn(line, "\n")] = '\0';
	return line;
}

/* Returns the unit of a line of /proc/self/cgroup, if it is a service. */
static char *service_in(const char *line)
{
	static const char suffix[] = ".service";
	const char *name = strrchr(line, '/');
	size_t length;

	if (!name++)
		return NULL;
	length = strcspn(name, "\n");
	if (length < sizeof(suffix) ||
	    strncmp(name + length - strlen(suffix), suffix, strlen(suffix)))
		return NULL;
	return text("%.*s", (int)length, name);
}

char *service_of_systemd(void)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char *line = NULL, *unit = NULL;
	size_t size = 0;

	if (!file)
		return NULL;
	while (!unit && getline(&line, &size, file) > 0)
		unit = service_in(line);
	free(line);
	fclose(file);
	return unit;
}

static const struct {
	const char *file;     /* that is there, or NULL */
	const char *variable; /* that is set, or NULL */
} marks[] = {
	{ "/.dockerenv", NULL },    { "/run/.containerenv", NULL },
	{ "/.flatpak-info", NULL }, { NULL, "KUBERNETES_SERVICE_HOST" },
	{ NULL, "SNAP" },	    { NULL, "container" },
};

char *surroundings_marks(void)
{
	char *sentence = text("%s", "");

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		const char *name = marks[i].file ? marks[i].file : marks[i].variable;
		char *more;

		if (marks[i].file ? access(name, F_OK) != 0 : !getenv(name))
			continue;
		more = text("%s%s%s", sentence, *sentence ? ", " : "Signs of a container: ", name);
		free(sentence);
		sentence = more;
	}
	if (*sentence) {
		char *whole = text("%s.", sentence);

		free(sentence);
		sentence = whole;
	}
	return sentence;
}

/* Returns the parent of a process, or 0. */
static long parent_of(long pid)
{
	char *name = text("%ld", pid);
	long parent = process_number(name, "PPid:");

	free(name);
	return parent < 0 ? 0 : parent;
}

static bool has_filter(long pid)
{
	char *name = text("%ld", pid);
	bool has = process_number(name, "Seccomp:") == 2;

	free(name);
	return has;
}

char *filter_origin(void)
{
	long pid = getpid(), parent = parent_of(pid);
	char *path, *name, *sentence;

	/* The bound is for a /proc that changes while it is read. */
	for (int i = 0; i < 1000 && parent && has_filter(parent); i++) {
		pid = parent;
		parent = parent_of(pid);
	}
	if (pid == getpid() || !parent)
		return text("%s", "");
	path = text("/proc/%ld/comm", pid);
	name = read_line(path);
	sentence = text(
		"The first process above this one that has the filter is %ld (%s); its parent, "
		"%ld, has none.",
		pid, name ? name : "?", parent);
	free(path);
	free(name);
	return sentence;
}
