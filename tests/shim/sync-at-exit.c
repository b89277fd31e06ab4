/* SPDX-License-Identifier: MIT */
/*
 * Programs whose syncs return early, and an observer that looks at the disk at the moment at which
 * it learns of them. See sync-at-exit.bats.
 *
 * Usage, in a directory of the disk:
 *	sync-at-exit observe SHIM MOMENT	natively; runs "work" with the library
 *	sync-at-exit errors			prints what syncs of wrong descriptors return
 *	sync-at-exit threads			notes in several threads, and tells of each file
 *	sync-at-exit write COUNT | check COUNT	for the crash test
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <wchar.h>
#include "tests/lib/raw-syscalls.h"
#include "tests/shim/ahead-sync.h"

extern char **environ;

enum {
	FILES = 5,
	SINK = 20, /* what the worker writes to, and what the library cannot see it tell by */
	TOLD = 21,
	STAY = 22, /* the worker goes on when that ends */
	FILE_SIZE_MAX = 12000,
};

static char data[FILE_SIZE_MAX];

/* What is in a file follows from its number. Returns the size. */
static size_t content_of(unsigned number)
{
	uint64_t dice = (number + 1) * 0x9e3779b97f4a7c15ull;
	size_t size = 1 + (dice >> 32) % sizeof(data);

	for (size_t i = 0; i < size; i++)
		data[i] = (char)((dice = dice * 6364136223846793005ull + 1442695040888963407ull) >>
				 56);
	return size;
}

static const char *name_of(unsigned number)
{
	static _Thread_local char name[32];

	snprintf(name, sizeof(name), "f%u", number);
	return name;
}

/* Writes a file, syncs it, and gives it its name then. */
static void make_file(unsigned number, int (*sync_fd)(int fd))
{
	size_t size = content_of(number);
	int fd = open("new", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size, "write");
	must(!sync_fd(fd) && !close(fd), "sync");
	must(!rename("new", name_of(number)), "rename");
}

static int sync_by_range(int fd)
{
	return sync_file_range(fd, 0, 0,
			       SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
				       SYNC_FILE_RANGE_WAIT_AFTER);
}

static int sync_by_syscall(int fd)
{
	return (int)syscall(SYS_fsync, fd);
}

static void sync_directory(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);

	must(fd >= 0 && !fsync(fd) && !close(fd), "sync of the directory");
}

/* Makes the files, and writes where nobody looks. */
static void make_files(void)
{
	static int (*const syncs[FILES])(int fd) = { fsync, fdatasync, sync_by_range,
						     sync_by_syscall, fsync };
	int null = open("/dev/null", O_WRONLY);

	for (unsigned i = 0; i < FILES; i++)
		make_file(i, syncs[i]);
	sync_directory();
	must(write(null, "x", 1) == 1 && !close(null), "/dev/null");
}

/* Returns the number of flushes that the disk has had. */
static long count_flushes(void)
{
	char text[100] = "";
	int fd = raw_open(getenv("COUNTS"), O_RDONLY | O_CLOEXEC, 0);
	long flushes = -1;

	must(fd >= 0 && raw_pread(fd, text, sizeof(text) - 1, 0) > 0, "COUNTS");
	raw_close(fd);
	must(sscanf(text, "%*d %ld", &flushes) == 1, text);
	return flushes;
}

/* Prints what is not on the disk. Native. */
static int report(void)
{
	int missing = 0;

	for (unsigned i = 0; i < FILES; i++) {
		int fd = open(name_of(i), O_RDONLY);

		must(fd >= 0, "open");
		if (is_on_disk(fd))
			continue;
		printf("%s is not on the disk\n", name_of(i));
		missing++;
	}
	printf("%d of %d files on the disk\n", FILES - missing, FILES);
	return 0;
}

/* Tells the observer, unseen by the library. */
static void tell(void)
{
	must(raw_write(TOLD, "t", 1) == 1, "tell");
}

/* Waits until the observer has looked, unseen by the library. */
static void stay(void)
{
	char end;

	raw_read(STAY, &end, 1);
}

static char *const report_argv[] = { (char *)"sync-at-exit", (char *)"report", NULL };
static char self[4096];

/* The environment without the library. */
static char **native_environment(void)
{
	unsetenv("LD_PRELOAD");
	return environ;
}

/* A process that was forked reports, without any call that the library sees. */
static void report_in_child(long pid)
{
	if (pid)
		return;
	raw3(SYS_execve, (long)self, (long)report_argv, (long)native_environment());
	raw3(SYS_exit_group, 98, 0, 0);
}

