// SPDX-License-Identifier: GPL-2.0
/*
 * A user of shared memory that no folder shows:
 *	hold memfd MB	keeps a memfd's descriptor, and nothing else
 *	hold gpu MB	keeps the handle of a GPU buffer, made by vgem, and what
 *			keeps vgem from dropping its pages, the node's mapping
 * Prints a line when the memory is filled, then keeps it until killed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../shmstat.h"

static void *fill(int fd, off_t offset, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		       offset);

	if (p == MAP_FAILED)
		err(1, "mmap");
	/* Not all the same bytes, which zram would store as none. */
	for (size_t i = 0; i < size; i += sizeof(long))
		*(long *)((char *)p + i) = random();
	return p;
}

static void hold_memfd(size_t size)
{
	int fd = memfd_create("forgotten", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, size))
		err(1, "memfd");
	munmap(fill(fd, 0, size), size);
}

static void hold_gpu(size_t size)
{
	int fd = open_vgem();
	unsigned long long offset;

	if (fd < 0)
		errx(1, "no DRM node of vgem");
	if (!vgem_buffer(fd, size, &offset))
		errx(1, "vgem makes no buffer");
	fill(fd, offset, size);
}

int main(int argc, char **argv)
{
	size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) << 20 : 0;

	if (size && !strcmp(argv[1], "memfd")) {
		prctl(PR_SET_NAME, "hold-memfd");
		hold_memfd(size);
	} else if (size && !strcmp(argv[1], "gpu")) {
		prctl(PR_SET_NAME, "hold-gpu");
		hold_gpu(size);
	} else {
		errx(2, "usage: hold memfd|gpu MB");
	}
	puts("filled");
	fflush(stdout);
	pause();
	return 0;
}
