# SPDX-License-Identifier: MIT
# Makes names-tables.h from abi.h: for each operation, registration, feature and flag its name and
# the kernel that introduced it, which abi.h has in the comment behind it or in the one before.

BEGIN {
	print "/* Made from abi.h by names.awk. */"
	kinds = split("ops register_ops setup_flags features enter_flags sqe_flags", kind, " ")
}

# The version that a comment begins with.
match($0, /\/\* [0-9]+\.[0-9]+/) { version = substr($0, RSTART + 3, RLENGTH - 3) }

/^\tURING_OP_[A-Z0-9_]+ = / { add("ops", $1, "URING_OP_") }
/^\tURING_(UN)?REGISTER_[A-Z0-9_]+ = / { add("register_ops", $1, "URING_") }
/^#define URING_SETUP_/ { add_flag("setup_flags", $2, "URING_SETUP_") }
/^#define URING_FEAT_/ { add_flag("features", $2, "URING_FEAT_") }
/^#define URING_ENTER_/ { add_flag("enter_flags", $2, "URING_ENTER_") }
/^#define URING_SQE_/ { add_flag("sqe_flags", $2, "URING_SQE_") }

END {
	for (i = 1; i <= kinds; i++)
		printf "\nstatic const struct name %s[] = {\n%s};\n", kind[i], rows[kind[i]]
}

function add(table, constant, prefix) {
	if (constant !~ /_LAST$|_USE_REGISTERED_RING$|_SRC_REGISTERED$|_DST_REPLACE$/)
		add_row(table, constant, constant, prefix)
}

# Flags are found by the number of their bit.
function add_flag(table, constant, prefix) {
	add_row(table, "__builtin_ctzll(" constant ")", constant, prefix)
}

function add_row(table, place, constant, prefix) {
	rows[table] = rows[table] sprintf("\t[%s] = { \"%s\", \"%s\" },\n", place,
		tolower(substr(constant, length(prefix) + 1)), version)
}
