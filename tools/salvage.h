/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be read of a damaged database.
 */
#ifndef SHMSTAT_TOOLS_SALVAGE_H
#define SHMSTAT_TOOLS_SALVAGE_H

#include <sqlite3.h>

/**
 * struct salvaged - a table that is wanted
 * @name: its name
 * @columns: its columns, with commas between them
 */
struct salvaged {
	const char *name;
	const char *columns;
};

sqlite3 *salvage(sqlite3 *db, const char *path, const struct salvaged *tables);

#endif /* SHMSTAT_TOOLS_SALVAGE_H */
