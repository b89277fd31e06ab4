/* SPDX-License-Identifier: MIT */
/* Keeps the descriptor table, and asks the kernel what a descriptor is. */
#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include "shim/fd/fdtable.h"
#include "shim/ring/position-lock.h"
#include "shim/ring/process.h"
#include "shim/config/settings.h"
#include "shim/base/sys.h"
#include "shim/ring/thread.h"

_Static_assert(FD_LOCK_MAX == POSITION_LOCKS - 1, "an entry has room for each position lock");
_Static_assert(FD_KINDS - 1 == FD_KIND_MASK, "an entry has room for each kind");

static const fd_info GENERATION_MASK = (fd_info)FD_COUNTER_MAX << FD_GENERATION_SHIFT;
static const fd_info LOCK_MASK = (fd_info)FD_LOCK_MAX << FD_LOCK_SHIFT;
static const fd_info VERSION_MASK = (fd_info)FD_VERSION_MAX << FD_VERSION_SHIFT;
static const fd_info FORKS_MASK = (fd_info)FD_COUNTER_MAX << FD_FORKS_SHIFT;

struct fd_leaf fd_first_leaf;
struct fd_node *_Atomic fd_root[FD_ROOT];
_Atomic uint64_t fd_generation = 1;
atomic_uchar fd_watched;

/* Returns the generation bits for an entry, or 0, which is never current, if they do not fit. */
static fd_info current_generation(void)
{
	uint64_t now = atomic_load_explicit(&fd_generation, memory_order_relaxed);

	return now <= FD_COUNTER_MAX ? now << FD_GENERATION_SHIFT : 0;
}

/* Puts a new zeroed block at *place, unless another thread was faster. */
static bool grow_tree(void *_Atomic *place, size_t size)
{
	void *none = NULL;
	void *block = sys_pages(size);

	if (!block)
		return false;
	if (!atomic_compare_exchange_strong(place, &none, block))
		sys2(SYS_munmap, (long)block, (long)size);
	return true;
}

static COLD fd_slot *make_slot(unsigned fd)
{
	struct fd_node *_Atomic *node = &fd_root[fd / FD_LEAF / FD_NODE];
	struct fd_leaf *_Atomic *leaf;

	if (!*node && !grow_tree((void *_Atomic *)node, sizeof(struct fd_node)))
		return NULL;
	leaf = &(*node)->leaves[fd / FD_LEAF % FD_NODE];
	if (!*leaf && !grow_tree((void *_Atomic *)leaf, sizeof(struct fd_leaf)))
		return NULL;
	return fd_slot_of((int)fd);
}

static fd_info next_version(fd_info old, fd_info info)
{
	fd_info version = (old & VERSION_MASK) + (1ull << FD_VERSION_SHIFT);

	return (info & ~VERSION_MASK) | (version & VERSION_MASK);
}

/* Replaces what is known of fd, and advances its version. */
static void replace_info(int fd, fd_info info)
{
	fd_slot *slot;
	fd_info old;

	if (unlikely(settings_idle) || fd < 0 || thread_is_vfork_child())
		return;
	slot = fd_slot_of(fd);
	if (!slot && (!info || !(slot = make_slot((unsigned)fd))))
		return;
	old = atomic_load_explicit(slot, memory_order_relaxed);
	while (!atomic_compare_exchange_weak(slot, &old, next_version(old, info)))
		;
}

/* Clears and sets bits of what is known of fd, if anything is known. */
static void change_slot(int fd, fd_info clear, fd_info set)
{
	fd_slot *slot = thread_is_vfork_child() ? NULL : fd_slot_of(fd);
	fd_info old;

	if (!slot)
		return;
	old = atomic_load_explicit(slot, memory_order_relaxed);
	while (old && !atomic_compare_exchange_weak(slot, &old, (old & ~clear) | set))
		;
}

