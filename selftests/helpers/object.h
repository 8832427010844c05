/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects: made by the thousand, and found in shmstat's tables.
 */
#ifndef HELPERS_OBJECT_H
#define HELPERS_OBJECT_H

#include <sys/types.h>

#include "table.h"

#define ID_SIZE	80

/* The row of an inode in "objects"; -1 if there is none. */
int row_of_inode(const struct table *t, dev_t dev, ino_t ino,
		 const char *name);
int row_of_fd(const struct table *t, int fd);
int row_of_mapping(const struct table *t, const void *address);
/* The row in "superblocks" of the file system that a path is on; -1 if none. */
int row_of_superblock(const struct table *t, const char *path);
/* The id of what a descriptor or mapping leads to; "" if it is not listed. */
void id_of_fd(int fd, char id[ID_SIZE]);
void id_of_mapping(const void *address, char id[ID_SIZE]);
void id_of_segment(int shmid, char id[ID_SIZE]);

/* Empty files in a directory, called 0, 1, 2...: how many could be made. */
int make_files(const char *dir, int count);
void remove_files(const char *dir, int count);
/* memfds that stay open, for which the limit of descriptors is raised. */
int make_memfds(int count, const char *name);
/* An object of each sort, so that every column of the tables has values. */
void make_one_of_each(void);
/* Pages until this much of a mapping is in swap; false if it never is. */
bool page_out(void *address, size_t len, size_t enough);

#endif /* HELPERS_OBJECT_H */
