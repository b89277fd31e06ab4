/* SPDX-License-Identifier: MIT */
/*
 * Syncs files one after the other, in ways that may be answered from proof and in ways that must
 * not. Prints what each sync returned, and says if a file is not on the disk that should be. See
 * ahead-sync.bats.
 *
 * Usage: ahead-sync SCENARIO, in an empty directory of the disk
 */
#include <linux/aio_abi.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "tests/shim/ahead-sync.h"

enum { FILES = 14, SIZE = 8192 };

static bool is_wrong;
static int (*sync_call)(int) = fsync;

static const char *name_of(int file)
{
	static char names[4][16];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(names[turn], sizeof(names[turn]), "f%d", file);
	return names[turn];
}

/* Longer than a tick of the clock that times of files are taken from, and than a few syncs. */
static void pause_for(int ms)
{
	usleep((useconds_t)ms * 1000);
}

static int must_open(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0644);

	must(fd >= 0, name);
	return fd;
}

/* Writes a file whose blocks begin with the text. */
static void write_as(const char *name, const char *text)
{
	static _Alignas(4096) char data[SIZE];
	int fd = must_open(name, O_WRONLY | O_CREAT);

	memset(data, 'x', SIZE);
	for (size_t at = 0; at < SIZE; at += CHUNK)
		memcpy(data + at, text, strlen(text));
	must(pwrite(fd, data, SIZE, 0) == SIZE, "write");
	close(fd);
}

static void write_files(void)
{
	for (int i = 0; i < FILES; i++)
		write_as(name_of(i), name_of(i));
	pause_for(30);
}

/* Runs a function in another process, and waits for it. */
static void in_other_process(void (*function)(int), int arg)
{
	pid_t pid = fork();
	int status;

	must(pid >= 0, "fork");
	if (!pid) {
		function(arg);
		fflush(stdout);
		_exit(is_wrong);
	}
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	is_wrong |= !WIFEXITED(status) || WEXITSTATUS(status);
}

/* Syncs an open file. What it says must be true. */
static void sync_open(const char *name, int fd)
{
	int ret = sync_call(fd);
	bool has_data, is_whole;

	printf("%s: %s\n", name, ret ? strerror(errno) : "0");
	if (ret)
		return;
	has_data = is_data_on_disk(fd);
	/* A commit can also be that of another file, whose early sync came late. */
	is_whole = is_committed(fd) && has_data;
	if (is_whole)
		return;
	printf("%s %s\n", name, has_data ? "was not committed" : "is not on the disk");
	is_wrong = true;
}

static void sync_named(const char *name, int flags)
{
	int fd = must_open(name, flags);

	sync_open(name, fd);
	close(fd);
}

/* Waits until nothing has been committed for half a second; not for ever. */
static void await_early_syncs(void)
{
	enum { QUIET = 5, LONG = 300 };
	long before, now = count_commits();

	for (int i = 0, quiet = 0; i < LONG && quiet < QUIET; i++) {
		before = now;
		pause_for(100);
		now = count_commits();
		quiet = now == before ? quiet + 1 : 0;
	}
}

/*
 * The first sync has the others synced early. What these commit hides what this one should have, so
 * only its data is looked at.
 */
static void sync_first(void)
{
	int fd = must_open("f0", O_RDWR);

	must(!sync_call(fd), "f0");
	must(is_data_on_disk(fd), "the data of f0");
	close(fd);
	await_early_syncs();
}

static void sync_written(void)
{
	write_files();
	sync_first();
	for (int i = 1; i < FILES; i++)
		sync_named(name_of(i), i % 2 ? O_RDWR : O_RDONLY);
	/* Once more, when nothing has changed. */
	sync_named("f5", O_RDONLY);
}

/* For file systems whose disk nobody looks at. */
static void sync_unchecked(void)
{
	write_files();
	for (int i = 0; i < FILES; i++) {
		int fd = must_open(name_of(i), O_RDONLY);

		must(!fsync(fd), "fsync");
		close(fd);
		if (!i)
			pause_for(300);
	}
}

static void sync_data(void)
{
	sync_call = fdatasync;
	sync_written();
}

static void write_all(int unused)
{
	write_files();
}

static void sync_announced(void)
{
	in_other_process(write_all, 0);
	for (int i = 0; i < FILES; i++) {
		int fd = must_open(name_of(i), O_RDONLY);

		if (i % 2)
			must(!posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), "posix_fadvise");
		else
			must(!sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE), "sync_file_range");
		close(fd);
	}
	sync_first();
	for (int i = 1; i < FILES; i++)
		sync_named(name_of(i), O_RDONLY);
}

static void sync_and_rename(void)
{
	char to[32];

	write_files();
	sync_first();
	for (int i = 1; i < FILES; i++) {
		sync_named(name_of(i), O_RDWR);
		snprintf(to, sizeof(to), "final%d", i);
		must(!rename(name_of(i), to), "rename");
	}
}

