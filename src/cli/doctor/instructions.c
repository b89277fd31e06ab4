/* SPDX-License-Identifier: MIT */
/*
 * Finds system call instructions. On x86-64 the two bytes of one can also be part of another
 * instruction, so this decodes the length of each, from the first on. After data in the code the
 * lengths are right again a few instructions later.
 */
#include "config.h"

#include "cli/doctor/instructions.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

/* The system calls of libc's functions that take the ring by default. */
static const int transfers[] = {
	SYS_read,    SYS_write,	   SYS_pread64,	 SYS_pwrite64,	      SYS_readv,    SYS_writev,
	SYS_preadv,  SYS_pwritev,  SYS_preadv2,	 SYS_pwritev2,	      SYS_fsync,    SYS_fdatasync,
	SYS_accept,  SYS_accept4,  SYS_connect,	 SYS_sendto,	      SYS_recvfrom, SYS_sendmsg,
	SYS_recvmsg, SYS_sendmmsg, SYS_recvmmsg, SYS_sync_file_range,
};

/* number: of the system call, or -1 if it is not known. */
static void add(struct instructions *count, long number)
{
	count->all++;
	if (number < 0)
		count->unknown++;
	for (size_t i = 0; i < sizeof(transfers) / sizeof(*transfers); i++)
		count->transfers += transfers[i] == number;
}

#if defined(__x86_64__)

/* What follows the opcode. */
enum { NONE = 0, M = 1, I8 = 2, I16 = 4, IZ = 8, I32 = 16, IV = 32, MOFFS = 64, GROUP3 = 128 };

struct range {
	uint8_t first, last, follows;
};

/* Opcodes of one byte; those that are missing have nothing after them. */
static const struct range one_byte[] = {
	{ 0x63, 0x63, M },	    { 0x68, 0x68, IZ },	      { 0x69, 0x69, M | IZ },
	{ 0x6a, 0x6a, I8 },	    { 0x6b, 0x6b, M | I8 },   { 0x70, 0x7f, I8 },
	{ 0x80, 0x80, M | I8 },	    { 0x81, 0x81, M | IZ },   { 0x83, 0x83, M | I8 },
	{ 0x84, 0x8f, M },	    { 0xa0, 0xa3, MOFFS },    { 0xa8, 0xa8, I8 },
	{ 0xa9, 0xa9, IZ },	    { 0xb0, 0xb7, I8 },	      { 0xb8, 0xbf, IV },
	{ 0xc0, 0xc1, M | I8 },	    { 0xc2, 0xc2, I16 },      { 0xc6, 0xc6, M | I8 },
	{ 0xc7, 0xc7, M | IZ },	    { 0xc8, 0xc8, I16 | I8 }, { 0xca, 0xca, I16 },
	{ 0xcd, 0xcd, I8 },	    { 0xd0, 0xd3, M },	      { 0xd8, 0xdf, M },
	{ 0xe0, 0xe7, I8 },	    { 0xe8, 0xe9, I32 },      { 0xeb, 0xeb, I8 },
	{ 0xf6, 0xf7, M | GROUP3 }, { 0xfe, 0xff, M },
};

/* Opcodes after 0f; those that are missing have a ModRM byte. */
static const struct range two_bytes[] = {
	{ 0x04, 0x0c, NONE },	{ 0x0e, 0x0e, NONE },	{ 0x0f, 0x0f, M | I8 },
	{ 0x30, 0x37, NONE },	{ 0x70, 0x73, M | I8 }, { 0x77, 0x77, NONE },
	{ 0x80, 0x8f, I32 },	{ 0xa0, 0xa2, NONE },	{ 0xa4, 0xa4, M | I8 },
	{ 0xa8, 0xaa, NONE },	{ 0xac, 0xac, M | I8 }, { 0xba, 0xba, M | I8 },
	{ 0xc2, 0xc2, M | I8 }, { 0xc4, 0xc6, M | I8 }, { 0xc8, 0xcf, NONE },
};

#define LOOK_UP(ranges, opcode, otherwise) \
	look_up(ranges, sizeof(ranges) / sizeof(*(ranges)), opcode, otherwise)

static unsigned look_up(const struct range *ranges, size_t count, uint8_t opcode,
			unsigned otherwise)
{
	for (size_t i = 0; i < count; i++)
		if (opcode >= ranges[i].first && opcode <= ranges[i].last)
			return ranges[i].follows;
	return otherwise;
}

static unsigned one_byte_follows(uint8_t opcode)
{
	static const uint8_t arithmetic[8] = { M, M, M, M, I8, IZ, NONE, NONE };

	return opcode < 0x40 ? arithmetic[opcode & 7] : LOOK_UP(one_byte, opcode, NONE);
}

/* Returns the length of the ModRM byte and of what belongs to it. at: 8 readable bytes. */
static size_t modrm_length(const unsigned char *at)
{
	unsigned mod = at[0] >> 6, rm = at[0] & 7;
	size_t length = 1;

	if (mod == 3)
		return 1;
	if (rm == 4)
		length += 1 + (mod == 0 && (at[1] & 7) == 5 ? 4 : 0);
	else if (mod == 0 && rm == 5)
		length += 4;
	return length + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

struct instruction {
	uint8_t map; /* 0: one byte; 1: after 0f; 2: after 0f 38; 3: after 0f 3a */
	uint8_t opcode;
	bool wide;    /* REX.W */
	bool small;   /* prefix 66 */
	bool vector;  /* VEX or EVEX */
	size_t start; /* of what follows the opcode */
};

static bool is_prefix(uint8_t byte)
{
	static const uint8_t prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
					    0x66, 0x67, 0xf0, 0xf2, 0xf3 };

	return memchr(prefixes, byte, sizeof(prefixes));
}

