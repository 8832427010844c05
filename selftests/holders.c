// SPDX-License-Identifier: GPL-2.0
/*
 * What holds an object, and which objects nothing holds.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/drm.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/socket.h"
#include "helpers/table.h"

#define MB	(1UL << 20)

FIXTURE(holders)
{
	struct table *t;
	char id[ID_SIZE];
	int fd;
};

FIXTURE_SETUP(holders)
{
	self->t = NULL;
	self->fd = memfd_create("held", 0);
	ASSERT_EQ(0, ftruncate(self->fd, MB));
	id_of_fd(self->fd, self->id);
	ASSERT_STRNE("", self->id);
}

FIXTURE_TEARDOWN(holders)
{
	table_free(self->t);
}

/* How many holders the table has for the object, and the first one's row. */
static int rows_of(FIXTURE_DATA(holders) *self, int *row)
{
	table_free(self->t);
	self->t = table_read("holders");
	*row = row_with(self->t, 0, "id", self->id);
	return count_with(self->t, "id", self->id);
}

static void expect_only(struct __test_metadata *_metadata,
			FIXTURE_DATA(holders) *self, pid_t pid, int fds,
			int maps, int handles)
{
	int row;

	ASSERT_EQ(1, rows_of(self, &row));
	EXPECT_EQ(pid, number(self->t, row, "pid"));
	EXPECT_EQ(fds, number(self->t, row, "fds"));
	EXPECT_EQ(maps, number(self->t, row, "maps"));
	EXPECT_EQ(handles, number(self->t, row, "handles"));
}

static void expect_unknown(struct __test_metadata *_metadata,
			   FIXTURE_DATA(holders) *self)
{
	int row;

	ASSERT_EQ(1, rows_of(self, &row));
	EXPECT_STREQ("-", cell(self->t, row, "pid"));
	EXPECT_STREQ("-", cell(self->t, row, "comm"));
	EXPECT_STREQ("-", cell(self->t, row, "uid"));
	EXPECT_EQ(0, number(self->t, row, "fds"));
	EXPECT_EQ(0, number(self->t, row, "maps"));
	EXPECT_EQ(0, number(self->t, row, "handles"));
}

TEST_F(holders, by_descriptors)
{
	int row;

	expect_only(_metadata, self, getpid(), 1, 0, 0);
	ASSERT_LE(0, dup(self->fd));
	ASSERT_EQ(900, dup2(self->fd, 900));
	expect_only(_metadata, self, getpid(), 3, 0, 0);
	row = row_with(self->t, 0, "id", self->id);
	EXPECT_STREQ("holders", cell(self->t, row, "comm"));
	EXPECT_EQ(0, number(self->t, row, "uid"));
}

TEST_F(holders, by_mappings)
{
	ASSERT_NE(MAP_FAILED, mmap(NULL, MB, PROT_READ, MAP_SHARED, self->fd,
				   0));
	ASSERT_NE(MAP_FAILED, mmap(NULL, MB, PROT_READ, MAP_SHARED, self->fd,
				   0));
	close(self->fd);
	expect_only(_metadata, self, getpid(), 0, 2, 0);
}

static void map_second_page(void *arg)
{
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, *(int *)arg, 4096) ==
	    MAP_FAILED)
		_exit(1);
	close(*(int *)arg);
}

/* In the order of their offsets, mappings of two processes take turns. */
TEST_F(holders, by_mappings_that_take_turns)
{
	pid_t pid = start_child(map_second_page, &self->fd);
	char own[16];
	int row, i;

	ASSERT_LT(0, pid);
	for (i = 0; i < 3; i++)
		ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED,
					   self->fd, 2 * i * 4096));
	close(self->fd);
	ASSERT_EQ(2, rows_of(self, &row));
	snprintf(own, sizeof(own), "%d", getpid());
	for_each_row_with(row, self->t, "id", self->id) {
		EXPECT_EQ(0, number(self->t, row, "fds"));
		EXPECT_EQ(strcmp(cell(self->t, row, "pid"), own) ? 1 : 3,
			  number(self->t, row, "maps"));
	}
	stop_child(pid);
}

