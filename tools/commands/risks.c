// SPDX-License-Identifier: GPL-2.0
/*
 * shmstat risks: where an access may raise SIGBUS, because somebody else can
 * truncate an object, because a mapping reaches past its end already, or because
 * a file system is nearly full.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "full.h"
#include "member.h"
#include "object_columns.h"
#include "objects.h"
#include "output.h"
#include "set.h"
#include "users.h"
#include "xalloc.h"

#define NONE		NO_CGROUP

/**
 * struct risk - an object that is one
 * @object: the object; first, for its columns
 * @past_eof: bytes that are mapped and do not exist
 * @truncate: whether another user or cgroup can reduce its size
 */
struct risk {
	const struct object *object;
	uint64_t past_eof;
	bool truncate;
};

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

/* The cgroups of the processes that were asked for. */
static struct members members;

/* The cgroup of a process; NONE if it is not known. */
static uint32_t cgroup_of(const struct objects *objects, uint32_t pid)
{
	return member_cgroup(&members, objects, pid);
}

/* Bits of a mode. */
#define BY_GROUP	0020
#define BY_OTHERS	0002

/**
 * struct rights - who may truncate an object
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
 * Whether somebody may truncate it under others who map it: another user than root,
 * who may do worse, or a process in another cgroup. That may be anybody who may
 * write it and has it open, or can open it by its name.
 */
static bool can_be_truncated(const struct objects *objects,
			     const struct object *object)
{
	/* Who can truncate it, and who maps it. */
	struct some can_users = NOBODY, map_users = NOBODY;
	struct some can_cgroups = NOBODY, map_cgroups = NOBODY;
	struct rights rights = read_rights(objects, object);
	size_t nr;

	if (rights.named && (rights.anybody || rights.group))
		return true;
	if (rights.named && !is_root(objects, rights.owner))
		some_add(&can_users, rights.owner);
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
			some_add(&can_users, user);
		cgroup = cgroup_of(objects, pid);
		if (cgroup != NONE)
			some_add(&can_cgroups, cgroup);
	}
	for (nr = 0; nr < object->in[MAPS].count; nr++) {
		uint32_t user, cgroup;

		user = object_other_word(objects, object, MAPS, nr, "uid");
		if (table_value(pool_text(objects->pool, user)))
			some_add(&map_users, user);
		cgroup = cgroup_of(objects,
				   object_other_word(objects, object, MAPS, nr,
						     "pid"));
		if (cgroup != NONE)
			some_add(&map_cgroups, cgroup);
	}
	return some_differ(&can_users, &map_users) ||
	       some_differ(&can_cgroups, &map_cgroups);
}

static struct risk assess(const struct objects *objects,
			  const struct object *object)
{
	struct risk risk = { .object = object };
	size_t nr;

	for (nr = 0; nr < object->in[MAPS].count; nr++)
		risk.past_eof += object_other_number(objects, object, MAPS, nr,
						     "past_eof");
	risk.truncate = object->in[MAPS].count &&
			!strcmp(object_cell(objects, object, "truncate"),
				"possible") &&
			can_be_truncated(objects, object);
	return risk;
}

/*
 * Texts of a pool with commas between them, until the next call; a comma in one
 * stands as "\054". NULL for none.
 */
static const char *join(struct set *words, const struct pool *pool,
			const char *(*name)(const char *id))
{
	static char *text;
	size_t length, i;
	FILE *out;

	free(text);
	out = xmemstream(&text, &length);
	for (i = 0; i < words->count; i++) {
		const char *at = pool_text(pool, words->list[i]);

		for (at = name ? name(at) : at; *at; at++)
			if (*at == ',')
				fputs("\\054", out);
			else
				putc_unlocked(*at, out);
		if (i < words->count - 1)
			putc(',', out);
	}
	xfclose(out);
	set_free(words);
	return *text ? text : NULL;
}

static const char *users(const struct objects *objects,
			 const struct object *object)
{
	struct set words = {};
	size_t nr;

	set_add(&words, table_word(&objects->table, object->row,
				   table_column(&objects->table, "uid")));
	for (nr = 0; nr < object->in[HOLDERS].count; nr++) {
		uint32_t user = object_other_word(objects, object, HOLDERS, nr,
						  "uid");

		/* A process that has just ended has none, nor has a row without. */
		if (table_value(pool_text(objects->pool, user)))
			set_add(&words, user);
	}
	return join(&words, objects->pool, user_name);
}

static const char *cgroups(const struct objects *objects,
			   const struct object *object)
{
	struct set words = {};
	size_t nr;

	for (nr = 0; nr < object->in[HOLDERS].count; nr++) {
		uint32_t cgroup;

		cgroup = cgroup_of(objects, object_other_word(objects, object,
							      HOLDERS, nr,
							      "pid"));
		if (cgroup != NONE)
			set_add(&words, cgroup);
	}
	return join(&words, objects->pool, NULL);
}

COLUMN_GET(risk, risk, text, risk->truncate && risk->past_eof ?
	   "truncate,past-eof" : risk->truncate ? "truncate" : "past-eof")
