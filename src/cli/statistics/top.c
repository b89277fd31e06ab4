/* SPDX-License-Identifier: MIT */
/* `ringshim top`: shows the processes under the shim that have statistics, again and again. */
#include "config.h"

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output/screen.h"
#include "cli/statistics/records.h"
#include "shim/base/clock.h"
#include "uring/uring.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct top_options {
	unsigned long count; /* 0: without end */
	double seconds;
};

static int refuse(const char *option, const char *value, const char *accepted)
{
	say("--%s=%s: accepted is %s", option, value, accepted);
	return EXIT_USAGE;
}

static int take_count(void *into, const struct option_spec *spec, const char *value)
{
	struct top_options *given = into;
	char *end;

	given->count = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || !given->count || given->count > 1000000)
		return refuse(spec->name, value, "a number from 1 to 1000000");
	return 0;
}

static int take_delay(void *into, const struct option_spec *spec, const char *value)
{
	struct top_options *given = into;
	char *end;

	given->seconds = strtod(value, &end);
	if (!isdigit((unsigned char)*value) || *end ||
	    !(given->seconds >= 0.1 && given->seconds <= 3600))
		return refuse(spec->name, value, "a number of seconds from 0.1 to 3600");
	return 0;
}

static const struct option_spec options[] = {
	{ .name = "count",
	  .letter = 'n',
	  .value = "COUNT",
	  .help = "end after COUNT samples",
	  .take = take_count },
	{ .name = "delay",
	  .letter = 'd',
	  .value = "SECONDS",
	  .help = "seconds between two samples\ndefault: 1",
	  .take = take_delay },
	{ .name = NULL },
};

/* What is shown of a process: its counts, which only grow, and its longest wait now. */
struct sample {
	char *path; /* of its record; no other process has it */
	long pid;
	char program[32];
	uint64_t calls, ring, bytes, waits;
	int64_t waiting; /* ns; -1: it does not wait */
	char on[48];
};

struct samples {
	struct sample *list;
	size_t count;
	int64_t when; /* CLOCK_MONOTONIC, ns */
};

/* Writes "recv, descriptor 5" for a wait. */
static void name_wait(char on[48], unsigned opcode, int fd)
{
	const char *name = uring_name(URING_WHAT_OP, opcode);
	int length = snprintf(on, 48, "%.24s", name ? name : "?");

	for (char *c = on; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (fd >= 0)
		snprintf(on + length, (size_t)(48 - length), ", fd %d", fd);
}

static void take_wait(struct sample *sample, const struct stats_record *counts, int64_t when)
{
	sample->waiting = -1;
	for (size_t i = 0; i < WAIT_PLACES; i++) {
		const struct wait_place *place = &counts->waits[i];
		int fd = place->fd;
		unsigned opcode = place->opcode;
		uint64_t since = atomic_load(&place->since);

		if (!since || when - (int64_t)since <= sample->waiting)
			continue;
		sample->waiting = when - (int64_t)since;
		name_wait(sample->on, opcode, fd);
	}
}

static void take_sample(struct sample *sample, const struct record *record, int64_t when)
{
	struct summary summary;

	record_summarize(record, &summary);
	*sample = (struct sample){
		.path = text("%s", record->path),
		.pid = summary.pid,
		.calls = summary_count_calls(&summary.totals),
		.ring = summary_count_ring(&summary.totals),
		.bytes = summary_count_results(&summary.totals, RESULT_BYTES),
		.waits = summary_count_results(&summary.totals, RESULT_WAITS),
	};
	memcpy(sample->program, summary.program, sizeof(sample->program));
	take_wait(sample, record->counts, when);
}

static void take_samples(struct samples *samples)
{
	struct records records;

	*samples = (struct samples){ .when = monotonic_now() };
	records_find(&records);
	for (size_t i = 0; i < records.count; i++) {
		if (!records.list[i].running)
			continue;
		samples->list = grow(samples->list, samples->count + 1, sizeof(*samples->list));
		take_sample(&samples->list[samples->count++], &records.list[i], samples->when);
	}
	records_collect(&records);
	records_free(&records);
}

static void free_samples(struct samples *samples)
{
	for (size_t i = 0; i < samples->count; i++)
		free(samples->list[i].path);
	free(samples->list);
}

/* Returns the earlier sample of the same process, or one in which nothing has happened yet. */
static const struct sample *find_before(const struct samples *before, const struct sample *sample)
{
	static const struct sample none;

	for (size_t i = 0; i < before->count; i++)
		if (!strcmp(before->list[i].path, sample->path))
			return &before->list[i];
	return &none;
}

static const char *rate(char text[SHORT_NUMBER_MAX], uint64_t after, uint64_t before,
			double seconds)
{
	double each = after > before ? (double)(after - before) / seconds : 0;

	return summary_format(text, (uint64_t)(each + 0.5));
}

static void print_sample(const struct sample *after, const struct sample *before, double seconds)
{
	uint64_t calls = after->calls - before->calls, ring = after->ring - before->ring;
	char number[SHORT_NUMBER_MAX], wait[80] = "-";

	if (after->waiting >= 0)
		snprintf(wait, sizeof(wait), "%.1f s, %s", (double)after->waiting / 1e9, after->on);
	printf("%7ld  %-15.15s", after->pid, after->program);
	printf(" %8s", rate(number, after->calls, before->calls, seconds));
	printf(" %6.1f", calls ? 100.0 * (double)ring / (double)calls : 0.0);
	printf(" %8s", rate(number, after->bytes, before->bytes, seconds));
	printf(" %8s", rate(number, after->waits, before->waits, seconds));
	printf("  %.20s\n", wait);
}

/* lines: how many fit on the terminal; 0: there is no end. */
static void print_samples(const struct samples *after, const struct samples *before, size_t lines)
{
	double seconds = (double)(after->when - before->when) / 1e9;

	printf("%7s  %-15s %8s %6s %8s %8s  %s\n", "pid", "program", "calls/s", "ring %", "bytes/s",
	       "waits/s", "longest wait now");
	for (size_t i = 0; i < after->count && (!lines || i + 2 < lines); i++)
		print_sample(&after->list[i], find_before(before, &after->list[i]), seconds);
	if (!after->count)
		puts("(no process of yours has statistics; RINGSHIM_STATS=FILE makes them)");
}

static volatile sig_atomic_t ended;

static void end(int sig)
{
	ended = 1;
}

/* The terminal, while it gives each key at once. */
struct keyboard {
	bool used;
	struct termios before;
};

static void keyboard_open(struct keyboard *keyboard)
{
	struct sigaction act = { .sa_handler = end };
	struct termios now_set;

	keyboard->used = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
		!tcgetattr(STDIN_FILENO, &keyboard->before);
	if (!keyboard->used)
		return;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	now_set = keyboard->before;
	now_set.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &now_set);
}

