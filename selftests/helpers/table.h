/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests share: reading shmstat's tables, and the kernel's own word
 * on the same things.
 */
#ifndef SHMSTAT_TEST_H
#define SHMSTAT_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#define PROC	"/proc/shmstat/"
#define DEBUGFS	"/sys/kernel/debug/"
#define REPORT	DEBUGFS "shmstat"

/* Newer than the headers of some systems the tests are built on. */
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT	21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif
#ifndef MFD_HUGETLB
#define MFD_HUGETLB	4U
#endif

/* A table in memory; cell[row][column], as printed. */
struct table {
	char *text;
	int columns;
	int rows;
	char **name;
	char ***cell;
};

/* NULL with errno, EBADMSG if a line has more or fewer fields than columns. */
struct table *table_read(const char *name);
struct table *table_parse(char *text);
void table_free(struct table *t);
bool has_column(const struct table *t, const char *column);
/* These end the test if there is no such column, or no number in it. */
const char *cell(const struct table *t, int row, const char *column);
unsigned long long number(const struct table *t, int row, const char *column);
unsigned long long table_sum(const struct table *t, const char *column);
/* The row whose column has this value, from a row on; -1 if none. */
int row_with(const struct table *t, int from, const char *column,
	     const char *value);

/* The row of an inode in "objects"; -1 if there is none. */
int row_of_inode(const struct table *t, dev_t dev, ino_t ino,
		 const char *name);
int row_of_fd(const struct table *t, int fd);
int row_of_mapping(const struct table *t, const void *address);
/* The id of what a descriptor or mapping leads to; "" if it is not listed. */
void id_of_fd(int fd, char id[80]);
void id_of_mapping(const void *address, char id[80]);
void id_of_segment(int shmid, char id[80]);
/* Undoes the \ooo of text columns, in place. */
char *unescape(char *text);

/* Whole files; NULL with errno. */
char *read_file(const char *path);
int write_file(const char *path, const char *text);

/* /proc/meminfo, kB; folds the counters of all CPUs first. */
unsigned long long meminfo(const char *field);
/* Of the mapping that starts at an address, from smaps, bytes. */
unsigned long long smaps(const void *address, const char *field);
/* A field of a segment's line in /proc/sysvipc/shm. */
unsigned long long sysvipc(int shmid, const char *field);
/* Bytes of a mapping that mincore(2) finds in memory. */
unsigned long long incore(void *address, size_t len);

/* Whether it looks after every access, and so is slow. */
bool debug_kernel(void);
/* 0, or -1 if there is no swap and none can be made. */
int need_swap(void);
/* Descriptor of the open DRM node of a driver, and its minor; -1 if none. */
int open_drm(const char *driver, int *minor);
int open_vgem(void);
/* A buffer of it: its handle, 0 if that failed; *offset is for mmap(2). */
unsigned int vgem_buffer(int fd, size_t size, unsigned long long *offset);

/* A mount namespace of one's own, where mounts stay private. */
int own_mounts(void);
/* A tmpfs of one's own at a new folder, in one's own mount namespace. */
const char *own_tmpfs(const char *options);
/* fork(2) of a child that does not outlive its parent; _exit(1) if it cannot. */
pid_t fork_child(void);
/* A child that runs a function and waits to be killed, ready on return. */
pid_t start_child(void (*fn)(void *arg), void *arg);
void stop_child(pid_t pid);

/* Reads tables of /proc/shmstat, named in a list with blanks, until killed. */
pid_t start_reader(const char *names);
/* How many times all readers together have read theirs. */
unsigned long reader_rounds(void);

/* A file system whose daemon would read this descriptor; -1 with errno. */
int mount_fuse(const char *dir);
/* Is that daemon: answers what is asked of the root and no lookup, ever. */
void serve_fuse(int fd);

/* Whether the running kernel is this release or later. */
bool kernel_since(int major, int minor);

#endif /* SHMSTAT_TEST_H */