COLUMN_GET(risk, past_eof, number, risk->past_eof)
COLUMN_GET(risk, maps, number, risk->object->in[MAPS].count)
COLUMN_GET(risk, users, text, users(all, risk->object))
COLUMN_GET(risk, cgroups, text, cgroups(all, risk->object))

static const struct column columns[] = {
	{ "RISK", "truncate: another can reduce it; past-eof: is too short now",
	  TEXT, get_risk, .standard = true },
	{ "SIZE", "size", SIZE, get_object_size, .standard = true },
	{ "RESIDENT", "in memory", SIZE, get_object_resident },
	{ "PAST_EOF", "bytes mapped past its end", SIZE, get_past_eof,
	  .standard = true },
	{ "KIND", "posix, memfd or tmpfs", TEXT, get_object_cell, "kind",
	  .standard = true },
	{ "MODE", "permissions, octal", TEXT, get_object_cell, "mode" },
	{ "USERS", "its owner, and of the processes that hold it", NAME,
	  get_users, .standard = true },
	{ "CGROUPS", "of the processes that hold it", NAME, get_cgroups },
	{ "MAPS", "how often it is mapped", NUMBER, get_maps },
	{ "PID", "a process that maps it", NUMBER, get_object_map, "pid",
	  .standard = true },
	{ "COMMAND", "its name", NAME, get_object_map, "comm",
	  .standard = true },
	{ "ID", "MAJOR:MINOR:INO:GENERATION", TEXT, get_object_id,
	  .standard = true },
	{ "NAME", "name inside its file system", NAME, get_object_cell, "name",
	  .standard = true },
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
	       objects_by_id(x, y);
}

static void usage(void)
{
	puts("Usage: shmstat risks [options]\n"
	     "Lists objects that are mapped and that another user, or a process in another\n"
	     "cgroup, can truncate, so that who maps them gets SIGBUS; and those that are\n"
	     "mapped past their end already. Then file systems that are nearly full, with\n"
	     "their largest files and who may write to these.\n\n"
	     "     --full PERCENT from which part of its bytes or inodes on one is nearly\n"
	     "                    full (90); raw, as pairs and as CSV, only these are listed\n"
	     OUTPUT_LIST_HELP);
	output_help(columns);
}

enum { FULL = 256 };

static const struct option options[] = {
	OUTPUT_LIST_OPTIONS,
	{ "full",	required_argument,	NULL, FULL },
	{}
};

static unsigned int parse_percent(const char *text)
{
	unsigned long percent = 0;

	if (*text && strlen(text) < 4 && !text[strspn(text, "0123456789")])
		percent = strtoul(text, NULL, 10);
	if (percent < 1 || percent > 100)
		errx(2, "--full wants a number from 1 to 100, not '%s'", text);
	return percent;
}

#define WITH_RISKS	(NEED(OBJECT_MODE) | NEED(OBJECT_GID) |		\
			 NEED(OBJECT_NLINK) | NEED(OBJECT_TRUNCATE) |	\
			 NEED(HOLDER_PID) | NEED(HOLDER_UID) |		\
			 NEED(HOLDER_FDS) | NEED(MAP_PID) |		\
			 NEED(MAP_COMM) | NEED(MAP_UID) |		\
			 NEED(MAP_PAST_EOF))

static int run(int argc, char **argv)
{
	struct output output = {
		.all = columns,
		.variable = "SHMSTAT_RISKS_COLUMNS",
	};
	size_t count = 0, room = 0, i;
	struct risk *risks = NULL;
	struct fulls fulls = {};
	struct objects objects;
	const void **things;
	unsigned int percent = 0;
	bool both, listed;
	int c;

	while ((c = command_option(&command_risks, argc, argv)) >= 0) {
		if (c == FULL)
			percent = parse_percent(optarg);
		else
			output_option(&output, c, optarg);
	}
	output_choose(&output);
	/* Other forms are one list. */
	both = output.form == AS_TABLE || output.form == AS_JSON;
	objects_load(&objects, WITH_RISKS |
		     (both || percent ? WITH_FULL : 0));
	if (both || percent)
		full_find(&fulls, &objects.superblocks,
			  percent ?: FULL_PERCENT);
	for (i = 0; i < objects.count; i++) {
		struct risk risk = assess(&objects, &objects.list[i]);

		if (!risk.truncate && !risk.past_eof)
			continue;
		risks = xgrow(risks, count, &room, sizeof(*risks));
		risks[count++] = risk;
	}
	things = output_things(risks, count, sizeof(*risks));
	qsort(things, count, sizeof(*things), compare);
	if (both)
		output_begin(&output);
	/* Not the headings of nothing above something else. */
	listed = output.form == AS_TABLE ? count || !fulls.count :
		 both || !percent;
	if (listed)
		output_list(&output, "risks", &objects, things, count);
	if (listed && output.form == AS_TABLE && fulls.count)
		putchar('\n');
	if (both || percent)
		full_print(&output, &fulls, &objects);
	if (both)
		output_end(&output);
	full_free(&fulls);
	free(risks);
	free(things);
	objects_free(&objects);
	members_free(&members);
	return 0;
}

const struct command command_risks = {
	"risks", "what can be truncated under its users, and what is nearly full",
	usage, run, OUTPUT_SHORT, options
};
