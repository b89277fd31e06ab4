/* SPDX-License-Identifier: MIT */
/* Writes pictures as SVG 1.1. */
#include "config.h"

#include "cli/output/svg.h"

#include "cli/output/utf8.h"

#include <stdbool.h>
#include <string.h>

/* XML has no characters below the blank but tab and newline, and not U+FFFE and U+FFFF. */
static bool is_xml_character(const char *at, size_t length)
{
	if (length == 1)
		return *at >= ' ' && *at != 0x7f;
	return length && strncmp(at, "\xef\xbf\xbe", 3) != 0 && strncmp(at, "\xef\xbf\xbf", 3) != 0;
}

static void write_escaped(FILE *to, const char *text)
{
	while (*text) {
		size_t length = utf8_length(text);

		if (!is_xml_character(text, length))
			fputs("\xef\xbf\xbd", to); /* U+FFFD, the replacement character */
		else if (*text == '&')
			fputs("&amp;", to);
		else if (*text == '<')
			fputs("&lt;", to);
		else if (*text == '>')
			fputs("&gt;", to);
		else
			fwrite(text, 1, length, to);
		text += length ? length : 1;
	}
}

void svg_begin(FILE *to, int width, int height)
{
	fprintf(to,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%d\" "
		"height=\"%d\"\n"
		"     viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n",
		width, height, width, height);
}

void svg_title(FILE *to, const char *title)
{
	fputs("<title>", to);
	write_escaped(to, title);
	fputs("</title>\n", to);
}

void svg_rectangle(FILE *to, double x, double y, double width, double height, const char *colour)
{
	fprintf(to, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", x,
		y, width, height, colour);
}

void svg_text(FILE *to, const struct svg_text *where, const char *text)
{
	fprintf(to,
		"<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.0f\" text-anchor=\"%s\" "
		"font-weight=\"%s\" fill=\"%s\">",
		where->x, where->y, where->size, where->anchor, where->weight, where->colour);
	write_escaped(to, text);
	fputs("</text>\n", to);
}

void svg_end(FILE *to)
{
	fputs("</svg>\n", to);
}
