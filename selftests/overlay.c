// SPDX-License-Identifier: GPL-2.0
/*
 * Files of an overlay whose data another file system has, or should have: a
 * reader must not ask for it, because the kernel warns where there is none and
 * waits where nobody answers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

#define SECONDS	10

/* Everything that looks into descriptors, and then the rest. */
static const char * const files[] = {
	PROC "holders", REPORT, PROC "objects", PROC "maps", PROC "summary",
	PROC "superblocks",
};

/* An unprivileged user who is root in a namespace of their own. */
static int become_user(void)
{
	char map[64];

	if (setgid(65534) || setuid(65534))
		return -1;
	/* Else the files in /proc/self are root's. */
	prctl(PR_SET_DUMPABLE, 1);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return -1;
	snprintf(map, sizeof(map), "0 %d 1", 65534);
	write_file("/proc/self/setgroups", "deny");
	return write_file("/proc/self/uid_map", map) ||
	       write_file("/proc/self/gid_map", map);
}

/*
 * What a child does: mounts an overlay whose file names data in a layer that
 * is to be looked at only once somebody wants it, and opens the file without
 * wanting it.
 */
struct plan {
	bool user;
	bool fuse;
	char failed[64];
};

static int give_up(struct plan *plan, const char *what)
{
	snprintf(plan->failed, sizeof(plan->failed), "%s: %s", what,
		 strerror(errno));
	return -1;
}

static int make_overlay(struct plan *plan)
{
	const char *prefix = plan->user ? "user.overlay" : "trusted.overlay";
	char name[64], options[128];
	int fd;

	if (plan->user ? become_user() : own_mounts())
		return give_up(plan, "namespaces");
	if (mount("layers", "/mnt", "tmpfs", 0, NULL) || chdir("/mnt"))
		return give_up(plan, "tmpfs");
	if (mkdir("lower", 0755) || mkdir("data", 0755) ||
	    mkdir("upper", 0755) || mkdir("work", 0755) ||
	    mkdir("merged", 0755))
		return give_up(plan, "mkdir");
	fd = open("lower/file", O_CREAT | O_RDWR, 0644);
	if (fd < 0 || ftruncate(fd, 1 << 20))
		return give_up(plan, "lower file");
	close(fd);
	snprintf(name, sizeof(name), "%s.metacopy", prefix);
	if (setxattr("lower/file", name, "", 0, 0))
		return give_up(plan, name);
	snprintf(name, sizeof(name), "%s.redirect", prefix);
	if (setxattr("lower/file", name, "/data", 5, 0))
		return give_up(plan, name);

	if (plan->fuse) {
		fd = mount_fuse("data");
		if (fd < 0)
			return give_up(plan, "FUSE");
		if (!fork_child()) {
			serve_fuse(fd);
			_exit(0);
		}
		close(fd);
	}
	snprintf(options, sizeof(options),
		 "%slowerdir=lower::data,upperdir=upper,workdir=work",
		 plan->user ? "userxattr," : "metacopy=on,");
	if (mount("overlay", "merged", "overlay", 0, options))
		return give_up(plan, "overlay with a layer of data only");
	if (open("merged/file", O_PATH) < 0)
		return give_up(plan, "open of a file without data");
	return 0;
}

static void hold_overlay(void *arg)
{
	if (make_overlay(arg))
		_exit(1);
}

static void read_everything(void)
{
	int i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		free(read_file(files[i]));
}

FIXTURE(overlay)
{
	struct plan *plan;
	pid_t holder;
};

FIXTURE_VARIANT(overlay)
{
	bool user, fuse;
};

FIXTURE_VARIANT_ADD(overlay, missing_data)
{
};

FIXTURE_VARIANT_ADD(overlay, missing_data_of_a_user)
{
	.user = true,
};

FIXTURE_VARIANT_ADD(overlay, data_that_never_comes)
{
	.fuse = true,
};

FIXTURE_VARIANT_ADD(overlay, data_that_never_comes_of_a_user)
{
	.user = true,
	.fuse = true,
};

FIXTURE_SETUP(overlay)
{
	self->plan = mmap(NULL, sizeof(*self->plan), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->plan);
	self->plan->user = variant->user;
	self->plan->fuse = variant->fuse;
	if (variant->fuse) {
		if (system("modprobe -q fuse"))
			(void)0; /* It may be built in; mount_fuse() will tell. */
		/* As an init system has it. */
		chmod("/dev/fuse", 0666);
	}
	self->holder = start_child(hold_overlay, self->plan);
	if (self->holder < 0)
		SKIP(return, "%s", self->plan->failed);
}

FIXTURE_TEARDOWN(overlay)
{
	if (self->holder > 0)
		stop_child(self->holder);
}

/* A warning ends this machine, and the runner says which it was. */
TEST_F(overlay, is_not_asked)
{
	bool ended = false, killed = false;
	pid_t reader = fork_child();
	int i;

	if (!reader) {
		for (i = 0; i < 3; i++)
			read_everything();
		_exit(0);
	}
	for (i = 0; i < SECONDS * 10 && !ended; i++) {
		ended = waitpid(reader, NULL, WNOHANG) == reader;
		usleep(100000);
	}
	if (!ended) {
		kill(reader, SIGKILL);
		for (i = 0; i < SECONDS * 10 && !killed; i++) {
			killed = waitpid(reader, NULL, WNOHANG) == reader;
			usleep(100000);
		}
		TH_LOG("the reader waits, and a signal %s it",
		       killed ? "ends" : "does not end");
	}
	EXPECT_TRUE(ended);
}

TEST_HARNESS_MAIN
