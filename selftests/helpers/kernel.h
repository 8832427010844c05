/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel: its own figures of what shmstat shows, what it has, what it logs.
 */
#ifndef HELPERS_KERNEL_H
#define HELPERS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

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

/* /proc/meminfo, kB; folds the counters of all CPUs first. */
unsigned long long meminfo(const char *field);
/* Of the mapping that starts at an address, from smaps, bytes. */
unsigned long long smaps(const void *address, const char *field);
/* A field of a segment's line in /proc/sysvipc/shm. */
unsigned long long sysvipc(int shmid, const char *field);
/* Bytes of a mapping that mincore(2) finds in memory. */
unsigned long long incore(void *address, size_t len);

/* Whether the running kernel is this release or later. */
bool kernel_since(int major, int minor);
/* Whether it checks every access, and so is slow. */
bool debug_kernel(void);
/* 0, or -1 if there is no swap and none can be made. */
int need_swap(void);

/* What others count as uses of the module. */
int module_references(void);

/* The kernel's log, or what it has after a mark; NULL if that is not in it. */
char *kernel_log(void);
int mark_log(const char *mark);
char *log_since(const char *mark);

/* Seconds, of no matter when. */
double now(void);
void sleep_ms(unsigned int ms);

/* Polls a condition for so many seconds; whether it became true. */
#define wait_until(condition, seconds) ({				\
	double end_ = now() + (seconds);				\
	bool met_ = (condition);					\
									\
	while (!met_ && now() < end_) {					\
		sleep_ms(10);						\
		met_ = (condition);					\
	}								\
	met_;								\
})

#endif /* HELPERS_KERNEL_H */
