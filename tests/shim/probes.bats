#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The static probes (USDT): that they are there with their arguments, and that a tracer sees each call.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	grep -q 'RINGSHIM_PROBES' "$top/Makefile" || skip 'built without probes'
	grep -q '^PROBES_CPPFLAGS = .' "$top/Makefile" || skip 'built without probes'
	seq 100 >data
}

@test "each probe is there, with a semaphore and its arguments" {
	need readelf
	readelf -n "$shim" | awk '
		/^ *Provider:/ { provider = $2 }
		/^ *Name:/ { name = $2 }
		/^ *Location:/ { semaphore = $NF }
		/^ *Arguments:/ { print provider, name, gsub(/@/, ""), semaphore ~ /^0x0+$/ ? "none" : "semaphore" }' |
		sort >probes
	diff - probes <<-'END'
		ringshim complete 3 semaphore
		ringshim fallback 4 semaphore
		ringshim hint 4 semaphore
		ringshim submit 4 semaphore
	END
}

@test "a debugger sees each call: by ring when it is submitted and completed, direct with its reason" {
	need gdb
	need_io_uring
	cat >script <<-END
		set debuginfod enabled off
		set pagination off
		set breakpoint pending on
		set startup-with-shell off
		set environment LD_PRELOAD $shim
		set environment RINGSHIM_STATS $PWD/counts
		break main
		tbreak __libc_start_main
		run
		break -probe-stap ringshim:submit
		commands
		silent
		printf "submit %d %d %d\\n", \$_probe_arg1, \$_probe_arg2, \$_probe_arg3
		continue
		end
		break -probe-stap ringshim:complete
		commands
		silent
		printf "complete %s %d\\n", (char *)\$_probe_arg1, \$_probe_arg2
		continue
		end
		break -probe-stap ringshim:fallback
		commands
		silent
		printf "fallback %s %s\\n", (char *)\$_probe_arg1, (char *)\$_probe_arg3
		continue
		end
		continue
	END
	run timeout 120 gdb -q -batch -x script --args dd if=data of=copy bs=100 status=none
	echo "$output"
	cmp data copy
	# The reports count the same calls.
	for call in read write open close; do
		assert_equal "$(grep -c "^complete $call " <<<"$output")" "$(calls_counted counts $call ring)"
		assert_equal "$(grep -c "^fallback $call setting" <<<"$output")" \
			"$(calls_counted counts $call direct setting)"
	done
	assert_equal "$(grep -c '^submit ' <<<"$output")" "$(calls_counted counts '*' ring)"
	assert_line 'complete read 100'
	assert_line 'complete read 92'
	assert_line 'complete read 0'
	assert_line 'fallback open setting'
}

# run_script SCRIPT: runs it while a program copies data some times, as nothing says when bpftrace has
# attached, and leaves what it prints in traced.
run_script() {
	local tracer
	need bpftrace
	need_io_uring
	[ "$(id -u)" -eq 0 ] || skip 'only root can trace with bpftrace'
	timeout 60 bpftrace -e 'BEGIN { exit(); }' >log 2>&1 || skip "bpftrace does not work here: $(tail -n 1 log)"
	# Of its own: the kernel puts the breakpoints into every process that has the file.
	cp "$shim" own.so
	shim=$PWD/own.so
	timeout -s INT 60 bpftrace "$abs_top_srcdir/examples/$1" "$shim" >traced 2>&1 3>&- &
	tracer=$!
	for _ in $(seq 20); do
		sleep 0.5
		with_shim dd if=data of=copy bs=100 status=none
	done
	kill -INT $tracer || true
	wait $tracer || true
	cat traced
	! grep -q 'Error finding location' traced || skip "this bpftrace cannot attach: $(tail -n 1 traced)"
}

@test "examples/fallbacks.bt counts the calls of a program that go direct, by reason" {
	run_script fallbacks.bt
	grep -q '^@fallbacks\[dd, open, setting\]: [1-9]' traced
}

@test "examples/slow-calls.bt prints a histogram of the calls by ring" {
	run_script slow-calls.bt
	grep -q '^@us\[read\]:' traced
	grep -q '^@longest_us\[dd, write\]: ' traced
}
