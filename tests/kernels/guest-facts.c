/* SPDX-License-Identifier: MIT */
/*
 * Prints the properties of a guest of run-in-kernel, a line each: the running kernel, if io_uring
 * is enabled, if the shim is loaded, and which features that the compared programs rely on are
 * present.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char *outcome(int error)
{
	return error ? strerrorname_np(error) : "works";
}

/* Makes and enters a ring and checks that it answers. Returns 0 or the errno. */
static int try_ring(void)
{
	struct io_uring_params params = { 0 };
	struct io_uring_sqe *sqes = MAP_FAILED;
	char *rings = MAP_FAILED;
	size_t rings_size, sqes_size;
	unsigned *cq_tail;
	int ring, error = 0;

	ring = syscall(SYS_io_uring_setup, 1, &params);
	if (ring < 0)
		return errno;
	rings_size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	sqes_size = params.sq_entries * sizeof(*sqes);
	rings = mmap(NULL, rings_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	sqes = mmap(NULL, sqes_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	if (rings == MAP_FAILED || sqes == MAP_FAILED) {
		error = errno;
		goto out;
	}
	memset(sqes, 0, sqes_size);
	sqes[0].opcode = IORING_OP_NOP;
	*(unsigned *)(rings + params.sq_off.array) = 0;
	__atomic_store_n((unsigned *)(rings + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) {
		error = errno;
		goto out;
	}
	cq_tail = (unsigned *)(rings + params.cq_off.tail);
	if (__atomic_load_n(cq_tail, __ATOMIC_ACQUIRE) != 1)
		error = ENODATA;
out:
	if (sqes != MAP_FAILED)
		munmap(sqes, sqes_size);
	if (rings != MAP_FAILED)
		munmap(rings, rings_size);
	close(ring);
	return error;
}

static bool shim_is_mapped(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	bool found = false;

	if (!maps)
		return false;
	while (!found && fgets(line, sizeof(line), maps))
		found = strstr(line, "/libringshim.so") != NULL;
	fclose(maps);
	return found;
}

static void print_filesystem(const char *path, unsigned long magic)
{
	struct statfs fs;
	int error = statfs(path, &fs) ? errno : 0;

	if (!error && (unsigned long)fs.f_type != magic)
		printf("%s other (magic 0x%lx)\n", path, (unsigned long)fs.f_type);
	else
		printf("%s %s\n", path, outcome(error));
}

static int try_bind(const void *address, socklen_t length)
{
	const struct sockaddr *name = address;
	int error, fd = socket(name->sa_family, SOCK_STREAM, 0);

	if (fd < 0)
		return errno;
	error = bind(fd, name, length) || listen(fd, 1) ? errno : 0;
	close(fd);
	return error;
}

static int try_unix(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		return errno;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static int try_packet(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int try_pty(void)
{
	int slave = -1, error = 0, master = posix_openpt(O_RDWR | O_NOCTTY);
	char name[64];

	if (master < 0)
		return errno;
	if (grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof(name)) ||
	    (slave = open(name, O_RDWR | O_NOCTTY)) < 0)
		error = errno;
	if (slave >= 0)
		close(slave);
	close(master);
	return error;
}

int main(void)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct utsname name;

	ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (uname(&name))
		return 1;
	printf("kernel %s\n", name.release);
	printf("io_uring %s\n", outcome(try_ring()));
	printf("shim %s\n", shim_is_mapped() ? "loaded" : "absent");
	print_filesystem("/ext4", EXT4_SUPER_MAGIC);
	print_filesystem("/tmp", TMPFS_MAGIC);
	print_filesystem("/dev/shm", TMPFS_MAGIC);
	print_filesystem("/proc", PROC_SUPER_MAGIC);
	print_filesystem("/sys", SYSFS_MAGIC);
	printf("ipv4 %s\n", outcome(try_bind(&ipv4, sizeof(ipv4))));
	printf("ipv6 %s\n", outcome(try_bind(&ipv6, sizeof(ipv6))));
	printf("unix %s\n", outcome(try_unix()));
	printf("packet %s\n", outcome(try_packet()));
	printf("pty %s\n", outcome(try_pty()));
	return 0;
}
