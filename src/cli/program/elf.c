/* SPDX-License-Identifier: MIT */
/* Reads from an ELF file what matters for preloading. The file can be damaged or hostile. */
#include "config.h"

#include "cli/program/elf.h"

#include "cli/cli.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Limits on the counts and sizes that a file states. Programs have about a dozen segments. */
#define MAX_SEGMENTS 512
#define MAX_SECTIONS 4096
#define MAX_NOTES (64 * 1024)
#define MAX_NAMES (1024 * 1024)
#define MAX_CODE (512 * 1024 * 1024)

static const uint8_t own_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
static const uint8_t own_data = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB :
									    ELFDATA2MSB;

/*
 * Reads size bytes at offset. Both can come from the file and be wrong: returns -EBADMSG if the
 * file does not have these bytes.
 */
static int read_at(int fd, void *to, size_t size, uint64_t offset)
{
	size_t done = 0;

	if (offset > INT64_MAX - size)
		return -EBADMSG;
	while (done < size) {
		ssize_t n = pread(fd, (char *)to + done, size - done, offset + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EBADMSG;
		done += n;
	}
	return 0;
}

static void *read_part(int fd, size_t size, uint64_t offset, int *error)
{
	void *part = malloc(size ? size : 1);

	*error = part ? read_at(fd, part, size, offset) : -ENOMEM;
	if (!*error)
		return part;
	free(part);
	return NULL;
}

static int read_interpreter(int fd, const ElfW(Phdr) *segment, struct elf_facts *facts)
{
	if (segment->p_filesz < 2 || segment->p_filesz > sizeof(facts->interpreter))
		return -EBADMSG;
	if (read_at(fd, facts->interpreter, segment->p_filesz, segment->p_offset))
		return -EBADMSG;
	/* The kernel refuses an unterminated name, too. */
	return facts->interpreter[segment->p_filesz - 1] ? -EBADMSG : 0;
}

/*
 * Returns true for the AddressSanitizer of gcc and clang, which ends the program if another
 * library was loaded before it.
 */
static bool is_first_runtime(const char *library)
{
	return !strncmp(library, "libasan.so", strlen("libasan.so")) ||
		!strncmp(library, "libclang_rt.asan", strlen("libclang_rt.asan"));
}

/* Returns the file offset of the data that is loaded at address; 0 if the file has none. */
static uint64_t offset_of(const ElfW(Phdr) *segments, int count, uint64_t address)
{
	for (int i = 0; i < count; i++)
		if (segments[i].p_type == PT_LOAD &&
		    address - segments[i].p_vaddr < segments[i].p_filesz)
			return address - segments[i].p_vaddr + segments[i].p_offset;
	return 0;
}

static void find_runtime(const ElfW(Dyn) *entries, size_t count, const char *names, uint64_t size,
			 struct elf_facts *facts)
{
	for (size_t i = 0; i < count && entries[i].d_tag != DT_NULL; i++) {
		uint64_t at = entries[i].d_un.d_val;

		if (entries[i].d_tag == DT_NEEDED && at < size && is_first_runtime(names + at) &&
		    strlen(names + at) < sizeof(facts->runtime))
			strcpy(facts->runtime, names + at);
	}
}

/* Looks for a sanitizer's runtime among the needed libraries. Ignores damaged data. */
static void read_dynamic(int fd, const ElfW(Phdr) *segments, int count, const ElfW(Phdr) *dynamic,
			 struct elf_facts *facts)
{
	uint64_t size = dynamic->p_filesz < MAX_NOTES ? dynamic->p_filesz : MAX_NOTES;
	uint64_t names_at = 0, names_size = 0;
	ElfW(Dyn) *entries;
	char *names = NULL;
	int error;

	entries = read_part(fd, size, dynamic->p_offset, &error);
	if (!entries)
		return;
	for (size_t i = 0; i < size / sizeof(*entries) && entries[i].d_tag != DT_NULL; i++) {
		if (entries[i].d_tag == DT_STRTAB)
			names_at = offset_of(segments, count, entries[i].d_un.d_ptr);
		else if (entries[i].d_tag == DT_STRSZ)
			names_size = entries[i].d_un.d_val;
	}
	if (names_at && names_size && names_size < MAX_NAMES)
		names = read_part(fd, names_size, names_at, &error);
	if (names && !names[names_size - 1])
		find_runtime(entries, size / sizeof(*entries), names, names_size, facts);
	free(names);
	free(entries);
}

static uint64_t round_up(uint32_t size)
{
	return ((uint64_t)size + 3) & ~(uint64_t)3;
}

/* Returns true if the segment has a note of the Go compiler. Ignores damaged notes. */
static bool has_go_note(int fd, const ElfW(Phdr) *segment)
{
	uint64_t size = segment->p_filesz < MAX_NOTES ? segment->p_filesz : MAX_NOTES;
	bool found = false;
	char *notes;
	int error;

	notes = read_part(fd, size, segment->p_offset, &error);
	if (!notes)
		return false;
	for (uint64_t at = 0; at + sizeof(ElfW(Nhdr)) <= size && !found;) {
		ElfW(Nhdr) note;
		uint64_t name = at + sizeof(note);

		memcpy(&note, notes + at, sizeof(note));
		found = note.n_namesz == 4 && name + 4 <= size && !memcmp(notes + name, "Go\0", 4);
		at = name + round_up(note.n_namesz) + round_up(note.n_descsz);
	}
	free(notes);
	return found;
}

static int read_segments(int fd, const ElfW(Ehdr) *header, struct elf_facts *facts)
{
	ElfW(Phdr) *segments;
	int error;

	if (!header->e_phnum)
		return 0;
	if (header->e_phentsize != sizeof(*segments) || header->e_phnum > MAX_SEGMENTS)
		return -EBADMSG;
	segments = read_part(fd, header->e_phnum * sizeof(*segments), header->e_phoff, &error);
	if (!segments)
		return error;
	for (int i = 0; i < header->e_phnum && !error; i++) {
		if (segments[i].p_type == PT_INTERP)
			error = read_interpreter(fd, &segments[i], facts);
		else if (segments[i].p_type == PT_NOTE && !facts->go)
			facts->go = has_go_note(fd, &segments[i]);
		else if (segments[i].p_type == PT_DYNAMIC)
			read_dynamic(fd, segments, header->e_phnum, &segments[i], facts);
	}
	free(segments);
	return error;
}

static bool is_go_section(const char *name)
{
	return !strcmp(name, ".go.buildinfo") || !strcmp(name, ".note.go.buildid");
}

/*
 * Returns true if the file has a section of the Go compiler. Sections are optional in a program,
 * so it is no error if they are missing or damaged.
 */
static bool has_go_section(int fd, const ElfW(Ehdr) *header)
{
	ElfW(Shdr) *sections, *strings;
	char *names = NULL;
	bool found = false;
	int error;

	if (header->e_shentsize != sizeof(*sections) || header->e_shnum > MAX_SECTIONS ||
	    header->e_shstrndx >= header->e_shnum)
		return false;
	sections = read_part(fd, header->e_shnum * sizeof(*sections), header->e_shoff, &error);
	if (!sections)
		return false;
	strings = &sections[header->e_shstrndx];
	if (strings->sh_size && strings->sh_size < MAX_NAMES)
		names = read_part(fd, strings->sh_size, strings->sh_offset, &error);
	if (names && !names[strings->sh_size - 1])
		for (int i = 0; i < header->e_shnum && !found; i++)
			found = sections[i].sh_name < strings->sh_size &&
				is_go_section(names + sections[i].sh_name);
	free(names);
	free(sections);
	return found;
}

/* Reads size bytes at offset and passes them on. What the file does not have is no code. */
static void hear_code(int fd, uint64_t size, uint64_t offset,
		      void (*hear)(void *arg, const unsigned char *code, size_t size), void *arg)
{
	int error;
	void *code = size <= MAX_CODE ? read_part(fd, size, offset, &error) : NULL;

	if (code)
		hear(arg, code, size);
	free(code);
}

int elf_each_code(int fd, void (*hear)(void *arg, const unsigned char *code, size_t size),
		  void *arg)
{
	ElfW(Shdr) *sections = NULL;
	ElfW(Phdr) *segments;
	ElfW(Ehdr) header;
	int error = read_at(fd, &header, sizeof(header), 0);

	if (error)
		return error;
	/* Segments can have more than code in them, so prefer sections. They are optional. */
	if (header.e_shnum && header.e_shentsize == sizeof(*sections) &&
	    header.e_shnum <= MAX_SECTIONS)
		sections = read_part(fd, header.e_shnum * sizeof(*sections), header.e_shoff,
				     &error);
	for (int i = 0; sections && i < header.e_shnum; i++)
		if (sections[i].sh_flags & SHF_EXECINSTR && sections[i].sh_type != SHT_NOBITS)
			hear_code(fd, sections[i].sh_size, sections[i].sh_offset, hear, arg);
	if (sections) {
		free(sections);
		return 0;
	}
	if (header.e_phentsize != sizeof(*segments) || header.e_phnum > MAX_SEGMENTS)
		return -EBADMSG;
	segments = read_part(fd, header.e_phnum * sizeof(*segments), header.e_phoff, &error);
	for (int i = 0; segments && i < header.e_phnum; i++)
		if (segments[i].p_type == PT_LOAD && segments[i].p_flags & PF_X)
			hear_code(fd, segments[i].p_filesz, segments[i].p_offset, hear, arg);
	error = segments ? 0 : error;
	free(segments);
	return error;
}

static uint16_t half_at(const unsigned char *bytes, uint8_t data)
{
	return data == ELFDATA2MSB ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0];
}

