// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat whatif: what would come back if processes and names went away, all at
 * once, and what would stay and why.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "going.h"
#include "object_columns.h"
#include "objects.h"
#include "output.h"
#include "xalloc.h"

/**
 * struct fate - what becomes of an object of which something goes
 * @object: the object; first, for its columns
 * @heldby: what still keeps it; NULL if it comes back
 */
struct fate {
	const struct object *object;
	char *heldby;
};

/**
 * struct freed - what comes back, in bytes
 * @resident: in memory
 * @swapped: in swap
 * @objects: how many
 * @hugetlb: in huge pages of hugetlbfs, which Shmem does not count
 */
struct freed {
	uint64_t resident;
	uint64_t swapped;
	uint64_t objects;
	uint64_t hugetlb;
};

COLUMN_GET(fate, heldby, text, fate->heldby)
COLUMN_GET(freed, resident, number, freed->resident)
COLUMN_GET(freed, swapped, number, freed->swapped)
COLUMN_GET(freed, objects, number, freed->objects)
COLUMN_GET(freed, hugetlb, number, freed->hugetlb)

static const struct column freed_columns[] = {
	{ "RESIDENT", "comes back in memory", SIZE, get_resident },
	{ "SWAPPED", "comes back in swap", SIZE, get_swapped },
	{ "OBJECTS", "how many", NUMBER, get_objects },
	{ "HUGETLB", "comes back in huge pages of hugetlbfs", SIZE,
	  get_hugetlb },
	{}
};

static const struct column object_fates[] = {
	{ "RESIDENT", "in memory", SIZE, get_object_resident },
	{ "SWAPPED", "in swap", SIZE, get_object_swapped },
	{ "KIND", "what it is", TEXT, get_object_cell, "kind" },
	{ "ID", "MAJOR:MINOR:INO:GENERATION", TEXT, get_object_id },
	{ "NAME", "name inside its file system", NAME, get_object_cell,
	  "name" },
	{}
};

static const struct column kept_columns[] = {
	{ "RESIDENT", "in memory", SIZE, get_object_resident },
	{ "SWAPPED", "in swap", SIZE, get_object_swapped },
	{ "KIND", "what it is", TEXT, get_object_cell, "kind" },
	{ "HELDBY", "what keeps it", NAME, get_heldby },
	{ "ID", "MAJOR:MINOR:INO:GENERATION", TEXT, get_object_id },
	{ "NAME", "name inside its file system", NAME, get_object_cell,
	  "name" },
	{}
};

/**
 * struct fates - all of them
 * @list: the objects that come back, or those that stay
 * @count: how many
 * @room: how many there is room for
 */
struct fates {
	struct fate *list;
	size_t count;
	size_t room;
};

static void add_fate(struct fates *fates, const struct object *object,
		     char *heldby)
{
	fates->list = xgrow(fates->list, fates->count, &fates->room,
			    sizeof(*fates->list));
	fates->list[fates->count++] = (struct fate){ object, heldby };
}

static void add_freed(struct freed *freed, const struct object *object)
{
	if (!object->shmem) {
		freed->hugetlb += object->resident;
		return;
	}
	freed->objects++;
	freed->resident += object->resident;
	freed->swapped += object->swapped;
}

static void decide(const struct going *going, struct freed *freed,
		   struct fates *back, struct fates *kept)
{
	const struct objects *objects = going->objects;
	size_t i;

	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];
		char *heldby;

		if (!going_has(going, object))
			continue;
		heldby = going_keeper(going, object);
		if (!heldby)
			add_freed(freed, object);
		add_fate(heldby ? kept : back, object, heldby);
	}
}

/* For people, as many as fit; largest first. */
static void print_fates(const struct output *output,
			const struct objects *objects, struct fates *fates,
			const char *name, const char *title,
			const struct column *columns)
{
	const void **things = output_things(fates->list, fates->count,
					    sizeof(*fates->list));
	struct output fixed = output_fix(output, columns);
	size_t i;

	if (fates->count)
		qsort(things, fates->count, sizeof(*things), things_by_memory);
	if (output->form == AS_TABLE)
		printf("\n%s:%s\n", title, fates->count ? "" : " nothing");
	if (output->form != AS_TABLE || fates->count)
		output_list(&fixed, name, objects, things, fates->count);
	for (i = 0; i < fates->count; i++)
		free(fates->list[i].heldby);
	free(fates->list);
	free(things);
}

