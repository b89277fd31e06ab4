/* The path family: what makes and ends descriptors, and moves data between them. */
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/statfs.h>
#include "shim/calls/descriptor/close.h"
#include "shim/calls/path/path.h"
#include "shim/calls/file/file-position.h"
#include "shim/symbols/prototypes.h"
#include "shim/base/sys.h"

/* A file may be a FIFO, whose opening waits, and signals end that. */
static bool route_open(struct route *route, struct operation *op, enum call call)
{
	if (!path_route(route, op, call))
		return false;
	op->passes_cancellation = false;
	op->interruptible = true;
	op->runs_in_worker = true;
	return true;
}

/*
 * In /proc some names are those of the thread that opens: /proc/thread-self, and
 * all that is linked to it. The worker's own is let go of.
 */
static bool opened_for_worker(int fd)
{
	struct statfs fs;

	if (sys2(SYS_fstatfs, fd, (long)&fs) || fs.f_type != PROC_SUPER_MAGIC)
		return false;
	sys1(SYS_close, fd);
	return true;
}

/*
 * By a worker: what the ring tries first is to open without waiting, and a
 * FIFO is opened so before it has another end.
 */
static bool run_open(struct route *route, struct operation *op, const char *path, ssize_t *res)
{
	int ret;

	op->sqe.flags |= URING_SQE_ASYNC;
	ret = op_run(route->thread, op);
	if (ret >= 0 ? opened_for_worker(ret) : path_names_thread(path, ret))
		ret = DECLINED(ARGUMENT);
	return path_finish(route, ret, res);
}

static bool ring_open(enum call call, int dir, const char *path, int flags, mode_t mode,
		      ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_open(&route, &op, call))
		return false;
	fill_openat(&op, (struct entry_openat){
		.dir = dir, .path = path, .flags = flags, .mode = mode });
	return run_open(&route, &op, path, res);
}

bool call_open(const char *path, int flags, mode_t mode, ssize_t *res)
{
	return ring_open(CALL_open, AT_FDCWD, path, flags, mode, res);
}

bool call_openat(int dir, const char *path, int flags, mode_t mode, ssize_t *res)
{
	return ring_open(CALL_openat, dir, path, flags, mode, res);
}

bool call_creat(const char *path, mode_t mode, ssize_t *res)
{
	return ring_open(CALL_creat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode, res);
}

bool call_openat2(int dir, const char *path, const struct open_how *how, size_t size, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_open(&route, &op, CALL_openat2))
		return false;
	if (size != sizeof(*how))
		return route_refuse(CALL_openat2, REASON_ARGUMENT);
	uring_prep_openat2(&op.sqe, dir, path, (const struct uring_open_how *)how);
	return run_open(&route, &op, path, res);
}

/* Other kinds may have work to do when they are closed, for which a worker would be made. */
static bool closes_at_once(fd_info info)
{
	return fd_is_file(info) || fd_is_socket(info) || fd_kind(info) == FD_PIPE;
}

bool call_close(int fd, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_begin_fd(&route, CALL_close, fd))
		return false;
	/* A polling thread lets go of a file some time after it says so. */
	if (!closes_at_once(route.info) || queue_is_polled(route.thread))
		return route_refuse(CALL_close, REASON_KIND);
	closing(fd);
	op_init(&op, -1, 0);
	uring_prep_close(&op.sqe, fd);
	return route_finish(&route, op_run(route.thread, &op), res);
}

bool call_pipe2(int *fds, int flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_route(&route, &op, CALL_pipe2))
		return false;
	uring_prep_pipe(&op.sqe, fds, flags);
	return path_run(&route, &op, res);
}

bool call_pipe(int *fds, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_route(&route, &op, CALL_pipe))
		return false;
	uring_prep_pipe(&op.sqe, fds, 0);
	return path_run(&route, &op, res);
}

bool call_socket(int domain, int type, int protocol, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_route(&route, &op, CALL_socket))
		return false;
	fill_socket(&op, (struct entry_socket){
		.domain = domain, .type = type, .protocol = protocol });
	return path_run(&route, &op, res);
}

bool call_bind(int fd, const struct sockaddr *addr, socklen_t len, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_route(&route, &op, CALL_bind))
		return false;
	uring_prep_bind(&op.sqe, fd, addr, len);
	return path_run(&route, &op, res);
}

bool call_listen(int fd, int backlog, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!path_route(&route, &op, CALL_listen))
		return false;
	uring_prep_listen(&op.sqe, fd, backlog);
	return path_run(&route, &op, res);
}

/* Whether data may be moved by a worker, which waits whatever O_NONBLOCK says. */
static bool route_move(struct route *route, struct operation *op, enum call call, int in, int out,
		       size_t len)
{
	fd_info from, to;

	if (!path_route(route, op, call))
		return false;
	position_leave(in);
	position_leave(out);
	from = fd_classify(in);
	to = fd_classify(out);
	if (fd_kind(from) == FD_BAD || fd_kind(to) == FD_BAD)
		return route_refuse(call, REASON_DESCRIPTOR);
	if (fd_is_nonblocking(from) || fd_is_nonblocking(to))
		return route_refuse(call, REASON_NONBLOCKING);
	if (!len || len > INT_MAX)
		return route_refuse(call, REASON_ARGUMENT);
	op->passes_cancellation = false;
	op->interruptible = true;
	op->runs_in_worker = true;
	return true;
}

/* Only of a file is it known that an offset moves by what is moved. */
static bool read_offset(int fd, const off64_t *at, int64_t *offset)
{
	*offset = -1;
	return !at || (fd_is_file(fd_peek(fd)) && sys_peek(offset, at, sizeof(*offset)) &&
		       *offset >= 0);
}

/* Which of several errors is told depends on who is asked; nothing was moved. */
static int judged(int ret)
{
	return ret < 0 && ret != -EINTR && !op_was_declined(ret) ? DECLINED(ARGUMENT) : ret;
}

/* Where it cannot be written, natively the data has been moved all the same. */
static bool write_offset(off64_t *at, int64_t offset)
{
	return !at || sys_poke(at, &offset, sizeof(offset));
}

bool call_splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t len, unsigned flags,
		 ssize_t *res)
{
	struct route route;
	struct operation op;
	int64_t from, to;
	int ret;

	if (!route_move(&route, &op, CALL_splice, in, out, len))
		return false;
	if (!read_offset(in, in_at, &from) || !read_offset(out, out_at, &to))
		return route_refuse(CALL_splice, REASON_ARGUMENT);
	fill_splice(&op, (struct entry_splice){ .in = in, .in_at = from, .out = out,
		.out_at = to, .len = (uint32_t)len, .flags = flags });
	ret = judged(op_run(route.thread, &op));
	if (ret >= 0 && !(write_offset(out_at, to + ret) && write_offset(in_at, from + ret)))
		ret = -EFAULT;
	return route_finish(&route, ret, res);
}

bool call_tee(int in, int out, size_t len, unsigned flags, ssize_t *res)
{
	struct route route;
	struct operation op;

	if (!route_move(&route, &op, CALL_tee, in, out, len))
		return false;
	fill_tee(&op, (struct entry_tee){
		.in = in, .out = out, .len = (uint32_t)len, .flags = flags });
	return route_finish(&route, judged(op_run(route.thread, &op)), res);
}

#include "shim/calls/made-exports-opening.h"
