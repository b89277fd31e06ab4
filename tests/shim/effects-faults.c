/* SPDX-License-Identifier: MIT */
/*
 * Effects of calls whose buffers are partly unmapped: the bytes transferred, and the state of the
 * file position, file, pipe or peer afterwards.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include "effects.h"

enum { PAGE = 4096, PAGES = 8, LEN = PAGES * PAGE, FILE_LEN = 3 * LEN, PIECES = 5 };

/* Layout: mapped pages, an unmapped one, more mapped pages, a read-only one, an unmapped one. */
static char *memory, *behind, *fixed;
/* The first entry of an array whose second entry is unmapped. */
static struct iovec *half_array;

enum kind {
	ON_DISK, ON_TMPFS, IN_MEMORY, APPENDING, UNCACHED,
	/* Files of zeros: what was read does not show where the read began. */
	ZEROS, ZEROS_NOT_CACHED, ZEROS_ON_TMPFS,
	SMALL, IN_PIPE, IN_UNIX, IN_TCP, IN_DATAGRAMS,
	KINDS
};

static const char *const kind_names[KINDS] = {
	"disk", "tmpfs", "memfd", "append", "uncached", "zeros", "zeros not cached", "zeros on tmpfs",
	"small", "pipe", "unix", "tcp", "datagram",
};

/* The memory that a call transfers from or to. */
struct shape {
	char name[32];
	struct iovec iov[PIECES];
	int count;
	bool half;		/* the second piece's entry is unmapped */
};

static struct shape shapes[12 + 36];
static unsigned shape_count;

static void add(const char *name, int count, bool half, struct iovec a, struct iovec b, struct iovec c)
{
	struct shape *shape = &shapes[shape_count++];

	*shape = (struct shape){ "", { a, b, c }, count, half };
	snprintf(shape->name, sizeof(shape->name), "%s", name);
}

/* A fixed seed: every run draws the same numbers. */
static unsigned draw(unsigned below)
{
	static uint64_t state = 42;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % below;
}

/* Adds pieces at random places, some of them across page edges. */
static void add_drawn(void)
{
	struct shape *shape = &shapes[shape_count++];

	snprintf(shape->name, sizeof(shape->name), "drawn %u", shape_count);
	shape->count = 1 + (int)draw(PIECES);
	for (int i = 0; i < shape->count; i++) {
		unsigned len = draw(4) ? draw(3000) : draw(3 * PAGE);
		char *base = draw(2) ? memory + LEN - draw(5000) : memory + draw(LEN - 3 * PAGE);

		if (!draw(3))
			base = fixed - draw(5000);
		if (!draw(12))
			base = (char *)8;
		shape->iov[i] = (struct iovec){ base, len };
	}
}

static void make_shapes(void)
{
	const struct iovec none = { NULL, 0 };
	const struct iovec good = { memory, 5000 }, good_too = { behind + 100, 3000 };
	const struct iovec bad = { (void *)8, 100 };
	char *end = memory + LEN;

	add("good", 1, false, good, none, none);
	add("bad", 1, false, bad, none, none);
	add("ends after a page", 1, false, (struct iovec){ end - PAGE, 2 * PAGE }, none, none);
	add("ends after 1000 bytes", 1, false, (struct iovec){ end - 1000, 6000 }, none, none);
	add("ends after 7 pages", 1, false, (struct iovec){ end - 7 * PAGE, 9 * PAGE }, none, none);
	add("has a hole", 1, false, (struct iovec){ end - 2 * PAGE, 4 * PAGE }, none, none);
	add("becomes read-only", 1, false, (struct iovec){ fixed - 1500, 4000 }, none, none);
	add("good, bad", 2, false, good, bad, none);
	add("bad, good", 2, false, bad, good, none);
	add("good, half, good", 3, false, good, (struct iovec){ end - 700, 1000 }, good_too);
	add("nothing, good", 2, false, (struct iovec){ (void *)8, 0 }, good, none);
	add("entry not there", 2, true, good, good, none);
	while (shape_count < sizeof(shapes) / sizeof(shapes[0]))
		add_drawn();
}

/* Not unmapped: something else could be mapped there. */
static void make_memory(void)
{
	char *map = mmap(NULL, 3 * LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(map != MAP_FAILED, "mmap");
	memory = map;
	mprotect(map + LEN, PAGE, PROT_NONE);
	behind = map + LEN + PAGE;
	fixed = behind + LEN - 3 * PAGE;
	mprotect(fixed + PAGE, 3 * LEN - (size_t)(fixed + PAGE - map), PROT_NONE);
	map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(map + PAGE, PAGE, PROT_NONE);
	half_array = (struct iovec *)(map + PAGE) - 1;
}

/* Resets the memory before each call, to the bytes that it sends or overwrites. */
static void fill_memory(void)
{
	mprotect(fixed, PAGE, PROT_READ | PROT_WRITE);
	pattern(memory, LEN, 1);
	pattern(behind, (size_t)(fixed + PAGE - behind), 2);
	mprotect(fixed, PAGE, PROT_READ);
}

static unsigned long memory_sum(void)
{
	return sum(memory, LEN) ^ sum(behind, (size_t)(fixed + PAGE - behind));
}

/* The two ends of a kind of descriptor. For files they are the same. */
struct ends {
	int in, out;
};

static void connected(struct ends *ends)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	ends->out = socket(AF_INET, SOCK_STREAM, 0);
	need(!listen(listener, 1) && !getsockname(listener, (struct sockaddr *)&addr, &len), "listen");
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(!connect(ends->out, (struct sockaddr *)&addr, len), "connect");
	ends->in = accept(listener, NULL, NULL);
	close(listener);
}

