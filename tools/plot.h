/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory over time: what the samples of a recording have, by group, reduced to as
 * many points as a picture has columns.
 */
#ifndef SHMSTAT_TOOLS_PLOT_H
#define SHMSTAT_TOOLS_PLOT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the memory is summed up by. */
enum plot_key {
	PLOT_KIND,
	PLOT_COMM,
	PLOT_UNIT,
	PLOT_CONTAINER,
	PLOT_CGROUP,
	PLOT_OBJECT,
	/* How many can be asked for. */
	PLOT_KEYS,
	/* What one object has in memory and in swap, and its size. */
	PLOT_ONE = PLOT_KEYS,
};

/* The words for them, and what help says. */
#define PLOT_WORDS	"kind, comm, unit, container, cgroup or object"

/* More colours than these could not be told apart. */
#define PLOT_MAX_TOP	12

/**
 * struct plot_plan - what is asked for
 * @key: what the memory is summed up by
 * @id: the object, for PLOT_ONE
 * @from: the first moment, in microseconds since 1970, as all times here
 * @until: the last one
 * @top: how many groups have a name; all others are one
 * @columns: how many columns the picture has
 */
struct plot_plan {
	enum plot_key key;
	const char *id;
	int64_t from;
	int64_t until;
	size_t top;
	size_t columns;
};

/**
 * struct plot_group - a group
 * @name: its name as tables have it, or one of our own; what is left of it after a
 *	cut, if it is very long
 * @id: of PLOT_OBJECT, the object's id
 * @own: whether the name is our own
 * @rest: whether it is all that have no name here
 * @line: drawn as a line, and not on top of the others: the size of an object
 * @last: what it has in the last sample, in bytes
 * @max: the most it has in any sample
 */
struct plot_group {
	char *name;
	char *id;
	bool own;
	bool rest;
	bool line;
	uint64_t last;
	uint64_t max;
};

/**
 * struct plot_point - the sample that stands for a column
 * @time: when it was taken
 * @segment: lines join only points of the same one
 * @values: what each group has
 * @total: what those have together that are no lines
 */
struct plot_point {
	int64_t time;
	uint32_t segment;
	uint64_t *values;
	uint64_t total;
};

/**
 * struct plot_mark - a sample that was taken because memory was short
 * @time: when
 * @oom: the kernel had killed for memory
 */
struct plot_mark {
	int64_t time;
	bool oom;
};

/**
 * struct plot - what a picture shows
 * @key: what the memory is summed up by
 * @what: of PLOT_ONE, the object's name as tables have it
 * @id: and its id
 * @host: the machine's name, or NULL
 * @start: where the axis of time begins
 * @end: where it ends
 * @samples: how many there are in this time
 * @groups: the groups, those that had most first
 * @count: how many
 * @points: what is drawn, by time
 * @points_count: how many
 * @marks: one a column and reason at most, by time
 * @marks_count: how many
 * @pressure: how many samples were taken because memory was short
 * @oom: how many because the kernel had killed for memory
 * @first_oom: when for the first time
 * @gaps: how many times there are no samples for a while
 * @last: what all have in the last sample
 * @max: the most all have in any sample
 */
struct plot {
	enum plot_key key;
	char *what;
	const char *id;
	char *host;
	int64_t start;
	int64_t end;
	size_t samples;
	struct plot_group *groups;
	size_t count;
	struct plot_point *points;
	size_t points_count;
	struct plot_mark *marks;
	size_t marks_count;
	size_t pressure;
	size_t oom;
	int64_t first_oom;
	size_t gaps;
	uint64_t last;
	uint64_t max;
};

enum plot_key plot_parse(const char *word);
const char *plot_word(enum plot_key key);
void plot_read(struct plot *plot, sqlite3 *db, const char *path,
	       const struct plot_plan *plan);
void plot_free(struct plot *plot);

#endif /* SHMSTAT_TOOLS_PLOT_H */
