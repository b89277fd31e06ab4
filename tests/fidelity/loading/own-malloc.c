/* SPDX-License-Identifier: MIT */
/*
 * An allocator that reads a file when it starts, as jemalloc does, and checks that it is not
 * reentered meanwhile. Built into a program or into a library.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char heap[16 << 20] __attribute__((aligned(64)));
static size_t used;
static int state;	/* 0 new, 1 starting, 2 ready */
int own_malloc_reentered, own_malloc_read = -1, own_malloc_calls;

static void begin(void)
{
	char text[64];
	struct stat st;
	int fd;

	state = 1;
	fd = open("/proc/sys/vm/overcommit_memory", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		own_malloc_read = read(fd, text, sizeof(text)) > 0 && fstat(fd, &st) == 0;
		close(fd);
	}
	state = 2;
}

void *malloc(size_t size)
{
	size_t at, need = (size + 63) / 64 * 64 + 64;

	own_malloc_calls++;
	if (state == 1)
		own_malloc_reentered = 1;
	if (state == 0)
		begin();
	at = __atomic_fetch_add(&used, need, __ATOMIC_SEQ_CST);
	if (at + need > sizeof(heap))
		return NULL;
	*(size_t *)(heap + at) = size;
	return heap + at + 64;
}

void free(void *p)
{
	(void)p;
}

void *calloc(size_t n, size_t size)
{
	return malloc(n * size);
}

void *realloc(void *old, size_t size)
{
	void *p = malloc(size);

	if (p && old) {
		size_t had = *(size_t *)((char *)old - 64);

		memcpy(p, old, had < size ? had : size);
	}
	return p;
}

void *memalign(size_t alignment, size_t size)
{
	uintptr_t p = (uintptr_t)malloc(size + alignment + 64);

	p = (p + alignment - 1) / alignment * alignment;
	return (void *)p;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
	*p = memalign(alignment, size);
	return 0;
}
