/* SPDX-License-Identifier: MIT */
/* Finds other libraries that are loaded with a program, and says what they do to the shim. */
#include "config.h"

#include "cli/doctor/libraries.h"

#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#define SYSTEM_PRELOAD "/etc/ld.so.preload"
#define SHIM "libringshim.so"
#define FROM_PROGRAM "program"

struct known_library {
	const char *begins; /* the name of its file begins so */
	const char *kind;   /* in JSON */
	const char *what;   /* a sentence about it */
};

#define ALLOCATOR \
	"allocates memory in place of libc. The shim allocates none in a call, so they do not meet."
#define SANITIZER "is the runtime of a sanitizer."

static const struct known_library known[] = {
	{ "libasan.so", "sanitizer", SANITIZER },
	{ "libclang_rt.asan", "sanitizer", SANITIZER },
	{ "libtsan.so", "sanitizer",
	  "is ThreadSanitizer's runtime, which looks at the same calls." },
	{ "libclang_rt.tsan", "sanitizer",
	  "is ThreadSanitizer's runtime, which looks at the same calls." },
	{ "libhardened_malloc", "allocator", "is a hardened allocator: it " ALLOCATOR },
	{ "libscudo", "allocator", "is a hardened allocator: it " ALLOCATOR },
	{ "libclang_rt.scudo", "allocator", "is a hardened allocator: it " ALLOCATOR },
	{ "libmimalloc-secure", "allocator", "is a hardened allocator: it " ALLOCATOR },
	{ "libmimalloc", "allocator", ALLOCATOR },
	{ "libjemalloc", "allocator", ALLOCATOR },
	{ "libtcmalloc", "allocator", ALLOCATOR },
};

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const struct known_library *find_known(const char *path)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(base(path), known[i].begins, strlen(known[i].begins)))
			return &known[i];
	return NULL;
}

/* Takes over path. */
static void add(struct libraries *libraries, char *path, const char *from)
{
	if (!strcmp(base(path), SHIM)) {
		free(path);
		return;
	}
	libraries->list = grow(libraries->list, libraries->count + 1, sizeof(*libraries->list));
	libraries->list[libraries->count++] = (struct library){
		.path = path,
		.from = from,
		.known = find_known(path),
	};
}

static void add_words(struct libraries *libraries, const char *words, const char *separators,
		      const char *from)
{
	while (*words) {
		size_t length = strcspn(words, separators);

		if (length)
			add(libraries, text("%.*s", (int)length, words), from);
		words += length;
		words += strspn(words, separators);
	}
}

void libraries_examine(struct libraries *libraries)
{
	const char *preload = getenv("LD_PRELOAD");
	FILE *file = fopen(SYSTEM_PRELOAD, "re");
	char *line = NULL;
	size_t size = 0;

	add_words(libraries, preload ? preload : "", ": ", "LD_PRELOAD");
	if (!file)
		return;
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "#\n")] = '\0';
		add_words(libraries, line, ": \t", SYSTEM_PRELOAD);
	}
	free(line);
	fclose(file);
}

void libraries_add_loaded(struct libraries *libraries, const char *path)
{
	if (find_known(path))
		add(libraries, text("%s", path), FROM_PROGRAM);
}

bool library_is_sanitizer(const char *path)
{
	const struct known_library *found = find_known(path);

	return found && !strcmp(found->kind, "sanitizer");
}

static bool is_preloaded(const struct library *library)
{
	return strcmp(library->from, FROM_PROGRAM);
}

void libraries_report(struct report *report, const struct libraries *libraries)
{
	for (size_t i = 0; i < libraries->count; i++) {
		const struct library *library = &libraries->list[i];

		if (library->known &&
		    (!is_preloaded(library) || !library_is_sanitizer(library->path)))
			report_add(report, SECTION_LIBRARIES, LEVEL_NOTE,
				   text("%s (%s) %s", library->path, library->from,
					library->known->what));
		else
			report_add(
				report, SECTION_LIBRARIES, LEVEL_NOTE,
				text("%s is preloaded as well (%s). Calls that it defines itself go "
				     "direct, through it.",
				     library->path, library->from));
	}
}

void libraries_json(struct json *json, const struct libraries *libraries)
{
	json_array(json, "libraries");
	for (size_t i = 0; i < libraries->count; i++) {
		const struct library *library = &libraries->list[i];

		json_object(json, NULL);
		json_string(json, "path", library->path);
		json_string(json, "from", library->from);
		json_string(json, "kind", library->known ? library->known->kind : NULL);
		json_close_object(json);
	}
	json_close_array(json);
}
