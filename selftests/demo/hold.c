// SPDX-License-Identifier: GPL-2.0
/*
 * A user of shared memory that no directory shows:
 *	hold memfd MB	keeps a memfd's descriptor, and nothing else
 *	hold deleted MB	keeps the descriptor of a file that it has removed
 *	hold pool MB	maps such a file in three processes, and in hold-viewer
 *	hold engine MB	keeps descriptors of POSIX segments of 4 MB, which a worker
 *			fills; they stay when it is killed
 *	hold gpu MB	keeps the handles of GPU buffers of 4 MB, made by vgem, and
 *			what keeps vgem from dropping their pages, mappings
 *	hold sent MB	sends memfds of 4 MB over a socket, the other end of which
 *			hold-viewer keeps, without receiving them
 *	hold leak MB	keeps a memfd of 1 MB more every tenth of a second, up to so
 *			many, if nobody kills it before
 *	hold cut MB	maps a memfd, as nobody does in another process, and cuts
 *			off its last MB
 * Prints a line when the memory is filled or cannot be, then keeps it until killed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../helpers/drm.h"
#include "../helpers/socket.h"

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

static void hold_leak(size_t size)
{
	size_t done;

	for (done = 0; done < size; done += 1 << 20) {
		int fd = memfd_create("session", MFD_CLOEXEC);

		if (fd < 0 || ftruncate(fd, 1 << 20))
			err(1, "memfd");
		munmap(fill(fd, 0, 1 << 20), 1 << 20);
		usleep(100000);
	}
}

/* A file of a size that has no name any more. */
static int deleted_file(const char *name, size_t size)
{
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd < 0 || shm_unlink(name) || ftruncate(fd, size))
		err(1, "%s", name);
	return fd;
}

static void hold_deleted(size_t size)
{
	munmap(fill(deleted_file("/cache", size), 0, size), size);
}

/* A process with the same mappings, which stays when this one ends. */
static void share_with(const char *comm)
{
	int ready[2];
	char c;

	if (pipe(ready))
		err(1, "pipe");
	if (!fork()) {
		prctl(PR_SET_NAME, comm);
		if (write(ready[1], "", 1) != 1)
			err(1, "write");
		pause();
		exit(0);
	}
	if (read(ready[0], &c, 1) != 1)
		err(1, "read");
}

static void hold_pool(size_t size)
{
	int fd = deleted_file("/pool", size);

	fill(fd, 0, size);
	close(fd);
	share_with("hold-pool");
	share_with("hold-pool");
	share_with("hold-viewer");
}

#define PART	(4UL << 20)

/* The size of a file is no promise: without memory, who fills it gets SIGBUS. */
static void hold_engine(size_t size)
{
	size_t count = size / PART, nr;
	int *fds = calloc(count, sizeof(*fds)), status;
	pid_t worker;

	for (nr = 0; nr < count; nr++) {
		char name[32];

		snprintf(name, sizeof(name), "/engine-worker-%zu", nr);
		fds[nr] = shm_open(name, O_RDWR | O_CREAT, 0600);
		if (fds[nr] < 0 || ftruncate(fds[nr], PART))
			err(1, "%s", name);
	}
	worker = fork();
	if (!worker) {
		for (nr = 0; nr < count; nr++)
			fill(fds[nr], 0, PART);
		exit(0);
	}
	if (worker < 0 || waitpid(worker, &status, 0) != worker)
		err(1, "worker");
	if (WIFSIGNALED(status)) {
		printf("worker %d is killed by signal: %s\n", worker,
		       strsignal(WTERMSIG(status)));
		fflush(stdout);
		pause();
	}
}

static void hold_gpu(size_t size)
{
	int fd = open_vgem();
	unsigned long long offset;
	size_t done;

	if (fd < 0)
		errx(1, "no DRM node of vgem");
	for (done = 0; done < size; done += PART) {
		if (!vgem_buffer(fd, PART, &offset))
			errx(1, "vgem makes no buffer");
		fill(fd, offset, PART);
	}
}

/* Where memory is short, others are killed. */
static void spare_me(void)
{
	FILE *file = fopen("/proc/self/oom_score_adj", "w");

	if (!file || fputs("-1000", file) < 0 || fclose(file))
		err(1, "oom_score_adj");
}

static void hold_sent(size_t size)
{
	int pair[2], fd;
	size_t done;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		err(1, "socketpair");
	if (!fork()) {
		prctl(PR_SET_NAME, "hold-viewer");
		spare_me();
		close(pair[0]);
		pause();
		exit(0);
	}
	close(pair[1]);
	for (done = 0; done < size; done += PART) {
		fd = memfd_create("frame", MFD_CLOEXEC);
		if (fd < 0 || ftruncate(fd, PART))
			err(1, "memfd");
		munmap(fill(fd, 0, PART), PART);
		if (send_fds(pair[0], &fd, 1, 0))
			err(1, "sendmsg");
		close(fd);
	}
}

static void hold_cut(size_t size)
{
	int fd = memfd_create("cut", MFD_CLOEXEC);
	int ready[2];
	char c;

	if (fd < 0 || ftruncate(fd, size) || pipe(ready))
		err(1, "memfd");
	fill(fd, 0, size);
	if (!fork()) {
		if (setgid(65534) || setuid(65534))
			err(1, "setuid");
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0) ==
		    MAP_FAILED || write(ready[1], "", 1) != 1)
			err(1, "mmap");
		pause();
	}
	if (read(ready[0], &c, 1) != 1 || ftruncate(fd, size - (1 << 20)))
		err(1, "ftruncate");
}

static const struct {
	const char *name;
	const char *comm;
	void (*hold)(size_t size);
} ways[] = {
	{ "memfd",	"hold-memfd",	hold_memfd },
	{ "deleted",	"hold-deleted",	hold_deleted },
	{ "pool",	"hold-pool",	hold_pool },
	{ "engine",	"hold-engine",	hold_engine },
	{ "gpu",	"hold-gpu",	hold_gpu },
	{ "sent",	"hold-sent",	hold_sent },
	{ "leak",	"hold-leak",	hold_leak },
	{ "cut",	"hold-cut",	hold_cut },
};

int main(int argc, char **argv)
{
	size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) << 20 : 0;
	size_t i = 0, count = sizeof(ways) / sizeof(ways[0]);

	while (i < count && (!size || strcmp(argv[1], ways[i].name)))
		i++;
	if (i == count)
		errx(2, "usage: hold memfd|deleted|pool|engine|gpu|sent|cut MB");
	prctl(PR_SET_NAME, ways[i].comm);
	ways[i].hold(size);
	puts("filled");
	fflush(stdout);
	pause();
	return 0;
}
