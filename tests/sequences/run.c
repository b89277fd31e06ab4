/* SPDX-License-Identifier: MIT */
/*
 * Runs the steps of a sequence. No wait is unlimited: a timer's signal ends it with EINTR, or its
 * handler feeds or drains the descriptor from the other side. The timer fires until the step is
 * over, so it does not matter if the call was already waiting the first time.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "sequences.h"

struct slot slots[SLOTS];

static struct object objects[OBJECTS];
static unsigned int nobjects;
static char *arena, *readonly;
static timer_t timers[2];		/* the first interrupts, the second restarts */
static volatile sig_atomic_t seen_pipe, seen_size, fired;

static volatile int feed_fd = -1, feed_to = -1, drain_fd = -1, drain_from = -1;
static volatile long fed, drained, drain_need;
static long drained_hash;

/* -------- slots -------- */

struct object *object_of(int fd)
{
	for (int i = 0; i < SLOTS && fd >= 0; i++)
		if (slots[i].fd == fd && slots[i].object)
			return slots[i].object;
	return NULL;
}

int live_fd(const struct object *o)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].object == o)
			return slots[i].fd;
	return -1;
}

bool has_stream(int fd)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].fd == fd && slots[i].stream)
			return true;
	return false;
}

static void object_release(struct object *o)
{
	if (--o->slots > 0)
		return;
	if (o->verify >= 0)
		raw_close(o->verify);
	o->verify = -1;
	settle(o);
	if (o->peer && o->peer->peer == o)
		o->peer->peer = NULL;
	for (unsigned int i = 0; i < nobjects; i++)
		for (int p = 0; p < objects[i].npending; p++)
			if (objects[i].pending[p] == o)
				objects[i].pending[p] = &objects[OBJECTS - 1];
}

/* The slot remembers the number. */
void number_closed(int fd)
{
	for (int i = 0; i < SLOTS; i++) {
		struct object *o = slots[i].object;

		if (slots[i].fd != fd || !o)
			continue;
		slots[i].object = NULL;
		object_release(o);
	}
}

static void slot_clear(struct slot *s)
{
	FILE *stream = s->stream;
	int fd = s->fd;

	if (!s->object && !stream)
		return;
	s->stream = NULL;
	if (stream)
		fclose(stream);
	else
		close(fd);
	number_closed(fd);
}

struct object *slot_share(int slot, int fd, struct object *o)
{
	if (!o)
		return slot_fill(slot, fd, kind_named, -1);
	if (slots[slot].fd != fd)
		slot_clear(&slots[slot]);
	slots[slot].fd = fd;
	slots[slot].object = o;
	o->slots++;
	return o;
}

/* Puts a new object into a slot. When all objects are used, the last one is used again. */
struct object *slot_fill(int slot, int fd, const struct kind *k, int verify)
{
	struct object *o = &objects[nobjects];

	if (fd < 0)
		return NULL;
	if (nobjects < OBJECTS - 2)
		nobjects++;
	*o = (struct object){ .kind = k, .verify = verify };
	return slot_share(slot, fd, o);
}

/* -------- signals -------- */

static void arm(int which, long first_ms, long again_ms)
{
	struct itimerspec spec = { .it_value = { 0, first_ms * 1000000 },
				   .it_interval = { 0, again_ms * 1000000 } };

	timer_settime(timers[which], 0, &spec, NULL);
}

static void on_pipe(int sig)
{
	seen_pipe++;
}

static void on_size(int sig)
{
	seen_size++;
}

static void give_up(const char *why)
{
	put(" %s\n", why);
	put_flush();
	_exit(3);
}

/* Prints the mapping that an address lies in, as /proc/self/maps has it now. */
static void put_mapping(const void *address)
{
	static char maps[1 << 16];
	int fd = raw_open("/proc/self/maps", O_RDONLY, 0);
	unsigned long start, end;
	size_t len = 0;
	long n;

	while ((n = raw_read(fd, maps + len, sizeof(maps) - 1 - len)) > 0)
		len += n;
	raw_close(fd);
	for (char *line = strtok(maps, "\n"); line; line = strtok(NULL, "\n"))
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 && (unsigned long)address >= start &&
		    (unsigned long)address < end)
			put(" mapped: %s", line);
}

