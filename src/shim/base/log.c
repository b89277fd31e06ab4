/* SPDX-License-Identifier: MIT */
/* Writes the library's messages with raw system calls: no stdio, no malloc. */
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include "shim/base/log.h"
#include "shim/base/sys.h"
#include "uring/uring.h"

static const char *log_path EARLY;

void log_start(const char *path)
{
	log_path = path;
}

static void log_line(int fd, const char *const *words, size_t count)
{
	struct iovec iov[8];

	for (size_t i = 0; i < count; i++)
		iov[i] = (struct iovec){ (void *)words[i], strlen(words[i]) };
	sys3(SYS_writev, fd, (long)iov, (long)count);
}

static void append_line(const char *const *words, size_t count)
{
	long fd = sys4(SYS_openat, AT_FDCWD, (long)log_path,
		       O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd < 0)
		return;
	log_line((int)fd, words, count);
	sys1(SYS_close, fd);
}

void log_no_ring(int err)
{
	static atomic_bool said;
	const char *words[] = { "ringshim: no ring: ", NULL, "\n" };

	if (!log_path || atomic_exchange(&said, true))
		return;
	words[1] = uring_why_text(uring_why_failed(err));
	append_line(words, sizeof(words) / sizeof(words[0]));
}

void log_stdio(void)
{
	const char *words[] = { "ringshim: streams stay native: libc is not as expected\n" };

	if (log_path)
		append_line(words, 1);
}

void log_lost_data(void)
{
	const char *const words[] = {
		"ringshim: RINGSHIM_RISK_SYNC_AT_EXIT: data that the program had synced could not be ",
		"written to the disk; the program ends\n",
	};

	log_line(2, words, sizeof(words) / sizeof(words[0]));
	if (log_path)
		append_line(words, sizeof(words) / sizeof(words[0]));
}

void log_wrong_setting(const char *text)
{
	const char *const words[] = { "ringshim: ", text, "\n" };

	log_line(2, words, sizeof(words) / sizeof(words[0]));
}
