/* SPDX-License-Identifier: MIT */
/* Measures how much locked memory is left, by registering buffers. */
#include "config.h"

#include "cli/doctor/memory.h"

#include "cli/cli.h"
#include "cli/doctor/surroundings.h"
#include "uring/uring.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MOST_TRIED = 64 << 20, FEW_RINGS = 64 };

static bool can_register(struct uring *ring, char *buffer, size_t size)
{
	struct iovec iov = { buffer, size };

	if (uring_sys_register(ring->fd, URING_REGISTER_BUFFERS, &iov, 1) < 0)
		return false;
	uring_sys_register(ring->fd, URING_UNREGISTER_BUFFERS, NULL, 0);
	return true;
}

/*
 * Returns the size of the largest buffer that can be registered, up to most. The kernel counts for
 * the user, in a number that it shows nowhere.
 */
static size_t search_left(struct uring *ring, char *buffer, size_t most)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t low = 0, high = most / page; /* in pages: low can be registered, high + 1 cannot */

	while (low < high) {
		size_t middle = low + (high - low + 1) / 2;

		if (can_register(ring, buffer, middle * page))
			low = middle;
		else
			high = middle - 1;
	}
	return low * page;
}

/* Returns true if making another ring leaves less. */
static bool takes_locked_memory(struct uring *ring, char *buffer, size_t left)
{
	enum { ENTRIES = 256, LEAST = ENTRIES * sizeof(struct uring_sqe) };
	struct uring other;
	bool takes;

	if (uring_init(&other, NULL, ENTRIES))
		return true;
	takes = search_left(ring, buffer, left) + LEAST <= left;
	uring_destroy(&other);
	return takes;
}

/* Our earlier rings are gone, but the kernel gives back their memory at some later time. */
static const struct timespec pause_for_kernel = { .tv_nsec = 20000000 };

enum { MOST_PAUSES = 25 };

static bool make_ring(struct uring *ring)
{
	int ret = uring_init(ring, NULL, 1);

	for (int i = 0; ret == -ENOMEM && i < MOST_PAUSES; i++) {
		nanosleep(&pause_for_kernel, NULL);
		ret = uring_init(ring, NULL, 1);
	}
	return !ret;
}

/* Measures until it does not change any more. */
static size_t search_settled(struct uring *ring, char *buffer, size_t most)
{
	size_t left = search_left(ring, buffer, most), before;
	int unchanged = 0;

	for (int i = 0; i < MOST_PAUSES && unchanged < 3 && left < most; i++) {
		before = left;
		nanosleep(&pause_for_kernel, NULL);
		left = search_left(ring, buffer, most);
		unchanged = left == before ? unchanged + 1 : 0;
	}
	return left;
}

static void measure(struct memory_facts *memory, struct uring *ring)
{
	size_t most = memory->limit > MOST_TRIED ? MOST_TRIED : (size_t)memory->limit;
	char *buffer = mmap(NULL, most + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	if (buffer == MAP_FAILED)
		return;
	memory->measured = true;
	memory->left = (long long)search_settled(ring, buffer, most);
	memory->left_is_least = memory->left == MOST_TRIED;
	memory->counts_rings = takes_locked_memory(ring, buffer, (size_t)memory->left);
	/* That of this ring is left, too. */
	if (memory->counts_rings && !memory->left_is_least)
		memory->left += MEMORY_OF_RING;
	munmap(buffer, most + 1);
}

void memory_examine(struct memory_facts *memory, bool has_ring)
{
	struct uring ring;
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	getrlimit(RLIMIT_MEMLOCK, &limit);
	memory->limit = limit.rlim_cur == RLIM_INFINITY ? -1 : (long long)limit.rlim_cur;
	memory->exempt = has_capability(CAP_IPC_LOCK);
	if (memory->exempt || memory->limit < 0 || !has_ring || !make_ring(&ring))
		return;
	measure(memory, &ring);
	uring_destroy(&ring);
}

void memory_advise(struct report *report)
{
	report_advise(
		report,
		text("To raise the limit, in a shell, in a unit of systemd, and of a container:"));
	report_command(report, text("ulimit -l unlimited"));
	report_command(report, text("LimitMEMLOCK=infinity"));
	report_command(report, text("docker run --ulimit memlock=-1 ..."));
}

void memory_report(struct report *report, const struct memory_facts *memory)
{
	const char *least = memory->left_is_least ? "at least " : "";
	long long rings = memory->left / MEMORY_OF_RING;

	if (memory->exempt || memory->limit < 0) {
		report_add(report, SECTION_MEMORY, LEVEL_OK,
			   text("No limit%s.",
				memory->exempt ? " for this process (CAP_IPC_LOCK)" : ""));
	} else if (memory->counts_rings && rings < FEW_RINGS) {
		report_add(
			report, SECTION_MEMORY, LEVEL_PART,
			text("Of %lld KiB for all processes of the user together, %s%lld KiB are left. "
			     "This kernel counts rings, and each thread has one of %ld KiB: so %lld "
			     "threads get a ring, and the calls of others go direct.",
			     memory->limit / 1024, least, memory->left / 1024,
			     MEMORY_OF_RING / 1024, rings));
		memory_advise(report);
	} else if (memory->measured) {
		report_add(
			report, SECTION_MEMORY, LEVEL_OK,
			text("Of %lld KiB for all processes of the user together, %s%lld KiB are left "
			     "for registered buffers%s.",
			     memory->limit / 1024, least, memory->left / 1024,
			     memory->counts_rings ? " and rings, which this kernel counts" :
						    "; this kernel does not count rings"));
	}
}

void memory_json(struct json *json, const struct memory_facts *memory)
{
	json_object(json, "locked_memory");
	if (memory->limit < 0)
		json_null(json, "limit");
	else
		json_number(json, "limit", memory->limit);
	json_bool(json, "exempt", memory->exempt);
	json_bool(json, "counts_rings", memory->counts_rings);
	if (memory->measured)
		json_number(json, "left", memory->left);
	else
		json_null(json, "left");
	json_bool(json, "left_is_least", memory->left_is_least);
	json_close_object(json);
}
