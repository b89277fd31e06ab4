/* SPDX-License-Identifier: MIT */
/*
 * A server and its clients, for as long as one likes: connections come and go, signals, threads,
 * children, logs, and a directory that is listed and read. Every byte that comes back is checked.
 * Meanwhile an observer looks at what both processes hold: descriptors, mappings, memory, locked
 * memory, threads. None of it may grow after the first third of the time.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 4, WORKERS = 5, CONNECTIONS = 16, FILES = 24, LARGEST = 65536, TICK_US = 5000, LOG_LIMIT = 1 << 20 };

/* What may be lost, so that the test can show that it would be seen. */
enum leak { NO_LEAK, LEAK_DESCRIPTOR, LEAK_MAPPING, LEAK_MEMORY };
static const char *const leak_names[] = { "none", "descriptor", "mapping", "memory" };

static enum leak leak;
static volatile sig_atomic_t ticks, is_over;

/* Shared by all processes. The port is 0 until the server listens. */
static struct counts {
	long port, connections, bytes, children, files;
} *counts;

static struct sockaddr_in server_address(void)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)counts->port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void add(long *count, long n)
{
	__atomic_add_fetch(count, n, __ATOMIC_RELAXED);
}

static void on_tick(int sig)
{
	ticks++;
}

static void on_end(int sig)
{
	is_over = 1;
}

/* Each process has its own timer; a child of fork has none. */
static void handle_signals(void)
{
	struct sigaction action = { .sa_handler = on_tick, .sa_flags = SA_RESTART };
	struct sigaction end = { .sa_handler = on_end, .sa_flags = SA_RESTART };
	struct itimerval every = { { 0, TICK_US }, { 0, TICK_US } };

	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

/* The byte at a place of the message with this seed. */
static unsigned char byte_at(unsigned seed, size_t at)
{
	return (unsigned char)((seed + at) * 2654435761U >> 13);
}

static void write_all(int fd, const void *buf, size_t size)
{
	ssize_t wrote;

	for (size_t at = 0; at < size; at += (size_t)wrote) {
		wrote = write(fd, (const char *)buf + at, size - at);
		if (wrote <= 0)
			fail("write: %m");
	}
}

/* Server */

static void lose_something(void)
{
	/* Without this the compiler would see that nobody uses the memory. */
	static void *volatile lost;

	if (leak == LEAK_DESCRIPTOR && dup(2) < 0)
		fail("dup: %m");
	if (leak == LEAK_MAPPING &&
	    mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		fail("mmap: %m");
	if (leak == LEAK_MEMORY)
		memset(lost = malloc(16384), 1, 16384);
}

/* The log begins anew when it has become long, as a rotated one does. */
static void log_connection(size_t size)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static FILE *file;
	static long lines;

	pthread_mutex_lock(&lock);
	if (file && ftell(file) > LOG_LIMIT) {
		fclose(file);
		file = NULL;
	}
	if (!file)
		file = fopen("log", "w");
	if (!file || fprintf(file, "connection of %zu bytes\n", size) < 0)
		fail("log: %m");
	if (++lines % 64 == 0 && (fflush(file) || fdatasync(fileno(file))))
		fail("log: %m");
	pthread_mutex_unlock(&lock);
}

static void serve(int listener)
{
	int fd = accept(listener, NULL, NULL);
	char buf[8192];
	size_t size = 0;
	ssize_t got;

	if (fd < 0)
		fail("accept: %m");
	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		write_all(fd, buf, (size_t)got);
		size += (size_t)got;
	}
	if (got < 0)
		fail("read of the server: %m");
	close(fd);
	log_connection(size);
	lose_something();
}

static void *run_worker(void *arg);

static void start_worker(void *listener)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_worker, listener) || pthread_detach(thread))
		fail("no thread");
}

/* Each worker makes way for another one, so that threads come and go but their number stays. */
static void *run_worker(void *listener)
{
	for (int i = 0; i < CONNECTIONS; i++)
		serve((int)(long)listener);
	start_worker(listener);
	return NULL;
}

static int listen_somewhere(void)
{
	struct sockaddr_in address = server_address();
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) || listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)&address, &length))
		fail("no listener: %m");
	add(&counts->port, ntohs(address.sin_port));
	return fd;
}

