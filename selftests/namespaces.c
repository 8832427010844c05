// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of other namespaces than the reader's.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/table.h"

#define MB	(1UL << 20)
#define KEY	0x5347

/* What a child made, for its parent to find. */
struct child {
	int shmid;
	unsigned long ipcns;
	struct stat shm;
	struct stat run;
};

static void must(bool done)
{
	if (!done)
		_exit(1);
}

static void make_segment(void *arg)
{
	struct child *child = arg;
	struct stat st;
	char *p;

	must(!unshare(CLONE_NEWIPC));
	child->shmid = shmget(KEY, MB, IPC_CREAT | 0600);
	must(child->shmid >= 0);
	p = shmat(child->shmid, NULL, 0);
	p[0] = 1;
	must(!shmdt(p));
	must(!stat("/proc/thread-self/ns/ipc", &st));
	child->ipcns = st.st_ino;
}

TEST(same_key_and_id_in_two_ipc_namespaces)
{
	struct child *child = map_shared(2 * sizeof(struct child));
	struct table *sysv, *objects;
	pid_t pid[2];
	int i, row, found = 0;

	for (i = 0; i < 2; i++) {
		pid[i] = start_child(make_segment, &child[i]);
		ASSERT_LT(0, pid[i]);
	}
	ASSERT_EQ(child[0].shmid, child[1].shmid);
	ASSERT_NE(child[0].ipcns, child[1].ipcns);

	sysv = table_read("sysv");
	objects = table_read("objects");
	for (i = 0; i < 2; i++) {
		for (row = 0; row < sysv->rows; row++)
			if (number(sysv, row, "ipcns") == child[i].ipcns)
				break;
		ASSERT_GT(sysv->rows, row);
		EXPECT_EQ(child[i].shmid, number(sysv, row, "shmid"));
		EXPECT_STREQ("0x00005347", cell(sysv, row, "key"));
		row = row_with(objects, 0, "id", cell(sysv, row, "id"));
		ASSERT_LE(0, row);
		EXPECT_EQ(sysconf(_SC_PAGESIZE),
			  number(objects, row, "resident"));
		found++;
	}
	EXPECT_EQ(2, found);
	for (i = 0; i < 2; i++)
		stop_child(pid[i]);
	table_free(sysv);
	table_free(objects);
}

static void mount_shm(void *arg)
{
	struct child *child = arg;
	int fd;

	must(!own_mounts());
	must(!mount("shm", "/dev/shm", "tmpfs", 0, NULL));
	fd = open("/dev/shm/mine", O_CREAT | O_RDWR, 0600);
	must(write(fd, "x", 1) == 1 && !fstat(fd, &child->shm));
	/* Another tmpfs of the same namespace. */
	must(!mount("run", "/mnt", "tmpfs", 0, NULL));
	fd = open("/mnt/other", O_CREAT | O_RDWR, 0600);
	must(write(fd, "x", 1) == 1 && !fstat(fd, &child->run));
}

static void expect_kind(struct __test_metadata *_metadata,
			const struct table *t, const struct stat *st,
			const char *kind)
{
	int row = row_of_inode(t, st->st_dev, st->st_ino, NULL);

	ASSERT_LE(0, row);
	EXPECT_STREQ(kind, cell(t, row, "kind"));
	EXPECT_EQ(st->st_blocks * 512, number(t, row, "resident"));
}

TEST(dev_shm_of_two_mount_namespaces)
{
	struct child *child = map_shared(2 * sizeof(struct child));
	struct table *t;
	pid_t pid[2];
	int i;

	for (i = 0; i < 2; i++) {
		pid[i] = start_child(mount_shm, &child[i]);
		ASSERT_LT(0, pid[i]);
	}
	t = table_read("objects");
	EXPECT_NE(child[0].shm.st_dev, child[1].shm.st_dev);
	for (i = 0; i < 2; i++) {
		expect_kind(_metadata, t, &child[i].shm, "posix");
		expect_kind(_metadata, t, &child[i].run, "tmpfs");
		stop_child(pid[i]);
	}
	table_free(t);
}

