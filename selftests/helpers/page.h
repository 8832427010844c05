/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages of a mapping, as the kernel's own files and system calls have them.
 */
#ifndef HELPERS_PAGE_H
#define HELPERS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A page of an object. The rest is 0 unless it is resident; node is -1 if the
 * kernel has no NUMA.
 */
struct page {
	bool resident;
	unsigned long pfn;
	uint64_t flags;
	unsigned int order;
	int node;
};

/* The frame of the page that is mapped at an address; 0 if none is. */
unsigned long pfn_at(const void *address);
/* As in /proc/kpageflags, and how often it is mapped, as in /proc/kpagecount. */
uint64_t flags_of_pfn(unsigned long pfn);
uint64_t mappings_of_pfn(unsigned long pfn);

/*
 * Each page of a mapping of whole folios; maps those that are resident. To be freed.
 */
struct page *pages_at(const char *address, size_t count);
/* What column "orders" or "nodes" of "pages" has for them. */
const char *orders_of(const struct page *pages, size_t count);
const char *nodes_of(const struct page *pages, size_t count);
/* Whether "extents" has the same pages, each with its order and node. */
bool extents_have(const char *id, const struct page *pages, size_t count);

/* The number of nodes that have memory; 0 if the kernel has no NUMA. */
int count_nodes(void);
/* New pages of a mapping, or of the caller, are allocated there: 0 or -1. */
int bind_mapping(void *address, size_t len, int node);
int bind_task(int node);
/* The same as nodes_of(), but as /proc/self/numa_maps has the mapping; to be freed. */
char *nodes_in_numa_maps(const void *address);

/*
 * Huge pages of the internal mount; keeps what it was, if that is not NULL: 0, or -1
 * if the kernel cannot.
 */
#define MAX_ENABLED	32
int set_shmem_enabled(const char *value, char was[MAX_ENABLED]);
/* Folios of this order for page faults on the internal mount: 0, or -1. */
int set_shmem_order(unsigned int order, const char *value);
/* So many of this order were written to swap as a whole; -1 if not counted. */
long long swapped_out_whole(unsigned int order);

/* A mapping of all of a descriptor, where huge pages fit. */
char *map_aligned(int fd, size_t len);

#endif /* HELPERS_PAGE_H */