/* Changes. */

static void overwrite(const char *name)
{
	int fd = must_open(name, O_WRONLY);

	must(pwrite(fd, "new", 3, 4096) == 3, "pwrite");
	close(fd);
}

static void append(const char *name)
{
	int fd = must_open(name, O_WRONLY | O_APPEND);

	must(write(fd, "more", 4) == 4, "write");
	close(fd);
}

static void overwrite_direct(const char *name)
{
	static _Alignas(4096) char data[4096] = "direct";
	int fd = must_open(name, O_WRONLY | O_DIRECT);

	must(pwrite(fd, data, sizeof(data), 0) == sizeof(data), "direct write");
	close(fd);
}

static void store_through_mapping(const char *name)
{
	int fd = must_open(name, O_RDWR);
	char *map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	must(map != MAP_FAILED, "mmap");
	close(fd);
	map[100] = 'M';
	munmap(map, SIZE);
}

static void shorten(const char *name)
{
	must(!truncate(name, 5000), "truncate");
}

static void lengthen(const char *name)
{
	must(!truncate(name, 50000), "truncate");
}

static void change_mode(const char *name)
{
	must(!chmod(name, 0640), "chmod");
}

static void change_owner(const char *name)
{
	must(!chown(name, 12, 34), "chown");
}

static void set_attribute(const char *name)
{
	must(!setxattr(name, "user.x", "y", 1, 0), "setxattr");
}

static void change_times(const char *name)
{
	must(!utimes(name, NULL), "utimes");
}

static void add_link(const char *name)
{
	char to[32];

	snprintf(to, sizeof(to), "%s.link", name);
	must(!link(name, to), "link");
}

static void punch_hole(const char *name)
{
	int fd = must_open(name, O_RDWR);

	must(!fallocate(fd, 3, 4096, 4096), "fallocate");
	close(fd);
}

static void copy_range(const char *name)
{
	int from = must_open("f0", O_RDONLY), to = must_open(name, O_WRONLY);
	loff_t in = 0, at = 4096;

	must(copy_file_range(from, &in, to, &at, 4096, 0) > 0, "copy_file_range");
	close(from);
	close(to);
}

static void (*const changes[])(const char *) = {
	overwrite, append,	overwrite_direct, store_through_mapping, shorten,
	lengthen,  change_mode, change_owner,	  set_attribute,	 change_times,
	add_link,  punch_hole,	copy_range,
};

static void change(int file)
{
	changes[file - 1](name_of(file));
}

static void sync_changed(void)
{
	write_files();
	sync_first();
	for (int i = 1; i < FILES; i++) {
		in_other_process(change, i);
		sync_named(name_of(i), O_RDWR);
	}
}

static void sync_changed_when_open(void)
{
	write_files();
	sync_first();
	for (int i = 1; i < FILES; i++) {
		int fd = must_open(name_of(i), O_RDONLY);

		in_other_process(change, i);
		sync_open(name_of(i), fd);
		close(fd);
	}
}

/* Writes that are under way. */

static void write_slowly(const char *name, int begun)
{
	static _Alignas(4096) char data[4096] = "a slow block";
	struct iocb block = { .aio_lio_opcode = IOCB_CMD_PWRITE,
			      .aio_buf = (uintptr_t)data,
			      .aio_nbytes = sizeof(data) };
	struct iocb *list[] = { &block };
	aio_context_t context = 0;
	struct io_event event;
	int fd = must_open(name, O_WRONLY | O_DIRECT);

	must(!syscall(SYS_fsync, fd), "fsync");
	block.aio_fildes = (uint32_t)fd;
	must(!syscall(SYS_io_setup, 1, &context), "io_setup");
	must(syscall(SYS_io_submit, context, 1, list) == 1, "io_submit");
	must(write(begun, "b", 1) == 1, "pipe");
	must(syscall(SYS_io_getevents, context, 1, 1, &event, NULL) == 1, "io_getevents");
	close(fd);
}

static void sync_while_written(void)
{
	int begun[2], status;
	pid_t pid;
	char byte;

	write_files();
	must(!pipe(begun), "pipe");
	pid = fork();
	if (!pid) {
		write_slowly("f7", begun[1]);
		_exit(0);
	}
	must(read(begun[0], &byte, 1) == 1, "pipe");
	pause_for(30);
	sync_first();
	must(waitpid(pid, &status, 0) == pid && !status, "writer");
	sync_named("f7", O_RDONLY);
}

/* Errors. The disk does not take a block that begins with one of these. */
static const char bad[] = "a bad block", too_many[] = "a block too many";

static void fail_and_repair(int file)
{
	int fd;

	write_as(name_of(file), bad);
	fd = must_open(name_of(file), O_RDONLY);
	printf("the writer's sync: %s\n", fsync(fd) ? strerror(errno) : "0");
	close(fd);
	write_as(name_of(file), "good again");
	pause_for(30);
}

