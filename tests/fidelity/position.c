/* SPDX-License-Identifier: MIT */
/*
 * Tests one open file description with many users, who move 64-byte records through one shared
 * position. Every written record must be in the file once and complete, and every record must be
 * read by one reader only. FID_RECORDS: records per user, default 2000.
 */
#include "harness.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define USERS 8
#define RECORD 64

enum how { THREADS, DUPS, FORKS, PASSED, THREADS_AND_FORKS };

struct way {
	enum how how;
	bool reads, vectored, appends;
};

static const struct way *way;
static int file, records = 2000;
static unsigned char *seen;	/* a byte per record, in shared memory */
static atomic_int *started, *bad;

static void one_write(int fd, int user, int number)
{
	unsigned char record[RECORD];
	struct iovec v[2] = { { record, 20 }, { record + 20, RECORD - 20 } };
	uint32_t id = user * records + number;

	fid_fill(record, sizeof(record), id * 64);
	memcpy(record, &id, sizeof(id));
	if ((way->vectored ? writev(fd, v, 2) : write(fd, record, RECORD)) != RECORD)
		(*bad)++;
}

static void check(const unsigned char *record)
{
	uint32_t id;

	memcpy(&id, record, sizeof(id));
	if (id >= (uint32_t)(USERS * records) || !fid_matches(record + 4, RECORD - 4, id * 64 + 4))
		(*bad)++;
	else
		__atomic_fetch_add(&seen[id], 1, __ATOMIC_SEQ_CST);
}

static bool one_read(int fd)
{
	unsigned char record[RECORD];
	struct iovec v[2] = { { record, 20 }, { record + 20, RECORD - 20 } };
	long n = way->vectored ? readv(fd, v, 2) : read(fd, record, RECORD);

	if (n == RECORD)
		check(record);
	else if (n != 0)
		(*bad)++;
	return n > 0;
}

static void use(int fd, int user)
{
	/* All users start at the same time. */
	atomic_fetch_add(started, 1);
	while (atomic_load(started) < USERS)
		fid_sleep_us(50);
	if (way->reads) {
		while (one_read(fd))
			;
		return;
	}
	for (int i = 0; i < records; i++)
		one_write(fd, user, i);
}

static void *thread_body(void *arg)
{
	long user = (long)arg;

	use(way->how == DUPS ? dup(file) : file, user);
	return NULL;
}

static int pass(int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = space,
		.msg_controllen = sizeof(space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int p[2], got = -1;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p))
		return -1;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	if (sendmsg(p[0], &m, 0) != 1 || recvmsg(p[1], &m, 0) != 1)
		return -1;
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	close(p[0]);
	close(p[1]);
	return got;
}

static void users(void)
{
	pthread_t threads[USERS];
	pid_t pids[USERS];
	bool forked[USERS];

	for (long i = 0; i < USERS; i++) {
		forked[i] = way->how == FORKS || way->how == PASSED ||
			(way->how == THREADS_AND_FORKS && i % 2);
		if (!forked[i])
			continue;
		pids[i] = fid_fork();
		if (pids[i])
			continue;
		use(way->how == PASSED ? pass(file) : file, i);
		_exit(0);
	}
	for (long i = 0; i < USERS; i++)
		if (!forked[i])
			pthread_create(&threads[i], NULL, thread_body, (void *)i);
	for (int i = 0; i < USERS; i++) {
		if (forked[i])
			fid_reap(pids[i]);
		else
			pthread_join(threads[i], NULL);
	}
}

