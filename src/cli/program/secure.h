/* SPDX-License-Identifier: MIT */
/* Detects programs that gain privileges, into which nothing can be preloaded. */
#ifndef RINGSHIM_CLI_PROGRAM_SECURE_H
#define RINGSHIM_CLI_PROGRAM_SECURE_H

/*
 * Checks for "secure execution" of the open file fd (AT_SECURE in getauxval(3)), in which the
 * dynamic linker ignores LD_PRELOAD. Returns the reason for it ("is set-user-id ..."), or NULL if
 * execution is not secure. If it would be secure only for other users, sets *dormant to the reason,
 * else to NULL. The caller frees both.
 */
char *secure_execution(int fd, char **dormant);

#endif
