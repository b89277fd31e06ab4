/* SPDX-License-Identifier: MIT */
/* Finds the places in the program that its calls come from. */
#include <dlfcn.h>
#include <string.h>
#include "shim/symbols/next-symbol.h"
#include "shim/timing/site.h"

/* Returns true if the instruction before a return address is a call. */
static bool is_behind_call(const uint8_t *address)
{
#if defined(__x86_64__)
	/* call rel32; call *disp32(%rip); call *%reg; call *%r8 and up; call *disp8(%reg) */
	return address[-5] == 0xe8 || (address[-6] == 0xff && address[-5] == 0x15) ||
		(address[-2] == 0xff && (address[-1] & 0xf8) == 0xd0) ||
		(address[-3] == 0xff && (address[-2] & 0x38) == 0x10);
#elif defined(__aarch64__)
	uint32_t before;

	memcpy(&before, address - 4, sizeof(before));
	return (before & 0xfc000000) == 0x94000000 || (before & 0xfffffc1f) == 0xd63f0000;
#elif defined(__riscv)
	uint32_t before;
	uint16_t parcel;

	/* jal ra; jalr ra; c.jalr */
	memcpy(&before, address - 4, sizeof(before));
	memcpy(&parcel, address - 2, sizeof(parcel));
	return (before & 0xfff) == 0x0ef || (before & 0x7fff) == 0x0e7 ||
		((parcel & 0xf07f) == 0x9002 && (parcel & 0x0f80) != 0);
#endif
}

static const void *base_of(const void *address)
{
	Dl_info info;

	return dladdr(address, &info) ? info.dli_fbase : NULL;
}

/*
 * Most exported functions jump to the one that times the call. The others have a frame of a few
 * words, and the first return address above it that is neither ours nor libc's is the program's.
 */
const void *site_find(const void *address, const void *frame)
{
	enum { WORDS = 96 };
	const void *ours = base_of(&next_table), *const *word = frame;

	if (!address || base_of(address) != ours)
		return address;
	for (size_t i = 0; i < WORDS; i++) {
		const void *base = (uintptr_t)word[i] > 4096 ? base_of(word[i]) : NULL;

		if (base && base != ours && !next_is_in_libc(word[i]) && is_behind_call(word[i]))
			return word[i];
	}
	return NULL;
}

static void fill_site(struct timing_site *site, const void *address)
{
	Dl_info info;

	if (!dladdr(address, &info) || !info.dli_fname)
		return;
	site->offset = (uint64_t)((const char *)address - (const char *)info.dli_fbase);
	timing_copy_name(site->file, info.dli_fname, strlen(info.dli_fname));
}

void site_note(struct timing_site sites[TIMING_SITES], const void *address)
{
	uint64_t wanted = (uint64_t)address;

	for (size_t i = 0; address && i < 8; i++) {
		struct timing_site *site = &sites[(wanted / 4 + i) % TIMING_SITES];
		uint64_t free = 0;

		if (atomic_load(&site->address) == wanted)
			return;
		if (atomic_compare_exchange_strong(&site->address, &free, wanted)) {
			fill_site(site, address);
			return;
		}
	}
}
