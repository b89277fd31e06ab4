/* SPDX-License-Identifier: MIT */
/*
 * Tests that io-wq workers are invisible to a program. Each case runs in a child, makes calls that
 * run in a worker, and prints results that must be the same natively and under the library.
 *
 *	iowq limit N		as a user whose process limit is N
 *	iowq killed HOW		kills 20 children while they wait: natively (idle),
 *				on a pipe (waiting), or after an exec (replaced)
 *	iowq CASE...		runs cases by name; default: all that need no argument
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *error_of(long ret)
{
	return ret < 0 ? strerrorname_np(errno) : "";
}

static void say(const char *what, long ret)
{
	printf("%s %ld %s\n", what, ret, error_of(ret));
}

/* Writes text to path and syncs it. On ext4 a worker runs the write, and always the fsync. */
static void put(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0666);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fsync(fd))
		printf("put %s: %s\n", path, strerrorname_np(errno));
	close(fd);
}

static void get(const char *path)
{
	char text[64] = "";
	int fd = open(path, O_RDONLY);
	struct stat st;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		printf("%s: %s\n", path, strerrorname_np(errno));
	else
		printf("%s: %s, %ld bytes\n", path, text, stat(path, &st) ? -1 : (long)st.st_size);
	close(fd);
}

static int tasks(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = 0;

	for (struct dirent *entry; (entry = readdir(dir));)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static int tasks_in_status(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	int n = -1;

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "Threads: %d", &n);
	fclose(file);
	return n;
}

static void *nothing(void *arg)
{
	return arg;
}

static void reap(const char *what, pid_t pid)
{
	int status = -1;
	pid_t reaped;

	if (pid < 0) {
		printf("%s %s\n", what, strerrorname_np(errno));
		return;
	}
	reaped = waitpid(pid, &status, 0);
	printf("%s %s %x\n", what, reaped == pid ? "reaped" : "lost", status);
}

/* Creates a process or thread in each possible way. */
static void make_tasks(void)
{
	char name[] = "true";
	char *const args[] = { name, NULL };
	pthread_t thread;
	pid_t pid;
	int ret;

	pid = fork();
	if (!pid)
		_exit(3);
	reap("fork", pid);
	put("limit", "again");
	pid = vfork();
	if (!pid)
		_exit(4);
	reap("vfork", pid);
	put("limit", "again");
	ret = posix_spawn(&pid, "/bin/true", NULL, NULL, args, environ);
	errno = ret;
	reap("posix_spawn", ret ? -1 : pid);
	put("limit", "again");
	printf("system %d\n", system("exit 5"));
	put("limit", "again");
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		_exit(6);
	reap("syscall(clone)", pid);
	put("limit", "again");
	ret = pthread_create(&thread, NULL, nothing, NULL);
	printf("pthread_create %s\n", ret ? strerrorname_np(ret) : "");
	if (!ret)
		pthread_join(thread, NULL);
}

static int at_limit(int limit)
{
	struct rlimit rlimit = { (rlim_t)limit, (rlim_t)limit };
	int pair[2], fd;
	FILE *file;
	char c;

	if (chmod(".", 0777) || setgroups(0, NULL) || setgid(54321) || setuid(54321) ||
	    setrlimit(RLIMIT_NPROC, &rlimit))
		return 77;
	fd = open("limit", O_CREAT | O_RDWR, 0666);
	say("write", write(fd, "hello", 5));
	say("fsync", fsync(fd));
	say("fdatasync", fdatasync(fd));
	say("pwrite", pwrite(fd, "J", 1, 0));
	say("ftruncate", ftruncate(fd, 100));
	say("fallocate", fallocate(fd, 0, 0, 200));
	say("pread", pread(fd, &c, 1, 0));
	say("lseek", lseek(fd, 0, SEEK_CUR));
	close(fd);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 1;
	say("shutdown", shutdown(pair[0], SHUT_WR));
	say("the peer reads", recv(pair[1], &c, 1, MSG_DONTWAIT));
	file = fopen("stream", "w");
	fputs("text\n", file);
	say("fclose", fclose(file));
	get("limit");
	get("stream");
	say("mkdir", mkdir("dir", 0777));
	say("rename", rename("dir", "dir2"));
	say("rmdir", rmdir("dir2"));
	make_tasks();
	return 0;
}

/* The links of the directory of this process's tasks, by each function that tells them. */
static void count_links(void)
{
	struct statx stx;
	struct stat st;

	put("alone", "x");
	printf("statx: %ld links\n",
	       statx(AT_FDCWD, "/proc/self/task", 0, STATX_NLINK, &stx) ? -1 : (long)stx.stx_nlink);
	put("alone", "x");
	printf("lstat: %ld links\n", lstat("/proc/self/task", &st) ? -1 : (long)st.st_nlink);
	put("alone", "x");
	printf("SYS_statx: %ld links\n",
	       syscall(SYS_statx, AT_FDCWD, "/proc/self/task", 0, STATX_NLINK, &stx) ? -1 :
										       (long)stx.stx_nlink);
	put("alone", "x");
	printf("SYS_newfstatat: %ld links\n",
	       syscall(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &st, 0) ? -1 : (long)st.st_nlink);
#ifdef SYS_stat
	put("alone", "x");
	printf("SYS_stat: %ld links\n",
	       syscall(SYS_stat, "/proc/self/task", &st) ? -1 : (long)st.st_nlink);
#endif
}

