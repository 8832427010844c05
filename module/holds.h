/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What files lead to: objects, sockets, and the buffers of DRM nodes.
 */
#ifndef SHMSTAT_HOLDS_H
#define SHMSTAT_HOLDS_H

#include <linux/types.h>

#include "drm.h"
#include "inode.h"

struct drm_device;
struct file;
struct sock;
struct task_struct;

/**
 * enum shmstat_hold_type - how an object is held
 * @SHMSTAT_HOLD_FD: by a descriptor
 * @SHMSTAT_HOLD_MAP: by a mapping; only those of DRM nodes are found here, others
 *	by shmstat_mappers_get()
 * @SHMSTAT_HOLD_HANDLE: by a GPU handle
 * @SHMSTAT_NR_HOLD_TYPES: number of types
 */
enum shmstat_hold_type {
	SHMSTAT_HOLD_FD,
	SHMSTAT_HOLD_MAP,
	SHMSTAT_HOLD_HANDLE,
	SHMSTAT_NR_HOLD_TYPES,
};

/**
 * enum shmstat_holder - what holds an object
 * @SHMSTAT_BY_PROCESS: a process
 * @SHMSTAT_BY_SOCKET: an AF_UNIX socket, which was sent a descriptor that nobody
 *	has received
 * @SHMSTAT_BY_FRAMEBUFFER: a framebuffer of a DRM device
 * @SHMSTAT_BY_UNKNOWN: none of these, for tables
 * @SHMSTAT_NR_HOLDERS: number of these
 */
enum shmstat_holder {
	SHMSTAT_BY_PROCESS,
	SHMSTAT_BY_SOCKET,
	SHMSTAT_BY_FRAMEBUFFER,
	SHMSTAT_BY_UNKNOWN,
	SHMSTAT_NR_HOLDERS,
};

/* Indexed by &enum shmstat_holder. */
extern const char * const shmstat_holder_names[SHMSTAT_NR_HOLDERS];

/**
 * struct shmstat_hold - one way in which an object is held
 * @id: the object
 * @type: of how a process or socket holds it
 * @by: what holds it
 * @task: the process's task, of which a reference is held during the call; NULL if
 *	only @tgid is known
 * @tgid: the process's pid in the initial pid namespace, otherwise 0
 * @nr: number of the socket, or of the DRM device's primary node
 * @walk: number of the walk over a descriptor table that found it, otherwise 0
 */
struct shmstat_hold {
	struct shmstat_id id;
	enum shmstat_hold_type type;
	enum shmstat_holder by;
	struct task_struct *task;
	pid_t tgid;
	u32 nr;
	u32 walk;
};

/*
 * Maximum number of files, and of what they lead to, that are read under one hold
 * of a lock that users wait for. It takes about 10 us.
 */
#define SHMSTAT_HOLDS_BATCH	32

/**
 * struct shmstat_holds - what files lead to that are read under one hold of a lock
 * @files: number of files that were read
 * @count: number of @holds
 * @holds: what leads to objects
 * @nr_sockets: number of @sockets
 * @sockets: sockets with descriptors in flight to them, with a reference, and
 *	their inode numbers; 0 for a connection that was not accepted yet
 * @stop: the DRM node at which reading stopped, only to be compared. The caller
 *	decides whether to @enter it or to @pass it, and reads again
 * @stop_device: its device, only to be compared
 * @enter: the DRM node whose handles are read
 * @handle: the handle to go on from; -1 after the last
 * @enter_device: then read what its device keeps
 * @position: how far its device was read
 * @busy: reading stopped because of a lock that somebody has
 * @pass: the DRM node to be passed over
 * @uses: for what a device keeps
 */
struct shmstat_holds {
	unsigned int files;
	unsigned int count;
	struct shmstat_hold holds[SHMSTAT_HOLDS_BATCH];
	unsigned int nr_sockets;
	struct {
		struct sock *sk;
		u64 ino;
	} sockets[SHMSTAT_HOLDS_BATCH];
	const struct file *stop;
	const struct drm_device *stop_device;
	const struct file *enter;
	int handle;
	bool enter_device;
	struct shmstat_drm_position position;
	bool busy;
	const struct file *pass;
	struct shmstat_drm_use uses[SHMSTAT_HOLDS_BATCH];
};

void shmstat_holds_clear(struct shmstat_holds *holds);
bool shmstat_holds_file(struct shmstat_holds *holds, const struct file *file);
bool shmstat_holds_connection(struct shmstat_holds *holds, struct sock *sk);
bool shmstat_holds_device(struct shmstat_holds *holds, struct drm_device *dev);

#endif /* SHMSTAT_HOLDS_H */
