/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System V segments, as their IPC namespaces know them.
 */
#ifndef SHMSTAT_SEGMENT_H
#define SHMSTAT_SEGMENT_H

#include <linux/types.h>
#include <linux/uidgid.h>

#include "inode.h"
#include "set.h"

/**
 * struct shmstat_segment - a segment of an IPC namespace
 * @id: the object; set if @known
 * @size: bytes, as given to shmget(2); this and the members up to @swapped are
 *	SHMSTAT_NONE unless @known
 * @nattch: number of attaches
 * @cpid: pid of the creator in the reader's pid namespace
 * @lpid: pid of the last shmat(2) or shmdt(2) in the reader's pid namespace
 * @atime: time of the last shmat(2), seconds since 1970; 0 if there was none
 * @dtime: time of the last shmdt(2), seconds since 1970; 0 if there was none
 * @ctime: time of the creation or last change, seconds since 1970
 * @resident: bytes in page cache
 * @swapped: bytes in swap
 * @ipcns: inode number of the IPC namespace
 * @key: key of shmget(2)
 * @shmid: identifier for shmat(2)
 * @uid: owner
 * @gid: group
 * @cuid: owner at creation
 * @cgid: group at creation
 * @mode: permissions, SHMSTAT_SHM_DEST and SHMSTAT_SHM_LOCKED
 * @known: the private part of the kernel's record could be read
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

/* SHM_DEST and SHM_LOCKED of a segment's mode, as in /proc/sysvipc/shm. */
#define SHMSTAT_SHM_DEST	01000
#define SHMSTAT_SHM_LOCKED	02000

/**
 * typedef shmstat_segment_fn - called for each segment
 * @seg: the segment
 * @walk: number of the walk over its IPC namespace
 * @arg: the argument of shmstat_scan_segments()
 *
 * Context: Process context, may sleep.
 * Return: 0; anything else ends the scan.
 */
typedef int (*shmstat_segment_fn)(const struct shmstat_segment *seg, u32 walk,
				  void *arg);

/**
 * typedef shmstat_void_fn - called when the segments of a walk do not count
 * @walk: number of the walk
 * @arg: the argument of shmstat_scan_segments()
 *
 * All tasks that the IPC namespace was found through have left it, and another one
 * may be at the same address now. A new walk over what is there follows.
 *
 * Context: Process context, may sleep.
 * Return: 0; anything else ends the scan.
 */
typedef int (*shmstat_void_fn)(u32 walk, void *arg);

#ifdef CONFIG_SYSVIPC
int shmstat_scan_segments(struct shmstat_budget *budget,
			  shmstat_segment_fn found, shmstat_void_fn is_void,
			  void *arg);
int shmstat_scan_dest(struct shmstat_set *dest, struct shmstat_budget *budget);
#else
static inline int shmstat_scan_segments(struct shmstat_budget *budget,
					shmstat_segment_fn found,
					shmstat_void_fn is_void, void *arg)
{
	return 0;
}

static inline int shmstat_scan_dest(struct shmstat_set *dest,
				    struct shmstat_budget *budget)
{
	return 0;
}
#endif

#endif /* SHMSTAT_SEGMENT_H */
