#ifndef RINGSHIM_CLI_FIND_H
#define RINGSHIM_CLI_FIND_H

/*
 * The file that executing NAME would run, looked up like execvp(3) does. 0 with
 * *PATH the caller's to free; else says why not and returns EXIT_NOT_FOUND or
 * EXIT_CANNOT_RUN.
 */
int find_program(const char *name, char **path);

/* The executable NAME in PATH, the caller's to free; NULL when there is none. */
char *find_in_path(const char *name);

#endif
