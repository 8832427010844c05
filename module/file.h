/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files of views, in procfs and debugfs.
 */
#ifndef SHMSTAT_FILE_H
#define SHMSTAT_FILE_H

#include <linux/fs.h>

struct proc_dir_entry;
struct shmstat_view;

/* For debugfs_create_file_unsafe() with a &struct shmstat_view as data. */
extern const struct file_operations shmstat_debugfs_ops;

int shmstat_proc_create(const struct shmstat_view *view,
			struct proc_dir_entry *dir);

#endif /* SHMSTAT_FILE_H */