static void live_in_chroot(void *arg)
{
	struct child *child = arg;
	int fd;

	must(!own_mounts());
	must(!mount("root", "/mnt", "tmpfs", 0, NULL));
	must(!mkdir("/mnt/dev", 0755) && !mkdir("/mnt/dev/shm", 0755));
	must(!mount("shm", "/mnt/dev/shm", "tmpfs", 0, NULL));
	must(!chroot("/mnt"));
	fd = open("/dev/shm/mine", O_CREAT | O_RDWR, 0600);
	must(write(fd, "x", 1) == 1 && !fstat(fd, &child->shm));
	fd = open("/other", O_CREAT | O_RDWR, 0600);
	must(write(fd, "x", 1) == 1 && !fstat(fd, &child->run));
}

/* Runs a function in a thread, which lives until the second barrier. */
struct apart {
	void (*make)(void *arg);
	struct child *child;
	pthread_barrier_t barrier;
};

static void *run_apart(void *arg)
{
	struct apart *apart = arg;

	apart->make(apart->child);
	pthread_barrier_wait(&apart->barrier);
	pthread_barrier_wait(&apart->barrier);
	return NULL;
}

static pthread_t start_apart(struct apart *apart)
{
	pthread_t thread;

	pthread_barrier_init(&apart->barrier, NULL, 2);
	must(!pthread_create(&thread, NULL, run_apart, apart));
	pthread_barrier_wait(&apart->barrier);
	return thread;
}

static void end_apart(struct apart *apart, pthread_t thread)
{
	pthread_barrier_wait(&apart->barrier);
	pthread_join(thread, NULL);
}

/* The mount namespace of a thread is not that of its process. */
TEST(dev_shm_of_a_thread)
{
	struct child child = {};
	struct apart apart = { .make = mount_shm, .child = &child };
	pthread_t thread = start_apart(&apart);
	struct table *t = table_read("objects");
	struct stat st;

	ASSERT_EQ(0, stat("/dev/shm", &st));
	EXPECT_NE(st.st_dev, child.shm.st_dev);
	expect_kind(_metadata, t, &child.shm, "posix");
	expect_kind(_metadata, t, &child.run, "tmpfs");
	end_apart(&apart, thread);
	table_free(t);
}

TEST(segment_of_a_thread)
{
	struct child child = {};
	struct apart apart = { .make = make_segment, .child = &child };
	pthread_t thread = start_apart(&apart);
	struct table *t = table_read("sysv");
	char ns[32];
	int row;

	snprintf(ns, sizeof(ns), "%lu", child.ipcns);
	ASSERT_EQ(1, count_with(t, "ipcns", ns));
	row = row_with(t, 0, "ipcns", ns);
	EXPECT_EQ(child.shmid, number(t, row, "shmid"));
	EXPECT_STREQ("0x00005347", cell(t, row, "key"));
	end_apart(&apart, thread);
	table_free(t);
}

#define MOUNTS	150

/* More than fit into the memory that the module first allocates for them. */
TEST(very_many_mounts)
{
	struct table *t;
	char path[64], name[32];
	int i, fd, found = 0;
	struct stat st;

	ASSERT_EQ(0, own_mounts());
	ASSERT_EQ(0, mount("many", "/mnt", "tmpfs", 0, NULL));
	for (i = 0; i < MOUNTS; i++) {
		snprintf(path, sizeof(path), "/mnt/%d", i);
		ASSERT_EQ(0, mkdir(path, 0755));
		ASSERT_EQ(0, mount("many", path, "tmpfs", 0, NULL));
		snprintf(path, sizeof(path), "/mnt/%d/many-%d", i, i);
		fd = open(path, O_CREAT | O_RDWR, 0600);
		ASSERT_EQ(i % 100, write(fd, path, i % 100));
		close(fd);
	}
	t = table_read("objects");
	for (i = 0; i < MOUNTS; i++) {
		int row;

		snprintf(path, sizeof(path), "/mnt/%d/many-%d", i, i);
		snprintf(name, sizeof(name), "/many-%d", i);
		ASSERT_EQ(0, stat(path, &st));
		row = row_of_inode(t, st.st_dev, st.st_ino, name);
		if (row < 0)
			continue;
		EXPECT_EQ(i % 100, number(t, row, "size"));
		found++;
	}
	EXPECT_EQ(MOUNTS, found);
	table_free(t);
	t = table_read("superblocks");
	EXPECT_LT(MOUNTS, t->rows);
	table_free(t);
}

