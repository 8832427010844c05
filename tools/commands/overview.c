// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat without a command: an overview on one screen.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "container.h"
#include "elsewhere.h"
#include "groups.h"
#include "heldby.h"
#include "object_columns.h"
#include "objects.h"
#include "output.h"
#include "sockets.h"
#include "users.h"
#include "xalloc.h"

/* Lines of each table, so that all of them fit on a screen. */
#define MAX_LINES	5

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
static void read_kinds(struct groups *groups, const struct table *table,
		       struct total *total)
{
	bool has_total = false, has_shmem = false;
	size_t row;
	int kind, pagesize, objects, resident, swapped;

	kind = table_column(table, "kind");
	pagesize = table_column(table, "pagesize");
	objects = table_column(table, "objects");
	resident = table_column(table, "resident");
	swapped = table_column(table, "swapped");
	for (row = 0; row < table->rows; row++) {
		const char *name = table_cell(table, row, kind);
		struct total sum = {
			.objects = table_number(table, row, objects),
			.resident = table_number(table, row, resident),
			.swapped = table_number(table, row, swapped),
		};

		if (!strcmp(name, "nr_shmem")) {
			total->shmem = sum.resident;
			has_shmem = true;
		} else if (!strcmp(name, "total")) {
			sum.shmem = total->shmem;
			*total = sum;
			has_total = true;
		} else if (sum.objects) {
			bool huge = table_number(table, row, pagesize) !=
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
}

COLUMN_GET(total, shmem, number, total->shmem)
COLUMN_GET(total, resident, number, total->resident)
COLUMN_GET(total, swapped, number, total->swapped)
COLUMN_GET(total, objects, number, total->objects)

static const struct column total_columns[] = {
	{ "SHMEM", "the kernel's counter", SIZE, get_shmem },
	{ "RESIDENT", "what objects have in memory", SIZE, get_resident },
	{ "SWAPPED", "and in swap", SIZE, get_swapped },
	{ "OBJECTS", "how many", NUMBER, get_objects },
	{}
};

static void print_total(const struct output *output, const struct total *total)
{
	char *shmem, *swapped, *share;

	if (output->form != AS_TABLE) {
		output_array(output, "total", total_columns, total, 1,
			     sizeof(*total));
		return;
	}
	shmem = output_amount(output, total->shmem);
	swapped = output_amount(output, total->swapped);
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

COLUMN_GET(group, group_resident, number, group->resident)
COLUMN_GET(group, group_swapped, number, group->swapped)
COLUMN_GET(group, group_objects, number, group->objects)
COLUMN_GET(group, exclusive, number, group->share.exclusive)
COLUMN_GET(group, proportional, number, group->share.proportional)
COLUMN_GET(group, name, text, group->name)
COLUMN_GET(group, pid, number, strtoull(group->name, NULL, 10))
COLUMN_GET(group, user, text, user_name(group->name))
COLUMN_GET(group, command, text, strchr(group->name, '/') + 1)

COLUMN_GET(group, label, text, cgroup_name(group->name))

#define RESIDENT { "RESIDENT", "in memory", SIZE, get_group_resident }
#define SWAPPED { "SWAPPED", "in swap", SIZE, get_group_swapped }
#define OBJECTS { "OBJECTS", "how many", NUMBER, get_group_objects }

static const struct column kind_columns[] = {
	RESIDENT, SWAPPED, OBJECTS,
	{ "KIND", "what they are", TEXT, get_name },
	{}
};

/* Swap is not attributed: the kernel does not report its cgroup. */
static const struct column cgroup_columns[] = {
	RESIDENT, OBJECTS,
	{ "CGROUP", "service, session or container", NAME, get_label },
	{ "PATH", "the cgroup's path", NAME, get_name },
	{}
};

static const struct column process_columns[] = {
	RESIDENT, SWAPPED, OBJECTS,
	{ "EXCLUSIVE", "memory and swap of what it alone has", SIZE,
	  get_exclusive },
	{ "PROPORTIONAL", "its part of what several have", SIZE,
	  get_proportional },
	{ "PID", "process that holds them", NUMBER, get_pid },
	{ "COMMAND", "its name", NAME, get_command },
	{}
};

static const struct column user_columns[] = {
	RESIDENT, SWAPPED, OBJECTS,
	{ "USER", "who owns them", NAME, get_user },
	{}
};

/* And frees them. A table has no more than @max lines. */
static void print_groups(const struct output *output, struct groups *groups,
			 const char *name, const char *title,
			 const struct column *columns, size_t max)
{
	bool table = output->form == AS_TABLE;
	size_t shown = table && groups->count > max ? max : groups->count;

	if (table)
		printf("\n%s:\n", title);
	if (table && !shown)
		puts("none");
	else
		output_array(output, name, columns, groups->list, shown,
			     sizeof(*groups->list));
	output_more(groups->count - shown);
	groups_free(groups);
}

/* Those that neither a process nor a name has, of what Shmem counts, largest first. */
static const struct object **find_unheld(const struct objects *objects,
					 size_t *count)
{
	const struct object **list = xcalloc(objects->count, sizeof(*list));
	size_t i;

	*count = 0;
	for (i = 0; i < objects->count; i++)
		if (objects->list[i].shmem &&
		    object_unheld(objects, &objects->list[i]))
			list[(*count)++] = &objects->list[i];
	qsort(list, *count, sizeof(*list), objects_by_memory);
	return list;
}

static void print_unheld(const struct output *output,
			 const struct objects *objects)
{
	struct output chosen = *output;
	bool table = output->form == AS_TABLE;
	const struct object **list;
	const void **things;
	size_t count, shown;

	list = find_unheld(objects, &count);
	shown = table && count > MAX_LINES ? MAX_LINES : count;
	if (table && !count) {
		puts("\nEach object has a process or a name that holds it.");
		free(list);
		return;
	}
	if (table)
		puts("\nObjects that neither a process nor a name holds:");
	chosen.all = object_columns;
	chosen.list = "RESIDENT,SWAPPED,KIND,CGROUP,HELDBY,ID,NAME";
	output_choose(&chosen);
	things = output_things(list, shown, sizeof(*list));
	output_print(&chosen, "unheld", objects, things, shown);
	output_more(count - shown);
	sockets_print(output);
	free(things);
	free(list);
}

void overview(const struct output *output)
{
	struct groups kinds = {}, groups;
	struct total total = {};
	struct objects objects;

	/* All of it, or nothing. */
	objects_load(&objects, WITH_HELDBY | WITH_SHARES | WITH_CGROUPS |
		     NEED(SUMMARY));
	read_kinds(&kinds, &objects.summary, &total);
	output_begin(output);
	print_total(output, &total);
	print_groups(output, &kinds, "kinds", "By kind", kind_columns,
		     SIZE_MAX);
	groups_by_cgroup(&groups, &objects);
	print_groups(output, &groups, "cgroups",
		     "By cgroup that is charged; swap is not attributed",
		     cgroup_columns, MAX_LINES);
	groups_by_process(&groups, &objects, true);
	print_groups(output, &groups, "processes",
		     "By process that holds it; an object counts once per holder",
		     process_columns, MAX_LINES);
	groups_by_user(&groups, &objects);
	print_groups(output, &groups, "users", "By owner", user_columns,
		     MAX_LINES);
	print_unheld(output, &objects);
	elsewhere_print(output);
	output_end(output);
	objects_free(&objects);
}
