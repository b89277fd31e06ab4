/* SPDX-License-Identifier: MIT */
/*
 * A program that does random things with the files of a directory, and prints all that it sees. The
 * same seed does the same on equal directories. See ahead-random.bats.
 *
 * Usage: ahead-random make SEED DIRECTORY     makes the files
 *        ahead-random run SEED DIRECTORY MARKER
 *        ahead-random tree DIRECTORY MARKER   prints what is there
 *
 * Of a time it says the year if it was set by make, and else if it is later than MARKER's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DIRECTORIES = 5, NAMES_MAX = 256, STEPS = 300, DEPTH = 3 };

/* What a thread or process goes on with. */
struct walker {
	uint64_t dice;
	FILE *out;
	int steps; /* left */
	int depth;
	bool alone; /* no other thread runs: it can change the working directory */
};

/* How the program names the files of a directory. */
struct way {
	int dir;
	char prefix[PATH_MAX];
	bool changes; /* files are made, renamed and deleted as well */
};

static struct timespec marker;
static char root[PATH_MAX / 2];
static const char *self;

static unsigned roll(struct walker *walker, unsigned sides)
{
	walker->dice ^= walker->dice << 13;
	walker->dice ^= walker->dice >> 7;
	walker->dice ^= walker->dice << 17;
	return (unsigned)(walker->dice >> 20) % sides;
}

static uint64_t seeded(const char *seed)
{
	return (strtoull(seed, NULL, 10) + 1) * 0x9e3779b97f4a7c15ull;
}

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(99);
}

static uint64_t add_to_sum(uint64_t sum, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ (unsigned char)data[i]) * 0x100000001b3ull;
	return sum;
}

/* Prints a result, or the error. */
static void say(struct walker *walker, const char *name, const char *what, long result)
{
	if (result < 0)
		fprintf(walker->out, "%s %s: error %d\n", name, what, errno);
	else
		fprintf(walker->out, "%s %s: %ld\n", name, what, result);
}

static const char *age(struct timespec time)
{
	if (time.tv_sec < 1300000000)
		return time.tv_sec < 1000000000 ? "2001" : "2004";
	if (time.tv_sec != marker.tv_sec)
		return time.tv_sec > marker.tv_sec ? "later" : "before";
	return time.tv_nsec > marker.tv_nsec ? "later" : "before";
}

static void print_attributes(FILE *out, const char *name, const struct stat *st)
{
	fprintf(out, "%s mode %o links %lu size %ld times %s %s %s\n", name, st->st_mode,
		(unsigned long)st->st_nlink, (long)st->st_size, age(st->st_atim), age(st->st_mtim),
		age(st->st_ctim));
}

/* The path of a name, for the functions that take no directory. */
static void path_of(const struct way *way, const char *name, char path[PATH_MAX])
{
	must(snprintf(path, PATH_MAX, "%s%s", way->prefix, name) < PATH_MAX, name);
}

static int open_name(struct walker *walker, const struct way *way, const char *name, int flags)
{
	char path[PATH_MAX];

	path_of(way, name, path);
	if (way->dir == AT_FDCWD && roll(walker, 2))
		return open(path, flags | O_NONBLOCK | O_CLOEXEC, 0644);
	return openat(way->dir, path, flags | O_NONBLOCK | O_CLOEXEC, 0644);
}

/* Reads a file in pieces, now and then not to its end. */
static void read_file(struct walker *walker, const struct way *way, const char *name)
{
	size_t piece = 512u << roll(walker, 7);
	unsigned pieces = roll(walker, 4) ? 1000 : roll(walker, 3);
	int fd = open_name(walker, way, name, O_RDONLY);
	uint64_t sum = 0xcbf29ce484222325ull;
	static __thread char data[65536];
	ssize_t got = 0;
	long size = 0;

	if (fd < 0) {
		say(walker, name, "open", fd);
		return;
	}
	while (pieces-- && (got = read(fd, data, piece)) > 0) {
		sum = add_to_sum(sum, data, (size_t)got);
		size += got;
	}
	fprintf(walker->out, "%s sum %llx\n", name, (unsigned long long)sum);
	say(walker, name, "read", got < 0 ? got : size);
	close(fd);
}

static void read_stream(struct walker *walker, const struct way *way, const char *name)
{
	char path[PATH_MAX], line[256];
	uint64_t sum = 0;
	struct stat st;
	FILE *file;

	path_of(way, name, path);
	/* fopen() waits for the other end of a FIFO. */
	if (way->dir != AT_FDCWD || stat(path, &st) || !S_ISREG(st.st_mode)) {
		read_file(walker, way, name);
		return;
	}
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		sum = add_to_sum(sum, line, strlen(line));
	fprintf(walker->out, "%s lines %llx\n", name, (unsigned long long)sum);
	if (file)
		fclose(file);
}

