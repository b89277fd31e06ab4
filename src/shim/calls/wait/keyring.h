/* SPDX-License-Identifier: MIT */
/*
 * KEYCTL_SESSION_TO_PARENT: a child gives its session keyring to its parent, which must be
 * single-threaded. io-wq workers are threads too, so a parent that waits for a child ends them
 * when the child asks for it with a signal.
 */
#ifndef SHIM_CALLS_WAIT_KEYRING_H
#define SHIM_CALLS_WAIT_KEYRING_H

#include <signal.h>
#include "shim/base/base.h"

/* The changes that a parent makes for the duration of its wait. */
struct keyring_wait {
	int sig; /* 0: nothing */
	struct sigaction old;
};

/* Called around a wait for children. options: those of waitpid(). */
void keyring_wait_begin(struct keyring_wait *wait, int options);
void keyring_wait_end(const struct keyring_wait *wait);

/*
 * Called in the child after the kernel refused the call with EPERM. Returns true if the parent
 * has ended its workers, so that it is worth making the call again.
 */
bool keyring_ask_parent(void);

#endif
