// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat risks: where an access may raise SIGBUS, because somebody else can cut
 * an object short, or because a mapping reaches past its end already.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "hash.h"
#include "objects.h"
#include "output.h"
#include "process.h"
#include "users.h"
#include "xalloc.h"

#define NONE		UINT32_MAX

/**
 * struct risk - an object that is one
 * @object: the object
 * @past_eof: bytes that are mapped and do not exist
 * @cut: whether its size can be cut by another user or cgroup
 */
struct risk {
	const struct object *object;
	uint64_t past_eof;
	bool cut;
};

/**
 * struct set - texts, each once
 * @words: their numbers in a pool
 * @count: how many
 * @room: for how many there is room
 * @hash: finds them
 */
struct set {
	uint32_t *words;
	uint32_t count;
	uint32_t room;
	struct hash hash;
};

static void set_add(struct set *set, uint32_t word)
{
	uint32_t key = hash_mix(word), nr;
	size_t at;

	for (at = hash_first(&set->hash, key); hash_used(&set->hash, at);
	     at = hash_next(&set->hash, at))
		if (hash_nr(&set->hash, at, key, &nr) && set->words[nr] == word)
			return;
	if (set->count == set->room) {
		set->room = 2 * set->room + 16;
		set->words = xreallocarray(set->words, set->room,
					   sizeof(*set->words));
	}
	set->words[set->count] = word;
	hash_add(&set->hash, key, set->count++);
}

/**
 * struct some - some users or cgroups
 * @one: one of them, or NONE if there are none
 * @more: whether there are others
 */
struct some {
	uint32_t one;
	bool more;
};

#define NOBODY		{ NONE, false }

static void some_add(struct some *some, uint32_t word)
{
	if (some->one == NONE)
		some->one = word;
	else if (some->one != word)
		some->more = true;
}

/* Whether one of these is another than one of those. */
static bool some_differ(const struct some *a, const struct some *b)
{
	return a->one != NONE && b->one != NONE &&
	       (a->more || b->more || a->one != b->one);
}

/* Paths of processes' cgroups. */
static struct pool cgroup_pool;

static uint32_t read_cgroup(const struct objects *objects, const char *pid)
{
	uint32_t word = NONE;
	struct process process;
	char *path;

	if (!process_open(&process, pid))
		return NONE;
	path = process_cgroup(&process);
	/* Not of one that was given the number since. */
	if (path && process.start <= objects->others[HOLDERS].ticks &&
	    process_is_same(&process))
		word = pool_add(&cgroup_pool, path, strlen(path));
	free(path);
	process_close(&process);
	return word;
}

/* The cgroup of a process, each asked for once; NONE if it is not known. */
static uint32_t cgroup_of(const struct objects *objects, uint32_t pid)
{
	static struct { uint32_t pid, cgroup; } *known;
	static uint32_t count, room;
	static struct hash hash;
	uint32_t key = hash_mix(pid), nr;
	size_t at;

	for (at = hash_first(&hash, key); hash_used(&hash, at);
	     at = hash_next(&hash, at))
		if (hash_nr(&hash, at, key, &nr) && known[nr].pid == pid)
			return known[nr].cgroup;
	if (count == room) {
		room = 2 * room + 64;
		known = xreallocarray(known, room, sizeof(*known));
	}
	known[count].pid = pid;
	known[count].cgroup = read_cgroup(objects,
					  pool_text(objects->pool, pid));
	hash_add(&hash, key, count);
	return known[count++].cgroup;
}

/* Bits of a mode. */
#define BY_GROUP	0020
#define BY_OTHERS	0002

/**
 * struct rights - who may cut an object
 * @owner: the user it belongs to
 * @named: whether it can be opened by its name
 * @anybody: whether everybody else may write it
 * @group: whether its group may, and is more than its owner
 */
struct rights {
	uint32_t owner;
	bool named;
	bool anybody;
	bool group;
};

static struct rights read_rights(const struct objects *objects,
				 const struct object *object)
{
	const struct table *table = &objects->table;
	const char *gid = object_cell(objects, object, "gid");
	unsigned long mode;

	mode = strtoul(object_cell(objects, object, "mode"), NULL, 8);
	return (struct rights){
		.owner = table_word(table, object->row,
				    table_column(table, "uid")),
		.named = table_number(table, object->row,
				      table_column(table, "nlink")),
		.anybody = mode & BY_OTHERS,
		.group = (mode & BY_GROUP) && strcmp(gid, "0") &&
			 strcmp(gid, object_cell(objects, object, "uid")),
	};
}

static bool is_root(const struct objects *objects, uint32_t user)
{
	return !strcmp(pool_text(objects->pool, user), "0");
}

/*
 * Whether somebody may cut it under others who map it: another user than root,
 * who may do worse, or a process in another cgroup. That may be anybody who may
 * write it and has it open, or can open it by its name.
 */
