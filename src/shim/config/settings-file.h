/* The contents of the configuration file, without stdio and malloc. */
#ifndef SHIM_CONFIG_SETTINGS_FILE_H
#define SHIM_CONFIG_SETTINGS_FILE_H

#include "shim/base/strview.h"

enum { SETTINGS_FILE_SIZE_MAX = 64 * 1024 };

/* 0, or a negative errno: -EFBIG for a larger file, -EILSEQ for one that is no text. */
int settings_file_load(const char *path, struct strview *text);
void settings_file_unload(struct strview text);

/* In words. */
const char *settings_file_trouble(int err);

#endif
