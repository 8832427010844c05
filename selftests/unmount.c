// SPDX-License-Identifier: GPL-2.0
/*
 * Readers and mount(2), umount(2) at the same time: mounts and unmounts hide
 * nothing from a reader, and a reader keeps nothing that a process has just
 * closed, unmounted or removed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/living.h"
#include "helpers/mount.h"
#include "helpers/process.h"
#include "helpers/table.h"

#define MB	(1UL << 20)

#define UNMOUNTERS	4
#define READ_FOR	8
/* Seconds more where a busy machine has shown too little. */
#define PATIENCE	60

/* Several do this at once, so that at any time one is being unmounted. */
static void unmount_all_the_time(void)
{
	int fd;

	if (own_mounts())
		_exit(1);
	for (;;) {
		if (mount("filled", "/mnt", "tmpfs", 0, "size=50%"))
			_exit(1);
		fd = open("/mnt/file", O_CREAT | O_RDWR, 0600);
		if (fd < 0 || fallocate(fd, 0, 0, (16 + rand() % 80) * MB))
			_exit(1);
		close(fd);
		if (umount("/mnt"))
			_exit(1);
	}
}

FIXTURE(beside_unmounts)
{
	struct living living;
	pid_t unmounter[UNMOUNTERS];
};

FIXTURE_SETUP(beside_unmounts)
{
	int i;

	make_living(&self->living);
	ASSERT_TRUE(all_living(&self->living));
	for (i = 0; i < UNMOUNTERS; i++) {
		self->unmounter[i] = fork_child();
		if (!self->unmounter[i]) {
			srand(i);
			unmount_all_the_time();
		}
	}
}

FIXTURE_TEARDOWN(beside_unmounts)
{
	stop_children(self->unmounter, UNMOUNTERS);
	remove_living(&self->living);
}

/*
 * On old kernels the walk of file systems may not reach the end of the list, and
 * a read then ends with EAGAIN, which has to be rare.
 */
static int allowed_again(int reads)
{
	return kernel_since(6, 8) ? 0 : reads / 10;
}

/* Whether time is left, or more rounds are needed to show something. */
static bool until(double end, int rounds, int least)
{
	return now() < end || (rounds <= least && now() < end + PATIENCE);
}

TEST_F(beside_unmounts, objects_that_live_are_in_every_read)
{
	int reads = 0, again = 0, missing[NR_LIVING] = {}, i;
	double end = now() + READ_FOR;
	char *text;

	while (until(end, reads, 10)) {
		text = read_file(PROC "objects");
		if (!text) {
			ASSERT_EQ(EAGAIN, errno);
			again++;
			continue;
		}
		reads++;
		for (i = 0; i < NR_LIVING; i++)
			missing[i] += self->living.id[i][0] &&
				      !has_row_of(text, self->living.id[i]);
		free(text);
	}
	TH_LOG("%d reads, %d ended with EAGAIN", reads, again);
	EXPECT_LT(10, reads);
	EXPECT_GE(allowed_again(reads), again);
	for (i = 0; i < NR_LIVING; i++) {
		if (missing[i])
			TH_LOG("%s: missing in %d", living_names[i], missing[i]);
		EXPECT_EQ(0, missing[i]);
	}
	for (i = 0; i < UNMOUNTERS; i++)
		EXPECT_EQ(0, waitpid(self->unmounter[i], NULL, WNOHANG));
}

/* "summary" has no row for each object, but the kinds of these cannot be empty. */
TEST_F(beside_unmounts, no_kind_is_empty)
{
	static const char * const kinds[] = { "sysv", "posix", "anon", "memfd" };
	int reads = 0, again = 0, empty = 0, i;
	double end = now() + READ_FOR / 2;
	struct table *t;

	while (until(end, reads, 10)) {
		t = table_read("summary");
		if (!t) {
			ASSERT_EQ(EAGAIN, errno);
			again++;
			continue;
		}
		reads++;
		for (i = 0; i < 4; i++)
			empty += !number(t, row_with(t, 0, "kind", kinds[i]),
					 "objects");
		table_free(t);
	}
	TH_LOG("%d reads, %d ended with EAGAIN, %d kinds empty", reads, again,
	       empty);
	EXPECT_LT(10, reads);
	EXPECT_GE(allowed_again(reads), again);
	EXPECT_EQ(0, empty);
}

