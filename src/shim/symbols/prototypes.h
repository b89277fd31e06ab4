/* SPDX-License-Identifier: MIT */
/*
 * Declares the interposed symbols, also those that libc's headers leave out, and the functions
 * call_X(), which try to make call X by ring and return true if *res is its result.
 */
#ifndef SHIM_SYMBOLS_PROTOTYPES_H
#define SHIM_SYMBOLS_PROTOTYPES_H

#include <dirent.h>
#include <grp.h>
#include <linux/capability.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <wordexp.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include "shim/base/base.h"

/* The only version of struct stat that __xstat() and its variants still accept. */
#if defined(__x86_64__)
#define STAT_VERSION 1
#else
#define STAT_VERSION 0
#endif

struct open_how;

#include "shim/symbols/calls-declarations.h"

int __sendmmsg(int fd, struct mmsghdr *msgs, unsigned count, int flags);
int __pipe(int fds[2]);
int __socket(int domain, int type, int protocol);
int __open(const char *path, int flags, ...);
int __open64(const char *path, int flags, ...);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dir, const char *path, int flags);
int __openat64_2(int dir, const char *path, int flags);
int __close(int fd);
int __dup2(int from, int to);
int __fcntl(int fd, int cmd, ...);
int capset(cap_user_header_t header, const cap_user_data_t data);
pid_t __fork(void);
pid_t __vfork(void);
pid_t _Fork(void);
pid_t __waitpid(pid_t pid, int *status, int options);
pid_t __wait(int *status);
int __sigaction(int sig, const struct sigaction *act, struct sigaction *old);
__sighandler_t bsd_signal(int sig, __sighandler_t handler);
off64_t __lseek(int fd, off64_t offset, int whence);
int __vdprintf_chk(int fd, int flag, const char *format, va_list args);
int __dprintf_chk(int fd, int flag, const char *format, ...);
/* The libc that this is built with may be too old to declare these. */
int openat2(int dir, const char *path, const struct open_how *how, size_t size);
int pidfd_spawn(int *pidfd, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attr, char *const argv[], char *const envp[]);
int pidfd_spawnp(int *pidfd, const char *file, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attr, char *const argv[], char *const envp[]);
int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);

#endif
