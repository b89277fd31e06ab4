/* SPDX-License-Identifier: MIT */
/* Prints the tables of `ringshim compare`: times, context switches, memory and transfers. */
#include "config.h"

#include "cli/strace/counts.h"
#include "cli/compare/table.h"

enum { NUMBER_MAX = 32, RANGE_MAX = 2 * NUMBER_MAX };

/* Writes a number in at most 7 characters, as long as that can be. sign: before a positive one. */
static const char *format_number(char text[NUMBER_MAX], const struct amount_kind *kind,
				 double number, const char *sign)
{
	bool minus = number < 0;
	double size = minus ? -number : number;
	const char *unit = "";
	int decimals = kind->is_time ? size < 1000 ? 3 : 1 : 0;

	if (!kind->is_time && size >= 9999999.5) {
		size /= 1e6;
		unit = "M";
	}
	snprintf(text, NUMBER_MAX, "%s%.*f%s", minus ? "-" : sign, decimals, size, unit);
	return text;
}

static void print_change(FILE *to, const struct amount_kind *kind, double native, double shimmed)
{
	char text[NUMBER_MAX];

	fprintf(to, " %9s\n", format_number(text, kind, shimmed - native, "+"));
}

void table_amounts(FILE *to, const struct amounts runs[2], bool traced)
{
	fprintf(to, "%-20s  %9s  %9s %9s\n", "", "native", "shim", "change");
	for (enum amount i = 0; i < AMOUNT_KINDS; i++) {
		const struct amount_kind *kind = &amount_kinds[i];
		double native = runs[NATIVE].values[i], shimmed = runs[SHIMMED].values[i];
		char text[NUMBER_MAX];

		if (traced && !kind->holds_traced)
			continue;
		fprintf(to, "%-20s", kind->title);
		fprintf(to, "  %9s", format_number(text, kind, native, ""));
		fprintf(to, "  %9s", format_number(text, kind, shimmed, ""));
		print_change(to, kind, native, shimmed);
	}
}

static void print_spread(FILE *to, const struct amount_kind *kind, const struct spread *spread)
{
	char number[NUMBER_MAX], most[NUMBER_MAX], range[RANGE_MAX + 1];

	fprintf(to, " %7s", format_number(number, kind, spread->median, ""));
	snprintf(range, sizeof(range), "%s-%s", format_number(number, kind, spread->least, ""),
		 format_number(most, kind, spread->most, ""));
	fprintf(to, "  %-15s", range);
}

void table_spreads(FILE *to, const struct amounts *const runs[2], int count)
{
	fprintf(to, "%-20s %7s  %-15s %7s  %-15s %9s\n", "", "native", "least-most", "shim",
		"least-most", "change");
	for (enum amount i = 0; i < AMOUNT_KINDS; i++) {
		const struct amount_kind *kind = &amount_kinds[i];
		struct spread native = amounts_spread(runs[NATIVE], count, i);
		struct spread shimmed = amounts_spread(runs[SHIMMED], count, i);

		fprintf(to, "%-20s", kind->title);
		print_spread(to, kind, &native);
		print_spread(to, kind, &shimmed);
		print_change(to, kind, native.median, shimmed.median);
	}
}
