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
#include "groups.h"
#include "objects.h"
#include "series.h"
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

/* Up to three labels, whose values are escaped. */
static char *format_labels(const char *format, const char *first,
			   const char *second, const char *third)
{
	char *a = label_text(first), *b = label_text(second);
	char *c = label_text(third), *labels;

	labels = xasprintf(format, a, b, c);
	free(a);
	free(b);
	free(c);
	return labels;
}

/* What one kind has, in pages of one size. */
static void put_kind(FILE *out, const struct table *table, size_t row,
		     const char *family, const char *column)
{
	int kind = table_column(table, "kind");
	int pagesize = table_column(table, "pagesize");
	/* The kinds in pages of the base size come first, whatever that is. */
	bool hugetlb = strcmp(table_cell(table, row, pagesize),
			      table_cell(table, 0, pagesize));

	char *labels = format_labels("kind=\"%s\",pagesize=\"%s\"",
				     table_cell(table, row, kind),
				     table_cell(table, row, pagesize), "");

	fprintf(out, "%s{%s,hugetlb=\"%s\"} %llu\n", family, labels,
		hugetlb ? "yes" : "no", (unsigned long long)
		table_number(table, row, table_column(table, column)));
	free(labels);
}

static void put_kinds(FILE *out)
{
	static const struct family families[] = {
		{ "shmstat_objects", NULL, "Objects that hold shared memory." },
		{ "shmstat_size_bytes", "bytes", "Sizes of the objects." },
		{ "shmstat_resident_bytes", "bytes",
		  "Shared memory that is in memory." },
		{ "shmstat_swapped_bytes", "bytes",
		  "Shared memory that is in swap." },
	};
	static const char *const columns[] = {
		"objects", "size", "resident", "swapped",
	};
	static const struct family shmem = {
		"shmstat_shmem_bytes", "bytes",
		"Shmem of /proc/meminfo, which the kinds add up to that are not hugetlb."
	};
	size_t row, i, counter = 0;
	struct table table;
	int kind;

	table_load(&table, "summary");
	kind = table_column(&table, "kind");
	for (row = 0; row < table.rows; row++)
		if (!strcmp(table_cell(&table, row, kind), "nr_shmem"))
			counter = row;
	if (!counter)
		errx(1, "%s/shmstat/summary has no row 'nr_shmem'",
		     proc_folder);
	for (i = 0; i < 4; i++) {
		put_family(out, &families[i]);
		for (row = 0; row < counter; row++)
			if (strcmp(table_cell(&table, row, kind), "total"))
				put_kind(out, &table, row, families[i].name,
					 columns[i]);
	}
	put_family(out, &shmem);
	fprintf(out, "shmstat_shmem_bytes %llu\n", (unsigned long long)
		table_number(&table, counter,
			     table_column(&table, "resident")));
	table_free(&table);
}

static void put_chosen(FILE *out, struct series *series, size_t max,
		       const struct wanted *wanted)
{
	series_choose(series, max, wanted->previous, wanted->age);
	series_put(out, series);
}

static void put_others(FILE *out, const struct series *series,
		       const struct family *family)
{
	put_family(out, family);
	fprintf(out, "%s %llu\n", family->name,
		(unsigned long long)series_others(series, 0));
}

/* A container may have one or two. */
static void read_superblocks(struct series *series)
{
	static const char *const labels[] = { "dev", "type", "internal" };
	static const char *const columns[] = {
		"resident", "swapped", "bytes_limit",
	};
	static const struct family families[] = {
		{ "shmstat_superblock_resident_bytes", "bytes",
		  "What one of the largest file systems has in memory." },
		{ "shmstat_superblock_swapped_bytes", "bytes",
		  "What one of the largest file systems has in swap." },
		{ "shmstat_superblock_limit_bytes", "bytes",
		  "What one of the largest file systems may hold." },
		{}
	};
	int label[3], column[3], i;
	struct table table;
	size_t row;

	*series = (struct series){ .of = "superblock", .families = families };
	table_load(&table, "superblocks");
	for (i = 0; i < 3; i++) {
		label[i] = table_column(&table, labels[i]);
		column[i] = table_column(&table, columns[i]);
	}
	for (row = 0; row < table.rows; row++) {
		struct entry *entry = series_add(series);

		for (i = 0; i < 3; i++)
			entry->values[i] =
				table_value(table_cell(&table, row, column[i])) ?
				table_number(&table, row, column[i]) : NO_VALUE;
		entry->memory = table_number(&table, row, column[0]) +
				table_number(&table, row, column[1]);
		entry->labels =
			format_labels("dev=\"%s\",type=\"%s\",internal=\"%s\"",
				      table_cell(&table, row, label[0]),
				      table_cell(&table, row, label[1]),
				      table_cell(&table, row, label[2]));
	}
	table_free(&table);
}

