// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat without a command: one screen, in the order of what one can do about it;
 * or all there is to be said, to programs and to people who ask for it.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "container.h"
#include "elsewhere.h"
#include "fold.h"
#include "full.h"
#include "heldby.h"
#include "moment.h"
#include "object_columns.h"
#include "objects.h"
#include "orphan.h"
#include "output.h"
#include "replay.h"
#include "sockets.h"
#include "text.h"
#include "xalloc.h"

/* What fits on a small terminal, with the prompt behind it. */
#define SCREEN_LINES	23

/* Of a process's name, unless some of its bytes are not printable. */
#define PROGRAM_WIDTH	15

/* Parts of the screen that have as many lines as there is room for. */
enum part {
	ORPHANS,
	UNHELD,
	FULL,
	PROGRAMS,
	SERVICES,
	GPU,
	PARTS,
};

/* No more lines than these. */
static const size_t max_lines[PARTS] = {
	[ORPHANS]	= 3,
	[UNHELD]	= 3,
	[FULL]		= 3,
	[PROGRAMS]	= 8,
	[SERVICES]	= 6,
	[GPU]		= 5,
};

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

/**
 * struct chosen - some objects
 * @list: the objects, largest first
 * @count: how many
 * @memory: what they have, in memory and in swap
 * @hugetlb: in huge pages of hugetlbfs, which is not in @memory
 */
struct chosen {
	const struct object **list;
	size_t count;
	uint64_t memory;
	uint64_t hugetlb;
};

/**
 * struct before - programs in the sample before
 * @objects: all objects there were
 * @programs: what processes of one name had
 * @seconds: how long before that was; 0 if there is none
 */
struct before {
	struct objects objects;
	struct folds programs;
	double seconds;
};

/**
 * struct screen - what is shown
 * @output: in which form
 * @objects: all objects
 * @members: the cgroups of processes
 * @total: what they add up to
 * @orphans: those that only a name keeps
 * @others: the same, on tmpfs mounts that are not meant for sharing
 * @unheld: those that neither a process nor a name has
 * @fulls: file systems that are nearly full
 * @programs: what processes of one name have, by what only they keep
 * @services: what containers have, units, and other cgroups; on the short screen
 * @before: the same in the sample before, of the past
 * @users: what users own
 * @kinds: what there is of each kind
 * @lines: how many lines each part has
 * @more: whether there is more than is shown
 */
struct screen {
	struct output output;
	struct objects objects;
	struct members members;
	struct total total;
	struct chosen orphans;
	struct chosen others;
	struct chosen unheld;
	struct fulls fulls;
	struct folds programs;
	struct before before;
	struct folds services;
	struct folds users;
	struct folds kinds;
	size_t lines[PARTS];
	bool more;
};

/* The kinds there are, in the kernel's order. */
static void read_kinds(struct screen *screen)
{
	const struct table *table = &screen->objects.summary;
	struct total *total = &screen->total;
	struct folds *folds = &screen->kinds;
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
		struct fold sum = {
			.pagesize = table_number(table, row, pagesize),
			.objects = table_number(table, row, objects),
			.resident = table_number(table, row, resident),
			.swapped = table_number(table, row, swapped),
		};
		char *text;

		if (!strcmp(name, "nr_shmem")) {
			total->shmem = sum.resident;
			has_shmem = true;
		} else if (!strcmp(name, "total")) {
			total->resident = sum.resident;
			total->swapped = sum.swapped;
			total->objects = sum.objects;
			has_total = true;
		} else if (sum.objects) {
			/* Shmem counts none of the others. */
			text = xasprintf("%s%s",
					 pagesize_in_shmem(sum.pagesize) ?
					 "" : "hugetlb ", name);
			sum.name = pool_text(&folds->texts,
					     pool_add(&folds->texts, text,
						      strlen(text)));
			free(text);
			folds->list = xgrow(folds->list, folds->count,
					    &folds->room, sizeof(sum));
			folds->list[folds->count++] = sum;
		}
	}
	if (!has_total || !has_shmem)
		errx(1, "the table 'summary' is damaged: no row '%s'",
		     has_total ? "nr_shmem" : "total");
}

static bool is_orphan(const struct objects *objects,
		      const struct object *object)
{
	return object_orphan(objects, object, false);
}

