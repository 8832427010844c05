/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A column: of a list, of a screen or of a set of metrics. How a cell is written
 * and compared, and what it is in JSON, follows from the column's type.
 */
#ifndef SHMSTAT_TOOLS_COLUMNS_H
#define SHMSTAT_TOOLS_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum type {
	TEXT,		/* as it is */
	NAME,		/* of any length and with any bytes in it */
	NUMBER,		/* a number of things */
	SIZE,		/* bytes */
	CHANGE,		/* bytes more or less, a signed number */
	SECONDS,
	AGE,		/* seconds, as days and hours for people */
	MOMENT,		/* microseconds since 1970, as date and time for people */
};

/**
 * struct value - what is in a cell
 * @none: nothing is
 * @text: of TEXT and NAME; valid until the column's next get()
 * @number: of all other types
 */
struct value {
	bool none;
	const char *text;
	uint64_t number;
};

/**
 * struct column - a column
 * @name: as it is chosen and headed and, in lower case, its key in JSON; the
 *	name of a metric
 * @help: what it tells
 * @type: what is in it
 * @get: finds the cell for a thing, one of those that @all are
 * @cell: for get(): the column of a table of /proc/shmstat
 * @with: which columns of such tables objects_load() has to read for it
 * @standard: whether it is shown where none is chosen
 * @width: on a live screen, in characters; 0 for the rest of the line
 * @key: there, sorts by the column
 */
struct column {
	const char *name;
	const char *help;
	enum type type;
	struct value (*get)(const struct column *column, const void *all,
			    const void *thing);
	const char *cell;
	uint64_t with;
	bool standard;
	int width;
	char key;
};

/* How column_text() writes sizes and names. */
enum {
	IN_BYTES	= 1 << 0,
	FOR_PEOPLE	= 1 << 1,
};

static inline struct value text_value(const char *text)
{
	return (struct value){ .none = !text, .text = text };
}

static inline struct value number_value(uint64_t number)
{
	return (struct value){ .number = number };
}

/* Defines get_NAME(): a text or a number CELL of a struct TYPE called TYPE. */
#define COLUMN_GET(type, name, what, cell)				\
static struct value get_ ## name(const struct column *column,		\
				 const void *all, const void *thing)	\
{									\
	const struct type *type = thing;				\
									\
	(void)column;							\
	(void)all;							\
	return what ## _value(cell);					\
}

bool column_is_text(const struct column *column);
struct value column_cell(const struct column *column, const char *cell);
struct value get_row_cell(const struct column *column, const void *all,
			  const void *thing);
char *column_text(const struct column *column, const void *all,
		  const void *thing, unsigned int how);
void column_sort(const struct column *column, const void *all,
		 const void **things, size_t count, bool reversed,
		 int (*tie)(const void *a, const void *b));

#endif /* SHMSTAT_TOOLS_COLUMNS_H */
