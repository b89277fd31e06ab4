/* SPDX-License-Identifier: MIT */
/*
 * Tests thread cancellation: threads are cancelled before and during each kind of waiting call.
 * Also tests which calls are cancellation points.
 */
#include "waiting-calls.h"
#include "work-steps.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct shared {
	struct traffic traffic;
	atomic_int tid;
	atomic_int over;
	atomic_int release;	/* tells the other side to go ahead */
	atomic_int released;
	atomic_int go;		/* lets the thread make its call */
	atomic_int hits;
	atomic_int called;	/* set when pthread_cancel was called while the handler waits */
	atomic_int handled;	/* handlers that returned */
};

enum {
	BEFORE = 1,	/* cancelled before the call */
	READY = 2,	/* what the call waits for is already there */
	DISABLED = 4,
	ASYNC = 8,
	SIGNALS = 16,	/* interrupted by a handler first */
	BY_HANDLER = 32, /* a handler on the thread itself cancels it */
	TWICE = 64,	/* cancelled a second time at once */
	DURING = 128,	/* cancelled while a handler runs on the thread */
};

struct way {
	const char *name;
	unsigned flags;
};

struct combination {
	const struct kind *kind;
	const struct way *way;
};

static struct shared *sh;
static struct io io;
static const struct way *way;
static volatile int cleaned;

static void cleanup(void *arg)
{
	int state;

	cleaned++;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	fid_say("cleanup: I/O %s", io_works() ? "ok" : "WRONG");
	pthread_setcancelstate(state, NULL);
}

static void on_signal(int sig)
{
	atomic_fetch_add(&sh->hits, 1);
	if (way->flags & BY_HANDLER)
		pthread_cancel(pthread_self());
	/* This stretch contains no cancellation point of libc. */
	if (way->flags & DURING)
		fid_until(&sh->called, 1);
	atomic_fetch_add(&sh->handled, 1);
}

static void *body(void *arg)
{
	long result;

	if (way->flags & DISABLED)
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	if (way->flags & ASYNC && !(way->flags & BEFORE))
		pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cleanup_push(cleanup, NULL);
	sh->tid = fid_gettid();
	while (way->flags & BEFORE && !atomic_load(&sh->go))
		fid_sleep_us(200);
	while ((result = io.kind->call(&io)) == -EINTR)
		fid_say("EINTR");
	sh->over = 1;
	kind_say(&io, result);
	if (way->flags & DISABLED) {
		pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
		pthread_testcancel();
	}
	pthread_cleanup_pop(0);
	return NULL;
}

static void helper(void)
{
	fid_until(&sh->release, 1);
	if (io.kind->flags & KIND_SEND)
		sh->released = 1;
	io.kind->release(&io);
	sh->released = 1;
	fid_sys1(SYS_exit_group, 0);
}

static void cancel(pthread_t thread)
{
	pid_t pid = getpid();

	if (way->flags & READY) {
		sh->release = 1;
		fid_until(&sh->released, 1);
	}
	if (way->flags & BEFORE) {
		pthread_cancel(thread);
		sh->go = 1;
		return;
	}
	fid_asleep(pid, sh->tid, &sh->over);
	if (way->flags & (SIGNALS | BY_HANDLER)) {
		pthread_kill(thread, SIGUSR1);
		fid_until(&sh->hits, 1);
		fid_asleep(pid, sh->tid, &sh->over);
	}
	if (way->flags & DURING) {
		pthread_kill(thread, SIGUSR1);
		fid_until(&sh->hits, 1);
	}
	if (way->flags & BY_HANDLER)
		return;
	pthread_cancel(thread);
	sh->called = 1;
	if (way->flags & TWICE)
		pthread_cancel(thread);
}

/* The other side now delivers data. Tells who gets it. */
static void call_again(const unsigned char *cancelled)
{
	static const unsigned char nothing[64];

	sh->release = 1;
	io.buf = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	kind_say(&io, io.kind->call(&io));
	if (io.kind->flags & KIND_DATA)
		fid_say("cancelled buffer %s", memcmp(cancelled, nothing, sizeof(nothing)) ?
			"WRITTEN" : "untouched");
}

