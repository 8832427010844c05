// SPDX-License-Identifier: GPL-2.0
/*
 * A user of shared memory that no directory shows:
 *	hold memfd MB	keeps a memfd's descriptor, and nothing else
 *	hold gpu MB	keeps the handles of GPU buffers of 4 MB, made by vgem, and
 *			what keeps vgem from dropping their pages, mappings
 *	hold sent MB	sends memfds of 4 MB over a socket, the other end of which
 *			hold-viewer keeps, without receiving them
 *	hold cut MB	maps a memfd, as nobody does in another process, and cuts
 *			off its last MB
 * Prints a line when the memory is filled, then keeps it until killed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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

#define PART	(4UL << 20)

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

static void send_fd(int socket, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	if (sendmsg(socket, &message, 0) < 0)
		err(1, "sendmsg");
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
		send_fd(pair[0], fd);
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
	{ "gpu",	"hold-gpu",	hold_gpu },
	{ "sent",	"hold-sent",	hold_sent },
	{ "cut",	"hold-cut",	hold_cut },
};

int main(int argc, char **argv)
{
	size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) << 20 : 0;
	size_t i = 0, count = sizeof(ways) / sizeof(ways[0]);

	while (i < count && (!size || strcmp(argv[1], ways[i].name)))
		i++;
	if (i == count)
		errx(2, "usage: hold memfd|gpu|sent|cut MB");
	prctl(PR_SET_NAME, ways[i].comm);
	ways[i].hold(size);
	puts("filled");
	fflush(stdout);
	pause();
	return 0;
}
