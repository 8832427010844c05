/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_MOUNTS_H
#define SHMSTAT_TOOLS_MOUNTS_H

#include <libmount.h>
#include <stdbool.h>

#include "process.h"

bool mounts_each(const struct process *process,
		 void (*visit)(void *context, struct libmnt_fs *fs),
		 void *context);
bool mounts_is_shared(const char *type);

#endif /* SHMSTAT_TOOLS_MOUNTS_H */
