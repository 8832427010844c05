// SPDX-License-Identifier: GPL-2.0
/*
 * Folds objects that have something in common into one line. Pages of different
 * sizes do not mix: Shmem does not count those of hugetlbfs.
 *
 * An object that several programs hold counts once for each of them. What several
 * cgroups are charged for is divided among them; the rest, and what is in swap,
 * of which the kernel does not report the cgroup, is on the line of none.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "fold.h"
#include "object_columns.h"
#include "users.h"
#include "xalloc.h"

static const char *const words[FOLD_KEYS] = {
	[FOLD_KIND]		= "kind",
	[FOLD_NAME]		= "name",
	[FOLD_COMM]		= "comm",
	[FOLD_UNIT]		= "unit",
	[FOLD_CONTAINER]	= "container",
	[FOLD_USER]		= "user",
	[FOLD_CGROUP]		= "cgroup",
};

const char *fold_word(enum fold_key key)
{
	return words[key];
}

/* The key of a word; ends the program, with an explanation, if it is none. */
enum fold_key fold_parse(const char *word)
{
	enum fold_key key;

	for (key = FOLD_NONE + 1; key < FOLD_KEYS; key++)
		if (!strcmp(words[key], word))
			return key;
	errx(2, "--group: '%s' is none; there are " FOLD_WORDS, word);
}

/* The columns of tables that it needs, for fold_columns as well. */
uint64_t fold_with(enum fold_key key)
{
	switch (key) {
	case FOLD_NONE:
		return 0;
	case FOLD_UNIT:
	case FOLD_CONTAINER:
	case FOLD_CGROUP:
		return WITH_HOLDERS | WITH_CGROUPS;
	default:
		return WITH_HOLDERS;
	}
}

static uint32_t hash_key(const char *name, uint64_t pagesize)
{
	uint32_t key = name ? hash_bytes(name, strlen(name)) : 0;

	return hash_mix(pagesize ^ key ^ (uint64_t)!name << 63);
}

static size_t find(const struct folds *folds, const char *name,
		   uint64_t pagesize)
{
	uint32_t key = hash_key(name, pagesize), nr;
	size_t at;

	for (at = hash_first(&folds->hash, key); hash_used(&folds->hash, at);
	     at = hash_next(&folds->hash, at)) {
		const struct fold *fold;

		if (!hash_nr(&folds->hash, at, key, &nr))
			continue;
		fold = &folds->list[nr];
		if (fold->pagesize == pagesize && !fold->name == !name &&
		    (!name || !strcmp(fold->name, name)))
			return nr;
	}
	return SIZE_MAX;
}

/* Before they are sorted: NULL if there is none. */
const struct fold *folds_find(const struct folds *folds, const char *name,
			      uint64_t pagesize)
{
	size_t nr = find(folds, name, pagesize);

	return nr == SIZE_MAX ? NULL : &folds->list[nr];
}

/**
 * struct folding - what goes on
 * @folds: the lines so far
 * @objects: all objects
 * @nr: which of them it is, from 1
 * @object: the same
 */
struct folding {
	struct folds *folds;
	const struct objects *objects;
	size_t nr;
	const struct object *object;
};

/* The line of a name. Returns whether the object is new to it. */
static bool add(struct folding *folding, const char *name, struct fold **line)
{
	const struct object *object = folding->object;
	struct folds *folds = folding->folds;
	size_t nr = find(folds, name, object->pagesize);
	struct fold *fold;
	const char *kind;

	if (nr == SIZE_MAX) {
		nr = folds->count;
		folds->list = xgrow(folds->list, nr, &folds->room,
				    sizeof(*folds->list));
		folds->list[nr] = (struct fold){
			.name = name,
			.pagesize = object->pagesize,
		};
		hash_add(&folds->hash, hash_key(name, object->pagesize), nr);
		folds->count++;
	}
	fold = *line = &folds->list[nr];
	if (fold->last == folding->nr)
		return false;
	fold->last = folding->nr;
	kind = object_cell(folding->objects, object, "kind");
	if (!fold->objects)
		fold->kind = kind;
	else if (fold->kind && strcmp(fold->kind, kind))
		fold->kind = NULL;
	if (!fold->largest ||
	    object_memory(object) > object_memory(fold->largest))
		fold->largest = object;
	fold->objects++;
	fold->size += object->size;
	return true;
}

/* All of its memory, but only once. */
static void add_whole(struct folding *folding, const char *name)
{
	struct fold *fold;

	if (!add(folding, name, &fold))
		return;
	fold->resident += folding->object->resident;
	fold->swapped += folding->object->swapped;
}

/* Once for each program that holds it. */
static void add_comms(struct folding *folding)
{
	const struct objects *objects = folding->objects;
	const struct object *object = folding->object;
	bool any = false;
	size_t nr;

	for (nr = 0; nr < object->in[HOLDERS].count; nr++) {
		const char *comm = table_value(object_other(objects, object,
							    HOLDERS, nr,
							    "comm"));

		if (!comm || !object_is_process(objects, object, nr))
			continue;
		any = true;
		add_whole(folding, comm);
	}
	if (!any)
		add_whole(folding, NULL);
}

