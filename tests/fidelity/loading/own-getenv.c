/* SPDX-License-Identifier: MIT */
/* A program that defines its own getenv, as bash does. No library may call it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int calls;

char *getenv(const char *name)
{
	static char text[] = "from the program";

	calls++;
	(void)name;
	return text;
}

char *secure_getenv(const char *name)
{
	return getenv(name);
}

int main(void)
{
	char in[4] = "";
	int p[2], before = calls;

	if (pipe(p) || write(p[1], "abc", 3) != 3 || read(p[0], in, 3) != 3)
		return 1;
	printf("%s, getenv calls %d then %d\n", in, before, calls);
	return 0;
}
