/* SPDX-License-Identifier: MIT */
/* Makes temporary files. */
#ifndef RINGSHIM_CLI_TEMP_H
#define RINGSHIM_CLI_TEMP_H

/* Returns a new unnamed file in $TMPDIR or /tmp, with close-on-exec. Dies if that fails. */
int temp_file(void);

#endif