/* Filesystems with ordinary reads and writes: they sleep briefly and signals do not end them. */
static const uint32_t local_filesystems[] = {
	EXT4_SUPER_MAGIC,	TMPFS_MAGIC,
	XFS_SUPER_MAGIC,	BTRFS_SUPER_MAGIC,
	OVERLAYFS_SUPER_MAGIC,	RAMFS_MAGIC,
	F2FS_SUPER_MAGIC,	MSDOS_SUPER_MAGIC,
	EXFAT_SUPER_MAGIC,	ISOFS_SUPER_MAGIC,
	SQUASHFS_MAGIC,		HUGETLBFS_MAGIC,
	UDF_SUPER_MAGIC,	EROFS_SUPER_MAGIC_V1,
	0x2fc12fc1 /* zfs */,	0xca451a4e /* bcachefs */,
	0x7366746e /* ntfs3 */,
};

static enum fd_kind file_kind(long flags)
{
	return flags & O_DIRECT ? FD_UNCACHED : FD_FILE;
}

/* Writes "/proc/self/fd/N" for a non-negative descriptor. */
static void proc_link(char path[32], unsigned fd)
{
	char digits[12];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + fd % 10);
	while (fd /= 10);
	path = stpcpy(path, "/proc/self/fd/");
	while (n)
		*path++ = digits[--n];
	*path = '\0';
}

long fd_read_name(int fd, char *name, size_t size)
{
	char path[32];
	long len;

	proc_link(path, (unsigned)fd);
	len = sys4(SYS_readlinkat, AT_FDCWD, (long)path, (long)name, (long)size - 1);
	if (len >= 0)
		name[len] = '\0';
	return len;
}

/* Returns true if fd, a file in procfs, is /proc/PID/io: the account of reads and writes. */
static bool is_account(int fd)
{
	char name[64];
	long len = fd_read_name(fd, name, sizeof(name));

	return len > 3 && !strcmp(name + len - 3, "/io");
}

static enum fd_kind regular_kind(int fd, long flags)
{
	struct statfs fs;

	if (sys2(SYS_fstatfs, fd, (long)&fs))
		return FD_OTHER;
	if (fs.f_type == PROC_SUPER_MAGIC && is_account(fd))
		fd_watch(FD_WATCH_ACCOUNTS);
	for (size_t i = 0; i < sizeof(local_filesystems) / sizeof(local_filesystems[0]); i++)
		if ((uint32_t)fs.f_type == local_filesystems[i])
			return file_kind(flags);
	return FD_OTHER;
}

static enum fd_kind character_kind(int fd, dev_t device)
{
	struct termios termios;

	if (!sys3(SYS_ioctl, fd, TCGETS, (long)&termios))
		return FD_TTY;
	if (major(device) != 1)
		return FD_OTHER;
	switch (minor(device)) {
	case 3: /* null */
	case 5: /* zero */
	case 9: /* urandom */
		return FD_MEMORY;
		/* Not /dev/full: it cannot be read without waiting, so an io-wq worker would read it. */
	}
	return FD_OTHER;
}

bool fd_note_deferred_connect(int fd)
{
	int later = 0;
	socklen_t len = sizeof(later);

	return !sys6(SYS_getsockopt, fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, (long)&later,
		     (long)&len, 0) &&
		later;
}

static enum fd_kind socket_kind(int fd)
{
	int type = 0, domain = 0;
	socklen_t len = sizeof(type);

	if (sys6(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&len, 0) ||
	    sys6(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, (long)&domain, (long)&len, 0))
		return FD_OTHER;
	if (fd_socket_kind(domain, type) == FD_STREAM && fd_note_deferred_connect(fd))
		return FD_OTHER;
	return fd_socket_kind(domain, type);
}

/* Files without a type differ only in the kernel's name for them. */
static enum fd_kind nameless_kind(int fd)
{
	static const char *const events[] = {
		"anon_inode:[eventfd]",
		"anon_inode:[timerfd]",
		"anon_inode:inotify",
	};
	char target[64];

