// SPDX-License-Identifier: GPL-2.0
/*
 * Lists. For people by libsmartcols, the library of lsblk, lsipc and lsfd, so
 * that widths and what a terminal may be sent are as people know them from there.
 * For programs as they come: what tables have is printable ASCII, which is
 * written as it stands in any locale, however long the list.
 */
#include <err.h>
#include <libsmartcols.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "output.h"
#include "text.h"
#include "users.h"
#include "xalloc.h"

/* How many lines libsmartcols is handed at a time. */
#define PART_LINES	10000

/* The lists of a JSON document so far; -1 outside of one. */
static int in_document = -1;

static void set_form(struct output *output, enum form form)
{
	if (output->form != AS_TABLE && output->form != form)
		errx(2, "--json, --raw, --pairs and --csv do not go together");
	output->form = form;
}

static void set_top(struct output *output, const char *text)
{
	output->all_lines = !strcmp(text, "all");
	output->top = output->all_lines || strlen(text) > 9 ||
		      text[strspn(text, "0123456789")] ? 0 : atoi(text);
	if (!output->all_lines && !output->top)
		errx(2, "--top wants a number from 1 to 999999999, or all, not '%s'",
		     text);
}

/* Where a terminal can, unless there is an opinion; see https://no-color.org. */
static bool wants_color(const char *when)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (!strcmp(when, "always"))
		return true;
	if (!strcmp(when, "never"))
		return false;
	if (strcmp(when, "auto"))
		errx(2, "--color goes auto, always or never, not '%s'", when);
	return isatty(STDOUT_FILENO) && term && *term &&
	       strcmp(term, "dumb") && (!no_color || !*no_color);
}

/**
 * output_option - take an option that every list has; ignore others
 * @output: where it is kept
 * @c: what getopt_long() returned
 * @argument: its argument
 */
void output_option(struct output *output, int c, const char *argument)
{
	switch (c) {
	case 'o':
		output->list = argument;
		break;
	case 'b':
		output->bytes = true;
		break;
	case 'n':
		output->noheadings = true;
		break;
	case 'J':
		set_form(output, AS_JSON);
		break;
	case 'r':
		set_form(output, AS_RAW);
		break;
	case 'P':
		set_form(output, AS_PAIRS);
		break;
	case OUTPUT_CSV:
		set_form(output, AS_CSV);
		break;
	case OUTPUT_NUMERIC:
		users_numeric = true;
		break;
	case OUTPUT_ALL:
		output->everything = true;
		break;
	case OUTPUT_TOP:
		set_top(output, argument);
		break;
	case OUTPUT_COLOR:
		output->color = wants_color(argument);
		break;
	}
}

/* The column of a name, in upper or lower case; -1 if there is none. */
int output_find(const struct output *output, const char *name, size_t length)
{
	int nr;

	for (nr = 0; output->all[nr].name; nr++)
		if (strlen(output->all[nr].name) == length &&
		    same_name(output->all[nr].name, name, length))
			return nr;
	return -1;
}

/**
 * output_no_column - complain of a column, and end the program
 * @output: the columns there are
 * @where: what names it, with a colon, or ""
 * @name: its name
 * @length: of that
 */
void output_no_column(const struct output *output, const char *where,
		      const char *name, size_t length)
{
	const struct column *column;
	size_t size;
	char *list;
	FILE *out;

	if (!output->with)
		errx(2, "%sno column '%.*s'; --help lists them", where,
		     (int)length, name);
	out = xmemstream(&list, &size);
	for (column = output->all; column->name; column++)
		fprintf(out, "%s%s", column == output->all ? "" : ", ",
			column->name);
	xfclose(out);
	errx(2, "%sno column '%.*s' with %s; there are %s", where, (int)length,
	     name, output->with, list);
}

static void add(struct output *output, int nr)
{
	size_t max = sizeof(output->chosen) / sizeof(output->chosen[0]);
	size_t i;

	if (output->count == max)
		errx(2, "no more than %zu columns can be shown", max);
	/* JSON cannot have a name twice, and nobody needs it. */
	for (i = 0; i < output->count; i++)
		if (output->chosen[i] == nr)
			return;
	output->chosen[output->count++] = nr;
}

/* Adds columns by their names, with commas between them. */
static void add_list(struct output *output, const char *list,
		     const char *variable)
{
	while (*list) {
		size_t length = strcspn(list, ",");
		int nr = output_find(output, list, length);

		if (nr < 0)
			output_no_column(output, variable ?
					 xasprintf("%s: ", variable) : "",
					 list, length);
		add(output, nr);
		list += length;
		list += *list == ',';
	}
}

