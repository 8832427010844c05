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

static const char *ask_group(const char *gid)
{
	const struct group *group = getgrgid(strtoul(gid, NULL, 10));

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

/* The name of a user, as tables have names; the id itself if it has none. */
const char *user_name(const char *uid)
{
	static void *known;

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

	if (!user && !*root_dir && !users_numeric)
		home = ask_in_time(ask_home, uid);
	return home ? xstrdup(home) : NULL;
}
