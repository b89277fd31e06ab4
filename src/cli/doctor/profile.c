/* SPDX-License-Identifier: MIT */
/* Recognises seccomp filters by what they refuse. */
#include "config.h"

#include "cli/doctor/profile.h"

#include "cli/cli.h"
#include "cli/doctor/surroundings.h"

#include <stdlib.h>
#include <string.h>

#define REFUSED (ANSWER_EPERM | ANSWER_ENOSYS | ANSWER_OTHER | ANSWER_KILLED)
#define RING_CALLS "io_uring_setup, io_uring_enter and io_uring_register"

struct profile {
	const char *id;
	const char *owner;		 /* of "It looks like ..." */
	unsigned char want[TRIED_COUNT]; /* a mask of enum answer for each call; 0: any */
	bool (*is_here)(const struct filter_facts *filter); /* NULL: the answers are enough */
	void (*advise)(struct report *report, const struct filter_facts *filter);
};

/* Adds commands that end in a profile with-uring.json, made from the one in file. */
static void command_make_profile(struct report *report, const char *file)
{
	report_command(report,
		       text("jq '.syscalls += [{\"action\": \"SCMP_ACT_ALLOW\", \"names\":"));
	report_command(
		report,
		text("  [\"io_uring_setup\", \"io_uring_enter\", \"io_uring_register\"]}]' \\"));
	report_command(report, text("  %s >with-uring.json", file));
}

static void advise_docker(struct report *report, const struct filter_facts *filter)
{
	report_advise(report, text("To try it, run the container without a filter:"));
	report_command(report, text("docker run --security-opt seccomp=unconfined ..."));
	report_advise(report, text("To keep the filter, add the three calls of io_uring to it:"));
	report_command(report, text("url=https://raw.githubusercontent.com/moby/profiles/main"));
	report_command(report, text("curl -LO $url/seccomp/default.json"));
	command_make_profile(report, "default.json");
	report_command(report, text("docker run --security-opt seccomp=with-uring.json ..."));
}

static void advise_kubernetes(struct report *report, const struct filter_facts *filter)
{
	report_advise(report,
		      text("To try it, give the pod or the container no filter, in its "
			   "securityContext:"));
	report_command(report, text("seccompProfile: {type: Unconfined}"));
	report_advise(report,
		      text("To keep a filter, put a profile that allows " RING_CALLS " into "
			   "/var/lib/kubelet/seccomp on the node, and name it:"));
	report_command(report, text("seccompProfile:"));
	report_command(report, text("  {type: Localhost, localhostProfile: with-uring.json}"));
}

static void advise_podman(struct report *report, const struct filter_facts *filter)
{
	report_advise(report, text("To try it, run the container without a filter:"));
	report_command(report, text("podman run --security-opt seccomp=unconfined ..."));
	report_advise(report, text("To keep the filter, add the three calls of io_uring to it:"));
	command_make_profile(report, "/usr/share/containers/seccomp.json");
	report_command(report, text("podman run --security-opt seccomp=with-uring.json ..."));
}

static void advise_systemd(struct report *report, const struct filter_facts *filter)
{
	const char *unit = filter->unit ? filter->unit : "NAME.service";

	report_advise(report, text("To let io_uring through, add these lines to the unit:"));
	report_command(report, text("systemctl edit %s", unit));
	report_command(report, text("  [Service]"));
	report_command(report, text("  SystemCallFilter=io_uring_setup io_uring_enter"));
	report_command(report, text("  SystemCallFilter=io_uring_register"));
	report_command(report, text("systemctl restart %s", unit));
}

static bool is_in_kubernetes(const struct filter_facts *filter)
{
	return getenv("KUBERNETES_SERVICE_HOST");
}

static bool is_in_unit(const struct filter_facts *filter)
{
	return filter->unit;
}

/* clang-format off */

/*
 * The first that fits. Docker, containerd and CRI-O refuse what their profile does not name; the
 * profile of Docker and containerd has no keyctl and no move_pages but has vmsplice, the one of
 * Podman and CRI-O the other way round. Both have io_setup. A profile that is older than io_uring
 * answers ENOSYS to all newer calls, because runc adds that. systemd keeps io_uring in the same
 * group, @aio, as io_setup.
 */