/* Each descriptor of each process, as /proc/PID/fd lists them. */
TEST_F(holders, as_proc_lists_them)
{
	char path[64], link[64];
	struct dirent *entry;
	int count = 0, i;
	DIR *dir;

	for (i = 0; i < 100; i++)
		ASSERT_LE(0, dup(self->fd));
	dir = opendir("/proc/self/fd");
	while ((entry = readdir(dir))) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/fd/%.20s",
			 entry->d_name);
		len = readlink(path, link, sizeof(link) - 1);
		link[len < 0 ? 0 : len] = '\0';
		count += !strncmp(link, "/memfd:held", 11);
	}
	closedir(dir);
	expect_only(_metadata, self, getpid(), count, 0, 0);
	EXPECT_EQ(101, count);
}

/* The module reads slots that are far apart under several holds of the lock. */
TEST_F(holders, in_a_large_table)
{
	struct rlimit limit = { 200000, 200000 };
	int i, count = 1;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 100; i < 200000; i += 997, count++)
		ASSERT_EQ(i, dup2(self->fd, i));
	for (i = 5000; i < 5100; i++, count++)
		ASSERT_EQ(i, dup2(self->fd, i));
	/* Numbers that are in both count once. */
	for (i = 100; i < 5100; i += 997)
		count -= i >= 5000;
	expect_only(_metadata, self, getpid(), count, 0, 0);
}

static void hold_as_user(void *arg)
{
	(void)arg;
	if (setgid(1234) || setuid(1234))
		_exit(1);
}

TEST_F(holders, of_another_user)
{
	pid_t pid = start_child(hold_as_user, NULL);
	int row;

	ASSERT_LT(0, pid);
	close(self->fd);
	expect_only(_metadata, self, pid, 1, 0, 0);
	row = row_with(self->t, 0, "id", self->id);
	EXPECT_EQ(1234, number(self->t, row, "uid"));
	stop_child(pid);
}

static void hold_with_three_ids(void *arg)
{
	(void)arg;
	if (setresgid(1111, 2222, 3333) || setresuid(1111, 2222, 3333))
		_exit(1);
}

/* As in a program whose file has the set-user-id bit. */
TEST_F(holders, by_the_effective_user)
{
	unsigned int real, effective;
	char path[64], *text, *ids;
	pid_t pid;
	int row;

	pid = start_child(hold_with_three_ids, NULL);
	ASSERT_LT(0, pid);
	close(self->fd);
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	text = read_file(path);
	ASSERT_NE(NULL, text);
	ids = strstr(text, "\nUid:");
	ASSERT_NE(NULL, ids);
	ASSERT_EQ(2, sscanf(ids, "\nUid: %u %u", &real, &effective));
	ASSERT_NE(real, effective);
	free(text);
	expect_only(_metadata, self, pid, 1, 0, 0);
	row = row_with(self->t, 0, "id", self->id);
	EXPECT_EQ(effective, number(self->t, row, "uid"));
	stop_child(pid);
}

TEST_F(holders, in_flight)
{
	int pair[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, send_fds(pair[0], &self->fd, 1, 0));
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	close(self->fd);
	expect_unknown(_metadata, self);
}

/* A file of a tmpfs that never had a name, until linkat(2) gives it one. */
TEST_F(holders, file_without_a_name_in_flight)
{
	const char *dir = own_tmpfs(NULL);
	char path[64], link[64];
	int pair[2], row;

	ASSERT_NE(NULL, dir);
	self->fd = open(dir, O_TMPFILE | O_RDWR, 0600);
	if (self->fd < 0)
		SKIP(return, "no O_TMPFILE");
	id_of_fd(self->fd, self->id);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, send_fds(pair[0], &self->fd, 1, 0));
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	snprintf(path, sizeof(path), "%s/named", dir);
	close(self->fd);
	expect_unknown(_metadata, self);

	self->fd = receive_fd(pair[1]);
	ASSERT_LE(0, self->fd);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", self->fd);
	ASSERT_EQ(0, linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
	ASSERT_EQ(0, send_fds(pair[0], &self->fd, 1, 0));
	close(self->fd);
	EXPECT_EQ(0, rows_of(self, &row));
}

TEST_F(holders, segment_that_is_not_attached)
{
	int shmid;
	void *p;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
	id_of_segment(shmid, self->id);
	expect_unknown(_metadata, self);
	p = shmat(shmid, NULL, 0);
	expect_only(_metadata, self, getpid(), 0, 1, 0);
	shmdt(p);
	expect_unknown(_metadata, self);
}

