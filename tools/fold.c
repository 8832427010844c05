// SPDX-License-Identifier: GPL-2.0
/*
 * Folds objects that have something in common into one line. Pages of different
 * sizes do not mix: Shmem does not count those of hugetlbfs.
 *
 * An object that several programs hold counts once for each of them. What several
 * cgroups are charged for is divided among them; the rest, and what is in swap,
 * of which the kernel does not report the cgroup, is on the line of none.
 *
 * What is charged to a cgroup and what its processes hold are two things: only the
 * latter comes back when they end.
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
	[FOLD_PROCESS]		= "process",
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

/* Whether memory is charged to what is on a line. */
static bool is_charged(enum fold_key key)
{
	return key == FOLD_UNIT || key == FOLD_CONTAINER ||
	       key == FOLD_CGROUP || key == FOLD_SERVICE;
}

/* Whether what is on a line are holders. */
static bool is_holding(enum fold_key key)
{
	return key == FOLD_COMM || key == FOLD_PROCESS || is_charged(key);
}

/* The columns of tables that it needs, for fold_columns as well. */
uint64_t fold_with(enum fold_key key)
{
	return (key ? WITH_HOLDERS : 0) |
	       (is_charged(key) ? WITH_CGROUPS : 0) |
	       (is_holding(key) ? WITH_SHARES : 0);
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

/* A line's source, where there is no text. */
#define NOTHING		UINT64_MAX

/**
 * struct source - a text of a table that stands for a line
 * @name: what the line is called, or NULL
 * @line: which one it is, if @pagesize is not 0
 * @pagesize: of the objects on it
 */
struct source {
	const char *name;
	size_t line;
	uint64_t pagesize;
};

/**
 * struct folding - what goes on
 * @folds: the lines so far
 * @plan: how
 * @objects: all objects
 * @object: one of them
 * @nr: which of those that are folded, from 1
 * @again: whether all of them were added already
 * @keys: texts of the objects' pool, or two of them
 * @sources: what they stand for
 * @room: for how many of these there is room
 * @held: lines that some of its holders are on
 * @held_count: how many
 * @held_room: for how many there is room
 */
struct folding {
	struct folds *folds;
	const struct fold_plan *plan;
	const struct objects *objects;
	const struct object *object;
	uint32_t nr;
	bool again;
	struct set keys;
	struct source *sources;
	size_t room;
	size_t *held;
	size_t held_count;
	size_t held_room;
};

static size_t find_or_add(struct folding *folding, const char *name)
{
	struct folds *folds = folding->folds;
	uint64_t pagesize = folding->object->pagesize;
	size_t nr = find(folds, name, pagesize);

	if (nr != SIZE_MAX)
		return nr;
	nr = folds->count++;
	folds->list = xgrow(folds->list, nr, &folds->room,
			    sizeof(*folds->list));
	folds->list[nr] = (struct fold){
		.name = name,
		.pagesize = pagesize,
		.no_swap = name && is_charged(folding->plan->key),
		.no_share = !name || !folding->plan->members ||
			    !is_holding(folding->plan->key),
	};
	hash_add(&folds->hash, hash_key(name, pagesize), nr);
	return nr;
}

static const char *keep(struct folding *folding, const char *text)
{
	struct pool *texts = &folding->folds->texts;

	return text ? pool_text(texts, pool_add(texts, text, strlen(text))) :
	       NULL;
}

/* What a line is called. */
static const char *name_of(struct folding *folding, uint64_t key)
{
	const struct pool *pool = folding->objects->pool;
	const char *text, *name;
	char *process;

	if (key == NOTHING)
		return NULL;
	text = pool_text(pool, (uint32_t)key);
	switch (folding->plan->key) {
	case FOLD_USER:
		return user_name(text);
	case FOLD_PROCESS:
		process = xasprintf("%s/%s", pool_text(pool, key >> 32), text);
		name = keep(folding, process);
		free(process);
		return name;
	case FOLD_UNIT:
		return keep(folding, cgroup_unit(text));
	case FOLD_CONTAINER:
		return keep(folding, container_group(text));
	case FOLD_SERVICE:
		return container_name(text) ?:
		       keep(folding, cgroup_unit(text)) ?: table_value(text);
	default:
		/* Such as a cgroup that is not known. */
		return table_value(text);
	}
}

/* Texts repeat, and a number is found faster than a name. */
static struct source *source_of(struct folding *folding, uint64_t key)
{
	size_t nr = set_find(&folding->keys, key);

	if (nr == NOT_FOUND) {
		nr = folding->keys.count;
		folding->sources = xgrow(folding->sources, nr, &folding->room,
					 sizeof(*folding->sources));
		folding->sources[nr] = (struct source){
			.name = name_of(folding, key)
		};
		set_add(&folding->keys, key);
	}
	return &folding->sources[nr];
}

static size_t line_of(struct folding *folding, uint64_t key)
{
	struct source *source = source_of(folding, key);

	if (source->pagesize != folding->object->pagesize) {
		source->line = find_or_add(folding, source->name);
		source->pagesize = folding->object->pagesize;
	}
	return source->line;
}

static void count_alike(struct folding *folding, struct fold *fold)
{
	const struct objects *objects = folding->objects;

	fold->alike += !strcmp(object_cell(objects, folding->object, "name"),
			       object_cell(objects, fold->largest, "name"));
}

/* Returns whether the object is new to the line. */
static bool add(struct folding *folding, size_t line)
{
	const struct object *object = folding->object;
	struct fold *fold = &folding->folds->list[line];
	uint64_t memory = object_memory(object);
	const char *kind;

	if (fold->last == folding->nr)
		return false;
	fold->last = folding->nr;
	if (folding->again) {
		count_alike(folding, fold);
		return false;
	}
	kind = object_cell(folding->objects, object, "kind");
	if (!fold->objects)
		fold->kind = kind;
	else if (fold->kind && strcmp(fold->kind, kind))
		fold->kind = NULL;
	if (!fold->objects || memory > fold->most) {
		fold->largest = object;
		fold->most = memory;
	}
	fold->objects++;
	fold->size += object->size;
	return true;
}

/* All of its memory, but only once. */
static void add_whole(struct folding *folding, size_t line)
{
	struct fold *fold = &folding->folds->list[line];

	if (!add(folding, line))
		return;
	fold->resident += folding->object->resident;
	fold->swapped += folding->object->swapped;
}

/* Some holders of the object are on a line. */
static void hold(struct folding *folding, size_t line, uint64_t some)
{
	const struct object *object = folding->object;
	struct fold *fold = &folding->folds->list[line];
	uint64_t memory = object_memory(object);

	if (fold->held != folding->nr) {
		fold->held = folding->nr;
		fold->some = 0;
		folding->held = xgrow(folding->held, folding->held_count,
				      &folding->held_room,
				      sizeof(*folding->held));
		folding->held[folding->held_count++] = line;
		if (!fold->objects &&
		    (!fold->largest || memory > fold->most)) {
			fold->largest = object;
			fold->most = memory;
		}
	}
	fold->some += some;
}

/* What they have alone, and in part. */
static void share_out(struct folding *folding)
{
	size_t holders, i;

	if (!folding->held_count)
		return;
	holders = object_holders(folding->objects, folding->object);
	for (i = 0; i < folding->held_count; i++) {
		struct fold *fold = &folding->folds->list[folding->held[i]];

		share_add(&fold->share, folding->object, holders, fold->some);
	}
	folding->held_count = 0;
}

/*
 * How many holders a row in the table of holders is. Processes can share their
 * descriptors only until execve(2), so they are of one program, and were in one
 * cgroup.
 */
static uint64_t holders_of(const struct folding *folding, size_t nr)
{
	return folding->plan->key == FOLD_PROCESS ? 1 :
	       object_sharing(folding->objects, folding->object, nr);
}

/* Once for each program or process that holds it. */
static void add_holders(struct folding *folding)
{
	const struct objects *objects = folding->objects;
	const struct object *object = folding->object;
	bool hold_it = folding->plan->members && !folding->again, any = false;
	size_t nr, line;

	for (nr = 0; nr < object->in[HOLDERS].count; nr++) {
		uint64_t key = object_other_word(objects, object, HOLDERS, nr,
						 "comm");

		if (!object_is_process(objects, object, nr))
			continue;
		if (folding->plan->key == FOLD_PROCESS)
			key |= (uint64_t)object_other_word(objects, object,
							   HOLDERS, nr,
							   "pid") << 32;
		else if (!table_value(pool_text(objects->pool, key)))
			continue;
		any = true;
		line = line_of(folding, key);
		add_whole(folding, line);
		if (hold_it)
			hold(folding, line, holders_of(folding, nr));
	}
	if (!any)
		add_whole(folding, line_of(folding, NOTHING));
}

/* What each of its cgroups is charged for. */
static void add_charges(struct folding *folding)
{
	const struct objects *objects = folding->objects;
	const struct object *object = folding->object;
	uint64_t left = object->resident;
	size_t nr, line;

	for (nr = 0; nr < object->in[CGROUPS].count; nr++) {
		uint64_t charged = object_other_number(objects, object, CGROUPS,
						       nr, "resident");

		line = line_of(folding, object_other_word(objects, object,
							  CGROUPS, nr, "path"));
		add(folding, line);
		folding->folds->list[line].resident += charged;
		/* The tables are of different moments. */
		left -= charged < left ? charged : left;
	}
	if (!left && !object->swapped && object->in[CGROUPS].count)
		return;
	line = line_of(folding, NOTHING);
	add(folding, line);
	folding->folds->list[line].resident += left;
	folding->folds->list[line].swapped += object->swapped;
}

/* What the processes in cgroups hold. */
static void add_members(struct folding *folding)
{
	const struct objects *objects = folding->objects;
	const struct object *object = folding->object;
	size_t nr;

	for (nr = 0; nr < object->in[HOLDERS].count; nr++) {
		uint32_t cgroup;

		if (!object_is_process(objects, object, nr))
			continue;
		cgroup = member_cgroup(folding->plan->members, objects,
				       object_other_word(objects, object,
							 HOLDERS, nr, "pid"));
		if (cgroup == NO_CGROUP || !source_of(folding, cgroup)->name)
			continue;
		hold(folding, line_of(folding, cgroup),
		     holders_of(folding, nr));
	}
}

static void add_object(struct folding *folding)
{
	const struct objects *objects = folding->objects;
	const struct object *object = folding->object;
	enum fold_key key = folding->plan->key;

	if (key == FOLD_NAME) {
		add_whole(folding,
			  find_or_add(folding,
				      object_cell(objects, object, "name")));
	} else if (!is_holding(key)) {
		const char *column = key == FOLD_USER ? "uid" : "kind";

		add_whole(folding,
			  line_of(folding,
				  table_word(&objects->table, object->row,
					     table_column(&objects->table,
							  column))));
	} else if (!is_charged(key)) {
		add_holders(folding);
	} else {
		add_charges(folding);
		if (folding->plan->members)
			add_members(folding);
	}
	share_out(folding);
}

/**
 * fold_objects - fold what is alike
 * @folds: the lines, in no order; folds_free() them
 * @plan: how
 * @objects: all objects, read fold_with() the key
 * @list: those that are wanted
 * @count: how many
 */
void fold_objects(struct folds *folds, const struct fold_plan *plan,
		  const struct objects *objects,
		  const struct object *const *list, size_t count)
{
	struct folding folding = {
		.folds = folds, .plan = plan, .objects = objects
	};
	size_t i;

	*folds = (struct folds){};
	for (i = 0; i < count; i++) {
		folding.object = list[i];
		folding.nr++;
		add_object(&folding);
	}
	/* Now that the largest are known. */
	folding.again = true;
	for (i = 0; plan->alike && !is_charged(plan->key) && i < count; i++) {
		folding.object = list[i];
		folding.nr++;
		add_object(&folding);
	}
	set_free(&folding.keys);
	free(folding.sources);
	free(folding.held);
}

/* The same of all that Shmem counts. */
void fold_shmem(struct folds *folds, const struct fold_plan *plan,
		const struct objects *objects)
{
	const struct object **list = xcalloc(objects->count, sizeof(*list));
	size_t count = 0, i;

	for (i = 0; i < objects->count; i++)
		if (objects->list[i].shmem)
			list[count++] = &objects->list[i];
	fold_objects(folds, plan, objects, list, count);
	free(list);
}

/* After that they are not found any more. */
void folds_sort(struct folds *folds,
		int (*compare)(const void *a, const void *b))
{
	if (folds->count)
		qsort(folds->list, folds->count, sizeof(*folds->list), compare);
}

/* Largest first, what has no name last. */
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

COLUMN_GET(fold, swapped, swap, fold)
COLUMN_GET(fold, exclusive, exclusive, fold)
COLUMN_GET(fold, proportional, proportional, fold)

const struct column fold_columns[] = {
	{ "OBJECTS", "how many", NUMBER, get_objects, .standard = true },
	{ "SIZE", "their sizes", SIZE, get_size, .standard = true },
	{ "RESIDENT", "in memory", SIZE, get_resident, .standard = true },
	{ "SWAPPED", "in swap", SIZE, get_swapped, .standard = true },
	{ "EXCLUSIVE", "memory and swap of what the processes of this line alone have",
	  SIZE, get_exclusive, .standard = true },
	{ "PROPORTIONAL", "their part of what several have", SIZE,
	  get_proportional, .standard = true },
	{ "PAGESIZE", "size of their pages", SIZE, get_pagesize },
	{ "KIND", "what they are, if all are the same", TEXT, get_kind,
	  .standard = true },
	{ "PID", "a process that holds the largest", NUMBER,
	  get_object_holder, "pid" },
	{ "COMMAND", "its name", NAME, get_object_holder, "comm" },
	{ "ID", "id of the largest", TEXT, get_object_id },
	{ "GROUP", "what they have in common", NAME, get_name,
	  .standard = true },
	{}
};

const struct column fold_memory_column = {
	"MEMORY", "in memory and in swap together", SIZE, get_memory
};
