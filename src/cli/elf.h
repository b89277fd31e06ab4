#ifndef RINGSHIM_CLI_ELF_H
#define RINGSHIM_CLI_ELF_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* What matters of an ELF file to whoever wants to preload a library into it. */
struct elf_facts {
	uint8_t class;		/* ELFCLASS32 or ELFCLASS64 */
	uint8_t data;		/* ELFDATA2LSB or ELFDATA2MSB */
	uint16_t type;		/* ET_EXEC, ET_DYN, ... */
	uint16_t machine;	/* EM_... */
	/* The rest is known only when class and data are those of this program. */
	bool native;
	bool go;		/* made by the Go compiler */
	char runtime[64];	/* AddressSanitizer's, if it is a shared library; else empty */
	char interpreter[PATH_MAX];	/* the dynamic linker; empty: linked statically */
};

/*
 * Reads FD's facts. 0; -ENOEXEC when it is no ELF file; -EBADMSG when it starts
 * as one but is cut short or contradicts itself; else what reading failed with.
 */
int elf_read(int fd, struct elf_facts *facts);

/* "x86-64, 64-bit"; the caller frees it. */
char *elf_platform(const struct elf_facts *facts);

#endif
