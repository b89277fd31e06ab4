#ifndef RINGSHIM_CLI_SECURE_H
#define RINGSHIM_CLI_SECURE_H

/*
 * Whether executing the open file FD would be a "secure execution" (AT_SECURE in
 * getauxval(3)), in which the dynamic linker ignores LD_PRELOAD. Returns the
 * reason ("is set-user-id ..."), the caller's to free, or NULL. *DORMANT is set
 * to why it would be one for other users only, or NULL.
 */
char *secure_execution(int fd, char **dormant);

#endif