/* Files that --all adds to those of the command orphans. */
static bool is_other_orphan(const struct objects *objects,
			    const struct object *object)
{
	return !kind_for_sharing(object_cell(objects, object, "kind"),
				 object->shmem) &&
	       object_orphan(objects, object, true);
}

static bool is_unheld(const struct objects *objects,
		      const struct object *object)
{
	return object->shmem && object_unheld(objects, object);
}

static void choose(struct chosen *chosen, const struct objects *objects,
		   bool (*wanted)(const struct objects *objects,
				  const struct object *object))
{
	size_t room = 0, i;

	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		if (!wanted(objects, object))
			continue;
		chosen->list = xgrow(chosen->list, chosen->count, &room,
				     sizeof(*chosen->list));
		chosen->list[chosen->count++] = object;
		if (object->shmem)
			chosen->memory += object_memory(object);
		else
			chosen->hugetlb += object->resident;
	}
	if (chosen->count)
		qsort(chosen->list, chosen->count, sizeof(*chosen->list),
		      objects_by_memory);
}

/* What only they keep first, then what they have a part of. */
static int by_exclusive(const void *a, const void *b)
{
	const struct share *x = &((const struct fold *)a)->share;
	const struct share *y = &((const struct fold *)b)->share;

	return (x->exclusive < y->exclusive) - (x->exclusive > y->exclusive) ?:
	       (x->proportional < y->proportional) -
	       (x->proportional > y->proportional) ?: folds_by_memory(a, b);
}

/* A cgroup may be charged for what its processes do not have, and not for that. */
static uint64_t weight(const struct fold *fold)
{
	return fold->resident > fold->share.exclusive ? fold->resident :
	       fold->share.exclusive;
}

static int by_weight(const void *a, const void *b)
{
	uint64_t x = weight(a), y = weight(b);

	return (x < y) - (x > y) ?: by_exclusive(a, b);
}

/* Folds by a key, without what has nothing in common. */
static struct folds fold_by(struct screen *screen, enum fold_key key,
			    int (*compare)(const void *a, const void *b))
{
	struct fold_plan plan = {
		key, &screen->members, .alike = key == FOLD_COMM
	};
	struct folds folds;
	size_t count = 0, i;

	fold_shmem(&folds, &plan, &screen->objects);
	for (i = 0; i < folds.count; i++)
		if (folds.list[i].name)
			folds.list[count++] = folds.list[i];
	folds.count = count;
	folds_sort(&folds, compare);
	return folds;
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

/* So that nobody takes it for what there is now. */
static void show_moment(const struct output *output)
{
	char *text;

	if (!moment_is_past())
		return;
	text = replay_text();
	output_line(output, PAINT_BOLD, xasprintf("As it was at %s.", text));
	free(text);
}

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
	output_line(output, NULL,
		    xasprintf("Shmem is %s; %llu objects explain %s, and have %s in swap.",
			      shmem, (unsigned long long)total->objects, share,
			      swapped));
	free(share);
	free(shmem);
	free(swapped);
}

/* How many objects have the name of the largest, and that name, which may be cut. */
static const char *largest_text(const struct objects *objects,
				const struct fold *fold)
{
	const char *name = object_cell(objects, fold->largest, "name");
	static char *text;

	if (fold->alike < 2)
		return name;
	free(text);
	/* A multiplication sign, where the locale has it. */
	text = xasprintf("%s%llu %s", is_utf8() ? "\\303\\227" : "x",
			 (unsigned long long)fold->alike, name);
	return text;
}

/* Programs can be told apart, whatever room there is for what they have. */
static const char *program_text(const char *name)
{
	static char *text;

	free(text);
	text = name_text(name);
	text_cut(text, PROGRAM_WIDTH);
	return text;
}

COLUMN_GET(fold, fold_resident, number, fold->resident)
COLUMN_GET(fold, fold_swapped, number, fold->swapped)
COLUMN_GET(fold, fold_objects, number, fold->objects)
COLUMN_GET(fold, exclusive, exclusive, fold)
COLUMN_GET(fold, proportional, proportional, fold)
COLUMN_GET(fold, name, text, fold->name)
COLUMN_GET(fold, program, text, program_text(fold->name))
COLUMN_GET(fold, pid, number, strtoull(fold->name, NULL, 10))
COLUMN_GET(fold, command, text, strchr(fold->name, '/') + 1)
COLUMN_GET(fold, label, text, cgroup_name(fold->name))
COLUMN_GET(fold, alike, number, fold->alike)
COLUMN_GET(fold, largest, text, largest_text(all, fold))

