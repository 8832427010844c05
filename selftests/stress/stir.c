// SPDX-License-Identifier: GPL-2.0
/*
 * Changes shared memory while it is walked, until it is killed:
 *	stir holes	punches, collapses, truncates and fills one object
 *	stir files	processes with thousands of descriptors exit
 *	stir flight	descriptors are in flight in sockets and forgotten
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define SIZE		(32UL << 20)
#define PIECE		(2UL << 20)
#define FILES		4000

static void holes(void)
{
	int fd = memfd_create("stir", 0), i;
	char *p;

	if (fd < 0 || ftruncate(fd, SIZE))
		err(1, "memfd_create");
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		err(1, "mmap");
	for (;;) {
		off_t at = rand() % (SIZE / PIECE) * PIECE;

		switch (rand() % 6) {
		case 0:
			if (fallocate(fd, FALLOC_FL_PUNCH_HOLE |
				      FALLOC_FL_KEEP_SIZE, at, PIECE))
				err(1, "fallocate");
			break;
		case 1:
			/* It may have no huge page to give. */
			madvise(p + at, PIECE, MADV_COLLAPSE);
			break;
		case 2:
			if (ftruncate(fd, at) || ftruncate(fd, SIZE))
				err(1, "ftruncate");
			break;
		case 3:
			madvise(p + at, PIECE, MADV_PAGEOUT);
			break;
		default:
			for (i = 0; i < PIECE; i += 4096 << rand() % 3)
				p[at + i] = 1;
		}
	}
}

static void files(void)
{
	int fd, i;

	for (;;) {
		if (!fork()) {
			fd = memfd_create("many", 0);
			for (i = 0; i < FILES; i++)
				if (dup(i % 8 ? fd : memfd_create("one", 0)) < 0)
					break;
			_exit(0);
		}
		wait(NULL);
	}
}

static void send_fd(int to, int fd)
{
	char space[CMSG_SPACE(sizeof(fd))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = space, .msg_controllen = sizeof(space),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	if (sendmsg(to, &msg, 0) < 0)
		err(1, "sendmsg");
}

static void flight(void)
{
	int pair[2], fd, i;

	for (;;) {
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
			err(1, "socketpair");
		for (i = 0; i < 5; i++) {
			fd = memfd_create("in flight", 0);
			if (ftruncate(fd, 8192) || write(fd, "x", 1) != 1)
				err(1, "write");
			send_fd(pair[0], fd);
			close(fd);
		}
		usleep(1000);
		close(pair[0]);
		close(pair[1]);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "holes"))
		holes();
	if (argc == 2 && !strcmp(argv[1], "files"))
		files();
	if (argc == 2 && !strcmp(argv[1], "flight"))
		flight();
	errx(2, "give one of: holes files flight");
}
