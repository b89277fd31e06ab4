/* SPDX-License-Identifier: MIT */
/* Writes JSON: values in the order of the calls, indented by two blanks a level. */
#ifndef RINGSHIM_CLI_OUTPUT_JSON_H
#define RINGSHIM_CLI_OUTPUT_JSON_H

#include <stdbool.h>
#include <stdio.h>

struct json {
	FILE *to;
	unsigned depth;
	bool any; /* the innermost object or array has a member */
};

/*
 * Each call writes one value. key: its name in the object around it; NULL in an array and for the
 * outermost value. Every object and array that is opened must be closed.
 */
void json_object(struct json *json, const char *key);
void json_array(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_close_array(struct json *json);

/* A NULL value becomes null. Bytes that are not UTF-8 are replaced. */
void json_string(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, long long value);
/* With at most six decimals. */
void json_real(struct json *json, const char *key, double value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

#endif
