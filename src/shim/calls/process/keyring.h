/*
 * KEYCTL_SESSION_TO_PARENT: a child gives its session keyring to its parent, which
 * must be single-threaded. A parent that waits for a child ends its kernel workers
 * when the child asks for it, by a signal.
 */
#ifndef SHIM_CALLS_PROCESS_KEYRING_H
#define SHIM_CALLS_PROCESS_KEYRING_H

#include <signal.h>
#include "shim/base/base.h"

/* What a parent changed for the time of its wait. */
struct keyring_wait {
	int sig;		/* 0: nothing */
	struct sigaction old;
};

/* Around a wait for children; options: as waitpid's. */
void keyring_wait_begin(struct keyring_wait *wait, int options);
void keyring_wait_end(const struct keyring_wait *wait);

/*
 * In the child, after the kernel refused with EPERM: returns true if the parent
 * has ended its workers, so that it is worth to try again.
 */
bool keyring_ask_parent(void);

#endif
