/* SPDX-License-Identifier: MIT */
/* Finds and checks the preload library, and makes the values of LD_PRELOAD for both runs. */
#include "config.h"

#include "cli/preload.h"

#include "cli/paths.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "libringshim.so"

int preload_take_library(void *into, const struct option_spec *spec, const char *value)
{
	struct preload *p = into;

	if (!*value) {
		say("--library=FILE: a file name is needed");
		return EXIT_USAGE;
	}
	p->given = value;
	return 0;
}

static int take_force(void *into, const struct option_spec *spec, const char *value)
{
	struct preload *p = into;

	p->force = true;
	return 0;
}

const struct option_spec preload_options[] = {
	{
		.name = "library",
		.value = "FILE",
		.help = "preload FILE instead of the installed " LIBRARY,
		.take = preload_take_library,
	},
	{
		.name = "force",
		.help = "run CMD even if a preload library has no effect in it",
		.take = take_force,
	},
	{ .name = NULL },
};

/* Returns the absolute path of file if it exists, else NULL. Frees file. */
static char *existing(char *file)
{
	char *path = realpath(file, NULL);

	free(file);
	return path;
}

/*
 * libtool builds the library into .libs. That is a subdirectory of the program's directory, or is
 * the program's directory if libtool has put the program into .libs too, behind a wrapper script.
 */
static char *in_build_tree(const char *directory)
{
	const char *last = strrchr(directory, '/') + 1;

	return existing(strcmp(last, ".libs") ? text("%s/.libs/" LIBRARY, directory) :
						text("%s/" LIBRARY, directory));
}

/*
 * Follows the relative path from BINDIR to LIBDIR. That finds the library in the installed tree,
 * and in one that was moved or was installed under a DESTDIR.
 */
static char *in_installed_tree(const char *directory)
{
	const char *bin = BINDIR, *lib = LIBDIR;
	char *path = text("%s", directory);
	char *library;
	size_t common = 0;

	for (size_t i = 0; bin[i] && bin[i] == lib[i]; i++)
		if (bin[i] == '/')
			common = i;
	for (const char *c = bin + common; *c; c++) {
		char *up = *c == '/' ? text("%s/..", path) : NULL;

		if (!up)
			continue;
		free(path);
		path = up;
	}
	library = text("%s%s/" LIBRARY, path, lib + common);
	free(path);
	return existing(library);
}

static char *find_library(void)
{
	char *self = path_of_self();
	char *directory = self ? path_directory(self) : text("%s", BINDIR);
	char *library;

	library = in_build_tree(directory);
	if (!library)
		library = in_installed_tree(directory);
	if (!library)
		library = existing(text("%s", LIBDIR "/" LIBRARY));
	if (!library)
		say("there is no " LIBRARY " in %s or near %s/ringshim; name it with "
		    "--library=FILE",
		    LIBDIR, directory);
	free(directory);
	free(self);
	return library;
}

/* Checks the library here, because the dynamic linker only warns and runs CMD without it. */
static int examine_library(struct preload *p)
{
	int fd, error;

	fd = open(p->library, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		say("cannot preload %s: %m", p->library);
		return EXIT_TROUBLE;
	}
	error = elf_read(fd, &p->facts);
	close(fd);
	if (error || p->facts.type != ET_DYN || *p->facts.interpreter) {
		if (error && error != -ENOEXEC && error != -EBADMSG)
			say("cannot preload %s: %s", p->library, strerror(-error));
		else
			say("cannot preload %s: it is not a shared library", p->library);
		return EXIT_TROUBLE;
	}
	/* LD_PRELOAD is split at blanks and ':', and the dynamic linker replaces '$'. */
	if (strpbrk(p->library, ": \t\n$")) {
		say("cannot preload '%s': LD_PRELOAD cannot name a path with a blank, ':' or "
		    "'$'; copy or link the library to another path",
		    p->library);
		return EXIT_TROUBLE;
	}
	return 0;
}

static bool is_the_shim(const struct preload *p, const char *entry, size_t length)
{
	const char *slash = memrchr(entry, '/', length);
	const char *name = slash ? slash + 1 : entry;
	size_t name_length = length - (name - entry);

	if (name_length == strlen(LIBRARY) && !memcmp(name, LIBRARY, name_length))
		return true;
	return length == strlen(p->library) && !memcmp(entry, p->library, length);
}

/* Returns the list of libraries in LD_PRELOAD, without the shim: for a native run. */
static char *without_the_shim(const struct preload *p, const char *list)
{
	char *kept = text("%s", "");

	while (*list) {
		size_t length = strcspn(list, ": ");

		if (length && !is_the_shim(p, list, length)) {
			char *more = text("%s%s%.*s", kept, *kept ? ":" : "", (int)length, list);

			free(kept);
			kept = more;
		}
		list += length;
		list += strspn(list, ": ");
	}
	return kept;
}

void preload_environments(struct preload *p)
{
	const char *before = getenv("LD_PRELOAD");
	const char *first = p->program.runtime;
	char *with, *without;

	with = text("%s%s%s%s%s", first ? first : "", first ? ":" : "", p->library,
		    before && *before ? ":" : "", before ? before : "");
	without = without_the_shim(p, before ? before : "");
	variables_set(&p->shimmed, "LD_PRELOAD", with);
	if (*without)
		variables_set(&p->native, "LD_PRELOAD", without);
	free(with);
	free(without);
}

int preload_find(struct preload *p)
{
	p->library = p->given ? path_absolute(p->given) : find_library();
	return p->library ? examine_library(p) : EXIT_TROUBLE;
}

int preload_prepare(struct preload *p, char **argv)
{
	int status = preload_find(p);

	if (status)
		return status;
	status = program_examine(&p->program, argv, p->library, &p->facts);
	if (status)
		return status;
	if (p->program.obstacle && !p->force) {
		say("%s; --force runs it anyway", p->program.obstacle);
		return EXIT_TROUBLE;
	}
	if (p->program.obstacle)
		say("warning: %s", p->program.obstacle);
	if (p->program.warning)
		say("warning: %s", p->program.warning);
	preload_environments(p);
	return 0;
}
