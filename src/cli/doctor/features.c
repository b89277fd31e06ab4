/* SPDX-License-Identifier: MIT */
/* Compares what the kernel has with the table of what the shim and the wrapper library use. */
#include "config.h"

#include "cli/doctor/features.h"

#include "cli/cli.h"
#include "cli/doctor/refusals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct feature {
	enum uring_what what;
	uint64_t value;
	enum entry_shape shape; /* of operations */
	enum level level;
	const char *loss;
	bool wrapper; /* only programs that use the wrapper library lose something */
} table[] = {
#define OP(NAME, SHAPE, LEVEL, LOSS) \
	{ URING_WHAT_OP, URING_OP_##NAME, SHAPE_##SHAPE, LEVEL_##LEVEL, LOSS, false },
#define PART(WHAT, VALUE, LEVEL, LOSS) \
	{ URING_WHAT_##WHAT, VALUE, SHAPE_BARE, LEVEL_##LEVEL, LOSS, false },
#define WRAPPER(WHAT, VALUE, LOSS) { URING_WHAT_##WHAT, VALUE, SHAPE_BARE, LEVEL_NOTE, LOSS, true },
#include "cli/doctor/features.def"
#undef OP
#undef PART
#undef WRAPPER
};

enum { ROWS = sizeof(table) / sizeof(*table) };

_Static_assert((int)ROWS <= (int)FEATURES_MOST, "struct features_facts has a place for each row");

static const struct {
	const char *word;   /* of one, on the screen */
	const char *plural; /* in JSON */
} kinds[URING_WHAT_LAST] = {
	[URING_WHAT_OP] = { "operation", "operations" },
	[URING_WHAT_REGISTER] = { "registration", "registrations" },
	[URING_WHAT_SETUP] = { "set-up flag", "setup_flags" },
	[URING_WHAT_FEATURE] = { "feature", "features" },
	[URING_WHAT_ENTER] = { "enter flag", "enter_flags" },
	[URING_WHAT_SQE] = { "entry flag", "sqe_flags" },
};

void features_find_denied(struct features_facts *features, struct uring *ring)
{
	for (int i = 0; i < ROWS; i++) {
		const struct feature *row = &table[i];

		if (row->what == URING_WHAT_OP &&
		    uring_has(&features->support, row->what, row->value))
			features->denied[i] = refusal_try(ring, (enum uring_op)row->value,
							  row->shape) == -EACCES;
	}
}

void features_examine(struct features_facts *features)
{
	struct uring_probe probe = { 0 };
	struct uring ring;

	if (uring_probe(&features->support))
		return;
	features->asked = true;
	for (int i = 0; i < ROWS; i++)
		features->lacks[i] = !uring_has(&features->support, table[i].what, table[i].value);
	if (uring_init(&ring, NULL, 2))
		return;
	features->restricted = uring_sys_register(ring.fd, URING_REGISTER_PROBE, &probe, 0) ==
		-EACCES;
	features_find_denied(features, &ring);
	uring_destroy(&ring);
}

static int count_rows(const bool *rows)
{
	int count = 0;

	for (int i = 0; i < ROWS; i++)
		count += rows[i];
	return count;
}

/* What the kernel is too old for: first what the shim uses, then what only the wrapper does. */
static void report_lacking(struct report *report, const struct features_facts *features,
			   bool wrapper)
{
	for (int i = 0; i < ROWS; i++) {
		const struct feature *row = &table[i];

		if (!features->lacks[i] || row->wrapper != wrapper)
			continue;
		report_add(report, SECTION_OPERATIONS, row->level,
			   text("No %s %s, which needs Linux %s. %s %s.", kinds[row->what].word,
				uring_name(row->what, row->value),
				uring_since(row->what, row->value),
				wrapper ? "For programs that use the wrapper library only:" :
					  "Without it",
				row->loss));
	}
}

static void report_denied(struct report *report, const struct features_facts *features)
{
	char *names = text("%s", "");
	enum level level = LEVEL_NOTE;

	for (int i = 0; i < ROWS; i++) {
		char *more;

		if (!features->denied[i])
			continue;
		if (table[i].level > level)
			level = table[i].level;
		more = text("%s%s%s", names, *names ? ", " : "",
			    uring_name(table[i].what, table[i].value));
		free(names);
		names = more;
	}
	if (!*names && !features->restricted) {
		free(names);
		return;
	}
	report_add(
		report, SECTION_OPERATIONS, level < LEVEL_PART ? LEVEL_PART : level,
		text("io_uring's own filter or restrictions of this process (Linux 7.0, "
		     "IORING_REGISTER_BPF_FILTER or IORING_REGISTER_RESTRICTIONS without a ring) "
		     "refuse%s%s%s. A call that becomes such an operation fails with EACCES.",
		     *names ? " these operations: " : "", names,
		     features->restricted ? (*names ? "; and registrations" : " registrations") :
					    ""));
	report_advise(report,
		      text("They cannot be taken off again, and children inherit them: whoever "
			   "started this process set them. Leave the calls out, or send all of "
			   "them direct:"));
	report_command(report, text("ringshim run --calls=file,-write -- CMD"));
	report_command(report, text("ringshim run --route=direct -- CMD"));
	free(names);
}

void features_report(struct report *report, const struct features_facts *features)
{
	if (!features->asked)
		return;
	report_add(report, SECTION_OPERATIONS, LEVEL_OK,
		   text("%d of %d parts of io_uring that matter here are there: operations, flags "
			"and features.",
			ROWS - count_rows(features->lacks), ROWS));
	report_denied(report, features);
	report_lacking(report, features, false);
	report_lacking(report, features, true);
}

static void available_json(struct json *json, const struct uring_support *support)
{
	json_object(json, "available");
	for (int what = 0; what < URING_WHAT_LAST; what++) {
		bool flags = what > URING_WHAT_REGISTER;

		json_array(json, kinds[what].plural);
		for (unsigned i = 0; i < (flags ? 64 : 256); i++) {
			uint64_t value = flags ? 1ull << i : i;
			const char *name = uring_name((enum uring_what)what, value);

			if (name && uring_has(support, (enum uring_what)what, value))
				json_string(json, NULL, name);
		}
		json_close_array(json);
	}
	json_close_object(json);
}

void features_json(struct json *json, const struct features_facts *features)
{
	available_json(json, &features->support);
	json_array(json, "lacking");
	for (int i = 0; i < ROWS && features->asked; i++) {
		if (!features->lacks[i] && !features->denied[i])
			continue;
		json_object(json, NULL);
		json_string(json, "kind", kinds[table[i].what].word);
		json_string(json, "name", uring_name(table[i].what, table[i].value));
		json_string(json, "since", uring_since(table[i].what, table[i].value));
		json_string(json, "why", features->lacks[i] ? "kernel" : "denied");
		json_string(json, "user", table[i].wrapper ? "wrapper" : "shim");
		json_string(json, "loss", table[i].loss);
		json_close_object(json);
	}
	json_close_array(json);
}
