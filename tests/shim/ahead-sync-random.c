/* SPDX-License-Identifier: MIT */
/*
 * Random cases of syncing files one after the other, while this and other processes write, map,
 * shorten, rename and link them, and the disk fails. After each sync that returned 0 it compares the
 * image of the disk with the file: its blocks, and on ext4 without a journal its inode as well. See
 * ahead-sync-random.bats.
 *
 * Usage: ahead-sync-random FIRST-SEED COUNT, in an empty directory of the disk. INODES=1 in the
 * environment: ext4 without a journal. Prints how many syncs returned 0, and failed.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "tests/shim/ahead-sync.h"

enum { FILES = 10, PAGES = 4, CASES_OF_PROCESS = 5, WRITERS = 2 };

/* What the disk does not take: with EIO, with ENOSPC. */
static const char *const failures[] = { "a bad block", "a block too many" };

/* What a process goes on with, and what it knows of a file. */
struct file {
	char name[32];
	int open_fd;	 /* left open, or -1 */
	char *map;	 /* a mapping that was left, or NULL */
	int writer;	 /* a process that writes it all the time, or -1 */
	bool is_failing; /* a block was written that the disk does not take */
	bool has_failed; /* and a sync said so */
};

static uint64_t dice;
static unsigned long case_number;
static bool has_inodes;
static struct file files[FILES];

/* Shared by all processes: the versions that writers have finished writing, and the results. */
static struct shared {
	_Atomic uint64_t versions[WRITERS];
	_Atomic bool end[WRITERS];
	_Atomic long good, failed;
} * shared;

static unsigned roll(unsigned sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice >> 20) % sides;
}

static void fill(char *data, size_t size)
{
	for (size_t i = 0; i < size; i += 8) {
		uint64_t value = dice += 0x9e3779b97f4a7c15ull;

		memcpy(data + i, &value, 8);
	}
}

static int open_file(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0644);

	must(fd >= 0, name);
	return fd;
}

static void make_file(struct file *file, int number)
{
	static _Alignas(4096) char data[PAGES * CHUNK];
	size_t size = 1 + roll(sizeof(data));
	int fd;

	*file = (struct file){ .open_fd = -1, .writer = -1 };
	snprintf(file->name, sizeof(file->name), "%lu.%d", case_number, number);
	fd = open_file(file->name, O_RDWR | O_CREAT);
	fill(data, sizeof(data));
	if (!roll(20) && size >= CHUNK) {
		strcpy(data, failures[roll(2)]);
		file->is_failing = true;
	}
	must(write(fd, data, size) == (ssize_t)size, "write");
	if (!roll(12))
		file->map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(file->map != MAP_FAILED, "mmap");
	if (!roll(12))
		file->open_fd = fd;
	else
		close(fd);
}

/* Changes of a file, by whoever calls them. */

static void write_some(const struct file *file)
{
	char data[100];
	int fd = open_file(file->name, O_WRONLY);

	fill(data, sizeof(data));
	must(pwrite(fd, data, sizeof(data), roll(3 * CHUNK)) > 0, "pwrite");
	close(fd);
}

static void append_some(const struct file *file)
{
	char data[100];
	int fd = open_file(file->name, O_WRONLY | O_APPEND);

	fill(data, sizeof(data));
	must(write(fd, data, sizeof(data)) > 0, "write");
	close(fd);
}

static void write_direct(const struct file *file)
{
	static _Alignas(4096) char data[CHUNK];
	int fd = open_file(file->name, O_WRONLY | O_DIRECT);

	fill(data, sizeof(data));
	must(pwrite(fd, data, sizeof(data), roll(3) * CHUNK) > 0, "direct write");
	close(fd);
}

static void store(const struct file *file)
{
	int fd = open_file(file->name, O_RDWR);
	struct stat st;
	char *map;

	must(!fstat(fd, &st), "fstat");
	map = st.st_size ?
		mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) :
		NULL;
	close(fd);
	must(map != MAP_FAILED, "mmap");
	if (!map)
		return;
	map[roll((unsigned)st.st_size)]++;
	munmap(map, (size_t)st.st_size);
}

static void store_through_old_mapping(const struct file *file)
{
	if (file->map)
		file->map[0]++;
	else
		store(file);
}

static void write_through_old_descriptor(const struct file *file)
{
	if (file->open_fd >= 0)
		must(pwrite(file->open_fd, "old", 3, 5) == 3, "pwrite");
	else
		write_some(file);
}

static void resize(const struct file *file)
{
	/* A mapping must not lose its page. */
	must(!truncate(file->name, 1 + roll(4 * CHUNK)), "truncate");
}

static void change_mode(const struct file *file)
{
	must(!chmod(file->name, 0600 + roll(64)), "chmod");
}