/* Prints an offset in a file, which addr2line resolves to a line. */
static void on_crash(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
#if defined(__x86_64__)
	void *at = (void *)uc->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
	void *at = (void *)uc->uc_mcontext.pc;
#elif defined(__riscv)
	void *at = (void *)uc->uc_mcontext.__gregs[REG_PC];
#endif
	Dl_info where = { 0 };

	dladdr(at, &where);
	put(" CRASH by signal %d, code %d, for address %p, in %s at 0x%lx", sig, info->si_code,
	    info->si_addr, where.dli_fname ? where.dli_fname : "nothing",
	    (unsigned long)at - (unsigned long)where.dli_fbase);
	put_mapping(info->si_addr);
	give_up("");
}

/* Five seconds of interruptions did not end the call. */
static void count_firing(void)
{
	if (++fired > 2500)
		give_up("HANG");
}

static void on_interrupt(int sig)
{
	count_firing();
}

static void drain(void)
{
	static char bytes[ROOM];
	int n = 0;

	if (drained >= drain_need || raw_poll(drain_fd, POLLOUT, 0) & POLLOUT ||
	    raw_ioctl(drain_from, FIONREAD, &n) < 0 || n <= 0)
		return;
	n = raw_read(drain_from, bytes, n);
	if (n <= 0) /* the step writes to the end for reading, so this one is for writing */
		return;
	drained_hash = drained_hash * 31 + hash_bytes(bytes, n);
	drained += n;
}

/* If the other side's help is not enough, interrupts the call. */
static void on_restart(int sig)
{
	uint64_t one = 1;

	count_firing();
	if (fired == 50) {
		arm(1, 0, 0);
		arm(0, WAIT_MS, WAIT_MS);
	}
	if (feed_fd >= 0 && !fed && !(raw_poll(feed_fd, POLLIN, 0) & POLLIN))
		fed = raw_write(feed_to, feed_fd == feed_to ? (void *)&one : (void *)"fed bytes", 8);
	if (drain_fd >= 0)
		drain();
}

/* -------- a step -------- */

static char *choose_buffer(enum buffer kind, size_t len)
{
	switch (kind) {
	case B_ODD: return arena + 3;
	case B_NULL: return NULL;
	case B_UNMAPPED: return arena + 2 * ROOM;
	case B_TAIL: return arena + 2 * ROOM - len / 2;
	case B_READONLY: return readonly;
	default: return arena;
	}
}

static void fill_arena(const struct step *s, unsigned int serial)
{
	size_t len = s->v[F_LEN];

	if (s->call->direction == D_IN || !(s->call->fields & LEN)) {
		memset(arena, 0xa5, len + 64);
		memset(arena + 2 * ROOM - len / 2, 0xa5, len / 2);
		return;
	}
	for (size_t i = 0; i < len + 4; i++)
		arena[i] = 'A' + (i * 7 + serial * 13 + (i >> 9)) % 59;
	memcpy(arena + 2 * ROOM - len / 2, arena, len / 2);
}

/* The last part is in the second half of the buffer, which is unmapped with B_TAIL. */
static void prepare(struct run *r, const struct step *s, unsigned int serial)
{
	size_t len = s->v[F_LEN], each;

	*r = (struct run){ .step = s, .fd = slots[s->v[F_SLOT]].fd, .to = slots[s->v[F_TO]].fd,
			   .len = len, .at = s->v[F_AT], .flags = s->v[F_FLAGS], .parts = s->v[F_PARTS] };
	fill_arena(s, serial);
	r->buf = choose_buffer(s->v[F_BUFFER], len);
	each = r->parts ? len / r->parts : 0;
	for (int i = 0; i < r->parts; i++)
		r->iov[i] = (struct iovec){ r->buf ? r->buf + i * each : NULL,
					    i == r->parts - 1 ? len - i * each : each };
}

static bool is_blocking(const struct run *r)
{
	return !(raw_fcntl(r->fd, F_GETFL, 0) & O_NONBLOCK);
}

