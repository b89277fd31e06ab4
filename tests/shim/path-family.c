/* SPDX-License-Identifier: MIT */
/*
 * Tests the path family: every call by all its names, with its results and errors. Prints the same
 * natively, by ring and directly. Run it in an empty directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

static long begin(void)
{
	errno = 0;
	return 0;
}

static void say(const char *what, long res)
{
	int err = errno;

	printf("%s = %ld%s%s\n", what, res, err ? " " : "", err ? strerrorname_np(err) : "");
}

#define SAY(call) say(#call, begin() + (long)(call))

static void say_stat(const struct stat *st)
{
	printf("  %o %ld %ld %d\n", st->st_mode, (long)st->st_size, (long)st->st_nlink,
	       st->st_mtime > 1000000000);
}

/* An unmapped address, hidden from the compiler. */
static void *volatile nowhere = (void *)8;

static void opens(void)
{
	struct { unsigned long long flags, mode, resolve; } how = { O_RDONLY, 0, 0 };
	int fd;

	umask(022);
	SAY(open("none", O_RDONLY));
	SAY(fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0666));
	SAY(open("file", O_RDWR | O_CREAT | O_EXCL, 0666));
	SAY(write(fd, "0123456789", 10));
	SAY(close(fd));
	SAY(close(fd));
	SAY(close(-1));
	SAY(fd = openat(AT_FDCWD, "file", O_RDONLY | O_CLOEXEC));
	SAY(fcntl(fd, F_GETFD));
	SAY(openat(fd, "x", O_RDONLY));
	SAY(close(fd));
	SAY(fd = creat("made", 0640));
	SAY(close(fd));
	SAY(fd = (int)syscall(SYS_openat2, AT_FDCWD, "file", &how, sizeof(how)));
	SAY(close(fd));
	how.resolve = 1ull << 40;
	SAY(syscall(SYS_openat2, AT_FDCWD, "file", &how, sizeof(how)));
	SAY(open("file/x", O_RDONLY));
	SAY(open(nowhere, O_RDONLY));
	SAY(fd = open(".", O_RDONLY | O_DIRECTORY));
	SAY(close(fd));
	SAY(fd = open(".", O_RDWR | __O_TMPFILE | O_DIRECTORY, 0600));
	SAY(close(fd));
}

static void on_alarm(int sig)
{
}

static void *write_later(void *unused)
{
	int fd;

	usleep(50000);
	fd = open("fifo", O_WRONLY);
	if (write(fd, "through", 7) != 7)
		exit(2);
	close(fd);
	return NULL;
}

static void fifos(void)
{
	struct sigaction act = { .sa_handler = on_alarm };
	/* It ticks again in case that the first tick comes before the call. */
	struct itimerval often = { { 0, 50000 }, { 0, 50000 } }, never = { 0 };
	char buf[16] = "";
	pthread_t writer;
	int fd;

	mkfifo("fifo", 0600);
	SAY(fd = open("fifo", O_RDONLY | O_NONBLOCK));
	SAY(close(fd));
	SAY(open("fifo", O_WRONLY | O_NONBLOCK));
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	SAY(open("fifo", O_RDONLY));
	setitimer(ITIMER_REAL, &never, NULL);
	pthread_create(&writer, NULL, write_later, NULL);
	SAY((fd = open("fifo", O_RDONLY)) >= 0);
	SAY(read(fd, buf, sizeof(buf)));
	pthread_join(writer, NULL);
	close(fd);
	printf("  %s\n", buf);
}

static void attributes(void)
{
	struct statx statx_;
	struct stat64 st64;
	struct stat st;
	int fd = open("file", O_RDWR);

	SAY(stat("file", &st));
	say_stat(&st);
	SAY(stat("none", &st));
	SAY(stat("", &st));
	SAY(stat("file", nowhere));
	SAY(stat(nowhere, &st));
	SAY(lstat("file", &st));
	SAY(fstat(fd, &st));
	say_stat(&st);
	SAY(fstat(-1, &st));
	SAY(fstat(AT_FDCWD, &st));
	SAY(fstatat(AT_FDCWD, "made", &st, 0));
	say_stat(&st);
	SAY(fstatat(fd, "", &st, AT_EMPTY_PATH));
	SAY(fstatat(AT_FDCWD, "made", &st, 1 << 30));
	SAY(stat64("file", &st64));
	SAY(fstat64(fd, &st64));
	SAY(statx(AT_FDCWD, "file", 0, STATX_SIZE, &statx_));
	printf("  %d\n", (int)statx_.stx_size);
	SAY(ftruncate(fd, 4));
	SAY(ftruncate64(fd, 8));
	SAY(ftruncate(fd, -1));
	SAY(fallocate(fd, 0, 0, 100));
	SAY(fallocate(fd, 0, -1, 100));
	SAY(posix_fallocate(fd, 0, 200));
	SAY(posix_fallocate(fd, -1, 200));
	SAY(posix_fallocate(999, 0, 200));
	SAY(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	SAY(posix_fadvise(fd, 0, 0, 77));
	SAY(fstat(fd, &st));
	say_stat(&st);
	SAY(close(fd));
}

static void limits(void)
{
	struct sigaction act = { .sa_handler = on_alarm };
	struct rlimit old, small;
	int fd = open("file", O_RDWR);

	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit){ 1000, old.rlim_max };
	sigaction(SIGXFSZ, &act, NULL);
	setrlimit(RLIMIT_FSIZE, &small);
	SAY(ftruncate(fd, 2000));
	SAY(fallocate(fd, 0, 0, 2000));
	setrlimit(RLIMIT_FSIZE, &old);
	close(fd);
}

