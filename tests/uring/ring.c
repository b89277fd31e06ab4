/* SPDX-License-Identifier: MIT */
/* Helpers of the operation tests: open a ring, run an entry on it, make files and sockets. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "ring.h"

#define MAX_RINGS 32

static struct uring rings[MAX_RINGS];
static unsigned nr_rings;

static void destroy_rings(void)
{
	while (nr_rings)
		uring_destroy(&rings[--nr_rings]);
}

static struct uring *new_ring(void)
{
	if (!nr_rings)
		atexit(destroy_rings);
	check(nr_rings < MAX_RINGS);
	return &rings[nr_rings++];
}

struct uring *open_ring_with(unsigned entries, unsigned flags)
{
	struct uring_params params = URING_DEFAULT_PARAMS;
	struct uring *ring = new_ring();
	int ret;

	for (unsigned bit = 0; bit < 32; bit++)
		if (flags >> bit & 1)
			need(URING_WHAT_SETUP, 1u << bit);
	params.flags = flags;
	ret = uring_init(ring, &params, entries);
	if (ret)
		fail(__FILE__, __LINE__, "uring_init with flags 0x%x: %s", flags, strerror(-ret));
	return ring;
}

struct uring *open_ring(unsigned entries)
{
	const char *kind = getenv("URING_TEST_RING");
	struct uring *ring;
	int ret;

	if (!kind || !strcmp(kind, "default"))
		return open_ring_with(entries, 0);
	if (!strcmp(kind, "sqpoll"))
		return open_ring_with(entries, URING_SETUP_SQPOLL);
	if (!strcmp(kind, "array")) {
		ring = new_ring();
		ret = uring_init_mem(ring, NULL, entries, NULL, 0);
	} else {
		check(!strcmp(kind, "thread"));
		ring = new_ring();
		ret = uring_init_thread(ring, entries);
	}
	if (ret)
		fail(__FILE__, __LINE__, "a %s ring: %s", kind, strerror(-ret));
	return ring;
}

void need_registrations(const struct uring *ring)
{
	if (ring->fd < 0 && !(ring->features & URING_FEAT_REG_REG_RING))
		skip("registrations of a ring without a descriptor: need Linux 6.3");
}

struct uring *open_ring_to_register(unsigned entries)
{
	struct uring *ring = open_ring(entries);

	need_registrations(ring);
	return ring;
}

struct uring_cqe next_cqe(struct uring *ring)
{
	struct uring_timespec limit = { .tv_sec = 20 };
	struct uring_cqe cqe[2];
	int ret;

	ret = uring_submit(ring, 0, NULL);
	if (ret < 0)
		fail(__FILE__, __LINE__, "uring_submit: %s", strerror(-ret));
	ret = uring_copy_cqes(ring, cqe, 1, 1, &limit);
	if (ret != 1)
		fail(__FILE__, __LINE__, "uring_copy_cqes: %d", ret);
	return cqe[0];
}

int run(struct uring *ring, struct uring_sqe *sqe)
{
	struct uring_cqe cqe;
	uint64_t user_data;

	check(sqe != NULL);
	user_data = sqe->user_data;
	cqe = next_cqe(ring);
	check_int(cqe.user_data, user_data);
	return cqe.res;
}

int is_quiet(struct uring *ring, int milliseconds)
{
	struct uring_timespec ts = { .tv_nsec = milliseconds * 1000000LL };
	struct uring_cqe cqe[2];

	return uring_copy_cqes(ring, cqe, 1, 1, &ts) == -ETIME;
}

static struct uring_support *support(void)
{
	static struct uring_support found;
	static int probed;

	if (!probed++)
		uring_probe(&found);
	return &found;
}

int of_the_age_of(enum uring_what what, uint64_t value)
{
	return uring_has(support(), what, value);
}

void need(enum uring_what what, uint64_t value)
{
	char text[200];

	if (uring_has(support(), what, value))
		return;
	uring_explain(support(), what, value, text, sizeof(text));
	skip("%s", text);
}

void need_age_of(enum uring_what what, uint64_t value, const char *name)
{
	if (!of_the_age_of(what, value))
		skip("%s: needs Linux %s", name, uring_since(what, value));
}

static char dir[4096];

static void remove_dir(void)
{
	char command[sizeof(dir) + 16];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command))
		fprintf(stderr, "could not remove %s\n", dir);
}

const char *temp_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	if (dir[0])
		return dir;
	snprintf(dir, sizeof(dir), "%s/uring-test-XXXXXX", tmp ? tmp : "/tmp");
	check(mkdtemp(dir) != NULL);
	atexit(remove_dir);
	return dir;
}

int temp_file(void)
{
	const char *tmp = getenv("TMPDIR");
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/uring-test-XXXXXX", tmp ? tmp : "/tmp");
	fd = mkstemp(path);
	check(fd >= 0);
	unlink(path);
	return fd;
}

void fill_pattern(void *buf, size_t len, unsigned seed)
{
	unsigned char *p = buf;

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		p[i] = (unsigned char)(seed >> 24);
	}
}

int tcp_listener(void *sockaddr_in)
{
	struct sockaddr_in *addr = sockaddr_in;
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	check(fd >= 0);
	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check_int(bind(fd, (struct sockaddr *)addr, len), 0);
	check_int(listen(fd, 16), 0);
	check_int(getsockname(fd, (struct sockaddr *)addr, &len), 0);
	return fd;
}

void tcp_pair(int fds[2])
{
	struct sockaddr_in addr;
	int listener = tcp_listener(&addr);

	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	check_int(connect(fds[0], (struct sockaddr *)&addr, sizeof(addr)), 0);
	fds[1] = accept(listener, NULL, NULL);
	check(fds[1] >= 0);
	close(listener);
}