TEST_F(holders, file_that_a_path_leads_to)
{
	char path[128];
	int row;

	self->fd = own_tmpfs_file(NULL, path);
	ASSERT_LE(0, self->fd);
	id_of_fd(self->fd, self->id);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	close(self->fd);
	EXPECT_EQ(0, rows_of(self, &row));
}

/* The removed file of the upper layer: only the test holds it. */
static void expect_unlinked_below(struct __test_metadata *_metadata,
				  FIXTURE_DATA(holders) *self)
{
	struct table *objects = table_read("objects");
	int row;

	for (row = 0; row < objects->rows; row++)
		if (!strcmp("/upper/file", cell(objects, row, "name")) ||
		    strstr(cell(objects, row, "name"), "/work/work/"))
			if (strstr(cell(objects, row, "flags"), "unlinked"))
				break;
	ASSERT_GT(objects->rows, row);
	strcpy(self->id, cell(objects, row, "id"));
	table_free(objects);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
}

/* As in a container whose layers are in memory. */
TEST_F(holders, file_of_an_overlay)
{
	const char *dir = own_tmpfs(NULL);
	int fd;

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(0, chdir(dir));
	ASSERT_EQ(0, make_overlay_dirs());
	if (mount_overlay())
		SKIP(return, "no overlayfs in this kernel");
	fd = open("merged/file", O_CREAT | O_RDWR, 0600);
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(0, unlink("merged/file"));

	expect_unlinked_below(_metadata, self);
	close(fd);
}

/* As in a container inside a container. */
TEST_F(holders, file_of_an_overlay_on_an_overlay)
{
	const char *dir = own_tmpfs(NULL);
	int fd;

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(0, chdir(dir));
	ASSERT_EQ(0, make_overlay_dirs());
	ASSERT_EQ(0, mkdir("empty", 0755));
	ASSERT_EQ(0, mkdir("twice", 0755));
	if (mount_overlay())
		SKIP(return, "no overlayfs in this kernel");
	fd = open("merged/file", O_CREAT | O_RDWR, 0600);
	ASSERT_EQ(1, write(fd, "x", 1));
	close(fd);
	if (mount("overlay", "twice", "overlay", 0, "lowerdir=merged:empty"))
		SKIP(return, "no overlay on an overlay in this kernel");
	fd = open("twice/file", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, unlink("merged/file"));

	expect_unlinked_below(_metadata, self);
	close(fd);
}

static void *hold_alone(void *arg)
{
	if (unshare(CLONE_FILES))
		abort();
	pthread_barrier_wait(arg);
	/* Until the other threads have closed theirs. */
	pthread_barrier_wait(arg);
	return NULL;
}

static bool is_listed(FIXTURE_DATA(holders) *self)
{
	table_free(self->t);
	self->t = table_read("objects");
	return row_with(self->t, 0, "id", self->id) >= 0;
}

TEST_F(holders, thread_with_its_own_descriptors)
{
	pthread_barrier_t barrier;
	pthread_t id;

	pthread_barrier_init(&barrier, NULL, 2);
	ASSERT_EQ(0, pthread_create(&id, NULL, hold_alone, &barrier));
	pthread_barrier_wait(&barrier);
	expect_only(_metadata, self, getpid(), 2, 0, 0);
	close(self->fd);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	pthread_barrier_wait(&barrier);
	pthread_join(id, NULL);
	/* No holder is left, so the object is freed once the thread has ended. */
	EXPECT_TRUE(wait_until(!is_listed(self), 2));
}

TEST_F(holders, threads_that_share_are_counted_once)
{
	pthread_barrier_t barrier;
	pthread_t id;

	pthread_barrier_init(&barrier, NULL, 2);
	ASSERT_EQ(0, pthread_create(&id, NULL,
				    (void *(*)(void *))pthread_barrier_wait,
				    &barrier));
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	pthread_barrier_wait(&barrier);
	pthread_join(id, NULL);
}

static void *wait_for_ever(void *arg)
{
	pthread_barrier_wait(arg);
	for (;;)
		pause();
	return NULL;
}

#define THREADS	4