/* A description that is older than the error has to report it, although somebody else has seen it. */
static void sync_older(void)
{
	int older;

	write_files();
	older = must_open("f3", O_RDONLY);
	in_other_process(fail_and_repair, 3);
	sync_first();
	sync_open("f3", older);
	sync_open("f3", older);
}

static void sync_older_by_dup(void)
{
	int older, newer;

	write_files();
	older = must_open("f3", O_RDONLY);
	in_other_process(fail_and_repair, 3);
	sync_first();
	newer = must_open("f3", O_RDONLY);
	must(dup2(older, newer) == newer, "dup2");
	sync_open("f3", newer);
}

static void sync_in_child(int file)
{
	sync_named(name_of(file), O_RDONLY);
}

/* The helper's sync gets the error first; the program's has to report it, once. */
static void sync_failed(void)
{
	int older;

	write_files();
	sync();
	write_as("f1", bad);
	write_as("f3", bad);
	write_as("f4", bad);
	/* No neighbour of these: blocks that are written together fail together, with one error. */
	write_as("f6", too_many);
	must(!symlink("f6", "symlink"), "symlink");
	older = must_open("f4", O_RDONLY);
	pause_for(30);
	sync_first();
	sync_named("f1", O_RDWR);
	sync_named("f1", O_RDWR);
	sync_named("symlink", O_RDONLY);
	in_other_process(sync_in_child, 3);
	sync_open("f4", older);
	sync_open("f4", older);
	sync_named("f5", O_RDONLY);
}

static void sync_bad_descriptors(void)
{
	int fd;

	write_files();
	sync_first();
	fd = must_open("f1", O_PATH);
	printf("O_PATH: %s\n", fsync(fd) ? strerror(errno) : "0");
	close(fd);
	fd = must_open("f2", O_RDONLY);
	syscall(SYS_close, fd);
	printf("closed: %s\n", fsync(fd) ? strerror(errno) : "0");
	fd = must_open(".", O_RDONLY | O_DIRECTORY);
	printf("directory: %s\n", fsync(fd) ? strerror(errno) : "0");
}

static void *sync_and_be_cancelled(void *arg)
{
	int fd = must_open("f2", O_RDONLY);

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pthread_cancel(pthread_self());
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	fsync(fd);
	return arg;
}

static void sync_cancelled(void)
{
	pthread_t thread;
	void *result;

	write_files();
	sync_first();
	must(!pthread_create(&thread, NULL, sync_and_be_cancelled, NULL), "thread");
	pthread_join(thread, &result);
	printf("%s\n", result == PTHREAD_CANCELED ? "cancelled" : "not cancelled");
	sync_named("f3", O_RDONLY);
}

static void sync_all_in_child(int unused)
{
	sync_written();
}

static void sync_forked(void)
{
	write_files();
	sync_first();
	in_other_process(sync_in_child, 4);
	in_other_process(sync_all_in_child, 0);
	sync_named("f6", O_RDONLY);
}

static volatile sig_atomic_t is_broken;

static void note_break(int signal)
{
	is_broken = true;
}

static void sync_leased(void)
{
	int fd;

	write_files();
	signal(SIGIO, note_break);
	fd = must_open("f4", O_RDWR);
	must(!fcntl(fd, F_SETLEASE, F_WRLCK), "F_SETLEASE");
	sync_first();
	sync_named("f5", O_RDONLY);
	printf("lease %s\n", is_broken ? "broken" : "kept");
}

/* As databases do. */
static void sync_by_writer(void)
{
	for (int i = 0; i < FILES; i++) {
		int fd = must_open(name_of(i % 3), O_RDWR | O_CREAT);

		for (int j = 0; j < 4; j++) {
			must(pwrite(fd, "data", 4, i * 100) == 4, "pwrite");
			sync_open(name_of(i % 3), fd);
		}
		close(fd);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
	{ "written", sync_written },
	{ "data", sync_data },
	{ "unchecked", sync_unchecked },
	{ "announced", sync_announced },
	{ "renamed", sync_and_rename },
	{ "changed", sync_changed },
	{ "changed-when-open", sync_changed_when_open },
	{ "under-way", sync_while_written },
	{ "older", sync_older },
	{ "older-by-dup", sync_older_by_dup },
	{ "failed", sync_failed },
	{ "bad-descriptors", sync_bad_descriptors },
	{ "cancelled", sync_cancelled },
	{ "forked", sync_forked },
	{ "leased", sync_leased },
	{ "by-writer", sync_by_writer },
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc == 2 && i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (!strcmp(scenarios[i].name, argv[1])) {
			scenarios[i].run();
			return is_wrong;
		}
	fprintf(stderr, "usage: ahead-sync SCENARIO\n");
	return 2;
}