static void run(const void *arg)
{
	const struct combination *c = arg;
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	unsigned char *first;
	pthread_t thread;
	void *result;
	pid_t pid;

	sh = fid_shm;
	way = c->way;
	kind_setup(c->kind, &io, &sh->traffic);
	first = io.buf;
	sigaction(SIGUSR1, &sa, NULL);
	pid = fid_fork();
	if (pid == 0) {
		if (c->kind->flags & KIND_SEND)
			fid_sys1(SYS_close, io.fd);
		helper();
	}
	kind_alone(&io);
	if (pthread_create(&thread, NULL, body, NULL))
		fid_die("pthread_create");
	fid_until(&sh->tid, 1);
	cancel(thread);
	/* The thread has exited, or it was not cancelled and needs its data. */
	if (fid_asleep(getpid(), sh->tid, &sh->over))
		sh->release = 1;
	pthread_join(thread, &result);
	if (way->flags & DURING)
		fid_say("handler ended %d", sh->handled);
	fid_say("%s, cleaned up %d", result == PTHREAD_CANCELED ? "cancelled" : "returned", cleaned);
	if (!sh->over)
		call_again(first);
	sh->release = 1;
	kind_finish(&io);
	fid_reap(pid);
	/* A cancelled flush leaves its data in the stream's buffer. */
	if (c->kind->flags & KIND_SEND && !(c->kind->flags & KIND_STDIO))
		fid_say("%s", !sh->traffic.wrong && sh->traffic.bytes == io.place ?
			"every byte" : "bytes lost");
}

