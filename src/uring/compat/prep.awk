# SPDX-License-Identifier: MIT
# Makes liburing/prep.h from prep.tsv: an io_uring_prep_X for each row.

BEGIN {
	FS = "\t"
	print "/*\n * Made of prep.tsv by prep.awk. Part of <liburing.h>: each preparation is one of\n" \
	      " * uring_prep_X, which says what it does.\n */"
	print "#ifndef RINGSHIM_LIBURING_PREP_H\n#define RINGSHIM_LIBURING_PREP_H\n"
	print "#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
	print "struct epoll_event;\nstruct futex_waitv;\nstruct statx;\n"
}

/^#/ { next }

{
	call = $3
	sub(/\(/, "(\\&filled, ", call)
	sub(/, \)$/, ")", call)
	# Strict POSIX has no loff_t.
	guard = $2 ~ /loff_t/ ? "#ifdef _GNU_SOURCE\n" : ""
	printf "%sIOURINGINLINE void io_uring_prep_%s(struct io_uring_sqe *sqe%s)\n", guard, $1,
	       $2 == "" ? "" : ",\n\t\t" wrap($2)
	print "\tLIBURING_NOEXCEPT\n{\n\tstruct uring_sqe filled;\n"
	printf "\turing_prep_%s;\n", call
	if ($4 != "")
		printf "\tfilled.%s;\n", $4
	printf "\turing_compat_fill(sqe, &filled);\n}\n%s\n", guard ? "#endif\n" : ""
}

END { print "#ifdef __cplusplus\n}\n#endif\n\n#endif" }

# Breaks params into lines of at most 80 characters after two tabs.
function wrap(params,	part, n, i, line, out) {
	n = split(params, part, ", ")
	line = part[1]
	for (i = 2; i <= n; i++) {
		if (length(line) + length(part[i]) > 77) {
			out = out line ",\n\t\t"
			line = part[i]
		} else {
			line = line ", " part[i]
		}
	}
	return out line
}