static struct ends open_ends(enum kind kind)
{
	struct ends ends = { -1, -1 };
	int fds[2];

	switch (kind) {
	case ON_DISK:
	case ZEROS:
	case ZEROS_NOT_CACHED:
	case SMALL:
		ends.in = ends.out = open("faults", O_RDWR | O_CREAT | O_TRUNC, 0600);
		break;
	case APPENDING:
		ends.in = ends.out = open("faults", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
		break;
	case UNCACHED:
		ends.in = ends.out = open("faults", O_RDWR | O_CREAT | O_TRUNC | O_DIRECT, 0600);
		break;
	case ON_TMPFS:
	case ZEROS_ON_TMPFS:
		ends.in = ends.out = open("/dev/shm", O_RDWR | O_TMPFILE, 0600);
		break;
	case IN_MEMORY:
		ends.in = ends.out = memfd_create("faults", 0);
		break;
	case IN_PIPE:
		need(!pipe(fds), "pipe");
		ends = (struct ends){ fds[0], fds[1] };
		break;
	case IN_UNIX:
	case IN_DATAGRAMS:
		need(!socketpair(AF_UNIX, kind == IN_UNIX ? SOCK_STREAM : SOCK_DGRAM, 0, fds), "socketpair");
		ends = (struct ends){ fds[0], fds[1] };
		break;
	case IN_TCP:
		connected(&ends);
		break;
	case KINDS:
		break;
	}
	need(ends.in >= 0 && ends.out >= 0, kind_names[kind]);
	return ends;
}

static bool is_file(enum kind kind)
{
	return kind <= SMALL;
}

static bool is_zeros(enum kind kind)
{
	return kind == ZEROS || kind == ZEROS_NOT_CACHED || kind == ZEROS_ON_TMPFS;
}

static void drop_cache(int fd)
{
	raw3(SYS_fsync, fd, 0, 0);
	raw6(SYS_fadvise64, fd, 0, 0, POSIX_FADV_DONTNEED, 0, 0);
}

/* Provides the data that a read finds. */
static void provide(enum kind kind, const struct ends *ends)
{
	static char bytes[FILE_LEN] __attribute__((aligned(4096)));

	if (is_zeros(kind))
		memset(bytes, 0, sizeof(bytes));
	else
		pattern(bytes, sizeof(bytes), 3);
	if (is_file(kind)) {
		raw6(SYS_pwrite64, ends->in, (long)bytes, kind == SMALL ? 3000 : FILE_LEN, 0, 0, 0);
		lseek(ends->in, kind == UNCACHED ? 0 : 100, SEEK_SET);
		if (kind == ZEROS_NOT_CACHED)
			drop_cache(ends->in);
	} else {
		raw_write(ends->out, bytes, LEN);
	}
}

/* Drains the other end without waiting. Returns how much there was. */
static long drain(const struct ends *ends, char *bytes, size_t size)
{
	long got, total = 0;

	raw3(SYS_fcntl, ends->in, F_SETFL, O_NONBLOCK);
	while ((got = raw_read(ends->in, bytes + total, size - (size_t)total)) > 0)
		total += got;
	return total;
}

/* Prints the data that came out at the other end. */
static void look(const char *call, const char *what, enum kind kind, const struct ends *ends)
{
	static char bytes[FILE_LEN + 4 * LEN] __attribute__((aligned(4096)));
	struct stat st;
	long got, total = 0;

	if (is_file(kind)) {
		fstat(ends->in, &st);
		got = raw6(SYS_pread64, ends->in, (long)bytes, sizeof(bytes), 0, 0, 0);
		saw(call, what, "position %ld size %ld contents %lx", (long)lseek(ends->in, 0, SEEK_CUR),
		    (long)st.st_size, sum(bytes, (size_t)got));
		return;
	}
	total = drain(ends, bytes, sizeof(bytes));
	saw(call, what, "left %ld bytes %lx", total, sum(bytes, (size_t)total));
}

/* Returns true if got has the first bytes of the pieces. */
static bool is_start_of(const char *got, size_t left, const struct iovec *iov)
{
	for (; left; iov++) {
		size_t len = iov->iov_len < left ? iov->iov_len : left;

		if (memcmp(got, iov->iov_base, len))
			return false;
		got += len;
		left -= len;
	}
	return true;
}

/*
 * TCP sends what comes before the fault or nothing. That depends on where the kernel's current
 * block of memory ends, which what the task did before decides. What it says must be what it did.
 */
static bool look_at_cut(const char *call, const char *what, const struct ends *ends,
			const struct shape *shape, long ret)
{
	static char bytes[4 * LEN];
	size_t wanted = 0;
	long total, sent = ret < 0 ? 0 : ret;

	for (int i = 0; i < shape->count; i++)
		wanted += shape->iov[i].iov_len;
	if (ret < 0 ? errno != EFAULT : (size_t)ret >= wanted)
		return false;
	total = drain(ends, bytes, sizeof(bytes));
	saw(call, what, "cut at the fault, %s",
	    total == sent && is_start_of(bytes, (size_t)total, shape->iov) ?
		    "and so much has come" :
		    "AND SOMETHING ELSE HAS COME");
	return true;
}

static void close_ends(const struct ends *ends)
{
	close(ends->in);
	if (ends->out != ends->in)
		close(ends->out);
}

enum call { READ, WRITE, PREAD, PWRITE, READV, WRITEV, PREADV, PWRITEV, PREADV2, PWRITEV2, RECV, SEND,
	    RECVMSG, SENDMSG, CALLS };

static const struct {
	const char *name;
	bool write, vector, offset, socket;
} calls[CALLS] = {
	[READ] = { "read" }, [WRITE] = { "write", true },
	[PREAD] = { "pread", false, false, true }, [PWRITE] = { "pwrite", true, false, true },
	[READV] = { "readv", false, true }, [WRITEV] = { "writev", true, true },
	[PREADV] = { "preadv", false, true, true }, [PWRITEV] = { "pwritev", true, true, true },
	[PREADV2] = { "preadv2", false, true }, [PWRITEV2] = { "pwritev2", true, true },
	[RECV] = { "recv", false, false, false, true }, [SEND] = { "send", true, false, false, true },
	[RECVMSG] = { "recvmsg", false, true, false, true },
	[SENDMSG] = { "sendmsg", true, true, false, true },
};

static long make(enum call call, const struct ends *ends, const struct iovec *iov, int count)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)count };
	/* A call that never waits natively must not wait here. */
	const int flags = MSG_DONTWAIT;

	errno = 0;
	switch (call) {
	case READ: return read(ends->in, iov->iov_base, iov->iov_len);
	case WRITE: return write(ends->out, iov->iov_base, iov->iov_len);
	case PREAD: return pread(ends->in, iov->iov_base, iov->iov_len, 50);
	case PWRITE: return pwrite(ends->out, iov->iov_base, iov->iov_len, 50);
	case READV: return readv(ends->in, iov, count);
	case WRITEV: return writev(ends->out, iov, count);
	case PREADV: return preadv(ends->in, iov, count, 50);
	case PWRITEV: return pwritev(ends->out, iov, count, 50);
	case PREADV2: return preadv2(ends->in, iov, count, -1, 0);
	case PWRITEV2: return pwritev2(ends->out, iov, count, -1, 0);
	case RECV: return recv(ends->in, iov->iov_base, iov->iov_len, flags);
	case SEND: return send(ends->out, iov->iov_base, iov->iov_len, flags);
	case RECVMSG: return recvmsg(ends->in, &msg, flags);
	case SENDMSG: return sendmsg(ends->out, &msg, flags);
	case CALLS: break;
	}
	return -1;
}

