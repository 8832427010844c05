/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The mappings of an object.
 */
#ifndef SHMSTAT_MAPPING_H
#define SHMSTAT_MAPPING_H

#include <linux/list.h>
#include <linux/types.h>

#include "rows.h"

struct address_space;

/**
 * struct shmstat_mapping - a range of a process's addresses
 * @by_end: for the user of the array
 * @row: for the user of the array
 * @start: first address
 * @end: first address behind it
 * @offset: of @start in the object, bytes
 * @flags: VM_READ and so on
 * @tgid: the process's pid in the initial pid namespace; 0 if there is none
 */
struct shmstat_mapping {
	struct list_head by_end;
	u32 row;
	unsigned long start;
	unsigned long end;
	u64 offset;
	unsigned long flags;
	pid_t tgid;
};

/**
 * struct shmstat_mapper - a process that maps an object
 * @tgid: its pid in the initial pid namespace
 * @count: how many mappings in a row were its own; it may come again
 */
struct shmstat_mapper {
	pid_t tgid;
	u32 count;
};

int shmstat_mappings_get(struct shmstat_rows *rows, u32 *count,
			 struct address_space *mapping);
int shmstat_mappers_get(struct shmstat_rows *rows, u32 *count, u32 max,
			struct address_space *mapping);

#endif /* SHMSTAT_MAPPING_H */
