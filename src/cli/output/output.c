/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "cli/output/output.h"
#include "cli/cli.h"

FILE *output_open(const char *path, const char *what)
{
	FILE *file = fopen(path, "we");

	if (!file)
		say("cannot write the %s to %s: %m; name a file in a directory that can be "
		    "written to",
		    what, path);
	return file;
}
