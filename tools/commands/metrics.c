// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat metrics: OpenMetrics, for Prometheus and its like. The number of
 * series is bounded, see series.c.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "fold.h"
#include "full.h"
#include "heldby.h"
#include "object_columns.h"
#include "objects.h"
#include "process.h"
#include "series.h"
#include "share.h"
#include "textfile.h"
#include "xalloc.h"

/**
 * struct wanted - what is asked for
 * @top: how many file systems and cgroups
 * @objects: how many objects
 * @textfile: the file it goes into, or NULL
 * @previous: what stands there so far, or NULL
 * @age: how long it has stood there, in seconds
 */
struct wanted {
	size_t top;
	size_t objects;
	const char *textfile;
	char *previous;
	uint64_t age;
};

/* A metric without labels. */
static void put_number(FILE *out, const struct column *column, uint64_t number)
{
	series_put_family(out, column);
	fprintf(out, "%s %llu\n", column->name, (unsigned long long)number);
}

/* The kinds in pages of the base size come first, whatever that is. */
static const char *hugetlb(const struct row *row)
{
	int pagesize = table_column(row->table, "pagesize");

	return strcmp(table_cell(row->table, row->nr, pagesize),
		      table_cell(row->table, 0, pagesize)) ? "yes" : "no";
}

COLUMN_GET(row, hugetlb, text, hugetlb(row))

static const struct column kind_columns[] = {
	{ "kind", NULL, TEXT, get_row_cell, "kind" },
	{ "pagesize", NULL, TEXT, get_row_cell, "pagesize" },
	{ "hugetlb", NULL, TEXT, get_hugetlb },
	{ "shmstat_objects", "Objects that hold shared memory.", NUMBER,
	  get_row_cell, "objects" },
	{ "shmstat_size_bytes", "Sizes of the objects.", SIZE, get_row_cell,
	  "size" },
	{ "shmstat_resident_bytes", "Shared memory that is in memory.", SIZE,
	  get_row_cell, "resident" },
	{ "shmstat_swapped_bytes", "Shared memory that is in swap.", SIZE,
	  get_row_cell, "swapped" },
	{}
};

static void put_kinds(FILE *out, const struct table *table)
{
	static const struct column shmem = {
		"shmstat_shmem_bytes",
		"Shmem of /proc/meminfo, which the kinds add up to that are not hugetlb.",
		SIZE
	};
	struct series kinds = { .columns = kind_columns };
	size_t row, counter = 0;
	int kind;

	kind = table_column(table, "kind");
	for (row = 0; row < table->rows; row++)
		if (!strcmp(table_cell(table, row, kind), "nr_shmem"))
			counter = row;
	if (!counter)
		errx(1, "%s/shmstat/summary has no row 'nr_shmem'", proc_dir);
	for (row = 0; row < counter; row++)
		if (strcmp(table_cell(table, row, kind), "total"))
			series_add(&kinds, NULL, &(struct row){ table, row },
				   0);
	series_choose_all(&kinds);
	series_put(out, &kinds);
	series_free(&kinds);
	put_number(out, &shmem,
		   table_number(table, counter,
				table_column(table, "resident")));
}

static void put_chosen(FILE *out, struct series *series, size_t max,
		       const struct wanted *wanted)
{
	series_choose(series, max, wanted->previous, wanted->age);
	series_put(out, series);
}

static const struct column superblock_columns[] = {
	{ "dev", NULL, TEXT, get_row_cell, "dev" },
	{ "type", NULL, TEXT, get_row_cell, "type" },
	{ "internal", NULL, TEXT, get_row_cell, "internal" },
	{ "shmstat_superblock_resident_bytes",
	  "What one of the largest file systems has in memory.", SIZE,
	  get_row_cell, "resident" },
	{ "shmstat_superblock_swapped_bytes",
	  "What one of the largest file systems has in swap.", SIZE,
	  get_row_cell, "swapped" },
	{ "shmstat_superblock_limit_bytes",
	  "What one of the largest file systems may hold.", SIZE,
	  get_row_cell, "bytes_limit" },
	{ "shmstat_superblock_used_bytes",
	  "How much of that one of the largest file systems holds.", SIZE,
	  get_row_cell, "bytes_used" },
	{ "shmstat_superblock_inodes_limit",
	  "Inodes one of the largest file systems may have.", NUMBER,
	  get_row_cell, "inodes_limit" },
	{ "shmstat_superblock_inodes_used",
	  "Inodes one of the largest file systems has.", NUMBER,
	  get_row_cell, "inodes_used" },
	{}
};

/* A container may have one or two. */
static void read_superblocks(struct series *series,
			     const struct table *table)
{
	int resident, swapped;
	size_t row;

	*series = (struct series){ "superblock", superblock_columns };
	resident = table_column(table, "resident");
	swapped = table_column(table, "swapped");
	for (row = 0; row < table->rows; row++)
		series_add(series, NULL, &(struct row){ table, row },
			   table_number(table, row, resident) +
			   table_number(table, row, swapped));
}

