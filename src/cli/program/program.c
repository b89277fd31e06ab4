/* SPDX-License-Identifier: MIT */
/* Finds the program that CMD names: follows scripts, examines ELF files, finds obstacles. */
#include "config.h"

#include "cli/program/program.h"

#include "cli/cli.h"
#include "cli/program/find.h"
#include "cli/program/secure.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SCRIPTS 5	/* depth of scripts interpreted by scripts: the kernel's limit */
#define SCRIPT_LINE 256 /* bytes of a script's first line that the kernel reads */

struct examination {
	struct program *program;
	const char *library;
	const struct elf_facts *library_facts;
	struct elf_facts own; /* of ringshim itself, used for its dynamic linker */
	char *via;	      /* "the script x runs y, and ", or "" */
};

static int examine_file(struct examination *x, const char *path, int depth);

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* kind: the reason in one word. Frees why. */
static void obstacle(struct examination *x, const char *kind, char *why)
{
	if (!x->program->obstacle) {
		x->program->obstacle = text("%s%s", x->via, why);
		x->program->obstacle_kind = kind;
	}
	free(why);
}

static void warning(struct examination *x, const char *kind, char *why)
{
	if (!x->program->warning) {
		x->program->warning = text("%s%s", x->via, why);
		x->program->warning_kind = kind;
	}
	free(why);
}

static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return !stat(a, &sa) && !stat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static void compare_platforms(struct examination *x, const char *path,
			      const struct elf_facts *facts)
{
	char *theirs = elf_platform(facts);
	char *ours = elf_platform(x->library_facts);

	if (strcmp(theirs, ours))
		obstacle(x, "architecture",
			 text("%s is a program for another architecture (%s); %s is for %s", path,
			      theirs, x->library, ours));
	free(theirs);
	free(ours);
}

static void compare_linkers(struct examination *x, const char *path, const struct elf_facts *facts)
{
	const char *ours = x->own.interpreter;

	/* Compare the names only: distributions put the same linker in different directories. */
	if (!*ours || x->own.machine != facts->machine ||
	    !strcmp(base(ours), base(facts->interpreter)))
		return;
	obstacle(x, "libc",
		 text("%s uses another libc: its dynamic linker is %s, but %s needs %s", path,
		      facts->interpreter, base(x->library), ours));
}

static void check_privileges(struct examination *x, const char *path, int fd)
{
	char *dormant;
	char *secure = secure_execution(fd, &dormant);

	if (secure)
		obstacle(x, "secure-execution",
			 text("%s %s, and in such a program the dynamic linker ignores LD_PRELOAD",
			      path, secure));
	if (dormant)
		warning(x, "secure-execution-of-others",
			text("%s %s; that has no effect when you run it, but for users for whom it "
			     "has, the dynamic linker ignores LD_PRELOAD",
			     path, dormant));
	free(secure);
	free(dormant);
}

static int examine_elf(struct examination *x, const char *path, int fd,
		       const struct elf_facts *facts)
{
	free(x->program->elf);
	x->program->elf = text("%s", path);
	compare_platforms(x, path, facts);
	if (!facts->native || x->program->obstacle)
		return 0;
	if (facts->type != ET_EXEC && facts->type != ET_DYN) {
		obstacle(x, "not-a-program",
			 text("%s is an ELF file but not a program (ELF type %d, not 2 or 3)", path,
			      facts->type));
		return 0;
	}
	/* If CMD is the dynamic linker itself, it preloads as usual. */
	if (!*facts->interpreter && same_file(path, x->own.interpreter))
		return 0;
	if (!*facts->interpreter) {
		obstacle(x, facts->go ? "static-go" : "static",
			 text("%s is statically linked (it asks for no dynamic linker)%s, "
			      "so no library can be preloaded into it",
			      path, facts->go ? " and a Go program" : ""));
		return 0;
	}
	free(x->program->interpreter);
	x->program->interpreter = text("%s", facts->interpreter);
	if (*facts->runtime && !x->program->runtime)
		x->program->runtime = text("%s", facts->runtime);
	compare_linkers(x, path, facts);
	check_privileges(x, path, fd);
	if (facts->go)
		warning(x, "go",
			text("%s is a Go program: the Go runtime makes its system calls itself, "
			     "not through libc, so the shim does not see them",
			     path));
	return 0;
}

/*
 * Returns the program that env(1) runs as a script's interpreter: the first word that is neither an
 * option nor an assignment. Returns NULL if there is none.
 */
