// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file.h"
#include "keeper.h"

int load_keeper(const char *parameters)
{
	const char *path = getenv("KEEPER");
	int fd, ret;

	if (!path)
		die("not in the environment", "KEEPER");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("cannot open", path);
	ret = syscall(SYS_finit_module, fd, parameters, 0);
	close(fd);
	return ret;
}

int unload_keeper(void)
{
	return syscall(SYS_delete_module, "keeper", O_NONBLOCK);
}