TEST_F(beside_unmounts, extents_of_what_is_there)
{
	int fd = open(PROC "extents", O_RDWR), asked = 0, again = 0;
	double end = now() + READ_FOR / 2;
	int missing = 0;
	char buf[4096];
	const char *id;

	ASSERT_LE(0, fd);
	while (until(end, asked, 50)) {
		id = self->living.id[asked++ % NR_LIVING];
		if (!*id)
			continue;
		/* Both calls look for the object. */
		if (write(fd, id, strlen(id)) < 0 ||
		    read(fd, buf, sizeof(buf)) < 0) {
			if (errno != EAGAIN)
				ASSERT_EQ(ENOENT, errno);
			again += errno == EAGAIN;
			missing += errno == ENOENT;
		}
	}
	TH_LOG("asked %d times, %d EAGAIN, %d ENOENT", asked, again, missing);
	EXPECT_LT(50, asked);
	EXPECT_GE(allowed_again(asked), again);
	EXPECT_EQ(0, missing);
	close(fd);
}

/* What a loop of mount and umount counts, shared with the test. */
struct loops {
	volatile unsigned long unmounts;
	volatile unsigned long busy;
	volatile bool go;
	unsigned long reads;
	int neighbours;
};

#define NEIGHBOURS	200
#define MAX_SECONDS	10
#define READS		500

/*
 * In a mount namespace of its own, with or without many processes that have the
 * same /dev/shm: a reader has to look at it once, not once for each of them.
 */
static void loop_on_dev_shm(void *arg)
{
	struct loops *loops = arg;
	pid_t pids[NEIGHBOURS];
	bool busy;

	if (own_mounts() ||
	    start_sleepers(pids, loops->neighbours) < loops->neighbours)
		_exit(1);
	if (fork_child())
		return;
	for (;;) {
		if (!loops->go) {
			usleep(1000);
			continue;
		}
		if (mount("loop", "/dev/shm", "tmpfs", 0, NULL))
			_exit(1);
		busy = false;
		while (umount("/dev/shm"))
			busy = true;
		loops->busy += busy;
		loops->unmounts++;
	}
}

static void ask_for_space(void *arg)
{
	char path[64];
	struct statvfs st;

	if (fork_child())
		return;
	snprintf(path, sizeof(path), "/proc/%d/root/dev/shm", *(pid_t *)arg);
	for (;;)
		statvfs(path, &st);
}

/* The share of unmounts that met EBUSY, in so many reads, or in 2 s without. */
static double busy_share(struct loops *loops, unsigned long reads)
{
	unsigned long from = reader_rounds();

	loops->unmounts = 0;
	loops->busy = 0;
	loops->go = true;
	wait_until(reads && reader_rounds() - from >= reads,
		   reads ? MAX_SECONDS : 2);
	wait_until(loops->unmounts > 10 &&
		   (!reads || reader_rounds() > from), PATIENCE);
	loops->go = false;
	loops->reads = reader_rounds() - from;
	usleep(100000);
	return loops->unmounts ? (double)loops->busy / loops->unmounts : 0;
}

static double beside_a_reader(struct loops *loops)
{
	pid_t reader = start_reader("summary");
	double share = busy_share(loops, READS);

	stop_child(reader);
	return share;
}

/*
 * umount(2) meets EBUSY no more often beside readers than beside one df(1) in a
 * loop, and the number of processes makes no difference.
 */
TEST(umount_of_dev_shm_beside_readers)
{
	struct loops *loops = map_shared(sizeof(*loops));
	double alone, asked, few, many;
	pid_t pid, other;

	pid = start_child(loop_on_dev_shm, loops);
	ASSERT_LT(0, pid);
	alone = busy_share(loops, 0);
	EXPECT_LT(10, loops->unmounts);
	other = start_child(ask_for_space, &pid);
	ASSERT_LT(0, other);
	asked = busy_share(loops, 0);
	EXPECT_LT(10, loops->unmounts);
	stop_child(other);
	few = beside_a_reader(loops);
	EXPECT_LT(10, loops->unmounts);
	EXPECT_LT(0, loops->reads);
	stop_child(pid);

	loops->neighbours = NEIGHBOURS;
	pid = start_child(loop_on_dev_shm, loops);
	ASSERT_LT(0, pid);
	many = beside_a_reader(loops);
	EXPECT_LT(10, loops->unmounts);
	EXPECT_LT(0, loops->reads);
	stop_child(pid);

	TH_LOG("EBUSY: alone %.3f%%, beside statvfs %.3f%%, beside a reader %.3f%%",
	       alone * 100, asked * 100, few * 100);
	TH_LOG("with %d processes more %.3f%%", NEIGHBOURS, many * 100);
	EXPECT_EQ(0, alone);
	EXPECT_GE(asked + 0.01, few);
	EXPECT_GE(2 * few + 0.01, many);
}