/* The main thread ends, and the threads it has started do not. */
static pid_t start_headless(int ready)
{
	pthread_barrier_t barrier;
	pthread_t thread;
	pid_t pid = fork_child();
	int i;

	if (pid)
		return pid;
	pthread_barrier_init(&barrier, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread, NULL, wait_for_ever, &barrier))
			_exit(1);
	pthread_barrier_wait(&barrier);
	if (write(ready, "x", 1) != 1)
		_exit(1);
	/* This ends only the thread; exit(3) would end all of them. */
	syscall(SYS_exit, 0);
	return -1;
}

static bool is_zombie(pid_t pid)
{
	char path[64], *text;
	bool zombie;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	text = read_file(path);
	zombie = text && strstr(text, "\nState:\tZ");
	free(text);
	return zombie;
}

TEST_F(holders, threads_without_a_main_thread)
{
	int ready[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	pid = start_headless(ready[1]);
	ASSERT_LT(0, pid);
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_TRUE(wait_until(is_zombie(pid), 2));
	close(self->fd);
	expect_only(_metadata, self, pid, 1, 0, 0);
	stop_child(pid);
}

static void *start_the_next(void *arg)
{
	pthread_t next;

	usleep(1000);
	while (pthread_create(&next, NULL, start_the_next, arg))
		usleep(100);
	pthread_detach(next);
	return NULL;
}

static void follow_each_other(void *arg)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 4; i++) {
		pthread_create(&thread, NULL, start_the_next, arg);
		pthread_detach(thread);
	}
	pthread_exit(NULL);
}

/* The module's walk of threads meets each one just as it ends. */
TEST_F(holders, threads_that_follow_each_other)
{
	pid_t pid = fork_child();
	struct table *t;
	int i, row;

	if (!pid)
		follow_each_other(NULL);
	close(self->fd);
	usleep(200000);
	for (i = 0; i < 60; i++) {
		t = table_read("holders");
		ASSERT_NE(NULL, t);
		row = row_with(t, 0, "id", self->id);
		ASSERT_LE(0, row);
		EXPECT_EQ(pid, number(t, row, "pid"));
		EXPECT_EQ(1, number(t, row, "fds"));
		table_free(t);
	}
	stop_child(pid);
}

static void map_and_close(void)
{
	int fd;
	char *p;

	for (;;) {
		fd = memfd_create("briefly", 0);
		if (ftruncate(fd, 4096))
			abort();
		p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		*p = 1;
		close(fd);
		usleep(300);
		munmap(p, 4096);
	}
}

/* Rows without a holder in 60 reads. */
static int unknown_holders(void)
{
	int unknown = 0, reads;
	struct table *t;

	for (reads = 0; reads < 60; reads++) {
		t = table_read("holders");
		if (!t)
			return -1;
		unknown += count_with(t, "pid", "-");
		table_free(t);
	}
	return unknown;
}

/*
 * Held all the time, by a descriptor, a mapping, or both. But a busy machine may
 * stop a task just before its last fput(), when neither is left: seen twice in 60
 * reads. Ten were seen where the module did not wait for such tasks.
 */
TEST_F_TIMEOUT(holders, mapped_and_closed, 300)
{
	int unknown, rounds = 0, i;
	pid_t pid[3];

	for (i = 0; i < 3; i++) {
		pid[i] = fork_child();
		if (!pid[i])
			map_and_close();
	}
	do {
		unknown = unknown_holders();
	} while (unknown > 1 && ++rounds < 3);
	stop_children(pid, 3);
	EXPECT_LE(0, unknown);
	EXPECT_GE(1, unknown);
}

/* Processes that are not threads of one another, with one descriptor table. */
TEST_F(holders, table_that_processes_share)
{
	pid_t pid[3];

	/* Each has a copy of the memory, but shares the descriptor table. */
	ASSERT_EQ(3, clone_sleepers(pid, 3, CLONE_FILES));
	/* The table counts once, for the lowest pid. */
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	stop_children(pid, 3);
	expect_only(_metadata, self, getpid(), 1, 0, 0);
}

static int find_gpu(struct __test_metadata *_metadata,
		    FIXTURE_DATA(holders) *self, size_t size)
{
	struct table *t = table_read("objects");
	int row, found = 0;

	for_each_row_with(row, t, "kind", "gpu")
		if (number(t, row, "size") == size) {
			snprintf(self->id, sizeof(self->id), "%s",
				 cell(t, row, "id"));
			found++;
		}
	table_free(t);
	return found;
}

