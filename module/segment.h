/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System V segments, as their IPC namespaces know them.
 */
#ifndef SHMSTAT_SEGMENT_H
#define SHMSTAT_SEGMENT_H

#include "set.h"
#include "snapshot.h"

/**
 * struct shmstat_segment - one segment of one IPC namespace
 * @id: the object behind it; valid if @known
 * @size: bytes, as asked of shmget(2); like what follows up to @swapped
 *	SHMSTAT_NONE unless @known
 * @nattch: how often it is attached
 * @cpid: who made it, in the reader's pid namespace
 * @lpid: who attached or detached it last
 * @atime: seconds since 1970 of the last attach, or 0
 * @dtime: of the last detach, or 0
 * @ctime: of the creation or last change
 * @resident: bytes in page cache
 * @swapped: bytes in swap
 * @ipcns: inode number of the IPC namespace
 * @key: of shmget(2)
 * @shmid: of shmat(2)
 * @uid: owner
 * @gid: group
 * @cuid: owner at creation
 * @cgid: group at creation
 * @mode: permissions and SHM_DEST, SHM_LOCKED
 * @known: whether the private part of the kernel's record could be read
 */
struct shmstat_segment {
	struct shmstat_id id;
	u64 size;
	u64 nattch;
	u64 cpid;
	u64 lpid;
	u64 atime;
	u64 dtime;
	u64 ctime;
	u64 resident;
	u64 swapped;
	u32 ipcns;
	u32 key;
	u32 shmid;
	kuid_t uid;
	kgid_t gid;
	kuid_t cuid;
	kgid_t cgid;
	u16 mode;
	bool known;
};

/* Bits of a segment's mode, as /proc/sysvipc/shm prints them. */
#define SHMSTAT_SHM_DEST	01000
#define SHMSTAT_SHM_LOCKED	02000

/**
 * typedef shmstat_segment_fn - called for each segment
 *
 * With the number of the walk over its IPC namespace. May sleep; anything but 0
 * ends the scan.
 */
typedef int (*shmstat_segment_fn)(const struct shmstat_segment *seg, u32 walk,
				  void *arg);

/**
 * typedef shmstat_void_fn - called when a walk is begun anew
 *
 * What it found is void: its namespace was left by all tasks that it was met
 * through, and may be another one now at the same address.
 */
typedef int (*shmstat_void_fn)(u32 walk, void *arg);

int shmstat_scan_segments(struct shmstat_snapshot *snap,
			  shmstat_segment_fn found, shmstat_void_fn is_void,
			  void *arg);
int shmstat_scan_dest(struct shmstat_snapshot *snap, struct shmstat_set *dest);

#endif /* SHMSTAT_SEGMENT_H */