static const struct way ways[] = {
	{ "waiting", 0 },
	{ "twice", TWICE },
	{ "pending", BEFORE },
	{ "pending-ready", BEFORE | READY },
	{ "disabled", DISABLED },
	{ "disabled-pending", DISABLED | BEFORE },
	{ "asynchronous", ASYNC },
	{ "after-signal", SIGNALS },
	{ "disabled-signal", DISABLED | SIGNALS },
	{ "by-handler", BY_HANDLER },
	{ "during-handler", DURING },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* Tests which calls are cancellation points: makes each with a cancellation pending. */

static int file_fd, pipe_fd[2], dir_fd;
static char text[64];
static struct iovec vec[2] = { { text, 4 }, { text + 4, 4 } };
static struct stat st;

static void p_read(void) { (void)!read(file_fd, text, 8); }
static void p_pread(void) { (void)!pread(file_fd, text, 8, 0); }
static void p_pread64(void) { (void)!pread64(file_fd, text, 8, 0); }
static void p_readv(void) { (void)!readv(file_fd, vec, 2); }
static void p_preadv(void) { (void)!preadv(file_fd, vec, 2, 0); }
static void p_preadv2(void) { (void)!preadv2(file_fd, vec, 2, 0, 0); }
static void p_write(void) { (void)!write(file_fd, "written", 7); }
static void p_pwrite(void) { (void)!pwrite(file_fd, "written", 7, 0); }
static void p_writev(void) { (void)!writev(file_fd, vec, 2); }
static void p_pwritev(void) { (void)!pwritev(file_fd, vec, 2, 0); }
static void p_pwritev2(void) { (void)!pwritev2(file_fd, vec, 2, 0, 0); }
static void p_open(void) { open("opened", O_RDWR | O_CREAT, 0600); }
static void p_openat(void) { openat(dir_fd, "opened", O_RDWR | O_CREAT, 0600); }
static void p_creat(void) { creat("opened", 0600); }
static void p_close(void) { close(pipe_fd[0]); }
static void p_fsync(void) { fsync(file_fd); }
static void p_fdatasync(void) { fdatasync(file_fd); }
static void p_sync_file_range(void) { sync_file_range(file_fd, 0, 0, 0); }
static void p_syncfs(void) { syncfs(file_fd); }
static void p_msync(void) { msync(fid_shm, 4096, MS_SYNC); }
static void p_fallocate(void) { fallocate(file_fd, 0, 0, 100); }
static void p_posix_fallocate(void) { posix_fallocate(file_fd, 0, 100); }
static void p_ftruncate(void) { (void)!ftruncate(file_fd, 50); }
static void p_stat(void) { stat("file", &st); }
static void p_fstat(void) { fstat(file_fd, &st); }
static void p_statx(void) { struct statx x; statx(dir_fd, "file", 0, STATX_SIZE, &x); }
static void p_lseek(void) { lseek(file_fd, 1, SEEK_SET); }
static void p_mkdir(void) { mkdir("directory", 0700); }
static void p_unlink(void) { unlink("file"); }
static void p_rename(void) { rename("file", "other"); }
static void p_link(void) { (void)!link("file", "linked"); }
static void p_symlink(void) { (void)!symlink("file", "linked"); }
static void p_socket(void) { close(socket(AF_UNIX, SOCK_STREAM, 0)); }
static void p_dup(void) { dup2(file_fd, 60); }
static void p_pipe(void) { int p[2]; (void)!pipe(p); }
static void p_shutdown(void) { shutdown(pipe_fd[0], SHUT_RD); }
static void p_send(void) { send(pipe_fd[1], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT); }
static void p_sendto(void) { sendto(pipe_fd[1], "x", 1, MSG_NOSIGNAL, NULL, 0); }
static void p_recv(void) { recv(pipe_fd[0], text, 1, MSG_DONTWAIT); }
static void p_recvfrom(void) { recvfrom(pipe_fd[0], text, 1, MSG_DONTWAIT, NULL, NULL); }

static void p_sendmsg(void)
{
	struct msghdr m = { .msg_iov = vec, .msg_iovlen = 2 };

	sendmsg(pipe_fd[1], &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void p_recvmsg(void)
{
	struct msghdr m = { .msg_iov = vec, .msg_iovlen = 2 };

	recvmsg(pipe_fd[0], &m, MSG_DONTWAIT);
}

static void p_accept(void) { accept(file_fd, NULL, NULL); }
static void p_accept4(void) { accept4(file_fd, NULL, NULL, 0); }

static void p_connect(void)
{
	struct sockaddr_un un = { AF_UNIX, "none" };

	connect(pipe_fd[0], (void *)&un, sizeof(un));
}

static void p_poll(void) { poll(NULL, 0, 0); }
static void p_select(void) { struct timeval tv = { 0, 0 }; select(0, NULL, NULL, NULL, &tv); }
static void p_nanosleep(void) { struct timespec t = { 0, 1 }; nanosleep(&t, NULL); }
static void p_usleep(void) { usleep(1); }
static void p_waitpid(void) { waitpid(-1, NULL, WNOHANG); }
static void p_waitid(void) { waitid(P_ALL, 0, NULL, WNOHANG | WEXITED); }
static void p_fcntl_getfl(void) { fcntl(file_fd, F_GETFL); }

static void p_fcntl_lock(void)
{
	struct flock lock = { .l_type = F_WRLCK };

	fcntl(file_fd, F_SETLKW, &lock);
}

static void p_lockf(void) { (void)!lockf(file_fd, F_LOCK, 0); }
static void p_tcdrain(void) { tcdrain(file_fd); }
static void p_splice(void) { splice(file_fd, NULL, pipe_fd[1], NULL, 1, 0); }
static void p_copy_range(void) { copy_file_range(file_fd, NULL, file_fd, NULL, 1, 0); }
static void p_fopen(void) { (void)!fopen("file", "r"); }
static void p_printf(void) { dprintf(file_fd, "printed"); }
static void p_opendir(void) { opendir("."); }
static void p_syscall(void) { syscall(SYS_read, file_fd, text, 8); }
static void p_system(void) { (void)!system("exit 0"); }
static void p_fgets(void) { FILE *f = fopen("/dev/null", "r"); (void)!fgets(text, 8, f); fclose(f); }
static void p_chmod(void) { chmod("file", 0600); }
static void p_pause(void) { alarm(1); pause(); }
static void p_splice_none(void) { vmsplice(pipe_fd[1], vec, 1, SPLICE_F_NONBLOCK); }
static void p_epoll(void) { close(epoll_create1(0)); }

struct point {
	const char *name;
	void (*call)(void);
	bool sockets;
};

#define POINT(name) { #name, p_##name, false }
#define SOCKETS(name) { #name, p_##name, true }

static const struct point points[] = {
	POINT(read), POINT(pread), POINT(pread64), POINT(readv), POINT(preadv), POINT(preadv2),
	POINT(write), POINT(pwrite), POINT(writev), POINT(pwritev), POINT(pwritev2),
	POINT(open), POINT(openat), POINT(creat), POINT(close), POINT(fsync), POINT(fdatasync),
	POINT(sync_file_range), POINT(syncfs), POINT(msync), POINT(fallocate),
	POINT(posix_fallocate), POINT(ftruncate), POINT(stat), POINT(fstat), POINT(statx),
	POINT(lseek), POINT(mkdir), POINT(unlink), POINT(rename), POINT(link), POINT(symlink),
	POINT(socket), POINT(dup), POINT(pipe), SOCKETS(shutdown), SOCKETS(send), SOCKETS(sendto),
	SOCKETS(sendmsg), SOCKETS(recv), SOCKETS(recvfrom), SOCKETS(recvmsg), POINT(accept),
	POINT(accept4), SOCKETS(connect), POINT(poll), POINT(select), POINT(nanosleep),
	POINT(usleep), POINT(waitpid), POINT(waitid), POINT(fcntl_getfl), POINT(fcntl_lock),
	POINT(lockf), POINT(tcdrain), POINT(splice), POINT(copy_range), POINT(fopen),
	POINT(printf), POINT(opendir), POINT(syscall), POINT(system), POINT(fgets), POINT(chmod),
	POINT(pause), POINT(splice_none), POINT(epoll),
};

#define POINTS (sizeof(points) / sizeof(points[0]))

static atomic_int cancelled;

static void *at_point(void *arg)
{
	const struct point *point = arg;

	while (!atomic_load(&cancelled))
		fid_sleep_us(100);
	point->call();
	return NULL;
}

static void run_point(const void *arg)
{
	const struct point *point = arg;
	pthread_t thread;
	void *result;
	char left[64] = "";
	long size;

	mkdir("d", 0700);
	file_fd = open("file", O_RDWR | O_CREAT, 0600);
	dir_fd = open(".", O_RDONLY);
	if (write(file_fd, "contents", 8) != 8 || lseek(file_fd, 0, SEEK_SET))
		fid_die("write");
	if (point->sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, pipe_fd) : pipe(pipe_fd))
		fid_die("pipe");
	if (pthread_create(&thread, NULL, at_point, (void *)arg))
		fid_die("pthread_create");
	pthread_cancel(thread);
	cancelled = 1;
	pthread_join(thread, &result);
	fid_say("%s", result == PTHREAD_CANCELED ? "cancelled" : "returned");
	/* Looks for changes that the call would have made. */
	size = raw6(SYS_pread64, file_fd, (long)left, 63, 0, 0, 0);
	fid_say("file %ld %.20s at %ld", size, left, fid_sys3(SYS_lseek, file_fd, 0, SEEK_CUR));
	fid_say("opened %d, pipe end %d", !access("opened", F_OK), fcntl(pipe_fd[0], F_GETFD) >= 0);
}

static bool meets(const struct kind *kind, const struct way *w)
{
	if (w->flags & (ASYNC | BY_HANDLER) && kind->flags & KIND_STDIO)
		return false;
	if (w->flags & READY && !strncmp(kind->name, "open", 4))
		return false;
	if (kind->flags & KIND_SLOW)
		return !w->flags || w->flags == DISABLED;
	return true;
}

int main(int argc, char **argv)
{
	size_t room = kind_count * WAYS + POINTS, count = 0;
	struct combination *all = calloc(room, sizeof(*all));
	struct fid_case *cases = calloc(room, sizeof(*cases));
	char *names = calloc(room, 48);

	for (size_t k = 0; k < kind_count; k++) {
		for (size_t w = 0; w < WAYS; w++) {
			if (!meets(&kinds[k], &ways[w]))
				continue;
			all[count] = (struct combination){ &kinds[k], &ways[w] };
			snprintf(names + count * 48, 48, "%s/%s", kinds[k].name, ways[w].name);
			cases[count] = (struct fid_case){ names + count * 48, run, &all[count],
				kinds[k].flags & KIND_RING ? FID_RING : 0, 0 };
			count++;
		}
	}
	for (size_t i = 0; i < POINTS; i++) {
		snprintf(names + count * 48, 48, "point/%s", points[i].name);
		cases[count] = (struct fid_case){ names + count * 48, run_point, &points[i], 0, 0 };
		count++;
	}
	return fid_main(argc, argv, cases, count);
}
