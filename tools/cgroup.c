// SPDX-License-Identifier: GPL-2.0
/*
 * Cgroups, by their paths as tables have them.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "container.h"
#include "process.h"
#include "text.h"
#include "xalloc.h"

/*
 * Whether a cgroup is the one that a person means, by a path or by the name that
 * the overview shows, or is below that path.
 */
bool cgroup_is(const char *path, const char *wanted)
{
	size_t length = strlen(wanted);
	char *text;
	bool same;

	if (*wanted == '/') {
		while (length && wanted[length - 1] == '/')
			length--;
		return !strncmp(path, wanted, length) &&
		       (!path[length] || path[length] == '/');
	}
	if (!strcmp(cgroup_name(path), wanted))
		return true;
	text = cgroup_text(path);
	same = !strcmp(text, wanted);
	free(text);
	return same;
}

/* Whether it has a directory. */
bool cgroup_exists(const char *path)
{
	static const char *const roots[] = { "", "/memory" };
	char *raw = unescape_text(xstrdup(path));
	bool found = false;
	size_t i;

	for (i = 0; i < 2; i++) {
		char *dir = xasprintf("%s/../sys/fs/cgroup%s%s", proc_dir,
				      roots[i], raw);

		found |= *raw == '/' && !access(dir, F_OK);
		free(dir);
	}
	free(raw);
	return found;
}

/* Whether the kernel says that it was removed, rather than being called that. */
bool cgroup_gone(const char *path)
{
	static const char suffix[] = "\\040(deleted)";
	size_t length = strlen(path);

	return length >= sizeof(suffix) - 1 &&
	       !strcmp(path + length - (sizeof(suffix) - 1), suffix) &&
	       !cgroup_exists(path);
}
