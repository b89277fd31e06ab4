/* SPDX-License-Identifier: MIT */
/* Parses the options of a subcommand with getopt_long(3) and prints its --help. */
#include "config.h"

#include "cli/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTIONS 48
#define FIRST_ID 256 /* above every letter; the value of a long option is FIRST_ID + index */

static int take_nothing(void *into, const struct option_spec *spec, const char *value)
{
	return 0;
}

static int take_json(void *into, const struct option_spec *spec, const char *value)
{
	*(bool *)into = true;
	return 0;
}

const struct option_spec json_options[] = {
	{ .name = "json", .help = "print JSON; the manual page has its schema", .take = take_json },
	{ .name = NULL },
};

static const struct option_spec common[] = {
	{ .name = "help", .letter = 'h', .help = "print this text", .take = take_nothing },
	{ .name = "version", .letter = 'V', .help = "print the version", .take = take_nothing },
	{ .name = NULL },
};

/* The options of one subcommand in the form that getopt_long(3) takes. */
struct parser {
	const struct option_spec *specs[MAX_OPTIONS];
	void *into[MAX_OPTIONS];
	struct option options[MAX_OPTIONS + 1];
	char letters[2 * MAX_OPTIONS + 3];
	int count;
};

static void add_specs(struct parser *p, const struct option_spec *spec, void *into)
{
	char *letter = p->letters + strlen(p->letters);

	for (; spec->name; spec++) {
		if (p->count == MAX_OPTIONS)
			abort();
		p->specs[p->count] = spec;
		p->into[p->count] = into;
		p->options[p->count] = (struct option){
			.name = spec->name,
			.has_arg = !spec->value	     ? no_argument :
				spec->value_optional ? optional_argument :
						       required_argument,
			.val = FIRST_ID + p->count,
		};
		p->count++;
		if (!spec->letter)
			continue;
		*letter++ = spec->letter;
		if (spec->value)
			*letter++ = ':';
	}
}

static void make_parser(struct parser *p, const struct option_group *groups)
{
	*p = (struct parser){ .letters = "+:" };
	for (; groups->title; groups++)
		add_specs(p, groups->specs, groups->into);
	add_specs(p, common, NULL);
}

static void print_spec(const struct option_spec *spec)
{
	const char *line = spec->help;
	char left[96];
	int n;

	n = snprintf(left, sizeof(left), "  %c%c%c --%s%s%s%s%s", spec->letter ? '-' : ' ',
		     spec->letter ? spec->letter : ' ', spec->letter ? ',' : ' ', spec->name,
		     spec->value_optional ? "[" : "", spec->value ? "=" : "",
		     spec->value ? spec->value : "", spec->value_optional ? "]" : "");
	printf("%-25s%s", left, n < 25 ? "" : "\n                         ");
	for (;;) {
		int length = strcspn(line, "\n");

		printf("%.*s\n", length, line);
		if (!line[length])
			return;
		line += length + 1;
		printf("%25s", "");
	}
}

static void print_help(const struct subcommand *sub, const struct option_group *groups)
{
	printf("Usage: ringshim %s %s\n%s", sub->name, sub->synopsis, sub->help);
	for (; groups->title; groups++) {
		if (*groups->title)
			printf("\n%s:\n", groups->title);
		for (const struct option_spec *spec = groups->specs; spec->name; spec++)
			print_spec(spec);
	}
	puts("");
	for (const struct option_spec *spec = common; spec->name; spec++)
		print_spec(spec);
	printf("\nThe manual page is ringshim-%s(1).\n", sub->name);
}

static int wrong_option(const struct subcommand *sub, const struct parser *p, const char *word)
{
	fprintf(stderr, "ringshim: %s has no option '%s'; it has", sub->name, word);
	for (int i = 0; i < p->count; i++)
		fprintf(stderr, "%s --%s", i ? "," : "", p->options[i].name);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

/* Returns the index of the option for which getopt_long(3) returned id, or -1. */
static int index_of(const struct parser *p, int id)
{
	for (int i = 0; i < p->count; i++)
		if (id == FIRST_ID + i || (id && id == p->specs[i]->letter))
			return i;
	return -1;
}

static int refuse(const struct subcommand *sub, const struct parser *p, int id, const char *word)
{
	char letter[] = { '-', optopt, 0 };
	int index = index_of(p, optopt);
	const struct option_spec *spec;

	if (index < 0)
		return wrong_option(sub, p, strncmp(word, "--", 2) ? letter : word);
	spec = p->specs[index];
	if (id == ':')
		say("%s: --%s needs a value: --%s=%s", sub->name, spec->name, spec->name,
		    spec->value);
	else
		say("%s: --%s takes no value; leave out '=' and what follows", sub->name,
		    spec->name);
	return EXIT_USAGE;
}

int options_parse(const struct subcommand *sub, const struct option_group *groups, int *argc,
		  char ***argv)
{
	struct parser p;
	int id, index, status;

	make_parser(&p, groups);
	opterr = 0;
	optind = 1;
	while ((id = getopt_long(*argc, *argv, p.letters, p.options, NULL)) != -1) {
		const struct option_spec *spec;

		if (id == '?' || id == ':')
			return refuse(sub, &p, id, (*argv)[optind - 1]);
		index = index_of(&p, id);
		spec = p.specs[index];
		if (spec == &common[0]) {
			print_help(sub, groups);
			return EXIT_SUCCESS;
		}
		if (spec == &common[1]) {
			print_version();
			return EXIT_SUCCESS;
		}
		status = spec->take(p.into[index], spec, optarg);
		if (status)
			return status;
	}
	*argc -= optind;
	*argv += optind;
	if (*argc || sub->command_optional)
		return -1;
	say("%s: no CMD given; use ringshim %s %s", sub->name, sub->name, sub->synopsis);
	return EXIT_USAGE;
}
