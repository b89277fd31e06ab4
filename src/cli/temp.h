#ifndef RINGSHIM_CLI_TEMP_H
#define RINGSHIM_CLI_TEMP_H

/* A new file without a name, in $TMPDIR or /tmp, close-on-exec. Dies when it cannot. */
int temp_file(void);

#endif
