/* SPDX-License-Identifier: MIT */
/* Explains in words why a ring cannot be created or used. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "internal.h"
#include "sys.h"

/*
 * Reads the start of a file in /proc and puts a 0 after it. Returns its length or a
 * negative errno.
 */
static int read_start(const char *path, char *buf, size_t size)
{
	int fd = (int)sys_call6(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
	long n;

	if (fd < 0)
		return fd;
	n = sys_call6(SYS_read, fd, (long)buf, (long)size - 1, 0, 0, 0);
	sys_close(fd);
	if (n < 0)
		return (int)n;
	buf[n] = '\0';
	return (int)n;
}

/* Returns the number that follows key at the start of a line, or -1. */
static long long find_number(const char *text, const char *key, int base)
{
	const char *p = text;
	size_t len = __builtin_strlen(key);
	long long n = 0;
	int digit;

	while (__builtin_strncmp(p, key, len)) {
		p = __builtin_strchr(p, '\n');
		if (!p)
			return -1;
		p++;
	}
	for (p += len; *p == ' ' || *p == '\t'; p++)
		;
	for (;; p++) {
		if (*p >= '0' && *p <= '9')
			digit = *p - '0';
		else if (base == 16 && *p >= 'a' && *p <= 'f')
			digit = *p - 'a' + 10;
		else
			return n;
		n = n * base + digit;
	}
}

/*
 * Returns the number of bytes up to the end of the last whole line (len if there is none).
 * Puts a 0 there, and the byte that it replaces into *kept.
 */
static size_t whole_lines(char *buf, size_t len, char *kept)
{
	size_t end = len;

	while (end && buf[end - 1] != '\n')
		end--;
	end = end ? end : len;
	*kept = buf[end];
	buf[end] = '\0';
	return end;
}

/* find_number in /proc/self/status. Reads the file in parts, because the stack can be small. */
static long long status_number(const char *key, int base)
{
	char buf[512], kept;
	size_t len = 0, end;
	long long found = -1;
	long n;
	int fd = (int)sys_call6(SYS_openat, AT_FDCWD, (long)"/proc/self/status",
				O_RDONLY | O_CLOEXEC, 0, 0, 0);

	if (fd < 0)
		return -1;
	while (found < 0 &&
	       (n = sys_call6(SYS_read, fd, (long)(buf + len), (long)(sizeof(buf) - 1 - len), 0, 0,
			      0)) > 0) {
		len += (size_t)n;
		end = whole_lines(buf, len, &kept);
		found = find_number(buf, key, base);
		buf[end] = kept;
		__builtin_memmove(buf, buf + end, len - end);
		len -= end;
	}
	sys_close(fd);
	return found;
}

static int sysctl_disabled(void)
{
	char text[16];

	if (read_start("/proc/sys/kernel/io_uring_disabled", text, sizeof(text)) <= 0)
		return 0;
	return (int)find_number(text, "", 10);
}

static int seccomp_filter(void)
{
	long long mode = status_number("Seccomp:", 10);

	if (mode >= 0)
		return mode == 2;
	return sys_call6(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0, 0) == 2;
}

static int memory_is_limited(void)
{
	const unsigned cap_ipc_lock = 14;
	struct rlimit limit;
	long long caps = status_number("CapEff:", 16);

	if (caps > 0 && caps >> cap_ipc_lock & 1)
		return 0;
	return !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur != RLIM_INFINITY;
}

enum uring_why uring_why_failed(int error)
{
	if (error >= 0)
		return URING_WHY_OK;
	if (error == -EMFILE || error == -ENFILE)
		return URING_WHY_DESCRIPTORS;
	if (error == -EACCES)
		return URING_WHY_FORBIDDEN;
	if (error == -EINVAL)
		return URING_WHY_ARGUMENTS;
	if (error == -EEXIST)
		return URING_WHY_THREAD;
	if (error == -EBADF)
		return URING_WHY_CLOSED;
	if (error == -ENOMEM)
		return memory_is_limited() ? URING_WHY_LOCKED_MEMORY : URING_WHY_MEMORY;
	if (error == -ENOSYS)
		return seccomp_filter() ? URING_WHY_SECCOMP : URING_WHY_ABSENT;
	if (error != -EPERM)
		return URING_WHY_OTHER;
	switch (sysctl_disabled()) {
	case 2:
		return URING_WHY_DISABLED;
	case 1:
		return URING_WHY_UNPRIVILEGED;
	default:
		return seccomp_filter() ? URING_WHY_SECCOMP : URING_WHY_FORBIDDEN;
	}
}

static const char *const texts[] = {
	[URING_WHY_OK] = "available",
	[URING_WHY_ABSENT] =
		"this kernel has no io_uring (it came with Linux 5.1, and can be left out)",
	[URING_WHY_DISABLED] = "io_uring is turned off (sysctl kernel.io_uring_disabled is 2)",
	[URING_WHY_UNPRIVILEGED] =
		"io_uring is turned off for this user (sysctl "
		"kernel.io_uring_disabled is 1: only root and kernel.io_uring_group may)",
	[URING_WHY_SECCOMP] = "a seccomp filter refuses io_uring (containers have one by default)",
	[URING_WHY_FORBIDDEN] = "the system's security policy refuses io_uring",
	[URING_WHY_LOCKED_MEMORY] = "no locked memory is left for a ring (ulimit -l, counted for "
				    "all processes of the user together)",
	[URING_WHY_MEMORY] = "no memory is left for a ring",
	[URING_WHY_DESCRIPTORS] = "no file descriptor is left for a ring (ulimit -n)",
	[URING_WHY_OTHER] = "a ring could not be made, and its error has no known reason",
	[URING_WHY_ARGUMENTS] =
		"the arguments are refused (the number of entries must be a power "
		"of two from 1 to 4096, and each flag known to this kernel, with those it needs)",
	[URING_WHY_THREAD] = "the ring is another thread's (only the thread that made or "
			     "registered it may use it)",
	[URING_WHY_CLOSED] = "the ring is closed, or its making failed",
};

const char *uring_why_text(enum uring_why why)
{
	return (unsigned)why < ARRAY_SIZE(texts) ? texts[why] : texts[URING_WHY_OTHER];
}

int uring_explain(const struct uring_support *support, enum uring_what what, uint64_t value,
		  char *text, size_t size)
{
	const char *name = uring_name(what, value);
	enum uring_why why;

	if (!support || !name || (!text && size))
		return -EINVAL;
	why = uring_why_not(support, what, value);
	if (why == URING_WHY_ABSENT && !support->error)
		return snprintf(text, size, "%s: needs Linux %s", name, uring_since(what, value));
	return snprintf(text, size, "%s: %s", name, uring_why_text(why));
}