	if (fd_read_name(fd, target, sizeof(target)) < 0)
		return FD_OTHER;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (!strcmp(target, events[i]))
			return FD_EVENT;
	return FD_OTHER;
}

static enum fd_kind ask_kind(int fd, long flags)
{
	struct stat st;

	if (sys2(SYS_fstat, fd, (long)&st))
		return FD_BAD;
	if (flags & O_PATH)
		return FD_OTHER;
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return regular_kind(fd, flags);
	case S_IFBLK:
		return file_kind(flags);
	case S_IFIFO:
		return FD_PIPE;
	case S_IFSOCK:
		return socket_kind(fd);
	case S_IFCHR:
		return character_kind(fd, st.st_rdev);
	case 0:
		return nameless_kind(fd);
	}
	return FD_OTHER;
}

/* Returns true if the process, by what it watches, could see that a ring reads or writes fd. */
static bool is_watched(int fd, enum fd_kind kind)
{
	struct statfs fs;

	if (atomic_load(&fd_watched) == FD_WATCH_ACCOUNTS)
		return kind != FD_BAD;
	if (kind == FD_PIPE)
		return !sys2(SYS_fstatfs, fd, (long)&fs) && fs.f_type != PIPEFS_MAGIC;
	return kind == FD_FILE || kind == FD_UNCACHED || kind == FD_MEMORY;
}

static fd_info ask_kernel(int fd, fd_info known)
{
	fd_info learnt = current_generation();
	long flags = sys2(SYS_fcntl, fd, F_GETFL);
	enum fd_kind kind;

	if (flags < 0)
		return FD_BAD;
	kind = ask_kind(fd, flags);
	if (unlikely(fd_is_watching()) && is_watched(fd, kind))
		kind = FD_OTHER;
	known &= VERSION_MASK | LOCK_MASK | FORKS_MASK | FD_OWN_POSITION | FD_HAS_DUPS;
	return known | learnt | kind | (flags & O_NONBLOCK ? FD_NONBLOCKING : 0);
}

/* Call if fd is not what it was taken for. Its next use asks the kernel; its origin is kept. */
static void forget_kind(int fd)
{
	change_slot(fd, GENERATION_MASK, 0);
}

COLD fd_info fd_classify(int fd)
{
	fd_slot *slot = fd_slot_of(fd);
	fd_info old, info;

	if (fd < 0)
		return FD_BAD;
	if (!slot)
		slot = make_slot((unsigned)fd);
	old = slot ? atomic_load(slot) : 0;
	info = ask_kernel(fd, old);
	if (fd_kind(info) == FD_BAD) {
		fd_forget(fd);
		return info;
	}
	/* Fails, rightly, if the descriptor was closed or replaced in the meantime. */
	if (slot && !thread_is_vfork_child())
		atomic_compare_exchange_strong(slot, &old, info);
	return info;
}

/* Returns true if nobody has asked for the kind of this descriptor, since it was opened. */
static bool has_no_kind(fd_info info)
{
	return fd_kind(info) == FD_UNKNOWN || fd_kind(info) >= FD_USED_ONCE;
}

static fd_info with_kind(fd_info info, enum fd_kind kind)
{
	return (info & ~(fd_info)FD_KIND_MASK) | kind;
}

bool fd_note_use(int fd)
{
	fd_slot *slot = fd_slot_of(fd);
	fd_info info, used;

	if (!slot && fd >= 0 && !thread_is_vfork_child())
		slot = make_slot((unsigned)fd);
	if (!slot || thread_is_vfork_child())
		return false;
	info = atomic_load_explicit(slot, memory_order_relaxed);
	if (info & GENERATION_MASK || !has_no_kind(info) || fd_kind(info) == FD_USED_FOUR_TIMES)
		return false;
	used = with_kind(info, fd_kind(info) == FD_UNKNOWN ? FD_USED_ONCE : fd_kind(info) + 1);
	/* Fails, rightly, if fd was closed or replaced in the meantime. */
	atomic_compare_exchange_strong(slot, &info, used);
	return true;
}