static void memory(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*page = 1;
	SAY(madvise(page, 4096, MADV_DONTNEED));
	printf("  %d\n", *page);
	SAY(madvise(page + 1, 4096, MADV_DONTNEED));
	SAY(madvise(page, 4096, 12345));
	munmap(page, 4096);
	SAY(madvise(page, 4096, MADV_WILLNEED));
}

static void xattrs(void)
{
	int fd = open("file", O_RDWR);
	char value[16] = "";

	SAY(setxattr("file", "user.a", "one", 4, 0));
	SAY(setxattr("file", "user.a", "one", 4, XATTR_CREATE));
	SAY(getxattr("file", "user.a", value, sizeof(value)));
	SAY(getxattr("file", "user.a", value, 1));
	SAY(getxattr("file", "user.none", value, sizeof(value)));
	SAY(fsetxattr(fd, "user.b", "two", 4, 0));
	SAY(fgetxattr(fd, "user.b", NULL, 0));
	SAY(lgetxattr("file", "user.b", value, sizeof(value)));
	SAY(lsetxattr("file", "user.c", "three", 6, 0));
	SAY(fgetxattr(999, "user.b", value, 1));
	SAY(close(fd));
}

static void names(void)
{
	struct stat st;

	SAY(mkdir("dir", 0777));
	SAY(mkdir("dir", 0777));
	SAY(stat("dir", &st));
	printf("  %o\n", st.st_mode);
	SAY(mkdirat(AT_FDCWD, "none/dir", 0777));
	SAY(rename("made", "dir/moved"));
	SAY(rename("made", "dir/moved"));
	SAY(renameat(AT_FDCWD, "dir/moved", AT_FDCWD, "made"));
	SAY(renameat2(AT_FDCWD, "made", AT_FDCWD, "file", RENAME_NOREPLACE));
	SAY(renameat2(AT_FDCWD, "made", AT_FDCWD, "file", 1 << 20));
	SAY(symlink("file", "soft"));
	SAY(symlinkat("file", AT_FDCWD, "soft"));
	SAY(lstat("soft", &st));
	printf("  %o %ld\n", st.st_mode, (long)st.st_size);
	SAY(link("file", "hard"));
	SAY(linkat(AT_FDCWD, "soft", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW));
	SAY(link("none", "hard3"));
	SAY(stat("file", &st));
	printf("  %ld\n", (long)st.st_nlink);
	SAY(unlink("dir"));
	SAY(unlink("hard"));
	SAY(unlink("hard"));
	SAY(unlinkat(AT_FDCWD, "dir", AT_REMOVEDIR));
	SAY(unlinkat(AT_FDCWD, "soft", 1 << 30));
	SAY(unlink("soft"));
}

static void sockets(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	SAY(socket(AF_INET, 77, 0));
	SAY(fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	SAY(fcntl(fd, F_GETFD));
	SAY(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	SAY(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	SAY(bind(fd, (struct sockaddr *)&addr, 1));
	SAY(listen(fd, 5));
	SAY(listen(999, 5));
	SAY(close(fd));
}

static void moves(void)
{
	int one[2], two[2], fd = open("file", O_RDWR);
	off64_t at = 0;
	char buf[64];

	SAY(pipe(one));
	SAY(pipe2(two, O_CLOEXEC));
	SAY(fcntl(two[0], F_GETFD));
	SAY(pipe2(two, 1 << 30));
	SAY(pipe(nowhere));
	SAY(splice(fd, &at, one[1], NULL, 8, 0));
	SAY(at);
	SAY(tee(one[0], two[1], 8, 0));
	SAY(read(one[0], buf, sizeof(buf)));
	SAY(splice(two[0], NULL, fd, &at, 4, 0));
	SAY(at);
	SAY(splice(fd, NULL, fd, NULL, 4, 0));
	SAY(splice(999, NULL, one[1], NULL, 4, 0));
	SAY(splice(fd, nowhere, one[1], NULL, 4, 0));
	SAY(read(two[0], buf, sizeof(buf)));
	close(one[0]);
	signal(SIGPIPE, on_alarm);
	at = 0;
	SAY(splice(fd, &at, one[1], NULL, 4, 0));
}

int main(void)
{
	opens();
	fifos();
	attributes();
	limits();
	memory();
	xattrs();
	names();
	sockets();
	moves();
	return 0;
}