static bool can_feed(int fd)
{
	return (raw_poll(fd, POLLOUT, 0) & (POLLOUT | POLLHUP | POLLERR)) == POLLOUT;
}

/* Returns true if a call with these arguments is sure to wait when there are no bytes. */
static bool waits_for_bytes(const struct run *r, const struct object *o)
{
	static const char *const names[] = {
		"read", "readv", "preadv2", "recv", "recvfrom", "recvmsg", "recvmmsg",
	};
	const long *v = r->step->v;
	bool named = false;

	for (int i = 0; i < (o->kind->traits & T_SOCKET ? 7 : 3); i++)
		named |= !strcmp(r->step->call->name, names[i]);
	if (!named || !is_blocking(r) || !r->len || r->flags & ~(MSG_PEEK | MSG_WAITALL))
		return false;
	if (r->step->call->fields & SPLIT && !r->parts)
		return false;
	return strcmp(r->step->call->name, "preadv2") ? !v[F_HOW] : v[F_AT] == -1 && !r->flags;
}

/* Returns how much of a write does not fit into the pipe. */
static long too_much_for_pipe(const struct run *r)
{
	int there = 0;

	raw_ioctl(r->fd, FIONREAD, &there);
	return there + (long)r->len - raw_fcntl(r->fd, F_GETPIPE_SZ, 0);
}

/*
 * Decides what the other side does during the call. The result must not depend on when it acts, so
 * it acts only if the call waits for that in any case.
 */
static void arrange_wait(const struct run *r, const struct object *o)
{
	const struct step *s = r->step;
	int peer = o && o->peer ? live_fd(o->peer) : -1;

	feed_fd = drain_fd = -1;
	fed = drained = drained_hash = 0;
	if (!o || !(s->call->fields & WAIT) || o->timed)
		return;
	if (o->kind->traits & T_COUNTER)
		peer = r->fd;
	if (peer < 0)
		return;
	if (s->v[F_WAIT] == W_FEED && waits_for_bytes(r, o) && can_feed(peer) &&
	    !raw_poll(r->fd, POLLIN | POLLRDHUP, 0)) {
		feed_to = peer;
		feed_fd = r->fd;
	} else if (s->v[F_WAIT] == W_DRAIN && s->call->direction == D_OUT && is_blocking(r) &&
		   o->kind->traits & T_PIPE && o->kind->traits & T_STREAMS) {
		drain_need = too_much_for_pipe(r);
		drain_from = peer;
		drain_fd = drain_need > 0 ? r->fd : -1;
	}
}

static bool is_too_much(const struct object *o, size_t len)
{
	size_t limit = o && o->kind->traits & T_SOCKET ? LITTLE : LITTLE_TERMINAL;

	if (!o || !(o->kind->traits & T_LATE) || !len)
		return false;
	return (o->peer ? o->peer->expected + len : len) > limit;
}

/*
 * Returns true for calls that send more than TCP and terminals are sure to hold, because how much
 * they hold varies.
 */
static bool must_not_be_made(const struct run *r)
{
	const struct call *c = r->step->call;

	if (c->direction == D_OUT)
		return is_too_much(object_of(r->fd), r->len);
	return c->fields & LEN && c->fields & TO && c->direction == D_IN &&
	       is_too_much(object_of(r->to), r->len);
}

static void account(const struct run *r, struct object *o)
{
	struct object *to = object_of(r->to);

	if (o)
		o->sent = r->step->call->direction == D_OUT && r->moved;
	if (r->step->call->direction == D_IN) {
		if (o)
			o->expected += fed - r->moved;
		if (r->step->call->fields & TO && to && to->peer)
			to->peer->expected += r->moved;
	} else if (o && o->peer) {
		o->peer->expected += r->moved;
	}
}

