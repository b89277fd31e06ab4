/* SPDX-License-Identifier: MIT */
/* Reads the names and flags of the tasks in /proc/self/task. */
#include <fcntl.h>
#include <string.h>
#include "shim/base/strview.h"
#include "shim/base/sys.h"
#include "shim/iowq/tasks.h"
#include "shim/ring/process.h"

/* The inode number of the initial PID namespace is part of the kernel's ABI. */
static bool is_in_initial_pid_namespace(void)
{
	static const char initial[] = "pid:[4026531836]";
	char target[32];
	long len = sys4(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/ns/pid", (long)target,
			sizeof(target));

	return len == sizeof(initial) - 1 && !memcmp(target, initial, sizeof(initial) - 1);
}

/* Returns the number after "iou-wrk-" or "iou-sqp-", or 0 if name begins with neither. */
static uint32_t parse_owner(const char *name)
{
	enum { PREFIX = sizeof("iou-wrk-") - 1 };

	if (memcmp(name, "iou-wrk-", PREFIX) && memcmp(name, "iou-sqp-", PREFIX))
		return 0;
	return (uint32_t)strview_leading_number(name + PREFIX);
}

/* Returns the flags of a task: the sixth number after its name in the text of its file stat. */
static uint32_t parse_flags(const char *text)
{
	const char *at = strrchr(text, ')');

	for (int i = 0; at && i < 7; i++)
		at = strchr(at + 1, ' ');
	return at ? (uint32_t)strview_leading_number(at + 1) : 0;
}

enum owner_kind { NO_WORKER, NAMED_WORKER, NEW_WORKER };

/*
 * Finds out if a task is a worker, and the tid of the thread that the kernel created it for. Until
 * it runs for the first time it has the name of that thread, whose tid is not to be had then.
 */
static enum owner_kind read_owner(const char *task, uint32_t *owner)
{
	enum { IO_WORKER = 0x10 }; /* PF_IO_WORKER */
	char path[64], text[160];
	const char *name;

	stpcpy(stpcpy(stpcpy(path, "/proc/self/task/"), task), "/stat");
	if (!sys_read_text(path, text, sizeof(text)))
		return NO_WORKER;
	name = strchr(text, '(');
	if (!name || !(parse_flags(text) & IO_WORKER))
		return NO_WORKER;
	*owner = parse_owner(name + 1);
	return *owner ? NAMED_WORKER : NEW_WORKER;
}

struct task_entry {
	uint64_t ino, off;
	unsigned short size;
	unsigned char type;
	char name[];
};

bool iowq_has_workers(uint32_t owner)
{
	_Alignas(struct task_entry) char entries[512];
	long fd = sys4(SYS_openat, AT_FDCWD, (long)"/proc/self/task",
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	bool found = false;
	long len;

	if (fd < 0)
		return false;
	while (!found && (len = sys3(SYS_getdents64, fd, (long)entries, sizeof(entries))) > 0) {
		for (long at = 0; !found && at < len;) {
			const struct task_entry *entry = (const void *)(entries + at);
			uint32_t of = 0;
			enum owner_kind kind = read_owner(entry->name, &of);

			found = kind == NEW_WORKER || (kind && (!owner || of == owner));
			at += entry->size;
		}
	}
	sys1(SYS_close, fd);
	return found;
}

/* Outside the initial PID namespace the name of a worker has another number than the thread's tid. */
uint32_t iowq_own_number(void)
{
	if (process_is_single_threaded() || !is_in_initial_pid_namespace())
		return 0;
	return (uint32_t)sys0(SYS_gettid);
}
