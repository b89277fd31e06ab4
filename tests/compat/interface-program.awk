# SPDX-License-Identifier: MIT
# Makes a program of the names that interface-names.awk found. It prints what a program
# can see of each: type, width and value of a constant, size and alignment of a structure,
# place, width and type of a member, the type of a function (C++ alone can say that).
# language: c or c++; header: theirs and ours.

BEGIN {
	FS = "\t"
	print "#include <" header ">\n#include <stddef.h>\n#include <stdio.h>"
	if (language == "c") {
		split("char,signed char,unsigned char,short,unsigned short,int,unsigned int,long," \
		      "unsigned long,long long,unsigned long long,void *,char *,int *," \
		      "unsigned int *", type, ",")
		print "#define TYPE(x) _Generic((x), \\"
		for (i = 1; i in type; i++)
			print "\t" type[i] ": \"" type[i] "\", \\"
		print "\tdefault: \"another\")"
		print "#define ALIGNMENT _Alignof"
		print "#define MEMBER(s, m) (((struct s *)0)->m)"
	} else {
		print "template <class T> const char *type_name() { return __PRETTY_FUNCTION__; }"
		print "#define TYPE(x) type_name<decltype(x)>()"
		print "#define ALIGNMENT alignof"
		print "#define MEMBER(s, m) ((struct s *)0)->m"
	}
	print "int main(void)\n{"
}

$1 == "macro" || $1 == "enumerator" {
	printf "\tprintf(\"constant %s: %%s, %%zu bytes, %%lld\\n\", TYPE(%s), sizeof(%s), (long long)%s);\n",
	       $2, $2, $2, $2
}

$1 == "defined" {
	printf "#ifdef %s\n\tputs(\"defined %s\");\n#endif\n", $2, $2
}

$1 == "enum" && language == "c" {
	printf "\tprintf(\"enum %s: %%zu bytes\\n\", sizeof(enum %s));\n", $2, $2
}

$1 == "enum" && language != "c" {
	printf "\tprintf(\"enum %s: %%s\\n\", type_name<__underlying_type(enum %s)>());\n", $2, $2
}

$1 == "struct" {
	printf "\tprintf(\"struct %s: %%zu bytes, aligned to %%zu\\n\", sizeof(struct %s), ALIGNMENT(struct %s));\n",
	       $2, $2, $2
}

$1 == "member" {
	width = $4 == "array" ? "(size_t)0" : "sizeof(((struct " $2 " *)0)->" $3 ")"
	printf "\tprintf(\"member %s.%s: at %%zu, %%zu bytes, %%s\\n\", offsetof(struct %s, %s), %s, TYPE(MEMBER(%s, %s)));\n",
	       $2, $3, $2, $3, width, $2, $3
}

$1 == "function" && language != "c" {
	printf "\tprintf(\"function %s: %%s\\n\", TYPE(&%s));\n", $2, $2
}

END { print "\treturn 0;\n}" }
