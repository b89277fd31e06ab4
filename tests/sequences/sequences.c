/* SPDX-License-Identifier: MIT */
/* The command line of the random sequences; see sequences.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sequences.h"

static const char usage[] =
	"usage: sequences SEED [COUNT]         run the sequences of COUNT seeds, from SEED on\n"
	"       sequences --list SEED [COUNT]  print them as text\n"
	"       sequences --replay FILE        run sequences from a text, each after a line\n"
	"                                      \"sequence NAME\"\n";

static void list(uint64_t seed)
{
	static struct step steps[STEPS];
	unsigned int count = generate(seed, steps);
	char text[300];

	printf("sequence %" PRIu64 "\n", seed);
	for (unsigned int i = 0; i < count; i++) {
		write_step(&steps[i], text, sizeof(text));
		printf("%s\n", text);
	}
}

static void run_seed(uint64_t seed)
{
	static struct step steps[STEPS];
	unsigned int count = generate(seed, steps);

	put("sequence %" PRIu64 "\n", seed);
	run_sequence(steps, count);
}

/* Returns true if all lines were understood. */
static bool replay(const char *text)
{
	static struct step steps[STEPS];
	unsigned int count = 0;
	char line[300];
	bool good = true;
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		if (!strncmp(line, "sequence ", 9)) {
			run_sequence(steps, count);
			put("%s\n", line);
			count = 0;
		} else if (len && *line != '#' && count < STEPS) {
			good &= read_step(line, &steps[count]);
			count += good;
		}
		if (!good)
			fprintf(stderr, "sequences: not understood: %s\n", line);
	}
	run_sequence(steps, count);
	return good;
}

/* Reads the whole file, because its descriptor must be free when sequences run. */
static char *read_text(const char *path)
{
	static char text[1 << 20];
	FILE *f = fopen(path, "r");

	if (!f)
		return NULL;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* Makes a directory on tmpfs and one in $TMPDIR, which becomes the current directory. */
static bool make_places(char *disk, char *shm)
{
	const char *tmp = getenv("TMPDIR");

	sprintf(disk, "%.100s/sequences-XXXXXX", tmp ? tmp : "/tmp");
	strcpy(shm, "/dev/shm/sequences-XXXXXX");
	if (!mkdtemp(disk) || !mkdtemp(shm) || chdir(disk) < 0) {
		perror("sequences: no place");
		return false;
	}
	shm_dir = shm;
	return true;
}

int main(int argc, char **argv)
{
	static char disk[200], shm[200];
	bool lists = argc > 1 && !strcmp(argv[1], "--list"), replays = argc > 1 && !strcmp(argv[1], "--replay");
	char **args = argv + 1 + (lists || replays), *text = NULL;
	uint64_t seed, count;
	int status = 0;

	if (!args[0]) {
		fputs(usage, stderr);
		return 2;
	}
	if (replays && !(text = read_text(args[0]))) {
		perror(args[0]);
		return 2;
	}
	seed = strtoull(args[0], NULL, 10);
	count = args[1] ? strtoull(args[1], NULL, 10) : 1;
	if (lists) {
		for (uint64_t i = 0; i < count; i++)
			list(seed + i);
		return 0;
	}
	umask(022);
	if (!make_places(disk, shm))
		return 2;
	run_init();
	if (replays)
		status = !replay(text);
	for (uint64_t i = 0; i < count && !replays; i++)
		run_seed(seed + i);
	chdir("/");
	rmdir(disk);
	rmdir(shm);
	return status;
}
