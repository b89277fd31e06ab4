/* What kernel workers keep from the time when they were made. */
#ifndef SHIM_CALLS_PROCESS_NAMESPACES_H
#define SHIM_CALLS_PROCESS_NAMESPACES_H

#include "shim/base/base.h"

/* Returns true if the system call nr changes something in a thread that its workers would keep. */
bool namespaces_are_changed_by(long nr);

#endif
