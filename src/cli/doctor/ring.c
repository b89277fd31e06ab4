/* SPDX-License-Identifier: MIT */
/* Tries to make a ring, and finds out who forbids it. */
#include "config.h"

#include "cli/doctor/ring.h"

#include "cli/cli.h"
#include "cli/doctor/memory.h"
#include "cli/doctor/profile.h"
#include "cli/doctor/surroundings.h"
#include "uring/uring.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* Makes a ring in a child, because a seccomp filter can kill who tries. */
static void try_ring(struct ring_facts *ring)
{
	int *error = mmap(NULL, sizeof(*error), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
	int status = 0;
	pid_t child;

	ring->error = EAGAIN;
	if (error == MAP_FAILED)
		return;
	child = fork();
	if (!child) {
		const struct rlimit none = { 0, 0 };
		struct uring_params params = URING_DEFAULT_PARAMS;
		int fd;

		setrlimit(RLIMIT_CORE, &none);
		fd = uring_sys_setup(2, &params);
		*error = fd < 0 ? -fd : 0;
		_exit(0);
	}
	if (child > 0 && waitpid(child, &status, 0) == child)
		ring->killed = !WIFEXITED(status);
	if (child > 0)
		ring->error = ring->killed ? EPERM : *error;
	munmap(error, sizeof(*error));
}

static long read_number(const char *path, long missing)
{
	char *line = read_line(path);
	long number = line ? strtol(line, NULL, 10) : missing;

	free(line);
	return number;
}

static bool is_member(gid_t group)
{
	int count = getgroups(0, NULL);
	gid_t *groups = grow(NULL, count > 0 ? (size_t)count : 1, sizeof(*groups));
	bool member = getegid() == group;

	count = getgroups(count, groups);
	for (int i = 0; i < count; i++)
		member = member || groups[i] == group;
	free(groups);
	return member;
}

/* Returns true if the kernel has a system call of this name, by its list of symbols. */
static bool kernel_has_symbol(const char *name)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	if (!file)
		return false;
	while (!found && getline(&line, &size, file) > 0)
		found = strstr(line, name);
	free(line);
	fclose(file);
	return found;
}

/* With ENOSYS from io_uring_setup: returns true if the kernel has io_uring all the same. */
static bool kernel_has_ring(const struct ring_facts *ring)
{
	return ring->disabled >= 0 || ring->filter.answers[TRIED_ENTER] == ANSWER_ALLOWED ||
		kernel_has_symbol("sys_io_uring_setup");
}

static void find_forbidders(struct ring_facts *ring)
{
	bool *by = ring->forbidden_by;
	bool found = false;

	by[FORBIDDER_SYSCTL] = ring->error == EPERM && ring->disabled == 2;
	by[FORBIDDER_GROUP] = ring->error == EPERM && ring->disabled == 1 && !ring->in_group &&
		!has_capability(CAP_SYS_ADMIN);
	by[FORBIDDER_FILTER] = ring->killed ||
		(filter_refuses_ring(&ring->filter) &&
		 (ring->error != ENOSYS || kernel_has_ring(ring)));
	by[FORBIDDER_MEMORY] = ring->error == ENOMEM &&
		uring_why_failed(-ENOMEM) == URING_WHY_LOCKED_MEMORY;
	by[FORBIDDER_NO_MEMORY] = ring->error == ENOMEM && !by[FORBIDDER_MEMORY];
	by[FORBIDDER_DESCRIPTOR] = ring->error == EMFILE || ring->error == ENFILE;
	by[FORBIDDER_MODULE] = ring->error == EACCES && !by[FORBIDDER_FILTER];
	for (int i = 0; i < FORBIDDERS; i++)
		found = found || by[i];
	if (found)
		return;
	/* A filter on io_uring_setup alone looks like a sysctl that is not there. */
	if (ring->filter.mode > 0 && (ring->error != ENOSYS || kernel_has_ring(ring)))
		by[FORBIDDER_FILTER] = true;
	else if (ring->error == ENOSYS)
		by[FORBIDDER_ABSENT] = true;
	else if (ring->error == EPERM)
		by[FORBIDDER_MODULE] = true;
	else
		by[FORBIDDER_UNKNOWN] = true;
}

void ring_examine(struct ring_facts *ring)
{
	ring->disabled = (int)read_number("/proc/sys/kernel/io_uring_disabled", -1);
	ring->group = read_number("/proc/sys/kernel/io_uring_group", -1);
	ring->in_group = ring->group >= 0 && is_member((gid_t)ring->group);
	filter_examine(&ring->filter);
	try_ring(ring);
	if (ring->error)
		find_forbidders(ring);
}

