/* SPDX-License-Identifier: MIT */
/* Tests the probe of io_uring's features here, and the reasons given for those that are missing. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "ring.h"
#include "uring/internal.h"

static struct uring_support support;

static void test_probe(void)
{
	struct { struct uring_probe head; struct uring_probe_op ops[256]; } probe;
	struct uring *ring = open_ring_with(1, 0);

	check_int(uring_probe(&support), 0);
	check_int(support.error, 0);
	check_int(support.why, URING_WHY_OK);
	memset(&probe, 0, sizeof(probe));
	check_int(uring_register_probe(ring, &probe.head, 256), 0);
	for (int op = 0; op < 256; op++)
		check_int(uring_has(&support, URING_WHAT_OP, op),
			  probe.ops[op].flags & URING_OP_SUPPORTED);
	check_int(uring_has(&support, URING_WHAT_FEATURE, ring->features), 1);
	check_int(support.features, ring->features);
	check_int(uring_has(&support, URING_WHAT_SETUP, URING_SETUP_SQPOLL), 1);
	check_int(uring_has(&support, URING_WHAT_ENTER, URING_ENTER_GETEVENTS), 1);
	check_int(uring_has(&support, URING_WHAT_SQE, URING_SQE_IO_LINK), 1);
	check_int(uring_has(&support, URING_WHAT_REGISTER, URING_REGISTER_FILES), 1);
	check_int(uring_has(&support, URING_WHAT_SETUP, 1u << 31), 0);
	check_int(uring_has(&support, URING_WHAT_SETUP, URING_SETUP_SQPOLL | 1u << 31), 0);
	check_int(uring_has(&support, URING_WHAT_SETUP, 0), 0);
	check_int(uring_has(&support, URING_WHAT_OP, 256), 0);
	check_int(uring_has(&support, URING_WHAT_OP, UINT64_MAX), 0);
	check_int(uring_has(&support, URING_WHAT_REGISTER, 128), 0);
	check_int(uring_has(&support, URING_WHAT_LAST, 1), 0);
	check_int(uring_has(NULL, URING_WHAT_OP, 0), 0);
	check_int(uring_probe(NULL), -EINVAL);
}

/* Trying each feature, as on older kernels, finds the same as the query. */
static void test_trial(void)
{
	struct uring *ring = open_ring_with(1, 0);
	struct uring_support trial = { 0 };

	check_int(uring_probe(&support), 0);
	need(URING_WHAT_REGISTER, URING_REGISTER_QUERY);
	trial.features = support.features;
	uringi_probe_by_trial(&trial, ring->fd);
	check_int(trial.setup_flags, support.setup_flags);
	check_int(trial.enter_flags, support.enter_flags);
	check_int(trial.sqe_flags, support.sqe_flags);
	check_int(trial.register_ops[0], support.register_ops[0]);
}

static void test_names(void)
{
	check(!strcmp(uring_name(URING_WHAT_OP, URING_OP_READ_FIXED), "read_fixed"));
	check(!strcmp(uring_name(URING_WHAT_REGISTER, URING_REGISTER_PBUF_RING),
		      "register_pbuf_ring"));
	check(!strcmp(uring_name(URING_WHAT_SETUP, URING_SETUP_SINGLE_ISSUER), "single_issuer"));
	check(!strcmp(uring_name(URING_WHAT_FEATURE, URING_FEAT_EXT_ARG), "ext_arg"));
	check(!strcmp(uring_name(URING_WHAT_ENTER, URING_ENTER_ABS_TIMER), "abs_timer"));
	check(!strcmp(uring_name(URING_WHAT_SQE, URING_SQE_IO_DRAIN), "io_drain"));
	check(!strcmp(uring_since(URING_WHAT_OP, URING_OP_PIPE), "6.16"));
	check(uring_name(URING_WHAT_OP, URING_OP_LAST) == NULL);
	check(uring_name(URING_WHAT_SETUP, 3) == NULL);
	check(uring_name(URING_WHAT_SETUP, 0) == NULL);
	check(uring_name(URING_WHAT_LAST, 0) == NULL);
	check(uring_since(URING_WHAT_SETUP, 1ull << 63) == NULL);
	for (unsigned op = 0; op < URING_OP_LAST; op++)
		check(uring_name(URING_WHAT_OP, op) && uring_since(URING_WHAT_OP, op));
	for (unsigned op = 0; op < URING_REGISTER_LAST; op++)
		check(uring_name(URING_WHAT_REGISTER, op) != NULL);
}

static void expect_line(enum uring_what what, uint64_t value, const char *line)
{
	char text[200] = "";
	int len = uring_explain(&support, what, value, text, sizeof(text));

	if (strcmp(text, line))
		fail(__FILE__, __LINE__, "\"%s\", not \"%s\"", text, line);
	check_int(len, strlen(line));
}

