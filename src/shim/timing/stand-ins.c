/* SPDX-License-Identifier: MIT */
/* The functions that stand in front of libc's in next_table and time them. */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include "shim/symbols/stand-in.h"
#include "shim/timing/timing-record.h"
#include "shim/timing/timing.h"

/* The program's own code: the exported functions end by jumping to these. */
#define SITE site_hide(__builtin_return_address(0))

/* What next_table had before. */
static struct next natives;

/* A system call that is a call. has_fd: its first argument is the descriptor. */
struct timed_number {
	uint16_t nr, call;
	bool has_fd;
};

#include "shim/timing/made-timed.h"

static DIR *timed_opendir(const char *path)
{
	uint64_t begin = ticks_now();
	DIR *dir = natives.opendir(path);

	timing_note(&(struct timed_call){ TIMED_opendir, -1, AT_FDCWD, path, -1, SITE }, begin,
		    dir ? 0 : -1);
	return dir;
}

static FILE *timed_fopen(const char *path, const char *mode)
{
	uint64_t begin = ticks_now();
	FILE *file = natives.fopen(path, mode);

	timing_note(&(struct timed_call){ TIMED_fopen, -1, AT_FDCWD, path, -1, SITE }, begin,
		    file ? 0 : -1);
	return file;
}

static ssize_t timed_sendfile(int out, int in, off_t *offset, size_t count)
{
	uint64_t begin = ticks_now();
	ssize_t ret = natives.sendfile(out, in, offset, count);

	timing_note(&(struct timed_call){ TIMED_sendfile, in, AT_FDCWD, NULL, -1, SITE }, begin,
		    ret);
	return ret;
}

static ssize_t timed_copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t len,
				     unsigned flags)
{
	uint64_t begin = ticks_now();
	ssize_t ret = natives.copy_file_range(in, in_at, out, out_at, len, flags);

	timing_note(&(struct timed_call){ TIMED_copy_file_range, in, AT_FDCWD, NULL, -1, SITE },
		    begin, ret);
	return ret;
}

static void note_number(long nr, const long a[6], uint64_t begin, long ret)
{
	for (size_t i = 0; i < sizeof(timed_numbers) / sizeof(timed_numbers[0]); i++) {
		const struct timed_number *number = &timed_numbers[i];

		if (number->nr != nr)
			continue;
		timing_note(&(struct timed_call){ number->call, number->has_fd ? (int)a[0] : -1,
						  AT_FDCWD, NULL, -1, site_hide(NULL) },
			    begin, ret);
		return;
	}
}

static long timed_syscall(long nr, ...)
{
	uint64_t begin;
	long a[6], ret;
	va_list args;

	va_start(args, nr);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	begin = ticks_now();
	ret = natives.syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	note_number(nr, a, begin, ret);
	return ret;
}

static void put(size_t slot, size_t same, void *function)
{
	const struct stand_in stand_in = { (uint16_t)slot, (uint16_t)same, function };

	stand_ins_put(&stand_in, 1, &natives);
}

/* By calls: a table of pointers would be relocated at the start of every program. */
void timing_stand_ins_put(void)
{
#define FAMILY(name, on, text)
#define CALL(call, family)
#define NAME(symbol) put(NEXT_SLOT(symbol), NEXT_SLOT(symbol), (void *)timed_##symbol);
#define WATCH(symbol)
#include "shim/symbols/calls-rows.h"
#undef FAMILY
#undef CALL
#undef NAME
#undef WATCH
	put(NEXT_SLOT(opendir), NEXT_SLOT(opendir), (void *)timed_opendir);
	put(NEXT_SLOT(fopen), NEXT_SLOT(fopen), (void *)timed_fopen);
	put(NEXT_SLOT(fopen64), NEXT_SLOT(fopen), (void *)timed_fopen);
	put(NEXT_SLOT(sendfile), NEXT_SLOT(sendfile), (void *)timed_sendfile);
	put(NEXT_SLOT(sendfile64), NEXT_SLOT(sendfile), (void *)timed_sendfile);
	put(NEXT_SLOT(copy_file_range), NEXT_SLOT(copy_file_range), (void *)timed_copy_file_range);
	put(NEXT_SLOT(syscall), NEXT_SLOT(syscall), (void *)timed_syscall);
}
