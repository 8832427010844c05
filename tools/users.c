// SPDX-License-Identifier: GPL-2.0
/*
 * Names of users and groups. Each is asked for once, as it may take a server to
 * answer.
 */
#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "users.h"

struct known {
	char *id;
	char *name;
};

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->id,
		      ((const struct known *)b)->id);
}

/* The kernel's "-" is no user. */
static const char *ask_user(const char *uid)
{
	const struct passwd *user = NULL;

	if (strcmp(uid, "-"))
		user = getpwuid(strtoul(uid, NULL, 10));
	return user ? user->pw_name : uid;
}

static const char *ask_group(const char *gid)
{
	const struct group *group = NULL;

	if (strcmp(gid, "-"))
		group = getgrgid(strtoul(gid, NULL, 10));
	return group ? group->gr_name : gid;
}

static const char *find(void **known, const char *id,
			const char *(*ask)(const char *id))
{
	struct known key = { .id = (char *)id }, *new, **found;

	found = tfind(&key, known, by_id);
	if (found)
		return (*found)->name;
	new = malloc(sizeof(*new));
	if (!new)
		err(1, "names");
	new->id = strdup(id);
	new->name = strdup(ask(id));
	if (!new->id || !new->name || !tsearch(new, known, by_id))
		err(1, "names");
	return new->name;
}

/* The name of a user; the id itself if it has none. */
const char *user_name(const char *uid)
{
	static void *known;

	return find(&known, uid, ask_user);
}

/* The name of a group; the id itself if it has none. */
const char *group_name(const char *gid)
{
	static void *known;

	return find(&known, gid, ask_group);
}