static void run_server(void)
{
	int listener = listen_somewhere();

	handle_signals();
	for (int i = 0; i < WORKERS; i++)
		start_worker((void *)(long)listener);
	/* The ticks go on. */
	while (!is_over)
		pause();
	exit(0);
}

/* Clients */

static void *send_message(void *arg)
{
	const unsigned *message = arg; /* descriptor, seed, size */
	unsigned char buf[4096];

	for (size_t at = 0; at < message[2];) {
		size_t size = message[2] - at < sizeof(buf) ? message[2] - at : sizeof(buf);

		for (size_t i = 0; i < size; i++)
			buf[i] = byte_at(message[1], at + i);
		write_all((int)message[0], buf, size);
		at += size;
	}
	shutdown((int)message[0], SHUT_WR);
	return NULL;
}

/* Sends a message in one thread, and checks in another that it comes back. */
static void converse(unsigned seed)
{
	unsigned message[3] = { 0, seed, seed * 40503U % LARGEST + 1 };
	struct sockaddr_in address = server_address();
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	unsigned char buf[4096];
	pthread_t sender;
	size_t at = 0;
	ssize_t got;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("connect: %m");
	message[0] = (unsigned)fd;
	if (pthread_create(&sender, NULL, send_message, message))
		fail("no thread");
	while ((got = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < got; i++, at++)
			if (buf[i] != byte_at(seed, at))
				fail("message %u: byte %zu is %u", seed, at, buf[i]);
	if (got < 0 || at != message[2])
		fail("message %u: %zu bytes of %u, %m", seed, at, message[2]);
	pthread_join(sender, NULL);
	close(fd);
	add(&counts->connections, 1);
	add(&counts->bytes, (long)at);
}

static void make_files(void)
{
	unsigned char buf[3000];
	char name[32];
	int fd;

	if (mkdir("files", 0700))
		fail("files: %m");
	for (unsigned n = 0; n < FILES; n++) {
		snprintf(name, sizeof(name), "files/%u", n);
		for (size_t i = 0; i < sizeof(buf); i++)
			buf[i] = byte_at(n, i);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd < 0)
			fail("%s: %m", name);
		write_all(fd, buf, sizeof(buf) - n);
		close(fd);
	}
}

static void check_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY);
	unsigned n = (unsigned)atoi(name);
	unsigned char buf[4096];
	ssize_t got = read(fd, buf, sizeof(buf));

	if (got != 3000 - (int)n)
		fail("file %s: %zd bytes, %m", name, got);
	for (ssize_t i = 0; i < got; i++)
		if (buf[i] != byte_at(n, (size_t)i))
			fail("file %s: byte %zd is %u", name, i, buf[i]);
	close(fd);
}

static void read_directory(void)
{
	DIR *dir = opendir("files");
	struct dirent *entry;
	int count = 0;

	if (!dir)
		fail("files: %m");
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			check_file(dirfd(dir), entry->d_name);
			count++;
		}
	if (count != FILES)
		fail("%d files", count);
	closedir(dir);
	add(&counts->files, count);
}

/* A child takes up what its parent does, with a ring of its own. */
static void converse_in_child(unsigned seed)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		converse(seed);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		fail("a child ended with %x, %m", status);
	add(&counts->children, 1);
}

static void *run_client(void *first)
{
	for (unsigned seed = (unsigned)(long)first; !is_over; seed += CLIENTS) {
		converse(seed);
		if (seed % 32 < CLIENTS)
			converse_in_child(seed + 1000000007U);
		if (seed % 64 < CLIENTS)
			read_directory();
	}
	return NULL;
}