bool fd_query_nonblocking(int fd)
{
	long flags = sys2(SYS_fcntl, fd, F_GETFL);

	if (flags < 0) {
		fd_forget(fd);
		return false;
	}
	if (!(flags & O_NONBLOCK) != !fd_is_nonblocking(fd_peek(fd)))
		forget_kind(fd);
	return flags & O_NONBLOCK;
}

void fd_watch(enum fd_watch what)
{
	unsigned char was = atomic_load(&fd_watched);

	while (was < what)
		if (atomic_compare_exchange_weak(&fd_watched, &was, (unsigned char)what))
			atomic_fetch_add(&fd_generation, 1);
}

void fd_forget_all(void)
{
	atomic_store(&fd_generation, UINT64_MAX / 2);
}

fd_mark fd_mark_open(void)
{
	uint64_t mark = process_fork_mark();

	return mark < FD_COUNTER_MAX ? (fd_mark)mark : FD_COUNTER_MAX;
}

void fd_note_open(int fd, fd_mark mark, bool own_position)
{
	fd_info info = 0;

	/* The mark is FD_COUNTER_MAX while a thread forks, and after too many forks. */
	if (own_position && mark < FD_COUNTER_MAX)
		info = FD_OWN_POSITION | (fd_info)position_lock_draw() << FD_LOCK_SHIFT |
			(fd_info)mark << FD_FORKS_SHIFT;
	replace_info(fd, info);
}

void fd_note_open_as(int fd, enum fd_kind kind, bool nonblocking)
{
	/* If the process watches something, only fd_classify() can tell the kind. */
	replace_info(fd,
		     unlikely(fd_is_watching()) ?
			     0 :
			     kind | (nonblocking ? FD_NONBLOCKING : 0) | current_generation());
}

void fd_note_socket(int fd, fd_mark mark, enum fd_kind kind, bool nonblocking)
{
	fd_info own = mark < FD_COUNTER_MAX ? FD_OWN_SOCKET | (fd_info)mark << FD_FORKS_SHIFT : 0;

	/* If the process watches something, only fd_classify() can tell the kind. */
	replace_info(fd,
		     own |
			     (unlikely(fd_is_watching()) ?
				      0 :
				      kind | (nonblocking ? FD_NONBLOCKING : 0) |
					      current_generation()));
}

void fd_forget(int fd)
{
	replace_info(fd, 0);
}

void fd_forget_range(unsigned first, unsigned last)
{
	unsigned fd = first;

	if (last > INT_MAX)
		last = INT_MAX;
	if (thread_is_vfork_child())
		return;
	while (fd <= last) {
		if (fd_slot_of((int)fd)) {
			replace_info((int)fd, 0);
			fd++;
		} else if (fd_root[fd / FD_LEAF / FD_NODE]) {
			fd = (fd / FD_LEAF + 1) * FD_LEAF;
		} else {
			fd = (fd / FD_LEAF / FD_NODE + 1) * FD_LEAF * FD_NODE;
		}
	}
}

void fd_note_dup(int from, int to)
{
	if (unlikely(settings_idle))
		return;
	change_slot(from, 0, FD_HAS_DUPS);
	replace_info(to, fd_peek(from) | FD_HAS_DUPS);
}

bool fd_has_dups(int fd)
{
	return fd_peek(fd) & FD_HAS_DUPS;
}

void fd_note_flags_change(int fd)
{
	if (fd_peek(fd) & FD_HAS_DUPS && !thread_is_vfork_child())
		atomic_fetch_add(&fd_generation, 1);
	else
		forget_kind(fd);
}

void fd_share_position(int fd)
{
	change_slot(fd, FD_OWN_POSITION, 0);
}

void fd_share_socket(int fd)
{
	if (fd_is_socket(fd_peek(fd)))
		change_slot(fd, FD_OWN_SOCKET, 0);
}
