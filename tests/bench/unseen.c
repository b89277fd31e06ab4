/* SPDX-License-Identifier: MIT */
/*
 * Under valgrind the library makes all calls directly. To count the instructions of calls by ring
 * all the same, this library is preloaded before it and hides valgrind's library from it.
 */
#include <dlfcn.h>
#include <link.h>
#include <string.h>

typedef int callback(struct dl_phdr_info *info, size_t size, void *arg);
typedef int iterate(callback *fn, void *arg);

struct inner {
	callback *fn;
	void *arg;
};

static int pass(struct dl_phdr_info *info, size_t size, void *arg)
{
	const struct inner *inner = arg;

	return strstr(info->dlpi_name, "vgpreload") ? 0 : inner->fn(info, size, inner->arg);
}

int dl_iterate_phdr(callback *fn, void *arg)
{
	struct inner inner = { fn, arg };
	iterate *next;

	*(void **)&next = dlsym(RTLD_NEXT, "dl_iterate_phdr");
	return next(pass, &inner);
}