TEST(dev_shm_of_a_chroot)
{
	struct child *child = map_shared(sizeof(struct child));
	pid_t pid = start_child(live_in_chroot, child);
	struct table *t = table_read("objects");

	ASSERT_LT(0, pid);
	expect_kind(_metadata, t, &child->shm, "posix");
	expect_kind(_metadata, t, &child->run, "tmpfs");
	stop_child(pid);
	table_free(t);
}

/* Has /dev/shm in a directory of the tmpfs at /mnt, and that directory as its root. */
static void live_in_directory(struct child *child, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/mnt/%s", name);
	must(!mkdir(path, 0755) && !chdir(path));
	must(!mkdir("dev", 0755) && !mkdir("dev/shm", 0755));
	must(!mount("shm", "dev/shm", "tmpfs", 0, NULL));
	must(!chroot("."));
	fd = open("/dev/shm/mine", O_CREAT | O_RDWR, 0600);
	must(write(fd, "x", 1) == 1 && !fstat(fd, &child->shm));
}

static void live_in_two_directories(void *arg)
{
	struct child *child = arg;
	pid_t pid;

	must(!own_mounts());
	must(!mount("root", "/mnt", "tmpfs", 0, NULL));
	pid = fork_child();
	if (!pid) {
		live_in_directory(&child[0], "a");
		child[0].shmid = 1;
		sleep_on(NULL);
	}
	must(pid > 0);
	must(wait_until(*(volatile int *)&child[0].shmid, 10));
	live_in_directory(&child[1], "b");
}

/* Roots can be directories of the same mount. */
TEST(dev_shm_of_two_chroots_of_one_mount)
{
	struct child *child = map_shared(2 * sizeof(struct child));
	pid_t pid = start_child(live_in_two_directories, child);
	struct table *t = table_read("objects");

	ASSERT_LT(0, pid);
	EXPECT_NE(child[0].shm.st_dev, child[1].shm.st_dev);
	expect_kind(_metadata, t, &child[0].shm, "posix");
	expect_kind(_metadata, t, &child[1].shm, "posix");
	stop_child(pid);
	table_free(t);
}

static void mount_twice(void *arg)
{
	struct child *child = arg;
	int fd;

	must(!own_mounts());
	must(!mount("shm", "/dev/shm", "tmpfs", 0, NULL));
	fd = open("/dev/shm/hidden", O_CREAT | O_RDWR, 0600);
	must(write(fd, "x", 1) == 1 && !fstat(fd, &child->run));
	must(!mount("shm", "/dev/shm", "tmpfs", 0, NULL));
	fd = open("/dev/shm/mine", O_CREAT | O_RDWR, 0600);
	must(write(fd, "x", 1) == 1 && !fstat(fd, &child->shm));
}

/* The upper one is where shm_open(3) makes files. */
TEST(mount_over_dev_shm)
{
	struct child *child = map_shared(sizeof(struct child));
	pid_t pid = start_child(mount_twice, child);
	struct table *t = table_read("objects");

	ASSERT_LT(0, pid);
	expect_kind(_metadata, t, &child->shm, "posix");
	expect_kind(_metadata, t, &child->run, "tmpfs");
	stop_child(pid);
	table_free(t);
}

static void bind_shm(void *arg)
{
	struct child *child = arg;
	int fd;

	must(!own_mounts());
	must(!mount("run", "/mnt", "tmpfs", 0, NULL));
	must(!mkdir("/mnt/sub", 0755));
	must(!mount("/mnt/sub", "/dev/shm", NULL, MS_BIND, NULL));
	fd = open("/mnt/other", O_CREAT | O_RDWR, 0600);
	must(write(fd, "x", 1) == 1 && !fstat(fd, &child->run));
}