static const char *group_name(long group)
{
	const struct group *entry = group >= 0 ? getgrgid((gid_t)group) : NULL;

	return entry ? entry->gr_name : NULL;
}

static void report_absent(struct report *report, const struct ring_facts *ring)
{
	struct utsname uts = { .release = "?" };

	uname(&uts);
	report_add(report, SECTION_RING, LEVEL_NO,
		   text("This kernel (%s) has no io_uring: io_uring_setup fails with ENOSYS.",
			uts.release));
	report_advise(report,
		      text("Use a kernel from 5.18 on that was built with CONFIG_IO_URING=y. "
			   "Imitations of Linux, such as gVisor, have no io_uring either."));
}

static void advise_sysctl(struct report *report)
{
	report_advise(report, text("As root, on the host if this is a container:"));
	report_command(report, text("sysctl kernel.io_uring_disabled=0"));
	report_advise(report,
		      text("To make it last, put kernel.io_uring_disabled=0 into a file in "
			   "/etc/sysctl.d, and remove the line that says otherwise:"));
	report_command(report, text("grep -r io_uring /etc/sysctl.conf /etc/sysctl.d \\"));
	report_command(report, text("  /run/sysctl.d /usr/lib/sysctl.d"));
}

static void report_sysctl(struct report *report, const struct ring_facts *ring)
{
	report_add(report, SECTION_RING, LEVEL_NO,
		   text("io_uring is turned off for everybody, root included: the sysctl "
			"kernel.io_uring_disabled is 2."));
	advise_sysctl(report);
}

/* Returns this process's user as commands take it. */
static const char *user_name(void)
{
	const struct passwd *entry = getpwuid(getuid());

	return entry ? entry->pw_name : "USER";
}

static void report_group(struct report *report, const struct ring_facts *ring)
{
	const char *name = group_name(ring->group);

	if (ring->group < 0) {
		report_add(
			report, SECTION_RING, LEVEL_NO,
			text("io_uring is for processes with CAP_SYS_ADMIN only: the sysctl "
			     "kernel.io_uring_disabled is 1, and kernel.io_uring_group names no group."));
		report_advise(
			report,
			text("As root, name a group and put the user into it; then log in again:"));
		report_command(report, text("groupadd uring && usermod -aG uring %s", user_name()));
		report_command(
			report,
			text("sysctl kernel.io_uring_group=$(getent group uring | cut -d: -f3)"));
	} else {
		report_add(
			report, SECTION_RING, LEVEL_NO,
			text("io_uring is for the group %ld%s%s%s only, which this process is not in: "
			     "the sysctl kernel.io_uring_disabled is 1, and kernel.io_uring_group "
			     "names that group.",
			     ring->group, name ? " (" : "", name ? name : "", name ? ")" : ""));
		report_advise(report,
			      text("As root, put the user into the group; then log in again:"));
		report_command(report,
			       name ? text("usermod -aG %s %s", name, user_name()) :
				      text("groupadd -g %ld uring && usermod -aG uring %s",
					   ring->group, user_name()));
	}
	report_advise(report, text("Or allow io_uring to everybody:"));
	report_command(report, text("sysctl kernel.io_uring_disabled=0"));
}

static void report_filter(struct report *report, const struct ring_facts *ring)
{
	const struct filter_facts *filter = &ring->filter;
	char *likeness = profile_sentence(filter);

	if (ring->killed)
		report_add(
			report, SECTION_RING, LEVEL_NO,
			text("A seccomp filter forbids io_uring: it kills a process (SIGSYS) that "
			     "calls io_uring_setup. %s",
			     likeness));
	else
		report_add(
			report, SECTION_RING, LEVEL_NO,
			text("A seccomp filter forbids io_uring: io_uring_setup fails with %s. %s",
			     strerrorname_np(ring->error) ? strerrorname_np(ring->error) :
							    "an error",
			     likeness));
	free(likeness);
	profile_advise(report, filter);
}

static void report_memory(struct report *report, const struct ring_facts *ring)
{
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_MEMLOCK, &limit);
	report_add(
		report, SECTION_RING, LEVEL_NO,
		text("No locked memory is left for a ring: io_uring_setup fails with ENOMEM. The limit "
		     "is %llu KiB, for all processes of user %d together, and a ring takes at least "
		     "%ld KiB of it.",
		     (unsigned long long)limit.rlim_cur / 1024, (int)getuid(),
		     MEMORY_OF_RING / 1024));
	memory_advise(report);
}