static void keyboard_close(const struct keyboard *keyboard)
{
	if (keyboard->used)
		tcsetattr(STDIN_FILENO, TCSANOW, &keyboard->before);
}

/* Waits until the time has come. Returns false if the user has pressed q or sent a signal. */
static bool wait_until(const struct keyboard *keyboard, int64_t when)
{
	struct pollfd look = { .fd = keyboard->used ? STDIN_FILENO : -1, .events = POLLIN };
	int64_t left;

	while (!ended && (left = when - monotonic_now()) > 0) {
		char key;

		if (poll(&look, 1, (int)((left + 999999) / 1000000)) <= 0)
			continue;
		if (read(STDIN_FILENO, &key, 1) != 1)
			look.fd = -1;
		else if (key == 'q' || key == 'Q')
			return false;
	}
	return !ended;
}

/* Returns how many lines the terminal has, after clearing it; 0: it is none. */
static size_t begin_block(bool first)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO)) {
		fputs("\033[H\033[J", stdout);
		return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? 24 : size.ws_row;
	}
	if (!first)
		putchar('\n');
	return 0;
}

static void show(const struct top_options *given, const struct keyboard *keyboard)
{
	struct samples before, after;

	take_samples(&before);
	for (unsigned long i = 0; !given->count || i < given->count; i++) {
		if (!wait_until(keyboard, before.when + (int64_t)(given->seconds * 1e9)))
			break;
		take_samples(&after);
		print_samples(&after, &before, begin_block(!i));
		if (fflush(stdout))
			break;
		free_samples(&before);
		before = after;
	}
	free_samples(&before);
}

static int top_main(const struct subcommand *self, int argc, char **argv)
{
	struct top_options given = { .seconds = 1 };
	const struct option_group groups[] = {
		{ "Options", options, &given },
		{ NULL, NULL, NULL },
	};
	struct keyboard keyboard;
	int status = options_parse(self, groups, &argc, &argv);

	if (status >= 0)
		return status;
	if (argc) {
		say("top takes no arguments: ringshim top %s", self->synopsis);
		return EXIT_USAGE;
	}
	keyboard_open(&keyboard);
	show(&given, &keyboard);
	keyboard_close(&keyboard);
	return EXIT_SUCCESS;
}

const struct subcommand cmd_top = {
	.name = "top",
	.synopsis = "[OPTION]...",
	.summary = "show what the processes under the shim do now",
	.help = "Shows the processes of this user that have RINGSHIM_STATS: calls per second, how\n"
		"many of them went by ring, bytes, waits, and the longest wait now. On a terminal, q\n"
		"ends it. The processes are not disturbed.\n",
	.main = top_main,
	.command_optional = true,
};
