/* SPDX-License-Identifier: MIT */
/* The queue of events: any thread of the program writes, the helper reads. */
#include <string.h>
#include "shim/ahead/events.h"

/* Copies between a record and the queue, which wraps around. */
static void copy_in(struct ahead *ahead, uint64_t at, const void *from, size_t size)
{
	size_t place = at % EVENTS_SIZE;
	size_t first = size < EVENTS_SIZE - place ? size : EVENTS_SIZE - place;

	memcpy(ahead->queue + place, from, first);
	memcpy(ahead->queue, (const char *)from + first, size - first);
}

static void copy_out(const struct ahead *ahead, uint64_t at, void *to, size_t size)
{
	size_t place = at % EVENTS_SIZE;
	size_t first = size < EVENTS_SIZE - place ? size : EVENTS_SIZE - place;

	memcpy(to, ahead->queue + place, first);
	memcpy((char *)to + first, ahead->queue, size - first);
}

/* Copies the path into the queue: above and a slash, if it is not NULL, then path. */
static void put_path(struct ahead *ahead, uint64_t at, const char *above, size_t above_length,
		     const char *path, size_t length)
{
	if (above) {
		copy_in(ahead, at, above, above_length);
		copy_in(ahead, at + above_length, "/", 1);
		at += above_length + 1;
	}
	copy_in(ahead, at, path, length);
}

bool event_put(struct ahead *ahead, const struct event *event, const char *above, const char *path)
{
	struct event record = *event;
	size_t above_length = above ? strlen(above) : 0;
	uint64_t tail;
	bool fits;

	if (above)
		record.length += (uint16_t)(above_length + 1);
	if (record.length > EVENT_PATH_MAX)
		return false;
	record.size = (uint16_t)((sizeof(record) + record.length + 7) / 8 * 8);
	/* A handler that interrupts a thread here finds the flag set, and its event is lost. */
	if (atomic_flag_test_and_set_explicit(&ahead->writing, memory_order_acquire))
		return false;
	tail = atomic_load_explicit(&ahead->tail, memory_order_relaxed);
	fits = tail + record.size - atomic_load(&ahead->head) <= EVENTS_SIZE;
	if (fits) {
		copy_in(ahead, tail, &record, sizeof(record));
		put_path(ahead, tail + sizeof(record), above, above_length, path, event->length);
		atomic_store_explicit(&ahead->tail, tail + record.size, memory_order_release);
	}
	atomic_flag_clear_explicit(&ahead->writing, memory_order_release);
	return fits;
}

bool event_take(struct ahead *ahead, struct event *event, char path[EVENT_PATH_MAX + 1])
{
	uint64_t head = atomic_load_explicit(&ahead->head, memory_order_relaxed);

	if (head == atomic_load_explicit(&ahead->tail, memory_order_acquire))
		return false;
	copy_out(ahead, head, event, sizeof(*event));
	/* The program's memory errors can reach the queue; they must not reach the helper's. */
	if (event->length > EVENT_PATH_MAX || event->size < sizeof(*event) + event->length) {
		atomic_store(&ahead->head, atomic_load(&ahead->tail));
		return false;
	}
	copy_out(ahead, head + sizeof(*event), path, event->length);
	path[event->length] = '\0';
	atomic_store_explicit(&ahead->head, head + event->size, memory_order_release);
	return true;
}