static void report_no_memory(struct report *report, const struct ring_facts *ring)
{
	report_add(report, SECTION_RING, LEVEL_NO,
		   text("The kernel has no memory for a ring (io_uring_setup fails with ENOMEM)."));
	report_advise(report, text("Look at free(1), and at memory.max of the control group."));
}

static void report_descriptor(struct report *report, const struct ring_facts *ring)
{
	report_add(report, SECTION_RING, LEVEL_NO,
		   text("No file descriptor is left for a ring: io_uring_setup fails with %s.",
			ring->error == EMFILE ? "EMFILE" : "ENFILE"));
	report_advise(report, text("Raise the limit, of this process or of the machine:"));
	report_command(report,
		       ring->error == EMFILE ? text("ulimit -n 4096") : text("sysctl fs.file-max"));
}

static void report_module(struct report *report, const struct ring_facts *ring)
{
	char *modules = read_line("/sys/kernel/security/lsm");

	report_add(
		report, SECTION_RING, LEVEL_NO,
		text("A security module forbids io_uring: io_uring_setup fails with %s, though there "
		     "is no filter and no sysctl against it. Modules here: %s.",
		     ring->error == EACCES ? "EACCES" : "EPERM", modules ? modules : "unknown"));
	report_advise(report,
		      text("Look for the refusal in the kernel's log, and allow it in the "
			   "module's policy:"));
	report_command(report, text("journalctl -k -g 'avc|apparmor|io_uring'"));
	free(modules);
}

static void report_unknown(struct report *report, const struct ring_facts *ring)
{
	report_add(
		report, SECTION_RING, LEVEL_NO,
		text("A ring cannot be made: io_uring_setup fails with %s, for no reason that is known.",
		     strerror(ring->error)));
}

static const struct {
	const char *id; /* in JSON */
	void (*report)(struct report *report, const struct ring_facts *ring);
} forbidders[FORBIDDERS] = {
	[FORBIDDER_ABSENT] = { "kernel", report_absent },
	[FORBIDDER_SYSCTL] = { "io_uring_disabled", report_sysctl },
	[FORBIDDER_GROUP] = { "io_uring_group", report_group },
	[FORBIDDER_FILTER] = { "seccomp", report_filter },
	[FORBIDDER_MEMORY] = { "locked_memory", report_memory },
	[FORBIDDER_NO_MEMORY] = { "memory", report_no_memory },
	[FORBIDDER_DESCRIPTOR] = { "descriptors", report_descriptor },
	[FORBIDDER_MODULE] = { "security_module", report_module },
	[FORBIDDER_UNKNOWN] = { "unknown", report_unknown },
};

/* What is worth knowing where a ring can be made. */
static void report_permitted(struct report *report, const struct ring_facts *ring)
{
	report_add(report, SECTION_RING, LEVEL_OK, text("A ring can be made."));
	if (ring->disabled == 1)
		report_add(
			report, SECTION_RING, LEVEL_NOTE,
			text("The sysctl kernel.io_uring_disabled is 1: processes without "
			     "CAP_SYS_ADMIN, and outside the group kernel.io_uring_group (%ld), get "
			     "no ring.",
			     ring->group));
	if (ring->filter.mode > 0)
		report_add(report, SECTION_RING, LEVEL_NOTE,
			   text("This process is under a seccomp filter; it allows io_uring."));
}

void ring_report(struct report *report, const struct ring_facts *ring)
{
	if (!ring->error)
		report_permitted(report, ring);
	for (int i = 0; i < FORBIDDERS; i++)
		if (ring->forbidden_by[i])
			forbidders[i].report(report, ring);
}

void ring_json(struct json *json, const struct ring_facts *ring)
{
	json_object(json, "ring");
	json_bool(json, "available", !ring->error);
	json_string(json, "error",
		    ring->killed	? "SIGSYS" :
			    ring->error ? strerrorname_np(ring->error) :
					  NULL);
	json_array(json, "forbidden_by");
	for (int i = 0; i < FORBIDDERS; i++)
		if (ring->forbidden_by[i])
			json_string(json, NULL, forbidders[i].id);
	json_close_array(json);
	if (ring->disabled < 0)
		json_null(json, "io_uring_disabled");
	else
		json_number(json, "io_uring_disabled", ring->disabled);
	json_number(json, "io_uring_group", ring->group);
	filter_json(json, &ring->filter, profile_id(&ring->filter));
	json_close_object(json);
}
