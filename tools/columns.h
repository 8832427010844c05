/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be shown of an object; for output.h, of a struct object in a struct
 * objects.
 */
#ifndef SHMSTAT_TOOLS_COLUMNS_H
#define SHMSTAT_TOOLS_COLUMNS_H

#include "output.h"

extern const struct column object_columns[];

#endif /* SHMSTAT_TOOLS_COLUMNS_H */
