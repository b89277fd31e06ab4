#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include "shim/log.h"
#include "shim/sys.h"

static const char *log_path;

void log_start(const char *path)
{
	log_path = path;
}

static void say(int fd, const char *const *words, size_t count)
{
	struct iovec iov[8];

	for (size_t i = 0; i < count; i++)
		iov[i] = (struct iovec){ (void *)words[i], strlen(words[i]) };
	sys3(SYS_writev, fd, (long)iov, (long)count);
}

void log_once(atomic_bool *said, const char *text)
{
	const char *const words[] = { "ringshim: ", text, "\n" };
	long fd;

	if (!log_path || atomic_exchange(said, true))
		return;
	fd = sys4(SYS_openat, AT_FDCWD, (long)log_path,
		  O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return;
	say((int)fd, words, sizeof(words) / sizeof(words[0]));
	sys1(SYS_close, fd);
}

void log_no_ring(int err)
{
	static atomic_bool said;

	switch (-err) {
	case EPERM:
		return log_once(&said, "no ring: forbidden (kernel.io_uring_disabled, or a filter)");
	case ENOSYS:
		return log_once(&said, "no ring: the kernel has no io_uring, or a filter hides it");
	case ENOMEM:
		return log_once(&said, "no ring: no memory, or the limit of locked memory is reached");
	case 0:
		return log_once(&said, "no ring: the kernel cannot make one without a descriptor");
	}
	log_once(&said, "no ring: io_uring_setup failed");
}

void log_setting(const char *name, const char *value, const char *accepted)
{
	const char *const words[] = {
		"ringshim: ", name, "=", value, ": ignored, accepted is ", accepted, "\n",
	};

	say(2, words, sizeof(words) / sizeof(words[0]));
}