static void map_file(struct walker *walker, const struct way *way, const char *name)
{
	int fd = open_name(walker, way, name, O_RDONLY);
	struct stat st;
	char *data;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		say(walker, name, "not mapped", fd < 0 ? -1 : 0);
	} else {
		data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		must(data != MAP_FAILED, "mmap");
		fprintf(walker->out, "%s mapped %llx\n", name,
			(unsigned long long)add_to_sum(1, data, (size_t)st.st_size));
		munmap(data, (size_t)st.st_size);
	}
	if (fd >= 0)
		close(fd);
}

/* Asks for attributes with one of the functions for it. */
static void look_at(struct walker *walker, const struct way *way, const char *name)
{
	unsigned how = roll(walker, 4);
	char path[PATH_MAX];
	struct statx stx;
	struct stat st;
	int ret;

	path_of(way, name, path);
	if (how == 0) {
		ret = statx(way->dir, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &stx);
		say(walker, name, "statx", ret < 0 ? ret : (long)stx.stx_size);
		return;
	}
	if (way->dir != AT_FDCWD)
		ret = fstatat(way->dir, path, &st, how == 1 ? 0 : AT_SYMLINK_NOFOLLOW);
	else
		ret = how == 1 ? stat(path, &st) : lstat(path, &st);
	if (ret)
		say(walker, name, "stat", ret);
	else
		print_attributes(walker->out, name, &st);
}

static void rewrite(struct walker *walker, const struct way *way, const char *name, int flags)
{
	int fd = open_name(walker, way, name, O_WRONLY | flags);
	char data[3000];

	if (fd < 0) {
		say(walker, name, "open to write", fd);
		return;
	}
	memset(data, 'a' + (int)roll(walker, 26), sizeof(data));
	say(walker, name, "write", write(fd, data, 1 + roll(walker, sizeof(data) - 1)));
	close(fd);
}

/* Changes what a name is. Other names exist or not. */
static void change_name(struct walker *walker, int dir, const char *path, const char *to,
			unsigned how)
{
	static const char *const words[] = { "rename",	"unlink", "rmdir", "mkdir",
					     "symlink", "link",	  "chmod" };
	long ret;

	switch (how) {
	case 0:
		ret = renameat(dir, path, dir, to);
		break;
	case 1:
		ret = unlinkat(dir, path, 0);
		break;
	case 2:
		ret = unlinkat(dir, path, AT_REMOVEDIR);
		break;
	case 3:
		ret = mkdirat(dir, to, 0755);
		break;
	case 4:
		ret = symlinkat("f03", dir, to);
		break;
	case 5:
		ret = linkat(dir, path, dir, to, 0);
		break;
	default:
		ret = fchmodat(dir, path, 0600 + roll(walker, 64), 0);
	}
	say(walker, "change", words[how], ret);
}

/* Changes the file, or makes another one. */
static void change(struct walker *walker, const struct way *way, const char *name,
		   const char *other)
{
	unsigned how = roll(walker, 12);
	char path[PATH_MAX], to[PATH_MAX];

	path_of(way, name, path);
	path_of(way, other, to);
	fprintf(walker->out, "%s and %s\n", name, other);
	if (how < 7)
		change_name(walker, way->dir, path, to, how);
	else if (how == 7)
		rewrite(walker, way, name, O_TRUNC);
	else if (how == 8)
		rewrite(walker, way, name, O_APPEND);
	else if (how == 9)
		rewrite(walker, way, other, O_CREAT | O_EXCL);
	else if (how == 10 && way->dir == AT_FDCWD)
		say(walker, name, "truncate", truncate(path, roll(walker, 9000)));
	else
		rewrite(walker, way, other, O_CREAT);
}

static void walk(struct walker *walker, const struct way *parent, const char *name);

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static void visit(struct walker *walker, const struct way *way, const char *name, unsigned type)
{
	char other[16];

	if (is_dots(name) || walker->steps-- <= 0)
		return;
	snprintf(other, sizeof(other), "n%02u", roll(walker, 20));
	fprintf(walker->out, "%s type %u\n", name, type);
	if (way->changes && !roll(walker, 6))
		change(walker, way, name, roll(walker, 3) ? other : "f07");
	if (type == DT_DIR && walker->depth < DEPTH && roll(walker, 3))
		walk(walker, way, name);
	else if (roll(walker, 10) < 6)
		read_file(walker, way, name);
	else if (!roll(walker, 3))
		read_stream(walker, way, name);
	else if (!roll(walker, 4))
		map_file(walker, way, name);
	else
		look_at(walker, way, name);
}

