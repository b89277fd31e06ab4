/* SPDX-License-Identifier: MIT */
/* Finds the instructions in machine code that make system calls. */
#ifndef RINGSHIM_CLI_DOCTOR_INSTRUCTIONS_H
#define RINGSHIM_CLI_DOCTOR_INSTRUCTIONS_H

#include <stddef.h>

/* The system call instructions of a piece of code. */
struct instructions {
	unsigned long all;
	unsigned long transfers; /* whose number is that of a call that the shim would send by ring */
	unsigned long unknown;	 /* whose number is not next to the instruction */
};

/* Adds those of the code, which begins at the start of an instruction. */
void instructions_count(struct instructions *count, const unsigned char *code, size_t size);

#endif