#define SHARES								\
	{ "EXCLUSIVE", "memory and swap of what only its processes keep", SIZE, \
	  get_exclusive },						\
	{ "PROPORTIONAL", "their part of what others keep as well", SIZE, \
	  get_proportional }
#define RESIDENT { "RESIDENT", "in memory", SIZE, get_fold_resident }
#define SWAPPED { "SWAPPED", "in swap", SIZE, get_fold_swapped }
#define OBJECTS { "OBJECTS", "how many", NUMBER, get_fold_objects }

static const struct column program_columns[] = {
	SHARES, RESIDENT, SWAPPED, OBJECTS,
	{ "PROGRAM", "processes of one name", TEXT, get_program },
	{ "LARGEST", "how many have the name of the largest, and that", NAME,
	  get_largest },
	{}
};

/* For programs that read this. */
static const struct column program_fields[] = {
	SHARES, RESIDENT, SWAPPED, OBJECTS,
	{ "PROGRAM", "processes of one name", NAME, get_name },
	{ "LARGEST", "name of the largest", NAME, get_object_cell, "name" },
	{ "ALIKE", "how many have it", NUMBER, get_alike },
	{}
};

static const struct column process_columns[] = {
	RESIDENT, SWAPPED, OBJECTS, SHARES,
	{ "PID", "process that holds them", NUMBER, get_pid },
	{ "COMMAND", "its name", NAME, get_command },
	{}
};

/* Swap is not attributed: the kernel does not report its cgroup. */
static const struct column service_columns[] = {
	SHARES, RESIDENT, OBJECTS,
	{ "SERVICE", "container, unit or cgroup", NAME, get_name },
	{}
};

static const struct column unit_columns[] = {
	SHARES, RESIDENT, OBJECTS,
	{ "UNIT", "unit of systemd", NAME, get_name },
	{}
};

static const struct column container_columns[] = {
	SHARES, RESIDENT, OBJECTS,
	{ "CONTAINER", "container or pod", NAME, get_name },
	{}
};

static const struct column cgroup_columns[] = {
	RESIDENT, OBJECTS, SHARES,
	{ "CGROUP", "service, session or container", NAME, get_label },
	{ "PATH", "the cgroup's path", NAME, get_name },
	{}
};

static const struct column user_columns[] = {
	RESIDENT, SWAPPED, OBJECTS,
	{ "USER", "who owns them", NAME, get_name },
	{}
};

static const struct column kind_columns[] = {
	RESIDENT, SWAPPED, OBJECTS,
	{ "KIND", "what they are", TEXT, get_name },
	{}
};

COLUMN_GET(orphan, remove, text, orphan->remove)
COLUMN_GET(orphan, reason, text, orphan->reason)

static const struct column orphan_columns[] = {
	{ "RESIDENT", "in memory", SIZE, get_object_resident },
	{ "SWAPPED", "in swap", SIZE, get_object_swapped },
	{ "KIND", "posix, sysv or tmpfs", TEXT, get_object_cell, "kind" },
	{ "ID", "MAJOR:MINOR:INO:GENERATION", TEXT, get_object_id },
	{ "NAME", "name inside its file system", NAME, get_object_cell,
	  "name" },
	{ "REMOVE", "the shell command that removes it", TEXT, get_remove },
	{ "REASON", "why there is no such command", TEXT, get_reason },
	{}
};

/* A table of its own, whatever there is. */
static void print_list(const struct screen *screen, const char *name,
		       const char *title, const struct column *columns,
		       const void *list, size_t count, size_t size)
{
	const struct output *output = &screen->output;
	const void **things = output_things(list, count, size);

	if (output->form == AS_TABLE) {
		putchar('\n');
		output_line(output, PAINT_BOLD,
			    xasprintf("%s:%s", title, count ? "" : " none"));
	}
	if (output->form != AS_TABLE || count)
		output_fixed(output, name, columns, &screen->objects, things,
			     count);
	free(things);
}

