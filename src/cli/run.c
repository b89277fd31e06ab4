/* SPDX-License-Identifier: MIT */
/* `ringshim run`: replaces ringshim with CMD, with the library preloaded. */
#include "config.h"

#include "cli/cli.h"
#include "cli/preload.h"
#include "cli/settings.h"
#include "cli/statistics/records.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int run(const struct subcommand *self, int argc, char **argv)
{
	struct preload preload = { 0 };
	const struct option_group groups[] = {
		{ "Options", preload_options, &preload },
		{ "Settings of the shim", settings_options(), &preload.shimmed },
		{ NULL, NULL, NULL },
	};
	int status;

	status = options_parse(self, groups, &argc, &argv);
	if (status >= 0)
		return status;
	status = settings_check(&preload.shimmed);
	if (status)
		return status;
	status = preload_prepare(&preload, argv);
	if (status)
		return status;

	if (settings_stats_file())
		records_clean_up();
	execve(preload.program.path, preload.program.argv, variables_environment(&preload.shimmed));
	status = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
	say("cannot run %s: %m", preload.program.path);
	return status;
}

const struct subcommand cmd_run = {
	.name = "run",
	.synopsis = "[OPTION]... -- CMD [ARG]...",
	.summary = "run a program under the shim",
	.help = "Runs CMD with its blocking I/O sent through io_uring. CMD replaces ringshim in the\n"
		"same process: the exit status is CMD's, and signals go to CMD.\n",
	.main = run,
};
