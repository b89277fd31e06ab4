#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Compares the submission queue entry of each call with the expected one, field by field.

load ../lib/common.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
}

# Prints the calls that have an operation.
calls_with_operation() {
	awk '$1 == "call" && !/-> none/ { print $2 }' "$abs_top_srcdir/src/shim/calls/calls.table"
}

@test "each call with an operation sends the kernel the entry that the call means" {
	need_kernel 6.16 'lacks some of the operations (pipe)'
	mkdir work
	cd work
	RINGSHIM_CALLS=all RINGSHIM_ROUTE=ring run timeout 300 "$top/tests/shim/entries" "$shim"
	[ "$status" -ne 77 ] || skip 'no ring with IORING_SETUP_NO_MMAP, whose queue a tracer could read'
	echo "$output"
	assert_success
	# The output has only names of calls, and all of them.
	calls_with_operation | sort >../wanted
	sort -u <<<"$output" >../compared
	run comm -3 ../wanted ../compared
	assert_output ''
}

# Prints the preparation functions that take several integers besides the descriptor, or several
# names.
confusable() {
	tr '\n\t' '  ' <"$abs_top_srcdir/src/uring/prep.h" |
		grep -oE 'URING_INLINE void uring_prep_[a-z0-9_]+\([^)]*\)' |
		awk '{
			name = $3; sub(/\(.*/, "", name)
			list = $0; sub(/^[^(]*\(/, "", list); sub(/\)$/, "", list)
			n = split(list, parameters, /, */)
			integers = names = 0
			for (i = 2; i <= n; i++) {
				if (parameters[i] ~ /^const char \*/) names++
				else if (parameters[i] !~ /\*/ && parameters[i] !~ /[ *](fd|sockfd|dirfd|epfd)$/) integers++
			}
			if (integers > 1 || names > 1) print name
		}'
}

@test "the shim uses no uring_prep function whose integers or names can be confused" {
	confusable >functions
	# The list contains the functions that matter.
	for function in fsync sync_file_range read fallocate statx splice renameat; do
		grep -qx "uring_prep_$function" functions
	done
	run grep -nrwFf functions "$abs_top_srcdir/src/shim" --include='*.[ch]' --exclude=sqe.h
	assert_output ''
}
