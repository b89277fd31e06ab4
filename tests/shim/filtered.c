/* SPDX-License-Identifier: MIT */
/*
 * Calls every exported function of the library once, each in a process that has used a ring and
 * then installs a seccomp filter, or allows system calls only from libc's code. From then on the
 * system calls must be the same natively and under the library. A tracer sees where this part
 * begins and ends.
 *
 *	filtered WAY NAME...	WAY: seccomp, tsync, dispatch; -threads: there are others
 *	filtered -l		lists the names
 */
#include <elf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <execinfo.h>
#include <link.h>
#include <stdarg.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include "filtered.h"
#include "shim/symbols/prototypes.h"
#include "uring/sys.h"

#ifdef __aarch64__ /* where it is for old programs only */
__asm__(".symver __send, __send@GLIBC_2.17");
#endif

extern char **environ;
extern int __xstat(int version, const char *path, struct stat *st);

/* The arguments of the calls. */
static struct {
	int file, directory, program, listener, unconnected, epoll, one;
	int pipe[2], other_pipe[2], sockets[2], fds[2];
	char buf[64];
	char template[16];
	char stack[65536];
	struct iovec iov;
	struct sockaddr_un address;
	socklen_t address_size;
	struct mmsghdr message, passing;
	char control[CMSG_SPACE(sizeof(int))];
	struct pollfd poll;
	struct timespec second, moment;
	fd_set set;
	struct epoll_event event;
	int status;
	pid_t pid;
	siginfo_t info;
	struct stat stat;
	struct statx statx;
	void *page;
	sigset_t signals;
	DIR *dir;
	FILE *stream, *command_stream;
	char *command[2];
	wordexp_t words;
	struct sigaction action;
	struct __user_cap_header_struct caps;
	struct __user_cap_data_struct sets[2];
	struct sched_param param;
} on;

/* An unmapped address, hidden from the compiler. */
static void *volatile nowhere = (void *)8;

static struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
static struct sock_fprog allow_all = { 1, &allow };

static void on_signal(int sig)
{
	if (read(on.pipe[0], on.buf, 1) < 0)
		_exit(1);
}

static int print_list(int (*print)(int fd, const char *format, va_list args), int fd,
		      const char *format, ...)
{
	va_list args;
	int ret;

	va_start(args, format);
	ret = print(fd, format, args);
	va_end(args);
	return ret;
}

static int checked_vdprintf(int fd, const char *format, va_list args)
{
	return __vdprintf_chk(fd, 1, format, args);
}

/* Runs both sides of a fork. */
static int child(pid_t pid)
{
	if (pid == 0)
		sys_call6(SYS_exit_group, 0, 0, 0, 0, 0, 0);
	return pid > 0 ? waitpid(pid, NULL, 0) : -1;
}

static int leave_vfork(pid_t pid)
{
	if (pid == 0)
		_exit(0);
	return pid;
}

static int child_that_reads(pid_t pid)
{
	if (pid == 0) {
		ssize_t n = read(on.file, on.buf, 8) + write(on.pipe[1], "a", 1);

		n += signal(SIGUSR1, on_signal) == SIG_ERR;
		raise(SIGUSR1);
		n += fsync(on.file);
		_exit(n < 0);
	}
	return waitpid(pid, NULL, 0);
}

static int child_body(void *arg)
{
	return 0;
}

static void *ending_body(void *arg)
{
	return arg;
}

static int made_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, ending_body, NULL) || pthread_join(thread, NULL);
}

static int cancelled_self(void)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	return pthread_cancel(pthread_self());
}

static int ending_start(void *arg)
{
	return 0;
}

static int made_thrd(void)
{
	thrd_t thread;

	return thrd_create(&thread, ending_start, NULL) || thrd_join(thread, NULL);
}

/* Threads: one starts before the filter and ends when told to, one starts after it. */

static int told[2];
static pthread_t earlier;

static void *earlier_body(void *arg)
{
	struct pollfd told_by = { told[0], POLLIN, 0 };

	if (pread(on.file, on.buf, 8, 0) < 0 || write(on.other_pipe[1], "r", 1) != 1)
		return NULL;
	/* Bypasses the library. Nobody else makes this call, so the tracer recognises it. */
	while (sys_call6(SYS_ppoll, (long)&told_by, 1, 0, 0, 0, 0) < 0)
		;
	return NULL;
}