struct names {
	unsigned count;
	struct {
		char name[64];
		unsigned type;
		uint64_t ino;
	} list[NAMES_MAX];
};

static void add_name(struct names *names, const char *name, unsigned type, uint64_t ino)
{
	must(names->count < NAMES_MAX && strlen(name) < sizeof(names->list[0].name), name);
	strcpy(names->list[names->count].name, name);
	names->list[names->count].type = type;
	names->list[names->count].ino = ino;
	names->count++;
}

static int by_inode(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Lists by system calls with a buffer of a few entries. */
static void list_by_system_call(int fd, struct names *names)
{
	char records[512] __attribute__((aligned(8)));
	long got;

	while ((got = syscall(SYS_getdents64, fd, records, sizeof(records))) > 0)
		for (long at = 0; at < got;) {
			struct dirent64 *record = (void *)(records + at);

			at += record->d_reclen;
			add_name(names, record->d_name, record->d_type, record->d_ino);
		}
}

static void list_by_scandir(const char *path, struct names *names)
{
	struct dirent **list;
	int count = scandir(path, &list, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		add_name(names, list[i]->d_name, list[i]->d_type, list[i]->d_ino);
		free(list[i]);
	}
	if (count >= 0)
		free(list);
}

/* Two equal directories have other inode numbers: what is printed has no order. */
static void walk_by_inode(struct walker *walker, const struct way *way, struct names *names)
{
	uint64_t order[NAMES_MAX], sum = 0;

	for (unsigned i = 0; i < names->count; i++)
		order[i] = names->list[i].ino << 8 | i;
	qsort(order, names->count, sizeof(order[0]), by_inode);
	for (unsigned i = 0; i < names->count; i++) {
		const char *name = names->list[order[i] & 255].name;
		int fd = open_name(&(struct walker){ .dice = 1 }, way, name, O_RDONLY);
		char data[4096];
		ssize_t got = fd < 0 ? fd : read(fd, data, sizeof(data));

		sum += got < 0 ? (uint64_t)errno : add_to_sum(7, data, (size_t)got);
		if (fd >= 0)
			close(fd);
	}
	fprintf(walker->out, "by inode %llx\n", (unsigned long long)sum);
}

/* Goes through the entries while it lists them. */
static void walk_while_listing(struct walker *walker, const struct way *way, int fd)
{
	DIR *dir = fdopendir(fcntl(fd, F_DUPFD_CLOEXEC, 0));
	struct dirent *entry;

	must(dir, "fdopendir");
	while (walker->steps > 0 && (entry = readdir(dir)))
		visit(walker, way, entry->d_name, entry->d_type);
	closedir(dir);
}

static void walk_names(struct walker *walker, const struct way *way, int fd, const char *path)
{
	struct names *names = calloc(1, sizeof(*names));
	unsigned how = roll(walker, 4), stop;

	must(names, "calloc");
	if (path && how == 0)
		list_by_scandir(path, names);
	else
		list_by_system_call(fd, names);
	stop = roll(walker, 2) ? names->count : roll(walker, names->count + 1);
	if (how == 1)
		walk_by_inode(walker, way, names);
	else
		for (unsigned i = 0; i < stop; i++)
			visit(walker, way, names->list[i].name, names->list[i].type);
	free(names);
}

/* Chooses how to name the files of the open directory. Returns true if it went there. */
static bool choose_way(struct walker *walker, struct way *way, int fd, const char *path)
{
	way->changes = roll(walker, 3);
	way->dir = AT_FDCWD;
	switch (roll(walker, walker->alone ? 4 : 3)) {
	case 0:
		way->dir = fd;
		way->prefix[0] = '\0';
		return false;
	case 3:
		way->prefix[0] = '\0';
		must(!fchdir(fd), "fchdir");
		return true;
	default:
		must(snprintf(way->prefix, sizeof(way->prefix), "%s/", path) < PATH_MAX, path);
	}
	return false;
}

static void walk_open_directory(struct walker *walker, int fd, const char *path)
{
	struct way way;
	bool is_there = choose_way(walker, &way, fd, path);

	walker->depth++;
	if (roll(walker, 3))
		walk_names(walker, &way, fd, is_there ? "." : path);
	else
		walk_while_listing(walker, &way, fd);
	walker->depth--;
}

/* Goes through a directory in one of many ways. */
static void walk(struct walker *walker, const struct way *parent, const char *name)
{
	int fd = open_name(walker, parent, name, O_RDONLY | O_DIRECTORY), back = -1;
	char path[PATH_MAX];

	if (fd < 0) {
		say(walker, name, "open directory", fd);
		return;
	}
	path_of(parent, name, path);
	if (parent->dir != AT_FDCWD)
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (walker->alone)
		back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	walk_open_directory(walker, fd, path);
	if (walker->alone)
		must(!fchdir(back) && !close(back), "fchdir");
	close(fd);
}

static const struct way here = { .dir = AT_FDCWD };

static void walk_directory(struct walker *walker, unsigned number)
{
	struct way absolute = { .dir = AT_FDCWD };
	char name[16];

	snprintf(name, sizeof(name), "d%u", number);
	snprintf(absolute.prefix, sizeof(absolute.prefix), "%s/", root);
	fprintf(walker->out, "in %s\n", name);
	walk(walker, roll(walker, 2) ? &here : &absolute, name);
}

/* Directories and walkers of two threads or processes, which have no file in common. */
struct part {
	struct walker walker;
	unsigned number;
	char *text;
	size_t size;
};

static void *walk_part(void *arg)
{
	struct part *part = arg;

	part->walker.out = open_memstream(&part->text, &part->size);
	must(part->walker.out, "open_memstream");
	walk_directory(&part->walker, part->number);
	fclose(part->walker.out);
	return NULL;
}

static void make_parts(struct walker *walker, struct part parts[2])
{
	unsigned number = roll(walker, DIRECTORIES);

	for (unsigned i = 0; i < 2; i++)
		parts[i] = (struct part){
			.walker = { .dice = walker->dice + i + 1, .steps = 60, .depth = 1 },
			.number = (number + i * (1 + roll(walker, DIRECTORIES - 1))) % DIRECTORIES,
		};
}

static void walk_in_threads(struct walker *walker)
{
	struct part parts[2];
	pthread_t threads[2];

	make_parts(walker, parts);
	for (unsigned i = 0; i < 2; i++)
		must(!pthread_create(&threads[i], NULL, walk_part, &parts[i]), "pthread_create");
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		fprintf(walker->out, "thread\n%s", parts[i].text);
		free(parts[i].text);
	}
}

