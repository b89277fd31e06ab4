#ifndef RINGSHIM_CLI_SIGNALS_H
#define RINGSHIM_CLI_SIGNALS_H

/* "SIGTERM"; the caller frees it. */
char *signal_name(int signal);

#endif