/* The moments. Some end the process, in some the child reports; "told" is raw. */
static void by_return(void) {}

static void by_exit(void)
{
	exit(0);
}

static void by__exit(void)
{
	_exit(0);
}

static void by_quick_exit(void)
{
	quick_exit(0);
}

static void by_exit_group(void)
{
	syscall(SYS_exit_group, 0);
}

static void by_abort(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	abort();
}

static void *end_later(void *arg)
{
	return NULL;
}

static void by_pthread_exit(void)
{
	pthread_t thread;

	must(!pthread_create(&thread, NULL, end_later, NULL), "thread");
	pthread_detach(thread);
	pthread_exit(NULL);
}

static void by_execve(void)
{
	execve(self, report_argv, native_environment());
}

static void by_execl(void)
{
	native_environment();
	execl(self, "sync-at-exit", "report", NULL);
}

static void by_syscall_execve(void)
{
	syscall(SYS_execve, self, report_argv, native_environment());
}

static void by_fork(void)
{
	report_in_child(fork());
	wait(NULL);
}

static void by_vfork(void)
{
	char **environment = native_environment();
	pid_t pid = vfork();

	if (!pid) {
		raw3(SYS_execve, (long)self, (long)report_argv, (long)environment);
		raw3(SYS_exit_group, 98, 0, 0);
	}
	wait(NULL);
}

static void by_syscall_clone(void)
{
	report_in_child(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	wait(NULL);
}

static void by_posix_spawn(void)
{
	must(!posix_spawn(NULL, self, NULL, NULL, report_argv, native_environment()), "spawn");
	wait(NULL);
}

static void by_system(void)
{
	char command[5000];

	native_environment();
	snprintf(command, sizeof(command), "%s report", self);
	must(!system(command), "system");
}

static void by_popen(void)
{
	char command[5000], line[100];
	FILE *stream;

	native_environment();
	snprintf(command, sizeof(command), "%s report", self);
	stream = popen(command, "r");
	while (stream && fgets(line, sizeof(line), stream))
		fputs(line, stdout);
	pclose(stream);
}

static void by_write(void)
{
	must(write(SINK, "t", 1) == 1, "write");
}

static void by_writev(void)
{
	struct iovec iov = { (char *)"t", 1 };

	must(writev(SINK, &iov, 1) == 1, "writev");
}

static void by_pwritev2(void)
{
	struct iovec iov = { (char *)"t", 1 };

	must(pwritev2(SINK, &iov, 1, -1, 0) == 1, "pwritev2");
}

static void by_syscall_write(void)
{
	must(syscall(SYS_write, SINK, "t", 1) == 1, "write");
}

static void by_dprintf(void)
{
	must(dprintf(SINK, "%c", 't') == 1, "dprintf");
}

static void by_stream(void)
{
	FILE *stream = fdopen(SINK, "w");

	must(fprintf(stream, "t") == 1 && !fflush(stream), "stream");
}

static void by_wide_stream(void)
{
	FILE *stream = fdopen(SINK, "w");

	must(fputwc(L't', stream) == L't' && !fflush(stream), "stream");
}

static void by_send(void)
{
	must(send(SINK, "t", 1, 0) == 1, "send");
}

static void by_sendto(void)
{
	must(sendto(SINK, "t", 1, 0, NULL, 0) == 1, "sendto");
}

static void by_sendmsg(void)
{
	struct iovec iov = { (char *)"t", 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	must(sendmsg(SINK, &message, 0) == 1, "sendmsg");
}

static void by_sendmmsg(void)
{
	struct iovec iov = { (char *)"t", 1 };
	struct mmsghdr message = { .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };

	must(sendmmsg(SINK, &message, 1, 0) == 1, "sendmmsg");
}

static void by_sendfile(void)
{
	int fd = open(name_of(0), O_RDONLY);

	must(sendfile(SINK, fd, NULL, 1) == 1, "sendfile");
}

static void by_splice(void)
{
	int fd = open(name_of(0), O_RDONLY);

	must(splice(fd, NULL, SINK, NULL, 1, 0) == 1, "splice");
}

static void by_tee(void)
{
	int pair[2];

	must(!pipe(pair) && raw_write(pair[1], "t", 1) == 1, "pipe");
	must(tee(pair[0], SINK, 1, 0) == 1, "tee");
}

static void by_vmsplice(void)
{
	struct iovec iov = { (char *)"t", 1 };

	must(vmsplice(SINK, &iov, 1, 0) == 1, "vmsplice");
}

static void by_setuid(void)
{
	must(!setuid(geteuid()), "setuid");
	tell();
}

static void by_syscall_setgid(void)
{
	must(!syscall(SYS_setgid, getegid()), "setgid");
	tell();
}

static void by_filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &allow };

	must(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
		     !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program),
	     "filter");
	tell();
}

