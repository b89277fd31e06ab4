/* SPDX-License-Identifier: MIT */
/* Creates and destroys rings. */
#include <sys/auxv.h>
#include <sys/mman.h>

#include "internal.h"
#include "sys.h"

/* In this mode the submission queue follows rules that uring_get_sqe does not implement. */
#define UNSUPPORTED_SETUP URING_SETUP_SQ_REWIND

void uringi_close(struct uring *ring)
{
	__builtin_memset(ring, 0, sizeof(*ring));
	ring->fd = -1;
	ring->enter_fd = -1;
}

static void ring_names(struct uring *ring, const struct uring_params *params, int fd)
{
	ring->flags = params->flags;
	ring->features = params->features;
	ring->enter_fd = fd;
	if (params->flags & URING_SETUP_REGISTERED_FD_ONLY)
		ring->enter_flags = URING_ENTER_REGISTERED_RING;
	else
		ring->fd = fd;
}

/* Returns true if the library can map the queues. That takes a descriptor. */
static int is_mappable(const struct uring_params *params)
{
	return !(params->flags &
		 (UNSUPPORTED_SETUP | URING_SETUP_NO_MMAP | URING_SETUP_REGISTERED_FD_ONLY));
}

int uring_init_fd(struct uring *ring, const struct uring_params *params, int fd)
{
	int ret;

	if (!ring)
		return -EINVAL;
	uringi_close(ring);
	if (!params || !is_mappable(params))
		return -EINVAL;
	ret = uring_submission_queue_make(&ring->sq, fd, params);
	if (ret)
		return ret;
	ret = uring_completion_queue_make(&ring->cq, fd, params, &ring->sq);
	if (ret) {
		uring_submission_queue_destroy(&ring->sq);
		return ret;
	}
	ring_names(ring, params, fd);
	return 0;
}

int uringi_make(struct uring *ring, struct uring_params *params, unsigned entries)
{
	int fd, ret;

	if (!is_mappable(params))
		return -EINVAL;
	fd = uring_sys_setup(entries, params);
	if (fd < 0)
		return fd;
	ret = uring_init_fd(ring, params, fd);
	if (ret)
		sys_close(fd);
	return ret;
}

int uringi_make_mem(struct uring *ring, struct uring_params *params, unsigned entries, void *mem,
		    size_t size)
{
	struct ring_sizes sizes;
	char *base = mem;
	int fd, ret;

	if (params->flags & UNSUPPORTED_SETUP)
		return -EINVAL;
	ret = uringi_sizes(&sizes, params, entries);
	if (ret)
		return ret;
	if ((uintptr_t)mem & (getauxval(AT_PAGESZ) - 1))
		return -EINVAL;
	if (size < sizes.rings + sizes.sqes)
		return -ENOMEM;
	params->flags |= URING_SETUP_NO_MMAP;
	params->cq_off.user_addr = (uintptr_t)base;
	params->sq_off.user_addr = (uintptr_t)(base + sizes.rings);
	fd = uring_sys_setup(entries, params);
	if (fd < 0)
		return fd;
	ring_names(ring, params, fd);
	/* The kernel chose the layout: check that the rings end within the memory. */
	if (uringi_rings_size(params) > sizes.rings) {
		uring_destroy(ring);
		return -ENOMEM;
	}
	uringi_sq_point(&ring->sq, params, base, base + sizes.rings);
	uringi_cq_point(&ring->cq, params, base);
	return 0;
}

int uringi_make_anonymous(struct uring *ring, struct uring_params *params, unsigned entries,
			  int map_flags)
{
	long size = uring_memory_size(params, entries);
	void *mem;
	int ret;

	if (size < 0)
		return (int)size;
	/* The kernel pins the pages. Populating two of them now costs less than two page faults. */
	mem = sys_mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
		       map_flags | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (sys_is_error(mem))
		return (int)(long)mem;
	ret = uringi_make_mem(ring, params, entries, mem, (size_t)size);
	if (ret) {
		sys_munmap(mem, (size_t)size);
		return ret;
	}
	ring->sq.map = mem;
	ring->sq.map_size = (size_t)size;
	return 0;
}

int uring_init_mem(struct uring *ring, struct uring_params *params, unsigned entries, void *mem,
		   size_t size)
{
	struct uring_params defaults = URING_DEFAULT_PARAMS;

	if (!ring)
		return -EINVAL;
	uringi_close(ring);
	if (!params)
		params = &defaults;
	if (mem)
		return uringi_make_mem(ring, params, entries, mem, size);
	/* Shared, so that a child of fork inherits the memory as with any other ring. */
	if (params->flags & URING_SETUP_NO_MMAP)
		return uringi_make_anonymous(ring, params, entries, MAP_SHARED);
	return uringi_make(ring, params, entries);
}

int uring_init_no_array(struct uring *ring, struct uring_params *params, unsigned entries,
			void *mem, size_t size)
{
	struct uring_params defaults = URING_DEFAULT_PARAMS;
	struct uring_params asked;
	int ret;

	if (!params)
		params = &defaults;
	asked = *params;
	params->flags |= URING_SETUP_NO_SQARRAY;
	ret = uring_init_mem(ring, params, entries, mem, size);
	if (ret != -EINVAL || asked.flags & URING_SETUP_NO_SQARRAY)
		return ret;
	*params = asked;
	return uring_init_mem(ring, params, entries, mem, size);
}

int uring_init(struct uring *ring, struct uring_params *params, unsigned entries)
{
	if (!ring)
		return -EINVAL;
	uringi_close(ring);
	if (!entries || entries > URING_MAX_ENTRIES || entries & (entries - 1))
		return -EINVAL;
	return uring_init_no_array(ring, params, entries, NULL, 0);
}

/*
 * Frees the ring's slot in the thread's table of registered rings. Since 6.3 this works
 * through the ring itself. Before, it takes a descriptor, which can be any other ring's.
 */
static void unregister(struct uring *ring)
{
	struct uring_rsrc_update up = { .offset = (uint32_t)ring->enter_fd };
	struct uring_params params = URING_DEFAULT_PARAMS;
	int fd;

	uringi_unregistered(ring);
	if (ring->fd >= 0) {
		uring_sys_register(ring->fd, URING_UNREGISTER_RING_FDS, &up, 1);
		return;
	}
	if (ring->features & URING_FEAT_REG_REG_RING) {
		uring_sys_register(ring->enter_fd,
				   URING_UNREGISTER_RING_FDS | URING_REGISTER_USE_REGISTERED_RING,
				   &up, 1);
		return;
	}
	fd = uring_sys_setup(1, &params);
	if (fd < 0)
		return;
	uring_sys_register(fd, URING_UNREGISTER_RING_FDS, &up, 1);
	sys_close(fd);
}

void uring_destroy(struct uring *ring)
{
	if (!ring || ring->enter_fd < 0)
		return;
	if (ring->enter_flags & URING_ENTER_REGISTERED_RING && !uringi_is_of_another_thread(ring))
		unregister(ring);
	if (ring->fd >= 0)
		sys_close(ring->fd);
	uring_completion_queue_destroy(&ring->cq);
	uring_submission_queue_destroy(&ring->sq);
	uringi_close(ring);
}

void uring_forget(struct uring *ring)
{
	if (!ring)
		return;
	if (ring->fd >= 0)
		sys_close(ring->fd);
	/* If fork did not pass the queues on, something else can be mapped there by now. */
	if (!ring->dontfork) {
		uring_completion_queue_destroy(&ring->cq);
		uring_submission_queue_destroy(&ring->sq);
	}
	uringi_close(ring);
}