static void run_clients(void)
{
	pthread_t threads[CLIENTS];

	handle_signals();
	for (long i = 0; i < CLIENTS; i++)
		if (pthread_create(&threads[i], NULL, run_client, (void *)i))
			fail("no thread");
	for (int i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
	exit(0);
}

/* Observer */

struct held {
	long descriptors, mappings, memory_kib, locked_kib, threads;
};

static long count_entries(const char *directory)
{
	DIR *dir = opendir(directory);
	long count = -2;

	if (!dir)
		fail("%s: %m", directory);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static long count_lines(const char *name)
{
	FILE *file = fopen(name, "r");
	long count = 0;
	int c;

	if (!file)
		fail("%s: %m", name);
	while ((c = getc(file)) != EOF)
		count += c == '\n';
	fclose(file);
	return count;
}

static struct held look_at(pid_t pid)
{
	char name[64], line[256];
	struct held held = { 0 };
	FILE *status;

	snprintf(name, sizeof(name), "/proc/%d/fd", pid);
	held.descriptors = count_entries(name);
	snprintf(name, sizeof(name), "/proc/%d/maps", pid);
	held.mappings = count_lines(name);
	snprintf(name, sizeof(name), "/proc/%d/status", pid);
	status = fopen(name, "r");
	if (!status)
		fail("%s: %m", name);
	while (fgets(line, sizeof(line), status)) {
		sscanf(line, "VmRSS: %ld", &held.memory_kib);
		sscanf(line, "VmLck: %ld", &held.locked_kib);
		sscanf(line, "Threads: %ld", &held.threads);
	}
	fclose(status);
	return held;
}

static void keep_most(struct held *most, struct held now)
{
	long *to = (long *)most, *from = (long *)&now;

	for (size_t i = 0; i < sizeof(now) / sizeof(long); i++)
		to[i] = from[i] > to[i] ? from[i] : to[i];
}

/* What a burst of connections takes more than the first third of the time had at once. */
static const struct held slack = { 8, 32, 2048, 64, 4 };

static int has_grown(const char *who, const struct held *before, const struct held *after)
{
	static const char *const names[] = { "descriptors", "mappings", "KiB of memory",
					     "KiB locked", "threads" };
	const long *old = (const long *)before, *new = (const long *)after;
	int grown = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		printf("# %s: %ld %s, at first %ld\n", who, new[i], names[i], old[i]);
		if (new[i] > old[i] + ((const long *)&slack)[i]) {
			printf("%s: %s grow from %ld to %ld\n", who, names[i], old[i], new[i]);
			grown = 1;
		}
	}
	return grown;
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int is_running(pid_t pid)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) && !info.si_pid;
}

static int observe(pid_t server, pid_t clients, double seconds)
{
	struct held first[2] = { 0 }, then[2] = { 0 };
	double began = now_s();
	int grown;

	while (now_s() - began < seconds) {
		struct held *most = now_s() - began < seconds / 3 ? first : then;

		nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
		if (!is_running(server) || !is_running(clients))
			fail("a process has ended");
		keep_most(&most[0], look_at(server));
		keep_most(&most[1], look_at(clients));
	}
	grown = has_grown("server", &first[0], &then[0]);
	return has_grown("clients", &first[1], &then[1]) || grown;
}

/* A group of its own has the children, too. */
static pid_t start(void (*run)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork: %m");
	if (!pid) {
		setpgid(0, 0);
		run();
	}
	setpgid(pid, pid);
	return pid;
}

/* Returns true if the process ended well. */
static int end(pid_t pid)
{
	int status = 1;

	kill(pid, SIGTERM);
	for (int i = 0; i < 600 && is_running(pid); i++)
		nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	/* What is left, its children as well. */
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status == 0;
}

static enum leak leak_of(const char *name)
{
	for (size_t i = 0; i < sizeof(leak_names) / sizeof(*leak_names); i++)
		if (!strcmp(name, leak_names[i]))
			return (enum leak)i;
	fail("there is no leak '%s'", name);
	return NO_LEAK;
}

static void wait_for_port(void)
{
	for (int i = 0; i < 600 && !__atomic_load_n(&counts->port, __ATOMIC_RELAXED); i++)
		nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	if (!counts->port)
		fail("the server does not listen");
}

int main(int argc, char **argv)
{
	pid_t server, clients;
	int grown;

	if (argc < 2 || argc > 3 || atof(argv[1]) <= 0)
		fail("usage: soak SECONDS [none|descriptor|mapping|memory], in an empty directory");
	leak = leak_of(argc == 3 ? argv[2] : "none");
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		fail("mmap: %m");
	make_files();
	server = start(run_server);
	wait_for_port();
	clients = start(run_clients);
	grown = observe(server, clients, atof(argv[1]));
	/* Clients first: a server that is gone would be an error to them. */
	if (!end(clients) + !end(server))
		fail("a process did not end well");
	printf("# %ld connections, %ld bytes, %ld children, %ld files\n", counts->connections,
	       counts->bytes, counts->children, counts->files);
	return grown || !counts->connections || !counts->children || !counts->files;
}
