/* SPDX-License-Identifier: MIT */
/* Reads from an ELF file what matters for preloading a library into it. */
#ifndef RINGSHIM_CLI_PROGRAM_ELF_H
#define RINGSHIM_CLI_PROGRAM_ELF_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_facts {
	uint8_t class;	  /* ELFCLASS32 or ELFCLASS64 */
	uint8_t data;	  /* ELFDATA2LSB or ELFDATA2MSB */
	uint16_t type;	  /* ET_EXEC, ET_DYN, ... */
	uint16_t machine; /* EM_... */
	/* The rest is filled in only if class and data are those of ringshim itself. */
	bool native;		    /* class and data match, and the rest is filled in */
	bool go;		    /* built by the Go compiler */
	char runtime[64];	    /* shared AddressSanitizer library that it needs; empty: none */
	char interpreter[PATH_MAX]; /* the dynamic linker; empty: statically linked */
};

/*
 * Reads the facts of the open file fd. Returns 0; -ENOEXEC if it is not an ELF file; -EBADMSG if
 * it is one but is cut short or contradicts itself; else the negative errno of a failed read.
 */
int elf_read(int fd, struct elf_facts *facts);

/*
 * Calls hear() for each piece of machine code of the open file fd, which is for ringshim's own
 * platform. Returns 0 or a negative errno, as elf_read() does.
 */
int elf_each_code(int fd, void (*hear)(void *arg, const unsigned char *code, size_t size),
		  void *arg);

/* Describes the platform: "x86-64, 64-bit". The caller frees the text. */
char *elf_platform(const struct elf_facts *facts);

#endif
