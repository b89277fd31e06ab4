/* SPDX-License-Identifier: MIT */
/* Writes the results of `ringshim compare` as JSON. ringshim-compare(1) documents its members. */
#include "config.h"

#include "cli/compare/comparison.h"

#include "cli/cli.h"
#include "cli/compare/difference.h"
#include "cli/output/json.h"
#include "cli/compare/process-pairs.h"
#include "cli/measure/signals.h"
#include "uring/uring.h"

#include <stdlib.h>
#include <sys/wait.h>

enum { SCHEMA_VERSION = 1 };

static const char *const run_names[] = { [NATIVE] = "native", [SHIMMED] = "shim" };

static void write_command(struct json *json, char *const *argv)
{
	json_array(json, "command");
	for (; *argv; argv++)
		json_string(json, NULL, *argv);
	json_close_array(json);
}

static void write_size(struct json *json, const struct comparison *c, const char *key, int file)
{
	if (c->show)
		json_null(json, key);
	else
		json_number(json, key, size_of(file));
}

static void write_outcome(struct json *json, const struct comparison *c, int which)
{
	int status = c->outcomes[which].status;
	char *signal = WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : NULL;

	json_object(json, run_names[which]);
	if (signal)
		json_null(json, "exit_status");
	else
		json_number(json, "exit_status", WEXITSTATUS(status));
	json_string(json, "signal", signal);
	write_size(json, c, "output_bytes", c->captures[which][OUTPUT].file);
	write_size(json, c, "error_bytes", c->captures[which][ERROR].file);
	json_close_object(json);
	free(signal);
}

static void write_outcomes(struct json *json, const struct comparison *c)
{
	json_bool(json, "same", comparison_is_same(c));
	json_bool(json, "same_ending", c->same.ending);
	if (c->show) {
		json_null(json, "same_output");
		json_null(json, "same_error");
	} else {
		json_bool(json, "same_output", c->same.output);
		json_bool(json, "same_error", c->same.error);
	}
	json_object(json, "outcomes");
	for (int which = NATIVE; which <= SHIMMED; which++)
		write_outcome(json, c, which);
	json_close_object(json);
}

static void write_numbers(struct json *json, const struct count *row)
{
	json_number(json, "native", (long long)row->calls[NATIVE]);
	json_number(json, "shim", (long long)row->calls[SHIMMED]);
	json_number(json, "own", (long long)row->own);
}

static void write_calls(struct json *json, const struct counts *counts)
{
	struct count total = counts_total(counts);

	json_array(json, "calls");
	for (size_t i = 0; i < counts->count; i++) {
		json_object(json, NULL);
		json_string(json, "call", counts->rows[i].name);
		write_numbers(json, &counts->rows[i]);
		json_close_object(json);
	}
	json_close_array(json);
	json_object(json, "total");
	write_numbers(json, &total);
	json_close_object(json);
}

static void write_process(struct json *json, const struct tracee_process *process, int which)
{
	if (!process) {
		json_null(json, run_names[which]);
		return;
	}
	json_object(json, run_names[which]);
	json_number(json, "pid", process->pid);
	json_number(json, "calls", (long long)process->calls[ORIGIN_PROGRAM]);
	json_number(json, "own", (long long)process->calls[ORIGIN_LIBRARY]);
	json_close_object(json);
}

static void write_processes(struct json *json, const struct comparison *c)
{
	struct process_pairs pairs;

	process_pairs_make(&pairs,
			   (const struct tracees[]){ c->traces[NATIVE].tracees,
						     c->traces[SHIMMED].tracees });
	json_array(json, "processes");
	for (size_t i = 0; i < pairs.count; i++) {
		json_object(json, NULL);
		json_string(json, "program", process_pair_program(&pairs.list[i]));
		write_process(json, pairs.list[i].native, NATIVE);
		write_process(json, pairs.list[i].shimmed, SHIMMED);
		json_close_object(json);
	}
	json_close_array(json);
	free(pairs.list);
}

static void write_spreads(struct json *json, const char *key, const struct amounts *runs, int count,
			  bool traced)
{
	json_object(json, key);
	for (enum amount i = 0; i < AMOUNT_KINDS; i++) {
		struct spread spread = amounts_spread(runs, count, i);

		if (traced && !amount_kinds[i].holds_traced)
			continue;
		json_object(json, amount_kinds[i].word);
		json_real(json, "median", spread.median);
		json_real(json, "least", spread.least);
		json_real(json, "most", spread.most);
		json_close_object(json);
	}
	json_close_object(json);
}

static void write_amounts(struct json *json, const struct comparison *c)
{
	json_object(json, "measured");
	json_bool(json, "strace", !c->runs);
	json_bool(json, "cold", c->cold);
	json_number(json, "runs", c->runs ? c->runs : 1);
	for (int which = NATIVE; which <= SHIMMED; which++)
		write_spreads(json, run_names[which],
			      c->runs ? c->amounts[which] : &c->outcomes[which].amounts,
			      c->runs ? c->runs : 1, !c->runs);
	json_close_object(json);
}

static void write_ring(struct json *json)
{
	struct uring_support support;
	bool available = !uring_probe(&support);

	json_object(json, "ring");
	json_bool(json, "available", available);
	json_string(json, "why_not", available ? NULL : uring_why_text(support.why));
	json_close_object(json);
}

void comparison_write_json(struct comparison *c)
{
	struct json json = { .to = c->report };

	json_object(&json, NULL);
	json_string(&json, "schema", "ringshim-compare");
	json_number(&json, "version", SCHEMA_VERSION);
	json_string(&json, "ringshim", PACKAGE_VERSION);
	write_command(&json, c->preload.program.argv);
	write_outcomes(&json, c);
	write_calls(&json, &c->counts);
	write_processes(&json, c);
	write_amounts(&json, c);
	fetches_json(&json, &c->fetches);
	write_ring(&json);
	json_close_object(&json);
}
