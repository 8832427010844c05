// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/shmstat/snapshot: several tables of one walk, so that they agree.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "views.h"

const struct shmstat_view * const shmstat_tables[] = {
	&shmstat_summary_view,
	&shmstat_objects_view,
	&shmstat_superblocks_view,
	&shmstat_pages_view,
	&shmstat_maps_view,
	&shmstat_holders_view,
	&shmstat_cgroups_view,
	&shmstat_sysv_view,
	NULL
};

static const struct shmstat_view *find_table(const char *name)
{
	const struct shmstat_view * const *table;

	for (table = shmstat_tables; *table; table++)
		if (!strcmp((*table)->name, name))
			return *table;
	return NULL;
}

/* Accepts names of tables, each once, between spaces, tabs and newlines. */
static int choose(char *text, const struct shmstat_view **views)
{
	const struct shmstat_view *table;
	int count = 0, i;
	char *name;

	BUILD_BUG_ON(ARRAY_SIZE(shmstat_tables) - 1 > SHMSTAT_MAX_VIEWS);
	while ((name = strsep(&text, " \t\n"))) {
		if (!*name)
			continue;
		table = find_table(name);
		if (!table)
			return -EINVAL;
		for (i = 0; i < count; i++)
			if (views[i] == table)
				return -EINVAL;
		views[count++] = table;
	}
	return count ?: -EINVAL;
}

const struct shmstat_view shmstat_snapshot_view = {
	.name	= "snapshot",
	.choose	= choose,
};