static void by_umount(void)
{
	must(umount("no/such/mount") && errno == ENOENT, "umount");
	tell();
}

static void by_close_range(void)
{
	must(!close_range(500, 5000, 0), "close_range");
	tell();
}

static void by_dup2(void)
{
	for (int fd = 500; fd < 1024; fd++)
		must(dup2(STAY, fd) == fd, "dup2");
	tell();
}

static void by_close(void)
{
	for (int fd = 500; fd < 1024; fd++)
		must(close(fd) && errno == EBADF, "close");
	tell();
}

/* Nothing syncs before this one: it shows that the test would see it. */
static void by_raw_write(void)
{
	tell();
}

/* Where the observer has its eye. */
enum eye { EYE_EXIT, EYE_REPORT, EYE_TOLD, EYE_PIPE, EYE_SOCKET, EYE_TERMINAL };

static const struct moment {
	const char *name;
	enum eye eye;
	void (*reach)(void);
} moments[] = {
	{ "return", EYE_EXIT, by_return },
	{ "exit", EYE_EXIT, by_exit },
	{ "_exit", EYE_EXIT, by__exit },
	{ "quick_exit", EYE_EXIT, by_quick_exit },
	{ "exit_group", EYE_EXIT, by_exit_group },
	{ "abort", EYE_EXIT, by_abort },
	{ "pthread_exit", EYE_EXIT, by_pthread_exit },
	{ "execve", EYE_REPORT, by_execve },
	{ "execl", EYE_REPORT, by_execl },
	{ "syscall-execve", EYE_REPORT, by_syscall_execve },
	{ "fork", EYE_REPORT, by_fork },
	{ "vfork", EYE_REPORT, by_vfork },
	{ "syscall-clone", EYE_REPORT, by_syscall_clone },
	{ "posix_spawn", EYE_REPORT, by_posix_spawn },
	{ "system", EYE_REPORT, by_system },
	{ "popen", EYE_REPORT, by_popen },
	{ "write", EYE_PIPE, by_write },
	{ "write-terminal", EYE_TERMINAL, by_write },
	{ "write-socket", EYE_SOCKET, by_write },
	{ "writev", EYE_PIPE, by_writev },
	{ "pwritev2", EYE_PIPE, by_pwritev2 },
	{ "syscall-write", EYE_PIPE, by_syscall_write },
	{ "dprintf", EYE_PIPE, by_dprintf },
	{ "stream", EYE_PIPE, by_stream },
	{ "wide-stream", EYE_PIPE, by_wide_stream },
	{ "send", EYE_SOCKET, by_send },
	{ "sendto", EYE_SOCKET, by_sendto },
	{ "sendmsg", EYE_SOCKET, by_sendmsg },
	{ "sendmmsg", EYE_SOCKET, by_sendmmsg },
	{ "sendfile", EYE_SOCKET, by_sendfile },
	{ "splice", EYE_PIPE, by_splice },
	{ "tee", EYE_PIPE, by_tee },
	{ "vmsplice", EYE_PIPE, by_vmsplice },
	{ "setuid", EYE_TOLD, by_setuid },
	{ "syscall-setgid", EYE_TOLD, by_syscall_setgid },
	{ "filter", EYE_TOLD, by_filter },
	{ "umount", EYE_TOLD, by_umount },
	{ "close_range", EYE_TOLD, by_close_range },
	{ "dup2", EYE_TOLD, by_dup2 },
	{ "close", EYE_TOLD, by_close },
	{ "raw-write", EYE_TOLD, by_raw_write },
};

static const struct moment *find_moment(const char *name)
{
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++)
		if (!strcmp(moments[i].name, name))
			return &moments[i];
	fprintf(stderr, "no moment %s\n", name);
	exit(2);
}

