/* SPDX-License-Identifier: MIT */
/* Collects and prints what `ringshim doctor` found. */
#include "config.h"

#include "cli/doctor/report.h"

#include "cli/cli.h"
#include "cli/output/screen.h"

#include <string.h>

static const struct {
	const char *heading; /* on the screen */
	const char *name;    /* in JSON */
} sections[] = {
	[SECTION_KERNEL] = { "Kernel", "kernel" },
	[SECTION_RING] = { "Ring", "ring" },
	[SECTION_MEMORY] = { "Locked memory", "memory" },
	[SECTION_OPERATIONS] = { "Operations and features", "operations" },
	[SECTION_LIBRARIES] = { "Other libraries", "libraries" },
	[SECTION_SHIM] = { "The shim, tried", "shim" },
	[SECTION_PROGRAM] = { "Program", "program" },
};

static const struct {
	const char *mark;    /* on the screen */
	const char *name;    /* in JSON */
	const char *verdict; /* if it is the worst level */
	enum colour colour;
} levels[] = {
	[LEVEL_OK] = { "ok", "ok", "usable", COLOUR_GOOD },
	[LEVEL_NOTE] = { "note", "note", "usable", COLOUR_GOOD },
	[LEVEL_PART] = { "part", "part", "usable in part", COLOUR_DOUBT },
	[LEVEL_NO] = { "NO", "no", "not usable", COLOUR_BAD },
};

enum { MARK_WIDTH = 6, TEXT_COLUMN = 2 + MARK_WIDTH, COMMAND_COLUMN = TEXT_COLUMN + 2 };

void report_add(struct report *report, enum section section, enum level level, char *text)
{
	report->findings = grow(report->findings, report->count + 1, sizeof(*report->findings));
	report->findings[report->count++] = (struct finding){
		.section = section,
		.level = level,
		.text = text,
	};
}

static void add_advice(struct report *report, char *text, bool command)
{
	struct finding *last = &report->findings[report->count - 1];

	last->advice = grow(last->advice, last->advices + 1, sizeof(*last->advice));
	last->advice[last->advices++] = (struct advice){ .text = text, .command = command };
}

void report_advise(struct report *report, char *text)
{
	add_advice(report, text, false);
}

void report_command(struct report *report, char *text)
{
	add_advice(report, text, true);
}

enum level report_worst(const struct report *report)
{
	enum level worst = LEVEL_OK;

	for (size_t i = 0; i < report->count; i++)
		if (report->findings[i].level > worst)
			worst = report->findings[i].level;
	return worst;
}

const char *report_verdict(enum level worst)
{
	return levels[worst].verdict;
}

const char *report_mark(enum level level)
{
	return levels[level].mark;
}

static void print_finding(FILE *to, const struct finding *finding)
{
	const char *mark = levels[finding->level].mark;

	fputs("  ", to);
	screen_word(to, finding->level == LEVEL_NOTE ? COLOUR_NONE : levels[finding->level].colour,
		    mark);
	fprintf(to, "%*s", MARK_WIDTH - (int)strlen(mark), "");
	screen_paragraph(to, TEXT_COLUMN, TEXT_COLUMN, finding->text);
	for (size_t i = 0; i < finding->advices; i++) {
		const struct advice *advice = &finding->advice[i];

		if (advice->command) {
			fprintf(to, "%*s", COMMAND_COLUMN, "");
			screen_word(to, COLOUR_BOLD, advice->text);
			fputc('\n', to);
			continue;
		}
		fprintf(to, "%*s", TEXT_COLUMN, "");
		screen_paragraph(to, TEXT_COLUMN, TEXT_COLUMN, advice->text);
	}
}

static void print_section(FILE *to, const struct report *report, enum section section)
{
	bool headed = false;

	for (size_t i = 0; i < report->count; i++) {
		if (report->findings[i].section != section)
			continue;
		if (!headed) {
			screen_word(to, COLOUR_BOLD, sections[section].heading);
			fputc('\n', to);
		}
		headed = true;
		print_finding(to, &report->findings[i]);
	}
}

void report_print(FILE *to, const struct report *report)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		print_section(to, report, (enum section)i);
}

static void finding_json(struct json *json, const struct finding *finding)
{
	json_object(json, NULL);
	json_string(json, "section", sections[finding->section].name);
	json_string(json, "level", levels[finding->level].name);
	json_string(json, "text", finding->text);
	json_array(json, "advice");
	for (size_t i = 0; i < finding->advices; i++) {
		json_object(json, NULL);
		json_string(json, finding->advice[i].command ? "command" : "text",
			    finding->advice[i].text);
		json_close_object(json);
	}
	json_close_array(json);
	json_close_object(json);
}

void report_json(struct json *json, const struct report *report)
{
	json_array(json, "findings");
	for (size_t i = 0; i < report->count; i++)
		finding_json(json, &report->findings[i]);
	json_close_array(json);
}
