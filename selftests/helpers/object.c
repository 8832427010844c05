// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "drm.h"
#include "file.h"
#include "kernel.h"
#include "object.h"

int row_of_inode(const struct table *t, dev_t dev, ino_t ino,
		 const char *name)
{
	char prefix[64];
	int row;

	snprintf(prefix, sizeof(prefix), "%u:%u:%llu:", major(dev), minor(dev),
		 (unsigned long long)ino);
	for (row = 0; row < t->rows; row++) {
		char *text;
		bool same;

		if (strncmp(cell(t, row, "id"), prefix, strlen(prefix)))
			continue;
		if (!name)
			return row;
		text = unescape(strdup(cell(t, row, "name")));
		same = !strcmp(text, name);
		free(text);
		if (same)
			return row;
	}
	return -1;
}

/* The name of a memfd, which stands in its link; NULL for other files. */
static const char *link_name(int fd, char *buf, size_t size)
{
	char path[64];
	ssize_t len;
	char *end;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, buf, size - 1);
	if (len < 0)
		return NULL;
	buf[len] = '\0';
	end = strstr(buf, " (deleted)");
	if (end && !end[10])
		*end = '\0';
	return strncmp(buf, "/memfd:", 7) ? NULL : buf + 1;
}

int row_of_fd(const struct table *t, int fd)
{
	char buf[4096];
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	return row_of_inode(t, st.st_dev, st.st_ino,
			    link_name(fd, buf, sizeof(buf)));
}

/* The device, inode and name of a mapping, from /proc/self/maps. */
static int stat_mapping(const void *address, dev_t *dev, ino_t *ino,
			char name[256])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	unsigned int high, low;
	unsigned long long nr;
	char line[512];
	int ret = -1;

	while (maps && ret && fgets(line, sizeof(line), maps)) {
		name[0] = '\0';
		if (sscanf(line, "%lx-%lx %*s %*x %x:%x %llu /%255s", &start,
			   &end, &high, &low, &nr, name) < 5)
			continue;
		if ((unsigned long)address < start ||
		    (unsigned long)address >= end)
			continue;
		*dev = makedev(high, low);
		*ino = nr;
		ret = 0;
	}
	if (maps)
		fclose(maps);
	return ret;
}

int row_of_mapping(const struct table *t, const void *address)
{
	char name[256];
	dev_t dev;
	ino_t ino;

	if (stat_mapping(address, &dev, &ino, name))
		return -1;
	/*
	 * On other superblocks the inode number is unique, and the path may be
	 * another one than in the table.
	 */
	if (strncmp(name, "SYSV", 4) && strncmp(name, "memfd:", 6) &&
	    strncmp(name, "dev/zero", 8))
		return row_of_inode(t, dev, ino, NULL);
	return row_of_inode(t, dev, ino, name);
}

int row_of_superblock(const struct table *t, const char *path)
{
	struct stat st;
	char dev[32];

	if (stat(path, &st))
		return -1;
	snprintf(dev, sizeof(dev), "%u:%u", major(st.st_dev),
		 minor(st.st_dev));
	return row_with(t, 0, "dev", dev);
}

static void id_of_row(struct table *t, int row, char id[ID_SIZE])
{
	snprintf(id, ID_SIZE, "%s", row < 0 ? "" : cell(t, row, "id"));
	table_free(t);
}

void id_of_fd(int fd, char id[ID_SIZE])
{
	struct table *t = table_read("objects");

	id_of_row(t, row_of_fd(t, fd), id);
}

void id_of_mapping(const void *address, char id[ID_SIZE])
{
	struct table *t = table_read("objects");

	id_of_row(t, row_of_mapping(t, address), id);
}

void id_of_segment(int shmid, char id[ID_SIZE])
{
	struct table *t = table_read("sysv");
	char text[32], ns[64] = "";
	int row;

	/* Segments of other namespaces have the same ids. */
	if (readlink("/proc/self/ns/ipc", ns, sizeof(ns) - 1) < 0)
		die("no link", "/proc/self/ns/ipc");
	ns[strlen(ns) - 1] = '\0';
	snprintf(text, sizeof(text), "%d", shmid);
	for_each_row_with(row, t, "shmid", text)
		if (!strcmp(cell(t, row, "ipcns"), ns + strlen("ipc:[")))
			break;
	id_of_row(t, row, id);
}

int make_files(const char *dir, int count)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY), i;
	char name[16];

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%d", i);
		if (mknodat(at, name, S_IFREG | 0600, 0))
			break;
	}
	close(at);
	return i;
}

void remove_files(const char *dir, int count)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY), i;
	char name[16];

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%d", i);
		unlinkat(at, name, 0);
	}
	close(at);
}

int make_memfds(int count, const char *name)
{
	struct rlimit limit = { count + 1000, count + 1000 };
	int i;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		return 0;
	for (i = 0; i < count; i++)
		if (memfd_create(name, 0) < 0)
			break;
	return i;
}

void make_one_of_each(void)
{
	unsigned long long offset;
	int fd, shmid, drm;
	void *p;

	fd = memfd_create("each", 0);
	if (ftruncate(fd, 1 << 20) || write(fd, "x", 1) != 1)
		abort();
	mmap(NULL, 1 << 20, PROT_READ, MAP_SHARED, fd, 0);
	p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*(char *)p = 1;
	shmid = shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600);
	p = shmat(shmid, NULL, 0);
	*(char *)p = 1;
	shmctl(shmid, IPC_RMID, NULL);
	memfd_create("each", MFD_HUGETLB);
	drm = open_vgem();
	if (drm >= 0)
		vgem_buffer(drm, 1 << 20, &offset);
}

bool page_out(void *address, size_t len, size_t enough)
{
	int try;

	for (try = 0; try < 50 && smaps(address, "Swap") < enough; try++)
		if (madvise(address, len, MADV_PAGEOUT))
			return false;
	return smaps(address, "Swap") >= enough;
}
