/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/statistics/row.h"

#include <stdlib.h>

/* An empty field is none for sscanf(3), but a program can have an empty name. */
static bool parse(const char *line, struct row *row)
{
	row->program[0] = '\0';
	return sscanf(line, "%ld\t%31[^\t]\t%31[^\t]\t%31[^\t]\t%31[^\t]\t%llu", &row->pid,
		      row->program, row->subject, row->what, row->why, &row->count) == 6 ||
		sscanf(line, "%ld\t\t%31[^\t]\t%31[^\t]\t%31[^\t]\t%llu", &row->pid, row->subject,
		       row->what, row->why, &row->count) == 5;
}

bool row_read(FILE *file, struct row *row)
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (!found && getline(&line, &size, file) > 0)
		found = parse(line, row);
	free(line);
	return found;
}
