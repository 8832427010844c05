// SPDX-License-Identifier: GPL-2.0
/*
 * What can be done with a column, whatever it is of.
 */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "table.h"
#include "text.h"
#include "when.h"
#include "xalloc.h"

/* Others are numbers. */
bool column_is_text(const struct column *column)
{
	return column->type == TEXT || column->type == NAME;
}

/* What a cell of a table of /proc/shmstat is in a column; "-" is nothing. */
struct value column_cell(const struct column *column, const char *cell)
{
	if (!table_value(cell))
		return (struct value){ .none = true };
	if (column_is_text(column))
		return text_value(cell);
	return number_value(strtoull(cell, NULL, 10));
}

/* Of a struct row: the cell under the name that the column gives. */
struct value get_row_cell(const struct column *column, const void *all,
			  const void *thing)
{
	const struct row *row = thing;

	(void)all;
	return column_cell(column, table_cell(row->table, row->nr,
					      table_column(row->table,
							   column->cell)));
}

static char *change_text(int64_t change, unsigned int how)
{
	char *size, *text;

	if (how & IN_BYTES)
		return xasprintf("%lld", (long long)change);
	size = size_text(change < 0 ? -(uint64_t)change : (uint64_t)change);
	text = xasprintf("%s%s", change < 0 ? "-" : change ? "+" : "", size);
	free(size);
	return text;
}

/**
 * column_text - write a cell
 * @column: the column
 * @all: handed to its get()
 * @thing: whose cell
 * @how: IN_BYTES rather than with a unit, FOR_PEOPLE rather than escaped
 *
 * Return: the text, to be freed; NULL if there is nothing in the cell.
 */
char *column_text(const struct column *column, const void *all,
		  const void *thing, unsigned int how)
{
	struct value value = column->get(column, all, thing);

	if (value.none)
		return NULL;
	switch (column->type) {
	case TEXT:
		return xstrdup(value.text);
	case NAME:
		return how & FOR_PEOPLE ? name_text(value.text) :
					  xstrdup(value.text);
	case CHANGE:
		return change_text(value.number, how);
	case AGE:
		if (how & FOR_PEOPLE)
			return age_text(value.number);
		break;
	case MOMENT:
		if (how & FOR_PEOPLE)
			return when_text(value.number);
		return xasprintf("%.6f", (int64_t)value.number / 1e6);
	case SIZE:
		if (!(how & IN_BYTES))
			return size_text(value.number);
		break;
	default:
		break;
	}
	return xasprintf("%llu", (unsigned long long)value.number);
}

/**
 * struct keyed - a thing to be sorted
 * @thing: the thing
 * @none: whether there is nothing in its cell
 * @text: its cell, if that is text
 * @number: its cell, if that is a number
 */
struct keyed {
	const void *thing;
	bool none;
	char *text;
	uint64_t number;
};

/**
 * struct order - how they are sorted
 * @reversed: by their cells, the other way round
 * @tie: compares things whose cells are the same
 */
struct order {
	bool reversed;
	int (*tie)(const void *a, const void *b);
};

/* Texts in the order of their bytes, numbers downwards; nothing always last. */
static int compare(const void *a, const void *b, void *context)
{
	const struct order *order = context;
	const struct keyed *x = a, *y = b;
	int result;

	if (x->none || y->none)
		return x->none - y->none ?: order->tie(x->thing, y->thing);
	result = x->text ? strcmp(x->text, y->text) :
		 (x->number < y->number) - (x->number > y->number);
	return (order->reversed ? -result : result) ?:
	       order->tie(x->thing, y->thing);
}

/**
 * column_sort - sort things by a column
 * @column: the column
 * @all: handed to its get()
 * @things: what is sorted
 * @count: how many
 * @reversed: the other way round
 * @tie: compares things whose cells are the same
 */
void column_sort(const struct column *column, const void *all,
		 const void **things, size_t count, bool reversed,
		 int (*tie)(const void *a, const void *b))
{
	struct order order = { .reversed = reversed, .tie = tie };
	struct keyed *list = xcalloc(count, sizeof(*list));
	size_t i;

	for (i = 0; i < count; i++) {
		struct value value = column->get(column, all, things[i]);

		list[i].thing = things[i];
		list[i].none = value.none;
		if (value.text)
			list[i].text = xstrdup(value.text);
		/* Negative ones are less than all others. */
		list[i].number = column->type == CHANGE ?
				 value.number ^ 1ULL << 63 : value.number;
	}
	qsort_r(list, count, sizeof(*list), compare, &order);
	for (i = 0; i < count; i++) {
		things[i] = list[i].thing;
		free(list[i].text);
	}
	free(list);
}
