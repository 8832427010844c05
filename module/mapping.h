/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The mappings of an object.
 */
#ifndef SHMSTAT_MAPPING_H
#define SHMSTAT_MAPPING_H

#include <linux/types.h>

#include "rows.h"

struct address_space;

/**
 * struct shmstat_mapping - a range of a process's addresses
 * @start: first address
 * @end: first address behind it
 * @offset: of @start in the object, bytes
 * @flags: VM_READ and so on
 * @tgid: the process's pid in the initial pid namespace; 0 if there is none
 */
struct shmstat_mapping {
	unsigned long start;
	unsigned long end;
	u64 offset;
	unsigned long flags;
	pid_t tgid;
};

/**
 * struct shmstat_mappings - the mappings of one object, used again for the next
 * @rows: room for every &struct shmstat_mapping
 * @count: how many there are
 */
struct shmstat_mappings {
	struct shmstat_rows rows;
	u32 count;
};

int shmstat_mappings_get(struct shmstat_mappings *mappings,
			 struct address_space *mapping);

#endif /* SHMSTAT_MAPPING_H */
