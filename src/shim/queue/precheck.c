#include "shim/queue/precheck.h"

_Atomic uint8_t caution;
bool learn_active;
