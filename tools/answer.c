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
#include "commands.h"
#include "groups.h"
#include "objects.h"
#include "sockets.h"
#include "text.h"

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
		} else if (!strcmp(name, "total")) {
			sum.shmem = total->shmem;
			*total = sum;
		} else if (sum.objects) {
			bool huge = table_number(&table, row, pagesize) !=
				    (uint64_t)sysconf(_SC_PAGESIZE);
			char *text;

			/* Shmem counts none of these. */
			if (asprintf(&text, "%s%s", huge ? "hugetlb " : "",
				     name) < 0)
				err(1, "kinds");
			groups_add(groups, text, sum.objects, sum.resident,
				   sum.swapped);
			free(text);
		}
	}
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
	char *text;

	if (!output->bytes)
		return size_text(bytes);
	if (asprintf(&text, "%llu", (unsigned long long)bytes) < 0)
		err(1, "size");
	return text;
}

static void print_total(struct output *output, const struct total *total)
{
	const void *things[] = { total };
	char *shmem, *swapped;

	if (output->form != FOR_PEOPLE) {
		output->all = total_columns;
		output_choose(output);
		output_print(output, "total", NULL, things, 1);
		return;
	}
	shmem = amount(output, total->shmem);
	swapped = amount(output, total->swapped);
	printf("Shmem is %s; %llu objects explain %.1f %% of it, and have %s in swap.\n",
	       shmem, (unsigned long long)total->objects, total->shmem ?
	       100.0 * total->resident / total->shmem : 100.0, swapped);
	free(shmem);
	free(swapped);
}

static void print_unheld(struct output *output, const struct objects *objects)
{
	bool people = output->form == FOR_PEOPLE;
	size_t count = 0, shown, i;
	const void **things;

	things = calloc(objects->count + 1, sizeof(*things));
	if (!things)
		err(1, "objects");
	for (i = 0; i < objects->count; i++)
		if (objects->list[i].shmem &&
		    object_unheld(objects, &objects->list[i]))
			things[count++] = &objects->list[i];
	qsort(things, count, sizeof(*things), objects_by_memory);
	shown = people && count > MOST ? MOST : count;
	output->all = object_columns;
	output->list = "RESIDENT,SWAPPED,KIND,CGROUP,ID,NAME";
	output_choose(output);
	if (people)
		puts(count ? "\nNothing holds, no path, process or GPU handle:" :
		     "\nNothing is there that nothing holds.");
	output_print(output, "unheld", objects, things, shown);
	if (count > shown)
		printf("and %zu more\n", count - shown);
	if (count || !people)
		sockets_print(output);
	free(things);
}

static void print_groups(struct output *output, struct groups *groups,
			 const char *name, const char *title,
			 const struct column *columns)
{
	if (output->form == FOR_PEOPLE)
		printf("\n%s:\n", title);
	output->all = columns;
	output->list = NULL;
	if (!groups->count && output->form == FOR_PEOPLE)
		puts("none");
	else
		groups_print(groups, output, name,
			     columns == kind_columns ? groups->count : MOST);
	groups_free(groups);
}

int command_answer(int argc, char **argv)
{
	static const struct option options[] = {
		OUTPUT_OPTIONS,
		{}
	};
	struct output output = {};
	struct groups groups = {};
	struct total total = {};
	struct objects objects;
	int c;

	while ((c = getopt_long(argc, argv, "bJ", options, NULL)) >= 0)
		if (!output_option(&output, c, optarg))
			wrong_usage(argv);
	read_kinds(&groups, &total);
	output_begin(&output);
	print_total(&output, &total);
	print_groups(&output, &groups, "kinds", "By kind", kind_columns);
	objects_load(&objects, WITH_HOLDERS | WITH_CGROUPS);
	groups_by_cgroup(&groups, &objects);
	print_groups(&output, &groups, "cgroups",
		     "Paid for by these cgroups, what is in memory",
		     cgroup_columns);
	groups_by_process(&groups, &objects);
	print_groups(&output, &groups, "processes",
		     "Held by these processes; what several hold counts for each",
		     process_columns);
	groups_by_user(&groups, &objects);
	print_groups(&output, &groups, "users", "By owner", user_columns);
	print_unheld(&output, &objects);
	output_end(&output);
	objects_free(&objects);
	return 0;
}
