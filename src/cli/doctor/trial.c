/* SPDX-License-Identifier: MIT */
/* Runs a program under the shim. */
#include "config.h"

#include "cli/doctor/trial.h"

#include "cli/cli.h"
#include "cli/statistics/row.h"
#include "cli/temp.h"
#include "shim/config/settings-read.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child. The statistics go to a file by a name that leaves nothing behind. */
static void run(const struct preload *p, int output, int errors, int stats)
{
	struct preload own = { .library = p->library };
	const struct rlimit none = { 0, 0 };
	char *argv[] = { text("ringshim"), text("--version"), NULL };
	char *file = text("/proc/%d/fd/%d", (int)getppid(), stats);

	for (size_t i = 0; i < SETTING_COUNT; i++)
		unsetenv(setting_specs[i].variable);
	preload_environments(&own);
	variables_set(&own.shimmed, "RINGSHIM_CONFIG", "");
	variables_set(&own.shimmed, "RINGSHIM_STATS", file);
	if (dup2(output, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
		_exit(EXIT_TROUBLE);
	setrlimit(RLIMIT_CORE, &none);
	alarm(20);
	execve("/proc/self/exe", argv, variables_environment(&own.shimmed));
	_exit(EXIT_TROUBLE);
}

static FILE *rewound(int fd)
{
	lseek(fd, 0, SEEK_SET);
	return fdopen(fd, "r");
}

static void read_stats(struct trial *trial, int fd)
{
	FILE *file = rewound(fd);
	struct row row;

	while (file && row_read(file, &row)) {
		bool direct = !strcmp(row.what, "direct"), ring = !strcmp(row.what, "ring");

		trial->preloaded = true;
		if (strcmp(row.subject, "write") || !(direct || ring))
			continue;
		trial->stdio = true;
		trial->ring = trial->ring || ring;
		if (direct && !trial->reason)
			trial->reason = text("%s", row.why);
	}
	if (file)
		fclose(file);
}

static void read_message(struct trial *trial, int fd)
{
	FILE *file = rewound(fd);
	char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && !trial->message)
			trial->message = text("%s", line);
	}
	free(line);
	if (file)
		fclose(file);
}

/* Returns true if this process can open as many descriptors as the trial needs. */
static bool has_descriptors(void)
{
	int descriptors[8], count = 0;

	while (count < 8 && (descriptors[count] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
		count++;
	for (int i = 0; i < count; i++)
		close(descriptors[i]);
	return count == 8;
}

void trial_run(struct trial *trial, const struct preload *p)
{
	int errors, stats, output[2], status = 0;
	pid_t child;

	trial->tried = has_descriptors();
	if (!trial->tried)
		return;
	errors = temp_file();
	stats = temp_file();
	/* A file would have its position shared with this process, which makes the write go direct. */
	if (pipe2(output, O_CLOEXEC))
		die("cannot make a pipe: %m");
	fflush(stdout);
	child = fork();
	if (!child)
		run(p, output[1], errors, stats);
	if (child > 0 && waitpid(child, &status, 0) == child)
		trial->ran = WIFEXITED(status) && !WEXITSTATUS(status);
	read_stats(trial, stats);
	read_message(trial, errors);
	close(output[0]);
	close(output[1]);
}

/* Returns false, and reports, if the program did not run with the shim in it. */
static bool has_run(struct report *report, const struct trial *trial)
{
	if (!trial->tried) {
		report_add(report, SECTION_SHIM, LEVEL_NOTE,
			   text("Not tried: too few descriptors are left (ulimit -n)."));
		return false;
	}
	if (!trial->ran) {
		report_add(report, SECTION_SHIM, LEVEL_NO,
			   text("A small program does not run under the shim. It said: %s",
				trial->message ? trial->message : "(nothing)"));
		report_advise(report,
			      text("Look at the other libraries above. A sanitizer's runtime must "
				   "come first in LD_PRELOAD, which takes doing it by hand:"));
		report_command(report, text("LD_PRELOAD=RUNTIME:libringshim.so CMD"));
		return false;
	}
	if (!trial->preloaded) {
		report_add(
			report, SECTION_SHIM, LEVEL_NO,
			text("The shim was not loaded into a small program, or could not write its "
			     "statistics.%s%s",
			     trial->message ? " The program said: " : "",
			     trial->message ? trial->message : ""));
		return false;
	}
	return true;
}

void trial_report(struct report *report, const struct trial *trial, bool ring_is_possible)
{
	if (!has_run(report, trial))
		return;
	if (trial->ring)
		report_add(
			report, SECTION_SHIM, LEVEL_OK,
			text("A program under the shim wrote a line, and the write took the ring."));
	else if (ring_is_possible)
		report_add(
			report, SECTION_SHIM, LEVEL_PART,
			text("A program under the shim wrote a line, and the write went direct (%s; "
			     "ringshim(7) explains the reasons).",
			     trial->reason ? trial->reason : "no reason is known"));
	else
		report_add(
			report, SECTION_SHIM, LEVEL_NOTE,
			text("A program under the shim runs as usual. Without a ring all its calls go "
			     "direct."));
	if (trial->stdio)
		report_add(
			report, SECTION_SHIM, LEVEL_OK,
			text("stdio streams go through the shim: it found the functions of this libc "
			     "that read, write and seek."));
	else
		report_add(
			report, SECTION_SHIM, LEVEL_PART,
			text("stdio streams stay native: the shim did not find the functions of this "
			     "libc that read, write and seek. Calls of the program itself are not "
			     "affected."));
}

void trial_json(struct json *json, const struct trial *trial)
{
	if (!trial->tried) {
		json_null(json, "shim");
		return;
	}
	json_object(json, "shim");
	json_bool(json, "runs", trial->ran);
	json_bool(json, "loaded", trial->preloaded);
	json_bool(json, "ring", trial->ring);
	json_bool(json, "stdio", trial->stdio);
	json_string(json, "reason", trial->reason);
	json_string(json, "message", trial->message);
	json_close_object(json);
}
