/* SPDX-License-Identifier: MIT */
/*
 * Tests descriptors with high numbers, up to the hard limit: reads and writes on them, and the
 * memory that the descriptor table takes. Prints a line for each.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static long resident_pages(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || fscanf(file, "%*s %ld", &pages) != 1)
		exit(2);
	fclose(file);
	return pages;
}

static void use(int number)
{
	int fds[2];
	char buf[8] = "";

	if (pipe(fds) || dup2(fds[0], number) != number || close(fds[0])) {
		printf("%d: cannot be made\n", number);
		return;
	}
	if (write(fds[1], "through", 7) != 7 || read(number, buf, sizeof(buf)) != 7)
		printf("%d: WRONG\n", number);
	else
		printf("%d: %s\n", number, buf);
	close(fds[1]);
	close(number);
}

int main(void)
{
	struct rlimit limit;
	long before;
	int top;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	top = limit.rlim_max > 1048576 ? 1048576 : (int)limit.rlim_max;
	use(10);
	before = resident_pages();
	for (int number = 1000; number < top; number = number * 3 + 1)
		use(number);
	use(top - 1);
	use(top);
	/* Total memory of the table for a dozen scattered numbers. */
	printf("memory: %s\n", resident_pages() - before < 256 ? "little" : "MUCH");
	return 0;
}
