/* SPDX-License-Identifier: MIT */
/*
 * stdio streams. The calls that libc makes for them bypass every interposed function, but go
 * through a table of function pointers for each type of stream. Our functions replace the ones
 * there that read, write and seek on a descriptor. Also exports the functions that open and
 * close streams.
 */
#include <link.h>
#include <stdarg.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include "shim/ahead/ahead.h"
#include "shim/calls/descriptor/close.h"
#include "shim/calls/descriptor/note.h"
#include "shim/calls/path/path.h"
#include "shim/calls/file/file-position.h"
#include "shim/calls/file/stdio.h"
#include "shim/fd/fdtable.h"
#include "shim/late/late.h"
#include "shim/base/log.h"
#include "shim/route/stats.h"
#include "shim/symbols/next-symbol.h"
#include "shim/timing/timing.h"

typedef ssize_t read_fn(FILE *file, void *buf, ssize_t count);
typedef ssize_t write_fn(FILE *file, const void *buf, ssize_t count);
typedef off64_t seek_fn(FILE *file, off64_t offset, int whence);

/* Three adjacent pointers in each of libc's tables. */
struct functions {
	read_fn *read;
	write_fn *write;
	seek_fn *seek;
};

extern read_fn _IO_file_read __attribute__((weak));
extern write_fn _IO_file_write __attribute__((weak));
extern seek_fn _IO_file_seek __attribute__((weak));
extern const char _IO_file_jumps[] __attribute__((weak));
extern const char _IO_wfile_jumps[] __attribute__((weak));

static struct functions native EARLY;
static bool by_ring EARLY; /* streams call our functions */

/* Returns true if the stream's calls are not cancellation points (a private flag of glibc). */
static bool passes_cancellation(const FILE *file)
{
	enum { NOT_CANCEL = 2 };

	return file->_flags2 & NOT_CANCEL;
}

static ssize_t stream_read(FILE *file, void *buf, ssize_t count)
{
	ssize_t res;

	if (!passes_cancellation(file) && call_read(file->_fileno, buf, (size_t)count, &res))
		return res;
	return native.read(file, buf, count);
}

/* Takes the place of stream_read() if running ahead is on. */
static ssize_t watched_read(FILE *file, void *buf, ssize_t count)
{
	ssize_t res = stream_read(file, buf, count);

	ahead_note_stream_read(file->_fileno, res);
	return res;
}

/*
 * Does what libc's function does: continues until everything is written or an error occurs, and
 * keeps _offset correct.
 */
static ssize_t stream_write(FILE *file, const void *buf, ssize_t count)
{
	const char *rest = buf;
	ssize_t left = count, res;

	if (passes_cancellation(file))
		return native.write(file, buf, count);
	while (left > 0) {
		if (!call_write(file->_fileno, rest, (size_t)left, &res)) {
			left -= native.write(file, rest, left);
			/* The native function has already added its own part. */
			if (file->_offset >= 0)
				file->_offset += rest - (const char *)buf;
			return count - left;
		}
		if (res < 0) {
			file->_flags |= _IO_ERR_SEEN;
			break;
		}
		rest += res;
		left -= res;
	}
	if (file->_offset >= 0)
		file->_offset += count - left;
	return count - left;
}

/* Takes the place of stream_write() if syncing late is on. */
static ssize_t synced_write(FILE *file, const void *buf, ssize_t count)
{
	late_sync_before_output(file->_fileno);
	return stream_write(file, buf, count);
}

/* Take the place of stream_read() and stream_write() if calls are timed. */
static ssize_t timed_read(FILE *file, void *buf, ssize_t count)
{
	struct timed_call call = timed_stream_call(CALL_read, file->_fileno);
	uint64_t begin = ticks_now();
	ssize_t res = stream_read(file, buf, count);

	timing_note(&call, begin, res);
	return res;
}

static ssize_t timed_write(FILE *file, const void *buf, ssize_t count)
{
	struct timed_call call = timed_stream_call(CALL_write, file->_fileno);
	uint64_t begin = ticks_now();
	ssize_t res = stream_write(file, buf, count);

	timing_note(&call, begin, res);
	return res;
}

static off64_t stream_seek(FILE *file, off64_t offset, int whence)
{
	struct file_position_guard guard = file_position_guard(file->_fileno);
	off64_t ret = native.seek(file, offset, whence);

	file_position_unguard(&guard);
	return ret;
}

/* libc's functions, where those below stand in native because calls are timed (base/clock.h). */
static struct functions untimed;

static ssize_t timed_native_read(FILE *file, void *buf, ssize_t count)
{
	uint64_t begin = ticks_now();
	ssize_t res = untimed.read(file, buf, count);

	stats_note_direct(CALL_read, begin);
	return res;
}

static ssize_t timed_native_write(FILE *file, const void *buf, ssize_t count)
{
	uint64_t begin = ticks_now();
	ssize_t res = untimed.write(file, buf, count);

	stats_note_direct(CALL_write, begin);
	return res;
}

static void time_natives(void)
{
	untimed = native;
	native.read = timed_native_read;
	native.write = timed_native_write;
}

/* Finds the part of libc's data that becomes read-only after relocation; the tables are there. */
static int find_tables(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct iovec *tables = arg;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *phdr = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + phdr->p_vaddr;

		if (phdr->p_type == PT_GNU_RELRO &&
		    (uintptr_t)_IO_file_jumps - start < phdr->p_memsz) {
			*tables = (struct iovec){ (void *)start, phdr->p_memsz };
			return 1;
		}
	}
	return 0;
}

