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
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include "gem.h"
#include "hold.h"

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

/* The buffer with the lowest handle from *handle on; false after the last. */
static bool next_buffer(struct drm_file *priv, int *handle,
			struct shmstat_id *id)
{
	struct drm_gem_object *buffer;

	*id = (struct shmstat_id) {};
	spin_lock(&priv->table_lock);
	buffer = idr_get_next(&priv->object_idr, handle);
	/* Not every driver keeps its buffers in shared memory. */
	if (buffer && buffer->filp &&
	    shmstat_super_ours(file_inode(buffer->filp)->i_sb))
		*id = shmstat_inode_id(file_inode(buffer->filp));
	spin_unlock(&priv->table_lock);
	return buffer;
}

/**
 * shmstat_gem_scan - note the buffers that a process has handles to
 * @snap: the snapshot, after shmstat_objects_index()
 * @file: an open DRM node of the process, held
 * @who: the process
 *
 * Context: Process context, may sleep; takes the file's table_lock.
 * Return: 0, -ENOMEM or -EINTR.
 */
int shmstat_gem_scan(struct shmstat_snapshot *snap, struct file *file,
		     const struct shmstat_who *who)
{
	struct drm_file *priv = file->private_data;
	struct shmstat_object *obj;
	struct shmstat_id id;
	int handle = 0;
	int ret = 0;

	if (!drm_core_check_feature(priv->minor->dev, DRIVER_GEM))
		return 0;

	for (; !ret && next_buffer(priv, &handle, &id); handle++) {
		obj = shmstat_object_find(snap, &id);
		if (obj)
			ret = shmstat_holder_add(snap, obj, who,
						 SHMSTAT_HOLD_HANDLE);
		cond_resched();
		if (!ret && fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
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

int shmstat_gem_scan(struct shmstat_snapshot *snap, struct file *file,
		     const struct shmstat_who *who)
{
	return 0;
}

#endif
