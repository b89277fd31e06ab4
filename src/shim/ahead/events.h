/* SPDX-License-Identifier: MIT */
/*
 * The queue of events, in which the program's threads tell the helper process what they do.
 * It holds hints: when it is full or another thread writes to it, an event is lost.
 */
#ifndef SHIM_AHEAD_EVENTS_H
#define SHIM_AHEAD_EVENTS_H

#include "shim/base/base.h"

enum { EVENTS_SIZE = 1 << 16, EVENT_PATH_MAX = 1023 };

enum event_kind {
	EVENT_OPEN, /* a file or directory was opened to be read */
	EVENT_STAT, /* the attributes of a file were asked for */
	EVENT_SYNC, /* files are to be synced early; without a path */
};

/* If a helper may be started, or why not. */
enum ahead_state {
	AHEAD_ON,
	AHEAD_NO_HELPER, /* the kernel gave the helper no ring, or no process */
	AHEAD_STOPPED,	 /* by ahead_stop() */
};

/* The path follows in the queue. */
struct event {
	uint16_t size; /* of the record in the queue, a multiple of 8 */
	uint16_t length;
	uint8_t kind;
	bool slow;	  /* the call took longer than a cached file would have needed */
	bool is_argument; /* path is an argument of the program */
	int dir;	  /* the descriptor that path is relative to, or AT_FDCWD */
};

/* The counts of the statistics. */
enum ahead_count {
	AHEAD_FETCHED,	   /* files and directories that were fetched */
	AHEAD_USED,	   /* ... and that the program asked for afterwards */
	AHEAD_LATE,	   /* ... that were on their way when the program asked for them */
	AHEAD_UNUSED,	   /* ... that the program did not ask for */
	AHEAD_CACHED,	   /* that were looked at, and had been in the caches before */
	AHEAD_SYNCED,	   /* files that were synced early */
	AHEAD_PROVED,	   /* syncs of the program that were answered from proof */
	AHEAD_MISSED,	   /* ... that were made natively: the file was not synced early yet */
	AHEAD_REFUSED,	   /* ... it could not be: it has writers, or its times prove nothing */
	AHEAD_OLDER,	   /* ... the program had the file open before */
	AHEAD_CHANGED,	   /* ... it has changed since */
	AHEAD_RENAMED,	   /* ... names have changed since (AHEAD_ORDERED) */
	AHEAD_SYNC_ERRORS, /* early syncs that failed */
	AHEAD_REPORTED,	   /* ... and whose error a sync of the program reported */
	AHEAD_RANGES,	   /* pieces of files that the kernel was advised to read */
	AHEAD_COUNTS
};

/*
 * On a mapping of its own, which fork wipes: a child finds zeros, and so no helper. The helper is
 * a process that shares the program's memory.
 */
struct ahead {
	_Atomic int helper;	     /* its thread id; the kernel clears it when the helper ends */
	_Atomic int awake;	     /* 0: the helper sleeps until this changes (futex) */
	_Atomic int wake_at;	     /* wake it when so many events have been told */
	_Atomic int told;	     /* number of events */
	_Atomic bool active;	     /* tell it of all calls, not only of slow ones */
	_Atomic int ignored;	     /* so many times more, do not make it active */
	_Atomic bool end;	     /* it is to end */
	_Atomic int released;	     /* 1: it holds no file any more (futex) */
	_Atomic int state;	     /* enum ahead_state */
	atomic_flag writing;	     /* a thread writes an event */
	atomic_flag looking;	     /* a thread is in sequence_look() */
	atomic_flag starting;	     /* a thread starts the helper */
	pid_t owner;		     /* the process that it works for */
	_Atomic uint64_t head, tail; /* of the queue, in bytes since the start */
	_Atomic uint64_t counts[AHEAD_COUNTS];
	char queue[EVENTS_SIZE] __attribute__((aligned(64)));
};

/* The arguments of the program as it was started: their places, which it cannot change. */
struct arguments {
	int count;
	char *const *list;
};

extern struct arguments ahead_arguments HIDDEN;

/*
 * Adds an event, whose path is relative to the directory "above" unless that is NULL. Returns false
 * if it was lost.
 */
bool event_put(struct ahead *ahead, const struct event *event, const char *above, const char *path);

/* Takes the next event into the buffer. Returns false if there is none. */
bool event_take(struct ahead *ahead, struct event *event, char path[EVENT_PATH_MAX + 1]);

#endif
