// SPDX-License-Identifier: GPL-2.0
/*
 * Reading beside mount(2) and umount(2), both ways: what is mounted or
 * unmounted meanwhile hides nothing from a reader, and a reader keeps nothing
 * that somebody else has just let go of.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

#define MB	(1UL << 20)

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

#define UNMOUNTERS	4
#define READ_FOR	8

/* Several at once, so that some are being unmounted at any time. */
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

enum { MEMFD, SEGMENT, MAPPING, POSIX, ELSEWHERE, HUGE_MEMFD, NR_LIVING };

static const char * const living[NR_LIVING] = {
	"memfd", "segment", "mapping", "file of /dev/shm",
	"file of another mount namespace", "memfd of huge pages",
};

struct elsewhere {
	struct stat st;
};

static void make_elsewhere(void *arg)
{
	struct elsewhere *where = arg;
	int fd;

	if (own_mounts() || mount("elsewhere", "/mnt", "tmpfs", 0, NULL))
		_exit(1);
	fd = open("/mnt/file", O_CREAT | O_RDWR, 0600);
	if (write(fd, "x", 1) != 1 || fstat(fd, &where->st))
		_exit(1);
}

FIXTURE(beside_unmounts)
{
	/* Between newlines and blanks, as a row begins with it. */
	char row[NR_LIVING][84];
	pid_t unmounter[UNMOUNTERS];
	pid_t elsewhere;
	char *pages;
	int shmid;
};

static void row_of_id(char row[84], const char *id)
{
	snprintf(row, 84, *id ? "\n%s " : "", id);
}

FIXTURE_SETUP(beside_unmounts)
{
	struct elsewhere *where = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char id[80], *p;
	struct table *t;
	int i, fd, row;

	fd = memfd_create("lives on", 0);
	ASSERT_EQ(0, ftruncate(fd, MB));
	id_of_fd(fd, id);
	row_of_id(self->row[MEMFD], id);

	self->shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
	ASSERT_LE(0, self->shmid);
	id_of_segment(self->shmid, id);
	row_of_id(self->row[SEGMENT], id);

	where->st.st_ino = 0;
	id_of_mapping(where, id);
	row_of_id(self->row[MAPPING], id);

	fd = open("/dev/shm/unmount-lives-on", O_CREAT | O_RDWR, 0600);
	ASSERT_EQ(1, write(fd, "x", 1));
	id_of_fd(fd, id);
	row_of_id(self->row[POSIX], id);

	self->elsewhere = start_child(make_elsewhere, where);
	ASSERT_LT(0, self->elsewhere);
	t = table_read("objects");
	row = row_of_inode(t, where->st.st_dev, where->st.st_ino, NULL);
	ASSERT_LE(0, row);
	row_of_id(self->row[ELSEWHERE], cell(t, row, "id"));
	table_free(t);

	self->pages = read_file("/proc/sys/vm/nr_hugepages");
	if (self->pages)
		write_file("/proc/sys/vm/nr_hugepages", "4");
	fd = memfd_create("huge", MFD_HUGETLB);
	if (fd >= 0 && !ftruncate(fd, 2 * MB)) {
		p = mmap(NULL, 2 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 0);
		if (p != MAP_FAILED) {
			id_of_fd(fd, id);
			row_of_id(self->row[HUGE_MEMFD], id);
		}
	}
	for (i = 0; i < NR_LIVING; i++)
		if (i != HUGE_MEMFD)
			ASSERT_STRNE("", self->row[i]);

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
	int i;

	for (i = 0; i < UNMOUNTERS; i++)
		stop_child(self->unmounter[i]);
	stop_child(self->elsewhere);
	shmctl(self->shmid, IPC_RMID, NULL);
	unlink("/dev/shm/unmount-lives-on");
	if (self->pages)
		write_file("/proc/sys/vm/nr_hugepages", self->pages);
}

/*
 * Where the list of an old kernel does not settle, EAGAIN is an answer, and a
 * rare one; later ones have no reason for it.
 */
static int allowed_again(int reads)
{
	return kernel_since(6, 8) ? 0 : reads / 10;
}

