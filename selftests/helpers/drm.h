/* SPDX-License-Identifier: GPL-2.0 */
/*
 * GPU buffers without a GPU.
 */
#ifndef HELPERS_DRM_H
#define HELPERS_DRM_H

#include <stddef.h>

/* Descriptor of the open DRM node of a driver, and its minor; -1 if none. */
int open_drm(const char *driver, int *minor);
int open_vgem(void);
/* A buffer of it: its handle, 0 if that failed; *offset is for mmap(2). */
unsigned int vgem_buffer(int fd, size_t size, unsigned long long *offset);

#endif /* HELPERS_DRM_H */
