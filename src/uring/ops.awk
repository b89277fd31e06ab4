# SPDX-License-Identifier: MIT
# Makes ops.h from prep.h: for each uring_prep_X(sqe, ...) a uring_X(ring, user_data, ...) that
# takes the entry from a ring. Copies the comment above the function.

BEGIN {
	print "/*\n * Made from prep.h by ops.awk: each uring_prep_X as an operation on a ring.\n" \
	      " * All return the entry, or NULL when the submission queue is full.\n */"
	print "#ifndef RINGSHIM_URING_OPS_H\n#define RINGSHIM_URING_OPS_H\n"
	print "#include \"prep.h\"\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
}

/^\/\*/ { comment = ""; in_comment = 1 }
in_comment {
	comment = comment $0 "\n"
	if (/\*\//)
		in_comment = 0
	next
}
/^URING_INLINE void uring_prep_/ { proto = ""; in_proto = 1 }
in_proto {
	line = $0
	sub(/^[ \t]+/, " ", line)
	proto = proto line
	if (/\)$/) {
		in_proto = 0
		emit()
	}
	next
}
/^$/ { next }
/^URING_INLINE/ { comment = "" }

function emit(	name, params, args, n, part, i, arg) {
	name = proto
	sub(/^URING_INLINE void uring_prep_/, "", name)
	sub(/\(.*/, "", name)
	params = proto
	sub(/^[^(]*\(struct uring_sqe \*sqe(, )?/, "", params)
	sub(/\)$/, "", params)
	args = "sqe"
	n = split(params, part, ", ")
	for (i = 1; i <= n; i++) {
		arg = part[i]
		sub(/.*[ *]/, "", arg)
		args = args ", " arg
	}
	gsub(/uring_prep_/, "uring_", comment)
	printf "%sURING_INLINE struct uring_sqe *uring_%s(struct uring *ring, uint64_t user_data%s)\n",
	       comment, name, params == "" ? "" : ",\n\t\t" params
	printf "{\n\tstruct uring_sqe *sqe = %s;\n\n\tif (sqe) {\n",
	       name ~ /128$/ ? "uring_take_sqe128(ring)" : "uring_take_sqe(ring, 0)"
	printf "\t\turing_prep_%s(%s);\n\t\tsqe->user_data = user_data;\n\t}\n\treturn sqe;\n}\n\n",
	       name, args
	comment = ""
}

END { print "#ifdef __cplusplus\n}\n#endif\n\n#endif" }
