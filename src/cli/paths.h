#ifndef RINGSHIM_CLI_PATHS_H
#define RINGSHIM_CLI_PATHS_H

/* All results are the caller's to free. */

/* PATH seen from the working directory when it is not absolute already. */
char *path_absolute(const char *path);

/* The directory PATH is in; PATH is absolute. */
char *path_directory(const char *path);

/* The file this program runs from, or NULL. */
char *path_of_self(void);

#endif