static void finish_child(struct part *part, int fd)
{
	uint64_t sum;

	walk_part(part);
	sum = add_to_sum(1, part->text, part->size);
	must(write(fd, &sum, sizeof(sum)) == sizeof(sum), "write");
	_exit(7);
}

/* The child goes through a directory while we go through another one. */
static void walk_in_processes(struct walker *walker)
{
	struct part parts[2];
	int ends[2], status;
	uint64_t sum = 0;
	pid_t child;

	make_parts(walker, parts);
	must(!pipe2(ends, O_CLOEXEC), "pipe");
	fflush(walker->out);
	child = fork();
	must(child >= 0, "fork");
	if (!child)
		finish_child(&parts[0], ends[1]);
	walk_part(&parts[1]);
	fputs(parts[1].text, walker->out);
	free(parts[1].text);
	must(read(ends[0], &sum, sizeof(sum)) == sizeof(sum), "read");
	must(waitpid(child, &status, 0) == child, "waitpid");
	fprintf(walker->out, "child %x %llx\n", status, (unsigned long long)sum);
	close(ends[0]);
	close(ends[1]);
}

/* What a process sees of itself. The helper, if there is one, is not to be seen. */
static void look_at_self(struct walker *walker)
{
	struct stat st;

	for (int fd = 0; fd < 1024; fd++)
		if (!fstat(fd, &st))
			fprintf(walker->out, "open %d type %o\n", fd, st.st_mode & S_IFMT);
	say(walker, "children", "wait", waitpid(-1, NULL, WNOHANG));
}

static int end(struct walker *walker)
{
	look_at_self(walker);
	fflush(walker->out);
	switch (roll(walker, 4)) {
	case 0:
		_exit(3);
	case 1:
		execl("/proc/self/exe", self, "end", (char *)NULL);
		return 98;
	case 2:
		pthread_exit(NULL);
	default:
		return 5;
	}
}

