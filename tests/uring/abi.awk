# SPDX-License-Identifier: MIT
# Makes C of the tables: assertions that our header has these numbers, and with
# system=FILE (linux/io_uring.h, preprocessed, with its macros) that the
# system's has the same, as far as it goes.

BEGIN {
	FS = "\t"
	print "#include <stddef.h>"
	if (system_text) {
		print "#include <linux/io_uring.h>\n#include <linux/fs.h>\n#include <linux/time_types.h>"
		print "#include <linux/openat2.h>\n#include <linux/futex.h>"
		read_system()
	}
	print "#include \"abi.h\""
}

# Which names the system's header has: constants, and "struct member".
function read_system(	line, words, n, i, depth, current) {
	while ((getline line < system_text) > 0) {
		if (line ~ /^#define /) {
			split(line, words, /[ \t(]+/)
			known[words[2]] = 1
			continue
		}
		if (!depth && line ~ /^struct [a-z_]+ \{/) {
			split(line, words, " ")
			current = words[2]
			known["struct " current] = 1
		}
		n = split(line, words, /[^A-Za-z0-9_]+/)
		for (i = 1; i <= n; i++) {
			if (current)
				known[current " " words[i]] = 1
			else
				known[words[i]] = 1
		}
		depth += gsub(/\{/, "{", line) - gsub(/\}/, "}", line)
		if (!depth)
			current = ""
	}
}

/^#/ { next }

NF == 3 {
	printf "_Static_assert((unsigned long long)%s == %s, \"%s\");\n", $1, $3, $1
	# The last of a list, and a mask of all its flags, are others in each kernel's header.
	if ($2 in known && $2 !~ /_LAST$|_CMD_MASK$/) {
		printf "_Static_assert((unsigned long long)%s == (unsigned)%s || (unsigned long long)%s == %s, \"%s\");\n", \
			$1, $2, $1, $2, $2
		compared++
	}
}

NF == 5 && $3 == "-" {
	printf "_Static_assert(sizeof(struct %s) == %s, \"%s\");\n", $1, $5, $1
	if (("struct " $2) in known) {
		printf "_Static_assert(sizeof(struct %s) == sizeof(struct %s), \"%s\");\n", $1, $2, $2
		compared++
	}
}

NF == 5 && $3 != "-" {
	printf "_Static_assert(offsetof(struct %s, %s) == %s, \"%s.%s\");\n", $1, $3, $4, $1, $3
	printf "_Static_assert(sizeof(((struct %s *)0)->%s) == %s, \"%s.%s\");\n", $1, $3, $5, $1, $3
	if (($2 " " $3) in known && $3 !~ /resv|pad|rsvd/) {
		printf "_Static_assert(offsetof(struct %s, %s) == offsetof(struct %s, %s), \"%s.%s\");\n", \
			$1, $3, $2, $3, $2, $3
		compared++
	}
}

END { print "/* " compared + 0 " compared with the system's header */" }