/* Of all, as those of containers are small. */
static void put_full(FILE *out, const struct table *table)
{
	static const struct column column = {
		"shmstat_full_superblocks",
		"File systems of which 90 % of the bytes or inodes are used.",
		NUMBER
	};
	struct fulls fulls;

	full_find(&fulls, table, FULL_PERCENT);
	put_number(out, &column, fulls.count);
	full_free(&fulls);
}

COLUMN_GET(fold, cgroup, text, fold->name)
COLUMN_GET(fold, resident, number, fold->resident)

static const struct column cgroup_columns[] = {
	{ "cgroup", NULL, TEXT, get_cgroup },
	{ "shmstat_cgroup_resident_bytes",
	  "Shared memory that one of the largest cgroups is charged for.", SIZE,
	  get_resident },
	{}
};

static void read_cgroups(struct series *series, const struct objects *objects)
{
	static const struct fold_plan plan = { FOLD_CGROUP };
	struct folds folds;
	size_t i;

	*series = (struct series){ "cgroup", cgroup_columns };
	fold_shmem(&folds, &plan, objects);
	for (i = 0; i < folds.count; i++)
		if (folds.list[i].name)
			series_add(series, NULL, &folds.list[i],
				   folds.list[i].resident);
	folds_free(&folds);
}

/* Like the counter, without what is in huge pages of hugetlbfs. */
static void put_unheld(FILE *out, const struct objects *objects)
{
	static const struct column columns[] = {
		{ "shmstat_unheld_objects",
		  "Objects that neither a process nor a name holds.",
		  NUMBER },
		{ "shmstat_unheld_resident_bytes", "What they have in memory.",
		  SIZE },
		{ "shmstat_unheld_swapped_bytes", "What they have in swap.",
		  SIZE },
	};
	struct sums sums = objects_sum(objects, object_unheld);

	put_number(out, &columns[0], sums.objects);
	put_number(out, &columns[1], sums.resident);
	put_number(out, &columns[2], sums.swapped);
}

/**
 * struct unused - objects of a kind that only a name keeps
 * @row: the kind's in summary; first, for its columns
 * @pagesize: of these objects
 * @sums: what they add up to
 */
struct unused {
	struct row row;
	uint64_t pagesize;
	struct sums sums;
};

COLUMN_GET(unused, unused_objects, number, unused->sums.objects)
COLUMN_GET(unused, unused_resident, number, unused->sums.resident)
COLUMN_GET(unused, unused_swapped, number, unused->sums.swapped)

static const struct column orphan_columns[] = {
	{ "kind", NULL, TEXT, get_row_cell, "kind" },
	{ "pagesize", NULL, TEXT, get_row_cell, "pagesize" },
	{ "hugetlb", NULL, TEXT, get_hugetlb },
	{ "shmstat_orphan_objects",
	  "Objects meant for sharing that only a name keeps.", NUMBER,
	  get_unused_objects },
	{ "shmstat_orphan_resident_bytes", "What they have in memory.", SIZE,
	  get_unused_resident },
	{ "shmstat_orphan_swapped_bytes", "What they have in swap.", SIZE,
	  get_unused_swapped },
	{}
};

/* The kinds that are meant for sharing; returns how many there are. */
static size_t find_shared_kinds(struct unused *list, const struct table *table)
{
	int kind = table_column(table, "kind");
	int pagesize = table_column(table, "pagesize");
	size_t count = 0, nr;

	for (nr = 0; nr < table->rows; nr++) {
		uint64_t size = table_number(table, nr, pagesize);

		if (kind_for_sharing(table_cell(table, nr, kind),
				     pagesize_in_shmem(size)))
			list[count++] = (struct unused){
				.row = { table, nr },
				.pagesize = size,
			};
	}
	return count;
}

static void add_unused(struct unused *list, size_t count,
		       const struct objects *objects,
		       const struct object *object)
{
	const char *kind = object_cell(objects, object, "kind");
	size_t i;

	for (i = 0; i < count; i++) {
		const struct row *row = &list[i].row;
		struct sums *sums = &list[i].sums;

		if (list[i].pagesize != object->pagesize ||
		    strcmp(kind, table_cell(row->table, row->nr,
					    table_column(row->table, "kind"))))
			continue;
		sums->objects++;
		sums->resident += object->resident;
		sums->swapped += object->swapped;
		return;
	}
}

/* By the tables alone: loop devices and io_urings would take a look at /proc. */
static void put_orphans(FILE *out, const struct objects *objects)
{
	struct series kinds = { .columns = orphan_columns };
	struct unused *list;
	size_t count, i;

	list = xcalloc(objects->summary.rows, sizeof(*list));
	count = find_shared_kinds(list, &objects->summary);
	for (i = 0; i < objects->count; i++)
		if (object_only_named(objects, &objects->list[i]))
			add_unused(list, count, objects, &objects->list[i]);
	for (i = 0; i < count; i++)
		series_add(&kinds, NULL, &list[i], 0);
	series_choose_all(&kinds);
	series_put(out, &kinds);
	series_free(&kinds);
	free(list);
}

