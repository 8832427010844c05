// SPDX-License-Identifier: GPL-2.0
/*
 * Joins the tables by the objects' ids. They are of one snapshot; a row of an
 * object that is not in the first table, as in recorded ones, is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "objects.h"
#include "xalloc.h"

#define MAX_NEEDS	24

#define WITH_ANY_HOLDERS	(NEED(HOLDER_DETAIL + 1) - NEED(HOLDER_BY))

static const char *const tables[OTHERS] = {
	[HOLDERS]	= "holders",
	[CGROUPS]	= "cgroups",
	[PAGES]		= "pages",
	[MAPS]		= "maps",
	[SEGMENTS]	= "sysv",
};

/* Of objects itself. */
#define OBJECTS		OTHERS

static const struct {
	enum other table;
	const char *column;
} needs[NEEDS] = {
	[OBJECT_MODE]		= { OBJECTS,	"mode" },
	[OBJECT_GID]		= { OBJECTS,	"gid" },
	[OBJECT_NLINK]		= { OBJECTS,	"nlink" },
	[OBJECT_FLAGS]		= { OBJECTS,	"flags" },
	[OBJECT_TRUNCATE]	= { OBJECTS,	"truncate" },
	[OBJECT_BTIME]		= { OBJECTS,	"btime" },
	[OBJECT_MTIME]		= { OBJECTS,	"mtime" },
	[OBJECT_CTIME]		= { OBJECTS,	"ctime" },
	[HOLDER_BY]		= { HOLDERS,	"by" },
	[HOLDER_PID]		= { HOLDERS,	"pid" },
	[HOLDER_COMM]		= { HOLDERS,	"comm" },
	[HOLDER_UID]		= { HOLDERS,	"uid" },
	[HOLDER_FDS]		= { HOLDERS,	"fds" },
	[HOLDER_MAPS]		= { HOLDERS,	"maps" },
	[HOLDER_HANDLES]	= { HOLDERS,	"handles" },
	[HOLDER_DETAIL]		= { HOLDERS,	"detail" },
	[CGROUP_CGROUP]		= { CGROUPS,	"cgroup" },
	[CGROUP_RESIDENT]	= { CGROUPS,	"resident" },
	[CGROUP_PATH]		= { CGROUPS,	"path" },
	[PAGES_DIRTY]		= { PAGES,	"dirty" },
	[PAGES_WRITEBACK]	= { PAGES,	"writeback" },
	[PAGES_ACTIVE]		= { PAGES,	"active" },
	[PAGES_MAPPED]		= { PAGES,	"mapped" },
	[PAGES_MLOCKED]		= { PAGES,	"mlocked" },
	[PAGES_HUGE]		= { PAGES,	"huge" },
	[PAGES_ORDERS]		= { PAGES,	"orders" },
	[PAGES_NODES]		= { PAGES,	"nodes" },
	[PAGES_SWAP]		= { PAGES,	"swap" },
	[MAP_PID]		= { MAPS,	"pid" },
	[MAP_COMM]		= { MAPS,	"comm" },
	[MAP_UID]		= { MAPS,	"uid" },
	[MAP_START]		= { MAPS,	"start" },
	[MAP_END]		= { MAPS,	"end" },
	[MAP_OFFSET]		= { MAPS,	"offset" },
	[MAP_PERMS]		= { MAPS,	"perms" },
	[MAP_RESIDENT]		= { MAPS,	"resident" },
	[MAP_SWAPPED]		= { MAPS,	"swapped" },
	[MAP_PAST_EOF]		= { MAPS,	"past_eof" },
	[SEGMENT_IPCNS]		= { SEGMENTS,	"ipcns" },
	[SEGMENT_SHMID]		= { SEGMENTS,	"shmid" },
	[SEGMENT_KEY]		= { SEGMENTS,	"key" },
	[SEGMENT_MODE]		= { SEGMENTS,	"mode" },
	[SEGMENT_NATTCH]	= { SEGMENTS,	"nattch" },
	[SEGMENT_CPID]		= { SEGMENTS,	"cpid" },
	[SEGMENT_LPID]		= { SEGMENTS,	"lpid" },
	[SEGMENT_DTIME]		= { SEGMENTS,	"dtime" },
	[SEGMENT_CTIME]		= { SEGMENTS,	"ctime" },
};

/* Adds the columns of a table that are needed; returns how many there are. */
static size_t add_needs(enum other table, uint64_t with, const char **columns,
			size_t count)
{
	size_t nr;

	for (nr = 0; nr < NEEDS; nr++)
		if ((with & NEED(nr)) && needs[nr].table == table)
			columns[count++] = needs[nr].column;
	return count;
}