static void change_owner(const struct file *file)
{
	must(!chown(file->name, roll(1000), roll(1000)), "chown");
}

static void set_attribute(const struct file *file)
{
	must(!setxattr(file->name, "user.x", &dice, sizeof(dice), 0), "setxattr");
}

static void change_times(const struct file *file)
{
	must(!utimes(file->name, NULL), "utimes");
}

static void add_link(const struct file *file)
{
	char to[64];

	snprintf(to, sizeof(to), "%s.%u", file->name, roll(1 << 30));
	must(!link(file->name, to) || errno == EEXIST, "link");
}

static void rename_there_and_back(const struct file *file)
{
	char to[64];

	snprintf(to, sizeof(to), "%s.away", file->name);
	must(!rename(file->name, to) && !rename(to, file->name), "rename");
}

static void punch_hole(const struct file *file)
{
	int fd = open_file(file->name, O_RDWR);

	must(!fallocate(fd, 3, roll(3) * CHUNK, CHUNK), "fallocate");
	close(fd);
}

static void change_nothing(const struct file *file) {}

static void (*const changes[])(const struct file *) = {
	write_some,
	append_some,
	write_direct,
	store,
	store_through_old_mapping,
	write_through_old_descriptor,
	resize,
	change_mode,
	change_owner,
	set_attribute,
	change_times,
	add_link,
	rename_there_and_back,
	punch_hole,
	change_nothing,
};

static void *change_in_thread(void *file)
{
	changes[roll(sizeof(changes) / sizeof(changes[0]))](file);
	return NULL;
}

/* By another process, another thread, or this one. The program has heard of the end of it. */
static void change(struct file *file)
{
	unsigned who = roll(3);
	pthread_t thread;
	int status;
	pid_t pid;

	if (who == 0) {
		pid = fork();
		if (!pid) {
			change_in_thread(file);
			_exit(0);
		}
		must(waitpid(pid, &status, 0) == pid && !status, "change");
		roll(2);
	} else if (who == 1) {
		must(!pthread_create(&thread, NULL, change_in_thread, file), "thread");
		pthread_join(thread, NULL);
	} else {
		change_in_thread(file);
	}
}

/* A process that writes versions to the first bytes of a file, with pwrite or stores. */
static void write_versions(const struct file *file, bool stores)
{
	int fd = open_file(file->name, O_RDWR);
	char *map = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	must(map != MAP_FAILED, "mmap");
	if (stores)
		close(fd);
	for (uint64_t version = 1; !shared->end[file->writer]; version++) {
		if (stores)
			*(volatile uint64_t *)map = version;
		else
			must(pwrite(fd, &version, sizeof(version), 0) == sizeof(version), "pwrite");
		shared->versions[file->writer] = version;
		if (!(version % 64))
			usleep(50);
	}
	_exit(0);
}

static pid_t start_writer(struct file *file, int writer)
{
	pid_t pid;

	file->writer = writer;
	shared->versions[writer] = 0;
	shared->end[writer] = false;
	pid = fork();
	if (!pid)
		write_versions(file, roll(2));
	for (int i = 0; i < 1000 && !shared->versions[writer]; i++)
		usleep(100);
	return pid;
}

static uint64_t number_at(off_t place, size_t size)
{
	uint64_t value = 0;

	must(pread(image_fd(), &value, size, place) == (ssize_t)size, "pread of the image");
	return value;
}

/* Returns where the inode is in the image. */
static off_t place_of_inode(uint64_t inode)
{
	enum { SUPER = 1024, DESCRIPTORS = 4096 };
	uint64_t in_group = number_at(SUPER + 0x28, 4), size = number_at(SUPER + 0x58, 2);
	uint64_t step = number_at(SUPER + 0xfe, 2), group = (inode - 1) / in_group;
	off_t descriptor = DESCRIPTORS + (off_t)(group * (step ? step : 32));
	uint64_t table = number_at(descriptor + 8, 4);

	if (step > 32)
		table |= number_at(descriptor + 0x28, 4) << 32;
	return (off_t)(table * CHUNK + (inode - 1) % in_group * size);
}

/* Returns true if the inode in the image is what stat says. */
static bool is_inode_on_disk(int fd, bool only_data)
{
	struct stat st;
	off_t at;

	must(!fstat(fd, &st), "fstat");
	at = place_of_inode(st.st_ino);
	if ((number_at(at + 4, 4) | number_at(at + 0x6c, 4) << 32) != (uint64_t)st.st_size)
		return false;
	return only_data ||
		(number_at(at, 2) == st.st_mode && number_at(at + 2, 2) == st.st_uid &&
		 number_at(at + 0x18, 2) == st.st_gid && number_at(at + 0x1a, 2) == st.st_nlink &&
		 (uint32_t)number_at(at + 0xc, 4) == (uint32_t)st.st_ctim.tv_sec &&
		 number_at(at + 0x84, 4) >> 2 == (uint64_t)st.st_ctim.tv_nsec);
}

