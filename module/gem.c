// SPDX-License-Identifier: GPL-2.0
/*
 * GPU buffers behind descriptors: the GEM handles of a DRM node, and descriptors
 * to which buffers were exported. Only structures of DRM's public headers are
 * read. No function of DRM is called, so drm.ko is not needed and can be unloaded.
 */
#include <linux/dcache.h>
#include <linux/dma-buf.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_ioctl.h>

#include "compat.h"
#include "fstype.h"
#include "gem.h"
#include "inode.h"

/**
 * shmstat_gem_file - check whether a file is an open DRM node
 * @file: any file; the caller keeps it
 *
 * Context: Any.
 * Return: true if it is.
 */
bool shmstat_gem_file(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	return S_ISCHR(inode->i_mode) && file->private_data &&
	       (imajor(inode) == DRM_MAJOR ||
		imajor(inode) == SHMSTAT_ACCEL_MAJOR);
}

/**
 * shmstat_gem_probe - find the object of what may be a GEM buffer
 * @buffer: its address, which may be invalid
 * @size: set to the buffer's size
 * @id: set to the buffer's object
 *
 * Context: Any.
 * Return: true if, read as a buffer, it leads to an object of its size.
 */
bool shmstat_gem_probe(const struct drm_gem_object *buffer, size_t *size,
		       struct shmstat_id *id)
{
	const struct inode *inode;
	struct file *filp;

	if (copy_from_kernel_nofault(size, &buffer->size, sizeof(*size)) ||
	    copy_from_kernel_nofault(&filp, &buffer->filp, sizeof(filp)))
		return false;
	inode = shmstat_inode_probe(filp);
	if (!inode || i_size_read(inode) != *size)
		return false;
	*id = shmstat_inode_id(inode);
	return true;
}

/**
 * shmstat_gem_object - find the object of a GEM buffer
 * @buffer: the buffer; the caller keeps it
 * @id: set to the buffer's object
 *
 * Context: Any.
 * Return: true if it has one: not every driver has its buffers in shmem.
 */
bool shmstat_gem_object(const struct drm_gem_object *buffer,
			struct shmstat_id *id)
{
	if (!buffer->filp ||
	    !shmstat_sb_is_shmem(file_inode(buffer->filp)->i_sb))
		return false;
	*id = shmstat_inode_id(file_inode(buffer->filp));
	return true;
}

/* A dma-buf can be that of any driver: one of a GEM buffer has the same size. */
static bool find_object(const struct dma_buf *dmabuf, struct shmstat_id *id)
{
	size_t size;

	return shmstat_gem_probe(dmabuf->priv, &size, id) &&
	       size == dmabuf->size;
}

/**
 * shmstat_gem_export - find the GEM buffer that was exported to a file
 * @file: any file; the caller keeps it
 * @id: set to the buffer's object
 *
 * An exported buffer lives as long as its dentry, which O_PATH keeps as well. Such
 * a file has no private data.
 *
 * Context: Any.
 * Return: true if there is one.
 */
bool shmstat_gem_export(const struct file *file, struct shmstat_id *id)
{
	const struct dma_buf *dmabuf;

	if (file_inode(file)->i_sb->s_magic != DMA_BUF_MAGIC)
		return false;
	dmabuf = file->f_path.dentry->d_fsdata;
	return dmabuf && find_object(dmabuf, id);
}

/*
 * The objects of a buffer: its own, and that of another device's buffer if it was
 * imported from there. Some drivers make an empty file for an imported one. Returns
 * how many there are, up to SHMSTAT_GEM_OBJECTS.
 */
static unsigned int read_buffer(const struct drm_gem_object *buffer,
				struct shmstat_id *ids)
{
	unsigned int count = 0;

	if (shmstat_gem_object(buffer, &ids[count]))
		count++;
	if (buffer->import_attach &&
	    find_object(buffer->import_attach->dmabuf, &ids[count]))
		count++;
	return count;
}

/**
 * shmstat_gem_handles - find the buffers that an open DRM node has handles of
 * @file: a shmstat_gem_file(); the caller keeps it
 * @handle: the handle to go on from, 0 at first; set to -1 after the last
 * @ids: set to the buffers' objects
 * @max: maximum number of @ids; none are read if it is below SHMSTAT_GEM_OBJECTS
 *
 * Context: Any but interrupts. Takes the table_lock of @file.
 * Return: number of @ids that were set.
 */
unsigned int shmstat_gem_handles(const struct file *file, int *handle,
				 struct shmstat_id *ids, unsigned int max)
{
	struct drm_file *priv = file->private_data;
	struct drm_gem_object *buffer;
	unsigned int count = 0, handles;

	if (!drm_core_check_feature(priv->minor->dev, DRIVER_GEM)) {
		*handle = -1;
		return 0;
	}
	spin_lock(&priv->table_lock);
	for (handles = 0; handles < max; handles++) {
		if (count + SHMSTAT_GEM_OBJECTS > max)
			break;
		buffer = idr_get_next(&priv->object_idr, handle);
		if (!buffer) {
			*handle = -1;
			break;
		}
		++*handle;
		count += read_buffer(buffer, ids + count);
	}
	spin_unlock(&priv->table_lock);
	return count;
}

/**
 * shmstat_gem_device - get the device of an open DRM node
 * @file: a shmstat_gem_file(); the caller keeps it, and with it the device
 *
 * Context: Any.
 * Return: the device.
 */
struct drm_device *shmstat_gem_device(const struct file *file)
{
	const struct drm_file *priv = file->private_data;

	return priv->minor->dev;
}
