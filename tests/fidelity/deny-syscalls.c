/* SPDX-License-Identifier: MIT */
/*
 * deny-syscalls ACTION COMMAND [ARGUMENT...]: runs the command under a seccomp filter that refuses
 * io_uring. ACTION is EPERM, ENOSYS, kill (the process), trap (SIGSYS), or enter-EPERM,
 * enter-ENOSYS, enter-kill (only io_uring_enter).
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SAME(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)

static const struct {
	const char *name;
	unsigned result;
	int enter_only;
} actions[] = {
	{ "EPERM", SECCOMP_RET_ERRNO | EPERM, 0 },
	{ "ENOSYS", SECCOMP_RET_ERRNO | ENOSYS, 0 },
	{ "kill", SECCOMP_RET_KILL_PROCESS, 0 },
	{ "trap", SECCOMP_RET_TRAP, 0 },
	{ "enter-EPERM", SECCOMP_RET_ERRNO | EPERM, 1 },
	{ "enter-ENOSYS", SECCOMP_RET_ERRNO | ENOSYS, 1 },
	{ "enter-kill", SECCOMP_RET_KILL_PROCESS, 1 },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 2 && i < sizeof(actions) / sizeof(actions[0]); i++) {
		unsigned result = actions[i].result;
		unsigned setup = actions[i].enter_only ? SECCOMP_RET_ALLOW : result;
		struct sock_filter filter[] = {
			LOAD(nr),
			SAME(SYS_io_uring_setup, 1), RETURN(setup),
			SAME(SYS_io_uring_enter, 1), RETURN(result),
			SAME(SYS_io_uring_register, 1), RETURN(setup),
			RETURN(SECCOMP_RET_ALLOW),
		};
		struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

		if (strcmp(argv[1], actions[i].name))
			continue;
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
			perror("deny: seccomp");
			return 125;
		}
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		return 127;
	}
	fprintf(stderr, "usage: deny EPERM|ENOSYS|kill|trap|enter-EPERM|enter-ENOSYS|enter-kill COMMAND...\n");
	return 2;
}