/* Replaces the functions in every table between begin and end. The memory there is writable. */
static void replace_pointer(const struct functions *with, char *begin, const char *end)
{
	for (char *at = begin; at + sizeof(native) <= end; at += sizeof(void *))
		if (*(void **)at == (void *)native.read && !memcmp(at, &native, sizeof(native)))
			memcpy(at, with, sizeof(*with));
}

static bool has_value(const char *table, const struct functions *functions)
{
	enum { TABLE_SIZE = 21 * sizeof(void *) };

	return memmem(table, TABLE_SIZE, functions, sizeof(*functions));
}

static struct functions choose_functions(void)
{
	if (settings.timings)
		return (struct functions){ timed_read, timed_write, stream_seek };
	return (struct functions){
		settings.ahead.kinds & AHEAD_SEQUENCE ? watched_read : stream_read,
		settings.risk_sync_at_exit ? synced_write : stream_write,
		stream_seek,
	};
}

static bool take_over(void)
{
	const struct functions ours = choose_functions();
	uintptr_t page = getauxval(AT_PAGESZ);
	struct iovec tables = { 0 };
	uintptr_t begin, end;

	if (!_IO_file_read || !_IO_file_write || !_IO_file_seek || !_IO_file_jumps ||
	    !_IO_wfile_jumps || !dl_iterate_phdr(find_tables, &tables))
		return false;
	native = (struct functions){ _IO_file_read, _IO_file_write, _IO_file_seek };
	if (!has_value(_IO_file_jumps, &native) || !has_value(_IO_wfile_jumps, &native))
		return false;
	begin = (uintptr_t)tables.iov_base & ~(page - 1);
	end = ((uintptr_t)tables.iov_base + tables.iov_len) & ~(page - 1);
	if (mprotect((void *)begin, end - begin, PROT_READ | PROT_WRITE))
		return false;
	replace_pointer(&ours, tables.iov_base, (const char *)end);
	mprotect((void *)begin, end - begin, PROT_READ);
	if (call_clock_runs)
		time_natives();
	return true;
}

void stdio_start(void)
{
	by_ring = take_over();
	if (!by_ring)
		log_stdio();
}

bool stdio_is_watched(void)
{
	return by_ring;
}

static int stream_fd(FILE *file)
{
	int saved = errno;
	int fd = NEXT(fileno)(file);

	errno = saved;
	return fd;
}

/*
 * Enters a stream that libc has opened itself. Its descriptor number can have belonged to
 * another file.
 */
static FILE *note_opened(FILE *file, fd_mark mark)
{
	if (file && by_ring)
		note_new_file(stream_fd(file), mark);
	else if (file)
		note_new_fd(stream_fd(file));
	return file;
}

static FILE *opened_path(FILE *file, fd_mark mark, const char *path)
{
	note_opened(file, mark);
	if (file)
		path_note_opened(stream_fd(file), path);
	return file;
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
	fd_mark mark = fd_mark_open();

	return opened_path(NEXT(fopen)(path, mode), mark, path);
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
	fd_mark mark = fd_mark_open();

	return opened_path(NEXT(fopen64)(path, mode), mark, path);
}

EXPORT FILE *tmpfile(void)
{
	fd_mark mark = fd_mark_open();

	return note_opened(NEXT(tmpfile)(), mark);
}

EXPORT FILE *tmpfile64(void)
{
	fd_mark mark = fd_mark_open();

	return note_opened(NEXT(tmpfile64)(), mark);
}

EXPORT FILE *freopen(const char *path, const char *mode, FILE *file)
{
	fd_mark mark = fd_mark_open();

	close_prepare(stream_fd(file));
	return note_opened(NEXT(freopen)(path, mode, file), mark);
}

EXPORT FILE *freopen64(const char *path, const char *mode, FILE *file)
{
	fd_mark mark = fd_mark_open();

	close_prepare(stream_fd(file));
	return note_opened(NEXT(freopen64)(path, mode, file), mark);
}

EXPORT int fclose(FILE *file)
{
	close_prepare(stream_fd(file));
	return NEXT(fclose)(file);
}

EXPORT int pclose(FILE *file)
{
	close_prepare(stream_fd(file));
	return NEXT(pclose)(file);
}

EXPORT int fcloseall(void)
{
	close_prepare_range(0, INT_MAX);
	return NEXT(fcloseall)();
}

/* If streams still use libc's functions, they use the file position without our lock. */
static int note_shared(int fd)
{
	if (!by_ring)
		file_position_leave(fd);
	return fd;
}

EXPORT int fileno(FILE *file)
{
	return note_shared(NEXT(fileno)(file));
}

EXPORT int fileno_unlocked(FILE *file)
{
	return note_shared(NEXT(fileno_unlocked)(file));
}

EXPORT FILE *fdopen(int fd, const char *mode)
{
	return NEXT(fdopen)(note_shared(fd), mode);
}

/* In these functions libc can write to the descriptor without a stream. */

EXPORT int vdprintf(int fd, const char *format, va_list args)
{
	file_position_leave(fd);
	return NEXT(vdprintf)(fd, format, args);
}

EXPORT int dprintf(int fd, const char *format, ...)
{
	va_list args;
	int ret;

	file_position_leave(fd);
	va_start(args, format);
	ret = NEXT(vdprintf)(fd, format, args);
	va_end(args);
	return ret;
}

EXPORT int __vdprintf_chk(int fd, int flag, const char *format, va_list args)
{
	file_position_leave(fd);
	return NEXT(__vdprintf_chk)(fd, flag, format, args);
}

EXPORT int __dprintf_chk(int fd, int flag, const char *format, ...)
{
	va_list args;
	int ret;

	file_position_leave(fd);
	va_start(args, format);
	ret = NEXT(__vdprintf_chk)(fd, flag, format, args);
	va_end(args);
	return ret;
}
