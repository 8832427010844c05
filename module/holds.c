// SPDX-License-Identifier: GPL-2.0
/*
 * What files lead to: objects, of tmpfs or below an overlay; sockets with
 * descriptors in flight; and the buffers of DRM nodes. Files are read under a lock
 * that keeps them, so nothing here allocates.
 */
#include <linux/fs.h>

#include "compat.h"
#include "fstype.h"
#include "gem.h"
#include "holds.h"
#include "socket.h"

const char * const shmstat_holder_names[SHMSTAT_NR_HOLDERS] = {
	[SHMSTAT_BY_PROCESS]		= "process",
	[SHMSTAT_BY_SOCKET]		= "socket",
	[SHMSTAT_BY_FRAMEBUFFER]	= "framebuffer",
	[SHMSTAT_BY_UNKNOWN]		= "unknown",
};

/**
 * shmstat_holds_clear - make room for the next files
 * @holds: what files lead to; how far a DRM node was read is kept
 *
 * Context: Any.
 */
void shmstat_holds_clear(struct shmstat_holds *holds)
{
	holds->files = 0;
	holds->count = 0;
	holds->nr_sockets = 0;
	holds->stop = NULL;
	holds->busy = false;
}

static void add_hold(struct shmstat_holds *holds, struct shmstat_id id,
		     enum shmstat_hold_type type)
{
	holds->holds[holds->count++] = (struct shmstat_hold) {
		.id = id, .type = type,
	};
}

static void add_socket(struct shmstat_holds *holds, struct sock *sk, u64 ino)
{
	shmstat_socket_get(sk);
	holds->sockets[holds->nr_sockets].sk = sk;
	holds->sockets[holds->nr_sockets++].ino = ino;
}

/*
 * The inode that has a file's pages. That of an overlay's file is the underlying
 * one, which was opened with it, unless by O_PATH. overlayfs is not called for it,
 * as it could wait for other file systems.
 */
static const struct inode *real_inode(const struct file *file)
{
	if (!shmstat_file_is_overlay(file))
		return file_inode(file);
	if (file->f_mode & FMODE_PATH)
		return NULL;
	return shmstat_inode_probe(shmstat_overlay_file(file));
}

static void read_file(struct shmstat_holds *holds, const struct file *file)
{
	const struct inode *inode = real_inode(file);
	struct shmstat_id id;

	if (inode && shmstat_sb_is_shmem(inode->i_sb))
		add_hold(holds, shmstat_inode_id(inode), SHMSTAT_HOLD_FD);
	else if (inode && shmstat_gem_export(file, &id))
		add_hold(holds, id, SHMSTAT_HOLD_FD);
}

static unsigned int room(const struct shmstat_holds *holds)
{
	return SHMSTAT_HOLDS_BATCH - holds->count;
}

static void read_handles(struct shmstat_holds *holds, const struct file *file)
{
	struct shmstat_id ids[SHMSTAT_HOLDS_BATCH];
	unsigned int count, i;

	count = shmstat_gem_handles(file, &holds->handle, ids, room(holds));
	for (i = 0; i < count; i++)
		add_hold(holds, ids[i], SHMSTAT_HOLD_HANDLE);
}

/**
 * shmstat_holds_device - read what a DRM device keeps
 * @holds: what files lead to; its @position says where to go on
 * @dev: the device; the caller keeps it
 *
 * Context: Any but interrupts. See shmstat_drm_read().
 * Return: true if that was all; false if there is more, also if @holds is @busy.
 */
bool shmstat_holds_device(struct shmstat_holds *holds, struct drm_device *dev)
{
	unsigned int count, i;
	int ret;

	if (room(holds) < SHMSTAT_DRM_STEP)
		return false;
	ret = shmstat_drm_read(dev, &holds->position, holds->uses, room(holds),
			       &count);
	for (i = 0; i < count; i++) {
		const struct shmstat_drm_use *use = &holds->uses[i];

		holds->holds[holds->count++] = (struct shmstat_hold) {
			.id = use->id,
			.type = SHMSTAT_HOLD_MAP,
			.by = use->tgid ? SHMSTAT_BY_PROCESS :
					  SHMSTAT_BY_FRAMEBUFFER,
			.tgid = use->tgid,
			.nr = use->minor,
		};
	}
	holds->busy = ret < 0;
	return !ret;
}

/* Returns true after the last handle, and the last of what the device keeps. */
static bool read_node(struct shmstat_holds *holds, const struct file *file)
{
	if (holds->handle >= 0)
		read_handles(holds, file);
	if (holds->handle >= 0)
		return false;
	return !holds->enter_device ||
	       shmstat_holds_device(holds, shmstat_gem_device(file));
}

/* Returns false if the node is to be read, or read on. */
static bool pass_node(struct shmstat_holds *holds, const struct file *file)
{
	if (file == holds->enter) {
		if (!read_node(holds, file))
			return false;
		holds->enter = NULL;
		return true;
	}
	if (file == holds->pass) {
		holds->pass = NULL;
		return true;
	}
	holds->stop = file;
	holds->stop_device = shmstat_gem_device(file);
	return false;
}

/**
 * shmstat_holds_file - read what a file leads to
 * @holds: added to
 * @file: the file; the caller keeps it
 *
 * Context: Any but interrupts, with the lock held that keeps @file.
 * Return: false if it is to be read again, or read on, after
 *	shmstat_holds_clear(): there was no room, or it is a DRM node.
 */
bool shmstat_holds_file(struct shmstat_holds *holds, const struct file *file)
{
	umode_t mode = file_inode(file)->i_mode;
	struct sock *sk;

	if (holds->files == SHMSTAT_HOLDS_BATCH || !room(holds))
		return false;
	if (S_ISSOCK(mode)) {
		sk = shmstat_socket_of(file);
		if (sk)
			add_socket(holds, sk, file_inode(file)->i_ino);
	} else if (S_ISCHR(mode) && shmstat_gem_file(file)) {
		/* It is on devtmpfs, which is shmem too. */
		if (!pass_node(holds, file))
			return false;
	} else {
		read_file(holds, file);
	}
	holds->files++;
	return true;
}

/**
 * shmstat_holds_connection - note a connection that was not accepted yet
 * @holds: added to
 * @sk: its socket; the caller keeps it
 *
 * Context: Any, with the lock held that keeps @sk.
 * Return: false if there was no room.
 */
bool shmstat_holds_connection(struct shmstat_holds *holds, struct sock *sk)
{
	if (holds->files == SHMSTAT_HOLDS_BATCH)
		return false;
	if (shmstat_socket_has_fds(sk))
		add_socket(holds, sk, 0);
	holds->files++;
	return true;
}
