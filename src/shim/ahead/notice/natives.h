/* SPDX-License-Identifier: MIT */
/* The functions of libc that those stand in front of that notice what the program does. */
#ifndef SHIM_AHEAD_NOTICE_NATIVES_H
#define SHIM_AHEAD_NOTICE_NATIVES_H

#include "shim/symbols/stand-in.h"

extern struct next notice_natives HIDDEN;

#endif