static void print_freed(const struct output *output, const struct freed *freed)
{
	char *resident, *swapped, *hugetlb;

	if (output->form != AS_TABLE) {
		output_array(output, "freed", freed_columns, freed, 1,
			     sizeof(*freed));
		return;
	}
	resident = output_amount(output, freed->resident);
	swapped = output_amount(output, freed->swapped);
	hugetlb = output_amount(output, freed->hugetlb);
	printf("%s would come back in memory and %s in swap, of %llu objects",
	       resident, swapped, (unsigned long long)freed->objects);
	if (freed->hugetlb)
		printf(", and %s in huge pages of hugetlbfs", hugetlb);
	puts(".");
	free(resident);
	free(swapped);
	free(hugetlb);
}

static void usage(void)
{
	puts("Usage: shmstat whatif [options]\n"
	     "Says what would come back if all that is named went away at once, what would\n"
	     "stay, and what keeps it. Each of these may be given several times:\n\n"
	     "     --pid PID       a process\n"
	     "     --comm NAME     all processes of a name\n"
	     "     --cgroup CGROUP all processes of a cgroup, and of those below it; its\n"
	     "                     path, or its name as 'shmstat' shows it\n"
	     "     --unit UNIT     all processes of a unit of systemd\n"
	     "     --path PATH     a name of a file\n"
	     "     --mount PATH    all names of the file system that is mounted there\n"
	     "     --top N         only the first N of each list; all, also where a\n"
	     "                     terminal has not so many lines\n"
	     COMMAND_HELP
	     OUTPUT_HELP);
}

enum { PID = 256, COMM, CGROUP, UNIT, NAME_GOES, MOUNT };

static const struct option options[] = {
	OUTPUT_OPTIONS,
	{ "top",	required_argument,	NULL, OUTPUT_TOP },
	{ "pid",	required_argument,	NULL, PID },
	{ "comm",	required_argument,	NULL, COMM },
	{ "cgroup",	required_argument,	NULL, CGROUP },
	{ "unit",	required_argument,	NULL, UNIT },
	{ "path",	required_argument,	NULL, NAME_GOES },
	{ "mount",	required_argument,	NULL, MOUNT },
	{}
};

static void add_option(struct going *going, int c, const char *argument)
{
	switch (c) {
	case PID:
		going_add_pid(going, argument);
		break;
	case COMM:
		going_add_comm(going, argument);
		break;
	case CGROUP:
		going_add_cgroup(going, argument);
		break;
	case UNIT:
		going_add_unit(going, argument);
		break;
	case NAME_GOES:
		going_add_path(going, argument);
		break;
	case MOUNT:
		going_add_mount(going, argument);
	}
}

static int run(int argc, char **argv)
{
	struct fates back = {}, kept = {};
	struct output output = {};
	struct objects objects;
	struct going going = {};
	struct freed freed = {};
	bool any = false;
	int c;

	while ((c = command_option(&command_whatif, argc, argv)) >= 0) {
		if (c >= PID && c <= MOUNT)
			any = true;
		output_option(&output, c, optarg);
	}
	if (!any)
		errx(2, "whatif wants to know what goes away; see %s --help",
		     argv[0]);
	objects_load(&objects, WITH_GOING);
	going.objects = &objects;
	/* Who is in a cgroup is read after the tables. */
	optind = 0;
	while ((c = command_option(&command_whatif, argc, argv)) >= 0)
		add_option(&going, c, optarg);
	going_find(&going);
	decide(&going, &freed, &back, &kept);
	output_begin(&output);
	print_freed(&output, &freed);
	print_fates(&output, &objects, &back, "objects", "Would come back",
		    object_fates);
	print_fates(&output, &objects, &kept, "kept", "Would stay",
		    kept_columns);
	output_end(&output);
	going_free(&going);
	objects_free(&objects);
	return 0;
}

const struct command command_whatif = {
	"whatif", "what would come back, and what would stay", usage, run,
	OUTPUT_BASIC, options
};