static void print_folds(struct screen *screen, const char *name,
			const char *title, const struct column *columns,
			enum fold_key key,
			int (*compare)(const void *a, const void *b))
{
	struct folds folds = fold_by(screen, key, compare);

	print_list(screen, name, title, columns, folds.list, folds.count,
		   sizeof(*folds.list));
	folds_free(&folds);
}

static void print_orphans(const struct screen *screen, const char *name,
			  const char *title, const struct chosen *chosen)
{
	struct orphan *list = xcalloc(chosen->count, sizeof(*list));
	size_t i;

	for (i = 0; i < chosen->count; i++)
		orphan_find(&list[i], &screen->objects, chosen->list[i]);
	print_list(screen, name, title, orphan_columns, list, chosen->count,
		   sizeof(*list));
	for (i = 0; i < chosen->count; i++)
		orphan_free(&list[i]);
	free(list);
}

static void print_unheld(const struct screen *screen)
{
	const struct chosen *chosen = &screen->unheld;
	struct output output = screen->output;
	const void **things = output_things(chosen->list, chosen->count,
					    sizeof(*chosen->list));

	if (output.form == AS_TABLE) {
		putchar('\n');
		output_line(&output, PAINT_BOLD,
			    xasprintf("Objects that neither a process nor a name holds:%s",
				      chosen->count ? "" : " none"));
	}
	output.all = object_columns;
	output.list = "RESIDENT,SWAPPED,KIND,CGROUP,HELDBY,ID,NAME";
	output_choose(&output);
	if (output.form != AS_TABLE || chosen->count)
		output_print(&output, "unheld", &screen->objects, things,
			     chosen->count);
	if (output.form != AS_TABLE || chosen->count)
		sockets_print(&screen->output);
	free(things);
}

static void print_fulls(struct screen *screen)
{
	const struct output *output = &screen->output;
	size_t i;

	full_describe(&screen->fulls, &screen->objects, screen->fulls.count);
	if (output->form != AS_TABLE) {
		full_print_list(output, &screen->fulls);
		return;
	}
	putchar('\n');
	output_line(output, PAINT_BOLD,
		    xasprintf("File systems that are nearly full:%s",
			      screen->fulls.count ? "" : " none"));
	for (i = 0; i < screen->fulls.count; i++)
		output_line(output, NULL,
			    full_text(output, &screen->fulls.list[i]));
}

