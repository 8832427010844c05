/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How lists are written: for people by libsmartcols; for programs, as JSON, raw,
 * as pairs or as CSV, the same in every locale.
 */
#ifndef SHMSTAT_TOOLS_OUTPUT_H
#define SHMSTAT_TOOLS_OUTPUT_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "columns.h"
#include "command.h"

enum form {
	AS_TABLE,
	AS_JSON,
	AS_RAW,
	AS_PAIRS,
	AS_CSV,
};

/**
 * struct output - what was asked for
 * @form: in which form
 * @lines: as JSON, a document on each line
 * @bytes: sizes in bytes rather than with a unit
 * @noheadings: without the line of names
 * @everything: all columns
 * @variable: of the environment: the default columns instead of the standard
 *	ones; or NULL
 * @top: the first so many lines; 0 for all, or as many as fit on a terminal
 * @all_lines: all, also on a terminal
 * @width: no line is wider, in characters; 0 for whatever a terminal has
 * @color: whether headings and the like are set off
 * @list: names of columns with commas between them; behind a '+', those beside
 *	the default ones; NULL for these
 * @all: the columns there are
 * @with: the option that they are those of, or NULL
 * @chosen: those to be shown, indexes into @all
 * @count: how many of them
 */
struct output {
	enum form form;
	bool lines;
	bool bytes;
	bool noheadings;
	bool everything;
	const char *variable;
	size_t top;
	bool all_lines;
	size_t width;
	bool color;
	const char *list;
	const struct column *all;
	const char *with;
	int chosen[64];
	size_t count;
};

/* Options of every command that writes lists, and what helps says of them. */
#define OUTPUT_BASIC	"bJh"
#define OUTPUT_SHORT	"bJnPrho:"
enum { OUTPUT_CSV = 512, OUTPUT_NUMERIC, OUTPUT_ALL, OUTPUT_TOP, OUTPUT_COLOR };
#define OUTPUT_OPTIONS							\
	COMMAND_OPTIONS,						\
	{ "bytes",	no_argument,		NULL, 'b' },		\
	{ "json",	no_argument,		NULL, 'J' },		\
	{ "numeric",	no_argument,		NULL, OUTPUT_NUMERIC },	\
	{ "help",	no_argument,		NULL, 'h' }
#define OUTPUT_LIST_OPTIONS						\
	OUTPUT_OPTIONS,							\
	{ "noheadings",	no_argument,		NULL, 'n' },		\
	{ "output",	required_argument,	NULL, 'o' },		\
	{ "output-all",	no_argument,		NULL, OUTPUT_ALL },	\
	{ "raw",	no_argument,		NULL, 'r' },		\
	{ "pairs",	no_argument,		NULL, 'P' },		\
	{ "csv",	no_argument,		NULL, OUTPUT_CSV },	\
	{ "top",	required_argument,	NULL, OUTPUT_TOP }
#define OUTPUT_HELP							\
	" -b, --bytes        sizes in bytes\n"				\
	" -J, --json         as JSON\n"					\
	"     --numeric      ids of users and groups instead of names\n"	\
	" -h, --help         this text\n"
/* Of commands that show no moment, and of those that do. */
#define OUTPUT_COLUMNS_HELP						\
	" -o, --output LIST  columns; +LIST for more than the default ones\n"	\
	"     --output-all   all columns\n"				\
	"     --top N        only the first N; all, also where a terminal\n"	\
	"                    has not so many lines\n"			\
	" -n, --noheadings   no line of names\n"			\
	" -r, --raw          columns with one space between them\n"	\
	" -P, --pairs        as NAME=\"value\"\n"			\
	"     --csv          as CSV\n"
#define OUTPUT_LIST_HELP						\
	OUTPUT_COLUMNS_HELP						\
	COMMAND_HELP							\
	OUTPUT_HELP

/* Sequences that set text off. */
#define PAINT_BOLD	"\033[1m"
#define PAINT_RED	"\033[1;31m"

void output_option(struct output *output, int c, const char *argument);
void output_choose(struct output *output);
uint64_t output_with(const struct output *output);
int output_find(const struct output *output, const char *name, size_t length);
void output_no_column(const struct output *output, const char *where,
		      const char *name, size_t length) __attribute__((noreturn));
void output_also(struct output *output, const char *name);
void output_help(const struct column *all);
void output_begin(const struct output *output);
void output_print(const struct output *output, const char *name,
		  const void *all, const void *const *things, size_t count);
void output_end(const struct output *output);
void output_list(const struct output *output, const char *name,
		 const void *all, const void *const *things, size_t count);
struct output output_fix(const struct output *output,
			 const struct column *columns);
void output_fixed(const struct output *output, const char *name,
		  const struct column *columns, const void *all,
		  const void *const *things, size_t count);
void output_array(const struct output *output, const char *name,
		  const struct column *columns, const void *list, size_t count,
		  size_t size);
char *output_amount(const struct output *output, uint64_t bytes);
void output_line(const struct output *output, const char *color, char *text);
size_t output_sentence(const struct output *output, const char *title,
		       char **parts, size_t count);
size_t output_width(void);
const void **output_things(const void *list, size_t count, size_t size);
unsigned int output_how(const struct output *output);

#endif /* SHMSTAT_TOOLS_OUTPUT_H */
