/* SPDX-License-Identifier: MIT */
/* Writes text for people: lines of at most 80 columns, colours on terminals only. */
#ifndef RINGSHIM_CLI_OUTPUT_SCREEN_H
#define RINGSHIM_CLI_OUTPUT_SCREEN_H

#include <stdio.h>

enum { SCREEN_WIDTH = 80 };

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_GOOD, COLOUR_DOUBT, COLOUR_BAD };

/*
 * Writes a word in a colour, if the stream is a terminal that has colours and NO_COLOR is not set
 * (no-color.org).
 */
void screen_word(FILE *to, enum colour colour, const char *word);

/*
 * Writes the words of text in lines that end before column SCREEN_WIDTH. The first line continues
 * one that already has column columns, the others begin with indent blanks. Ends in a newline. A
 * word that is longer than a line is not broken.
 */
void screen_paragraph(FILE *to, int column, int indent, const char *text);

#endif
