/* SPDX-License-Identifier: MIT */
/*
 * Tests small stacks: every call on a stack of 4,096 bytes, as coroutines have, and handlers over
 * waiting calls on an alternate stack with 512 bytes more than the kernel's frame takes. Below each
 * stack lies a guard page. Prints the same natively and under the library. With HANDLER_CALLS=1 the
 * handlers make a call.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { STACK = 4096, ROOM = 512, GUARD = 65536, MESSAGES = 32 };

static int file, one[2], pair[2], datagrams[2], listener, channel, spare;
static char buf[65536], name[] = "file";
static struct iovec iov[8];
static struct pollfd fds[64];
static struct mmsghdr messages[MESSAGES];
static struct msghdr message;
static union { char bytes[256]; struct cmsghdr first; } control;
static struct epoll_event event = { EPOLLIN, { 0 } };
static struct sockaddr_in address = { .sin_family = AF_INET };
static struct sockaddr_storage peer;
static socklen_t length;
static const struct timespec soon = { 0, 1000000 };
static struct timespec at;
static struct timeval time_left;
static fd_set in, out;
static struct stat st;
static struct statx stx;
static siginfo_t info;
static int status;
static off_t offset;

static long do_read(void) { return read(file, buf, 100); }
static long do_write(void) { return write(file, buf, 100); }
static long do_pread(void) { return pread(file, buf, 100, 0); }
static long do_pwrite(void) { return pwrite(file, buf, 100, 0); }
static long do_readv(void) { return readv(file, iov, 8); }
static long do_writev(void) { return writev(file, iov, 8); }
static long do_preadv(void) { return preadv(file, iov, 8, 0); }
static long do_pwritev(void) { return pwritev(file, iov, 8, 0); }
static long do_preadv2(void) { return preadv2(file, iov, 8, 0, 0); }
static long do_pwritev2(void) { return pwritev2(file, iov, 8, 0, 0); }
static long do_read_pipe(void) { return write(one[1], buf, 10) + read(one[0], buf, 10); }
static long do_fsync(void) { return fsync(file); }
static long do_fdatasync(void) { return fdatasync(file); }
static long do_range(void) { return sync_file_range(file, 0, 100, SYNC_FILE_RANGE_WRITE); }

static long do_accept(void)
{
	spare = socket(AF_INET, SOCK_STREAM, 0);
	length = sizeof(address);
	getsockname(listener, (struct sockaddr *)&address, &length);
	connect(spare, (struct sockaddr *)&address, length);
	length = sizeof(peer);
	return accept(listener, (struct sockaddr *)&peer, &length) > 0;
}

static long do_accept4(void)
{
	int dup_ = socket(AF_INET, SOCK_STREAM, 0);

	length = sizeof(address);
	getsockname(listener, (struct sockaddr *)&address, &length);
	connect(dup_, (struct sockaddr *)&address, length);
	return accept4(listener, NULL, NULL, SOCK_CLOEXEC) > 0;
}

static long do_send(void) { return send(pair[0], buf, 10, 0) + recv(pair[1], buf, 10, 0); }

static long do_sendto(void)
{
	length = sizeof(peer);
	return sendto(datagrams[0], buf, 10, 0, NULL, 0) +
	       recvfrom(datagrams[1], buf, 10, 0, (struct sockaddr *)&peer, &length);
}

static long do_sendmsg(void)
{
	message = (struct msghdr){ .msg_iov = iov, .msg_iovlen = 8 };
	return sendmsg(pair[0], &message, 0) + recvmsg(pair[1], &message, 0);
}

static long do_sendmsg_rights(void)
{
	message = (struct msghdr){ .msg_iov = iov, .msg_iovlen = 1, .msg_control = &control,
				   .msg_controllen = CMSG_SPACE(2 * sizeof(int)) };
	control.first = (struct cmsghdr){ CMSG_LEN(2 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.first), one, sizeof(one));
	return sendmsg(pair[0], &message, 0) + recvmsg(pair[1], &message, 0);
}

static void set_messages(void)
{
	for (int i = 0; i < MESSAGES; i++)
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = iov, .msg_iovlen = 1 };
}

static long do_sendmmsg(void) { set_messages(); return sendmmsg(datagrams[0], messages, 9, 0); }

static long do_recvmmsg(void)
{
	return do_sendmmsg() + recvmmsg(datagrams[1], messages, MESSAGES, MSG_WAITFORONE, NULL);
}

static long do_shutdown(void) { return shutdown(pair[0], SHUT_RDWR); }
static long do_open(void) { return close(open(name, O_RDONLY)); }
static long do_openat(void) { return close(openat(AT_FDCWD, name, O_RDWR | O_CREAT, 0600)); }
static long do_creat(void) { return close(creat("made", 0600)); }
static long do_stat(void) { return stat(name, &st); }
static long do_lstat(void) { return lstat(name, &st); }
static long do_fstat(void) { return fstat(file, &st); }
static long do_fstatat(void) { return fstatat(AT_FDCWD, name, &st, 0); }
static long do_statx(void) { return statx(AT_FDCWD, name, 0, STATX_ALL, &stx); }
static long do_unlink(void) { return unlink("none"); }
static long do_unlinkat(void) { return unlinkat(AT_FDCWD, "none", 0); }
static long do_rename(void) { return rename("none", "no"); }
static long do_renameat(void) { return renameat(AT_FDCWD, "none", AT_FDCWD, "no"); }
static long do_renameat2(void) { return renameat2(AT_FDCWD, "none", AT_FDCWD, "no", 0); }
static long do_mkdir(void) { return mkdir("dir", 0700) + rmdir("dir"); }
static long do_mkdirat(void) { return mkdirat(AT_FDCWD, "dir", 0700) + rmdir("dir"); }
static long do_symlink(void) { return symlink(name, "soft") + unlink("soft"); }
static long do_symlinkat(void) { return symlinkat(name, AT_FDCWD, "soft") + unlink("soft"); }
static long do_link(void) { return link(name, "hard") + unlink("hard"); }

static long do_linkat(void)
{
	return linkat(AT_FDCWD, name, AT_FDCWD, "hard", 0) + unlink("hard");
}

static long do_ftruncate(void) { return ftruncate(file, 100); }
static long do_fallocate(void) { return fallocate(file, 0, 0, 100); }
static long do_posix_fallocate(void) { return posix_fallocate(file, 0, 100); }
static long do_fadvise(void) { return posix_fadvise(file, 0, 100, POSIX_FADV_NORMAL); }
static long do_madvise(void) { return madvise(buf, 0, MADV_NORMAL); }
static long do_setxattr(void) { return setxattr(name, "user.a", "x", 1, 0); }
static long do_getxattr(void) { return getxattr(name, "user.a", buf, 100); }
static long do_fsetxattr(void) { return fsetxattr(file, "user.a", "x", 1, 0); }
static long do_fgetxattr(void) { return fgetxattr(file, "user.a", buf, 100); }
static long do_lgetxattr(void) { return lgetxattr(name, "user.a", buf, 100); }
static long do_lsetxattr(void) { return lsetxattr(name, "user.a", "x", 1, 0); }
static long do_pipe(void) { return pipe(one); }
static long do_pipe2(void) { return pipe2(one, O_CLOEXEC); }
static long do_socket(void) { return close(socket(AF_INET, SOCK_STREAM, 0)); }

static long do_bind(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address = (struct sockaddr_in){ .sin_family = AF_INET };
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) + listen(fd, 5) + close(fd);
}

static long do_splice(void)
{
	offset = 0;
	return splice(file, &offset, one[1], NULL, 10, 0) + tee(one[0], spare, 10, 0);
}

static long do_poll(void) { return poll(fds, 1, 1); }
static long do_poll_many(void) { return poll(fds, 64, 1); }
#ifdef SYS_poll
static long do_poll_more(void) { return syscall(SYS_poll, fds, 64, 1); }
#else /* as on arm64 */
static long do_poll_more(void) { return syscall(SYS_ppoll, fds, 64, &soon, NULL, 0); }
#endif
static long do_ppoll(void) { return ppoll(fds, 64, &soon, NULL); }