static char *program_of_env(char *words)
{
	char *rest = NULL;

	for (char *word = strtok_r(words, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest))
		if (*word != '-' && !strchr(word, '='))
			return word;
	return NULL;
}

static int examine_script(struct examination *x, const char *path, char *line, int depth)
{
	char *interpreter = line + strspn(line, " \t");
	char *end = interpreter + strcspn(interpreter, " \t");
	char *argument = *end ? end + 1 : end;
	char *via, *wanted;
	int status;

	*end = '\0';
	if (!*interpreter || depth == MAX_SCRIPTS) {
		say("cannot run %s: %s", path,
		    *interpreter ? "too many scripts interpret one another" :
				   "its first line (#!) names no interpreter");
		return EXIT_CANNOT_RUN;
	}
	via = x->via;
	x->via = text("%sthe script %s runs %s, and ", via, path, interpreter);
	free(via);
	if (access(interpreter, F_OK)) {
		say("cannot run %s: its interpreter %s does not exist", path, interpreter);
		return EXIT_NOT_FOUND;
	}
	status = examine_file(x, interpreter, depth + 1);
	if (status || strcmp(base(interpreter), "env"))
		return status;

	wanted = program_of_env(argument);
	if (!wanted)
		return 0;
	status = find_program(wanted, &wanted);
	if (status)
		return status;
	status = examine_file(x, wanted, depth + 1);
	free(wanted);
	return status;
}

/*
 * Examines a file that is neither ELF nor starts with "#!". execvp(3) and the shells run such a
 * file with /bin/sh.
 */
static int examine_plain(struct examination *x, const char *path, const char *start, size_t size,
			 int depth)
{
	const char *end = memchr(start, '\n', size);
	char **argv = x->program->argv;
	size_t argc = 0;

	if (depth || memchr(start, 0, end ? (size_t)(end - start) : size)) {
		say("cannot run %s: it is neither an ELF program nor a script", path);
		return EXIT_CANNOT_RUN;
	}
	while (argv[argc])
		argc++;
	argv = grow(NULL, argc + 2, sizeof(*argv));
	argv[0] = text("/bin/sh");
	argv[1] = x->program->path;
	memcpy(argv + 2, x->program->argv + 1, argc * sizeof(*argv));
	x->program->argv = argv;
	x->program->path = argv[0];
	return examine_file(x, argv[0], depth + 1);
}

static int examine_text(struct examination *x, const char *path, int fd, int depth)
{
	char start[SCRIPT_LINE + 1] = "";
	ssize_t size = pread(fd, start, SCRIPT_LINE, 0);

	if (size < 0) {
		say("cannot read %s: %m", path);
		return EXIT_CANNOT_RUN;
	}
	if (strncmp(start, "#!", 2))
		return examine_plain(x, path, start, size, depth);
	start[strcspn(start, "\n")] = '\0';
	return examine_script(x, path, start + 2, depth);
}

static int examine_file(struct examination *x, const char *path, int depth)
{
	struct elf_facts facts;
	int fd, error, status = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		warning(x, "unreadable",
			text("%s cannot be read (%s), so it is not known if a library can be "
			     "preloaded into it",
			     path, strerror(errno)));
		return 0;
	}
	error = elf_read(fd, &facts);
	if (!error)
		status = examine_elf(x, path, fd, &facts);
	else if (error == -ENOEXEC)
		status = examine_text(x, path, fd, depth);
	else if (error == -EBADMSG)
		obstacle(x, "damaged",
			 text("%s is a damaged ELF file: it is cut short or contradicts itself",
			      path));
	else
		obstacle(x, "unreadable", text("%s cannot be read: %s", path, strerror(-error)));
	close(fd);
	return status;
}

static void read_own_facts(struct elf_facts *own)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	memset(own, 0, sizeof(*own));
	if (fd < 0)
		return;
	if (elf_read(fd, own))
		memset(own, 0, sizeof(*own));
	close(fd);
}

int program_examine(struct program *program, char **argv, const char *file,
		    const struct elf_facts *facts)
{
	struct examination x = { .program = program, .library = file, .library_facts = facts };
	int status;

	*program = (struct program){ .argv = argv };
	status = find_program(argv[0], &program->path);
	if (status)
		return status;
	read_own_facts(&x.own);
	x.via = text("%s", "");
	status = examine_file(&x, program->path, 0);
	free(x.via);
	return status;
}
