/* SPDX-License-Identifier: MIT */
/* Writes JSON (RFC 8259). */
#include "config.h"

#include "cli/json.h"

#include <string.h>

/* Returns the length of the UTF-8 character at text, or 0 if the bytes are none. */
static size_t utf8_length(const unsigned char *text)
{
	static const struct {
		unsigned char mask, lead;
		unsigned least; /* smaller numbers have a shorter form, which is the only right one */
	} forms[] = {
		{ 0x80, 0, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 }
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		unsigned number = *text & (unsigned char)~forms[i].mask;

		if ((*text & forms[i].mask) != forms[i].lead)
			continue;
		for (size_t j = 1; j <= i; j++) {
			if ((text[j] & 0xc0) != 0x80)
				return 0;
			number = number << 6 | (text[j] & 0x3f);
		}
		if (number < forms[i].least || number > 0x10ffff || (number & ~0x7ffu) == 0xd800)
			return 0;
		return i + 1;
	}
	return 0;
}

static void write_text(FILE *to, const char *value)
{
	const unsigned char *at = (const unsigned char *)value;

	fputc('"', to);
	while (*at) {
		size_t length = utf8_length(at);

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