static const char *own_name(struct folds *folds, const char *cgroup)
{
	(void)folds;
	return cgroup;
}

static const char *container_of(struct folds *folds, const char *cgroup)
{
	(void)folds;
	return container_name(cgroup);
}

static const char *unit_of(struct folds *folds, const char *cgroup)
{
	const char *unit = cgroup_unit(cgroup);

	return unit ? pool_text(&folds->texts,
				pool_add(&folds->texts, unit, strlen(unit))) :
	       NULL;
}

/* What each of its cgroups is charged for. */
static void add_charges(struct folding *folding,
			const char *(*call)(struct folds *folds,
					    const char *cgroup))
{
	const struct objects *objects = folding->objects;
	const struct object *object = folding->object;
	uint64_t left = object->resident;
	struct fold *fold;
	size_t nr;

	for (nr = 0; nr < object->in[CGROUPS].count; nr++) {
		uint64_t charged = object_other_number(objects, object, CGROUPS,
						       nr, "resident");
		const char *name = call(folding->folds,
					object_other(objects, object, CGROUPS,
						     nr, "path"));

		add(folding, name, &fold);
		fold->no_swap = name;
		fold->resident += charged;
		/* The tables are of different moments. */
		left -= charged < left ? charged : left;
	}
	if (!left && !object->swapped && object->in[CGROUPS].count)
		return;
	add(folding, NULL, &fold);
	fold->resident += left;
	fold->swapped += object->swapped;
}

/**
 * fold_objects - fold what is alike
 * @folds: the lines, in no order; folds_free() them
 * @key: what objects have in common
 * @objects: all objects, read fold_with() the key
 * @list: those that are wanted
 * @count: how many
 */
void fold_objects(struct folds *folds, enum fold_key key,
		  const struct objects *objects,
		  const struct object *const *list, size_t count)
{
	struct folding folding = { .folds = folds, .objects = objects };

	*folds = (struct folds){};
	while (folding.nr < count) {
		const struct object *object = list[folding.nr++];

		folding.object = object;
		switch (key) {
		case FOLD_KIND:
			add_whole(&folding, object_cell(objects, object,
							"kind"));
			break;
		case FOLD_NAME:
			add_whole(&folding, object_cell(objects, object,
							"name"));
			break;
		case FOLD_USER:
			add_whole(&folding, user_name(object_cell(objects,
								  object,
								  "uid")));
			break;
		case FOLD_COMM:
			add_comms(&folding);
			break;
		case FOLD_UNIT:
			add_charges(&folding, unit_of);
			break;
		case FOLD_CONTAINER:
			add_charges(&folding, container_of);
			break;
		default:
			add_charges(&folding, own_name);
		}
	}
}

/* Of pointers to lines, largest first, what has no name last. */
int folds_by_memory(const void *a, const void *b)
{
	const struct fold *x = a, *y = b;
	uint64_t nx = fold_memory(x), ny = fold_memory(y);

	return (nx < ny) - (nx > ny) ?: !x->name - !y->name ?:
	       strcmp(x->name ?: "", y->name ?: "") ?:
	       (x->pagesize > y->pagesize) - (x->pagesize < y->pagesize);
}

void folds_free(struct folds *folds)
{
	free(folds->list);
	hash_free(&folds->hash);
	pool_free(&folds->texts);
	*folds = (struct folds){};
}

COLUMN_GET(fold, name, text, fold->name)
COLUMN_GET(fold, objects, number, fold->objects)
COLUMN_GET(fold, size, number, fold->size)
COLUMN_GET(fold, resident, number, fold->resident)
COLUMN_GET(fold, kind, text, fold->kind)
COLUMN_GET(fold, pagesize, number, fold->pagesize)
COLUMN_GET(fold, memory, number, fold_memory(fold))

/* NULL is no number. */
static struct value swap_value(const struct fold *fold)
{
	return (struct value){ .none = fold->no_swap,
			       .number = fold->swapped };
}

COLUMN_GET(fold, swapped, swap, fold)

const struct column fold_columns[] = {
	{ "OBJECTS", "how many", NUMBER, get_objects, .standard = true },
	{ "SIZE", "their sizes", SIZE, get_size, .standard = true },
	{ "RESIDENT", "in memory", SIZE, get_resident, .standard = true },
	{ "SWAPPED", "in swap", SIZE, get_swapped, .standard = true },
	{ "PAGESIZE", "size of their pages", SIZE, get_pagesize },
	{ "KIND", "what they are, if all are the same", TEXT, get_kind,
	  .standard = true },
	{ "PID", "a process that holds the largest", NUMBER,
	  get_object_holder, "pid", .standard = true },
	{ "COMMAND", "its name", NAME, get_object_holder, "comm",
	  .standard = true },
	{ "ID", "id of the largest", TEXT, get_object_id },
	{ "GROUP", "what they have in common", NAME, get_name,
	  .standard = true },
	{}
};

const struct column fold_memory_column = {
	"MEMORY", "in memory and in swap together", SIZE, get_memory
};