static bool applies(enum call call, enum kind kind, const struct shape *shape)
{
	if (calls[call].socket && kind < IN_UNIX)
		return false;
	if (calls[call].offset && !is_file(kind))
		return false;
	if (is_zeros(kind) && (calls[call].write || calls[call].offset))
		return false;
	return calls[call].vector || shape->count == 1;
}

static void one(enum call call, enum kind kind, const struct shape *shape)
{
	struct ends ends = open_ends(kind);
	const struct iovec *iov = shape->iov;
	char what[80];
	long ret;

	fill_memory();
	if (!calls[call].write || is_file(kind))
		provide(kind, &ends);
	if (shape->half) {
		*half_array = shape->iov[0];
		iov = half_array;
	}
	ret = make(call, &ends, iov, shape->count);
	snprintf(what, sizeof(what), "fault on %s, %s", kind_names[kind], shape->name);
	if (kind == IN_TCP && calls[call].write && !shape->half &&
	    look_at_cut(calls[call].name, what, &ends, shape, ret)) {
		close_ends(&ends);
		return;
	}
	saw(calls[call].name, what, "%s memory %lx", result(ret), memory_sum());
	look(calls[call].name, what, kind, &ends);
	close_ends(&ends);
}

void faults(void)
{
	make_memory();
	make_shapes();
	for (int call = 0; call < CALLS; call++)
		for (int kind = 0; kind < KINDS; kind++)
			for (unsigned i = 0; i < shape_count; i++)
				if (applies((enum call)call, (enum kind)kind, &shapes[i]))
					one((enum call)call, (enum kind)kind, &shapes[i]);
}
