/* SPDX-License-Identifier: MIT */
/* Rings of provided buffers: registering, allocating and freeing them, reading their heads. */
#include <sys/mman.h>

#include "internal.h"
#include "sys.h"

int uring_register_buf_ring(struct uring *ring, struct uring_buf_reg *reg)
{
	return uring_register(ring, URING_REGISTER_PBUF_RING, reg, 1);
}

int uring_unregister_buf_ring(struct uring *ring, unsigned group)
{
	struct uring_buf_reg reg = { .bgid = (uint16_t)group };

	if (group > UINT16_MAX)
		return -EINVAL;
	return uring_register(ring, URING_UNREGISTER_PBUF_RING, &reg, 1);
}

int uring_buf_ring_head(struct uring *ring, unsigned group, uint16_t *head)
{
	struct uring_buf_status status = { .buf_group = group };
	int ret;

	if (!head)
		return -EINVAL;
	ret = uring_register(ring, URING_REGISTER_PBUF_STATUS, &status, 1);
	if (!ret)
		*head = (uint16_t)status.head;
	return ret;
}

int uring_buf_ring_available(struct uring *ring, struct uring_buf_ring *br, unsigned group)
{
	uint16_t head;
	int ret;

	if (!br)
		return -EINVAL;
	ret = uring_buf_ring_head(ring, group, &head);
	return ret ? ret : (uint16_t)(br->tail - head);
}

int uring_setup_buf_ring(struct uring *ring, struct uring_buf_ring **br, unsigned nr_entries,
			 unsigned group, unsigned flags)
{
	struct uring_buf_reg reg = {
		.ring_entries = nr_entries,
		.bgid = (uint16_t)group,
		.flags = (uint16_t)flags,
	};
	size_t size = nr_entries * sizeof(struct uring_buf);
	void *mem;
	int ret;

	/*
	 * URING_PBUF_RING_MMAP is refused: kernel memory would have to be mapped by a
	 * descriptor.
	 */
	if (!br || !nr_entries || nr_entries > 32768 || nr_entries & (nr_entries - 1) ||
	    group > UINT16_MAX || flags > UINT16_MAX || flags & URING_PBUF_RING_MMAP)
		return -EINVAL;
	mem = sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (sys_is_error(mem))
		return (int)(long)mem;
	sys_madvise(mem, size, MADV_DONTFORK);
	reg.ring_addr = (uintptr_t)mem;
	ret = uring_register_buf_ring(ring, &reg);
	if (ret) {
		sys_munmap(mem, size);
		return ret;
	}
	*br = mem;
	uring_buf_ring_init(*br);
	return 0;
}

int uring_free_buf_ring(struct uring *ring, struct uring_buf_ring *br, unsigned nr_entries,
			unsigned group)
{
	int ret;

	if (!br)
		return -EINVAL;
	ret = uring_unregister_buf_ring(ring, group);
	if (ret)
		return ret;
	return sys_munmap(br, nr_entries * sizeof(struct uring_buf));
}
