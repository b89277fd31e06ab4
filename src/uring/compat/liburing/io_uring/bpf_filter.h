/* All of it is in one header here. */
#include "../io_uring.h"
