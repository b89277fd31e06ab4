/* SPDX-License-Identifier: MIT */
/* Draws the system calls of both runs side by side. */
#include "config.h"

#include "cli/compare/picture.h"

#include "cli/cli.h"
#include "cli/output/svg.h"
#include "cli/output/utf8.h"

#include <stdlib.h>

/* In pixels, of a picture that is not scaled. */
enum {
	WIDTH = 760,
	MARGIN = 20,
	BARS_LEFT = 190,  /* names of calls are to the left */
	BARS_WIDTH = 450, /* numbers are to the right of a bar */
	HEAD = 118,	  /* title, totals and key */
	ROW = 40,
	BAR = 14,
	FOOT = 20,
};

enum { ROWS_MAX = 12, TITLE_MAX = 70 };

#define INK "#1a1a1a"
#define GREY "#595959"

/* Told apart by brightness as well, for print and for those who do not see the colours. */
static const struct {
	const char *colour, *label;
} kinds[] = {
	[NATIVE] = { "#9aa5b1", "natively" },
	[SHIMMED] = { "#0b5fa5", "under the shim" },
};

static unsigned long long larger(unsigned long long a, unsigned long long b)
{
	return a > b ? a : b;
}

/* Returns the words of CMD, cut to what fits into a line. */
static char *title_of(char *const *argv)
{
	char *title = text("%s", *argv);
	size_t at = 0;
	int characters = 0;

	while (*++argv) {
		char *longer = text("%s %s", title, *argv);

		free(title);
		title = longer;
	}
	for (; title[at] && characters < TITLE_MAX; characters++) {
		size_t length = utf8_length(title + at);

		at += length ? length : 1;
	}
	if (title[at]) {
		char *cut = text("%.*s...", (int)at, title);

		free(title);
		title = cut;
	}
	return title;
}

static int count_rows(const struct counts *counts)
{
	int rows = 0;

	for (size_t i = 0; i < counts->count && rows < ROWS_MAX; i++)
		rows += counts->rows[i].calls[NATIVE] != count_shimmed(&counts->rows[i]);
	return rows;
}

static void draw_number(FILE *to, double x, double y, unsigned long long number)
{
	const struct svg_text where = { x, y, 12, "start", INK, "normal" };
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", number);
	svg_text(to, &where, digits);
}

static void draw_head(FILE *to, const struct counts *counts, const char *title, int rows)
{
	const struct svg_text heading = { MARGIN, 34, 18, "start", INK, "bold" };
	const struct svg_text command = { MARGIN, 56, 13, "start", GREY, "normal" };
	struct count total = counts_total(counts);
	double x = BARS_LEFT;

	svg_text(to, &heading, "System calls before and after");
	svg_text(to, &command, title);
	for (int which = NATIVE; which <= SHIMMED; which++) {
		const struct svg_text key = { x + BAR + 6, 87, 13, "start", INK, "normal" };
		char *label = text("%s: %llu in all", kinds[which].label,
				   which == NATIVE ? total.calls[NATIVE] : count_shimmed(&total));

		svg_rectangle(to, x, 75, BAR, BAR, kinds[which].colour);
		svg_text(to, &key, label);
		free(label);
		x += BARS_WIDTH / 2.0;
	}
	if (!rows) {
		const struct svg_text none = { BARS_LEFT, HEAD + 14, 13, "start", INK, "normal" };

		svg_text(to, &none, "No count differs.");
	}
}

static void draw_row(FILE *to, const struct count *row, double y, unsigned long long most)
{
	const struct svg_text name = { BARS_LEFT - 10, y + BAR + 4, 13, "end", INK, "normal" };
	const unsigned long long numbers[] = {
		[NATIVE] = row->calls[NATIVE],
		[SHIMMED] = count_shimmed(row),
	};

	svg_text(to, &name, row->name);
	for (int which = NATIVE; which <= SHIMMED; which++) {
		double width = BARS_WIDTH * ((double)numbers[which] / (double)most);

		/* One that is not 0 is seen. */
		if (numbers[which] && width < 1)
			width = 1;
		svg_rectangle(to, BARS_LEFT, y, width, BAR, kinds[which].colour);
		draw_number(to, BARS_LEFT + width + 6, y + BAR - 3, numbers[which]);
		y += BAR + 2;
	}
}

void picture_write(FILE *to, const struct counts *counts, char *const *argv)
{
	struct counts sorted = counts_copy(counts);
	char *title = title_of(argv);
	unsigned long long most = 1;
	int rows, height;

	counts_sort_total(&sorted);
	rows = count_rows(&sorted);
	height = HEAD + (rows ? rows : 1) * ROW + FOOT;
	for (int i = 0; i < rows; i++)
		most = larger(most,
			      larger(sorted.rows[i].calls[NATIVE], count_shimmed(&sorted.rows[i])));
	svg_begin(to, WIDTH, height);
	svg_title(to, title);
	svg_rectangle(to, 0, 0, WIDTH, height, "#ffffff");
	draw_head(to, counts, title, rows);
	for (int i = 0; i < rows; i++)
		draw_row(to, &sorted.rows[i], HEAD + i * ROW, most);
	svg_end(to);
	free(sorted.rows);
	free(title);
}