/* Returns the version in the image, of a file whose first block is allocated. */
static uint64_t version_on_disk(int fd)
{
	_Alignas(struct fiemap) char space[sizeof(struct fiemap) + sizeof(struct fiemap_extent)] = {
		0
	};
	struct fiemap *map = (struct fiemap *)space;

	map->fm_length = 8;
	map->fm_extent_count = 1;
	must(!ioctl(fd, FS_IOC_FIEMAP, map), "FIEMAP");
	if (map->fm_mapped_extents != 1)
		return 0;
	return number_at((off_t)(map->fm_extents[0].fe_physical - map->fm_extents[0].fe_logical),
			 8);
}

static void complain(const struct file *file, const char *what)
{
	printf("case %lu, file %s: %s\n", case_number, file->name, what);
	fflush(stdout);
	_exit(1);
}

static void check(struct file *file, int fd, bool only_data, uint64_t version)
{
	if (file->writer >= 0) {
		if (version_on_disk(fd) < version)
			complain(file, "an old version is on the disk");
		return;
	}
	if (!is_data_on_disk(fd))
		complain(file, "its data is not on the disk");
	if (has_inodes && !is_inode_on_disk(fd, only_data))
		complain(file, "its inode is not on the disk");
}

/* Opens it by one of its names. */
static int open_again(const struct file *file)
{
	static const int flags[] = { O_RDONLY, O_RDWR, O_RDONLY | O_NOATIME };
	char name[64] = "./";

	strcat(name, file->name);
	return open_file(roll(8) ? file->name : name, flags[roll(3)]);
}

static void sync_file(struct file *file)
{
	bool only_data = !roll(3);
	uint64_t version;
	int fd, ret;

	if (!roll(3) && file->writer < 0)
		change(file);
	fd = open_again(file);
	if (!roll(6) && file->writer < 0)
		change(file);
	version = file->writer < 0 ? 0 : shared->versions[file->writer];
	ret = only_data ? fdatasync(fd) : fsync(fd);
	/* Blocks of two files can be written together, and then fail together, with one of two errors. */
	must(!ret || (file->is_failing && (errno == EIO || errno == ENOSPC)), "sync");
	if (ret) {
		file->has_failed = true;
		shared->failed++;
	} else {
		shared->good++;
		/* What failed and was reported is lost, natively too. */
		if (!file->has_failed)
			check(file, fd, only_data, version);
	}
	close(fd);
}

static void run_case(void)
{
	pid_t writers[WRITERS] = { 0 };
	int count = 3 + (int)roll(FILES - 2), status;

	for (int i = 0; i < count; i++)
		make_file(&files[i], i);
	for (int i = 0; i < WRITERS; i++) {
		struct file *file = &files[1 + roll((unsigned)count - 1)];

		if (!roll(3) && file->writer < 0 && !file->is_failing && !file->map)
			writers[i] = start_writer(file, i);
	}
	usleep(roll(2) ? 12000 : roll(3000));
	for (int i = 0; i < count; i++) {
		sync_file(&files[i]);
		if (!i || !roll(4))
			usleep(roll(5000));
	}
	for (int i = 0; i < WRITERS; i++) {
		shared->end[i] = true;
		must(writers[i] <= 0 || waitpid(writers[i], &status, 0) == writers[i], "waitpid");
	}
	for (int i = 0; i < count; i++)
		if (files[i].open_fd >= 0)
			close(files[i].open_fd);
}

static void run_cases(unsigned long first, unsigned long end)
{
	for (case_number = first; case_number < end; case_number++) {
		dice = (case_number + 1) * 0x9e3779b97f4a7c15ull;
		run_case();
	}
	exit(0);
}

int main(int argc, char **argv)
{
	unsigned long seed, end;
	int status;
	pid_t pid;

	if (argc != 3) {
		fprintf(stderr, "usage: ahead-sync-random FIRST-SEED COUNT\n");
		return 2;
	}
	has_inodes = getenv("INODES");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	must(shared != MAP_FAILED, "mmap");
	seed = strtoul(argv[1], NULL, 10);
	end = seed + strtoul(argv[2], NULL, 10);
	/* Each process begins anew to look how the program goes through its files. */
	for (; seed < end; seed += CASES_OF_PROCESS) {
		pid = fork();
		if (!pid)
			run_cases(seed,
				  seed + CASES_OF_PROCESS < end ? seed + CASES_OF_PROCESS : end);
		must(waitpid(pid, &status, 0) == pid, "waitpid");
		if (status)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
	printf("%ld syncs returned 0, %ld failed\n", shared->good, shared->failed);
	return 0;
}