static void read_opcode(const unsigned char *at, struct instruction *in)
{
	size_t i = 0;

	*in = (struct instruction){ 0 };
	for (; i < 14 && is_prefix(at[i]); i++)
		in->small = in->small || at[i] == 0x66;
	if ((at[i] & 0xf0) == 0x40)
		in->wide = at[i++] & 8;
	in->vector = at[i] == 0xc4 || at[i] == 0xc5 || at[i] == 0x62;
	if (at[i] == 0xc5) {
		in->map = 1;
		i += 2;
	} else if (at[i] == 0xc4 || at[i] == 0x62) {
		in->map = at[i + 1] & 7;
		i += at[i] == 0x62 ? 4 : 3;
	} else if (at[i] == 0x0f) {
		in->map = at[i + 1] == 0x38 ? 2 : at[i + 1] == 0x3a ? 3 : 1;
		i += in->map == 1 ? 1 : 2;
	}
	in->opcode = at[i];
	in->start = i + 1;
}

static size_t instruction_length(const unsigned char *at, const struct instruction *in)
{
	unsigned follows = in->map == 0 ? one_byte_follows(in->opcode) :
		in->map == 1		? LOOK_UP(two_bytes, in->opcode, M) :
		in->map == 3		? M | I8 :
					  M;
	size_t z = in->small ? 2 : 4;
	size_t length = in->start;

	if (follows & GROUP3 && !(at[in->start] & 0x30))
		follows |= in->opcode & 1 ? IZ : I8;
	if (follows & M)
		length += modrm_length(at + in->start);
	length += (follows & I8 ? 1 : 0) + (follows & I16 ? 2 : 0) + (follows & IZ ? z : 0) +
		(follows & I32 ? 4 : 0) + (follows & MOFFS ? 8 : 0);
	return length + (follows & IV ? (in->wide ? 8 : z) : 0);
}

/* Returns what the instruction loads into eax: a number, or -1 for anything else. */
static long loaded_number(const unsigned char *at, const struct instruction *in)
{
	int32_t number;

	if ((in->opcode == 0x31 || in->opcode == 0x33) && at[in->start] == 0xc0)
		return 0;
	memcpy(&number, at + in->start + (in->opcode == 0xc7), sizeof(number));
	return number;
}

static bool loads_number(const unsigned char *at, const struct instruction *in)
{
	if (in->map || in->vector || in->small)
		return false;
	return in->opcode == 0xb8 ||
		((in->opcode == 0xc7 || in->opcode == 0x31 || in->opcode == 0x33) &&
		 at[in->start] == 0xc0);
}

void instructions_count(struct instructions *count, const unsigned char *code, size_t size)
{
	enum { LONGEST = 32, NEAR = 48 };
	unsigned char tail[2 * LONGEST] = { 0 };
	size_t loaded_at = 0;
	long loaded = -1;

	for (size_t i = 0; i < size;) {
		const unsigned char *at = code + i;
		struct instruction in;

		/* Near the end, decode a copy with room behind it. */
		if (size - i < LONGEST)
			at = memcpy(tail, at, size - i);
		read_opcode(at, &in);
		if (in.map == 1 && !in.vector && in.opcode == 0x05) {
			add(count, i - loaded_at < NEAR ? loaded : -1);
			loaded = -1;
		} else if (loads_number(at, &in)) {
			loaded = loaded_number(at, &in);
			loaded_at = i;
		}
		i += instruction_length(at, &in);
	}
}

#elif defined(__aarch64__)

void instructions_count(struct instructions *count, const unsigned char *code, size_t size)
{
	const uint32_t svc = 0xd4000001, mov_x8 = 0xd2800008, mov_w8 = 0x52800008;
	long number = -1;

	for (size_t i = 0; i + 4 <= size; i += 4) {
		uint32_t word;

		memcpy(&word, code + i, sizeof(word));
		if ((word & 0xffe0001f) == mov_x8 || (word & 0xffe0001f) == mov_w8) {
			number = word >> 5 & 0xffff;
		} else if (word == svc) {
			add(count, number);
			number = -1;
		}
	}
}

#else /* riscv64 */

void instructions_count(struct instructions *count, const unsigned char *code, size_t size)
{
	const uint32_t ecall = 0x00000073, addi_a7_zero = 0x00000893;
	const uint16_t c_li_a7 = 0x4881;
	long number = -1;

	for (size_t i = 0; i + 4 <= size;) {
		uint32_t word;
		bool compressed;

		memcpy(&word, code + i, sizeof(word));
		compressed = (word & 3) != 3;
		if (!compressed && (word & 0xfffff) == addi_a7_zero) {
			number = word >> 20;
		} else if (compressed && (word & 0xef83) == c_li_a7) {
			number = (word >> 7 & 32) | (word >> 2 & 31);
		} else if (word == ecall) {
			add(count, number);
			number = -1;
		}
		i += compressed ? 2 : 4;
	}
}

#endif
