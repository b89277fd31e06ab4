/* SPDX-License-Identifier: MIT */
/* Finds out how much of a program the shim can reach. */
#include "config.h"

#include "cli/doctor/reach.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Libraries whose system calls the shim takes the place of, or that make none of a program's own. */
static bool is_of_libc(const char *path)
{
	static const char *const names[] = {
		"libc.so.",  "ld-linux",      "ld-musl",    "libpthread.so.",
		"librt.so.", "libresolv.so.", "libanl.so.",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(base(path), names[i], strlen(names[i])))
			return true;
	return false;
}

static void hear_code(void *arg, const unsigned char *code, size_t size)
{
	instructions_count(arg, code, size);
}

static void count_in(struct reach *reach, const char *path)
{
	struct instructions count = { 0 };
	int fd = is_of_libc(path) ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	elf_each_code(fd, hear_code, &count);
	close(fd);
	if (!count.all)
		return;
	reach->files = grow(reach->files, reach->files_count + 1, sizeof(*reach->files));
	reach->files[reach->files_count++] = (struct inline_calls){ .path = text("%s", path),
								    .count = count };
}

/* Adds the file of a line "name => /path (address)" or "path (address)". */
static void add_loaded(struct reach *reach, char *line, size_t *count)
{
	static const char arrow[] = " => /";
	char *found = strstr(line, arrow);
	char *path = found ? found + strlen(arrow) - 1 : line + strspn(line, " \t");

	/* The kernel's own library has a name only. */
	if (!strchr(path, '/'))
		return;
	*strchrnul(path, ' ') = '\0';
	path[strcspn(path, "\n")] = '\0';
	reach->loaded = grow(reach->loaded, *count + 2, sizeof(*reach->loaded));
	reach->loaded[(*count)++] = text("%s", path);
	reach->loaded[*count] = NULL;
}