/*
 * Whether a loop goes on: until so many reads, or for MAX_SECONDS, but at least
 * for as many rounds as show something, however busy the machine is.
 */
static bool go_on(unsigned long reads, int rounds, int least)
{
	static unsigned long from;
	static double start;

	if (!start) {
		from = reader_rounds();
		start = now();
	}
	if (now() < start + MAX_SECONDS && reader_rounds() - from < reads)
		return true;
	return rounds <= least && now() < start + MAX_SECONDS + PATIENCE;
}

/* Files on a tmpfs, and on an overlay on that, as in a container. */
FIXTURE(closed)
{
	char path[128];
	pid_t reader[2];
	unsigned long rounds;
};

FIXTURE_VARIANT(closed)
{
	const char *dir;
};

FIXTURE_VARIANT_ADD(closed, tmpfs)
{
	.dir = "upper",
};

FIXTURE_VARIANT_ADD(closed, overlay)
{
	.dir = "merged",
};

FIXTURE_SETUP(closed)
{
	const char *dir = own_tmpfs("size=72m");
	int i;

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(0, chdir(dir));
	ASSERT_EQ(0, make_overlay_dirs());
	if (mount_overlay())
		SKIP(return, "no overlayfs in this kernel");
	snprintf(self->path, sizeof(self->path), "%s/%s/file", dir,
		 variant->dir);
	self->rounds = reader_rounds();
	/* Two, so that one reads while the other is not running. */
	for (i = 0; i < 2; i++) {
		self->reader[i] = start_reader("holders pages maps");
		ASSERT_LT(0, self->reader[i]);
	}
}

FIXTURE_TEARDOWN(closed)
{
	int i;

	if (self->reader[0] > 0)
		EXPECT_TRUE(wait_until(reader_rounds() > self->rounds,
				       PATIENCE));
	for (i = 0; i < 2; i++)
		if (self->reader[i] > 0)
			stop_child(self->reader[i]);
}

#define DUPLICATES	400

/*
 * Many descriptors of one file, closed at once: a reader that took a reference for
 * each of them would hold the file nearly all the time.
 */
static void duplicate(int fd, int *first, int *last)
{
	int i, new;

	*first = fcntl(fd, F_DUPFD, 100);
	*last = *first;
	for (i = 1; i < DUPLICATES; i++) {
		new = fcntl(fd, F_DUPFD, *last + 1);
		if (new >= 0)
			*last = new;
	}
	close(fd);
}

static void close_all(int first, int last)
{
	/* Lets a reader come to them. */
	sched_yield();
	close_range(first, last, 0);
}

/* A lock ends with the last descriptor, not later with a reader's reference. */
TEST_F(closed, lock_of_a_closed_file)
{
	int fd, first, last, loops = 0, locked = 0;

	while (go_on(READS, loops, 20)) {
		fd = open(self->path, O_CREAT | O_RDWR, 0600);
		ASSERT_LE(0, fd);
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			ASSERT_EQ(EWOULDBLOCK, errno);
			locked++;
		}
		loops++;
		duplicate(fd, &first, &last);
		close_all(first, last);
	}
	TH_LOG("%d locks, %d met EWOULDBLOCK", loops, locked);
	EXPECT_LT(20, loops);
	EXPECT_EQ(0, locked);
}

/*
 * A file that was written and closed can be executed. The kernel checks whether it
 * is open for writing before it finds that it is not a program.
 */
TEST_F(closed, write_access_of_a_closed_file)
{
	static char * const none[] = { NULL };
	int fd, first, last, loops = 0, busy = 0;

	while (go_on(READS, loops, 20)) {
		fd = open(self->path, O_CREAT | O_WRONLY, 0700);
		ASSERT_LE(0, fd);
		ASSERT_EQ(4, write(fd, "none", 4));
		duplicate(fd, &first, &last);
		close_all(first, last);
		ASSERT_EQ(-1, execve(self->path, none, none));
		if (errno != ETXTBSY)
			ASSERT_EQ(ENOEXEC, errno);
		busy += errno == ETXTBSY;
		loops++;
	}
	TH_LOG("%d files, %d met ETXTBSY", loops, busy);
	EXPECT_LT(20, loops);
	EXPECT_EQ(0, busy);
}