static const struct profile profiles[] = {
	{
		.id = "kubernetes",
		.owner = "the default filter of containerd, which Kubernetes calls RuntimeDefault",
		.want = {
			[TRIED_ENTER] = ANSWER_EPERM | ANSWER_ENOSYS,
			[TRIED_KEYCTL] = ANSWER_EPERM, [TRIED_ADD_KEY] = ANSWER_EPERM,
			[TRIED_MOVE_PAGES] = ANSWER_EPERM,
			[TRIED_VMSPLICE] = ANSWER_ALLOWED, [TRIED_IO_SETUP] = ANSWER_ALLOWED,
		},
		.is_here = is_in_kubernetes,
		.advise = advise_kubernetes,
	},
	{
		.id = "docker",
		.owner = "the default filter of Docker and containerd, which forbids io_uring since "
			"Docker 25 and containerd 2.0",
		.want = {
			[TRIED_ENTER] = ANSWER_EPERM,
			[TRIED_KEYCTL] = ANSWER_EPERM, [TRIED_ADD_KEY] = ANSWER_EPERM,
			[TRIED_MOVE_PAGES] = ANSWER_EPERM,
			[TRIED_VMSPLICE] = ANSWER_ALLOWED, [TRIED_IO_SETUP] = ANSWER_ALLOWED,
		},
		.advise = advise_docker,
	},
	{
		.id = "docker-old",
		.owner = "the default filter of a Docker or containerd that is older than io_uring "
			"(before Docker 20.10 and containerd 1.5)",
		.want = {
			[TRIED_ENTER] = ANSWER_ENOSYS,
			[TRIED_KEYCTL] = ANSWER_EPERM, [TRIED_ADD_KEY] = ANSWER_EPERM,
			[TRIED_MOVE_PAGES] = ANSWER_EPERM,
			[TRIED_VMSPLICE] = ANSWER_ALLOWED, [TRIED_IO_SETUP] = ANSWER_ALLOWED,
		},
		.advise = advise_docker,
	},
	{
		.id = "podman",
		.owner = "the default filter of Podman, Buildah and CRI-O",
		.want = {
			[TRIED_ENTER] = ANSWER_ENOSYS | ANSWER_EPERM,
			[TRIED_KEYCTL] = ANSWER_ALLOWED, [TRIED_IO_SETUP] = ANSWER_ALLOWED,
			[TRIED_MOVE_PAGES] = ANSWER_EPERM, [TRIED_VMSPLICE] = ANSWER_EPERM,
		},
		.advise = advise_podman,
	},
	{
		.id = "systemd",
		.owner = "a SystemCallFilter= of systemd without @aio, the group that io_uring is in",
		.want = {
			[TRIED_ENTER] = REFUSED, [TRIED_IO_SETUP] = REFUSED,
		},
		.advise = advise_systemd,
	},
	{
		.id = "systemd",
		.owner = "a SystemCallFilter= of systemd",
		.want = { [TRIED_ENTER] = REFUSED },
		.is_here = is_in_unit,
		.advise = advise_systemd,
	},
};

/* clang-format on */

static bool fits(const struct profile *profile, const struct filter_facts *filter)
{
	for (int i = 0; i < TRIED_COUNT; i++)
		if (profile->want[i] && !(profile->want[i] & filter->answers[i]))
			return false;
	return !profile->is_here || profile->is_here(filter);
}

/* Returns the profile that answers as the filter does, or NULL. */
static const struct profile *find_profile(const struct filter_facts *filter)
{
	if (filter->mode <= 0)
		return NULL;
	for (size_t i = 0; i < sizeof(profiles) / sizeof(*profiles); i++)
		if (fits(&profiles[i], filter))
			return &profiles[i];
	return NULL;
}

const char *profile_id(const struct filter_facts *filter)
{
	const struct profile *like = find_profile(filter);

	return like ? like->id : NULL;
}

char *profile_sentence(const struct filter_facts *filter)
{
	const struct profile *like = find_profile(filter);

	if (!like)
		return text("It looks like none of the usual filters of containers and services.");
	return text("By what else it refuses, it looks like %s.", like->owner);
}

void profile_advise(struct report *report, const struct filter_facts *filter)
{
	const struct profile *like = find_profile(filter);
	char *origin = filter_origin();

	if (*filter->marks)
		report_advise(report, text("%s", filter->marks));
	if (!like && *origin)
		report_advise(report, text("%s", origin));
	if (like)
		like->advise(report, filter);
	else
		report_advise(
			report,
			text("No program can take a filter off again. Whoever installs it must "
			     "allow " RING_CALLS "."));
	free(origin);
}
