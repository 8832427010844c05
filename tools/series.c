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
static char *put_value(char *out, const char *value, size_t length)
{
	for (; length--; value++) {
		unsigned char c = *value;

		if (c < ' ' || c > '~')
			out += sprintf(out, "\\\\%03o", c);
		else if (c == '"' || c == '\\')
			out += sprintf(out, "\\%c", c);
		else
			*out++ = c;
	}
	return out;
}

/**
 * label_text - what stands between the quotes of a label
 * @value: its value; what is too long is cut in the middle
 *
 * Return: the text; to be freed.
 */
char *label_text(const char *value)
{
	size_t length = strlen(value);
	char *text, *out;

	text = xmalloc(5 * (length < MAX_LABEL ? length : MAX_LABEL) + 1);
	out = text;
	if (length > MAX_LABEL) {
		size_t tail = length - TAIL, start = escape_start(value, tail);

		out = put_value(out, value, escape_start(value, HEAD));
		out = stpcpy(out, CUT);
		value += start == tail ? tail : start + 4;
		length = strlen(value);
	}
	*put_value(out, value, length) = '\0';
	return text;
}

void put_family(FILE *out, const struct family *family)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", family->name,
		family->help, family->name);
	if (family->unit)
		fprintf(out, "# UNIT %s %s\n", family->name, family->unit);
}

/* One more, to be filled in. */
struct entry *series_add(struct series *series)
{
	if (series->count == series->room) {
		series->room = 2 * series->room + 64;
		series->list = xreallocarray(series->list, series->room,
					     sizeof(*series->list));
	}
	series->list[series->count] = (struct entry){};
	return &series->list[series->count++];
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

/* Those that the previous file lists: "FAMILY{LABELS} VALUE". */
static void find_known(struct series *series, const char *previous)
{
	const char *family = series->families[0].name;
	size_t length = strlen(family);
	const char *line, *end;

	for (line = previous; *line; line = *end ? end + 1 : end) {
		struct entry key = {}, *entry;
		const char *brace;

		end = strchrnul(line, '\n');
		if (strncmp(line, family, length) || line[length] != '{')
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
	char start[80];
	const char *at;
	uint64_t kept;

	snprintf(start, sizeof(start), CREDIT "{of=\"%s\"} ", series->of);
	at = strstr(previous, start);
	if (!at)
		return MAX_CREDIT;
	kept = strtoull(at + strlen(start), NULL, 10);
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

/* Those that were chosen, in each of the families. */
void series_put(FILE *out, const struct series *series)
{
	const struct family *family;
	size_t i, nr;

	for (nr = 0; series->families[nr].name; nr++) {
		family = &series->families[nr];
		put_family(out, family);
		for (i = 0; i < series->chosen; i++) {
			const struct entry *entry = &series->list[i];

			if (entry->values[nr] != NO_VALUE)
				fprintf(out, "%s{%s} %llu\n", family->name,
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