/* How often pthread_join enters the kernel depends on which thread is faster. */
static int join(pthread_t thread)
{
	while (pthread_tryjoin_np(thread, NULL) == EBUSY)
		;
	return 0;
}

static void start_earlier_thread(void)
{
	if (pipe(told) || pthread_create(&earlier, NULL, earlier_body, NULL) ||
	    read(on.other_pipe[0], on.buf, 1) != 1)
		exit(3);
}

static int end_earlier_thread(void)
{
	if (!earlier)
		return 0;
	return write(told[1], "e", 1) != 1 || join(earlier);
}

static void *later_body(void *arg)
{
	ssize_t n = read(on.file, on.buf, 8) + pread(on.file, on.buf, 8, 0);

	return (void *)(n + fsync(on.file) + close(on.pipe[0]));
}

static int run_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, later_body, NULL) || join(thread);
}

/* The cases */

#define CASE(name, call) static void do_##name(void) { (void)(call); }
#include "filtered-cases.h"
#undef CASE

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
#define CASE(name, call) { #name, do_##name },
#include "filtered-cases.h"
#undef CASE
};

static void make_sockets(void)
{
	struct sockaddr_un *address = &on.address;

	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, "socket");
	on.address_size = sizeof(*address);
	on.listener = socket(AF_UNIX, SOCK_STREAM, 0);
	on.unconnected = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(on.listener, (void *)address, on.address_size) || listen(on.listener, 5) ||
	    connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)address, on.address_size) ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, on.sockets) || write(on.sockets[1], "abcd", 4) != 4)
		exit(3);
}

static void make_messages(void)
{
	struct cmsghdr *cmsg;

	on.iov = (struct iovec){ on.buf, 8 };
	on.message.msg_hdr = on.passing.msg_hdr = (struct msghdr){ .msg_iov = &on.iov, .msg_iovlen = 1 };
	on.passing.msg_hdr.msg_control = on.control;
	on.passing.msg_hdr.msg_controllen = sizeof(on.control);
	cmsg = CMSG_FIRSTHDR(&on.passing.msg_hdr);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &on.file, sizeof(int));
}

static void make_files(void)
{
	on.file = open("file", O_RDWR | O_CREAT, 0600);
	on.directory = open(".", O_RDONLY | O_DIRECTORY);
	on.program = open(on.command[0], O_RDONLY | O_CLOEXEC);
	on.dir = opendir(".");
	on.stream = fopen("file", "r+");
	on.command_stream = popen("exit 0", "r");
	/* Its SIGCHLD must not come while a case runs: it would restart the case's call. */
	waitid(P_ALL, 0, &on.info, WEXITED | WNOWAIT);
	if (write(on.file, "0123456789abcdefghij", 20) != 20 || lseek(on.file, 0, SEEK_SET) ||
	    pipe(on.pipe) || pipe(on.other_pipe) || write(on.pipe[1], "0123456789", 10) != 10)
		exit(3);
	on.epoll = epoll_create1(0);
	on.event.events = EPOLLIN;
	epoll_ctl(on.epoll, EPOLL_CTL_ADD, on.pipe[0], &on.event);
	on.poll = (struct pollfd){ on.pipe[0], POLLIN, 0 };
	FD_SET(on.pipe[0], &on.set);
}

/* Uses a ring, an operation in an io-wq worker, a file position, and a child killed by a signal. */
static void use_all(void)
{
	void *frames[1];

	if (read(on.file, on.buf, 4) != 4 || write(on.file, "abcd", 4) != 4 || fsync(on.file) ||
	    read(on.pipe[0], on.buf, 1) != 1 || fgetc(on.stream) < 0)
		exit(3);
	on.pid = fork();
	if (!on.pid) {
		raise(SIGKILL);
		_exit(0);
	}
	waitid(P_PID, (id_t)on.pid, &on.info, WEXITED | WNOWAIT);
	signal(SIGUSR2, on_signal);
	/* Cancellation needs libgcc; make libc load it now. */
	backtrace(frames, 1);
	/* Makes sure that no later allocation needs the kernel. */
	free(malloc(100000));
}

