// SPDX-License-Identifier: GPL-2.0
/*
 * Names of users and groups. Each is asked for once, as it may take a server to
 * answer, and no more than so many: users can make objects of thousands of
 * subordinate ids, which have no names.
 */
#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "files.h"
#include "note.h"
#include "text.h"
#include "users.h"
#include "xalloc.h"

/* Questions at most, and the seconds after which there are no more. */
#define MAX_ASKED	1000
#define MAX_SECONDS		2

bool users_numeric;

struct known {
	char *id;
	char *name;
};

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->id,
		      ((const struct known *)b)->id);
}

/* As the machine's own file has it, without a question to anybody. */
static const struct passwd *local_user(uid_t uid)
{
	char *path = xasprintf("%s/etc/passwd", root_dir);
	FILE *file = fopen(path, "re");
	const struct passwd *user = NULL;

	free(path);
	while (file && (user = fgetpwent(file)) && user->pw_uid != uid)
		;
	if (file)
		fclose(file);
	return user;
}

static const char *ask_user(const char *uid)
{
	uid_t number = strtoul(uid, NULL, 10);
	const struct passwd *user = *root_dir ? local_user(number) :
				    getpwuid(number);

	return user ? user->pw_name : NULL;
}

/* The same of groups. */
static const struct group *local_group(gid_t gid)
{
	char *path = xasprintf("%s/etc/group", root_dir);
	FILE *file = fopen(path, "re");
	const struct group *group = NULL;

	free(path);
	while (file && (group = fgetgrent(file)) && group->gr_gid != gid)
		;
	if (file)
		fclose(file);
	return group;
}

static const char *ask_group(const char *gid)
{
	gid_t number = strtoul(gid, NULL, 10);
	const struct group *group = *root_dir ? local_group(number) :
				    getgrgid(number);

	return group ? group->gr_name : NULL;
}

static unsigned int asked;
static double spent;

/* At the end, when no list is on the screen any more. */
static void tell(void)
{
	warnx("not all names were asked for, as %u took %.1f s; --numeric asks for none",
	      asked, spent);
}

static bool may_ask(void)
{
	static bool told;

	if (asked < MAX_ASKED && spent < MAX_SECONDS) {
		asked++;
		return true;
	}
	if (!told)
		atexit(tell);
	told = true;
	return false;
}

/* NULL also if too many were asked for, or took too long. */
static const char *ask_in_time(const char *(*ask)(const char *id),
			       const char *id)
{
	const char *answer;
	double start;

	if (!may_ask())
		return NULL;
	start = clock_now();
	answer = ask(id);
	spent += clock_now() - start;
	return answer;
}

static const char *find(void **known, const char *id,
			const char *(*ask)(const char *id))
{
	struct known key = { .id = (char *)id }, *new, **found;
	const char *name;

	/* The kernel's "-" is no id. */
	if (users_numeric || !strcmp(id, "-"))
		return id;
	found = tfind(&key, known, by_id);
	if (found)
		return (*found)->name;
	name = ask_in_time(ask, id);
	new = xmalloc(sizeof(*new));
	new->id = xstrdup(id);
	new->name = name && *name ? escape_text(name, strlen(name)) :
				    xstrdup(id);
	xcheck(tsearch(new, known, by_id));
	return new->name;
}

/* Those that were asked for where what is read is recorded. */
static struct set asked_users;

/* The name of a user, as tables have names; the id itself if it has none. */
const char *user_name(const char *uid)
{
	static void *known;

	if (note_record)
		set_add(&asked_users, strtoull(uid, NULL, 10));
	return find(&known, uid, ask_user);
}

/* The name of a group, as tables have names; the id itself if it has none. */
const char *group_name(const char *gid)
{
	static void *known;

	return find(&known, gid, ask_group);
}

static const char *ask_home(const char *uid)
{
	const struct passwd *user = getpwuid(strtoul(uid, NULL, 10));

	return user ? user->pw_dir : NULL;
}

/* A user's home, to be freed; NULL if it is not known. */
char *user_home(const char *uid)
{
	const struct passwd *user = local_user(strtoul(uid, NULL, 10));
	const char *home = user ? user->pw_dir : NULL;

	if (note_record)
		set_add(&asked_users, strtoull(uid, NULL, 10));
	if (!user && !*root_dir && !users_numeric)
		home = ask_in_time(ask_home, uid);
	return home ? xstrdup(home) : NULL;
}

static int by_id_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void sort(struct set *ids)
{
	if (ids->count)
		qsort(ids->list, ids->count, sizeof(*ids->list), by_id_number);
}

/* Asking is bounded, as everywhere here; who is not asked for is known by the id. */
static bool may_ask_in_time(void)
{
	static double first;

	if (!first)
		first = clock_now();
	return asked++ < MAX_ASKED && clock_now() < first + MAX_SECONDS;
}

static const struct passwd *any_user(uid_t uid)
{
	if (*root_dir)
		return local_user(uid);
	return may_ask_in_time() ? getpwuid(uid) : NULL;
}

static const struct group *any_group(gid_t gid)
{
	if (*root_dir)
		return local_group(gid);
	return may_ask_in_time() ? getgrgid(gid) : NULL;
}

/**
 * users_note - record the names of users and groups
 * @uids: those of tables, which are sorted; others that were asked for are added
 * @gids: of groups
 */
void users_note(struct set *uids, struct set *gids)
{
	char *users, *groups;
	size_t length, i;
	FILE *out;

	for (i = 0; i < asked_users.count; i++)
		set_add(uids, asked_users.list[i]);
	sort(uids);
	sort(gids);
	out = xmemstream(&users, &length);
	for (i = 0; i < uids->count && i < MAX_ASKED; i++) {
		const struct passwd *user = any_user(uids->list[i]);

		if (user)
			fprintf(out, "%s:x:%u:%u::%s:\n", user->pw_name,
				user->pw_uid, user->pw_gid, user->pw_dir);
	}
	xfclose(out);
	out = xmemstream(&groups, &length);
	for (i = 0; i < gids->count && i < MAX_ASKED; i++) {
		const struct group *group = any_group(gids->list[i]);

		if (group)
			fprintf(out, "%s:x:%u:\n", group->gr_name,
				group->gr_gid);
	}
	xfclose(out);
	note_text("etc/passwd", users);
	note_text("etc/group", groups);
	free(groups);
	free(users);
}
