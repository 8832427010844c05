/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What keeps objects that the kernel's tables do not tell of, and user space can
 * ask: loop devices, and io_urings with registered files.
 */
#ifndef SHMSTAT_TOOLS_KEEPERS_H
#define SHMSTAT_TOOLS_KEEPERS_H

#include "objects.h"

/**
 * struct ring - a process with an io_uring that has registered a file
 * @pid: the process
 * @comm: its name, as tables have names
 * @next: another one with a file of the same name; NULL behind the last
 */
struct ring {
	const char *pid;
	const char *comm;
	const struct ring *next;
};

bool loop_file(const char *name, uint32_t *major, uint32_t *minor,
	       uint64_t *inode);
const char *object_loop(const struct object *object);
const struct ring *object_rings(const char *name);

#endif /* SHMSTAT_TOOLS_KEEPERS_H */