static void prepare(void)
{
	on.command[0] = (char *)"/bin/true";
	on.one = 1;
	on.second.tv_sec = 1;
	on.moment.tv_nsec = 1;
	strcpy(on.template, "fileXXXXXX");
	sigemptyset(&on.signals);
	on.action.sa_handler = on_signal;
	on.caps.version = _LINUX_CAPABILITY_VERSION_3;
	on.page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sys_call6(SYS_capget, (long)&on.caps, (long)on.sets, 0, 0, 0, 0))
		exit(3);
	make_files();
	make_sockets();
	make_messages();
	use_all();
}

/* The code of libc, which must be allowed to make system calls. */
static int find_libc(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct iovec *text = arg;

	if (!strstr(info->dlpi_name, "/libc.so"))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *phdr = &info->dlpi_phdr[i];

		if (phdr->p_type == PT_LOAD && phdr->p_flags & PF_X)
			*text = (struct iovec){ (char *)info->dlpi_addr + phdr->p_vaddr, phdr->p_memsz };
	}
	return 1;
}

static volatile char selector;

static void on_stopped(int sig, siginfo_t *info, void *context)
{
	static const char text[] = "  a system call past libc\n";

	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	sys_call6(SYS_write, 1, (long)text, sizeof(text) - 1, 0, 0, 0);
}

static void dispatch(void)
{
	struct sigaction action = { .sa_sigaction = on_stopped, .sa_flags = SA_SIGINFO };
	struct iovec text = { 0 };

	dl_iterate_phdr(find_libc, &text);
	if (sigaction(SIGSYS, &action, NULL) ||
	    prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, text.iov_base, text.iov_len,
		  &selector))
		exit(4);
}

static void install(const char *way)
{
	if (!strncmp(way, "dispatch", 8)) {
		dispatch();
		return;
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!strncmp(way, "tsync", 5)
		    ? syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &allow_all)
		    : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &allow_all))
		exit(4);
}

/* Makes a system call that fails, and that nobody else makes. */
static void mark(int what)
{
	sys_call6(SYS_symlinkat, 0, what, 0, 0, 0, 0);
}

/* ready, go: pipe ends to and from the tracer. */
static void run(const char *way, size_t which, int ready, int go)
{
	char c;

	prepare();
	if (strstr(way, "-threads"))
		start_earlier_thread();
	install(way);
	/* Bypasses the library, because the tracer attaches in the middle of this call. */
	sys_call6(SYS_write, ready, (long)"r", 1, 0, 0, 0);
	sys_call6(SYS_read, go, (long)&c, 1, 0, 0, 0);
	mark(FILTERED_BEGIN);
	if (!strncmp(way, "dispatch", 8))
		selector = SYSCALL_DISPATCH_FILTER_BLOCK;
	cases[which].run();
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	mark(FILTERED_END);
	sys_call6(SYS_exit_group, 0, 0, 0, 0, 0, 0);
}

static void run_apart(const char *way, size_t which)
{
	char directory[32] = "case-XXXXXX";
	int status, ready[2], go[2];
	pid_t pid;
	char c;

	if (!mkdtemp(directory) || pipe(ready) || pipe(go))
		exit(3);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(ready[0]);
		close(go[1]);
		alarm(300);
		if (chdir(directory))
			exit(3);
		run(way, which, ready[1], go[0]);
	}
	close(ready[1]);
	close(go[0]);
	if (read(ready[0], &c, 1) != 1)
		exit(3);
	status = filtered_trace(cases[which].name, pid, go[1]);
	close(ready[0]);
	close(go[1]);
	if (status)
		printf("%s: ended with %x\n", cases[which].name, status);
}

static bool is_wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	const size_t count = sizeof(cases) / sizeof(cases[0]);

	if (argc < 2)
		return 2;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(argv[1], "-l"))
			puts(cases[i].name);
		else if (is_wanted(cases[i].name, argv + 2))
			run_apart(argv[1], i);
	}
	return 0;
}
