// SPDX-License-Identifier: GPL-2.0
/*
 * File systems of shared memory of which nearly all bytes or inodes are used: who
 * writes there gets ENOSPC, or SIGBUS if it is by a mapping.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "container.h"
#include "full.h"
#include "object_columns.h"
#include "path.h"
#include "process.h"
#include "set.h"
#include "text.h"
#include "xalloc.h"

/* File systems that people are shown, and names of processes. */
#define MAX_SHOWN	10
#define MAX_WRITERS	3

/* What sizes are rounded up to. */
#define MEBIBYTE	0x100000ULL

static unsigned int percent_of(uint64_t used, uint64_t limit)
{
	return limit ? (__uint128_t)used * 100 / limit : 0;
}

/* How full it is, in bytes or in inodes. */
static unsigned int fullness(const struct full *full)
{
	unsigned int bytes = percent_of(full->used, full->limit);
	unsigned int inodes = percent_of(full->inodes_used,
					 full->inodes_limit);

	return bytes > inodes ? bytes : inodes;
}

static int by_fullness(const void *a, const void *b)
{
	const struct full *x = a, *y = b;
	unsigned int nx = fullness(x), ny = fullness(y);

	return (nx < ny) - (nx > ny) ?:
	       (x->used < y->used) - (x->used > y->used) ?:
	       (x->number > y->number) - (x->number < y->number);
}

/* Whether nobody can write to it. */
static bool is_read_only(const char *options)
{
	return !strncmp(options, "ro", 2) && (!options[2] || options[2] == ',');
}

/**
 * full_find - find file systems that are nearly full
 * @fulls: what is filled; full_free() it
 * @table: all file systems, that of superblocks
 * @percent: of bytes or inodes, from which on
 */
void full_find(struct fulls *fulls, const struct table *table,
	       unsigned int percent)
{
	int dev, used, limit, inodes_used, inodes_limit, options;
	size_t row;

	*fulls = (struct fulls){ .percent = percent };
	dev = table_column(table, "dev");
	used = table_column(table, "bytes_used");
	limit = table_column(table, "bytes_limit");
	inodes_used = table_column(table, "inodes_used");
	inodes_limit = table_column(table, "inodes_limit");
	options = table_column(table, "options");
	for (row = 0; row < table->rows; row++) {
		const char *text = table_cell(table, row, dev);
		struct full full = {
			.used = table_number(table, row, used),
			.limit = table_number(table, row, limit),
			.inodes_used = table_number(table, row, inodes_used),
			.inodes_limit = table_number(table, row,
						     inodes_limit),
		};
		unsigned int major, minor;
		char end;

		if (fullness(&full) < percent ||
		    is_read_only(table_cell(table, row, options)))
			continue;
		if (sscanf(text, "%u:%u%c", &major, &minor, &end) != 2) {
			struct cell cell = { text, strlen(text) };

			table_damaged(table, row, "device", &cell);
		}
		full.dev = xstrdup(text);
		full.number = makedev(major, minor);
		fulls->list = xgrow(fulls->list, fulls->count, &fulls->room,
				    sizeof(*fulls->list));
		fulls->list[fulls->count++] = full;
	}
	if (fulls->count)
		qsort(fulls->list, fulls->count, sizeof(*fulls->list),
		      by_fullness);
}

void full_free(struct fulls *fulls)
{
	size_t i;

	for (i = 0; i < fulls->count; i++) {
		free(fulls->list[i].dev);
		free(fulls->list[i].mount);
		free(fulls->list[i].container);
	}
	free(fulls->list);
	*fulls = (struct fulls){};
}

/* Among the largest, if it is one. */
static void add_file(struct full *full, const struct object *object)
{
	size_t at = full->files;

	full->sizes = object->size > UINT64_MAX - full->sizes ? UINT64_MAX :
		      full->sizes + object->size;
	if (full->files < FULL_FILES)
		full->files++;
	for (; at && objects_by_memory(&object, &full->largest[at - 1]) < 0;
	     at--)
		if (at < FULL_FILES)
			full->largest[at] = full->largest[at - 1];
	if (at < FULL_FILES)
		full->largest[at] = object;
}