static bool can_be_cut(const struct objects *objects,
		       const struct object *object)
{
	struct some cutters = NOBODY, mappers = NOBODY;
	struct some cutting = NOBODY, mapping = NOBODY;
	struct rights rights = read_rights(objects, object);
	size_t nr;

	if (rights.named && (rights.anybody || rights.group))
		return true;
	if (rights.named && !is_root(objects, rights.owner))
		some_add(&cutters, rights.owner);
	for (nr = 0; nr < object->in[HOLDERS].count; nr++) {
		uint32_t user, pid, cgroup;

		pid = object_other_word(objects, object, HOLDERS, nr, "pid");
		user = object_other_word(objects, object, HOLDERS, nr, "uid");
		if (!table_value(pool_text(objects->pool, user)) ||
		    (!rights.named &&
		     !object_other_number(objects, object, HOLDERS, nr,
					  "fds")) ||
		    (user != rights.owner && !is_root(objects, user) &&
		     !rights.anybody && !rights.group))
			continue;
		if (!is_root(objects, user))
			some_add(&cutters, user);
		cgroup = cgroup_of(objects, pid);
		if (cgroup != NONE)
			some_add(&cutting, cgroup);
	}
	for (nr = 0; nr < object->in[MAPS].count; nr++) {
		uint32_t user, cgroup;

		user = object_other_word(objects, object, MAPS, nr, "uid");
		if (table_value(pool_text(objects->pool, user)))
			some_add(&mappers, user);
		cgroup = cgroup_of(objects,
				   object_other_word(objects, object, MAPS, nr,
						     "pid"));
		if (cgroup != NONE)
			some_add(&mapping, cgroup);
	}
	return some_differ(&cutters, &mappers) ||
	       some_differ(&cutting, &mapping);
}

static struct risk assess(const struct objects *objects,
			  const struct object *object)
{
	struct risk risk = { .object = object };
	size_t nr;

	for (nr = 0; nr < object->in[MAPS].count; nr++)
		risk.past_eof += object_other_number(objects, object, MAPS, nr,
						     "past_eof");
	risk.cut = object->in[MAPS].count &&
		   !strcmp(object_cell(objects, object, "truncate"),
			   "possible") &&
		   can_be_cut(objects, object);
	return risk;
}

/* Names with commas between them; one that is in a name stands as "\054". */
static const char *join(const struct set *set, const struct pool *pool,
			const char *(*name)(const char *id))
{
	static char *text;
	size_t length;
	FILE *out;
	uint32_t i;

	free(text);
	out = xcheck(open_memstream(&text, &length));
	for (i = 0; i < set->count; i++) {
		const char *at = pool_text(pool, set->words[i]);

		for (at = name ? name(at) : at; *at; at++)
			fprintf(out, *at == ',' ? "\\054" : "%c", *at);
		if (i < set->count - 1)
			putc(',', out);
	}
	if (fclose(out))
		err(1, "names");
	return *text ? text : NULL;
}

static const char *get_users(const void *all, const void *thing)
{
	const struct object *object = ((const struct risk *)thing)->object;
	const struct objects *objects = all;
	struct set users = {};
	const char *text;
	size_t nr;

	set_add(&users, table_word(&objects->table, object->row,
				   table_column(&objects->table, "uid")));
	for (nr = 0; nr < object->in[HOLDERS].count; nr++) {
		uint32_t user = object_other_word(objects, object, HOLDERS, nr,
						  "uid");

		/* Who has just ended, and what nobody holds, has none. */
		if (table_value(pool_text(objects->pool, user)))
			set_add(&users, user);
	}
	text = join(&users, objects->pool, user_name);
	free(users.words);
	hash_free(&users.hash);
	return text;
}

static const char *get_cgroups(const void *all, const void *thing)
{
	const struct object *object = ((const struct risk *)thing)->object;
	const struct objects *objects = all;
	struct set cgroups = {};
	const char *text;
	size_t nr;

	for (nr = 0; nr < object->in[HOLDERS].count; nr++) {
		uint32_t cgroup;

		cgroup = cgroup_of(objects, object_other_word(objects, object,
							      HOLDERS, nr,
							      "pid"));
		if (cgroup != NONE)
			set_add(&cgroups, cgroup);
	}
	text = join(&cgroups, &cgroup_pool, NULL);
	free(cgroups.words);
	hash_free(&cgroups.hash);
	return text;
}

COLUMN_GET(risk, risk, risk->cut && risk->past_eof ? "truncate,past-eof" :
	   risk->cut ? "truncate" : "past-eof")
