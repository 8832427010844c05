// SPDX-License-Identifier: GPL-2.0
/*
 * Bystanders: processes with mount namespaces of their own, which count how often
 * a system call fails that should not, without readers and beside them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "hostile.h"
#include "../helpers/mount.h"
#include "../helpers/process.h"

static void give_up(const char *what)
{
	ksft_print_msg("a bystander: %s: %s\n", what, strerror(errno));
	_exit(1);
}

/*
 * On /dev/shm, where readers look, or on another directory beside a loop of
 * statvfs(2), as of df(1), for comparison.
 */
static void loop_umount(int which)
{
	const char *dir = which == BESIDE_STATVFS ? "/mnt" : "/dev/shm";
	struct statvfs st;

	if (own_mounts())
		give_up("own mounts");
	if (which == BESIDE_STATVFS && !fork_child()) {
		for (;;)
			statvfs(dir, &st);
	}
	for (;;) {
		int phase = shared->phase;
		bool busy = false;

		if (mount("bystander", dir, "tmpfs", 0, NULL))
			give_up("mount");
		while (umount(dir)) {
			busy = true;
			sched_yield();
		}
		if (busy)
			count(shared->busy[phase][which]);
		count(shared->umounts[phase][which]);
	}
}

/* A tmpfs in the working directory, and an overlay on it. */
static void make_overlay(void)
{
	if (own_mounts() || mount("bystander", "/mnt", "tmpfs", 0, NULL) ||
	    chdir("/mnt") || make_overlay_dirs())
		give_up("make an overlay");
	if (mount_overlay())
		rmdir("merged");
}

/* One path and the other in turn, where there is an overlay. */
static const char *either(unsigned int i, const char *a, const char *b)
{
	return i % 2 && !access("merged", F_OK) ? a : b;
}

/* A file is locked and closed. */
static void loop_flock(int which)
{
	unsigned int i;
	int fd;

	(void)which;
	make_overlay();
	for (i = 0;; i++) {
		int phase = shared->phase;

		fd = open(either(i, "merged/lock", "upper/own-lock"),
			  O_CREAT | O_RDWR, 0600);
		if (flock(fd, LOCK_EX | LOCK_NB))
			count(shared->locked[phase]);
		count(shared->locks[phase]);
		if (!(i & 7))
			sched_yield();
		close(fd);
	}
}

#define BUSY	26

/* A program is written, closed and executed; when it has ended, written again. */
static void loop_exec(int which)
{
	const char *path;
	unsigned int i;
	int fd, status;
	pid_t pid;

	(void)which;
	make_overlay();
	for (i = 0;; i++) {
		int phase = shared->phase;

		path = either(i, "merged/run", "upper/own-run");
		fd = open(path, O_CREAT | O_WRONLY, 0700);
		if (fd < 0) {
			count(shared->unwritable[phase]);
			continue;
		}
		if (copy_program(fd))
			give_up("write a program");
		close(fd);
		pid = vfork();
		if (!pid) {
			execl(path, "adversary", "--end", NULL);
			_exit(errno == ETXTBSY ? BUSY : 1);
		}
		waitpid(pid, &status, 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == BUSY)
			count(shared->unexecutable[phase]);
		count(shared->execs[phase]);
	}
}

static pid_t start(void (*fn)(int which), int which)
{
	pid_t pid = fork_child();

	if (!pid) {
		prctl(PR_SET_NAME, "adv-bystander");
		if (enter_cgroup(BYSTANDERS))
			give_up("enter a cgroup");
		fn(which);
	}
	return pid;
}

int start_bystanders(pid_t *pids)
{
	int nr = 0;

	pids[nr++] = start(loop_umount, WHERE_READERS_LOOK);
	pids[nr++] = start(loop_umount, BESIDE_STATVFS);
	pids[nr++] = start(loop_flock, 0);
	pids[nr++] = start(loop_exec, 0);
	return nr;
}
