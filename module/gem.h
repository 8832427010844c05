/* SPDX-License-Identifier: GPL-2.0 */
/*
 * GPU buffers: the GEM handles of an open file of a DRM node.
 */
#ifndef SHMSTAT_GEM_H
#define SHMSTAT_GEM_H

#include <linux/types.h>

struct file;
struct shmstat_id;

bool shmstat_gem_file(const struct file *file);
bool shmstat_gem_export(const struct file *file, struct shmstat_id *id);
unsigned int shmstat_gem_handles(const struct file *file, int *handle,
				 struct shmstat_id *ids, unsigned int room);

#endif /* SHMSTAT_GEM_H */
