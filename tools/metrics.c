// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat metrics: OpenMetrics, for Prometheus and its like. The number of
 * series is bounded: of file systems, cgroups and objects only the largest.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "groups.h"
#include "objects.h"

/* As OpenMetrics has it in quotes. */
static void put_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		fputc(*value, out);
	}
	fputc('"', out);
}

static void put_family(FILE *out, const char *name, const char *unit,
		       const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
	if (unit)
		fprintf(out, "# UNIT %s %s\n", name, unit);
}

/**
 * struct family - a metric with a value for each row of a table
 * @name: the metric's
 * @unit: its unit, or NULL
 * @help: what it tells
 * @column: which column it is
 */
struct family {
	const char *name;
	const char *unit;
	const char *help;
	const char *column;
};

/* Of the rows given, or of the first ones. */
static void put_table(FILE *out, const struct table *table,
		      const struct family *family, const char *const *labels,
		      const size_t *rows, size_t count)
{
	int column = table_column(table, family->column);
	size_t nr, i;

	put_family(out, family->name, family->unit, family->help);
	for (nr = 0; nr < count; nr++) {
		size_t row = rows ? rows[nr] : nr;
		const char *value = table_cell(table, row, column);
		const char *first = table_cell(table, row, 0);

		if (!strcmp(value, "-") || !strcmp(first, "total") ||
		    !strcmp(first, "nr_shmem"))
			continue;
		fputs(family->name, out);
		for (i = 0; labels[i]; i++) {
			fputc(i ? ',' : '{', out);
			put_label(out, labels[i],
				  table_cell(table, row,
					     table_column(table, labels[i])));
		}
		fprintf(out, "} %s\n", value);
	}
}

static void put_kinds(FILE *out)
{
	static const struct family families[] = {
		{ "shmstat_objects", NULL, "Objects that hold shared memory.",
		  "objects" },
		{ "shmstat_size_bytes", "bytes", "Sizes of the objects.",
		  "size" },
		{ "shmstat_resident_bytes", "bytes", "Shared memory that is in memory.",
		  "resident" },
		{ "shmstat_swapped_bytes", "bytes", "Shared memory that is in swap.",
		  "swapped" },
	};
	static const char *const labels[] = { "kind", "pagesize", NULL };
	struct table table;
	size_t row, i;
	int kind;

	table_load(&table, "summary");
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		put_table(out, &table, &families[i], labels, NULL, table.rows);
	kind = table_column(&table, "kind");
	put_family(out, "shmstat_shmem_bytes", "bytes",
		   "Shmem of /proc/meminfo, which the kinds in small pages add up to.");
	for (row = 0; row < table.rows; row++)
		if (!strcmp(table_cell(&table, row, kind), "nr_shmem"))
			fprintf(out, "shmstat_shmem_bytes %s\n",
				table_cell(&table, row,
					   table_column(&table, "resident")));
	table_free(&table);
}

static const struct table *sorted;

static uint64_t superblock_memory(size_t row)
{
	return table_number(sorted, row, table_column(sorted, "resident")) +
	       table_number(sorted, row, table_column(sorted, "swapped"));
}

static int by_superblock(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	uint64_t nx = superblock_memory(x), ny = superblock_memory(y);

	return (nx < ny) - (nx > ny) ?: (x > y) - (x < y);
}

/* The largest: each container may have one or two. */
static void put_superblocks(FILE *out, size_t most)
{
	static const struct family families[] = {
		{ "shmstat_superblock_resident_bytes", "bytes",
		  "What a file system has in memory, the largest.", "resident" },
		{ "shmstat_superblock_swapped_bytes", "bytes",
		  "What a file system has in swap, the largest.", "swapped" },
		{ "shmstat_superblock_limit_bytes", "bytes",
		  "What a file system may hold, the largest.", "bytes_limit" },
	};
	static const char *const labels[] = { "dev", "type", "internal", NULL };
	struct table table;
	size_t *rows, count, i;

	table_load(&table, "superblocks");
	rows = calloc(table.rows + 1, sizeof(*rows));
	if (!rows)
		err(1, "superblocks");
	for (i = 0; i < table.rows; i++)
		rows[i] = i;
	sorted = &table;
	qsort(rows, table.rows, sizeof(*rows), by_superblock);
	count = most < table.rows ? most : table.rows;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		put_table(out, &table, &families[i], labels, rows, count);
	free(rows);
	table_free(&table);
}

static void put_cgroups(FILE *out, const struct objects *objects, size_t most)
{
	struct groups groups;
	size_t i;

	groups_by_cgroup(&groups, objects);
	put_family(out, "shmstat_cgroup_resident_bytes", "bytes",
		   "Shared memory that a cgroup pays for, the largest.");
	for (i = 0; i < groups.count && i < most; i++) {
		fputs("shmstat_cgroup_resident_bytes{", out);
		put_label(out, "cgroup", groups.list[i].name);
		fprintf(out, "} %llu\n",
			(unsigned long long)groups.list[i].resident);
	}
	groups_free(&groups);
}