/* As sandboxes do. The other files of that tmpfs are not of kind posix. */
TEST(directory_of_a_tmpfs_bound_at_dev_shm)
{
	struct child *child = map_shared(sizeof(struct child));
	pid_t pid = start_child(bind_shm, child);
	struct table *t = table_read("objects");

	ASSERT_LT(0, pid);
	expect_kind(_metadata, t, &child->run, "tmpfs");
	stop_child(pid);
	table_free(t);
}

/* A file system whose daemon never answers: a process that asks it hangs. */
static void mount_dead(void *arg)
{
	(void)arg;
	must(!own_mounts());
	must(!mount("root", "/mnt", "tmpfs", 0, NULL));
	must(!mkdir("/mnt/dev", 0755));
	must(mount_fuse("/mnt/dev") >= 0);
	must(!chroot("/mnt"));
}

TEST(dead_file_system_at_dev)
{
	struct table *t;
	pid_t pid;

	if (system("modprobe -q fuse") || access("/dev/fuse", F_OK))
		SKIP(return, "no FUSE in this kernel");
	pid = start_child(mount_dead, NULL);
	ASSERT_LT(0, pid);
	/* The harness ends a test that hangs. */
	t = table_read("objects");
	EXPECT_NE(NULL, t);
	stop_child(pid);
	table_free(t);
}

struct reader {
	int fd;
	char id[ID_SIZE];
	bool zero;
	bool done;
};

/* pids are those of the reader's namespace, 0 for a process outside it. */
TEST(reader_in_another_pid_namespace)
{
	struct reader *reader = map_shared(sizeof(*reader));
	int status;
	pid_t pid;

	reader->fd = memfd_create("held", 0);
	id_of_fd(reader->fd, reader->id);
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	pid = fork();
	if (!pid) {
		struct table *t = table_read("holders");
		int row;

		must(getpid() == 1);
		for_each_row_with(row, t, "id", reader->id) {
			if (number(t, row, "pid") == 0)
				reader->zero = true;
			if (number(t, row, "pid") == 1)
				reader->done = true;
		}
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(reader->zero);
	EXPECT_TRUE(reader->done);
}

/* The same file systems with the same options; other columns change all the time. */
static bool same_superblocks(const struct table *a, const struct table *b)
{
	static const char * const columns[] = {
		"dev", "type", "internal", "options",
	};
	int row, i;

	if (!a || !b || a->rows != b->rows)
		return false;
	for (row = 0; row < a->rows; row++)
		for (i = 0; i < ARRAY_SIZE(columns); i++)
			if (strcmp(cell(a, row, columns[i]),
				   cell(b, row, columns[i])))
				return false;
	return true;
}

/* The reader's root changes neither which rows there are nor their names. */
TEST(reader_in_a_chroot)
{
	const char *root = own_tmpfs("size=10m"), *name;
	char path[128];
	int fd, status, row;
	struct table *t, *ours;
	struct stat st;
	pid_t pid;

	ASSERT_NE(NULL, root);
	fd = open("/dev/shm/outside of it", O_CREAT | O_RDWR, 0600);
	ASSERT_LE(0, fd);
	unlink("/dev/shm/outside of it");
	ASSERT_EQ(0, ftruncate(fd, 8192));
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(0, fstat(fd, &st));
	snprintf(path, sizeof(path), "%s/proc", root);
	ASSERT_EQ(0, mkdir(path, 0700));
	ASSERT_EQ(0, mount("proc", path, "proc", 0, NULL));
	ours = table_read("superblocks");
	pid = fork();
	if (!pid) {
		if (chroot(root) || chdir("/"))
			_exit(2);
		t = table_read("objects");
		row = t ? row_of_inode(t, st.st_dev, st.st_ino, NULL) : -1;
		if (row < 0)
			_exit(3);
		name = cell(t, row, "name");
		if (strcmp(name, "/outside\\040of\\040it") ||
		    number(t, row, "size") != 8192 ||
		    number(t, row, "resident") != 4096)
			_exit(4);
		_exit(!same_superblocks(ours, table_read("superblocks")));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	snprintf(path, sizeof(path), "%s/proc", root);
	umount2(path, MNT_DETACH);
}

TEST_HARNESS_MAIN