struct prime {
	uint32_t handle, flags;
	int32_t fd;
};

#define PRIME_HANDLE_TO_FD	_IOWR('d', 0x2d, struct prime)
#define PRIME_FD_TO_HANDLE	_IOWR('d', 0x2e, struct prime)

struct gem_close {
	uint32_t handle, pad;
};

#define GEM_CLOSE		_IOW('d', 0x09, struct gem_close)

static void import_buffer(void *arg)
{
	struct prime prime = { .fd = *(int *)arg };
	int card = open_vgem();

	if (card < 0 || ioctl(card, PRIME_FD_TO_HANDLE, &prime))
		_exit(1);
	close(prime.fd);
}

/* Held by handles in two processes, then only by a descriptor, then by none. */
TEST_F(holders, gpu_buffer)
{
	const size_t size = 12 * MB;
	struct gem_close gone = {};
	struct prime prime = {};
	int card = open_vgem(), row;
	pid_t pid;

	if (card < 0)
		SKIP(return, "no vgem: this kernel has no DRM node without a GPU");
	prime.handle = vgem_buffer(card, size, NULL);
	gone.handle = prime.handle;
	ASSERT_NE(0, prime.handle);
	ASSERT_EQ(1, find_gpu(_metadata, self, size));
	expect_only(_metadata, self, getpid(), 0, 0, 1);

	ASSERT_EQ(0, ioctl(card, PRIME_HANDLE_TO_FD, &prime));
	expect_only(_metadata, self, getpid(), 1, 0, 1);

	/* The child has this process's open node and one of its own. */
	pid = start_child(import_buffer, &prime.fd);
	ASSERT_LT(0, pid);
	ASSERT_EQ(2, rows_of(self, &row));
	EXPECT_EQ(3, sum_with(self->t, "handles", "id", self->id));
	stop_child(pid);

	ASSERT_EQ(0, ioctl(card, GEM_CLOSE, &gone));
	expect_only(_metadata, self, getpid(), 1, 0, 0);
	close(prime.fd);
	EXPECT_EQ(0, find_gpu(_metadata, self, size));
}

/* The console's buffer: the kernel holds it, and no process has a handle. */
TEST_F(holders, framebuffer_console)
{
	struct table *objects, *t;
	int card, fd, row, at, found = 0;
	unsigned int width, height;
	char minor[16], *size;

	t = table_read("holders");
	if (!has_column(t, "by"))
		SKIP(return, "holders has no column for framebuffers yet");
	table_free(t);
	if (system("modprobe -q virtio_gpu 2>/dev/null"))
		SKIP(return, "no virtio_gpu in this kernel");
	wait_until(!access("/sys/class/graphics/fb0", F_OK), 5);
	size = read_file("/sys/class/graphics/fb0/virtual_size");
	fd = open_drm("virtio_gpu", &card);
	if (!size || fd < 0)
		SKIP(return, "virtio_gpu shows no console here");
	close(fd);
	ASSERT_EQ(2, sscanf(size, "%u,%u", &width, &height));
	snprintf(minor, sizeof(minor), "%d", card);

	objects = table_read("objects");
	t = table_read("holders");
	for_each_row_with(row, objects, "kind", "gpu") {
		if (number(objects, row, "size") < 4ULL * width * height)
			continue;
		at = row_with(t, 0, "id", cell(objects, row, "id"));
		if (at < 0)
			continue;
		found++;
		EXPECT_STREQ("framebuffer", cell(t, at, "by"));
		EXPECT_STREQ(minor, cell(t, at, "detail"));
		EXPECT_STREQ("-", cell(t, at, "pid"));
	}
	EXPECT_EQ(1, found);
	table_free(objects);
	table_free(t);
}

TEST_F(holders, exiting_processes_with_many_descriptors)
{
	struct table *t;
	int i, j;
	pid_t pid;

	for (i = 0; i < 20; i++) {
		pid = fork_child();
		if (!pid) {
			for (j = 0; j < 900; j++)
				dup(self->fd);
			usleep(i * 500);
			_exit(0);
		}
		t = table_read("holders");
		EXPECT_NE(NULL, t);
		table_free(t);
		waitpid(pid, NULL, 0);
	}
	expect_only(_metadata, self, getpid(), 1, 0, 0);
}

TEST_HARNESS_MAIN
