/* SPDX-License-Identifier: MIT */
/* The ring and both its queues. */
#ifndef RINGSHIM_URING_QUEUE_H
#define RINGSHIM_URING_QUEUE_H

#include "ring.h"
#include "sq.h"
#include "cq.h"

#endif
