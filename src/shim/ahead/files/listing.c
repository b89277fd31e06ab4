/* SPDX-License-Identifier: MIT */
/* Reads directories and sorts their entries. Runs in the helper. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <time.h>
#include "shim/ahead/files/listing.h"
#include "shim/ahead/name-hash.h"
#include "shim/base/sys.h"

/* A larger directory is known up to here. */
enum { NAMES_MIN = 64 * 1024, NAMES_MAX = 16 * 1024 * 1024 };

/* A record of getdents64(2). */
struct record {
	uint64_t d_ino;
	int64_t d_off;
	uint16_t d_reclen;
	uint8_t d_type;
	char d_name[];
};

static void *grow(void *old, size_t old_size, size_t size)
{
	long ret;

	if (!old)
		return sys_pages(size);
	ret = sys4(SYS_mremap, (long)old, (long)old_size, (long)size, MREMAP_MAYMOVE);
	return ret < 0 && ret > -4096 ? NULL : (void *)ret;
}

/* Reads the records of the directory, one after the other. Returns their size in bytes. */
static size_t read_records(struct listing *listing)
{
	size_t used = 0;
	long got;

	for (;;) {
		if (listing->names_size - used < NAMES_MIN / 2) {
			size_t size = listing->names_size ? listing->names_size * 2 : NAMES_MIN;
			void *names = size > NAMES_MAX ?
				NULL :
				grow(listing->names, listing->names_size, size);

			if (!names)
				return used;
			listing->names = names;
			listing->names_size = size;
		}
		got = sys3(SYS_getdents64, listing->fd, (long)(listing->names + used),
			   (long)(listing->names_size - used));
		if (got <= 0)
			return used;
		used += (size_t)got;
	}
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Calls visit for each record but . and .., and returns their number. */
static uint32_t visit_records(struct listing *listing, size_t size,
			      void (*visit)(struct listing *, uint32_t, const struct record *))
{
	uint32_t count = 0;

	for (size_t at = 0; at < size;) {
		const struct record *record = (const void *)(listing->names + at);

		at += record->d_reclen;
		if (is_dots(record->d_name))
			continue;
		if (visit)
			visit(listing, count, record);
		count++;
	}
	return count;
}

static uint32_t hash_of(const char *name)
{
	return hash_on(NAME_HASH, name, name + strlen(name));
}

static void add_entry(struct listing *listing, uint32_t entry, struct entry value)
{
	uint32_t place = hash_of(listing->names + value.name) & listing->table_mask;

	listing->entries[entry] = value;
	while (listing->table[place] != ENTRY_NONE)
		place = (place + 1) & listing->table_mask;
	listing->table[place] = entry;
	listing->sorted[ORDER_LISTING][entry] = entry;
}

static void add_record(struct listing *listing, uint32_t entry, const struct record *record)
{
	add_entry(listing, entry,
		  (struct entry){
			  .ino = record->d_ino,
			  .name = (uint32_t)(record->d_name - listing->names),
			  .type = record->d_type,
		  });
}

uint32_t listing_find(const struct listing *listing, const char *name)
{
	uint32_t place = hash_of(name) & listing->table_mask;

	for (; listing->count && listing->table[place] != ENTRY_NONE;
	     place = (place + 1) & listing->table_mask)
		if (!strcmp(entry_name(listing, listing->table[place]), name))
			return listing->table[place];
	return ENTRY_NONE;
}

static bool is_before(const struct listing *listing, enum order order, uint32_t a, uint32_t b)
{
	if (order == ORDER_INODE)
		return listing->entries[a].ino < listing->entries[b].ino;
	return strcmp(entry_name(listing, a), entry_name(listing, b)) < 0;
}

/* Moves the entry at top of a heap down to where it belongs. */
static void sift_down(const struct listing *listing, enum order order, uint32_t *heap, uint32_t top,
		      uint32_t count)
{
	for (uint32_t child; (child = 2 * top + 1) < count; top = child) {
		uint32_t entry = heap[top];

		if (child + 1 < count && is_before(listing, order, heap[child], heap[child + 1]))
			child++;
		if (!is_before(listing, order, entry, heap[child]))
			return;
		heap[top] = heap[child];
		heap[child] = entry;
	}
}

/* Sorts by heap: qsort() of libc may allocate memory. */
static void sort(struct listing *listing, enum order order)
{
	uint32_t *heap = listing->sorted[order];
	uint32_t count = listing->count;

	memcpy(heap, listing->sorted[ORDER_LISTING], count * sizeof(*heap));
	for (uint32_t top = count / 2; top--;)
		sift_down(listing, order, heap, top, count);
	for (uint32_t end = count; end-- > 1;) {
		uint32_t largest = heap[0];

		heap[0] = heap[end];
		heap[end] = largest;
		sift_down(listing, order, heap, 0, end);
	}
}

/* Maps the arrays, of which all but entries and table have count elements of 4 bytes. */
static bool map_arrays(struct listing *listing, uint32_t count)
{
	uint32_t slots = 16;
	uint32_t *words;

	while (slots < 2 * count)
		slots *= 2;
	listing->entries_size = count * sizeof(struct entry) +
		(slots + 2ul * ORDERS * count) * sizeof(uint32_t);
	listing->entries = sys_pages(listing->entries_size);
	if (!listing->entries)
		return false;
	words = (uint32_t *)(listing->entries + count);
	for (int order = 0; order < ORDERS; order++, words += 2ul * count) {
		listing->sorted[order] = words;
		listing->rank[order] = words + count;
	}
	listing->table = words;
	listing->table_mask = slots - 1;
	memset(words, 0xff, slots * sizeof(uint32_t));
	listing->count = count;
	return true;
}

static bool read_entries(struct listing *listing)
{
	size_t size = read_records(listing);

	if (!map_arrays(listing, visit_records(listing, size, NULL)))
		return false;
	visit_records(listing, size, add_record);
	for (enum order order = 0; order < ORDERS; order++) {
		if (order != ORDER_LISTING)
			sort(listing, order);
		for (uint32_t i = 0; i < listing->count; i++)
			listing->rank[order][listing->sorted[order][i]] = i;
	}
	return true;
}

enum { ARGUMENT_MAX = 255 };

/* Returns the length of an argument that can be the name of a file, or 0. */
static size_t length_of_name(const char *argument)
{
	size_t length = argument[0] == '-' ? 0 : strnlen(argument, ARGUMENT_MAX + 1);

	return length <= ARGUMENT_MAX ? length : 0;
}

/* Adds a name, as far as there is room. Returns where the next one goes. */
static size_t add_name(struct listing *listing, const char *name, size_t length, size_t at)
{
	uint32_t entry = listing->count;

	if (!length || at + length >= listing->names_size)
		return at;
	memcpy(listing->names + at, name, length);
	add_entry(listing, entry, (struct entry){ .name = (uint32_t)at, .type = DT_UNKNOWN });
	listing->rank[ORDER_LISTING][entry] = entry;
	listing->count++;
	return at + length + 1;
}

/* Begins a listing of at most so many names, which take so many bytes, relative to fd. */
static bool begin_names(struct listing *listing, int fd, size_t count, size_t size)
{
	*listing = (struct listing){
		.in_use = true,
		.is_arguments = true,
		.fd = fd,
		.parent = LISTING_NONE,
		.last = ENTRY_NONE,
		.names_size = size,
		.names = sys_pages(size),
	};
	if (!listing->names || !map_arrays(listing, (uint32_t)count)) {
		listing_free(listing);
		return false;
	}
	listing->count = 0;
	/* They have one order. */
	for (enum order order = 0; order < ORDERS; order++) {
		listing->sorted[order] = listing->sorted[ORDER_LISTING];
		listing->rank[order] = listing->rank[ORDER_LISTING];
	}
	return true;
}

bool listing_of_names(struct listing *listing, int fd, const char *names, size_t size)
{
	size_t count = 0, at = 0;

	for (size_t i = 0; i < size; i++)
		count += !names[i];
	if (!begin_names(listing, fd, count, size + 1))
		return false;
	for (size_t i = 0; i < size; i += strlen(names + i) + 1)
		at = add_name(listing, names + i, strlen(names + i), at);
	return true;
}

bool listing_of_arguments(struct listing *listing, int fd, int argc, char *const *argv)
{
	size_t size = 1, at = 0;

	for (int i = 1; i < argc; i++)
		size += length_of_name(argv[i]) + 1;
	if (!begin_names(listing, fd, (size_t)argc, size))
		return false;
	for (int i = 1; i < argc; i++)
		at = add_name(listing, argv[i], length_of_name(argv[i]), at);
	return true;
}

/* Returns true if reading the directory again would not change its access time (relatime). */
static bool has_fresh_access_time(const struct stat *st, const struct statfs *fs)
{
	struct timespec now;
	int64_t access = st->st_atim.tv_sec;

	if (!(fs->f_flags & ST_RELATIME) || sys2(SYS_clock_gettime, CLOCK_REALTIME, (long)&now))
		return false;
	return access > st->st_mtim.tv_sec && access > st->st_ctim.tv_sec &&
		access + 23 * 3600 > now.tv_sec;
}

/* Returns true if the directory may be read. */
static bool look_at(struct listing *listing)
{
	struct statfs fs;
	struct stat st;
	long flags = sys3(SYS_fcntl, listing->fd, F_GETFL, 0);

	if (flags < 0 || sys2(SYS_fstatfs, listing->fd, (long)&fs) ||
	    sys2(SYS_fstat, listing->fd, (long)&st))
		return false;
	listing->dev = st.st_dev;
	listing->ino = st.st_ino;
	/* A network file system's times are the server's. */
	listing->needs_flag = !(fs.f_flags & (ST_NOATIME | ST_RDONLY));
	listing->has_noatime = flags & O_NOATIME || !listing->needs_flag;
	return listing->has_noatime || fs.f_flags & ST_NODIRATIME ||
		has_fresh_access_time(&st, &fs);
}

bool listing_read(struct listing *listing, int fd)
{
	*listing = (struct listing){
		.in_use = true,
		.fd = fd,
		.parent = LISTING_NONE,
		.last = ENTRY_NONE,
	};
	if (look_at(listing) && read_entries(listing))
		return true;
	listing_free(listing);
	return false;
}

void listing_free(struct listing *listing)
{
	if (listing->fd >= 0)
		sys1(SYS_close, listing->fd);
	if (listing->names)
		sys2(SYS_munmap, (long)listing->names, (long)listing->names_size);
	if (listing->entries)
		sys2(SYS_munmap, (long)listing->entries, (long)listing->entries_size);
	*listing = (struct listing){ .fd = -1 };
}

uint32_t listing_find_directory(const struct listing *listing, uint64_t ino)
{
	for (uint32_t i = 0; i < listing->count; i++)
		if (listing->entries[i].ino == ino && listing->entries[i].type == DT_DIR)
			return i;
	return ENTRY_NONE;
}
