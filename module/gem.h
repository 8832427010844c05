/* SPDX-License-Identifier: GPL-2.0 */
/*
 * GPU buffers: the GEM handles of an open file of a DRM node.
 */
#ifndef SHMSTAT_GEM_H
#define SHMSTAT_GEM_H

#include <linux/types.h>

struct file;
struct shmstat_id;
struct shmstat_snapshot;
struct shmstat_who;

bool shmstat_gem_file(const struct file *file);
bool shmstat_gem_export(const struct file *file, struct shmstat_id *id);
int shmstat_gem_scan(struct shmstat_snapshot *snap, struct file *file,
		     const struct shmstat_who *who);

#endif /* SHMSTAT_GEM_H */