/* A program that has ended can be written. */
TEST_F(closed, program_that_has_ended)
{
	int from = open("/bin/true", O_RDONLY), fd, status, loops = 0, busy = 0;
	static char text[1 << 20];
	ssize_t len;
	pid_t pid;

	len = read(from, text, sizeof(text));
	close(from);
	ASSERT_LT(0, len);
	while (go_on(2 * READS, loops, 2)) {
		fd = open(self->path, O_CREAT | O_WRONLY, 0700);
		if (fd < 0) {
			ASSERT_EQ(ETXTBSY, errno);
			busy++;
			continue;
		}
		ASSERT_EQ(len, write(fd, text, len));
		close(fd);
		pid = vfork();
		if (!pid) {
			execl(self->path, "true", NULL);
			_exit(1);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_EQ(0, status);
		loops++;
	}
	TH_LOG("%d programs, %d met ETXTBSY", loops, busy);
	EXPECT_LT(2, loops);
	EXPECT_EQ(0, busy);
}

#define SMALL_FILES	14

/*
 * The space of a removed file is free at once. A reader may have a reference to
 * that file while it is not running, which is rare. It must not keep references to
 * others while it walks a large one, as the newest file, which comes first: then
 * every second removed file would keep its space.
 */
TEST_F(closed, space_of_a_removed_file)
{
	int fd, i, loops = 0, kept = 0;
	struct statvfs before, after;
	char path[SMALL_FILES][160];

	for (i = 0; i < 2; i++) {
		stop_child(self->reader[i]);
		self->reader[i] = start_reader("pages");
	}
	for (i = 0; i < SMALL_FILES; i++)
		snprintf(path[i], sizeof(path[i]), "%s-%d", self->path, i);
	while (go_on(3 * READS, loops, 20)) {
		for (i = 0; i < SMALL_FILES; i++) {
			fd = open(path[i], O_CREAT | O_RDWR, 0600);
			ASSERT_LE(0, fd);
			ASSERT_EQ(0, fallocate(fd, 0, 0, MB / 8));
			close(fd);
		}
		fd = open("upper/large", O_CREAT | O_RDWR, 0600);
		ASSERT_EQ(0, fallocate(fd, 0, 0, 64 * MB));
		close(fd);
		for (i = 0; i < SMALL_FILES; i++) {
			ASSERT_EQ(0, statvfs("upper", &before));
			ASSERT_EQ(0, unlink(path[i]));
			ASSERT_EQ(0, statvfs("upper", &after));
			kept += after.f_bfree <= before.f_bfree;
			loops++;
			usleep(1000);
		}
		ASSERT_EQ(0, unlink("upper/large"));
		/* A reader may have that one, so its space may be free later. */
		do {
			ASSERT_EQ(0, statvfs("upper", &after));
		} while (after.f_bfree < 65 * MB / after.f_bsize);
	}
	TH_LOG("%d files, %d kept their space", loops, kept);
	EXPECT_LT(20, loops);
	EXPECT_GE(1 + loops / 8, kept);
}

/* An overlay can be unmounted once its last file was closed. */
TEST_F(closed, mount_of_a_closed_file)
{
	int fd, first, last, loops = 0, busy = 0;
	struct stat st;

	if (strcmp(variant->dir, "merged"))
		SKIP(return, "umount_of_dev_shm_beside_readers has a tmpfs");
	while (go_on(READS, loops, 20)) {
		fd = open(self->path, O_CREAT | O_RDWR, 0600);
		ASSERT_LE(0, fd);
		ASSERT_EQ(1, write(fd, "x", 1));
		duplicate(fd, &first, &last);
		close_all(first, last);
		if (umount("merged")) {
			ASSERT_EQ(EBUSY, errno);
			busy++;
			continue;
		}
		ASSERT_EQ(-1, stat(self->path, &st));
		ASSERT_EQ(0, mount_overlay());
		loops++;
	}
	TH_LOG("%d unmounts, %d met EBUSY", loops, busy);
	EXPECT_LT(20, loops);
	EXPECT_EQ(0, busy);
}

TEST_HARNESS_MAIN
