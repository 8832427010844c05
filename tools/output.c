// SPDX-License-Identifier: GPL-2.0
/*
 * Lists by libsmartcols, the library of lsblk, lsipc and lsfd, so that widths,
 * JSON and what a terminal may be sent are as people know them from there.
 */
#include <ctype.h>
#include <err.h>
#include <libsmartcols.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "output.h"
#include "text.h"

/* The lists of a JSON document so far; -1 outside of one. */
static int in_document = -1;

static void set_form(struct output *output, enum form form)
{
	if (output->form != FOR_PEOPLE && output->form != form)
		errx(2, "--json, --raw and --csv do not go together");
	output->form = form;
}

/**
 * output_option - take an option that every list has
 * @output: where it is kept
 * @c: what getopt_long() returned
 * @argument: its argument
 *
 * Return: whether it is one.
 */
bool output_option(struct output *output, int c, const char *argument)
{
	switch (c) {
	case 'o':
		output->list = argument;
		return true;
	case 'b':
		output->bytes = true;
		return true;
	case 'n':
		output->noheadings = true;
		return true;
	case 'J':
		set_form(output, AS_JSON);
		return true;
	case 'r':
		set_form(output, AS_RAW);
		return true;
	case 'c':
		set_form(output, AS_CSV);
		return true;
	}
	return false;
}

/* The column of a name, in upper or lower case; -1 if there is none. */
int output_find(const struct output *output, const char *name, size_t length)
{
	int nr;

	for (nr = 0; output->all[nr].name; nr++)
		if (strlen(output->all[nr].name) == length &&
		    !strncasecmp(output->all[nr].name, name, length))
			return nr;
	return -1;
}

static void add(struct output *output, int nr)
{
	size_t most = sizeof(output->chosen) / sizeof(output->chosen[0]);
	size_t i;

	if (output->count == most)
		errx(2, "no more than %zu columns can be shown", most);
	/* JSON cannot have a name twice, and nobody needs it. */
	for (i = 0; i < output->count; i++)
		if (output->chosen[i] == nr)
			return;
	output->chosen[output->count++] = nr;
}

/**
 * output_choose - choose the columns
 * @output: of which @all and @list are set
 *
 * Ends the program, with an explanation, if a name is not one.
 */
void output_choose(struct output *output)
{
	const char *list = output->list;
	int nr;

	output->count = 0;
	for (nr = 0; output->all[nr].name && (!list || *list == '+'); nr++)
		if (output->all[nr].standard)
			add(output, nr);
	if (list && *list == '+')
		list++;
	while (list && *list) {
		size_t length = strcspn(list, ",");

		nr = output_find(output, list, length);
		if (nr < 0)
			errx(2, "no column '%.*s'; --help lists them",
			     (int)length, list);
		add(output, nr);
		list += length;
		list += *list == ',';
	}
	if (!output->count)
		errx(2, "no column was chosen; --help lists them");
}

/* The tables that the chosen columns need. */
unsigned int output_with(const struct output *output)
{
	unsigned int with = 0;
	size_t i;

	for (i = 0; i < output->count; i++)
		with |= output->all[output->chosen[i]].with;
	return with;
}

void output_help(const struct column *all)
{
	printf("\nColumns (with * those shown by default):\n");
	for (; all->name; all++)
		printf(" %c %-12s %s\n", all->standard ? '*' : ' ', all->name,
		       all->help);
}

/* A number as a column's get() returns it. */
const char *output_number(long long number)
{
	static char text[24];

	snprintf(text, sizeof(text), "%lld", number);
	return text;
}

static char *change_text(const char *value)
{
	char *size, *text;

	size = size_text(strtoull(value + (*value == '-'), NULL, 10));
	if (asprintf(&text, "%s%s",
		     !strcmp(value, "0") ? "" : *value == '-' ? "-" : "+",
		     size) < 0)
		err(1, "change");
	free(size);
	return text;
}

/**
 * output_value - what stands in a column
 * @output: in which form
 * @column: the column
 * @all: handed to its get()
 * @thing: what it is of
 *
 * Return: the text, to be freed; NULL for no value.
 */
char *output_value(const struct output *output, const struct column *column,
		   const void *all, const void *thing)
{
	const char *value = column->get(all, thing);
	char *text;

	if (!value)
		return NULL;
	if (column->value == SIZE && !output->bytes)
		return size_text(strtoull(value, NULL, 10));
	if (column->value == CHANGE && !output->bytes)
		return change_text(value);
	if (column->value == NAME && output->form == FOR_PEOPLE)
		return name_text(value);
	text = strdup(value);
	if (!text)
		err(1, "%s", column->name);
	return text;
}

