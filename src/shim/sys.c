#include <signal.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include "shim/sys.h"

void *sys_pages(size_t size)
{
	long ret = sys6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return ret < 0 && ret > -4096 ? NULL : (void *)ret;
}

bool sys_peek(void *to, const void *from, size_t size)
{
	struct iovec local = { to, size }, remote = { (void *)from, size };

	return sys6(SYS_process_vm_readv, sys0(SYS_getpid), (long)&local, 1, (long)&remote, 1, 0) ==
	       (long)size;
}

bool sys_poke(void *to, const void *from, size_t size)
{
	struct iovec local = { (void *)from, size }, remote = { to, size };

	return sys6(SYS_process_vm_writev, sys0(SYS_getpid), (long)&local, 1, (long)&remote, 1, 0) ==
	       (long)size;
}

void sys_block_signals(uint64_t *old)
{
	uint64_t all = ~0ull;

	sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)old, sizeof(all));
}

void sys_restore_signals(const uint64_t *old)
{
	sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)old, 0, sizeof(*old));
}
