/* SPDX-License-Identifier: MIT */
/* Tells UTF-8 from other bytes. */
#ifndef RINGSHIM_CLI_OUTPUT_UTF8_H
#define RINGSHIM_CLI_OUTPUT_UTF8_H

#include <stddef.h>

/* Returns the length of the UTF-8 character at bytes, or 0 if the bytes are none. */
size_t utf8_length(const char *bytes);

#endif
