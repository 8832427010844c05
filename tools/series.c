// SPDX-License-Identifier: GPL-2.0
/*
 * Bounds the time series, also over time: whoever creates and removes cgroups or
 * mounts all day brings about no more than a few new names an hour. What was
 * listed before is found in the previous file, which therefore is all the state
 * there is.
 */
#include <stdlib.h>
#include <string.h>

#include "series.h"
#include "xalloc.h"

/*
 * The longest value of a label: a container's cgroup under Kubernetes has about
 * 190 bytes. The ends of names tell more than their middles.
 */
#define MAX_LABEL	256
#define CUT		"..."
#define HEAD		80
#define TAIL		(MAX_LABEL - HEAD - strlen(CUT))

#define CREDIT		"shmstat_newcomers_credit_seconds"
#define MAX_CREDIT	(2 * 3600)

/* Where "\ooo" starts that @at is inside of; @at if there is none. */
static size_t escape_start(const char *text, size_t at)
{
	size_t back;

	for (back = 1; back <= 3 && back <= at; back++)
		if (text[at - back] == '\\')
			return at - back;
	return at;
}

/* As OpenMetrics has it in quotes; what no table should have, as "\ooo". */
static void put_escaped(FILE *out, const char *value, size_t length)
{
	for (; length--; value++) {
		unsigned char c = *value;

		if (c < ' ' || c > '~') {
			fprintf(out, "\\\\%03o", c);
			continue;
		}
		if (c == '"' || c == '\\')
			putc_unlocked('\\', out);
		putc_unlocked(c, out);
	}
}

/* What is too long is cut in the middle. */
static void put_label(FILE *out, const char *name, const char *value)
{
	size_t length = strlen(value);

	fprintf(out, "%s=\"", name);
	if (length > MAX_LABEL) {
		size_t tail = length - TAIL, start = escape_start(value, tail);

		put_escaped(out, value, escape_start(value, HEAD));
		fputs(CUT, out);
		value += start == tail ? tail : start + 4;
		length = strlen(value);
	}
	put_escaped(out, value, length);
	putc('"', out);
}

/* The first lines of a metric. */
void series_put_family(FILE *out, const struct column *column)
{
	const char *unit = column->type == SIZE ? "bytes" :
			   column->type == SECONDS ? "seconds" : NULL;

	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", column->name,
		column->help, column->name);
	if (unit)
		fprintf(out, "# UNIT %s %s\n", column->name, unit);
}

/**
 * series_add - add an entry
 * @series: where
 * @all: handed to each column's get()
 * @thing: what the entry is of
 * @memory: what it is ranked by
 */
void series_add(struct series *series, const void *all, const void *thing,
		uint64_t memory)
{
	size_t length, labels = 0, values = 0;
	const struct column *column;
	struct entry *entry;
	FILE *out;

	series->list = xgrow(series->list, series->count, &series->room,
			     sizeof(*series->list));
	entry = &series->list[series->count++];
	*entry = (struct entry){ .memory = memory };
	out = xmemstream(&entry->labels, &length);
	for (column = series->columns; column->name; column++) {
		struct value value = column->get(column, all, thing);

		if (!column_is_text(column)) {
			entry->values[values++] = value.none ? NO_VALUE :
						  value.number;
			continue;
		}
		if (labels++)
			putc(',', out);
		put_label(out, column->name, value.text ?: "-");
	}
	xfclose(out);
}

static int by_labels(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->labels,
		      ((const struct entry *)b)->labels);
}

/* Names that were cut may have become the same, and no series may come twice. */
static void merge(struct series *series)
{
	size_t kept = 0, i, nr;

	if (!series->count)
		return;
	qsort(series->list, series->count, sizeof(*series->list), by_labels);
	for (i = 1; i < series->count; i++) {
		struct entry *last = &series->list[kept];
		struct entry *entry = &series->list[i];

		if (by_labels(last, entry)) {
			series->list[++kept] = *entry;
			continue;
		}
		last->memory += entry->memory;
		for (nr = 0; nr < MAX_VALUES; nr++)
			if (last->values[nr] != NO_VALUE &&
			    entry->values[nr] != NO_VALUE)
				last->values[nr] += entry->values[nr];
		free(entry->labels);
	}
	series->count = kept + 1;
}

/* The first metric of an entry. */
static const struct column *first_metric(const struct series *series)
{
	const struct column *column = series->columns;

	while (column_is_text(column))
		column++;
	return column;
}

