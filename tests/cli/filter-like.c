/* SPDX-License-Identifier: MIT */
/*
 * filter-like OWNER CMD ARGS...: runs CMD under a seccomp filter that refuses what the default filter
 * of OWNER refuses. The lists were made by applying the published profiles, for the capabilities
 * that containers have by default.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RING SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register

/* Docker 29 and containerd 2: everything that their profile does not name. */
static const int docker[] = {
	SYS_acct, SYS_add_key, SYS_bpf, SYS_clock_settime, SYS_delete_module, SYS_fanotify_init,
	SYS_finit_module, SYS_fsconfig, SYS_fsmount, SYS_fsopen, SYS_fspick, SYS_get_mempolicy,
	SYS_init_module, SYS_kcmp, SYS_kexec_load, SYS_keyctl, SYS_mbind, SYS_migrate_pages, SYS_mount,
	SYS_move_mount, SYS_move_pages, SYS_open_by_handle_at, SYS_open_tree, SYS_perf_event_open,
	SYS_pivot_root, SYS_quotactl, SYS_reboot, SYS_request_key, SYS_set_mempolicy, SYS_setdomainname,
	SYS_sethostname, SYS_setns, SYS_settimeofday, SYS_swapoff, SYS_swapon, SYS_syslog, SYS_umount2,
	SYS_unshare, SYS_userfaultfd, SYS_vhangup,
};

/* Podman: what its profile names as refused. */
static const int podman[] = {
	SYS_acct, SYS_bpf, SYS_clock_settime, SYS_delete_module, SYS_fanotify_init, SYS_finit_module,
	SYS_init_module, SYS_io_pgetevents, SYS_kcmp, SYS_kexec_load, SYS_migrate_pages,
	SYS_move_pages, SYS_open_by_handle_at, SYS_perf_event_open, SYS_quotactl, SYS_setdomainname,
	SYS_sethostname, SYS_settimeofday, SYS_swapoff, SYS_swapon, SYS_userfaultfd, SYS_vhangup,
	SYS_vmsplice,
};
static const int podman_unnamed[] = { RING, SYS_add_key, SYS_request_key };

static const int ring[] = { RING };
static const int clone3[] = { SYS_clone3 };

/* systemd's group @aio. */
static const int aio[] = {
	RING, SYS_io_cancel, SYS_io_destroy, SYS_io_getevents, SYS_io_pgetevents, SYS_io_setup,
	SYS_io_submit,
};

#define LIST(name) name, sizeof(name) / sizeof(*name)
#define REFUSE(error) (SECCOMP_RET_ERRNO | (error))

/* From the number newer on, calls fail with ENOSYS: runc adds that for those after the profile. */
static const struct owner {
	const char *name;
	struct {
		const int *list;
		size_t count;
		unsigned action;
	} refused[3];
	unsigned newer;
} owners[] = {
	{ "docker",
	  { { LIST(docker), REFUSE(EPERM) }, { LIST(ring), REFUSE(EPERM) }, { LIST(clone3), REFUSE(ENOSYS) } },
	  450 },
	{ "docker-old", { { LIST(docker), REFUSE(EPERM) } }, 335 },
	{ "podman", { { LIST(podman), REFUSE(EPERM) }, { LIST(podman_unnamed), REFUSE(ENOSYS) } }, 449 },
	{ "systemd-EPERM", { { LIST(aio), REFUSE(EPERM) } }, 0 },
	{ "systemd-kill", { { LIST(aio), SECCOMP_RET_KILL_PROCESS } }, 0 },
	{ "docker-with-ring", { { LIST(docker), REFUSE(EPERM) }, { LIST(clone3), REFUSE(ENOSYS) } }, 450 },
};

static int install(const struct owner *owner)
{
	struct sock_filter filter[256];
	struct sock_fprog program = { .filter = filter };
	unsigned n = 0;

	filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < owner->refused[i].count; j++) {
			filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
								   owner->refused[i].list[j], 0, 1);
			filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, owner->refused[i].action);
		}
	}
	if (owner->newer) {
		filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, owner->newer, 0, 1);
		filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, REFUSE(ENOSYS));
	}
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 2 && i < sizeof(owners) / sizeof(*owners); i++) {
		if (strcmp(owners[i].name, argv[1]))
			continue;
		if (install(&owners[i])) {
			perror("filter-like: seccomp");
			return 125;
		}
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		return 127;
	}
	fputs("usage: filter-like OWNER CMD ARGS...; OWNER is one of", stderr);
	for (size_t i = 0; i < sizeof(owners) / sizeof(*owners); i++)
		fprintf(stderr, " %s", owners[i].name);
	fputc('\n', stderr);
	return 2;
}