/* All of it. */
static void print_whole(struct screen *screen)
{
	const struct output *output = &screen->output;
	const struct folds *kinds = &screen->kinds;
	size_t processes;

	if (output->form == AS_TABLE)
		show_moment(output);
	output_begin(output);
	print_total(output, &screen->total);
	print_orphans(screen, "orphans",
		      "Unused files of /dev/shm and hugetlbfs, and System V segments",
		      &screen->orphans);
	print_orphans(screen, "other_orphans",
		      "Files of other tmpfs mounts that only a name keeps",
		      &screen->others);
	print_unheld(screen);
	print_fulls(screen);
	print_folds(screen, "programs", "By program, what only it keeps first",
		    output->form == AS_TABLE ? program_columns : program_fields,
		    FOLD_COMM, by_exclusive);
	print_folds(screen, "processes",
		    "By process that holds it; an object counts once per holder",
		    process_columns, FOLD_PROCESS, folds_by_memory);
	print_folds(screen, "units",
		    "By unit that is charged, or whose processes keep it",
		    unit_columns, FOLD_UNIT, by_weight);
	print_folds(screen, "containers",
		    "By container that is charged, or whose processes keep it",
		    container_columns, FOLD_CONTAINER, by_weight);
	print_folds(screen, "cgroups",
		    "By cgroup that is charged; swap is not attributed",
		    cgroup_columns, FOLD_CGROUP, folds_by_memory);
	print_folds(screen, "users", "By owner", user_columns, FOLD_USER,
		    folds_by_memory);
	print_list(screen, "kinds", "By kind", kind_columns, kinds->list,
		   kinds->count, sizeof(*kinds->list));
	if ((elsewhere_find(&processes) || processes) &&
	    output->form == AS_TABLE)
		putchar('\n');
	elsewhere_print(output, processes);
	output_end(output);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* Too long a command is none: half of one may do something else. */
static char *orphan_text(const struct screen *screen,
			 const struct object *object)
{
	const struct objects *objects = &screen->objects;
	char *memory, *text, *name;
	struct orphan orphan;

	orphan_find(&orphan, objects, object);
	memory = output_amount(&screen->output, object_memory(object));
	text = xasprintf("%9s %s", memory, orphan.remove ?: "");
	if (!orphan.remove || text_width(text) > screen->output.width) {
		free(text);
		name = name_text(object_cell(objects, object, "name"));
		text = xasprintf("%9s (%s) %s", memory, orphan.remove ?
				 "shmstat orphans" : "no command", name);
		free(name);
	}
	free(memory);
	orphan_free(&orphan);
	return text;
}

static char *unheld_text(const struct screen *screen,
			 const struct object *object)
{
	const struct objects *objects = &screen->objects;
	char *name = name_text(object_cell(objects, object, "name"));
	char *holder = name_text(object_heldby(objects, object));
	char *memory = output_amount(&screen->output, object_memory(object));
	char *text = xasprintf("%9s %s: %s", memory, holder, name);

	free(name);
	free(holder);
	free(memory);
	return text;
}

static void show_objects(const struct screen *screen, enum part part,
			 const struct chosen *chosen, const char *color,
			 char *title,
			 char *(*text)(const struct screen *screen,
				       const struct object *object))
{
	size_t i;

	output_line(&screen->output, chosen->count ? color : NULL, title);
	for (i = 0; i < screen->lines[part]; i++)
		output_line(&screen->output, NULL,
			    text(screen, chosen->list[i]));
}

/* Shmem does not count huge pages of hugetlbfs, so they are no part of a sum. */
static char *sum_text(const struct screen *screen, const struct chosen *chosen)
{
	char *memory = output_amount(&screen->output, chosen->memory);
	char *hugetlb = output_amount(&screen->output, chosen->hugetlb);
	char *text = !chosen->hugetlb ? xstrdup(memory) :
		     !chosen->memory ? xasprintf("%s in huge pages", hugetlb) :
		     xasprintf("%s, and %s in huge pages", memory, hugetlb);

	free(memory);
	free(hugetlb);
	return text;
}

/* Somebody may paste what is below, so the caution comes before it. */
static char *orphans_title(const struct screen *screen)
{
	static const char *const cautions[] = {
		"some may be meant to stay, see shmstat orphans:",
		"some may be meant to stay:",
	};
	const struct chosen *chosen = &screen->orphans;
	char *sum = sum_text(screen, chosen), *text = NULL;
	size_t i;

	for (i = 0; i < sizeof(cautions) / sizeof(cautions[0]); i++) {
		free(text);
		text = xasprintf("Unused: %zu object%s, %s; %s", chosen->count,
				 plural(chosen->count), sum, cautions[i]);
		if (text_width(text) <= screen->output.width)
			break;
	}
	free(sum);
	return text;
}

static void show_orphans(const struct screen *screen)
{
	const struct chosen *chosen = &screen->orphans;

	show_objects(screen, ORPHANS, chosen, PAINT_BOLD, chosen->count ?
		     orphans_title(screen) :
		     xstrdup("Unused: no file of /dev/shm or hugetlbfs, and no segment."),
		     orphan_text);
}

/* System files are among these: no command, but where the largest is. */
static char *other_text(const struct screen *screen,
			const struct object *object)
{
	char *memory = output_amount(&screen->output, object_memory(object));
	struct orphan orphan;
	char *name, *text;

	orphan_find(&orphan, &screen->objects, object);
	name = name_text(orphan.path ?: object_cell(&screen->objects, object,
						    "name"));
	text = xasprintf("%9s %s", memory, name);
	free(name);
	free(memory);
	orphan_free(&orphan);
	return text;
}

/* Two lines, or none if there is no such memory. */
static void show_others(const struct screen *screen)
{
	const struct chosen *others = &screen->others;
	char *memory, *title;

	if (!others->memory)
		return;
	memory = output_amount(&screen->output, others->memory);
	title = xasprintf("Only names keep %s on other tmpfs; shmstat orphans --all lists them:",
			  memory);
	output_line(&screen->output, NULL, title);
	output_line(&screen->output, NULL, other_text(screen, others->list[0]));
	free(memory);
}

static void show_unheld(const struct screen *screen)
{
	const struct chosen *chosen = &screen->unheld;
	char *memory = output_amount(&screen->output, chosen->memory);

	show_objects(screen, UNHELD, chosen, PAINT_BOLD, chosen->count ?
		     xasprintf("Neither a process nor a name holds %zu object%s, %s:",
			       chosen->count, plural(chosen->count), memory) :
		     xstrdup("Each object has a process or a name that holds it."),
		     unheld_text);
	free(memory);
}

static void show_fulls(struct screen *screen)
{
	const struct output *output = &screen->output;
	size_t shown = screen->lines[FULL], i;

	full_describe(&screen->fulls, &screen->objects, shown);
	output_line(output, shown ? PAINT_RED : NULL,
		    shown ? xasprintf("Nearly full: %zu file system%s; shmstat risks says of what:",
				      screen->fulls.count,
				      plural(screen->fulls.count)) :
		    xstrdup("No file system of shared memory is nearly full."));
	for (i = 0; i < shown; i++) {
		char *text = full_text(output, &screen->fulls.list[i]);

		output_line(output, NULL, xasprintf("%9s %s", "", text));
		free(text);
	}
}

static void show_folds(const struct screen *screen, enum part part,
		       const struct column *columns, const struct folds *folds)
{
	const void **things = output_things(folds->list, screen->lines[part],
					    sizeof(*folds->list));

	if (screen->lines[part])
		output_fixed(&screen->output, "", columns, &screen->objects,
			     things, screen->lines[part]);
	free(things);
}

/* The programs of the sample before the one that is looked at. */
static void look_before(struct screen *screen)
{
	struct moment now = moment_get(), then;
	struct before *before = &screen->before;
	struct fold_plan plan = { FOLD_COMM };

	if (!moment_is_past() || !replay_step(-1))
		return;
	then = moment_get();
	before->seconds = moment_passed(&then, &now);
	objects_load(&before->objects, fold_with(FOLD_COMM));
	fold_shmem(&before->programs, &plan, &before->objects);
	replay_step(1);
}

static uint64_t growth(const struct screen *screen, const struct fold *fold)
{
	const struct fold *old = folds_find(&screen->before.programs,
					    fold->name, fold->pagesize);
	uint64_t before = old ? fold_memory(old) : 0, now = fold_memory(fold);

	return now > before ? now - before : 0;
}

/**
 * struct grown - a program that grew
 * @name: its name
 * @bytes: by how much
 */
struct grown {
	const char *name;
	uint64_t bytes;
};

static int by_growth(const void *a, const void *b)
{
	const struct grown *x = a, *y = b;

	return (x->bytes < y->bytes) - (x->bytes > y->bytes) ?:
	       strcmp(x->name, y->name);
}

/* In one line, if there is a sample before. */
static void show_growth(struct screen *screen)
{
	const struct folds *programs = &screen->programs;
	char **parts, *seconds, *title;
	size_t count = 0, i;
	struct grown *list;

	if (screen->before.seconds <= 0)
		return;
	list = xcalloc(programs->count, sizeof(*list));
	parts = xcalloc(programs->count, sizeof(*parts));
	for (i = 0; i < programs->count; i++) {
		const struct fold *fold = &programs->list[i];

		list[count] = (struct grown){ fold->name, growth(screen, fold) };
		count += list[count].bytes > 0;
	}
	qsort(list, count, sizeof(*list), by_growth);
	for (i = 0; i < count; i++) {
		char *name = name_text(list[i].name);
		char *memory = output_amount(&screen->output, list[i].bytes);

		parts[i] = xasprintf("%s %s", name, memory);
		free(name);
		free(memory);
	}
	seconds = age_text(screen->before.seconds + 0.5);
	title = xasprintf("%s grew in %s%s", count ? "What" : "No program",
			  seconds, count ? ":" : "");
	output_sentence(&screen->output, title, parts, count);
	free(title);
	free(seconds);
	free(parts);
	free(list);
}

/* In one line. */
static void show_sums(struct screen *screen, const char *title,
		      const struct folds *folds)
{
	char **parts = xcalloc(folds->count, sizeof(*parts));
	size_t i;

	for (i = 0; i < folds->count; i++) {
		const struct fold *fold = &folds->list[i];
		char *name = name_text(fold->name);
		char *memory = output_amount(&screen->output,
					     fold_memory(fold));

		parts[i] = xasprintf("%s %s", name, memory);
		free(name);
		free(memory);
	}
	if (folds->count && output_sentence(&screen->output, title, parts,
					    folds->count))
		screen->more = true;
	free(parts);
}

/* A line to each in turn, until none is left or needed. */
static void share_lines(struct screen *screen, const size_t *wanted,
			size_t left)
{
	bool any = true;
	enum part part;

	while (any && left) {
		any = false;
		for (part = 0; part < PARTS && left; part++) {
			if (screen->lines[part] == wanted[part] ||
			    screen->lines[part] == max_lines[part])
				continue;
			screen->lines[part]++;
			left--;
			any = true;
		}
	}
	for (part = 0; part < PARTS; part++)
		if (screen->lines[part] < wanted[part])
			screen->more = true;
}

/* Largest first, and only what Shmem counts, like the other sums. */
static void sort_kinds(struct folds *kinds)
{
	size_t count = 0, i;

	for (i = 0; i < kinds->count; i++)
		if (pagesize_in_shmem(kinds->list[i].pagesize))
			kinds->list[count++] = kinds->list[i];
	kinds->count = count;
	folds_sort(kinds, folds_by_memory);
}

/* What fits. */
static void print_screen(struct screen *screen)
{
	const struct output *output = &screen->output;
	size_t wanted[PARTS], fixed;
	bool elsewhere;

	screen->programs = fold_by(screen, FOLD_COMM, by_exclusive);
	screen->services = fold_by(screen, FOLD_SERVICE, by_weight);
	screen->users = fold_by(screen, FOLD_USER, folds_by_memory);
	sort_kinds(&screen->kinds);
	elsewhere = elsewhere_find(&wanted[GPU]);
	wanted[ORPHANS] = screen->orphans.count;
	wanted[UNHELD] = screen->unheld.count;
	wanted[FULL] = screen->fulls.count;
	wanted[PROGRAMS] = screen->programs.count;
	wanted[SERVICES] = screen->services.count;
	/* The total, three titles, two headings, two sums, and what is left out. */
	fixed = 9 + 2 * !!screen->others.memory + 2 * !!wanted[GPU] + elsewhere +
		moment_is_past() + (screen->before.seconds > 0);
	share_lines(screen, wanted, SCREEN_LINES - fixed);

	show_moment(output);
	print_total(output, &screen->total);
	show_orphans(screen);
	show_others(screen);
	show_unheld(screen);
	show_fulls(screen);
	show_growth(screen);
	show_folds(screen, PROGRAMS, program_columns, &screen->programs);
	show_folds(screen, SERVICES, service_columns, &screen->services);
	show_sums(screen, "By owner:", &screen->users);
	show_sums(screen, "By kind:", &screen->kinds);
	if (screen->more)
		output_line(output, PAINT_BOLD,
			    xstrdup("There is more: shmstat --all shows all of it."));
	elsewhere_print(output, screen->lines[GPU]);
}

static void screen_free(struct screen *screen)
{
	free(screen->orphans.list);
	free(screen->others.list);
	free(screen->unheld.list);
	full_free(&screen->fulls);
	folds_free(&screen->programs);
	folds_free(&screen->before.programs);
	objects_free(&screen->before.objects);
	folds_free(&screen->services);
	folds_free(&screen->users);
	folds_free(&screen->kinds);
	members_free(&screen->members);
	orphans_done();
	objects_free(&screen->objects);
}

void overview(const struct output *output, bool whole)
{
	struct screen screen = { .output = *output };

	if (!whole && output->form == AS_TABLE)
		look_before(&screen);
	/* All of it, or nothing. */
	objects_load(&screen.objects, WITH_HELDBY | WITH_SHARES |
		     WITH_CGROUPS | WITH_REMOVAL | NEED(SUMMARY) |
		     NEED(SUPERBLOCKS));
	read_kinds(&screen);
	choose(&screen.orphans, &screen.objects, is_orphan);
	choose(&screen.others, &screen.objects, is_other_orphan);
	choose(&screen.unheld, &screen.objects, is_unheld);
	full_find(&screen.fulls, &screen.objects.superblocks, FULL_PERCENT);
	if (whole || output->form != AS_TABLE) {
		print_whole(&screen);
	} else {
		screen.output.width = output_width();
		print_screen(&screen);
	}
	screen_free(&screen);
}