/* Asks the program's dynamic linker, which maps the program but runs none of its code. */
static void list_loaded(struct reach *reach, const char *interpreter, const char *path)
{
	char *line = NULL;
	size_t size = 0, count = 0;
	int ends[2];
	FILE *from;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return;
	fflush(stdout);
	child = fork();
	if (!child) {
		int null = open("/dev/null", O_RDWR);

		unsetenv("LD_PRELOAD");
		dup2(null, STDIN_FILENO);
		dup2(null, STDERR_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		alarm(20);
		execl(interpreter, interpreter, "--list", path, NULL);
		_exit(EXIT_TROUBLE);
	}
	close(ends[1]);
	from = fdopen(ends[0], "r");
	while (from && getline(&line, &size, from) > 0)
		add_loaded(reach, line, &count);
	free(line);
	if (from)
		fclose(from);
	if (child > 0)
		waitpid(child, NULL, 0);
}

static bool is_native(const struct program *program)
{
	static const char *const foreign[] = { "architecture", "not-a-program", "damaged",
					       "unreadable" };

	if (!program->elf)
		return false;
	for (size_t i = 0; program->obstacle && i < sizeof(foreign) / sizeof(*foreign); i++)
		if (!strcmp(program->obstacle_kind, foreign[i]))
			return false;
	return true;
}

int reach_examine(struct reach *reach, struct preload *p, char **argv, struct libraries *libraries)
{
	const struct program *program = &p->program;
	int status = program_examine(&p->program, argv, p->library, &p->facts);

	if (status)
		return status;
	reach->program = program;
	if (!is_native(program))
		return 0;
	reach->searched = true;
	count_in(reach, program->elf);
	if (program->interpreter && !program->obstacle)
		list_loaded(reach, program->interpreter, program->elf);
	for (char **path = reach->loaded; path && *path; path++) {
		count_in(reach, *path);
		/* The report on the program tells of a runtime that must come first. */
		if (!program->runtime || strcmp(base(*path), program->runtime))
			libraries_add_loaded(libraries, *path);
	}
	return 0;
}

static bool is_kind(const char *kind, const char *wanted)
{
	return kind && !strcmp(kind, wanted);
}

/* What to do about each obstacle, by its kind. */
static const struct {
	const char *kind;
	const char *advice;
	const char *command; /* NULL: none */
} remedies[] = {
	{ "static", "Use a build of it that is linked dynamically, with glibc.", NULL },
	{ "static-go",
	  "A Go program needs a Go library for io_uring; from outside there is no way.", NULL },
	{ "libc", "Use a build of the program for glibc, as in a Debian container.", NULL },
	{ "architecture", "Build ringshim for that architecture, and run that one.", NULL },
	{ "secure-execution",
	  "Run a copy without these bits, as a user who has the rights himself:",
	  "cp --no-preserve=all PROGRAM copy && chmod +x copy" },
};

static void report_obstacle(struct report *report, const struct program *program)
{
	report_add(report, SECTION_PROGRAM, LEVEL_NO, text("%s.", program->obstacle));
	for (size_t i = 0; i < sizeof(remedies) / sizeof(*remedies); i++) {
		if (strcmp(remedies[i].kind, program->obstacle_kind))
			continue;
		report_advise(report, text("%s", remedies[i].advice));
		if (remedies[i].command)
			report_command(report, text("%s", remedies[i].command));
	}
}

static bool is_program(const struct reach *reach, const struct inline_calls *file)
{
	return !strcmp(file->path, reach->program->elf);
}

/*
 * Returns true if calls that the shim would send by ring are made past it. Of libraries, those
 * whose number is not known are taken to be others (getrandom, futex), and a sanitizer's runtime
 * reads and writes for itself only.
 */
static bool hides_transfers(const struct reach *reach, const struct inline_calls *file)
{
	if (is_program(reach, file))
		return file->count.transfers || file->count.unknown;
	return file->count.transfers && !library_is_sanitizer(file->path);
}

/* Of a Go program the count of its own instructions says nothing more. */
static void report_inline(struct report *report, const struct reach *reach)
{
	bool go = is_kind(reach->program->warning_kind, "go");

	for (size_t i = 0; i < reach->files_count; i++) {
		const struct inline_calls *file = &reach->files[i];
		bool matters = hides_transfers(reach, file) && !reach->program->obstacle;

		if (go && is_program(reach, file))
			continue;
		report_add(
			report, SECTION_PROGRAM, matters ? LEVEL_PART : LEVEL_NOTE,
			text("%s makes system calls without libc, which the shim does not see. It "
			     "has %lu instruction%s for that: %lu for read, write, connect and the "
			     "like, %lu for calls whose number is not known.",
			     file->path, file->count.all, file->count.all == 1 ? "" : "s",
			     file->count.transfers, file->count.unknown));
	}
}

static void report_remark(struct report *report, const struct reach *reach)
{
	const struct program *program = reach->program;

	if (is_kind(program->warning_kind, "go")) {
		report_add(report, SECTION_PROGRAM, LEVEL_PART,
			   text("%s. It reaches C libraries in the program, if there are any.",
				program->warning));
		report_advise(report,
			      text("Go programs need a Go library for io_uring; from outside there "
				   "is no way."));
	} else if (program->warning) {
		report_add(report, SECTION_PROGRAM,
			   is_kind(program->warning_kind, "unreadable") ? LEVEL_PART : LEVEL_NOTE,
			   text("%s.", program->warning));
	}
	if (program->runtime)
		report_add(
			report, SECTION_PROGRAM, LEVEL_NOTE,
			text("It was built with AddressSanitizer. ringshim run loads %s before the "
			     "shim, as it must be; by hand that is:",
			     program->runtime));
	if (program->runtime)
		report_command(report, text("LD_PRELOAD=%s:libringshim.so CMD", program->runtime));
}

void reach_report(struct report *report, const struct reach *reach)
{
	const struct program *program = reach->program;

	if (!program)
		return;
	if (program->obstacle) {
		report_obstacle(report, program);
	} else {
		size_t libraries = 0;

		while (reach->loaded && reach->loaded[libraries])
			libraries++;
		if (!is_kind(program->warning_kind, "go") &&
		    !is_kind(program->warning_kind, "unreadable"))
			report_add(
				report, SECTION_PROGRAM, LEVEL_OK,
				text("The shim can be preloaded into %s%s%s%s, and takes the place of "
				     "libc for it and the %zu libraries that it loads.",
				     program->elf,
				     strcmp(program->elf, program->path) ? " (for " : "",
				     strcmp(program->elf, program->path) ? program->path : "",
				     strcmp(program->elf, program->path) ? ")" : "", libraries));
	}
	report_remark(report, reach);
	report_inline(report, reach);
}

static const char *reach_word(const struct reach *reach)
{
	const struct program *program = reach->program;

	if (program->obstacle)
		return "none";
	if (is_kind(program->warning_kind, "go") || is_kind(program->warning_kind, "unreadable"))
		return "part";
	for (size_t i = 0; i < reach->files_count; i++)
		if (hides_transfers(reach, &reach->files[i]))
			return "part";
	return "all";
}

void reach_json(struct json *json, const struct reach *reach)
{
	const struct program *program = reach->program;

	if (!program) {
		json_null(json, "program");
		return;
	}
	json_object(json, "program");
	json_string(json, "path", program->path);
	json_string(json, "executes", program->elf);
	json_string(json, "reach", reach_word(reach));
	json_string(json, "obstacle", program->obstacle_kind);
	json_string(json, "remark", program->warning_kind);
	json_string(json, "sanitizer", program->runtime);
	json_array(json, "inline_system_calls");
	for (size_t i = 0; i < reach->files_count; i++) {
		json_object(json, NULL);
		json_string(json, "file", reach->files[i].path);
		json_number(json, "instructions", (long long)reach->files[i].count.all);
		json_number(json, "transfers", (long long)reach->files[i].count.transfers);
		json_number(json, "unknown", (long long)reach->files[i].count.unknown);
		json_close_object(json);
	}
	json_close_array(json);
	json_close_object(json);
}
