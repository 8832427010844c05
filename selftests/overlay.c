// SPDX-License-Identifier: GPL-2.0
/*
 * Files of an overlay whose data is in another layer: a reader must not have the
 * kernel look for it, because the kernel warns where the data is missing, and
 * waits where that layer's file system does not answer.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/mount.h"
#include "helpers/process.h"
#include "helpers/table.h"

#define SECONDS	10

/*
 * What a child mounts: an overlay with a file whose data is in a layer that the
 * kernel looks at only when the data is used. The child opens the file with
 * O_PATH, which does not use it.
 */
struct plan {
	bool user;
	bool fuse;
	char failed[128];
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

	if (plan->user ? !!become_user(CLONE_NEWNS) : own_mounts())
		return give_up(plan, "namespaces");
	if (mount("layers", "/mnt", "tmpfs", 0, NULL) || chdir("/mnt"))
		return give_up(plan, "tmpfs");
	if (make_overlay_dirs() || mkdir("data", 0755))
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

	if (plan->fuse && mount_fuse_without_lookups("data"))
		return give_up(plan, "FUSE");
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
	struct files files = plain_files();
	int i;

	for (i = 0; i < files.count; i++)
		skip_file(files.path[i]);
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
	self->plan = map_shared(sizeof(*self->plan));
	self->plan->user = variant->user;
	self->plan->fuse = variant->fuse;
	if (variant->fuse) {
		if (system("modprobe -q fuse"))
			(void)0; /* It may be built in; mount_fuse() will tell. */
		/* As udev sets it. */
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

/* A warning ends the virtual machine, and the runner shows it. */
TEST_F(overlay, is_not_asked)
{
	pid_t reader = fork_child();
	bool ended;
	int i;

	if (!reader) {
		for (i = 0; i < 3; i++)
			read_everything();
		_exit(0);
	}
	ended = wait_for_end(reader, SECONDS);
	if (!ended) {
		kill(reader, SIGKILL);
		TH_LOG("the reader hangs, and SIGKILL %s it",
		       wait_for_end(reader, SECONDS) ? "ends" : "does not end");
	}
	EXPECT_TRUE(ended);
}

TEST_HARNESS_MAIN