/* With the library: leaves the number of flushes before the moment in the file "flushes". */
static int work(const struct moment *moment)
{
	long flushes[2];
	int fd;

	flushes[0] = count_flushes();
	make_files();
	flushes[1] = count_flushes();
	fd = open("flushes", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	must(write(fd, flushes, sizeof(flushes)) == sizeof(flushes) && !close(fd), "flushes");
	moment->reach();
	if (moment->eye >= EYE_TOLD)
		stay();
	return 0;
}

/* Makes the ends of what the worker writes to. */
static void make_sink(enum eye eye, int ends[2])
{
	if (eye == EYE_SOCKET)
		must(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	else if (eye == EYE_TERMINAL)
		must(!openpty(&ends[0], &ends[1], NULL, NULL, NULL), "openpty");
	else
		must(!pipe(ends), "pipe");
}

static void start_worker(const char *shim, const struct moment *moment, const int ends[4])
{
	char *const argv[] = { self, (char *)"work", (char *)moment->name, NULL };

	must(dup2(ends[1], moment->eye == EYE_TOLD ? TOLD : SINK) >= 0, "dup2");
	must(dup2(ends[2], STAY) == STAY, "dup2");
	for (int i = 0; i < 4; i++)
		close(ends[i]);
	setenv("LD_PRELOAD", shim, 1);
	setenv("RINGSHIM_RISK_SYNC_AT_EXIT", "1", 1);
	execv(self, argv);
	_exit(97);
}

static void print_flushes(void)
{
	long flushes[2] = { 0, 1 };
	int fd = open("flushes", O_RDONLY);

	must(fd >= 0 && read(fd, flushes, sizeof(flushes)) == sizeof(flushes), "flushes");
	printf("%ld flushes before\n", flushes[1] - flushes[0]);
}

static int observe(const char *shim, const struct moment *moment)
{
	int ends[4], status;
	char byte;
	pid_t pid;

	make_sink(moment->eye, ends);
	must(!pipe(ends + 2), "pipe");
	fflush(stdout);
	pid = fork();
	if (!pid)
		start_worker(shim, moment, ends);
	close(ends[1]);
	close(ends[2]);
	if (moment->eye >= EYE_TOLD && read(ends[0], &byte, 1) == 1)
		report();
	close(ends[3]);
	must(waitpid(pid, &status, 0) == pid, "wait");
	if (moment->eye == EYE_EXIT)
		report();
	print_flushes();
	printf("status %#x\n", status);
	return 0;
}

/* What syncs return of descriptors that cannot be synced. */
static void print_syncs(const char *what, int fd)
{
	static const struct {
		off64_t offset, count;
		unsigned flags;
	} ranges[] = { { 0, 0, 0 },  { 0, 0, 2 },  { 0, 0, 7 },	       { 0, 0, 8 },
		       { -1, 0, 2 }, { 0, -1, 2 }, { 1, INT64_MAX, 2 } };
	int ret = fsync(fd);

	printf("%s: fsync %d %s", what, ret, ret ? strerror(errno) : "");
	ret = fdatasync(fd);
	printf(", fdatasync %d %s", ret, ret ? strerror(errno) : "");
	ret = (int)syscall(SYS_fsync, fd);
	printf(", syscall %d %s", ret, ret ? strerror(errno) : "");
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		ret = sync_file_range(fd, ranges[i].offset, ranges[i].count, ranges[i].flags);
		printf(", range %d %s", ret, ret ? strerror(errno) : "");
	}
	printf("\n");
}

static int errors(void)
{
	int pair[2], sockets[2];

	must(!pipe(pair) && !socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), "pipe");
	print_syncs("-1", -1);
	print_syncs("closed", 999);
	print_syncs("closed, high", 1 << 20);
	print_syncs("a file", open("file", O_RDWR | O_CREAT, 0644));
	print_syncs("a file to read", open("file", O_RDONLY));
	print_syncs("a directory", open(".", O_RDONLY | O_DIRECTORY));
	print_syncs("O_PATH", open("file", O_PATH));
	print_syncs("a directory by O_PATH", open(".", O_PATH | O_DIRECTORY));
	print_syncs("a pipe", pair[0]);
	print_syncs("a socket", sockets[0]);
	print_syncs("/dev/null", open("/dev/null", O_RDWR));
	print_syncs("/proc", open("/proc/self/status", O_RDONLY));
	print_syncs("epoll", epoll_create1(0));
	print_syncs("eventfd", eventfd(0, 0));
	must(!mkfifo("fifo", 0600), "mkfifo");
	print_syncs("a FIFO", open("fifo", O_RDWR));
	must(!unlink("file") && !unlink("fifo"), "unlink");
	return 0;
}