static const struct column largest_columns[] = {
	{ "id", NULL, TEXT, get_object_id },
	{ "kind", NULL, TEXT, get_object_cell, "kind" },
	{ "name", NULL, TEXT, get_object_cell, "name" },
	{ "shmstat_object_resident_bytes",
	  "What one of the largest objects has in memory.", SIZE,
	  get_object_resident },
	{ "shmstat_object_swapped_bytes",
	  "What one of the largest objects has in swap.", SIZE,
	  get_object_swapped },
	{}
};

/* Of so many that the chosen ones are among them, as labels take time. */
static void read_objects(struct series *series, const struct objects *objects,
			 size_t max)
{
	const struct object **order;
	size_t i;

	*series = (struct series){ "object", largest_columns };
	order = xcalloc(objects->count, sizeof(*order));
	for (i = 0; i < objects->count; i++)
		order[i] = &objects->list[i];
	qsort(order, objects->count, sizeof(*order), objects_by_memory);
	for (i = 0; i < objects->count && i < 4 * max; i++)
		series_add(series, objects, &order[i],
			   object_memory(order[i]));
	free(order);
}

static void put_all(FILE *out, const struct wanted *wanted)
{
	static const struct column superblock_others = {
		"shmstat_superblock_others_resident_bytes",
		"What all other file systems have in memory.", SIZE
	};
	static const struct column cgroup_others = {
		"shmstat_cgroup_others_resident_bytes",
		"Shared memory that all other cgroups are charged for.", SIZE
	};
	static const struct column credit = {
		"shmstat_newcomers_credit_seconds",
		"What is left for names that were not listed before; 0 while too many come.",
		SECONDS
	};
	struct series superblocks, cgroups, largest;
	struct objects objects;

	objects_load(&objects, WITH_SHARES | WITH_CGROUPS | NEED(SUMMARY) |
		     NEED(SUPERBLOCKS));
	put_kinds(out, &objects.summary);
	read_superblocks(&superblocks, &objects.superblocks);
	put_chosen(out, &superblocks, wanted->top, wanted);
	put_number(out, &superblock_others, series_others(&superblocks, 0));
	put_full(out, &objects.superblocks);
	read_cgroups(&cgroups, &objects);
	put_chosen(out, &cgroups, wanted->top, wanted);
	put_number(out, &cgroup_others, series_others(&cgroups, 0));
	put_unheld(out, &objects);
	put_orphans(out, &objects);
	read_objects(&largest, &objects, wanted->objects);
	if (wanted->objects)
		put_chosen(out, &largest, wanted->objects, wanted);
	objects_free(&objects);
	if (wanted->textfile) {
		series_put_family(out, &credit);
		series_put_credit(out, &superblocks);
		series_put_credit(out, &cgroups);
		if (wanted->objects)
			series_put_credit(out, &largest);
	}
	series_free(&superblocks);
	series_free(&cgroups);
	series_free(&largest);
	fputs("# EOF\n", out);
}

static void usage(void)
{
	puts("Usage: shmstat metrics [options]\n"
	     "Writes what Prometheus and its like read, as OpenMetrics text.\n\n"
	     "     --top N          only the N largest file systems and cgroups (10)\n"
	     "     --objects N      also the N largest objects (0)\n"
	     "     --textfile PATH  into a file, for node_exporter, at once\n"
	     "     --from FILE      as it was: from a file of shmstat record\n"
	     "     --at TIME        at that time, such as -1h (the last)\n"
	     " -h, --help           this text");
}

static size_t parse_count(const char *option, const char *text)
{
	unsigned long count = 1001;

	if (*text && strlen(text) < 5 && !text[strspn(text, "0123456789")])
		count = strtoul(text, NULL, 10);
	if (count > 1000)
		errx(2, "%s wants a number from 0 to 1000, not '%s'", option,
		     text);
	return count;
}

static const struct option options[] = {
	{ "top",	required_argument,	NULL, 't' },
	{ "objects",	required_argument,	NULL, 'o' },
	{ "textfile",	required_argument,	NULL, 'f' },
	COMMAND_OPTIONS,
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

static int run(int argc, char **argv)
{
	struct wanted wanted = { .top = 10 };
	FILE *out;
	int c;

	while ((c = command_option(&command_metrics, argc, argv)) >= 0) {
		switch (c) {
		case 't':
			wanted.top = parse_count("--top", optarg);
			break;
		case 'o':
			wanted.objects = parse_count("--objects", optarg);
			break;
		case 'f':
			wanted.textfile = optarg;
			break;
		}
	}
	if (!wanted.textfile) {
		put_all(stdout, &wanted);
		return 0;
	}
	wanted.previous = textfile_previous(wanted.textfile, &wanted.age);
	out = textfile_open(wanted.textfile);
	put_all(out, &wanted);
	textfile_publish(out, wanted.textfile);
	free(wanted.previous);
	return 0;
}

const struct command command_metrics = {
	"metrics", "OpenMetrics, for Prometheus", usage, run, "h", options
};
