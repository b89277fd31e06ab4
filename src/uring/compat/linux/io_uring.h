/* In place of the system's, which can be older: it must not be there beside ours. */
#include "../liburing/io_uring.h"
