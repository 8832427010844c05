// SPDX-License-Identifier: GPL-2.0
/*
 * GPU buffers: the GEM handles of an open file of a DRM node, and descriptors
 * that buffers were exported as. Only structures of DRM's public headers are
 * read and none of its functions is called, so drm.ko stays optional and can be
 * unloaded.
 */
#include <linux/dma-buf.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include "gem.h"
#include "inode.h"
#include "super.h"

#if IS_ENABLED(CONFIG_DRM)

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>

/* <drm/drm_accel.h>, from v6.2. */
#define ACCEL_MAJOR	261

/**
 * shmstat_gem_file - whether a file is an open DRM node
 * @file: any file
 */
bool shmstat_gem_file(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	return S_ISCHR(inode->i_mode) && file->private_data &&
	       (imajor(inode) == DRM_MAJOR || imajor(inode) == ACCEL_MAJOR);
}

/**
 * shmstat_gem_export - the buffer behind a descriptor that one was exported as
 * @file: any file
 * @id: the object
 *
 * A dma-buf can be anything's. It is taken for a GEM buffer only where, read as
 * one, it has the right size and leads to a file of ours of that size.
 *
 * Context: Any; the caller keeps the file.
 * Return: false if the file is something else.
 */
bool shmstat_gem_export(const struct file *file, struct shmstat_id *id)
{
	const struct drm_gem_object *buffer;
	const struct dma_buf *dmabuf;
	const struct inode *inode;
	struct file *filp;
	size_t size;

	if (file_inode(file)->i_sb->s_magic != DMA_BUF_MAGIC)
		return false;
	dmabuf = file->private_data;
	buffer = dmabuf->priv;
	if (copy_from_kernel_nofault(&size, &buffer->size, sizeof(size)) ||
	    copy_from_kernel_nofault(&filp, &buffer->filp, sizeof(filp)) ||
	    size != dmabuf->size)
		return false;
	inode = shmstat_inode_probe(filp);
	if (!inode || i_size_read(inode) != size)
		return false;
	*id = shmstat_inode_id(inode);
	return true;
}

/**
 * shmstat_gem_handles - the buffers that an open DRM node has handles to
 * @file: a shmstat_gem_file()
 * @handle: the handle to go on from, at first 0; set to -1 after the last
 * @ids: where to put the objects
 * @room: how many handles are looked at, at most
 *
 * Context: Any but interrupts; the caller keeps the file. Takes its table_lock.
 * Return: how many of @ids were set.
 */
unsigned int shmstat_gem_handles(const struct file *file, int *handle,
				 struct shmstat_id *ids, unsigned int room)
{
	struct drm_file *priv = file->private_data;
	struct drm_gem_object *buffer;
	unsigned int count = 0;

	if (!drm_core_check_feature(priv->minor->dev, DRIVER_GEM)) {
		*handle = -1;
		return 0;
	}
	spin_lock(&priv->table_lock);
	for (; room; room--) {
		buffer = idr_get_next(&priv->object_idr, handle);
		if (!buffer) {
			*handle = -1;
			break;
		}
		++*handle;
		/* Not every driver keeps its buffers in shared memory. */
		if (buffer->filp &&
		    shmstat_sb_is_shmem(file_inode(buffer->filp)->i_sb))
			ids[count++] = shmstat_inode_id(file_inode(buffer->filp));
	}
	spin_unlock(&priv->table_lock);
	return count;
}

#else /* !CONFIG_DRM */

bool shmstat_gem_file(const struct file *file)
{
	return false;
}

bool shmstat_gem_export(const struct file *file, struct shmstat_id *id)
{
	return false;
}

unsigned int shmstat_gem_handles(const struct file *file, int *handle,
				 struct shmstat_id *ids, unsigned int room)
{
	*handle = -1;
	return 0;
}

#endif
