/* SPDX-License-Identifier: MIT */
/* Writes JSON (RFC 8259). */
#include "config.h"

#include "cli/output/json.h"

#include "cli/output/utf8.h"

static void write_text(FILE *to, const char *value)
{
	const unsigned char *at = (const unsigned char *)value;

	fputc('"', to);
	while (*at) {
		size_t length = utf8_length((const char *)at);

		if (!length)
			fputs("\\ufffd", to);
		else if (*at < ' ' || *at == 0x7f)
			fprintf(to, "\\u%04x", *at);
		else if (*at == '"' || *at == '\\')
			fprintf(to, "\\%c", *at);
		else
			fwrite(at, 1, length, to);
		at += length ? length : 1;
	}
	fputc('"', to);
}

/* Begins a value: what separates it from the one before, and its name. */
static void begin(struct json *json, const char *key)
{
	if (json->any)
		fputc(',', json->to);
	if (json->depth)
		fprintf(json->to, "\n%*s", (int)(2 * json->depth), "");
	if (key) {
		write_text(json->to, key);
		fputs(": ", json->to);
	}
	json->any = true;
}

static void open_with(struct json *json, const char *key, char bracket)
{
	begin(json, key);
	fputc(bracket, json->to);
	json->depth++;
	json->any = false;
}

static void close_with(struct json *json, char bracket)
{
	json->depth--;
	if (json->any)
		fprintf(json->to, "\n%*s", (int)(2 * json->depth), "");
	fputc(bracket, json->to);
	json->any = true;
	if (!json->depth)
		fputc('\n', json->to);
}

void json_object(struct json *json, const char *key)
{
	open_with(json, key, '{');
}

void json_array(struct json *json, const char *key)
{
	open_with(json, key, '[');
}

void json_close_object(struct json *json)
{
	close_with(json, '}');
}

void json_close_array(struct json *json)
{
	close_with(json, ']');
}

void json_string(struct json *json, const char *key, const char *value)
{
	begin(json, key);
	if (value)
		write_text(json->to, value);
	else
		fputs("null", json->to);
}

void json_number(struct json *json, const char *key, long long value)
{
	begin(json, key);
	fprintf(json->to, "%lld", value);
}

void json_real(struct json *json, const char *key, double value)
{
	char text[400];
	int length = snprintf(text, sizeof(text), "%.6f", value);

	while (text[length - 1] == '0')
		length--;
	length -= text[length - 1] == '.';
	begin(json, key);
	fprintf(json->to, "%.*s", length, text);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	fputs(value ? "true" : "false", json->to);
}

void json_null(struct json *json, const char *key)
{
	begin(json, key);
	fputs("null", json->to);
}
