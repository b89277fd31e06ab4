/* SPDX-License-Identifier: MIT */
/* Benchmarks files and devices: reads, writes, syncs, and a terminal. */
#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench.h"

#define FILE_SIZE (1u << 20)		/* read and written over and over */

static int file, master;
static size_t size;
static bool dirty;
static char *buf;

int scratch_file(const char *dir, size_t bytes)
{
	char path[4096], block[4096];
	int fd;

	must(strlen(dir) < sizeof(path) - 32, "a shorter directory");
	strcpy(path, dir);
	strcat(path, "/ringshim-bench-XXXXXX");
	fd = mkstemp(path);
	must(fd >= 0, dir);
	unlink(path);
	memset(block, 'x', sizeof(block));
	for (; bytes >= sizeof(block); bytes -= sizeof(block))
		must(write(fd, block, sizeof(block)) == sizeof(block), "write");
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void prepare_buffer(const char *text)
{
	size = number(text);
	must(size && size <= FILE_SIZE && !posix_memalign((void **)&buf, 4096, size), "a size");
	memset(buf, 'y', size);
}

static void *wait_for_ever(void *arg)
{
	pause();
	return NULL;
}

static void prepare_file(char **args)
{
	pthread_t thread;

	prepare_buffer(args[0]);
	file = scratch_file(args[1], FILE_SIZE);
	if (args[2] && !strcmp(args[2], "threaded"))
		must(!pthread_create(&thread, NULL, wait_for_ever, NULL), "pthread_create");
}

/* Operations that the known file systems hand to an io-wq worker. */
static void prepare_write(char **args)
{
	prepare_file(args);
	floor_knows.writes_wait = true;
}

static void repeat_pread(unsigned long count)
{
	off_t offset = 0;

	clock_on();
	while (count--) {
		must(io->pread(file, buf, size, offset) == (ssize_t)size, "pread");
		offset = (offset + (off_t)size) & (FILE_SIZE - 1);
	}
	clock_off();
}

/* Reads or writes from the start to the end of the file, again and again. */
static inline void repeat_at_position(unsigned long count, bool writes)
{
	unsigned long left = 0;

	clock_on();
	while (count--) {
		ssize_t moved;

		if (!left) {
			lseek(file, 0, SEEK_SET);
			left = FILE_SIZE / size;
		}
		left--;
		moved = writes ? io->write(file, buf, size) : io->read(file, buf, size);
		must(moved == (ssize_t)size, writes ? "write" : "read");
	}
	clock_off();
}

static void repeat_read(unsigned long count)
{
	repeat_at_position(count, false);
}

static void repeat_write(unsigned long count)
{
	repeat_at_position(count, true);
}

static void prepare_device(char **args)
{
	prepare_buffer(args[0]);
	file = open(args[1], O_RDWR);
	must(file >= 0, args[1]);
}

static void repeat_device(unsigned long count)
{
	clock_on();
	while (count--)
		must(io->write(file, buf, size) == (ssize_t)size, "write");
	clock_off();
}

static void prepare_fsync(char **args)
{
	prepare_buffer("4k");
	dirty = !strcmp(args[0], "dirty");
	floor_knows.writes_wait = true;
	file = scratch_file(args[1], FILE_SIZE);
	must(!fsync(file), "fsync");
}

static void repeat_fsync(unsigned long count)
{
	clock_on();
	while (count--) {
		if (dirty) {
			clock_off();
			must(pwrite(file, buf, size, 0) == (ssize_t)size, "pwrite");
			clock_on();
		}
		must(!io->fsync(file), "fsync");
	}
	clock_off();
}

static void prepare_tty(char **args)
{
	prepare_buffer("1");
	if (openpty(&master, &file, NULL, NULL, NULL))
		cannot("a terminal");
}

/* Empties the terminal's other side while the clock is stopped. */
static void repeat_tty(unsigned long count)
{
	char out[4096];

	while (count) {
		unsigned long some = count < 1024 ? count : 1024;

		count -= some;
		clock_on();
		for (unsigned long i = 0; i < some; i++)
			must(io->write(file, buf, 1) == 1, "write to a terminal");
		clock_off();
		for (ssize_t got; some; some -= (unsigned long)got) {
			got = read(master, out, sizeof(out));
			must(got > 0, "read from a terminal");
		}
	}
}

/* Benchmarks every file call through libc, including those that the floor lacks. */
static struct iovec whole;

#define CALL_OF(call_, name_) \
	static long one_##name_(off_t offset) { (void)offset; return (long)(call_); }
CALL_OF(read(file, buf, size), read)
CALL_OF(write(file, buf, size), write)
CALL_OF(pread(file, buf, size, offset), pread)
CALL_OF(pwrite(file, buf, size, offset), pwrite)
CALL_OF(readv(file, &whole, 1), readv)
CALL_OF(writev(file, &whole, 1), writev)
CALL_OF(preadv(file, &whole, 1, offset), preadv)
CALL_OF(pwritev(file, &whole, 1, offset), pwritev)
CALL_OF(preadv2(file, &whole, 1, offset, 0), preadv2)
CALL_OF(pwritev2(file, &whole, 1, offset, 0), pwritev2)
CALL_OF(fsync(file), fsync)
CALL_OF(fdatasync(file), fdatasync)
CALL_OF(sync_file_range(file, offset, (off_t)size, 0), sync_file_range)
#undef CALL_OF

static const struct {
	const char *name;
	long (*make)(off_t offset);
	bool at_position;
} each[] = {
	{ "read", one_read, true }, { "write", one_write, true }, { "pread", one_pread, false },
	{ "pwrite", one_pwrite, false }, { "readv", one_readv, true }, { "writev", one_writev, true },
	{ "preadv", one_preadv, false }, { "pwritev", one_pwritev, false },
	{ "preadv2", one_preadv2, false }, { "pwritev2", one_pwritev2, false },
	{ "fsync", one_fsync, false }, { "fdatasync", one_fdatasync, false },
	{ "sync_file_range", one_sync_file_range, false },
};

static size_t chosen;

static void prepare_each(char **args)
{
	while (chosen < sizeof(each) / sizeof(each[0]) && strcmp(each[chosen].name, args[0]))
		chosen++;
	must(chosen < sizeof(each) / sizeof(each[0]), "a call");
	prepare_file(args + 1);
	whole = (struct iovec){ buf, size };
}

static void repeat_each(unsigned long count)
{
	off_t offset = 0;

	clock_on();
	while (count--) {
		must(each[chosen].make(offset) >= 0, each[chosen].name);
		offset = (offset + (off_t)size) & (FILE_SIZE - 1);
		if (!offset && each[chosen].at_position)
			lseek(file, 0, SEEK_SET);
	}
	clock_off();
}

const struct subject file_subjects[] = {
	{ "each", "CALL SIZE DIR", 3, prepare_each, repeat_each, NULL },
	{ "pread", "SIZE DIR [threaded]", 2, prepare_file, repeat_pread, NULL },
	{ "read", "SIZE DIR", 2, prepare_file, repeat_read, NULL },
	{ "write", "SIZE DIR", 2, prepare_write, repeat_write, NULL },
	{ "write-device", "SIZE PATH", 2, prepare_device, repeat_device, NULL },
	{ "fsync", "clean|dirty DIR", 2, prepare_fsync, repeat_fsync, NULL },
	{ "write-tty", "", 0, prepare_tty, repeat_tty, NULL },
	{ 0 }
};