/* MAJOR:MINOR:INO:GENERATION; returns whether it is one. */
static bool parse_id(const char *text, size_t length, struct object *object)
{
	uint64_t parts[4] = {};
	size_t part = 0, i;

	for (i = 0; i < length; i++) {
		unsigned int digit = (unsigned char)text[i] - '0';

		if (text[i] == ':' && i && text[i - 1] != ':' && part < 3)
			part++;
		else if (digit > 9 ||
			 __builtin_mul_overflow(parts[part], 10,
						&parts[part]) ||
			 __builtin_add_overflow(parts[part], digit,
						&parts[part]))
			return false;
	}
	object->major = parts[0];
	object->minor = parts[1];
	object->inode = parts[2];
	object->generation = parts[3];
	return part == 3 && text[length - 1] != ':' &&
	       parts[0] <= UINT32_MAX && parts[1] <= UINT32_MAX;
}

static uint32_t id_key(const struct object *object)
{
	return hash_mix(hash_mix(object->inode) ^ object->generation ^
			((uint64_t)object->major << 20) ^
			((uint64_t)object->minor << 40));
}

static int compare_ids(const struct object *x, const struct object *y)
{
	return (x->major > y->major) - (x->major < y->major) ?:
	       (x->minor > y->minor) - (x->minor < y->minor) ?:
	       (x->inode > y->inode) - (x->inode < y->inode) ?:
	       (x->generation > y->generation) -
	       (x->generation < y->generation);
}

/* The object of an id, NULL if there is none. */
static struct object *find(const struct objects *objects,
			   const struct object *id)
{
	const struct hash *hash = &objects->by_id;
	uint32_t key = id_key(id), nr;
	size_t at;

	for (at = hash_first(hash, key); hash_used(hash, at);
	     at = hash_next(hash, at))
		if (hash_nr(hash, at, key, &nr) &&
		    !compare_ids(&objects->list[nr], id))
			return &objects->list[nr];
	return NULL;
}

/* Columns that are not kept as texts, in this order. */
static const char *const taken[] = {
	"id", "pagesize", "size", "resident", "swapped"
};

#define TAKEN	(sizeof(taken) / sizeof(taken[0]))

/* Whether Shmem counts such pages: not the huge ones of hugetlbfs. */
bool pagesize_in_shmem(uint64_t pagesize)
{
	return pagesize == moment_pagesize();
}

static void take_object(void *context, const struct table *table,
			const struct cell *cells)
{
	struct objects *objects = context;
	struct object *object;

	objects->list = xgrow(objects->list, objects->count, &objects->room,
			      sizeof(*objects->list));
	object = &objects->list[objects->count];
	*object = (struct object){ .row = table->rows };
	if (!parse_id(cells[0].text, cells[0].length, object))
		table_damaged(table, table->rows, "id", &cells[0]);
	object->pagesize = table_parse(table, &cells[1]);
	object->size = table_parse(table, &cells[2]);
	object->resident = table_parse(table, &cells[3]);
	object->swapped = table_parse(table, &cells[4]);
	if (!object->pagesize)
		table_damaged(table, table->rows, "size of a page", &cells[1]);
	object->shmem = pagesize_in_shmem(object->pagesize);
	object->id = pool_text(objects->pool,
			       pool_append(objects->pool, cells[0].text,
					   cells[0].length));
	if (!find(objects, object))
		hash_add(&objects->by_id, id_key(object), objects->count);
	objects->count++;
}

/**
 * struct joining - another table on its way
 * @objects: what it is joined to
 * @other: which it is
 * @whose: the object of each row, or UINT32_MAX
 * @room: for how many there is room
 * @last: the number of the last row's object
 */
struct joining {
	struct objects *objects;
	enum other other;
	uint32_t *whose;
	size_t room;
	size_t last;
};

static bool has_id(const struct object *object, const struct cell *cell)
{
	return !strncmp(object->id, cell->text, cell->length) &&
	       !object->id[cell->length];
}

/*
 * Usually the object of the last row, or the next one; of holders the one before,
 * as a process opens objects in the order they are made, and the newest is first.
 */
static struct object *guess(const struct joining *joining,
			    const struct cell *cell)
{
	const struct objects *objects = joining->objects;
	size_t first = joining->last - !!joining->last, i;

	for (i = first; i < objects->count && i < joining->last + 2; i++)
		if (has_id(&objects->list[i], cell))
			return &objects->list[i];
	return NULL;
}

static void take_other(void *context, const struct table *table,
		       const struct cell *cells)
{
	struct joining *joining = context;
	struct objects *objects = joining->objects;
	struct object id = {}, *object = guess(joining, &cells[0]);

	/* A segment whose record the kernel hides. */
	if (cell_is(&cells[0], "-")) {
		objects->hidden = true;
	} else if (!object) {
		if (!parse_id(cells[0].text, cells[0].length, &id))
			table_damaged(table, table->rows, "id", &cells[0]);
		object = find(objects, &id);
	}
	joining->whose = xgrow(joining->whose, table->rows, &joining->room,
			       sizeof(*joining->whose));
	joining->whose[table->rows] = UINT32_MAX;
	if (!object)
		return;
	joining->last = object - objects->list;
	joining->whose[table->rows] = joining->last;
	object->in[joining->other].count++;
}

