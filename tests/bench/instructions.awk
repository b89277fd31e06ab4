# SPDX-License-Identifier: MIT
# Reads first the addresses of the library's locked instructions, one a line,
# then a profile of callgrind with instructions and without compression. With
# functions=1 prints what each function took, else the sum of all, how many of
# those are locked, and what functions there were that should not be.

FILENAME == ARGV[1] {
	locked_at["0x" $1] = 1
	next
}
/^ob=/ {
	object = substr($0, 4)
	sub(/.*\//, "", object)
}
/^fn=/ {
	name = substr($0, 4)
	forbidden = name ~ /^_*(libc_)?(malloc|calloc|realloc|free|memalign|mmap|munmap|brk)(@|$)/ ||
		name ~ /^_*(pthread_)?(mutex|rwlock|spin|cond)_/
	if (forbidden && object !~ /^calls/)
		bad = bad " " name
}
# The line behind says what all that was called took; it is counted there.
/^calls=/ {
	getline
	next
}
/^0x/ {
	sum += $NF
	by_function[object " " name] += $NF
	if (object ~ /^libringshim/ && $1 in locked_at)
		locked += $NF
}
END {
	if (functions)
		for (what in by_function)
			printf "%8.2f %s\n", by_function[what] / count, what
	else
		print sum, locked + 0 bad
}