static void set_sets(void)
{
	FD_ZERO(&in);
	FD_ZERO(&out);
	for (int fd = 0; fd < 3; fd++) {
		FD_SET(one[0], &in);
		FD_SET(pair[fd % 2], &in);
	}
	time_left = (struct timeval){ 0, 1000 };
}

static long do_select(void) { set_sets(); return select(64, &in, &out, NULL, &time_left); }
static long do_pselect(void) { set_sets(); return pselect(64, &in, &out, NULL, &soon, NULL); }

static long do_syscall_select(void)
{
	set_sets();
#ifdef SYS_select
	return syscall(SYS_select, 64, &in, &out, NULL, &time_left);
#else
	return 0;
#endif
}

static long do_epoll(void) { return epoll_wait(channel, &event, 1, 1); }
static long do_epoll_pwait(void) { return epoll_pwait(channel, &event, 1, 1, NULL); }
static long do_epoll_pwait2(void) { return epoll_pwait2(channel, &event, 1, &soon, NULL); }
static long do_nanosleep(void) { return nanosleep(&soon, NULL); }
static long do_usleep(void) { return usleep(1000); }
static long do_sleep(void) { return sleep(0); }

static long do_clock(void)
{
	clock_gettime(CLOCK_MONOTONIC, &at);
	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static long do_waitid(void) { return waitid(P_ALL, 0, &info, WEXITED); }
static long do_waitpid(void) { return waitpid(-1, &status, 0); }
static long do_wait4(void) { return wait4(-1, &status, 0, NULL); }
static long do_wait(void) { return wait(&status); }

#define CALL(function) { #function, function }

static const struct call { const char *name; long (*make)(void); } calls[] = {
	CALL(do_read), CALL(do_write), CALL(do_pread), CALL(do_pwrite), CALL(do_readv),
	CALL(do_writev), CALL(do_preadv), CALL(do_pwritev), CALL(do_preadv2), CALL(do_pwritev2),
	CALL(do_read_pipe), CALL(do_fsync), CALL(do_fdatasync), CALL(do_range), CALL(do_accept),
	CALL(do_accept4), CALL(do_send), CALL(do_sendto), CALL(do_sendmsg),
	CALL(do_sendmsg_rights), CALL(do_sendmmsg), CALL(do_recvmmsg), CALL(do_shutdown),
	CALL(do_open), CALL(do_openat), CALL(do_creat), CALL(do_stat), CALL(do_lstat),
	CALL(do_fstat), CALL(do_fstatat), CALL(do_statx), CALL(do_unlink), CALL(do_unlinkat),
	CALL(do_rename), CALL(do_renameat), CALL(do_renameat2), CALL(do_mkdir), CALL(do_mkdirat),
	CALL(do_symlink), CALL(do_symlinkat), CALL(do_link), CALL(do_linkat), CALL(do_ftruncate),
	CALL(do_fallocate), CALL(do_posix_fallocate), CALL(do_fadvise), CALL(do_madvise),
	CALL(do_setxattr), CALL(do_getxattr), CALL(do_fsetxattr), CALL(do_fgetxattr),
	CALL(do_lgetxattr), CALL(do_lsetxattr), CALL(do_pipe), CALL(do_pipe2), CALL(do_socket),
	CALL(do_bind), CALL(do_splice), CALL(do_poll), CALL(do_poll_many), CALL(do_poll_more),
	CALL(do_ppoll), CALL(do_select), CALL(do_pselect), CALL(do_syscall_select), CALL(do_epoll),
	CALL(do_epoll_pwait), CALL(do_epoll_pwait2), CALL(do_nanosleep), CALL(do_usleep),
	CALL(do_sleep), CALL(do_clock), CALL(do_waitid), CALL(do_waitpid), CALL(do_wait4),
	CALL(do_wait),
};

/* The calls that handlers interrupt. They wait: all data has been read, and nobody sends more. */
static long wait_read(void) { return read(one[0], buf, 1); }
static long wait_recv(void) { return recv(pair[0], buf, 1, 0); }
static long wait_accept(void) { return accept(listener, NULL, NULL); }

static long wait_write(void)
{
	return write(one[1], buf, sizeof(buf)) < 0 ? 0 : write(one[1], buf, 9);
}

static long wait_recvmmsg(void)
{
	set_messages();
	return recvmmsg(datagrams[1], messages, 9, 0, NULL);
}

static long wait_poll(void) { return poll(fds, 64, 10000); }
static long wait_sleep(void) { return nanosleep(&(struct timespec){ 10, 0 }, NULL); }
static long wait_open(void) { return open("fifo", O_RDONLY); }
static long wait_epoll(void) { return epoll_wait(channel, &event, 1, 10000); }
static long wait_splice(void) { return splice(one[0], NULL, file, NULL, 10, 0); }

static long wait_select(void)
{
	set_sets();
	time_left.tv_sec = 10;
	return select(64, &in, NULL, NULL, &time_left);
}

static long wait_child(void)
{
	pid_t pid = fork();
	long ret;

	if (!pid)
		for (;;)
			pause();
	ret = waitpid(pid, &status, 0);
	kill(pid, SIGKILL);
	syscall(SYS_wait4, pid, NULL, 0, NULL);
	return ret;
}

static const struct call waits[] = {
	CALL(wait_read), CALL(wait_recv), CALL(wait_accept), CALL(wait_write), CALL(wait_recvmmsg),
	CALL(wait_poll), CALL(wait_select), CALL(wait_sleep), CALL(wait_open), CALL(wait_epoll),
	CALL(wait_splice), CALL(wait_child),
};

static void make_all(void)
{
	int other[2];

	file = open(name, O_RDWR | O_CREAT, 0600);
	mkfifo("fifo", 0600);
	channel = epoll_create1(0);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (write(file, buf, 1000) != 1000 || pipe(one) || pipe(other) ||
	    bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 5) ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
	    socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams) ||
	    epoll_ctl(channel, EPOLL_CTL_ADD, one[0], &event))
		exit(2);
	spare = other[1];
	lseek(file, 0, SEEK_SET);
	for (int i = 0; i < 64; i++)
		fds[i] = (struct pollfd){ i % 2 ? one[0] : pair[0], POLLIN, 0 };
	for (int i = 0; i < 8; i++)
		iov[i] = (struct iovec){ buf + i * 100, 100 };
}