/* The disk does not take a block that begins with this. */
static void write_bad(void)
{
	static const char bad[4096] = "a bad block";
	int fd = open("bad", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	must(write(fd, bad, sizeof(bad)) == sizeof(bad), "write");
	must(!fsync(fd), "fsync of a bad block");
	close(fd);
}

static int fail_at(const char *moment)
{
	write_bad();
	if (!strcmp(moment, "output"))
		must(write(STDOUT_FILENO, "told\n", 5) == 5, "write");
	if (!strcmp(moment, "exec"))
		execlp("echo", "echo", "told", NULL);
	if (!strcmp(moment, "fork"))
		puts(fork() ? "told" : "told by a child");
	return 0;
}

/* The error has occurred before the sync. */
static int fail_before(void)
{
	static const char bad[4096] = "a bad block";
	int fd = open("bad", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	must(write(fd, bad, sizeof(bad)) == sizeof(bad), "write");
	must(!raw6(SYS_sync_file_range, fd, 0, 0, SYNC_FILE_RANGE_WRITE, 0, 0), "writing");
	usleep(300 * 1000);
	printf("fsync: %s\n", fsync(fd) ? strerror(errno) : "0");
	printf("again: %s\n", fsync(fd) ? strerror(errno) : "0");
	return 0;
}

/* Threads that note and tell at the same time. The observer is another process. */
enum { THREADS = 4, FILES_OF_THREAD = 30 };

static void *make_and_tell(void *arg)
{
	unsigned first = *(unsigned *)arg;
	char text[4096] = "";

	for (unsigned i = first; i < first + FILES_OF_THREAD; i++) {
		int fd = open(name_of(i), O_RDWR | O_CREAT, 0644);

		snprintf(text, sizeof(text), "the content of %u", i);
		must(write(fd, text, sizeof(text)) == sizeof(text) && !fsync(fd) && !close(fd),
		     "write");
		must(write(SINK, &i, sizeof(i)) == sizeof(i), "tell");
	}
	return NULL;
}

static int work_in_threads(void)
{
	pthread_t threads[THREADS];
	unsigned firsts[THREADS];

	for (unsigned i = 0; i < THREADS; i++) {
		firsts[i] = i * FILES_OF_THREAD;
		must(!pthread_create(&threads[i], NULL, make_and_tell, &firsts[i]), "thread");
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

static void start_threads(const char *shim, const int ends[2])
{
	char *const argv[] = { self, (char *)"work-in-threads", NULL };

	must(dup2(ends[1], SINK) == SINK, "dup2");
	close(ends[0]);
	close(ends[1]);
	setenv("LD_PRELOAD", shim, 1);
	setenv("RINGSHIM_RISK_SYNC_AT_EXIT", "1", 1);
	execv(self, argv);
	_exit(97);
}

static int observe_threads(const char *shim)
{
	unsigned number, count = 0, missing = 0;
	int ends[2];

	must(!pipe(ends), "pipe");
	if (!fork())
		start_threads(shim, ends);
	close(ends[1]);
	while (read(ends[0], &number, sizeof(number)) == sizeof(number)) {
		int fd = open(name_of(number), O_RDONLY);

		count++;
		missing += !is_data_on_disk(fd);
		close(fd);
	}
	wait(NULL);
	printf("%u told, %u not on the disk\n", count, missing);
	return 0;
}

/* The crash test. */
static int write_all(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		make_file(i, fsync);
	sync_directory();
	return 0;
}

static int check_all(unsigned count)
{
	char found[FILE_SIZE_MAX + 1];
	unsigned broken = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t size = content_of(i);
		int fd = open(name_of(i), O_RDONLY);
		ssize_t got = read(fd, found, sizeof(found));

		broken += got != (ssize_t)size || memcmp(found, data, size) != 0;
		close(fd);
	}
	printf("%u of %u files are whole\n", count - broken, count);
	return broken != 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	must(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0, "/proc/self/exe");
	if (!strcmp(what, "observe") && argc == 4)
		return observe(argv[2], find_moment(argv[3]));
	if (!strcmp(what, "work") && argc == 3)
		return work(find_moment(argv[2]));
	if (!strcmp(what, "report"))
		return report();
	if (!strcmp(what, "errors"))
		return errors();
	if (!strcmp(what, "fail-at") && argc == 3)
		return fail_at(argv[2]);
	if (!strcmp(what, "fail-before"))
		return fail_before();
	if (!strcmp(what, "observe-threads") && argc == 3)
		return observe_threads(argv[2]);
	if (!strcmp(what, "work-in-threads"))
		return work_in_threads();
	if (!strcmp(what, "write") && argc == 3)
		return write_all((unsigned)atoi(argv[2]));
	if (!strcmp(what, "check") && argc == 3)
		return check_all((unsigned)atoi(argv[2]));
	fprintf(stderr, "usage: see the top of sync-at-exit.c\n");
	return 2;
}
