// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "kernel.h"
#include "living.h"
#include "mount.h"
#include "process.h"

#define MB		(1UL << 20)
#define HUGE_PAGES	"/proc/sys/vm/nr_hugepages"
#define POSIX_FILE	"/dev/shm/shmstat-lives-on"

const char * const living_names[NR_LIVING] = {
	"memfd", "segment", "mapping", "file of /dev/shm",
	"file of another mount namespace", "memfd of huge pages",
};

static void make_elsewhere(void *arg)
{
	struct stat *st = arg;
	int fd;

	if (own_mounts() || mount("elsewhere", "/mnt", "tmpfs", 0, NULL))
		_exit(1);
	fd = open("/mnt/file", O_CREAT | O_RDWR, 0600);
	if (write(fd, "x", 1) != 1 || fstat(fd, st))
		_exit(1);
}

void make_living(struct living *living)
{
	struct stat *elsewhere = map_shared(sizeof(*elsewhere));
	struct table *t;
	int fd, row;

	memset(living, 0, sizeof(*living));
	fd = memfd_create("lives on", 0);
	if (!ftruncate(fd, MB))
		id_of_fd(fd, living->id[MEMFD]);

	living->shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
	id_of_segment(living->shmid, living->id[SEGMENT]);

	elsewhere->st_ino = 0;
	id_of_mapping(elsewhere, living->id[MAPPING]);

	fd = open(POSIX_FILE, O_CREAT | O_RDWR, 0600);
	if (write(fd, "x", 1) == 1)
		id_of_fd(fd, living->id[POSIX]);

	living->elsewhere = start_child(make_elsewhere, elsewhere);
	if (living->elsewhere > 0) {
		t = table_read("objects");
		row = row_of_inode(t, elsewhere->st_dev, elsewhere->st_ino,
				   NULL);
		if (row >= 0)
			strcpy(living->id[ELSEWHERE], cell(t, row, "id"));
		table_free(t);
	}

	living->huge_pages = read_file(HUGE_PAGES);
	if (living->huge_pages)
		write_file(HUGE_PAGES, "8");
	fd = memfd_create("lives on", MFD_HUGETLB);
	if (fd >= 0 && !ftruncate(fd, 2 * MB) &&
	    mmap(NULL, 2 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) !=
	    MAP_FAILED)
		id_of_fd(fd, living->id[HUGE_MEMFD]);
}

void remove_living(struct living *living)
{
	if (living->elsewhere > 0)
		stop_child(living->elsewhere);
	shmctl(living->shmid, IPC_RMID, NULL);
	unlink(POSIX_FILE);
	if (living->huge_pages)
		write_file(HUGE_PAGES, living->huge_pages);
	free(living->huge_pages);
}

bool all_living(const struct living *living)
{
	int i;

	for (i = 0; i < NR_LIVING; i++)
		if (i != HUGE_MEMFD && !living->id[i][0])
			return false;
	return true;
}

bool has_row_of(const char *text, const char *id)
{
	char start[ID_SIZE + 2];

	snprintf(start, sizeof(start), "\n%s ", id);
	return strstr(text, start);
}
