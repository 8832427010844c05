// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "mount.h"
#include "process.h"

int own_mounts(void)
{
	return unshare(CLONE_NEWNS) ||
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

const char *own_tmpfs(const char *options)
{
	static char dir[64];

	strcpy(dir, "/run/shmstat-test-XXXXXX");
	if (own_mounts() || !mkdtemp(dir) ||
	    mount("shmstat-test", dir, "tmpfs", 0, options))
		return NULL;
	return dir;
}

int own_tmpfs_file(const char *options, char path[128])
{
	const char *dir = own_tmpfs(options);

	if (!dir)
		return -1;
	snprintf(path, 128, "%s/file", dir);
	return open(path, O_CREAT | O_RDWR, 0600);
}

unsigned long inodes_of(const char *dir)
{
	struct statvfs st;

	return statvfs(dir, &st) ? 0 : st.f_files - st.f_ffree;
}

int make_overlay_dirs(void)
{
	return mkdir("lower", 0755) || mkdir("upper", 0755) ||
	       mkdir("work", 0755) || mkdir("merged", 0755) ? -1 : 0;
}

int mount_overlay(void)
{
	return mount("overlay", "merged", "overlay", 0,
		     "lowerdir=lower,upperdir=upper,workdir=work");
}

int mount_fuse(const char *dir)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[64];

	if (fd < 0)
		return -1;
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("fuse", dir, "fuse", 0, options)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void answer_fuse(int fd, const struct fuse_in_header *in, int error,
			const void *what, size_t len)
{
	struct fuse_out_header out = {
		.len = sizeof(out) + len, .error = error, .unique = in->unique,
	};
	char reply[sizeof(out) + 256];

	memcpy(reply, &out, sizeof(out));
	memcpy(reply + sizeof(out), what, len);
	if (write(fd, reply, out.len) < 0)
		return;
}

/* Answers what is asked of the root, and no lookup. */
static void serve_fuse(int fd)
{
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096,
	};
	struct fuse_attr_out attr = {
		.attr_valid = 3600,
		.attr = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 2 },
	};
	struct fuse_statfs_out statfs = { .st.namelen = 255, .st.bsize = 4096 };
	static char buf[1 << 17];
	struct fuse_in_header *in = (void *)buf;

	while (read(fd, buf, sizeof(buf)) > 0) {
		switch (in->opcode) {
		case FUSE_INIT:
			answer_fuse(fd, in, 0, &init, sizeof(init));
			break;
		case FUSE_GETATTR:
			answer_fuse(fd, in, 0, &attr, sizeof(attr));
			break;
		case FUSE_STATFS:
			answer_fuse(fd, in, 0, &statfs, sizeof(statfs));
			break;
		case FUSE_LOOKUP:
		case FUSE_FORGET:
		case FUSE_BATCH_FORGET:
		case FUSE_INTERRUPT:
			break;
		default:
			answer_fuse(fd, in, -EOPNOTSUPP, NULL, 0);
		}
	}
}

int mount_fuse_without_lookups(const char *dir)
{
	int fd = mount_fuse(dir);

	if (fd < 0)
		return -1;
	if (!fork_child()) {
		serve_fuse(fd);
		_exit(0);
	}
	close(fd);
	return 0;
}