static void find_files(struct fulls *fulls, const struct objects *objects)
{
	struct set numbers = {};
	size_t i, nr;

	for (i = 0; i < fulls->count; i++)
		set_add(&numbers, fulls->list[i].number);
	for (i = 0; numbers.count == fulls->count && i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		nr = set_find(&numbers, makedev(object->major, object->minor));
		if (nr != NOT_FOUND)
			add_file(&fulls->list[nr], object);
	}
	set_free(&numbers);
}

/* Where each is mounted and, by that, for which container. */
static void find_mount(struct full *full)
{
	const char *pid, *name = NULL;
	const char *path = mount_path(full->number, &pid);
	struct process process;
	char *cgroup;

	if (!path)
		return;
	full->mount = xstrdup(path);
	if (!pid) {
		name = container_of_mount(path);
	} else if (process_open(&process, pid)) {
		cgroup = process_cgroup(&process);
		if (cgroup && process_is_same(&process))
			name = container_name(cgroup);
		free(cgroup);
		process_close(&process);
	}
	full->container = name ? xstrdup(name) : NULL;
}

/* What would be no more than so many percent full. */
static uint64_t needed(uint64_t what, unsigned int percent, uint64_t unit)
{
	__uint128_t size = ((__uint128_t)what * 100 + percent - 1) / percent;

	size = (size + unit - 1) / unit * unit;
	return size > UINT64_MAX ? UINT64_MAX : size;
}

/* For what is there, and for what its files may become by their sizes. */
static uint64_t needed_bytes(const struct fulls *fulls, const struct full *full)
{
	return needed(full->used > full->sizes ? full->used : full->sizes,
		      fulls->percent, MEBIBYTE);
}

static uint64_t needed_inodes(const struct fulls *fulls,
			      const struct full *full)
{
	return needed(full->inodes_used, fulls->percent, 1);
}

/* PID/COMMAND; a comma in the name stands as "\054". */
static void put_process(FILE *out, const char *pid, const char *comm)
{
	fprintf(out, "%s%s/", ftell(out) > 0 ? "," : "", pid);
	for (; *comm; comm++)
		if (*comm == ',')
			fputs("\\054", out);
		else
			putc_unlocked(*comm, out);
}

/**
 * struct writers - processes that may write to an object
 * @out: the text
 * @seen: numbers of their ids
 */
struct writers {
	FILE *out;
	struct set seen;
};

static void add_writer(struct writers *writers, const struct objects *objects,
		       const struct object *object, enum other other, size_t nr)
{
	const char *pid = object_other(objects, object, other, nr, "pid");

	if (table_value(pid) &&
	    set_add(&writers->seen, object_other_word(objects, object, other,
						      nr, "pid")) &&
	    writers->seen.count <= MAX_WRITERS)
		put_process(writers->out, pid,
			    object_other(objects, object, other, nr, "comm"));
}

/*
 * Those that map it shared and writable; if none does, those that have it open,
 * of which no table says whether they may write. Until the next call; NULL for
 * none.
 */
static const char *find_writers(const struct objects *objects,
				const struct object *object)
{
	struct writers writers = {};
	static char *text;
	size_t length, nr;

	free(text);
	writers.out = xmemstream(&text, &length);
	for (nr = 0; nr < object->in[MAPS].count; nr++) {
		const char *perms = object_other(objects, object, MAPS, nr,
						 "perms");

		if (strchr(perms, 'w') && strchr(perms, 's'))
			add_writer(&writers, objects, object, MAPS, nr);
	}
	if (!writers.seen.count)
		for (nr = 0; nr < object->in[HOLDERS].count; nr++)
			if (object_is_process(objects, object, nr) &&
			    object_other_number(objects, object, HOLDERS, nr,
						"fds"))
				add_writer(&writers, objects, object, HOLDERS,
					   nr);
	if (writers.seen.count > MAX_WRITERS)
		fprintf(writers.out, ",+%zu", writers.seen.count - MAX_WRITERS);
	xfclose(writers.out);
	set_free(&writers.seen);
	return *text ? text : NULL;
}

