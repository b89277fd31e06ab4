# SPDX-License-Identifier: MIT
# Tests the tools of the kernel checks: run-in-kernel returns the results of jobs and reports what
# went wrong with a guest, and check-kernels can fail.

bats_load_library bats-support
bats_load_library bats-assert

here=$abs_top_srcdir/tests/kernels

setup() {
	cd "$BATS_TEST_TMPDIR"
}

job() {
	printf '%s\t%s\n' "$1" "$2" >>jobs
}

run_guest() {
	run "$here/run-in-kernel" --kernel 6.1 --jobs jobs --output out "$@"
	if [ "$status" -eq 77 ] && [ "${KERNELS_REQUIRED:-no}" != yes ]; then
		skip "$output"
	fi
}

# Makes a PATH that lacks one command.
path_without() {
	mkdir bin
	ln -s /usr/bin/* /usr/sbin/* bin/ 2>/dev/null || true
	rm -f "bin/$1"
	echo "$PWD/bin"
}

@test 'the guest returns output and status of jobs, ends hanging jobs and passes parameters' {
	job fails 'echo said; echo complained >&2; exit 3'
	job hangs 'echo begun; /busybox/sleep 100'
	job leaves '/busybox/sleep 100 & touch file /tmp/file /ext4/.file /dev/shm/file'
	job finds 'ls -A . /tmp /ext4 /dev/shm; for p in /proc/[0-9]*; do /busybox/cat $p/cmdline; done'
	job parameters '/busybox/cat /proc/cmdline'
	run_guest --job-timeout 15 --add /bin/ls --append 'one.two=3'
	assert_success
	assert_equal "$(cat out/fails.out) $(cat out/fails.err) $(cat out/fails.status)" 'said complained 3'
	assert_equal "$(cat out/hangs.out) $(cat out/hangs.status)" 'begun timed out after 15 s'
	assert_equal "$(cat out/finds.status)" 0
	run cat out/finds.out
	refute_output --partial sleep
	refute_output --partial file
	run cat out/console.txt
	refute_output --partial Usage
	run cat out/parameters.out
	assert_output --partial ' one.two=3'
}

@test 'a kernel panic is reported, and earlier results are kept' {
	job before 'echo kept'
	job crash 'echo c >/proc/sysrq-trigger'
	run_guest
	assert_failure 1
	assert_output --partial 'guest did not finish: Kernel panic'
	assert_equal "$(cat out/before.out)" kept
}

@test 'a guest that takes too long is ended' {
	job long '/busybox/sleep 600'
	run_guest --job-timeout 600 --timeout 10
	assert_failure 1
	assert_output --partial 'guest did not finish: ended after 10 s'
}

@test 'wrong usage exits with 2 and says what is accepted' {
	run "$here/run-in-kernel" --kernel 6.1 --jobs jobs --output out --memory lots
	assert_failure 2
	assert_output --partial "--memory takes a number above 0, not 'lots'"
	echo 'no tab in this' >jobs
	run "$here/run-in-kernel" --kernel 6.1 --jobs jobs --output out
	assert_failure 2
	assert_output --partial 'a job is a name, a tab and a command; not so in jobs, line 1'
	printf 'any\ttrue\n' >jobs
	run "$here/run-in-kernel" --kernel 6.1 --jobs jobs --output out --architecture vax
	assert_failure 2
	assert_output --partial "--architecture is one of amd64, arm64, riscv64, not 'vax'"
	run "$here/fetch-kernel" newest
	assert_failure 2
	run "$here/fetch-kernel" 6.1 vax
	assert_failure 2
	run "$here/fetch-system" vax
	assert_failure 2
	run "$here/check-emulated" --vax yes
	assert_failure 2
	run "$here/check-emulated" --architecture vax
	assert_failure 2
	run "$here/check-kernels" --guests 2.4
	assert_failure 2
	assert_output --partial "no guest is named '2.4'; there are: 6.1"
}

@test 'without qemu the check is skipped with the reason, or fails when it is required' {
	echo '/bin/cat /etc/passwd' >table
	touch libringshim.so
	path=$(path_without qemu-system-x86_64)
	run env PATH="$path" "$here/check-kernels" --builddir "$abs_top_builddir" --output out \
		--shim libringshim.so --programs table --guests 6.1
	assert_success
	assert_line --partial 'ok 1 - 6.1 # skip run-in-kernel: no qemu-system-x86_64 here'
	run env PATH="$path" "$here/check-kernels" --builddir "$abs_top_builddir" --output out \
		--shim libringshim.so --programs table --guests 6.1 --required yes
	assert_failure 1
	assert_line --partial 'not ok 1 - 6.1'
}

@test 'a program that prints something else under the preload library fails the check' {
	# This shim fails reads of regular files.
	cat >shim.c <<-'END'
	#include <errno.h>
	#include <sys/syscall.h>
	#include <unistd.h>
	ssize_t read(int fd, void *buffer, size_t size)
	{
		if (lseek(fd, 0, SEEK_CUR) < 0)
			return syscall(SYS_read, fd, buffer, size);
		errno = EIO;
		return -1;
	}
	END
	${CC:-cc} -shared -fPIC -o libringshim.so shim.c
	printf '%s\n' '/bin/cat /etc/passwd' 'WORD=equal /bin/sh -c "echo $WORD"' >table
	job any true
	run_guest
	run "$here/check-kernels" --builddir "$abs_top_builddir" --output out \
		--shim libringshim.so --programs table --guests 6.1 --log tap
	assert_failure 1
	assert_line --partial 'ok 1 - 6.1: kernel 6.1, io_uring: works, the shim loads'
	assert_line 'not ok 2 - 6.1: /bin/cat /etc/passwd'
	assert_line '# exit status: natively 0, under the shim 1'
	assert_line '# -root:x:0:0:root:/root:/bin/sh'
	assert_line --partial 'Input/output error'
	assert_line 'ok 3 - 6.1: WORD=equal /bin/sh -c "echo $WORD"'
	assert_line '1..3'
	diff tap <(echo "$output")
}