static void read_cgroups(struct series *series, const struct objects *objects)
{
	static const struct family families[] = {
		{ "shmstat_cgroup_resident_bytes", "bytes",
		  "Shared memory that one of the largest cgroups pays for." },
		{}
	};
	struct groups groups;
	size_t i;

	*series = (struct series){ .of = "cgroup", .families = families };
	groups_by_cgroup(&groups, objects);
	for (i = 0; i < groups.count; i++) {
		struct entry *entry = series_add(series);

		entry->memory = groups.list[i].resident;
		entry->values[0] = groups.list[i].resident;
		entry->labels = format_labels("cgroup=\"%s\"",
					      groups.list[i].name, "", "");
	}
	groups_free(&groups);
}

/* Like the counter, without what is in huge pages of hugetlbfs. */
static void put_unheld(FILE *out, const struct objects *objects)
{
	static const struct family families[] = {
		{ "shmstat_unheld_objects", NULL,
		  "Objects that no path, descriptor, mapping or GPU handle leads to." },
		{ "shmstat_unheld_resident_bytes", "bytes",
		  "What they have in memory." },
		{ "shmstat_unheld_swapped_bytes", "bytes",
		  "What they have in swap." },
	};
	unsigned long long sums[3] = {};
	size_t i;

	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		if (!object->shmem || !object_unheld(objects, object))
			continue;
		sums[0]++;
		sums[1] += object->resident;
		sums[2] += object->swapped;
	}
	for (i = 0; i < 3; i++) {
		put_family(out, &families[i]);
		fprintf(out, "%s %llu\n", families[i].name, sums[i]);
	}
}

/* Of so many that the chosen ones are among them, as labels take time. */
static void read_objects(struct series *series, const struct objects *objects,
			 size_t max)
{
	static const struct family families[] = {
		{ "shmstat_object_resident_bytes", "bytes",
		  "What one of the largest objects has in memory." },
		{ "shmstat_object_swapped_bytes", "bytes",
		  "What one of the largest objects has in swap." },
		{}
	};
	const struct object **order;
	size_t i;

	*series = (struct series){ .of = "object", .families = families };
	order = xcalloc(objects->count, sizeof(*order));
	for (i = 0; i < objects->count; i++)
		order[i] = &objects->list[i];
	qsort(order, objects->count, sizeof(*order), objects_by_memory);
	for (i = 0; i < objects->count && i < 4 * max; i++) {
		struct entry *entry = series_add(series);

		entry->memory = order[i]->resident + order[i]->swapped;
		entry->values[0] = order[i]->resident;
		entry->values[1] = order[i]->swapped;
		entry->labels =
			format_labels("id=\"%s\",kind=\"%s\",name=\"%s\"",
				      order[i]->id,
				      object_cell(objects, order[i], "kind"),
				      object_cell(objects, order[i], "name"));
	}
	free(order);
}

static void put_all(FILE *out, const struct wanted *wanted)
{
	static const struct family superblock_others = {
		"shmstat_superblock_others_resident_bytes", "bytes",
		"What all other file systems have in memory."
	};
	static const struct family cgroup_others = {
		"shmstat_cgroup_others_resident_bytes", "bytes",
		"Shared memory that all other cgroups pay for."
	};
	static const struct family credit = {
		"shmstat_newcomers_credit_seconds", "seconds",
		"What is left for names that were not listed before; 0 while too many come."
	};
	struct series superblocks, cgroups, largest;
	struct objects objects;

	put_kinds(out);
	read_superblocks(&superblocks);
	put_chosen(out, &superblocks, wanted->top, wanted);
	put_others(out, &superblocks, &superblock_others);
	objects_load(&objects, WITH_HOLDERS | WITH_CGROUPS);
	read_cgroups(&cgroups, &objects);
	put_chosen(out, &cgroups, wanted->top, wanted);
	put_others(out, &cgroups, &cgroup_others);
	put_unheld(out, &objects);
	read_objects(&largest, &objects, wanted->objects);
	if (wanted->objects)
		put_chosen(out, &largest, wanted->objects, wanted);
	objects_free(&objects);
	if (wanted->textfile) {
		put_family(out, &credit);
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

const struct option metrics_options[] = {
	{ "top",	required_argument,	NULL, 't' },
	{ "objects",	required_argument,	NULL, 'o' },
	{ "textfile",	required_argument,	NULL, 'f' },
	{ "help",	no_argument,		NULL, 'h' },
	{}
};

int command_metrics(int argc, char **argv)
{
	struct wanted wanted = { .top = 10 };
	FILE *out;
	int c;

	while ((c = getopt_long(argc, argv, METRICS_SHORT, metrics_options,
				NULL)) >= 0) {
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