/* A limit that is not there is no number. */
static struct value limit_value(uint64_t limit, uint64_t number)
{
	return (struct value){ .none = !limit, .number = number };
}

#define FULL_GET(name, what, ...)					\
static struct value get_ ## name(const struct column *column,		\
				 const void *all, const void *thing)	\
{									\
	const struct fulls *fulls = all;				\
	const struct full *full = thing;				\
									\
	(void)column;							\
	(void)fulls;							\
	return what ## _value(__VA_ARGS__);				\
}

FULL_GET(dev, text, full->dev)
FULL_GET(mount, text, full->mount)
FULL_GET(container, text, full->container)
FULL_GET(used, number, full->used)
FULL_GET(limit, limit, full->limit, full->limit)
FULL_GET(percent, limit, full->limit, percent_of(full->used, full->limit))
FULL_GET(inodes_used, number, full->inodes_used)
FULL_GET(inodes_limit, limit, full->inodes_limit, full->inodes_limit)
FULL_GET(inodes_percent, limit, full->inodes_limit,
	 percent_of(full->inodes_used, full->inodes_limit))
FULL_GET(sizes, number, full->sizes)
FULL_GET(needed, limit, full->limit, needed_bytes(fulls, full))
FULL_GET(inodes_needed, limit, full->inodes_limit, needed_inodes(fulls, full))

static const struct column columns[] = {
	{ "DEV", "device", TEXT, get_dev },
	{ "USED", "bytes", SIZE, get_used },
	{ "LIMIT", "bytes it may have", SIZE, get_limit },
	{ "PERCENT", "of these", NUMBER, get_percent },
	{ "INODES_USED", "inodes", NUMBER, get_inodes_used },
	{ "INODES_LIMIT", "inodes it may have", NUMBER, get_inodes_limit },
	{ "INODES_PERCENT", "of these", NUMBER, get_inodes_percent },
	{ "SIZES", "sizes of its files", SIZE, get_sizes },
	{ "NEEDED", "limit that would do", SIZE, get_needed },
	{ "INODES_NEEDED", "the same in inodes", NUMBER, get_inodes_needed },
	{ "CONTAINER", "what for", NAME, get_container },
	{ "MOUNT", "where", NAME, get_mount },
	{}
};

/**
 * struct file - a file of such a file system
 * @object: the file; first, for its columns
 * @full: the file system
 */
struct file {
	const struct object *object;
	const struct full *full;
};

COLUMN_GET(file, file_dev, text, file->full->dev)
COLUMN_GET(file, writers, text, find_writers(all, file->object))

#define FILE_COLUMNS							\
	{ "RESIDENT", "in memory", SIZE, get_object_resident },		\
	{ "SWAPPED", "in swap", SIZE, get_object_swapped },		\
	{ "SIZE", "size", SIZE, get_object_size },			\
	{ "USER", "owner", NAME, get_object_user },			\
	{ "WRITERS", "processes that may write to it", NAME, get_writers }, \
	{ "NAME", "name inside the file system", NAME, get_object_cell,	\
	  "name" }

static const struct column shown_columns[] = { FILE_COLUMNS, {} };

static const struct column file_columns[] = {
	{ "DEV", "device", TEXT, get_file_dev },
	{ "ID", "MAJOR:MINOR:INO:GENERATION", TEXT, get_object_id },
	FILE_COLUMNS,
	{}
};

/* The files of one file system, or of all. */
static void print_files(const struct output *output,
			const struct column *what, const struct full *list,
			size_t count, const struct objects *objects)
{
	struct file *files = xcalloc(count * FULL_FILES, sizeof(*files));
	const void **things;
	size_t used = 0, i, nr;

	for (i = 0; i < count; i++)
		for (nr = 0; nr < list[i].files; nr++)
			files[used++] = (struct file){ list[i].largest[nr],
						       &list[i] };
	things = output_things(files, used, sizeof(*files));
	output_fixed(output, "full_files", what, objects, things, used);
	free(things);
	free(files);
}