/* Those that the previous file lists: "METRIC{LABELS} VALUE". */
static void find_known(struct series *series, const char *previous)
{
	const char *metric = first_metric(series)->name;
	size_t length = strlen(metric);
	const char *line, *end;

	for (line = previous; *line; line = *end ? end + 1 : end) {
		struct entry key = {}, *entry;
		const char *brace;

		end = strchrnul(line, '\n');
		if (strncmp(line, metric, length) || line[length] != '{')
			continue;
		line += length + 1;
		brace = memrchr(line, '}', end - line);
		if (!brace)
			continue;
		key.labels = xstrndup(line, brace - line);
		entry = series->count ?
			bsearch(&key, series->list, series->count,
				sizeof(key), by_labels) : NULL;
		if (entry)
			entry->known = true;
		free(key.labels);
	}
}

/*
 * What new names are paid with: a second a second, and two hours at most. So many
 * as are listed cost an hour, which makes them three times as many in the first
 * hour, and as many in each that follows.
 */
static uint64_t credit(const struct series *series, const char *previous,
		       uint64_t age)
{
	char *start = xasprintf(CREDIT "{of=\"%s\"} ", series->of);
	const char *at = strstr(previous, start);
	uint64_t kept = MAX_CREDIT;

	if (at)
		kept = strtoull(at + strlen(start), NULL, 10);
	free(start);
	if (kept > MAX_CREDIT || age > MAX_CREDIT || kept + age > MAX_CREDIT)
		return MAX_CREDIT;
	return kept + age;
}

/* What is known stays unless another one has a quarter more. */
static double rank(const struct entry *entry)
{
	return entry->known ? 1.25 * entry->memory : entry->memory;
}

static int by_rank(const void *a, const void *b)
{
	double x = rank(a), y = rank(b);

	return (x < y) - (x > y) ?:
	       ((const struct entry *)b)->known -
	       ((const struct entry *)a)->known ?: by_labels(a, b);
}

/**
 * series_choose - choose the largest
 * @series: of which, and where they are put first
 * @max: no more than this
 * @previous: the previous file; NULL if there is none
 * @age: of it, in seconds
 */
void series_choose(struct series *series, size_t max, const char *previous,
		   uint64_t age)
{
	uint64_t price = max ? (3600 + max - 1) / max : 0;
	size_t i;

	merge(series);
	series->credit = credit(series, previous ?: "", age);
	find_known(series, previous ?: "");
	if (series->count)
		qsort(series->list, series->count, sizeof(*series->list),
		      by_rank);
	series->chosen = 0;
	for (i = 0; i < series->count && series->chosen < max; i++) {
		struct entry entry = series->list[i];

		if (!entry.known && series->credit < price)
			continue;
		series->credit -= entry.known ? 0 : price;
		series->list[i] = series->list[series->chosen];
		series->list[series->chosen++] = entry;
	}
}

/* What the next run has to know, besides the names. */
void series_put_credit(FILE *out, const struct series *series)
{
	fprintf(out, CREDIT "{of=\"%s\"} %llu\n", series->of,
		(unsigned long long)series->credit);
}

/* Where there are not too many: in the order they were added. */
void series_choose_all(struct series *series)
{
	series->chosen = series->count;
}

/* Those that were chosen, of each metric. */
void series_put(FILE *out, const struct series *series)
{
	const struct column *column;
	size_t i, nr;

	for (column = first_metric(series), nr = 0; column->name;
	     column++, nr++) {
		series_put_family(out, column);
		for (i = 0; i < series->chosen; i++) {
			const struct entry *entry = &series->list[i];

			if (entry->values[nr] != NO_VALUE)
				fprintf(out, "%s{%s} %llu\n", column->name,
					entry->labels, (unsigned long long)
					entry->values[nr]);
		}
	}
}

/* What all others have together. */
uint64_t series_others(const struct series *series, size_t value)
{
	uint64_t sum = 0;
	size_t i;

	for (i = series->chosen; i < series->count; i++)
		if (series->list[i].values[value] != NO_VALUE)
			sum += series->list[i].values[value];
	return sum;
}

void series_free(struct series *series)
{
	size_t i;

	for (i = 0; i < series->count; i++)
		free(series->list[i].labels);
	free(series->list);
	*series = (struct series){};
}
