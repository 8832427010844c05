// SPDX-License-Identifier: GPL-2.0
/*
 * Cgroups, by their paths as tables have them.
 */
#include <stdlib.h>
#include <string.h>

#include "beside.h"
#include "cgroup.h"
#include "container.h"
#include "text.h"
#include "xalloc.h"

/* Whether a cgroup is called so: as the overview names it, or as its text is. */
static bool is_called(const char *path, const char *name)
{
	char *text;
	bool same;

	if (!strcmp(cgroup_name(path), name))
		return true;
	text = cgroup_text(path);
	same = !strcmp(text, name);
	free(text);
	return same;
}

/*
 * Whether a cgroup is the one that a person means, by a path or by the name that
 * the overview shows, or is below that one.
 */
bool cgroup_is(const char *path, const char *wanted)
{
	size_t length = strlen(wanted);
	const char *end = path;
	char *above;
	bool same;

	if (*wanted == '/') {
		while (length && wanted[length - 1] == '/')
			length--;
		return !strncmp(path, wanted, length) &&
		       (!path[length] || path[length] == '/');
	}
	if (is_called(path, wanted))
		return true;
	while (*end && (end = strchr(end + 1, '/'))) {
		above = xstrndup(path, end - path);
		same = is_called(above, wanted);
		free(above);
		if (same)
			return true;
	}
	return false;
}

/* Whether it has a directory. */
bool cgroup_exists(const char *path)
{
	struct stat st;

	return *path == '/' && beside_cgroup(path, &st);
}

/* Whether the kernel says that it was removed, rather than being called that. */
bool cgroup_gone(const char *path)
{
	size_t length = strlen(path);

	return stem_length(path, length, "\\040(deleted)") < length &&
	       !cgroup_exists(path);
}