/* Plans to read what is needed of another table; nothing if that is nothing. */
static bool plan_other(struct table_plan *plan, const char **columns,
		       struct joining *joining, uint64_t with)
{
	columns[0] = "id";
	*plan = (struct table_plan){
		.name = tables[joining->other],
		.columns = columns,
		.count = add_needs(joining->other, with, columns, 1),
		.taken = 1,
		/* A process holds many objects in the same way. */
		.repeats = joining->other == HOLDERS,
		.take = take_other,
		.context = joining,
	};
	return plan->count > 1;
}

/* The rows of each object together, in the order they have in their table. */
static void join(struct objects *objects, const struct joining *joining)
{
	enum other other = joining->other;
	const struct table *table = &objects->others[other];
	size_t row, first = 0, i;

	objects->order[other] = xcalloc(table->rows, sizeof(uint32_t));
	for (i = 0; i < objects->count; i++) {
		struct rows *rows = &objects->list[i].in[other];

		rows->first = first;
		first += rows->count;
		rows->count = 0;
	}
	for (row = 0; row < table->rows; row++) {
		struct rows *rows;

		if (joining->whose[row] == UINT32_MAX)
			continue;
		rows = &objects->list[joining->whose[row]].in[other];
		objects->order[other][rows->first + rows->count++] = row;
	}
}

static void plan_objects(struct table_plan *plan, const char **columns,
			 struct objects *objects, uint64_t with)
{
	*plan = (struct table_plan){
		.name = "objects",
		.columns = columns,
		.count = TAKEN,
		.taken = TAKEN,
		.take = take_object,
		.context = objects,
	};
	memcpy(columns, taken, sizeof(taken));
	columns[plan->count++] = "kind";
	columns[plan->count++] = "uid";
	columns[plan->count++] = "name";
	plan->count = add_needs(OBJECTS, with, columns, plan->count);
}

/**
 * objects_load - read the objects
 * @objects: what is filled; objects_free() it
 * @with: NEED(HOLDER_PID) and so on, for more columns and their tables
 *
 * Ends the program, with an explanation, if a table cannot be read, or lacks a
 * column.
 */
void objects_load(struct objects *objects, uint64_t with)
{
	const char *columns[OTHERS + 1][MAX_NEEDS];
	struct table_plan plans[OTHERS + 3];
	struct table *filled[OTHERS + 3];
	struct joining joining[OTHERS];
	size_t count = 0;
	enum other other;

	if (with & WITH_ANY_HOLDERS)
		with |= NEED(HOLDER_BY);
	*objects = (struct objects){ .pool = xcalloc(1, sizeof(struct pool)) };
	filled[count] = &objects->table;
	plan_objects(&plans[count++], columns[OBJECTS], objects, with);
	for (other = 0; other < OTHERS; other++) {
		joining[other] = (struct joining){
			.objects = objects, .other = other
		};
		filled[count] = &objects->others[other];
		count += plan_other(&plans[count], columns[other],
				    &joining[other], with);
	}
	if (with & NEED(SUPERBLOCKS)) {
		filled[count] = &objects->superblocks;
		plans[count++] = (struct table_plan){ .name = "superblocks" };
	}
	if (with & NEED(SUMMARY)) {
		filled[count] = &objects->summary;
		plans[count++] = (struct table_plan){ .name = "summary" };
	}
	tables_load(filled, objects->pool, plans, count);
	for (other = 0; other < OTHERS; other++) {
		if (objects->others[other].name)
			join(objects, &joining[other]);
		free(joining[other].whose);
	}
	objects->process = pool_add(objects->pool, "process",
				    strlen("process"));
}

void objects_free(struct objects *objects)
{
	enum other other;

	for (other = 0; other < OTHERS; other++) {
		table_free(&objects->others[other]);
		free(objects->order[other]);
	}
	table_free(&objects->table);
	table_free(&objects->summary);
	table_free(&objects->superblocks);
	if (objects->pool)
		pool_free(objects->pool);
	free(objects->pool);
	hash_free(&objects->by_id);
	free(objects->list);
	*objects = (struct objects){};
}

/* NULL if there is none. */
struct object *objects_find(const struct objects *objects, const char *id)
{
	struct object key = {};

	return parse_id(id, strlen(id), &key) ? find(objects, &key) : NULL;
}

/* What the kernel says of an object; "-" for nothing. */
const char *object_cell(const struct objects *objects,
			const struct object *object, const char *column)
{
	return table_cell(&objects->table, object->row,
			  table_column(&objects->table, column));
}

