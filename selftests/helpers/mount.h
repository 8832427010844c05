/* SPDX-License-Identifier: GPL-2.0 */
/*
 * File systems of the test's own: tmpfs, overlays, and FUSE without an answer.
 */
#ifndef HELPERS_MOUNT_H
#define HELPERS_MOUNT_H

/* A mount namespace of its own, where mounts stay private. */
int own_mounts(void);
/* A tmpfs at a new directory, in a mount namespace of its own. */
const char *own_tmpfs(const char *options);
/* A new file on such a tmpfs: its descriptor, or -1, and its path. */
int own_tmpfs_file(const char *options, char path[128]);

/* Inodes in use of a file system, as df -i says. */
unsigned long inodes_of(const char *dir);

/* The directories of an overlay, in the working directory: 0 or -1. */
int make_overlay_dirs(void);
/* Mounts such an overlay at "merged". */
int mount_overlay(void);

/* A file system whose daemon would read this descriptor; -1 with errno. */
int mount_fuse(const char *dir);
/* Mounts it and starts that daemon, which answers no lookup, ever. */
int mount_fuse_without_lookups(const char *dir);

#endif /* HELPERS_MOUNT_H */
