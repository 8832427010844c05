/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_PATH_H
#define SHMSTAT_TOOLS_PATH_H

const char *object_path(const char *id, const char *name);

#endif /* SHMSTAT_TOOLS_PATH_H */
