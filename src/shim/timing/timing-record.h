/* SPDX-License-Identifier: MIT */
/*
 * The file in which a process keeps how long its calls took (RINGSHIM_TIMINGS). It begins with
 * struct timing_record, which the process maps. Waits that found no room there any more follow: the
 * process appends whole windows. Times are in ticks of the processor's counter.
 */
#ifndef SHIM_TIMING_TIMING_RECORD_H
#define SHIM_TIMING_TIMING_RECORD_H

#include "shim/base/clock.h"
#include "shim/symbols/call-ids.h"

enum {
	TIMING_MAGIC = 0x52545332, /* changes with the layout */
	TIMING_BUCKETS = 44,
	TIMING_WINDOW = 512,
	TIMING_NAME = 104,
	TIMING_WAIT_NS = 20 * 1000,    /* the shortest wait */
	TIMING_WAITS_MAX = 512 * 1024, /* kept of one process */
	TIMING_SITES = 128,
};

/* Functions that are timed, and are no call that could be made by ring. */
enum timed_extra {
	TIMED_opendir = CALL_COUNT,
	TIMED_fopen,
	TIMED_sendfile,
	TIMED_copy_file_range,
	TIMED_COUNT,
};

/* All calls of one kind. Bucket n counts those of 2^n to 2^(n+1) ticks. */
struct call_timing {
	_Atomic uint64_t count, ticks, max, errors;
	_Atomic uint32_t buckets[TIMING_BUCKETS];
};

/* One call that took TIMING_WAIT_NS or more. */
struct timing_wait {
	_Atomic uint64_t begin; /* 0: the rest is not valid */
	uint64_t ticks;
	uint64_t site;	/* the address that the program called from */
	int64_t offset; /* -1: none given */
	int32_t fd;	/* -1: none */
	int32_t result;
	uint16_t call;
	char name[TIMING_NAME]; /* of the file or peer; the end of it if it is long */
};

/* A place in the program that made calls which waited. */
struct timing_site {
	_Atomic uint64_t address; /* 0: none */
	uint64_t offset;	  /* in the file */
	char file[TIMING_NAME];	  /* empty: not known */
};

/* Keeps the end of a text that is too long. */
static inline void timing_copy_name(char name[TIMING_NAME], const char *text, size_t length)
{
	size_t skipped = length < TIMING_NAME ? 0 : length - TIMING_NAME + 1;

	__builtin_memcpy(name, text + skipped, length - skipped);
	name[length - skipped] = '\0';
}

struct timing_record {
	uint32_t magic, size; /* of this structure */
	uint32_t process;
	struct moment begin; /* when the process, or this program in it, began */
	struct call_timing calls[TIMED_COUNT];
	struct timing_site sites[TIMING_SITES];
	_Atomic uint64_t appended; /* waits behind the structure */
	_Atomic uint64_t lost;	   /* waits that were not kept */
	_Atomic uint32_t used;	   /* of the window */
	struct timing_wait window[TIMING_WINDOW];
};

#endif