/* Returns true if such a call ends, or should end, by itself. */
static bool ends_by_itself(const struct run *r, const struct object *o)
{
	static const char *const always[] = { "make", "connect", "nanosleep" };
	static const char *const with_timeout[] = { "poll", "select", "epoll_wait" };
	const char *name = r->step->call->name;

	for (int i = 0; i < 3; i++)
		if (!strcmp(name, always[i]) || (!strcmp(name, with_timeout[i]) && r->step->v[F_HOW] < 2))
			return true;
	/* /dev/zero checks for signals after each page. */
	return o && (o->timed || (o->kind->traits & T_ENDLESS && r->len > 4096));
}

static void put_data(const struct step *s)
{
	size_t len = s->v[F_LEN];

	if (!(s->call->fields & LEN) || s->call->direction != D_IN || s->call->fields & TO)
		return;
	if (s->v[F_BUFFER] == B_TAIL)
		put(" data=%08x", hash_bytes(arena + 2 * ROOM - len / 2, len / 2));
	else
		put(" data=%08x", hash_bytes(arena, len + 64));
}

static void put_signals(void)
{
	if (seen_pipe)
		put(" SIGPIPE=%d", (int)seen_pipe);
	if (seen_size)
		put(" SIGXFSZ=%d", (int)seen_size);
	if (fed)
		put(" fed=%ld", fed);
	if (drained)
		put(" drained=%ld:%lx", drained, drained_hash & 0xffffffff);
}

/* Returns the result. errno keeps this value if the call does not change it. */
enum { UNTOUCHED = 4095 };

static long make_call(struct run *r, struct object *o, int *error)
{
	bool waits_anyhow = feed_fd >= 0 || drain_fd >= 0;
	long ret;

	seen_pipe = seen_size = fired = 0;
	arm(waits_anyhow, ends_by_itself(r, o) ? 500 : WAIT_MS, WAIT_MS);
	errno = UNTOUCHED;
	ret = r->step->call->run(r);
	*error = errno;
	arm(0, 0, 0);
	arm(1, 0, 0);
	return ret;
}

static void run_step(const struct step *s, unsigned int serial)
{
	char text[300];
	struct run r;
	struct object *o;
	long ret;
	int error;

	write_step(s, text, sizeof(text));
	put("%u %s :", serial, text);
	prepare(&r, s, serial);
	o = object_of(r.fd);
	if (must_not_be_made(&r)) {
		put(" not made\n");
		return;
	}
	arrange_wait(&r, o);
	ret = make_call(&r, o, &error);
	feed_fd = drain_fd = -1;
	account(&r, o);
	put(" = %ld", ret);
	if (error != UNTOUCHED && !(s->call->fields & KIND))
		put(" %s", errno_name(error));
	put_data(s);
	put_signals();
	observe(s, &r);
	put("\n");
}

static void clear_all(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	for (int i = 0; i < SLOTS; i++) {
		slot_clear(&slots[i]);
		slots[i] = (struct slot){ .fd = -1 };
	}
	remove_names();
	nobjects = 0;
}

void run_sequence(const struct step *steps, unsigned int count)
{
	if (!count)
		return;
	clear_all();
	make_names();
	objects[OBJECTS - 1] = (struct object){ .kind = kind_named, .verify = -1 };
	for (unsigned int i = 0; i < count; i++)
		run_step(&steps[i], i);
	observe_rest();
	clear_all();
	put("free=%d\n", lowest_free());
	put_flush();
}

static void handle(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

static void handle_crash(int sig)
{
	struct sigaction sa = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO };

	sigaction(sig, &sa, NULL);
}

void run_init(void)
{
	const int signals[2] = { SIGALRM, SIGUSR2 };

	arena = mmap(NULL, 3 * ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	readonly = mmap(NULL, ROOM, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(arena + 2 * ROOM, ROOM);
	for (int i = 0; i < SLOTS; i++)
		slots[i].fd = -1;
	handle(SIGPIPE, on_pipe, SA_RESTART);
	handle(SIGXFSZ, on_size, SA_RESTART);
	handle(SIGALRM, on_interrupt, 0);
	handle(SIGUSR2, on_restart, SA_RESTART);
	handle_crash(SIGSEGV);
	handle_crash(SIGBUS);
	for (int i = 0; i < 2; i++) {
		struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = signals[i] };

		timer_create(CLOCK_MONOTONIC, &event, &timers[i]);
	}
}
