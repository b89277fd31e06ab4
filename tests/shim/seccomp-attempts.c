/* SPDX-License-Identifier: MIT */
/*
 * Tests filter installations that fail, as libraries make them to probe the kernel. After each one,
 * a call must take the same route as before.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int file;

static void say(const char *what, long ret)
{
	int err = errno;
	char c;

	printf("%s: %ld %s, ", what, ret, ret < 0 ? strerrorname_np(err) : "");
	printf("read %zd\n", pread(file, &c, 1, 0));
}

static struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
static struct sock_fprog allow_all = { 1, &allow }, empty = { 0, &allow };

static void attempt_all(void)
{
	say("libseccomp's", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, NULL));
	say("unknown flag", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 1 << 20, &allow_all));
	say("empty", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &empty));
	say("strict with flags", syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL));
	say("a listener", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, NULL));
	say("prctl without filter", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL));
	say("prctl, empty", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &empty));
	say("prctl, unknown mode", prctl(PR_SET_SECCOMP, 99, 0));
	say("prctl by number", syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL));
	say("dispatch, unknown mode", prctl(PR_SET_SYSCALL_USER_DISPATCH, 99, 0, 0, 0));
	say("dispatch, a bad selector", prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, -8L));
	say("dispatch by number", syscall(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, -8L));
	say("dispatch off", prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0));
}

/* A filter that a vfork child installs affects only the child. */
static void attempt_in_vfork(void)
{
	pid_t pid = vfork();
	int status;

	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &allow_all))
			_exit(1);
		_exit(6);
	}
	waitpid(pid, &status, 0);
	say("a vfork child's", WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	file = open(argv[0], O_RDONLY);
	say("before", 0);
	attempt_all();
	attempt_in_vfork();
	/* On success this one returns a descriptor instead of 0. */
	if (argc > 1) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		say("a listener", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
					  SECCOMP_FILTER_FLAG_NEW_LISTENER, &allow_all));
	}
	return 0;
}
