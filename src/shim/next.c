/*
 * The symbol tables are read here rather than through dlsym(3): dlsym may
 * allocate (always for an absent name), takes the loader's lock, and must not
 * be called from an allocator's start-up or a signal handler.
 */
#include <elf.h>
#include <link.h>
#include <string.h>
#include "shim/next.h"

struct next next_table;
atomic_bool next_ready;

static bool foreign[CALL_COUNT];

enum row { ROW_CALL, ROW_NAME, ROW_WATCH };

struct symbol {
	enum row row;
	const char *name;
	size_t slot;
};

static const struct symbol symbols[] = {
#define FAMILY(name, on, text)
#define CALL(call, family) { ROW_CALL, #call, CALL_##call },
#define NAME(symbol) { ROW_NAME, #symbol, offsetof(struct next, symbol) },
#define WATCH(symbol) { ROW_WATCH, #symbol, offsetof(struct next, symbol) },
#include "shim/calls-rows.h"
#undef FAMILY
#undef CALL
#undef NAME
#undef WATCH
};

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

struct objects {
	struct object list[OBJECTS_MAX];
	size_t count;
	bool past_ours;
	const char *libc_name;
};

/* glibc relocates these entries in place, other loaders do not. */
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

static bool contains(const struct object *object, const void *address)
{
	return (uintptr_t)address >= object->start && (uintptr_t)address < object->end;
}

static int collect(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct objects *objects = arg;
	struct object object;
	bool usable = read_object(&object, info);

	if (!objects->past_ours) {
		objects->past_ours = contains(&object, &next_table);
		return 0;
	}
	if (usable && objects->count < OBJECTS_MAX)
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
 * A symbol that is defined here, of the version a new program would get, or
 * (old) of one that only old programs have.
 */
static bool usable(const struct object *object, uint32_t index, const char *name, bool old)
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

		if ((entry | 1) == (hash | 1) && usable(object, i, name, old)) {
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

static void *find(const struct objects *objects, const char *name, bool old,
		  const struct object **where)
{
	uint32_t hash = gnu_hash(name);

	for (size_t i = 0; i < objects->count; i++) {
		void *address = find_in(&objects->list[i], name, hash, old);

		if (address) {
			*where = &objects->list[i];
			return address;
		}
	}
	return NULL;
}

COLD void next_resolve(void)
{
	struct objects objects = { .count = 0 };
	size_t call = 0;

	dl_iterate_phdr(collect, &objects);
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		const struct symbol *symbol = &symbols[i];
		const struct object *where = NULL;
		void *address;

		if (symbol->row == ROW_CALL) {
			call = symbol->slot;
			continue;
		}
		address = find(&objects, symbol->name, false, &where);
		if (!address)
			address = find(&objects, symbol->name, true, &where);
		memcpy((char *)&next_table + symbol->slot, &address, sizeof(address));
		if (address && symbol->row == ROW_NAME &&
		    !contains(where, (void *)__errno_location))
			foreign[call] = true;
	}
	atomic_store_explicit(&next_ready, true, memory_order_release);
}

bool next_is_foreign(enum call call)
{
	return foreign[call];
}
