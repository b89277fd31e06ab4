/* SPDX-License-Identifier: MIT */
/*
 * Finds the next definition of each interposed symbol in the ELF symbol tables, without dlsym(3):
 * dlsym may allocate (for an absent name it always does), takes the loader's lock, and must not be
 * called while an allocator starts up or from a signal handler.
 */
#include <elf.h>
#include <link.h>
#include <string.h>
#include "shim/symbols/next-symbol.h"

struct next next_table;

static bool foreign[CALL_COUNT] EARLY;

/* True if the library that valgrind loads into every program is there. */
static bool valgrind EARLY;

#define FAMILY(name, on, text)
#define CALL(call, family)
#define WATCH(symbol) NAME(symbol)

/* The names in table order, and the offset of each: unlike pointers, offsets need no relocation. */
static const struct names {
#define NAME(symbol) char symbol[sizeof(#symbol)];
#include "shim/symbols/calls-rows.h"
#undef NAME
} names = {
#define NAME(symbol) #symbol,
#include "shim/symbols/calls-rows.h"
#undef NAME
};

static const uint16_t name_at[] = {
#define NAME(symbol) offsetof(struct names, symbol),
#include "shim/symbols/calls-rows.h"
#undef NAME
};

#undef CALL
#undef WATCH

/* The types of the table's rows, in order: the names of a call follow it. */
enum row { ROW_CALL, ROW_NAME, ROW_WATCH };

static const uint8_t rows[] = {
#define CALL(call, family) ROW_CALL,
#define NAME(symbol) ROW_NAME,
#define WATCH(symbol) ROW_WATCH,
#include "shim/symbols/calls-rows.h"
#undef FAMILY
#undef CALL
#undef NAME
#undef WATCH
};

static const char *name_of(size_t slot)
{
	return (const char *)&names + name_at[slot];
}

/* The dynamic symbol table of one loaded object. */
struct object {
	uintptr_t base;
	const ElfW(Sym) *symtab;
	const char *strtab;
	const uint32_t *hash;
	const ElfW(Half) *versions;
	uintptr_t start, end;
};

enum { OBJECTS_MAX = 512 };

/* The objects after ours, in the order in which symbols are looked up. */
struct objects {
	size_t count;
	bool past_ours;
	struct object list[OBJECTS_MAX];
};

/* The objects that were loaded at the library's start; started: the list is complete. */
static struct objects at_start;
static const struct object *libc;
static atomic_bool started EARLY;

/* glibc's loader relocates these entries in place, other loaders do not. */
static const void *dynamic_address(uintptr_t base, uintptr_t value)
{
	return (const void *)(value < base ? base + value : value);
}

static bool read_object(struct object *object, const struct dl_phdr_info *info)
{
	const ElfW(Dyn) *dyn = NULL;

	*object = (struct object){ .base = info->dlpi_addr, .start = UINTPTR_MAX };
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *phdr = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + phdr->p_vaddr;

		if (phdr->p_type == PT_DYNAMIC)
			dyn = (const void *)start;
		if (phdr->p_type != PT_LOAD)
			continue;
		if (start < object->start)
			object->start = start;
		if (start + phdr->p_memsz > object->end)
			object->end = start + phdr->p_memsz;
	}
	for (; dyn && dyn->d_tag != DT_NULL; dyn++) {
		const void *address = dynamic_address(info->dlpi_addr, dyn->d_un.d_ptr);

		if (dyn->d_tag == DT_SYMTAB)
			object->symtab = address;
		else if (dyn->d_tag == DT_STRTAB)
			object->strtab = address;
		else if (dyn->d_tag == DT_GNU_HASH)
			object->hash = address;
		else if (dyn->d_tag == DT_VERSYM)
			object->versions = address;
	}
	return object->symtab && object->strtab && object->hash;
}

static bool contains_address(const struct object *object, const void *address)
{
	return (uintptr_t)address >= object->start && (uintptr_t)address < object->end;
}

static bool is_valgrinds(const char *path)
{
	static const char name[] = "vgpreload_core";
	const char *slash = strrchr(path, '/');

	return slash && !strncmp(slash + 1, name, sizeof(name) - 1);
}

static int collect_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct objects *objects = arg;
	struct object object;
	bool is_usable = read_object(&object, info);

	if (is_valgrinds(info->dlpi_name))
		valgrind = true;
	if (!objects->past_ours) {
		objects->past_ours = contains_address(&object, &next_table);
		return 0;
	}
	if (is_usable && objects->count < OBJECTS_MAX)
		objects->list[objects->count++] = object;
	return 0;
}

static uint32_t gnu_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

/*
 * Returns true if the symbol at index is a function called name that object defines, in the version
 * that a new program gets. With old, versions that only old programs use are accepted as well.
 */
