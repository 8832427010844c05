/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHMSTAT_TOOLS_SOCKETS_H
#define SHMSTAT_TOOLS_SOCKETS_H

#include <stddef.h>

#include "output.h"

/**
 * struct waiting - a socket with descriptors in it that nobody has received
 * @pid: a process that could receive them
 * @fd: by this descriptor
 * @count: how many there are
 * @comm: the process's name, as the kernel's tables write names
 */
struct waiting {
	int pid;
	int fd;
	int count;
	char comm[80];
};

struct waiting *sockets_waiting(size_t *count);
void sockets_print(struct output *output);

#endif /* SHMSTAT_TOOLS_SOCKETS_H */
