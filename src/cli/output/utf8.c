/* SPDX-License-Identifier: MIT */
/* Tells UTF-8 from other bytes. */
#include "config.h"

#include "cli/output/utf8.h"

size_t utf8_length(const char *bytes)
{
	const unsigned char *text = (const unsigned char *)bytes;
	static const struct {
		unsigned char mask, lead;
		unsigned least; /* smaller numbers have a shorter form, which is the only right one */
	} forms[] = {
		{ 0x80, 0, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 }
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		unsigned number = *text & (unsigned char)~forms[i].mask;

		if ((*text & forms[i].mask) != forms[i].lead)
			continue;
		for (size_t j = 1; j <= i; j++) {
			if ((text[j] & 0xc0) != 0x80)
				return 0;
			number = number << 6 | (text[j] & 0x3f);
		}
		if (number < forms[i].least || number > 0x10ffff || (number & ~0x7ffu) == 0xd800)
			return 0;
		return i + 1;
	}
	return 0;
}