static void test_explain(void)
{
	char text[8] = "";

	check_int(uring_probe(&support), 0);
	expect_line(URING_WHAT_OP, URING_OP_READ, "read: available");
	support.ops[0] &= ~(1ull << URING_OP_PIPE);
	expect_line(URING_WHAT_OP, URING_OP_PIPE, "pipe: needs Linux 6.16");
	check_int(uring_why_not(&support, URING_WHAT_OP, URING_OP_PIPE), URING_WHY_ABSENT);
	check_int(uring_why_not(&support, URING_WHAT_OP, URING_OP_READ), URING_WHY_OK);
	check_int(uring_why_not(NULL, URING_WHAT_OP, URING_OP_READ), URING_WHY_OTHER);
	/* The text is truncated and still terminated. */
	check_int(uring_explain(&support, URING_WHAT_OP, URING_OP_PIPE, text, sizeof(text)), 22);
	check(!strcmp(text, "pipe: n"));
	check_int(uring_explain(&support, URING_WHAT_OP, URING_OP_PIPE, NULL, 0), 22);
	check_int(uring_explain(&support, URING_WHAT_OP, 255, text, sizeof(text)), -EINVAL);
	check_int(uring_explain(NULL, URING_WHAT_OP, 0, text, sizeof(text)), -EINVAL);
}

static void refuse_setup(unsigned error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 425, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	check_int(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	check_int(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void refused(int error, enum uring_why why, const char *word)
{
	struct uring ring;

	check_int(uring_probe(&support), error);
	check_int(support.error, error);
	check_int(support.why, why);
	check_int(uring_has(&support, URING_WHAT_OP, URING_OP_NOP), 0);
	check_int(uring_why_not(&support, URING_WHAT_OP, URING_OP_NOP), why);
	check(strstr(uring_why_text(why), word) != NULL);
	check_int(uring_init_thread(&ring, 1), error);
	check_int(uring_init(&ring, NULL, 1), error);
}

static void test_seccomp_eperm(void)
{
	refuse_setup(EPERM);
	refused(-EPERM, URING_WHY_SECCOMP, "seccomp");
	expect_line(URING_WHAT_OP, URING_OP_READ,
		    "read: a seccomp filter refuses io_uring (containers have one by default)");
}

static void test_seccomp_enosys(void)
{
	refuse_setup(ENOSYS);
	refused(-ENOSYS, URING_WHY_SECCOMP, "seccomp");
}

/* Changes the sysctl as this process sees it; the system's own value stays. */
static void pretend_disabled(const char *value)
{
	char path[4200];
	int fd;

	snprintf(path, sizeof(path), "%s/setting", temp_dir());
	fd = open(path, O_CREAT | O_WRONLY, 0644);
	check_int(write(fd, value, strlen(value)), strlen(value));
	close(fd);
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("a mount namespace of its own: %s", strerror(errno));
	if (mount(path, "/proc/sys/kernel/io_uring_disabled", NULL, MS_BIND, NULL))
		skip("kernel.io_uring_disabled: %s", strerror(errno));
	refuse_setup(EPERM);
}

static void test_disabled(void)
{
	pretend_disabled("2\n");
	refused(-EPERM, URING_WHY_DISABLED, "io_uring_disabled is 2");
}

static void test_unprivileged(void)
{
	pretend_disabled("1\n");
	refused(-EPERM, URING_WHY_UNPRIVILEGED, "io_uring_group");
}

static void test_descriptors(void)
{
	struct rlimit limit;
	int fd = dup(0);

	limit.rlim_cur = limit.rlim_max = fd;
	close(fd);
	while (dup(0) >= 0)
		;
	check_int(setrlimit(RLIMIT_NOFILE, &limit), 0);
	check_int(uring_probe(&support), -EMFILE);
	check_int(support.why, URING_WHY_DESCRIPTORS);
}

static void test_why(void)
{
	check_int(uring_why_failed(0), URING_WHY_OK);
	check_int(uring_why_failed(5), URING_WHY_OK);
	check_int(uring_why_failed(-ENFILE), URING_WHY_DESCRIPTORS);
	check_int(uring_why_failed(-EACCES), URING_WHY_FORBIDDEN);
	check_int(uring_why_failed(-EINVAL), URING_WHY_ARGUMENTS);
	check(strstr(uring_why_text(URING_WHY_ARGUMENTS), "power of two") != NULL);
	check_int(uring_why_failed(-EEXIST), URING_WHY_THREAD);
	check_int(uring_why_failed(-EBADF), URING_WHY_CLOSED);
	check_int(uring_why_failed(-EFAULT), URING_WHY_OTHER);
	for (int why = 0; why < URING_WHY_LAST; why++)
		check(strlen(uring_why_text(why)) > 5);
	check(uring_why_text((enum uring_why)12345) == uring_why_text(URING_WHY_OTHER));
}

static const struct test tests[] = {
	{ "uring_probe, uring_has", test_probe },
	{ "uring_probe by trial", test_trial },
	{ "uring_name, uring_since", test_names },
	{ "uring_explain, uring_why_not", test_explain },
	{ "a seccomp filter says EPERM", test_seccomp_eperm },
	{ "a seccomp filter says ENOSYS", test_seccomp_enosys },
	{ "kernel.io_uring_disabled is 2", test_disabled },
	{ "kernel.io_uring_disabled is 1", test_unprivileged },
	{ "no descriptor is left", test_descriptors },
	{ "uring_why_failed, uring_why_text", test_why },
};

int main(int argc, char **argv)
{
	return run_tests(tests, sizeof(tests) / sizeof(*tests), argc, argv);
}