/**
 * output_choose - choose the columns
 * @output: of which @all and @list are set
 *
 * Ends the program, with an explanation, if a name is not one.
 */
void output_choose(struct output *output)
{
	const char *usual = output->variable ? getenv(output->variable) : NULL;
	const char *list = output->list;
	bool more = !list || *list == '+';
	int nr;

	output->count = 0;
	if (more && usual && *usual && !output->everything)
		add_list(output, usual, output->variable);
	else
		for (nr = 0; output->all[nr].name; nr++)
			if (output->everything ||
			    (more && output->all[nr].standard))
				add(output, nr);
	if (list)
		add_list(output, list + (*list == '+'), NULL);
	if (!output->count)
		errx(2, "no column was chosen; --help lists them");
}

/* Shows a column in its place among the default ones, if those are shown. */
void output_also(struct output *output, const char *name)
{
	int nr = output_find(output, name, strlen(name));
	size_t at = 0, i;

	if (output->list && *output->list != '+')
		return;
	i = output->count;
	add(output, nr);
	if (i == output->count)
		return;
	while (at < i && output->chosen[at] < nr)
		at++;
	for (; i > at; i--)
		output->chosen[i] = output->chosen[i - 1];
	output->chosen[at] = nr;
}

/* The columns of tables that the chosen ones need. */
uint64_t output_with(const struct output *output)
{
	uint64_t with = 0;
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

/* How column_text() writes cells. */
unsigned int output_how(const struct output *output)
{
	return (output->bytes ? IN_BYTES : 0) |
	       (output->form == AS_TABLE ? FOR_PEOPLE : 0);
}

/* The nr-th of the chosen columns. */
static const struct column *chosen(const struct output *output, size_t nr)
{
	return &output->all[output->chosen[nr]];
}

static char *cell_text(const struct output *output, size_t nr, const void *all,
		       const void *thing)
{
	return column_text(chosen(output, nr), all, thing, output_how(output));
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

/* Blanks are between cells; few texts have any of their own. */
static void print_raw_cell(const char *text)
{
	for (; *text; text++)
		if (*text == ' ')
			fputs("\\040", stdout);
		else
			putc_unlocked(*text, stdout);
}

/* As shells read it; what they would expand stands as it would in a table. */
static void print_pair(const char *name, const char *text)
{
	printf("%s=\"", name);
	for (; *text; text++)
		printf(strchr("\"$`", *text) ? "\\%03o" : "%c", *text);
	putchar('"');
}

static void print_json_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (c < ' ' || c > '~') {
			printf("\\u%04x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			putchar_unlocked('\\');
		putchar_unlocked(c);
	}
	putchar('"');
}

/* What people read JSON more easily by. */
static void print_space(const struct output *output, const char *space)
{
	if (!output->lines)
		fputs(space, stdout);
}

static void print_end(const struct output *output)
{
	print_space(output, "\n");
	puts("}");
}

static void print_json_cell(const struct output *output,
			    const struct column *column, const char *text)
{
	const char *name;

	print_space(output, "         ");
	putchar('"');
	for (name = column->name; *name; name++)
		putchar_unlocked(*name >= 'A' && *name <= 'Z' ? *name | 32 : *name);
	fputs("\":", stdout);
	print_space(output, " ");
	if (!text)
		printf("null");
	else if (column_is_text(column) ||
		 (column->type != NUMBER && column->type != AGE &&
		  column->type != MOMENT && !output->bytes))
		print_json_text(text);
	else
		fputs(text, stdout);
}

static void print_cell(const struct output *output,
		       const struct column *column, const char *text)
{
	switch (output->form) {
	case AS_JSON:
		print_json_cell(output, column, text);
		break;
	case AS_PAIRS:
		print_pair(column->name, text ?: "");
		break;
	case AS_CSV:
		print_csv_cell(text ?: "");
		break;
	default:
		print_raw_cell(text && *text ? text : "-");
	}
}

/* CSV is as RFC 4180 has it; the others end where a line does. */
static void print_line(const struct output *output, const void *all,
		       const void *thing)
{
	static const char *const between[] = {
		[AS_JSON] = ",", [AS_RAW] = " ", [AS_PAIRS] = " ",
		[AS_CSV] = ",",
	};
	size_t i;

	for (i = 0; i < output->count; i++) {
		char *text = cell_text(output, i, all, thing);

		if (i)
			fputs(between[output->form], stdout);
		if (i && output->form == AS_JSON)
			print_space(output, "\n");
		print_cell(output, chosen(output, i), text);
		free(text);
	}
	if (output->form != AS_JSON)
		fputs(output->form == AS_CSV ? "\r\n" : "\n", stdout);
}

static void print_headings(const struct output *output)
{
	size_t i;

	for (i = 0; i < output->count; i++)
		printf("%s%s", i ? (output->form == AS_CSV ? "," : " ") : "",
		       chosen(output, i)->name);
	fputs(output->form == AS_CSV ? "\r\n" : "\n", stdout);
}

static void print_json(const struct output *output, const char *name,
		       const void *all, const void *const *things, size_t count)
{
	size_t nr;

	putchar(in_document > 0 ? ',' : '{');
	print_space(output, "\n   ");
	printf("\"%s\":", name);
	print_space(output, " ");
	putchar('[');
	print_space(output, "\n");
	for (nr = 0; nr < count; nr++) {
		if (nr)
			putchar(',');
		else
			print_space(output, "      ");
		putchar('{');
		print_space(output, "\n");
		print_line(output, all, things[nr]);
		print_space(output, "\n      ");
		putchar('}');
	}
	print_space(output, "\n   ");
	putchar(']');
	if (in_document < 0)
		print_end(output);
	else
		in_document++;
}

static void add_columns(const struct output *output,
			struct libscols_table *table, const size_t *widths)
{
	size_t i;

	for (i = 0; i < output->count; i++) {
		const struct column *column = chosen(output, i);
		struct libscols_column *made;

		made = xcheck(scols_table_new_column(table, column->name,
						     widths ? widths[i] : 0,
						     !column_is_text(column) ?
						     SCOLS_FL_RIGHT :
						     column->type == NAME ?
						     SCOLS_FL_TRUNC : 0));
		if (output->color)
			scols_cell_set_color(scols_column_get_header(made),
					     PAINT_BOLD);
	}
}

/* As wide as that, by spaces; the text is freed. */
static char *widen(char *text, size_t width, bool right)
{
	size_t length = text_width(text);
	int more = length < width ? width - length : 0;
	char *wide = right ? xasprintf("%*s%s", more, "", text) :
			     xasprintf("%s%*s", text, more, "");

	free(text);
	return wide;
}

/*
 * @widths: of the first line of a part, as libsmartcols forgets the width of a
 *	column whose cells are all narrower than its name; or NULL
 */
static void add_line(const struct output *output, struct libscols_table *table,
		     const void *all, const void *thing, const size_t *widths)
{
	struct libscols_line *line = xcheck(scols_table_new_line(table, NULL));
	size_t i;

	for (i = 0; i < output->count; i++) {
		char *text = cell_text(output, i, all, thing) ?: xstrdup("-");
		bool right = !column_is_text(chosen(output, i));

		if (widths && (right || i + 1 < output->count))
			text = widen(text, widths[i], right);
		if (scols_line_refer_data(line, i, text))
			err(1, "%s", chosen(output, i)->name);
	}
}

/* Of each column in all lines: no part of a long list knows those of others. */
static size_t *find_widths(const struct output *output, const void *all,
			   const void *const *things, size_t count)
{
	size_t *widths = xcalloc(output->count, sizeof(*widths));
	size_t nr, i;

	for (i = 0; i < output->count; i++) {
		widths[i] = strlen(chosen(output, i)->name);
		for (nr = 0; nr < count; nr++) {
			char *text = cell_text(output, i, all, things[nr]);
			size_t width = text ? text_width(text) : 1;

			if (width > widths[i])
				widths[i] = width;
			free(text);
		}
	}
	return widths;
}

/* A terminal's width, if it is to be one line each; 0 elsewhere. */
static size_t width_of_terminal(const struct output *output)
{
	return output->color || output->width || !isatty(STDOUT_FILENO) ? 0 :
	       output_width();
}

/* Where columns that cannot be shortened are too wide, the end is cut off. */
static void print_part(struct libscols_table *table, size_t width)
{
	char *text = NULL, *rest, *line;
	int failed = width ? scols_print_table_to_string(table, &text) :
		     scols_print_table(table);

	if (failed)
		errx(1, "the list could not be written");
	for (rest = text; rest && *rest;) {
		line = strsep(&rest, "\n");
		text_cut(line, width);
		puts(line);
	}
	free(text);
}

/* A long list in parts, as each of its cells takes a hundred bytes. */
static void print_table(const struct output *output, const void *all,
			const void *const *things, size_t count)
{
	size_t *widths = NULL, done = 0, nr, width = width_of_terminal(output);

	/* Of an empty list, libsmartcols would print nothing. */
	if (!count && !output->noheadings)
		print_headings(output);
	if (count > PART_LINES)
		widths = find_widths(output, all, things, count);
	while (done < count) {
		struct libscols_table *table = xcheck(scols_new_table());

		scols_table_enable_noheadings(table, output->noheadings ||
					      done);
		scols_table_enable_colors(table, output->color);
		if (output->width || width) {
			scols_table_set_termforce(table,
						  SCOLS_TERMFORCE_ALWAYS);
			scols_table_set_termwidth(table,
						  output->width ?: width);
		}
		add_columns(output, table, widths);
		for (nr = 0; nr < PART_LINES && done < count; nr++, done++)
			add_line(output, table, all, things[done],
				 nr ? NULL : widths);
		print_part(table, width);
		scols_unref_table(table);
	}
	free(widths);
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
		print_end(output);
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
	size_t nr;

	if (output->form == AS_TABLE) {
		print_table(output, all, things, count);
		return;
	}
	if (output->form == AS_JSON) {
		print_json(output, name, all, things, count);
		return;
	}
	if (!output->noheadings && output->form != AS_PAIRS)
		print_headings(output);
	for (nr = 0; nr < count; nr++)
		print_line(output, all, things[nr]);
}

/* Pointers to the members of an array, to be freed. */
const void **output_things(const void *list, size_t count, size_t size)
{
	const void **things = xcalloc(count, sizeof(*things));
	size_t i;

	for (i = 0; i < count; i++)
		things[i] = (const char *)list + i * size;
	return things;
}

/* The same form with all of some columns, which nobody can choose from. */
struct output output_fix(const struct output *output,
			 const struct column *columns)
{
	struct output fixed = *output;

	fixed.all = columns;
	fixed.list = NULL;
	fixed.everything = true;
	output_choose(&fixed);
	return fixed;
}

/* output_print() with such columns. */
void output_fixed(const struct output *output, const char *name,
		  const struct column *columns, const void *all,
		  const void *const *things, size_t count)
{
	struct output fixed = output_fix(output, columns);

	output_print(&fixed, name, all, things, count);
}

/* And of an array of @count things, each of @size bytes. */
void output_array(const struct output *output, const char *name,
		  const struct column *columns, const void *list, size_t count,
		  size_t size)
{
	const void **things = output_things(list, count, size);

	output_fixed(output, name, columns, NULL, things, count);
	free(things);
}

/* An amount of memory in a sentence, to be freed. */
char *output_amount(const struct output *output, uint64_t bytes)
{
	return output->bytes ? xasprintf("%llu", (unsigned long long)bytes) :
			       size_text(bytes);
}

/* A line of text, which is freed; as wide as lines may be. */
void output_line(const struct output *output, const char *color, char *text)
{
	bool colored = output->color && color;

	if (output->width)
		text_cut(text, output->width);
	printf("%s%s%s\n", colored ? color : "", text,
	       colored ? "\033[0m" : "");
	free(text);
}

/**
 * output_sentence - write a few things behind a title
 * @output: how wide it may be
 * @title: the title
 * @parts: the things; freed
 * @count: how many
 *
 * Return: how many were left out, as the sentence says.
 */
size_t output_sentence(const struct output *output, const char *title,
		       char **parts, size_t count)
{
	size_t length, shown, used = text_width(title), i;
	size_t room = output->width ?: SIZE_MAX;
	char *more = xasprintf(" and %zu more.", count), *text;
	FILE *out = xmemstream(&text, &length);

	fputs(title, out);
	for (shown = 0; shown < count; shown++) {
		size_t end = shown + 1 < count ? strlen(more) : strlen(".");
		const char *between = shown ? ", " : " ";

		used += strlen(between) + text_width(parts[shown]);
		if (used + end > room)
			break;
		fprintf(out, "%s%s", between, parts[shown]);
	}
	if (shown < count)
		fprintf(out, "%s %zu more.", shown ? " and" : "", count - shown);
	else
		putc('.', out);
	xfclose(out);
	output_line(output, NULL, text);
	for (i = 0; i < count; i++)
		free(parts[i]);
	free(more);
	return count - shown;
}

/* Of a terminal; elsewhere that which people are used to. */
size_t output_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? 80 :
	       size.ws_col;
}

/* Lines that fit on a terminal with a heading, a last line and a prompt. */
static size_t fitting(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row)
		return SIZE_MAX;
	return size.ws_row > 3 ? size.ws_row - 3 : 1;
}

/* The same for what may be long: people get what fits. */
void output_list(const struct output *output, const char *name,
		 const void *all, const void *const *things, size_t count)
{
	size_t max = output->top ?: SIZE_MAX, shown;

	if (output->form == AS_TABLE && !output->top && !output->all_lines)
		max = fitting();
	shown = count < max ? count : max;
	output_print(output, name, all, things, shown);
	if (shown < count && output->form == AS_TABLE)
		fprintf(output->noheadings ? stderr : stdout, "and %zu more%s\n",
			count - shown,
			output->top ? "" : "; --top all shows them");
}
