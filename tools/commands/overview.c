// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat without a command: the answer on one screen.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "columns.h"
#include "commands/commands.h"
#include "groups.h"
#include "objects.h"
#include "sockets.h"
#include "text.h"
#include "xalloc.h"

/* Lines of each list, so that all of them fit on a screen. */
#define MOST	5

/**
 * struct total - what all add up to, in bytes
 * @shmem: the kernel's own counter
 * @resident: what the objects have in memory
 * @swapped: and in swap
 * @objects: how many
 */
struct total {
	uint64_t shmem;
	uint64_t resident;
	uint64_t swapped;
	uint64_t objects;
};

/* The kinds there are, in the kernel's order. */
static void read_kinds(struct groups *groups, struct total *total)
{
	bool has_total = false, has_shmem = false;
	struct table table;
	size_t row;
	int kind, pagesize, objects, resident, swapped;

	table_load(&table, "summary");
	kind = table_column(&table, "kind");
	pagesize = table_column(&table, "pagesize");
	objects = table_column(&table, "objects");
	resident = table_column(&table, "resident");
	swapped = table_column(&table, "swapped");
	for (row = 0; row < table.rows; row++) {
		const char *name = table_cell(&table, row, kind);
		struct total sum = {
			.objects = table_number(&table, row, objects),
			.resident = table_number(&table, row, resident),
			.swapped = table_number(&table, row, swapped),
		};

		if (!strcmp(name, "nr_shmem")) {
			total->shmem = sum.resident;
			has_shmem = true;
		} else if (!strcmp(name, "total")) {
			sum.shmem = total->shmem;
			*total = sum;
			has_total = true;
		} else if (sum.objects) {
			bool huge = table_number(&table, row, pagesize) !=
				    (uint64_t)sysconf(_SC_PAGESIZE);

			/* Shmem counts none of these. */
			groups_add(groups, row, sum.objects, sum.resident,
				   sum.swapped)->name =
				xasprintf("%s%s", huge ? "hugetlb " : "", name);
		}
	}
	if (!has_total || !has_shmem)
		errx(1, "the table 'summary' is damaged: no row '%s'",
		     has_total ? "nr_shmem" : "total");
	table_free(&table);
}

COLUMN_GET(total, shmem, output_number(total->shmem))
COLUMN_GET(total, resident, output_number(total->resident))
COLUMN_GET(total, swapped, output_number(total->swapped))
COLUMN_GET(total, objects, output_number(total->objects))

static const struct column total_columns[] = {
	{ "SHMEM", "the kernel's counter", SIZE, 0, true, get_shmem },
	{ "RESIDENT", "what objects have in memory", SIZE, 0, true,
	  get_resident },
	{ "SWAPPED", "and in swap", SIZE, 0, true, get_swapped },
	{ "OBJECTS", "how many", NUMBER, 0, true, get_objects },
	{}
};

static char *amount(const struct output *output, uint64_t bytes)
{
	return output->bytes ? xasprintf("%llu", (unsigned long long)bytes) :
			       size_text(bytes);
}

static void print_total(struct output *output, const struct total *total)
{
	const void *things[] = { total };
	char *shmem, *swapped, *share;

	if (output->form != FOR_PEOPLE) {
		output->all = total_columns;
		output_choose(output);
		output_print(output, "total", NULL, things, 1);
		return;
	}
	shmem = amount(output, total->shmem);
	swapped = amount(output, total->swapped);
	share = total->shmem ? xasprintf("%.1f %% of it", 100.0 *
					 total->resident / total->shmem) :
		total->resident ? xstrdup("more than that") :
		xstrdup("all of it");
	printf("Shmem is %s; %llu objects explain %s, and have %s in swap.\n",
	       shmem, (unsigned long long)total->objects, share, swapped);
	free(share);
	free(shmem);
	free(swapped);
}

static void print_unheld(struct output *output, const struct objects *objects)
{
	bool people = output->form == FOR_PEOPLE;
	const struct object **unheld;
	size_t count, shown;

	unheld = objects_unheld(objects, &count);
	shown = people && count > MOST ? MOST : count;
	output->all = object_columns;
	output->list = "RESIDENT,SWAPPED,KIND,CGROUP,ID,NAME";
	output_choose(output);
	if (people)
		puts(count ? "\nNothing holds, no path, process or GPU handle:" :
		     "\nNothing is there that nothing holds.");
	output_print(output, "unheld", objects, (const void **)unheld, shown);
	if (count > shown)
		printf("and %zu more\n", count - shown);
	if (count || !people)
		sockets_print(output);
	free(unheld);
}

static void print_groups(struct output *output, struct groups *groups,
			 const char *name, const char *title,
			 const struct column *columns, size_t most)
{
	if (output->form == FOR_PEOPLE)
		printf("\n%s:\n", title);
	output->all = columns;
	output->list = NULL;
	if (!groups->count && output->form == FOR_PEOPLE)
		puts("none");
	else
		groups_print(groups, output, name, most);
	groups_free(groups);
}

const struct option answer_options[] = {
	OUTPUT_OPTIONS,
	{ "version",	no_argument,	NULL, 'V' },
	{}
};

int command_answer(int argc, char **argv)
{
	struct groups kinds = {}, groups = {};
	struct output output = {};
	struct total total = {};
	struct objects objects;
	int c;

	while ((c = getopt_long(argc, argv, OUTPUT_BASIC "V", answer_options,
				NULL)) >= 0) {
		if (c == 'h') {
			main_usage();
			return 0;
		}
		if (c == 'V') {
			puts("shmstat " VERSION);
			return 0;
		}
		if (!output_option(&output, c, optarg))
			wrong_usage(argv);
	}
	if (optind < argc)
		errx(2, "no command '%s'; see shmstat --help", argv[optind]);
	/* All of it, or nothing. */
	read_kinds(&kinds, &total);
	objects_load(&objects, WITH_HOLDERS | WITH_CGROUPS);
	output_begin(&output);
	print_total(&output, &total);
	print_groups(&output, &kinds, "kinds", "By kind", kind_columns,
		     SIZE_MAX);
	groups_by_cgroup(&groups, &objects);
	print_groups(&output, &groups, "cgroups",
		     "Paid for by these cgroups, what is in memory",
		     cgroup_columns, MOST);
	groups_by_process(&groups, &objects);
	print_groups(&output, &groups, "processes",
		     "Held by these processes; what several hold counts for each",
		     process_columns, MOST);
	groups_by_user(&groups, &objects);
	print_groups(&output, &groups, "users", "By owner", user_columns,
		     MOST);
	print_unheld(&output, &objects);
	output_end(&output);
	objects_free(&objects);
	return 0;
}
