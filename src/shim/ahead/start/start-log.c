/* SPDX-License-Identifier: MIT */
/* Keeps the names of the files that the program opens when it starts. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include "shim/ahead/start/start-log.h"
#include "shim/base/sys.h"

struct start_log *start_log;
char start_directory[512];

/* Returns the value of a variable if it is an absolute path, else NULL. */
static const char *absolute_value(const char *name)
{
	size_t length = strlen(name);

	for (char **variable = environ; variable && *variable; variable++)
		if (!strncmp(*variable, name, length) && (*variable)[length] == '=')
			return (*variable)[length + 1] == '/' ? *variable + length + 1 : NULL;
	return NULL;
}

static void find_directory(void)
{
	const char *base = absolute_value("XDG_CACHE_HOME");
	const char *below = "/ringshim";

	if (!base) {
		base = absolute_value("HOME");
		below = "/.cache/ringshim";
	}
	if (base && strlen(base) + strlen(below) < sizeof(start_directory))
		stpcpy(stpcpy(start_directory, base), below);
}

/* Not populated, because a program may open few files. */
static struct start_log *map_log(void)
{
	long address = sys6(SYS_mmap, 0, sizeof(struct start_log), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (address < 0 && address > -4096)
		return NULL;
	if (sys3(SYS_madvise, address, sizeof(struct start_log), MADV_WIPEONFORK))
		return NULL;
	return (struct start_log *)address;
}

/* A program can go to another one later. Returns false if its path is not known. */
static bool find_working_directory(void)
{
	return sys2(SYS_getcwd, (long)start_log->directory, sizeof(start_log->directory)) > 0 &&
		start_log->directory[0] == '/';
}

bool start_log_begin(void)
{
	struct rusage usage;

	find_directory();
	if (!start_directory[0])
		return false;
	start_log = map_log();
	if (!start_log || !find_working_directory())
		return false;
	atomic_store(&start_log->is_open, true);
	return !sys2(SYS_getrusage, RUSAGE_SELF, (long)&usage) && usage.ru_majflt > 0;
}

void start_log_add(int dir, const char *path)
{
	size_t size = strnlen(path, EVENT_PATH_MAX + 1) + 1;
	uint32_t used;

	if ((dir != AT_FDCWD && path[0] != '/') || size > EVENT_PATH_MAX || size == 1)
		return;
	/* As in the queue of events: what comes at the same time is lost. */
	if (atomic_flag_test_and_set_explicit(&start_log->writing, memory_order_acquire))
		return;
	used = atomic_load_explicit(&start_log->used, memory_order_relaxed);
	if (used + size > START_LOG_SIZE || start_log->count == START_NAMES_MAX) {
		atomic_store(&start_log->is_open, false);
	} else {
		memcpy(start_log->names + used, path, size);
		start_log->count++;
		atomic_store_explicit(&start_log->used, used + (uint32_t)size,
				      memory_order_release);
	}
	atomic_flag_clear_explicit(&start_log->writing, memory_order_release);
}

bool start_log_is_slow(void)
{
	return start_log_is_open() && ++start_log->slow >= 2;
}
