/* SPDX-License-Identifier: MIT */
/* Writes pictures as SVG: rectangles and text, in coordinates that grow to the right and down. */
#ifndef RINGSHIM_CLI_OUTPUT_SVG_H
#define RINGSHIM_CLI_OUTPUT_SVG_H

#include <stdio.h>

struct svg_text {
	double x, y;	    /* of the baseline */
	double size;	    /* of the letters */
	const char *anchor; /* "start", "middle" or "end": which part of the text is at x */
	const char *colour;
	const char *weight; /* "normal" or "bold" */
};

/* Begins a picture. It has no background of its own. */
void svg_begin(FILE *to, int width, int height);

/* The words that a reader of the picture hears, and that a viewer shows as its title. */
void svg_title(FILE *to, const char *title);

void svg_rectangle(FILE *to, double x, double y, double width, double height, const char *colour);

/* Bytes that XML cannot have are replaced. */
void svg_text(FILE *to, const struct svg_text *where, const char *text);

void svg_end(FILE *to);

#endif
