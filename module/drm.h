/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a DRM device keeps besides the handles of processes: framebuffers, and
 * buffers that are mapped.
 */
#ifndef SHMSTAT_DRM_H
#define SHMSTAT_DRM_H

#include <linux/kconfig.h>
#include <linux/types.h>

#include "inode.h"

struct drm_device;

/**
 * struct shmstat_drm_use - a framebuffer or a mapping of a buffer
 * @id: the buffer's object
 * @minor: for a framebuffer: number of the device's primary node
 * @tgid: for a mapping: pid of the process in the initial pid namespace; 0 for a
 *	framebuffer
 */
struct shmstat_drm_use {
	struct shmstat_id id;
	int minor;
	pid_t tgid;
};

/**
 * struct shmstat_drm_position - how far a device was read
 * @object: the mode object to go on from; -1 after the last
 * @page: the page offset to go on from among mappings
 * @skip: mappings at that offset that were read
 */
struct shmstat_drm_position {
	int object;
	unsigned long page;
	u32 skip;
};

/* Maximum number of uses that one step of shmstat_drm_read() adds. */
#define SHMSTAT_DRM_STEP	4

/**
 * typedef shmstat_drm_fn - called for each device
 * @dev: the device, kept during the call
 * @arg: the argument of shmstat_drm_visit_devices()
 *
 * Context: Process context, may sleep, but must not allocate.
 * Return: true if it is to be called again for the same device, after @between.
 */
typedef bool (*shmstat_drm_fn)(struct drm_device *dev, void *arg);

#if IS_ENABLED(CONFIG_DRM)
int shmstat_drm_read(struct drm_device *dev,
		     struct shmstat_drm_position *position,
		     struct shmstat_drm_use *uses, unsigned int max,
		     unsigned int *count);
int shmstat_drm_visit_devices(shmstat_drm_fn visit, int (*between)(void *arg),
			      void *arg);
#else
static inline int shmstat_drm_read(struct drm_device *dev,
				   struct shmstat_drm_position *position,
				   struct shmstat_drm_use *uses,
				   unsigned int max, unsigned int *count)
{
	*count = 0;
	return 0;
}

static inline int shmstat_drm_visit_devices(shmstat_drm_fn visit,
					    int (*between)(void *arg),
					    void *arg)
{
	return 0;
}
#endif

#endif /* SHMSTAT_DRM_H */