TEST_F(beside_unmounts, objects_that_live_are_in_every_read)
{
	int reads = 0, again = 0, missing[NR_LIVING] = {}, i;
	double end = now() + READ_FOR;
	char *text;

	while (now() < end) {
		text = read_file(PROC "objects");
		if (!text) {
			ASSERT_EQ(EAGAIN, errno);
			again++;
			continue;
		}
		reads++;
		for (i = 0; i < NR_LIVING; i++)
			missing[i] += !strstr(text, self->row[i]);
		free(text);
	}
	TH_LOG("%d reads, %d ended with EAGAIN", reads, again);
	EXPECT_LT(10, reads);
	EXPECT_GE(allowed_again(reads), again);
	for (i = 0; i < NR_LIVING; i++) {
		if (missing[i])
			TH_LOG("%s: missing in %d", living[i], missing[i]);
		EXPECT_EQ(0, missing[i]);
	}
	for (i = 0; i < UNMOUNTERS; i++)
		EXPECT_EQ(0, waitpid(self->unmounter[i], NULL, WNOHANG));
}

/* "summary" and the report have no row for each, but none of the kinds is 0. */
TEST_F(beside_unmounts, no_kind_is_empty)
{
	static const char * const kinds[] = { "sysv", "posix", "anon", "memfd" };
	int reads = 0, again = 0, empty = 0, i;
	double end = now() + READ_FOR / 2;
	struct table *t;

	while (now() < end) {
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
	int fd = open(PROC "extents", O_RDWR), asked = 0, again = 0, i;
	double end = now() + READ_FOR / 2;
	char id[80], buf[4096];
	int missing = 0;

	ASSERT_LE(0, fd);
	while (now() < end) {
		i = asked % NR_LIVING;
		asked++;
		if (!self->row[i][0])
			continue;
		sscanf(self->row[i], " %79s", id);
		/* The one looks for it, the other once more. */
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

/* Two loops of mount and umount, counted, one beside each of two nuisances. */
struct loops {
	volatile unsigned long unmounts;
	volatile unsigned long busy;
	volatile bool go;
	int neighbours;
};

#define NEIGHBOURS	200
#define MOST_SECONDS	10
#define READS		500

/*
 * In a mount namespace of its own, with or without many processes that have
 * the same /dev/shm: a reader has reason to go there once, not once for each.
 */
static void loop_on_dev_shm(void *arg)
{
	struct loops *loops = arg;
	bool busy;
	int i;

	if (own_mounts())
		_exit(1);
	for (i = 0; i < loops->neighbours; i++)
		if (!fork_child())
			for (;;)
				pause();
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

/* For as many reads as have to be, if anybody reads, or for a while. */
static double busy_share(struct loops *loops, unsigned long reads)
{
	unsigned long from = reader_rounds();
	double end = now() + (reads ? MOST_SECONDS : 2);

	loops->unmounts = 0;
	loops->busy = 0;
	loops->go = true;
	while (now() < end && (!reads || reader_rounds() - from < reads))
		usleep(10000);
	loops->go = false;
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
 * Beside readers no more often than beside one df(1) in a loop, and no more
 * often for the number of processes.
 */
TEST(umount_of_dev_shm_beside_readers)
{
	struct loops *loops = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
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
	stop_child(pid);

	loops->neighbours = NEIGHBOURS;
	pid = start_child(loop_on_dev_shm, loops);
	ASSERT_LT(0, pid);
	many = beside_a_reader(loops);
	EXPECT_LT(10, loops->unmounts);
	stop_child(pid);

	TH_LOG("EBUSY: alone %.3f%%, beside statvfs %.3f%%, beside a reader %.3f%%",
	       alone * 100, asked * 100, few * 100);
	TH_LOG("with %d processes more %.3f%%", NEIGHBOURS, many * 100);
	EXPECT_EQ(0, alone);
	EXPECT_GE(asked + 0.01, few);
	EXPECT_GE(2 * few + 0.01, many);
}

/* The loops below go on for so many reads, however busy the machine is. */
static bool go_on(unsigned long reads)
{
	static unsigned long from;
	static double end;

	if (!end) {
		from = reader_rounds();
		end = now() + MOST_SECONDS;
	}
	return now() < end && reader_rounds() - from < reads;
}

static const char overlay_options[] = "lowerdir=lower,upperdir=upper,workdir=work";

/* Files on a tmpfs, and on an overlay that is on it, as in a container. */
FIXTURE(let_go)
{
	char path[128];
	pid_t reader[2];
};

FIXTURE_VARIANT(let_go)
{
	const char *dir;
};

FIXTURE_VARIANT_ADD(let_go, tmpfs)
{
	.dir = "upper",
};

FIXTURE_VARIANT_ADD(let_go, overlay)
{
	.dir = "merged",
};

FIXTURE_SETUP(let_go)
{
	const char *dir = own_tmpfs("size=72m");
	int i;

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(0, chdir(dir));
	ASSERT_EQ(0, mkdir("lower", 0755) | mkdir("upper", 0755) |
		     mkdir("work", 0755) | mkdir("merged", 0755));
	if (mount("overlay", "merged", "overlay", 0, overlay_options))
		SKIP(return, "no overlayfs in this kernel");
	snprintf(self->path, sizeof(self->path), "%s/%s/file", dir,
		 variant->dir);
	/* Two, so that one is inside while the other is switched away. */
	for (i = 0; i < 2; i++) {
		self->reader[i] = start_reader("holders pages maps");
		ASSERT_LT(0, self->reader[i]);
	}
}

FIXTURE_TEARDOWN(let_go)
{
	int i;

	for (i = 0; i < 2; i++)
		if (self->reader[i] > 0)
			stop_child(self->reader[i]);
}

#define DUPLICATES	400

/*
 * Many descriptors of one file, closed at once: a reader that goes through them
 * and takes each in its hands has the file as good as all the time.
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
	/* Long enough for a reader to get here. */
	sched_yield();
	close_range(first, last, 0);
}

/* A lock goes with the last descriptor, not when a reader is done with it. */
TEST_F(let_go, lock_of_a_closed_file)
{
	int fd, first, last, loops = 0, locked = 0;

	while (go_on(READS)) {
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
 * What was written and closed can be executed. The kernel finds out whether
 * somebody has it open for writing before it finds that it is no program.
 */
TEST_F(let_go, write_access_of_a_closed_file)
{
	static char * const none[] = { NULL };
	int fd, first, last, loops = 0, busy = 0;

	while (go_on(READS)) {
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

/* And what was executed and has ended can be written. */
TEST_F(let_go, program_that_has_ended)
{
	int from = open("/bin/true", O_RDONLY), fd, status, loops = 0, busy = 0;
	static char text[1 << 20];
	ssize_t len;
	pid_t pid;

	len = read(from, text, sizeof(text));
	close(from);
	ASSERT_LT(0, len);
	while (go_on(2 * READS)) {
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
 * The space of a removed file is free at once. A reader may have that very file
 * in its hands, and be switched away, but it has no other one while it walks a
 * large one that comes before it, as the newest does: else it is every second.
 */
TEST_F(let_go, space_of_a_removed_file)
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
	while (go_on(3 * READS)) {
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
		/* A reader may have that one, and then there is no space yet. */
		do {
			ASSERT_EQ(0, statvfs("upper", &after));
		} while (after.f_bfree < 65 * MB / after.f_bsize);
	}
	TH_LOG("%d files, %d kept their space", loops, kept);
	EXPECT_LT(20, loops);
	EXPECT_GE(1 + loops / 8, kept);
}

/* An overlay can be unmounted once its last file was closed. */
TEST_F(let_go, mount_of_a_closed_file)
{
	int fd, first, last, loops = 0, busy = 0;
	struct stat st;

	if (strcmp(variant->dir, "merged"))
		SKIP(return, "umount_of_dev_shm_beside_readers has a tmpfs");
	while (go_on(READS)) {
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
		ASSERT_EQ(0, mount("overlay", "merged", "overlay", 0,
				   overlay_options));
		loops++;
	}
	TH_LOG("%d unmounts, %d met EBUSY", loops, busy);
	EXPECT_LT(20, loops);
	EXPECT_EQ(0, busy);
}

TEST_HARNESS_MAIN
