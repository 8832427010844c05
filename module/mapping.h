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
 * struct shmstat_mapping - a mapping of an object
 * @by_end: for the caller: list of an object's mappings in the order of their
 *	last page
 * @row: for the caller: number of its record
 * @start: first address
 * @end: address behind the last one
 * @offset: offset of @start in the object, bytes
 * @flags: VM_READ and so on
 * @tgid: pid of the process in the initial pid namespace; 0 if it is not known
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
 * @tgid: its pid in the initial pid namespace; 0 if it is not known
 * @count: number of its mappings in a row; there can be another one of the same
 *	process
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
