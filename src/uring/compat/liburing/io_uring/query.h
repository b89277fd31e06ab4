/* SPDX-License-Identifier: MIT */
/* liburing has a header of this name. Here its definitions are in ../io_uring.h. */
#include "../io_uring.h"
