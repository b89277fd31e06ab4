/* SPDX-License-Identifier: MIT */
/* A program linked to own-malloc.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern int own_malloc_reentered, own_malloc_read, own_malloc_calls;

int main(void)
{
	char *text = strdup("on the heap"), in[16] = "";
	int p[2], before;

	if (pipe(p))
		return 1;
	before = own_malloc_calls;
	for (int i = 0; i < 100; i++) {
		if (write(p[1], text, 12) != 12 || read(p[0], in, 12) != 12 || strcmp(in, text))
			return 1;
	}
	printf("%s, file read %d, reentered %d, calls during I/O %d\n", in, own_malloc_read,
	       own_malloc_reentered, own_malloc_calls - before);
	free(text);
	return 0;
}