static int run(const char *seed, const char *directory)
{
	struct walker walker = { seeded(seed), stdout, 0, 0, true };
	unsigned rounds;

	must(!chdir(directory) && getcwd(root, sizeof(root)), directory);
	rounds = 4 + roll(&walker, 5);
	while (rounds--) {
		walker.steps = STEPS;
		switch (roll(&walker, 8)) {
		case 0:
			walk_in_threads(&walker);
			break;
		case 1:
			walk_in_processes(&walker);
			break;
		case 2:
			walk(&walker, &here, ".");
			break;
		case 3:
			/* The helper lets go of all files after 50 ms. */
			usleep(roll(&walker, 100) * 1000);
			/* fall through */
		default:
			walk_directory(&walker, roll(&walker, DIRECTORIES));
		}
	}
	return end(&walker);
}

static void set_times(int dir, const char *name)
{
	const struct timespec times[2] = { { .tv_sec = 990000000 }, { .tv_sec = 1090000000 } };

	must(!utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW), name);
}

static void make_file(struct walker *walker, const char *name)
{
	static char data[40000];
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	size_t size = roll(walker, 8) ? roll(walker, 9000) : roll(walker, sizeof(data));

	must(fd >= 0, name);
	for (size_t i = 0; i < size; i++)
		data[i] = i % 61 == 60 ? '\n' : (char)('a' + roll(walker, 26));
	must(write(fd, data, size) == (ssize_t)size, name);
	close(fd);
}

static void make_entry(struct walker *walker, unsigned number)
{
	char name[16], other[16];

	snprintf(name, sizeof(name), "f%02u", number);
	snprintf(other, sizeof(other), "f%02u", roll(walker, number + 2));
	switch (roll(walker, 24)) {
	case 0:
		must(!symlink(other, name), name);
		break;
	case 1:
		must(!mkfifo(name, 0600), name);
		break;
	case 2:
		/* The other one can be missing or a directory. */
		if (link(other, name))
			make_file(walker, name);
		break;
	default:
		make_file(walker, name);
	}
	set_times(AT_FDCWD, name);
}

static void make_directory(struct walker *walker, const char *name, unsigned depth)
{
	unsigned files = 4 + roll(walker, 20), inner = depth ? 0 : roll(walker, 3);
	char child[16];

	must(!mkdir(name, 0755) && !chdir(name), name);
	for (unsigned i = 0; i < files; i++)
		make_entry(walker, i);
	for (unsigned i = 0; i < inner; i++) {
		snprintf(child, sizeof(child), "s%u", i);
		make_directory(walker, child, depth + 1);
	}
	must(!chdir(".."), "..");
	set_times(AT_FDCWD, name);
}

static int make(const char *seed, const char *directory)
{
	struct walker walker = { .dice = seeded(seed) };
	char name[16];

	must(!mkdir(directory, 0755) && !chdir(directory), directory);
	for (unsigned i = 0; i < DIRECTORIES; i++) {
		snprintf(name, sizeof(name), "d%u", i);
		make_directory(&walker, name, 0);
	}
	set_times(AT_FDCWD, ".");
	return 0;
}

static void print_tree(const char *path)
{
	struct walker walker = { 1, stdout, 0, 0, true };
	struct dirent **list;
	char child[PATH_MAX];
	struct stat st;
	int count;

	must(!lstat(path, &st), path);
	print_attributes(stdout, path, &st);
	if (S_ISREG(st.st_mode))
		map_file(&walker, &here, path);
	if (S_ISLNK(st.st_mode) && (count = (int)readlink(path, child, sizeof(child))) >= 0)
		printf("-> %.*s\n", count, child);
	if (!S_ISDIR(st.st_mode))
		return;
	count = scandir(path, &list, NULL, alphasort);
	must(count >= 0, path);
	for (int i = 0; i < count; i++) {
		snprintf(child, sizeof(child), "%s/%s", path, list[i]->d_name);
		if (!is_dots(list[i]->d_name))
			print_tree(child);
		free(list[i]);
	}
	free(list);
}

static void read_marker(const char *path)
{
	struct stat st;

	must(!stat(path, &st), path);
	marker = st.st_mtim;
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 4 && !strcmp(argv[1], "make"))
		return make(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "tree")) {
		read_marker(argv[3]);
		must(!chdir(argv[2]), argv[2]);
		print_tree(".");
		return 0;
	}
	if (argc == 5 && !strcmp(argv[1], "run")) {
		read_marker(argv[4]);
		return run(argv[2], argv[3]);
	}
	if (argc == 2 && !strcmp(argv[1], "end")) {
		look_at_self(&(struct walker){ .out = stdout });
		return 0;
	}
	fprintf(stderr, "usage: ahead-random make|run|tree [SEED] DIRECTORY [MARKER]\n");
	return 2;
}