static void put_unheld(FILE *out, const struct objects *objects)
{
	unsigned long long count = 0, resident = 0, swapped = 0;
	size_t i;

	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		if (!object_unheld(objects, object))
			continue;
		count++;
		resident += object->resident;
		swapped += object->swapped;
	}
	put_family(out, "shmstat_unheld_objects", NULL,
		   "Objects that no path, descriptor, mapping or GPU handle leads to.");
	fprintf(out, "shmstat_unheld_objects %llu\n", count);
	put_family(out, "shmstat_unheld_resident_bytes", "bytes",
		   "What they have in memory.");
	fprintf(out, "shmstat_unheld_resident_bytes %llu\n", resident);
	put_family(out, "shmstat_unheld_swapped_bytes", "bytes",
		   "What they have in swap.");
	fprintf(out, "shmstat_unheld_swapped_bytes %llu\n", swapped);
}

static void put_largest(FILE *out, const struct objects *objects, size_t most)
{
	static const char *const names[] = {
		"shmstat_object_resident_bytes", "shmstat_object_swapped_bytes",
	};
	const struct object **order;
	size_t i, which;

	order = calloc(objects->count + 1, sizeof(*order));
	if (!order)
		err(1, "objects");
	for (i = 0; i < objects->count; i++)
		order[i] = &objects->list[i];
	qsort(order, objects->count, sizeof(*order), objects_by_memory);
	for (which = 0; which < 2; which++) {
		put_family(out, names[which], "bytes", which ?
			   "What one of the largest objects has in swap." :
			   "What one of the largest objects has in memory.");
		for (i = 0; i < objects->count && i < most; i++) {
			fprintf(out, "%s{", names[which]);
			put_label(out, "id", order[i]->id);
			fputc(',', out);
			put_label(out, "kind",
				  object_cell(objects, order[i], "kind"));
			fputc(',', out);
			put_label(out, "name",
				  object_cell(objects, order[i], "name"));
			fprintf(out, "} %llu\n", (unsigned long long)
				(which ? order[i]->swapped :
					 order[i]->resident));
		}
	}
	free(order);
}

static void put_all(FILE *out, size_t most)
{
	struct objects objects;

	put_kinds(out);
	put_superblocks(out, most);
	objects_load(&objects, WITH_HOLDERS | WITH_CGROUPS);
	put_cgroups(out, &objects, most);
	put_unheld(out, &objects);
	put_largest(out, &objects, most);
	objects_free(&objects);
	fputs("# EOF\n", out);
}

/* What is left if a table cannot be read. */
static char *temporary;

static void remove_temporary(void)
{
	if (temporary)
		unlink(temporary);
}

/* A scraper sees the old file or the new one, never half of it. */
static void write_textfile(const char *path, size_t most)
{
	FILE *out;
	int fd;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		err(1, "%s", path);
	fd = mkstemp(temporary);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		err(1, "%s", temporary);
	atexit(remove_temporary);
	put_all(out, most);
	if (fflush(out) || ferror(out) || fchmod(fd, 0644) || fsync(fd) ||
	    fclose(out) || rename(temporary, path))
		err(1, "%s", path);
	free(temporary);
	temporary = NULL;
}

static void usage(void)
{
	puts("Usage: shmstat metrics [options]\n"
	     "Writes what Prometheus and its like read, as OpenMetrics text.\n\n"
	     "     --top N          only the N largest file systems, cgroups and objects (10)\n"
	     "     --textfile PATH  into a file, for node_exporter, at once\n"
	     " -h, --help           this text");
}

int command_metrics(int argc, char **argv)
{
	static const struct option options[] = {
		{ "top",	required_argument,	NULL, 't' },
		{ "textfile",	required_argument,	NULL, 'f' },
		{ "help",	no_argument,		NULL, 'h' },
		{}
	};
	const char *textfile = NULL;
	unsigned long most = 10;
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (c) {
		case 't':
			most = strtoul(optarg, &end, 10);
			if (!*optarg || *end || *optarg == '-' || most > 1000)
				errx(2, "--top wants a number from 0 to 1000, not '%s'",
				     optarg);
			break;
		case 'f':
			textfile = optarg;
			break;
		case 'h':
			usage();
			return 0;
		default:
			wrong_usage(argv);
		}
	}
	if (optind < argc)
		errx(2, "metrics takes no '%s'; see shmstat metrics --help",
		     argv[optind]);
	if (textfile)
		write_textfile(textfile, most);
	else
		put_all(stdout, most);
	return 0;
}