static bool is_usable(const struct object *object, uint32_t index, const char *name, bool old)
{
	const ElfW(Sym) *sym = &object->symtab[index];
	int type = ELF64_ST_TYPE(sym->st_info);

	return sym->st_shndx != SHN_UNDEF && sym->st_value &&
		(type == STT_FUNC || type == STT_GNU_IFUNC) &&
		(old || !(object->versions && object->versions[index] & 0x8000)) &&
		!strcmp(object->strtab + sym->st_name, name);
}

static void *find_in(const struct object *object, const char *name, uint32_t hash, bool old)
{
	uint32_t buckets = object->hash[0];
	uint32_t first = object->hash[1];
	uint32_t words = object->hash[2];
	uint32_t shift = object->hash[3];
	const uint64_t *bloom = (const void *)&object->hash[4];
	const uint32_t *bucket = (const void *)&bloom[words];
	const uint32_t *chain = &bucket[buckets];
	uint64_t mask = 1ull << (hash % 64) | 1ull << ((hash >> shift) % 64);
	uint32_t i;

	if (!buckets || (bloom[(hash / 64) % words] & mask) != mask)
		return NULL;
	i = bucket[hash % buckets];
	if (i < first)
		return NULL;
	for (;; i++) {
		uint32_t entry = chain[i - first];

		if ((entry | 1) == (hash | 1) && is_usable(object, i, name, old)) {
			const ElfW(Sym) *sym = &object->symtab[i];
			void *address = (void *)(object->base + sym->st_value);

			if (ELF64_ST_TYPE(sym->st_info) == STT_GNU_IFUNC)
				address = ((void *(*)(void))address)();
			return address;
		}
		if (entry & 1)
			return NULL;
	}
}

static void *find_symbol(const struct objects *objects, const char *name, bool old)
{
	uint32_t hash = gnu_hash(name);

	for (size_t i = 0; i < objects->count; i++) {
		void *address = find_in(&objects->list[i], name, hash, old);

		if (address)
			return address;
	}
	return NULL;
}

static void *keep_address(size_t slot, void *address)
{
	__atomic_store_n((void **)&next_table + slot, address, __ATOMIC_RELAXED);
	return address;
}

static void *look_up(const struct objects *objects, size_t slot)
{
	const char *name = name_of(slot);
	void *address = find_symbol(objects, name, false);

	return keep_address(slot, address ? address : find_symbol(objects, name, true));
}

/* The search for one symbol through all objects. */
struct search {
	const char *name;
	uint32_t hash;
	bool past_ours;
	void *address;	   /* of the first definition in a version for new programs */
	void *old_address; /* of the first definition in any version */
};

static int search_in(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;
	struct object object;
	bool is_usable = read_object(&object, info);

	if (!search->past_ours) {
		search->past_ours = contains_address(&object, &next_table);
		return 0;
	}
	if (!is_usable)
		return 0;
	if (!search->old_address)
		search->old_address = find_in(&object, search->name, search->hash, true);
	search->address = find_in(&object, search->name, search->hash, false);
	return search->address != NULL;
}

/*
 * Looks up a symbol before next_start() has run. Several threads may do so at once, so each works
 * on its own stack, which has no room for a list of the objects.
 */
static COLD void *look_up_early(size_t slot)
{
	struct search search = { .name = name_of(slot) };

	search.hash = gnu_hash(search.name);
	dl_iterate_phdr(search_in, &search);
	return keep_address(slot, search.address ? search.address : search.old_address);
}

COLD void *next_look_up(size_t slot)
{
	if (!atomic_load_explicit(&started, memory_order_acquire))
		return look_up_early(slot);
	return look_up(&at_start, slot);
}

/* Marks the calls that object, which comes before libc, defines. */
static void note_foreign(const struct object *object)
{
	size_t slot = 0;
	int call = -1;

	for (size_t i = 0; i < sizeof(rows); i++) {
		const char *name = name_of(slot);
		uint32_t hash;

		if (rows[i] == ROW_CALL) {
			call++;
			continue;
		}
		slot++;
		hash = gnu_hash(name);
		if (rows[i] == ROW_NAME &&
		    (find_in(object, name, hash, false) || find_in(object, name, hash, true)))
			foreign[call] = true;
	}
}

/*
 * Returns true if object is libc. The address of one of its functions would not tell: if a program
 * that is not position-independent takes that address, it is one in the program, for everybody.
 */
static bool is_libc(const struct object *object)
{
	static const char name[] = "gnu_get_libc_version";

	return find_in(object, name, gnu_hash(name), false) != NULL;
}

void next_start(void)
{
	dl_iterate_phdr(collect_object, &at_start);
	for (size_t i = 0; i < at_start.count && !libc; i++) {
		if (is_libc(&at_start.list[i]))
			libc = &at_start.list[i];
		else
			note_foreign(&at_start.list[i]);
	}
	atomic_store_explicit(&started, true, memory_order_release);
}

bool next_under_valgrind(void)
{
	return valgrind;
}

bool next_is_in_libc(const void *address)
{
	return libc && contains_address(libc, address);
}

bool next_is_foreign(enum call call)
{
	return foreign[call];
}
