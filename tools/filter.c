// SPDX-License-Identifier: GPL-2.0
/*
 * Filters of libsmartcols, which has them from 2.40 on. What a column's cell is
 * in an expression is what it is in raw output with --bytes: names are escaped,
 * sizes are bytes. Only a blank, which few texts have, is one.
 */
#include <err.h>
#include <libsmartcols.h>

#include "filter.h"
#include "xalloc.h"

#ifdef HAVE_FILTERS

/* Columns of an expression. */
#define MAX_COLUMNS	32

/**
 * struct filter - an expression
 * @filter: the library's
 * @table: a table that has the columns the expression names
 * @columns: which they are
 * @count: how many
 */
struct filter {
	struct libscols_filter *filter;
	struct libscols_table *table;
	const struct column *columns[MAX_COLUMNS];
	size_t count;
};

static void add_column(struct filter *filter, const struct output *output,
		       struct libscols_iter *iter, const char *name)
{
	int nr = output_find(output, name, strlen(name));
	const struct column *column;
	struct libscols_column *new;

	if (nr < 0)
		errx(2, "--filter: no column '%s'; --help lists them", name);
	if (filter->count == MAX_COLUMNS)
		errx(2, "--filter: more than %d columns", MAX_COLUMNS);
	column = &output->all[nr];
	filter->columns[filter->count++] = column;
	new = xcheck(scols_table_new_column(filter->table, name, 0, 0));
	scols_column_set_data_type(new, column_is_text(column) ?
				   SCOLS_DATA_STRING : SCOLS_DATA_U64);
	if (scols_filter_assign_column(filter->filter, iter, name, new))
		errx(1, "--filter: column '%s' cannot be used", name);
}

/**
 * filter_new - read an expression
 * @expression: such as 'KIND == "memfd" and SIZE > 10M'
 * @output: of which @all are the columns it may name
 *
 * Ends the program, with an explanation, if it is none.
 */
struct filter *filter_new(const char *expression, const struct output *output)
{
	struct filter *filter = xcalloc(1, sizeof(*filter));
	struct libscols_iter *iter;
	const char *name;

	filter->filter = xcheck(scols_new_filter(NULL));
	filter->table = xcheck(scols_new_table());
	if (scols_filter_parse_string(filter->filter, expression))
		errx(2, "--filter: %s", scols_filter_get_errmsg(filter->filter)
		     ?: "no expression");
	iter = xcheck(scols_new_iter(SCOLS_ITER_FORWARD));
	while (!scols_filter_next_holder(filter->filter, iter, &name, 0))
		add_column(filter, output, iter, name);
	scols_free_iter(iter);
	return filter;
}

/* The columns of tables that it needs. */
uint64_t filter_with(const struct filter *filter)
{
	uint64_t with = 0;
	size_t i;

	for (i = 0; i < filter->count; i++)
		with |= filter->columns[i]->with;
	return with;
}

static bool is_wanted(struct filter *filter, const void *all,
		      const void *thing)
{
	struct libscols_line *line;
	int status = 0;
	size_t i;

	line = xcheck(scols_table_new_line(filter->table, NULL));
	for (i = 0; i < filter->count; i++) {
		char *text = column_text(filter->columns[i], all, thing,
					 IN_BYTES);

		/* Without a text, the cell is empty to the library as well. */
		if (text && scols_line_refer_data(line, i, text))
			err(1, "--filter");
	}
	if (scols_line_apply_filter(line, filter->filter, &status))
		errx(1, "--filter: the expression cannot be applied");
	scols_table_remove_line(filter->table, line);
	return status;
}

/* Keeps those that are wanted, in their order; returns how many they are. */
size_t filter_things(struct filter *filter, const void *all,
		     const void **things, size_t count)
{
	size_t kept = 0, i;

	for (i = 0; i < count; i++)
		if (is_wanted(filter, all, things[i]))
			things[kept++] = things[i];
	return kept;
}

void filter_free(struct filter *filter)
{
	scols_unref_filter(filter->filter);
	scols_unref_table(filter->table);
	free(filter);
}

#else

struct filter *filter_new(const char *expression, const struct output *output)
{
	(void)expression;
	(void)output;
	errx(2, "--filter wants libsmartcols 2.40 or later; this shmstat was built with "
	     LIBSMARTCOLS_VERSION);
}

uint64_t filter_with(const struct filter *filter)
{
	(void)filter;
	return 0;
}

size_t filter_things(struct filter *filter, const void *all,
		     const void **things, size_t count)
{
	(void)filter;
	(void)all;
	(void)things;
	return count;
}

void filter_free(struct filter *filter)
{
	(void)filter;
}

#endif