static void print_csv_cell(const char *text)
{
	if (!text[strcspn(text, ",\"\n\r ")]) {
		fputs(text, stdout);
		return;
	}
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

/* As RFC 4180 has it; smartcols 2.38 does not know it. */
static void print_csv(const struct output *output, const void *all,
		      const void *const *things, size_t count)
{
	size_t nr, i;

	for (i = 0; i < output->count && !output->noheadings; i++)
		printf("%s%s%s", i ? "," : "",
		       output->all[output->chosen[i]].name,
		       i == output->count - 1 ? "\r\n" : "");
	for (nr = 0; nr < count; nr++) {
		for (i = 0; i < output->count; i++) {
			char *text;

			text = output_value(output,
					    &output->all[output->chosen[i]],
					    all, things[nr]);
			if (i)
				putchar(',');
			if (text)
				print_csv_cell(text);
			free(text);
		}
		fputs("\r\n", stdout);
	}
}

static void add_columns(const struct output *output,
			struct libscols_table *table)
{
	size_t i;

	for (i = 0; i < output->count; i++) {
		const struct column *column;
		struct libscols_column *added;
		bool number, text;

		column = &output->all[output->chosen[i]];
		text = column->value == TEXT || column->value == NAME;
		number = column->value == NUMBER || (!text && output->bytes);
		added = scols_table_new_column(table, column->name, 0,
					       !text ? SCOLS_FL_RIGHT :
					       column->value == NAME ?
					       SCOLS_FL_TRUNC : 0);
		if (!added)
			err(1, "%s", column->name);
		scols_column_set_json_type(added, number ? SCOLS_JSON_NUMBER :
					   SCOLS_JSON_STRING);
	}
}

static void add_line(const struct output *output, struct libscols_table *table,
		     const void *all, const void *thing)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	size_t i;

	if (!line)
		err(1, "line");
	for (i = 0; i < output->count; i++) {
		const struct column *column;
		char *text;

		column = &output->all[output->chosen[i]];
		text = output_value(output, column, all, thing);
		if (!text && output->form != AS_JSON)
			text = strdup("-");
		if (text && scols_line_refer_data(line, i, text))
			err(1, "%s", column->name);
	}
}

/* A list of a document: what smartcols writes, without its braces. */
static void print_part(struct libscols_table *table)
{
	char *text, *start, *end;

	if (scols_print_table_to_string(table, &text))
		errx(1, "the list could not be written");
	start = strchr(text, '{');
	end = strrchr(text, '}');
	if (!start || !end)
		errx(1, "libsmartcols wrote no JSON");
	while (end > start && isspace(end[-1]))
		end--;
	printf("%s%.*s", in_document++ ? "," : "{", (int)(end - start - 1),
	       start + 1);
	free(text);
}

/**
 * output_begin - begin several lists that belong together
 * @output: in which form
 *
 * As JSON, they become one document. End it with output_end().
 */
void output_begin(const struct output *output)
{
	(void)output;
	in_document = 0;
}

void output_end(const struct output *output)
{
	if (output->form == AS_JSON)
		puts("\n}");
	in_document = -1;
}

/**
 * output_print - write a list
 * @output: which columns, in which form
 * @name: what the list is called in JSON
 * @all: handed to each column's get()
 * @things: what is listed, a line each
 * @count: how many
 */
void output_print(const struct output *output, const char *name,
		  const void *all, const void *const *things, size_t count)
{
	struct libscols_table *table;
	size_t nr;

	if (output->form == AS_CSV) {
		print_csv(output, all, things, count);
		return;
	}
	table = scols_new_table();
	if (!table)
		err(1, "table");
	scols_table_set_name(table, name);
	scols_table_enable_json(table, output->form == AS_JSON);
	scols_table_enable_raw(table, output->form == AS_RAW);
	scols_table_enable_noheadings(table, output->noheadings);
	add_columns(output, table);
	for (nr = 0; nr < count; nr++)
		add_line(output, table, all, things[nr]);
	if (output->form == AS_JSON && in_document >= 0)
		print_part(table);
	else if (scols_print_table(table))
		errx(1, "the list could not be written");
	scols_unref_table(table);
}