static void run(const void *arg)
{
	size_t total;
	int once = 0;

	way = arg;
	if (getenv("FID_RECORDS") && atoi(getenv("FID_RECORDS")) > 0)
		records = atoi(getenv("FID_RECORDS"));
	total = (size_t)USERS * records;
	started = fid_shm;
	bad = started + 1;
	seen = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	file = open("records", O_RDWR | O_CREAT | (way->appends ? O_APPEND : 0), 0600);
	if (file < 0 || seen == MAP_FAILED)
		fid_die("open");
	if (way->reads) {
		static const struct way writer = { THREADS, false, false, false };
		const struct way *reader = way;

		way = &writer;
		for (int i = 0; i < USERS; i++)
			for (int j = 0; j < records; j++)
				one_write(file, i, j);
		way = reader;
		lseek(file, 0, SEEK_SET);
	}
	users();
	fid_say("position %s", lseek(file, 0, SEEK_CUR) == (off_t)(total * RECORD) ? "at the end" :
		"WRONG");
	if (!way->reads) {
		unsigned char record[RECORD];

		fid_say("size %s", lseek(file, 0, SEEK_END) == (off_t)(total * RECORD) ? "right" :
			"WRONG");
		for (size_t i = 0; i < total; i++)
			if (raw6(SYS_pread64, file, (long)record, RECORD, i * RECORD, 0, 0) == RECORD)
				check(record);
	}
	for (size_t i = 0; i < total; i++)
		once += seen[i] == 1;
	fid_say("once %s, bad %d", once == (int)total ? "each" : "NOT EACH", *bad);
}

/*
 * A fork amid the writes of others. Writes in flight then must not set the position back behind the
 * bytes that the first native calls have written since.
 */
enum { AMID_ROUNDS = 150, AMID_RECORDS = 300 };

static void *amid_body(void *arg)
{
	for (int i = 0; i < AMID_RECORDS; i++)
		one_write(file, 0, i);
	return NULL;
}

static void fork_amid(const void *arg)
{
	static const struct way writer = { THREADS, false, false, false };
	const off_t size = 2 * AMID_RECORDS * RECORD;
	int right = 0;

	way = &writer;
	bad = fid_shm;
	for (int i = 0; i < AMID_ROUNDS; i++) {
		pthread_t threads[2];
		pid_t pid;

		file = open("amid", O_RDWR | O_CREAT | O_TRUNC, 0600);
		if (file < 0)
			fid_die("open");
		for (int j = 0; j < 2; j++)
			pthread_create(&threads[j], NULL, amid_body, NULL);
		fid_sleep_us(300 + i * 20);
		pid = fid_fork();
		if (pid == 0)
			_exit(0);
		for (int j = 0; j < 2; j++)
			pthread_join(threads[j], NULL);
		fid_reap(pid);
		right += lseek(file, 0, SEEK_CUR) == size && lseek(file, 0, SEEK_END) == size;
		close(file);
	}
	fid_say("right %d of %d, bad %d", right, AMID_ROUNDS, *bad);
}

static const struct way ways[] = {
	{ THREADS, false, false, false }, { THREADS, false, true, false },
	{ DUPS, false, false, false }, { FORKS, false, false, false },
	{ FORKS, false, true, false }, { PASSED, false, false, false },
	{ THREADS_AND_FORKS, false, false, false }, { THREADS, false, false, true },
	{ FORKS, false, false, true },
	{ THREADS, true, false, false }, { THREADS, true, true, false },
	{ DUPS, true, false, false }, { FORKS, true, false, false },
	{ FORKS, true, true, false }, { PASSED, true, false, false },
	{ THREADS_AND_FORKS, true, false, false },
};

static const struct fid_case cases[] = {
	{ "write/threads", run, &ways[0], 0, 60 },
	{ "writev/threads", run, &ways[1], 0, 60 },
	{ "write/dups", run, &ways[2], 0, 60 },
	{ "write/forks", run, &ways[3], 0, 60 },
	{ "writev/forks", run, &ways[4], 0, 60 },
	{ "write/passed", run, &ways[5], 0, 60 },
	{ "write/threads-and-forks", run, &ways[6], 0, 60 },
	{ "append/threads", run, &ways[7], 0, 60 },
	{ "append/forks", run, &ways[8], 0, 60 },
	{ "read/threads", run, &ways[9], 0, 60 },
	{ "readv/threads", run, &ways[10], 0, 60 },
	{ "read/dups", run, &ways[11], 0, 60 },
	{ "read/forks", run, &ways[12], 0, 60 },
	{ "readv/forks", run, &ways[13], 0, 60 },
	{ "read/passed", run, &ways[14], 0, 60 },
	{ "read/threads-and-forks", run, &ways[15], 0, 60 },
	{ "write/fork-amid", fork_amid, NULL, 0, 120 },
};

int main(int argc, char **argv)
{
	return fid_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