COLUMN_GET(risk, size, output_number(risk->object->size))
COLUMN_GET(risk, resident, output_number(risk->object->resident))
COLUMN_GET(risk, past_eof, output_number(risk->past_eof))
COLUMN_GET(risk, id, risk->object->id)
COLUMN_GET(risk, kind, object_cell(all, risk->object, "kind"))
COLUMN_GET(risk, name, object_cell(all, risk->object, "name"))
COLUMN_GET(risk, mode, object_cell(all, risk->object, "mode"))
COLUMN_GET(risk, maps, output_number(risk->object->in[MAPS].count))
COLUMN_GET(risk, pid,
	   table_value(object_other(all, risk->object, MAPS, 0, "pid")))
COLUMN_GET(risk, comm,
	   table_value(object_other(all, risk->object, MAPS, 0, "comm")))

static const struct column columns[] = {
	{ "RISK", "truncate: can be cut by another; past-eof: is too short now",
	  TEXT, 0, true, get_risk },
	{ "SIZE", "size", SIZE, 0, true, get_size },
	{ "RESIDENT", "in memory", SIZE, 0, false, get_resident },
	{ "PAST_EOF", "bytes mapped past its end", SIZE, 0, true,
	  get_past_eof },
	{ "KIND", "posix, memfd or tmpfs", TEXT, 0, true, get_kind },
	{ "MODE", "permissions, octal", TEXT, 0, false, get_mode },
	{ "USERS", "its owner, and of the processes that hold it", NAME, 0,
	  true, get_users },
	{ "CGROUPS", "of the processes that hold it", NAME, 0, false,
	  get_cgroups },
	{ "MAPS", "how often it is mapped", NUMBER, 0, true, get_maps },
	{ "PID", "a process that maps it", NUMBER, 0, true, get_pid },
	{ "COMMAND", "its name", NAME, 0, true, get_comm },
	{ "ID", "MAJOR:MINOR:INO:GENERATION", TEXT, 0, true, get_id },
	{ "NAME", "name inside its file system", NAME, 0, true, get_name },
	{}
};

/* Those that raise SIGBUS now come first. */
static int compare(const void *a, const void *b)
{
	const struct risk *x = *(const struct risk *const *)a;
	const struct risk *y = *(const struct risk *const *)b;

	return (x->past_eof < y->past_eof) - (x->past_eof > y->past_eof) ?:
	       (x->object->size < y->object->size) -
	       (x->object->size > y->object->size) ?:
	       objects_by_id(x->object, y->object);
}

static void usage(void)
{
	puts("Usage: shmstat risks [options]\n"
	     "Lists objects that are mapped and that another user, or a process in another\n"
	     "cgroup, can cut short, so that who maps them gets SIGBUS; and those that are\n"
	     "mapped past their end already.\n\n"
	     OUTPUT_LIST_HELP);
	output_help(columns);
}

const struct option risks_options[] = {
	OUTPUT_LIST_OPTIONS,
	{}
};

#define WITH_RISKS	(NEED(OBJECT_MODE) | NEED(OBJECT_GID) |		\
			 NEED(OBJECT_NLINK) | NEED(OBJECT_TRUNCATE) |	\
			 NEED(HOLDER_PID) | NEED(HOLDER_UID) |		\
			 NEED(HOLDER_FDS) | NEED(MAP_PID) |		\
			 NEED(MAP_COMM) | NEED(MAP_UID) |		\
			 NEED(MAP_PAST_EOF))

int command_risks(int argc, char **argv)
{
	struct output output = {
		.all = columns,
		.variable = "SHMSTAT_RISKS_COLUMNS",
	};
	size_t count = 0, room = 0, i;
	struct risk *risks = NULL;
	struct objects objects;
	const void **things;
	int c;

	while ((c = getopt_long(argc, argv, OUTPUT_SHORT, risks_options,
				NULL)) >= 0) {
		if (c == 'h') {
			usage();
			return 0;
		}
		if (!output_option(&output, c, optarg))
			wrong_usage(argv);
	}
	if (optind < argc)
		errx(2, "risks takes no '%s'; see shmstat risks --help",
		     argv[optind]);
	output_choose(&output);
	objects_load(&objects, WITH_RISKS);
	for (i = 0; i < objects.count; i++) {
		struct risk risk = assess(&objects, &objects.list[i]);

		if (!risk.cut && !risk.past_eof)
			continue;
		if (count == room) {
			room = 2 * room + 64;
			risks = xreallocarray(risks, room, sizeof(*risks));
		}
		risks[count++] = risk;
	}
	things = xcalloc(count, sizeof(*things));
	for (i = 0; i < count; i++)
		things[i] = &risks[i];
	qsort(things, count, sizeof(*things), compare);
	if (!count && output.form == FOR_PEOPLE)
		puts("none");
	else
		output_list(&output, "risks", &objects, things, count);
	free(risks);
	free(things);
	objects_free(&objects);
	pool_free(&cgroup_pool);
	return 0;
}
