/* SPDX-License-Identifier: MIT */
/* Compares how two runs ended and what they wrote. */
#include "config.h"

#include "cli/compare/difference.h"

#include "cli/cli.h"
#include "cli/measure/signals.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK 65536
#define SHOWN 60 /* bytes shown of a line that differs */

char *ending_of(int status)
{
	char *name, *ending;

	if (!WIFSIGNALED(status))
		return text("exit status %d", WEXITSTATUS(status));
	name = signal_name(WTERMSIG(status));
	ending = text("killed by %s", name);
	free(name);
	return ending;
}

long long size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_size;
}

/* Position of the first difference. */
struct place {
	long long byte;
	long long line; /* counted from 1 */
	long long line_start;
};

static size_t read_chunk(int fd, char *chunk, long long offset)
{
	ssize_t n = pread(fd, chunk, CHUNK, offset);

	if (n < 0)
		die("cannot read back what CMD wrote: %m");
	return n;
}

static bool find_difference(int a, int b, struct place *place)
{
	char left[CHUNK], right[CHUNK];

	*place = (struct place){ .line = 1 };
	for (;;) {
		size_t n = read_chunk(a, left, place->byte);
		size_t m = read_chunk(b, right, place->byte);
		size_t shorter = n < m ? n : m, i;

		for (i = 0; i < shorter && left[i] == right[i]; i++) {
			if (left[i] != '\n')
				continue;
			place->line++;
			place->line_start = place->byte + i + 1;
		}
		place->byte += i;
		if (i < shorter || n != m)
			return true;
		if (!n)
			return false;
	}
}

static void show_line(const char *label, int fd, const struct place *place)
{
	/* Show a long line only from shortly before the difference. */
	long long from = place->byte - place->line_start < SHOWN / 2 ? place->line_start :
								       place->byte - SHOWN / 2;
	char line[SHOWN];
	ssize_t n = pread(fd, line, sizeof(line), from);

	fprintf(stderr, "  %-9s ", label);
	if (n <= 0) {
		fputs("(the end)\n", stderr);
		return;
	}
	for (ssize_t i = 0; i < n && line[i] != '\n'; i++) {
		if (isprint((unsigned char)line[i]) && line[i] != '\\')
			fputc(line[i], stderr);
		else
			fprintf(stderr, "\\x%02x", (unsigned char)line[i]);
	}
	fputc('\n', stderr);
}

bool report_output_difference(const char *what, int native, int shimmed)
{
	struct place place;

	if (!find_difference(native, shimmed, &place))
		return true;
	say("%s differs from byte %lld (line %lld) on: %lld bytes natively, %lld under the shim",
	    what, place.byte + 1, place.line, size_of(native), size_of(shimmed));
	show_line("natively:", native, &place);
	show_line("shim:", shimmed, &place);
	return false;
}
