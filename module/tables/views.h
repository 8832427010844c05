/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The views: each file of /proc/shmstat, and the report, is one source file here,
 * named after it. What several of them collect is in the directory above, so
 * object.c there reads one object and objects.c here lists them all.
 */
#ifndef SHMSTAT_VIEWS_H
#define SHMSTAT_VIEWS_H

#include "../snapshot.h"

extern const struct shmstat_view shmstat_cgroups_view;
extern const struct shmstat_view shmstat_extents_view;
extern const struct shmstat_view shmstat_holders_view;
extern const struct shmstat_view shmstat_maps_view;
extern const struct shmstat_view shmstat_objects_view;
extern const struct shmstat_view shmstat_pages_view;
extern const struct shmstat_view shmstat_report_view;
extern const struct shmstat_view shmstat_snapshot_view;
extern const struct shmstat_view shmstat_summary_view;
extern const struct shmstat_view shmstat_superblocks_view;
extern const struct shmstat_view shmstat_sysv_view;

/* The tables that can be read together, up to NULL, in the order of the manual. */
extern const struct shmstat_view * const shmstat_tables[];

/* The module parameter "rows": maximum length of the report's last two tables. */
extern unsigned int shmstat_report_rows;
#define SHMSTAT_REPORT_ROWS_MAX	1000

#endif /* SHMSTAT_VIEWS_H */
