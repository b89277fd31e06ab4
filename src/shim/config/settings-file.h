/* SPDX-License-Identifier: MIT */
/* Loads the configuration file without stdio or malloc. */
#ifndef SHIM_CONFIG_SETTINGS_FILE_H
#define SHIM_CONFIG_SETTINGS_FILE_H

#include "shim/base/strview.h"

enum { SETTINGS_FILE_SIZE_MAX = 64 * 1024 };

/*
 * Loads the file into *text, to be freed with settings_file_unload(). Returns 0 or a negative
 * errno: -EFBIG if the file is too large, -EILSEQ if it is not a text file.
 */
int settings_file_load(const char *path, struct strview *text);
void settings_file_unload(struct strview text);

/* Describes an error of settings_file_load() in words. */
const char *settings_file_trouble(int err);

#endif
