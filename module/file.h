/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files of a view.
 */
#ifndef SHMSTAT_FILE_H
#define SHMSTAT_FILE_H

#include "snapshot.h"

struct proc_dir_entry;

/* For a file whose data is its &struct shmstat_view. */
extern const struct file_operations shmstat_debugfs_ops;

int shmstat_proc_create(const struct shmstat_view *view,
			struct proc_dir_entry *dir);

#endif /* SHMSTAT_FILE_H */