/* Asks the kernel if this process has a single thread. */
static void alone(void)
{
	struct stat st;

	count_links();
	put("alone", "x");
	printf("opendir: %d\n", tasks());
	put("alone", "x");
	printf("stat: %ld links\n", stat("/proc/self/task", &st) ? -1 : (long)st.st_nlink);
	put("alone", "x");
	printf("fstatat: %ld links\n",
	       fstatat(open("/proc", O_RDONLY | O_DIRECTORY), "self/task/", &st, 0) ? -1 : (long)st.st_nlink);
	put("alone", "x");
	printf("status: %d\n", tasks_in_status());
}

static void unshares(void)
{
	static const struct { const char *name; int flags; } kinds[] = {
		{ "user", CLONE_NEWUSER }, { "mount", CLONE_NEWNS }, { "uts", CLONE_NEWUTS },
		{ "net", CLONE_NEWNET }, { "ipc", CLONE_NEWIPC }, { "pid", CLONE_NEWPID },
		{ "cgroup", CLONE_NEWCGROUP }, { "time", 0x80 }, { "files", CLONE_FILES },
		{ "fs", CLONE_FS }, { "sysvsem", CLONE_SYSVSEM }, { "vm", CLONE_VM },
		{ "sighand", CLONE_SIGHAND }, { "thread", CLONE_THREAD },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (int by_number = 0; by_number < 2; by_number++) {
			pid_t pid = fork();

			if (!pid) {
				put("unshare", "x");
				say(kinds[i].name, by_number ? syscall(SYS_unshare, kinds[i].flags) :
							       unshare(kinds[i].flags));
				put("unshare", "y");
				get("unshare");
				fflush(stdout);
				_exit(0);
			}
			reap("child", pid);
		}
}

/* Uses a descriptor that is only in the table after unshare(CLONE_FILES), not in an old worker's. */
static void own_table(void)
{
	enum { NUMBER = 200 };
	int fd;

	put("own", "x");
	say("unshare files", unshare(CLONE_FILES));
	fd = open("own", O_RDWR);
	say("dup2", dup2(fd, NUMBER));
	say("write", write(NUMBER, "y", 1));
	say("fsync", fsync(NUMBER));
	say("fallocate", fallocate(NUMBER, 0, 0, 4096));
	get("own");
}

/* Enters the namespaces that a child has created for itself. */
static void enter(void)
{
	static const struct { const char *name; int type; } kinds[] = {
		{ "mnt", CLONE_NEWNS }, { "user", CLONE_NEWUSER }, { "time_for_children", 0x80 },
		{ "net", CLONE_NEWNET }, { "uts", CLONE_NEWUTS },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (int by_number = 0; by_number < 2; by_number++) {
			int ready[2];
			char path[64], c;
			pid_t owner, pid;

			if (pipe(ready))
				_exit(1);
			owner = fork();
			if (!owner) {
				c = unshare(kinds[i].type) ? 'e' : 'r';
				if (write(ready[1], &c, 1) != 1)
					_exit(1);
				pause();
				_exit(0);
			}
			if (read(ready[0], &c, 1) != 1 || c != 'r')
				printf("no %s namespace can be made\n", kinds[i].name);
			snprintf(path, sizeof(path), "/proc/%d/ns/%s", owner, kinds[i].name);
			fflush(stdout);
			pid = fork();
			if (!pid) {
				int fd = open(path, O_RDONLY);

				put("enter", "x");
				say(kinds[i].name, by_number ? syscall(SYS_setns, fd, 0) :
							       setns(fd, kinds[i].type));
				put("enter", "y");
				fflush(stdout);
				_exit(0);
			}
			reap("child", pid);
			kill(owner, SIGKILL);
			waitpid(owner, NULL, 0);
			close(ready[0]);
			close(ready[1]);
		}
}

/* Uses files by name in a thread with its own directory, root and umask. */
static void use_names(void)
{
	struct stat st;
	int fd;

	get("which");
	umask(077);
	fd = open("made", O_CREAT | O_EXCL | O_WRONLY, 0666);
	printf("mode %o\n", fstat(fd, &st) ? 0 : st.st_mode & 0777);
	close(fd);
	say("mkdir", mkdir("made-dir", 0777));
	printf("mode %o\n", stat("made-dir", &st) ? 0 : st.st_mode & 0777);
	say("rmdir", rmdir("made-dir"));
	say("unlink", unlink("made"));
}

static void *own_directory(void *unused)
{
	say("unshare", unshare(CLONE_FS));
	say("chdir", chdir("b"));
	use_names();
	return unused;
}

static void *own_root(void *unused)
{
	say("unshare", unshare(CLONE_FS));
	say("chroot", chroot("b"));
	say("chdir", chdir("/"));
	use_names();
	get("/which");
	return unused;
}

static void *own_mounts(void *unused)
{
	say("unshare", unshare(CLONE_NEWNS));
	say("private", mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	say("mount", mount("none", "b", "tmpfs", 0, ""));
	put("b/which", "mounted");
	get("b/which");
	return unused;
}

/* Workers already exist when the thread unshares, also in that thread. */
static void part(void *(*body)(void *))
{
	pthread_t thread;

	umask(022);
	mkdir("a", 0777);
	mkdir("a/b", 0777);
	put("a/which", "first");
	put("a/b/which", "second");
	if (chdir("a") || pthread_create(&thread, NULL, body, NULL) || pthread_join(thread, NULL))
		_exit(1);
	get("which");
	umask(022);
	if (chdir(".."))
		_exit(1);
}

static void directory(void) { part(own_directory); }
static void root(void) { part(own_root); }
static void mounts(void) { part(own_mounts); }

/* Checks that every task of the process has the priority that the program set. */
static void priority(void)
{
	struct dirent *entry;
	DIR *dir;
	int others = 0;

	put("priority", "x");
	say("setpriority", setpriority(PRIO_PROCESS, 0, 7));
	put("priority", "y");
	/* Opens by number, which the library does not intercept, so that workers stay. */
	dir = fdopendir((int)syscall(SYS_openat, AT_FDCWD, "/proc/self/task", O_RDONLY | O_DIRECTORY));
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			others += syscall(SYS_getpriority, PRIO_PROCESS, atoi(entry->d_name)) != 20 - 7;
	closedir(dir);
	printf("%d with another priority\n", others);
}

/* Replaces the parent's session keyring by the child's. The parent must be single-threaded. */
static void keyring(void)
{
	long before = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);

	for (int i = 0; i < 3; i++) {
		long after;
		pid_t pid;

		put("keyring", "x");
		pid = fork();
		if (!pid) {
			put("keyring", "y");
			say("join", syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0);
			say("to parent", syscall(SYS_keyctl, KEYCTL_SESSION_TO_PARENT));
			fflush(stdout);
			_exit(0);
		}
		if (i < 2)
			reap("child", pid);
		else
			printf("waitid %d\n", waitid(P_PID, (id_t)pid, NULL, WEXITED));
		after = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
		printf("the keyring is %s\n", after == before ? "as before" : "another one");
		before = after;
	}
}

/* Does not return. */
static void be_killed(const char *how, int ready, int empty)
{
	char name[] = "sleep", time[] = "1000", c;
	char *const args[] = { name, time, NULL };

	if (write(ready, "r", 1) != 1)
		_exit(1);
	if (!strcmp(how, "replaced"))
		execvp(name, args);
	if (!strcmp(how, "waiting") && read(empty, &c, 1) < 0)
		_exit(1);
	for (;;)
		pause();
}

static bool is_asleep(pid_t pid)
{
	char path[32], text[256];
	int fd, len;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
	len = (int)syscall(SYS_read, fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	return strstr(text, ") S ");
}

/* Returns when the child sleeps in its last call, after executing its program if it does. */
static void await_sleep(pid_t pid, int ready, bool executes)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	char c;

	if (read(ready, &c, 1) != 1 || (executes && read(ready, &c, 1) != 0))
		_exit(2);
	for (int i = 0; i < 5000 && !is_asleep(pid); i++)
		syscall(SYS_nanosleep, &pause, NULL);
}

/* Prints how many of 20 killed children still hold a pipe after waitpid has reported them. */
static int killed(const char *how)
{
	int late = 0;

	for (int i = 0; i < 20; i++) {
		int ready[2], empty[2];
		pid_t pid;

		if (pipe2(ready, O_CLOEXEC) || pipe2(empty, O_CLOEXEC) || (pid = fork()) < 0)
			return 2;
		if (!pid)
			be_killed(how, ready[1], empty[0]);
		close(ready[1]);
		await_sleep(pid, ready[0], !strcmp(how, "replaced"));
		close(empty[0]);
		kill(pid, SIGKILL);
		if (waitpid(pid, NULL, 0) != pid)
			return 2;
		/* No reader is left, so natively the write fails at once. */
		signal(SIGPIPE, SIG_IGN);
		late += write(empty[1], "x", 1) != -1;
		close(empty[1]);
		close(ready[0]);
	}
	printf("%d of 20 held a pipe\n", late);
	return 0;
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "alone", alone }, { "unshares", unshares }, { "own-table", own_table }, { "enter", enter },
	{ "directory", directory }, { "root", root }, { "mounts", mounts },
	{ "priority", priority }, { "keyring", keyring },
};

static int run_case(size_t i)
{
	int status = 1;
	pid_t pid;

	printf("== %s\n", cases[i].name);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		cases[i].run();
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status != 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && !strcmp(argv[1], "limit"))
		return at_limit(atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "killed"))
		return killed(argv[2]);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool wanted = argc == 1;

		for (int arg = 1; arg < argc; arg++)
			wanted |= !strcmp(argv[arg], cases[i].name);
		if (wanted)
			failed |= run_case(i);
	}
	return failed;
}
