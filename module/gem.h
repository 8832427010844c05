/* SPDX-License-Identifier: GPL-2.0 */
/*
 * GPU buffers behind descriptors: GEM handles, and exported buffers.
 */
#ifndef SHMSTAT_GEM_H
#define SHMSTAT_GEM_H

#include <linux/kconfig.h>
#include <linux/types.h>

struct drm_device;
struct drm_gem_object;
struct file;
struct shmstat_id;

/* Maximum number of objects that one buffer leads to. */
#define SHMSTAT_GEM_OBJECTS	2

#if IS_ENABLED(CONFIG_DRM)
bool shmstat_gem_file(const struct file *file);
bool shmstat_gem_export(const struct file *file, struct shmstat_id *id);
bool shmstat_gem_probe(const struct drm_gem_object *buffer, size_t *size,
		       struct shmstat_id *id);
bool shmstat_gem_object(const struct drm_gem_object *buffer,
			struct shmstat_id *id);
unsigned int shmstat_gem_handles(const struct file *file, int *handle,
				 struct shmstat_id *ids, unsigned int max);
struct drm_device *shmstat_gem_device(const struct file *file);
#else
static inline bool shmstat_gem_file(const struct file *file)
{
	return false;
}

static inline bool shmstat_gem_export(const struct file *file,
				      struct shmstat_id *id)
{
	return false;
}

static inline unsigned int shmstat_gem_handles(const struct file *file,
					       int *handle,
					       struct shmstat_id *ids,
					       unsigned int max)
{
	*handle = -1;
	return 0;
}

static inline struct drm_device *shmstat_gem_device(const struct file *file)
{
	return NULL;
}
#endif

#endif /* SHMSTAT_GEM_H */