int elf_read(int fd, struct elf_facts *facts)
{
	unsigned char start[EI_NIDENT + 4];
	ElfW(Ehdr) header;
	int error;

	memset(facts, 0, sizeof(*facts));
	error = read_at(fd, start, SELFMAG, 0);
	if (error)
		return error == -EBADMSG ? -ENOEXEC : error;
	if (memcmp(start, ELFMAG, SELFMAG))
		return -ENOEXEC;
	error = read_at(fd, start, sizeof(start), 0);
	if (error)
		return error;
	facts->class = start[EI_CLASS];
	facts->data = start[EI_DATA];
	if ((facts->class != ELFCLASS32 && facts->class != ELFCLASS64) ||
	    (facts->data != ELFDATA2LSB && facts->data != ELFDATA2MSB))
		return -EBADMSG;
	/* Type and machine are at the same offset in both classes. */
	facts->type = half_at(start + EI_NIDENT, facts->data);
	facts->machine = half_at(start + EI_NIDENT + 2, facts->data);
	if (facts->class != own_class || facts->data != own_data)
		return 0;

	error = read_at(fd, &header, sizeof(header), 0);
	if (!error)
		error = read_segments(fd, &header, facts);
	if (error)
		return error;
	facts->native = true;
	facts->go = facts->go || has_go_section(fd, &header);
	return 0;
}

/* clang-format off */
static const struct {
	uint16_t machine;
	const char *name;
} machines[] = {
	{ EM_386, "i386" },
	{ EM_X86_64, "x86-64" },
	{ EM_ARM, "ARM" },
	{ EM_AARCH64, "AArch64" },
	{ EM_RISCV, "RISC-V" },
	{ EM_PPC, "PowerPC" },
	{ EM_PPC64, "PowerPC64" },
	{ EM_S390, "s390" },
	{ EM_MIPS, "MIPS" },
	{ 258, "LoongArch" },	/* EM_LOONGARCH, which older elf.h files lack */
};
/* clang-format on */

char *elf_platform(const struct elf_facts *facts)
{
	const char *order = facts->data == own_data ? "" :
		facts->data == ELFDATA2MSB	    ? ", big-endian" :
						      ", little-endian";
	int bits = facts->class == ELFCLASS64 ? 64 : 32;

	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == facts->machine)
			return text("%s, %d-bit%s", machines[i].name, bits, order);
	return text("ELF machine %d, %d-bit%s", facts->machine, bits, order);
}
