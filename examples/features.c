/* SPDX-License-Identifier: MIT */
/*
 * features: lists the operations of io_uring. For each it says that this machine has it, or why
 * not. With names of operations as arguments, lists only those.
 */
#include <stdio.h>
#include <string.h>

#include <ringshim/uring.h>

static int wanted(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return 1;
	return argc == 1;
}

int main(int argc, char **argv)
{
	struct uring_support support;
	char line[200];
	int shown = 0;

	if (uring_probe(&support))
		printf("no ring: %s\n", uring_why_text(support.why));
	for (uint64_t op = 0; op < URING_OP_LAST; op++) {
		if (!wanted(argc, argv, uring_name(URING_WHAT_OP, op)))
			continue;
		uring_explain(&support, URING_WHAT_OP, op, line, sizeof(line));
		puts(line);
		shown++;
	}
	if (!shown) {
		fprintf(stderr, "features: no operation is called \"%s\"\n", argv[1]);
		return 2;
	}
	return 0;
}