/* Where one is mounted, and for which container, to people. */
static char *where_text(const struct full *full)
{
	char *where = name_text(full->mount ?: full->dev), *container, *text;

	if (!full->container)
		return where;
	container = name_text(full->container);
	text = xasprintf("%s (%s)", where, container);
	free(container);
	free(where);
	return text;
}

/* In a sentence, to people. */
static void print_sentence(const struct output *output,
			   const struct fulls *fulls, const struct full *full)
{
	char *where = where_text(full);
	char *used = output_amount(output, full->used);
	char *limit = output_amount(output, full->limit);
	char *sizes = output_amount(output, full->sizes);
	char *needs = output_amount(output, needed_bytes(fulls, full));

	printf("\n%s:", where);
	if (full->limit)
		printf(" %u %% of %s", percent_of(full->used, full->limit),
		       limit);
	else
		printf(" %s", used);
	if (full->inodes_limit)
		printf(", %u %% of %llu inodes",
		       percent_of(full->inodes_used, full->inodes_limit),
		       (unsigned long long)full->inodes_limit);
	if (percent_of(full->used, full->limit) >= fulls->percent)
		printf("; sizes of its files: %s; size=%s would do", sizes,
		       needs);
	if (percent_of(full->inodes_used, full->inodes_limit) >=
	    fulls->percent)
		printf("; nr_inodes=%llu would do", (unsigned long long)
		       needed_inodes(fulls, full));
	putchar('\n');
	free(where);
	free(used);
	free(limit);
	free(sizes);
	free(needs);
}

/* The files of each, and where the first so many are mounted. */
void full_describe(struct fulls *fulls, const struct objects *objects,
		   size_t count)
{
	size_t i;

	find_files(fulls, objects);
	for (i = 0; i < count; i++)
		find_mount(&fulls->list[i]);
}

/* How full one is, and where it is mounted, in a few words to people. */
char *full_text(const struct output *output, const struct full *full)
{
	unsigned int percent = fullness(full);
	char *where = where_text(full), *text;
	char *of = percent_of(full->used, full->limit) == percent ?
		   output_amount(output, full->limit) :
		   xasprintf("%llu inodes",
			     (unsigned long long)full->inodes_limit);

	text = xasprintf("%u %% of %s: %s", percent, of, where);
	free(where);
	free(of);
	return text;
}

/* All of them, for programs, after full_describe(). */
void full_print_list(const struct output *output, const struct fulls *fulls)
{
	const void **things = output_things(fulls->list, fulls->count,
					    sizeof(*fulls->list));

	output_fixed(output, "full", columns, fulls, things, fulls->count);
	free(things);
}

/**
 * full_print - write what is nearly full, and of what
 * @output: in which form; as a table, only if there is any
 * @fulls: the file systems
 * @objects: all objects, read WITH_FULL
 */
void full_print(const struct output *output, struct fulls *fulls,
		const struct objects *objects)
{
	bool table = output->form == AS_TABLE;
	size_t shown = table && fulls->count > MAX_SHOWN ? MAX_SHOWN :
		       fulls->count, i;

	full_describe(fulls, objects, shown);
	if (!table) {
		full_print_list(output, fulls);
		if (output->form == AS_JSON)
			print_files(output, file_columns, fulls->list, shown,
				    objects);
		return;
	}
	if (shown)
		puts("File systems that are nearly full, with their largest files:");
	for (i = 0; i < shown; i++) {
		print_sentence(output, fulls, &fulls->list[i]);
		print_files(output, shown_columns, &fulls->list[i], 1,
			    objects);
	}
	if (shown < fulls->count)
		printf("\nand %zu more; --json lists them\n",
		       fulls->count - shown);
}