/* The nr-th of an object's rows in another table. */
struct row object_row(const struct objects *objects,
		      const struct object *object, enum other other, size_t nr)
{
	return (struct row){
		.table = &objects->others[other],
		.nr = objects->order[other][object->in[other].first + nr],
	};
}

/* The same, which row of the table it is. */
static size_t other_row(const struct objects *objects,
			const struct object *object, enum other other,
			size_t nr)
{
	return object_row(objects, object, other, nr).nr;
}

/* What another table says of it in the nr-th of its rows; "-" for nothing. */
const char *object_other(const struct objects *objects,
			 const struct object *object, enum other other,
			 size_t nr, const char *column)
{
	const struct table *table = &objects->others[other];

	if (nr >= object->in[other].count)
		return "-";
	return table_cell(table, other_row(objects, object, other, nr),
			  table_column(table, column));
}

/* The same as a number. */
uint64_t object_other_number(const struct objects *objects,
			     const struct object *object, enum other other,
			     size_t nr, const char *column)
{
	const struct table *table = &objects->others[other];

	return table_number(table, other_row(objects, object, other, nr),
			    table_column(table, column));
}

/* The same as the number of the text in the pool. */
uint32_t object_other_word(const struct objects *objects,
			   const struct object *object, enum other other,
			   size_t nr, const char *column)
{
	const struct table *table = &objects->others[other];

	return table_word(table, other_row(objects, object, other, nr),
			  table_column(table, column));
}

/* The cgroup that is charged for most of what is in memory; "-" for none. */
const char *object_cgroup(const struct objects *objects,
			  const struct object *object)
{
	uint64_t max = 0;
	size_t nr, which = 0;

	for (nr = 0; nr < object->in[CGROUPS].count; nr++) {
		uint64_t resident = object_other_number(objects, object,
							CGROUPS, nr,
							"resident");

		if (resident <= max)
			continue;
		max = resident;
		which = nr;
	}
	return object_other(objects, object, CGROUPS, which, "path");
}

uint64_t object_memory(const struct object *object)
{
	return object->resident + object->swapped;
}

/* Whether it is a System V segment. */
bool object_is_segment(const struct objects *objects,
		       const struct object *object)
{
	return !strcmp(object_cell(objects, object, "kind"), "sysv");
}

/* Whether the nr-th holder of an object is a process. */
bool object_is_process(const struct objects *objects,
		       const struct object *object, size_t nr)
{
	return object_other_word(objects, object, HOLDERS, nr, "by") ==
	       objects->process;
}

/* Which of an object's holders is the first process; past them if none is. */
size_t object_process(const struct objects *objects,
		      const struct object *object)
{
	size_t nr;

	for (nr = 0; nr < object->in[HOLDERS].count; nr++)
		if (object_is_process(objects, object, nr))
			break;
	return nr;
}

/* Whether nothing was found that keeps it: neither a name nor a holder. */
bool object_holder_unknown(const struct objects *objects,
			   const struct object *object)
{
	return object->in[HOLDERS].count &&
	       !strcmp(object_other(objects, object, HOLDERS, 0, "by"),
		       "unknown");
}

/* How many processes hold it. */
size_t object_processes(const struct objects *objects,
			const struct object *object)
{
	size_t count = 0, nr;

	for (nr = 0; nr < object->in[HOLDERS].count; nr++)
		count += object_is_process(objects, object, nr);
	return count;
}

/* For qsort() of pointers to objects, or of what begins with one: by their ids. */
int objects_by_id(const void *a, const void *b)
{
	return compare_ids(*(const struct object *const *)a,
			   *(const struct object *const *)b);
}

/* The same, largest first. */
int objects_by_memory(const void *a, const void *b)
{
	uint64_t x = object_memory(*(const struct object *const *)a);
	uint64_t y = object_memory(*(const struct object *const *)b);

	return (x < y) - (x > y) ?: objects_by_id(a, b);
}

/* The same of pointers to what begins with such a pointer. */
int things_by_memory(const void *a, const void *b)
{
	return objects_by_memory(*(const void *const *)a,
				 *(const void *const *)b);
}

/**
 * objects_sum - add up what Shmem counts
 * @objects: all objects
 * @wanted: which of them, or NULL
 *
 * Return: the sums.
 */
struct sums objects_sum(const struct objects *objects,
			bool (*wanted)(const struct objects *objects,
				       const struct object *object))
{
	struct sums sums = {};
	size_t i;

	for (i = 0; i < objects->count; i++) {
		const struct object *object = &objects->list[i];

		if (!object->shmem || (wanted && !wanted(objects, object)))
			continue;
		sums.objects++;
		sums.resident += object->resident;
		sums.swapped += object->swapped;
	}
	return sums;
}