static char *small_stack(size_t size)
{
	char *memory = mmap(NULL, 2 * GUARD, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || mprotect(memory, GUARD, PROT_NONE) || size > GUARD)
		exit(2);
	return memory + GUARD;
}

static ucontext_t main_context, small_context;
static long (*current)(void);
static long result;

static void run(void)
{
	result = current();
	swapcontext(&small_context, &main_context);
}

static int on_small_stack(const struct call *call)
{
	make_all();
	current = call->make;
	getcontext(&small_context);
	small_context.uc_stack.ss_sp = small_stack(STACK);
	small_context.uc_stack.ss_size = STACK;
	makecontext(&small_context, run, 0);
	swapcontext(&main_context, &small_context);
	/* Other tests compare the result, but a failed call would test nothing here. */
	return result < -1;
}

static volatile sig_atomic_t handled;
static int told[2];

static void on_alarm(int sig)
{
	handled++;
}

static void on_alarm_telling(int sig)
{
	int saved = errno;

	handled++;
	if (write(told[1], "x", 1) != 1)
		_exit(5);
	errno = saved;
}

static int under_handler(const struct call *call)
{
	size_t size = getauxval(AT_MINSIGSTKSZ) + ROOM;
	stack_t stack = { .ss_size = size };
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = SA_ONSTACK };
	char byte;

	/* The first lazily bound call takes kilobytes of stack, natively too. */
	if (pipe(told) || write(told[1], "x", 1) != 1)
		exit(2);
	if (getenv("HANDLER_CALLS"))
		act.sa_handler = on_alarm_telling;
	make_all();
	stack.ss_sp = small_stack(size);
	sigaltstack(&stack, NULL);
	sigaction(SIGALRM, &act, NULL);
	/* Repeats, because the first signal can come before the call. */
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 50000 }, { 0, 50000 } }, NULL);
	result = call->make();
	if (result >= 0 || errno != EINTR || !handled || read(told[0], &byte, 1) != 1)
		return 4;
	return 0;
}

static void run_each(const struct call *list, size_t count, int (*how)(const struct call *))
{
	for (size_t i = 0; i < count; i++) {
		pid_t pid = fork();

		if (!pid)
			exit(how(&list[i]));
		syscall(SYS_wait4, pid, &status, 0, NULL);
		printf("%s: %s %d\n", list[i].name, WIFSIGNALED(status) ? "killed by" : "ended with",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		fflush(stdout);
	}
}

int main(void)
{
	printf("stacks of %d bytes:\n", STACK);
	fflush(stdout);
	run_each(calls, sizeof(calls) / sizeof(calls[0]), on_small_stack);
	printf("handlers, %d bytes behind the kernel's frame:\n", ROOM);
	fflush(stdout);
	run_each(waits, sizeof(waits) / sizeof(waits[0]), under_handler);
	return 0;
}
