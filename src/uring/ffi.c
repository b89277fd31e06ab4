/*
 * The inline functions of the headers once more, as symbols, for languages that
 * cannot include them.
 */
#define URING_INLINE URING_API
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#include "uring.h"
