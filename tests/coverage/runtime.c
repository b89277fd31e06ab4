// SPDX-License-Identifier: MIT
/*
 * Counts what is executed, in a library or program that is built for coverage. It stands in for the
 * part of LLVM's profile runtime that writes a file at exit: programs of the tests are killed, call
 * _exit, exec and fork, and the preload library exports the functions that would write.
 *
 * At load, a file is mapped, and all counters are in it from then on. Every process that loads
 * the same object maps the same file, so nothing has to be written or merged. The file is a profile
 * as llvm-profdata reads it. Its directory is compiled in, because tests clear the environment.
 * System calls are made directly. A process that cannot map the file counts for itself.
 */

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "sys.h"

#define HIDDEN __attribute__((visibility("hidden")))

/* The compiler's driver asks for this name; to define it leaves LLVM's own start and exit out. */
HIDDEN int __llvm_profile_runtime;

/* Instrumented code adds this to the address of each counter. The compiler defines it. */
extern HIDDEN int64_t __llvm_profile_counter_bias;

/* These are LLVM's. */
uint64_t __llvm_profile_get_size_for_buffer(void);
int __llvm_profile_write_buffer(char *buffer);
uint8_t __llvm_profile_get_num_padding_bytes(uint64_t size);
HIDDEN uint64_t *__llvm_profile_begin_counters(void);
HIDDEN uint64_t *__llvm_profile_end_counters(void);
HIDDEN const char *__llvm_profile_begin_names(void);
HIDDEN const char *__llvm_profile_end_names(void);
HIDDEN uint64_t lprofGetLoadModuleSignature(void);

struct paths {
	char profile[sizeof(COVERAGE_DIRECTORY) + 48];
	char temporary[sizeof(COVERAGE_DIRECTORY) + 48];
};

static char *append_text(char *end, const char *text)
{
	while (*text)
		*end++ = *text++;
	*end = 0;
	return end;
}

static char *append_hex(char *end, uint64_t number)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		*end++ = "0123456789abcdef"[number >> shift & 15];
	*end = 0;
	return end;
}

/* An object's profile is named by its signature, as two builds or objects have two. */
static void name_paths(struct paths *paths)
{
	uint64_t signature = lprofGetLoadModuleSignature();
	uint64_t pid = sys_call6(SYS_getpid, 0, 0, 0, 0, 0, 0);
	char *end = append_text(paths->profile, COVERAGE_DIRECTORY "/");

	append_text(append_hex(end, signature), ".profraw");
	end = append_text(paths->temporary, COVERAGE_DIRECTORY "/");
	end = append_text(append_hex(end, signature), ".");
	append_hex(end, pid);
}

static int open_file(const char *path, int flags)
{
	return sys_call6(SYS_openat, AT_FDCWD, (long)path, flags | O_CLOEXEC, 0666, 0, 0);
}

static void *map_memory(uint64_t size, int flags, int fd)
{
	void *memory = sys_mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	return sys_is_error(memory) ? NULL : memory;
}

static uint64_t counters_size(void)
{
	return (char *)__llvm_profile_end_counters() - (char *)__llvm_profile_begin_counters();
}

/* The counters are followed by the names, and these by what fills up a word. */
static uint64_t counters_offset(uint64_t size)
{
	uint64_t names = __llvm_profile_end_names() - __llvm_profile_begin_names();

	return size - names - __llvm_profile_get_num_padding_bytes(names) - counters_size();
}

/* Makes a profile without counts. The first process to have a whole one gives it its name. */
static void make_profile(const struct paths *paths, uint64_t size)
{
	char *content = map_memory(size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int fd = content ? open_file(paths->temporary, O_WRONLY | O_CREAT | O_EXCL) : -1;

	if (fd >= 0 && __llvm_profile_write_buffer(content) == 0) {
		memset(content + counters_offset(size), 0, counters_size());
		/* Other users' processes count too. */
		sys_call6(SYS_fchmod, fd, 0666, 0, 0, 0, 0);
		if (sys_call6(SYS_write, fd, (long)content, size, 0, 0, 0) == (long)size)
			sys_call6(SYS_linkat, AT_FDCWD, (long)paths->temporary, AT_FDCWD,
				  (long)paths->profile, 0, 0);
		sys_call6(SYS_unlinkat, AT_FDCWD, (long)paths->temporary, 0, 0, 0, 0);
	}
	if (fd >= 0)
		sys_close(fd);
	if (content)
		sys_munmap(content, size);
}

static char *map_profile(const struct paths *paths, uint64_t size)
{
	char *profile = NULL;
	int fd = open_file(paths->profile, O_RDWR);

	if (fd < 0)
		return NULL;
	if (sys_call6(SYS_lseek, fd, 0, SEEK_END, 0, 0, 0) == (long)size)
		profile = map_memory(size, MAP_SHARED, fd);
	sys_close(fd);
	return profile;
}

/* Runs before the other constructors. What ran even earlier was counted in the object itself. */
__attribute__((constructor(101))) static void move_counters(void)
{
	uint64_t size = __llvm_profile_get_size_for_buffer();
	uint64_t *counters = __llvm_profile_begin_counters(), *moved;
	struct paths paths;
	char *profile;

	name_paths(&paths);
	profile = map_profile(&paths, size);
	if (!profile) {
		make_profile(&paths, size);
		profile = map_profile(&paths, size);
	}
	if (!profile)
		return;
	moved = (uint64_t *)(profile + counters_offset(size));
	for (uint64_t i = 0; i < counters_size() / sizeof(*counters); i++)
		if (counters[i])
			moved[i] += counters[i];
	__llvm_profile_counter_bias = (char *)moved - (char *)counters;
}
