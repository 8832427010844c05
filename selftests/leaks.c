// SPDX-License-Identifier: GPL-2.0
/*
 * Reads leave nothing behind: a reference that they keep would keep a task, a
 * mount, a namespace or memory for ever.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/socket.h"
#include "helpers/table.h"

/* The harness has time limits only for tests of a fixture. */
FIXTURE(leaks) {
};

FIXTURE_SETUP(leaks)
{
}

FIXTURE_TEARDOWN(leaks)
{
}

/* Reads every file; extents is asked about a memfd. */
static void read_everything(struct __test_metadata *_metadata)
{
	struct files files = all_files();
	static char id[ID_SIZE];
	int i, fd;

	if (!*id)
		id_of_fd(memfd_create("asked for", 0), id);
	for (i = 0; i < files.count; i++) {
		fd = open_and_ask(files.path[i], id);
		EXPECT_LE(0, fd);
		EXPECT_EQ(0, skip_rest(fd));
		close(fd);
	}
}

/* Objects in use of a slab cache, without those that only wait on a CPU. */
static long in_use(const char *cache)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	write_file(path, "1");
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", cache);
	return file_number(path);
}

/*
 * KASAN delays frees in a quarantine of up to 1/32 of RAM, which SUnreclaim
 * counts. Shrinking a cache takes its objects out of it.
 */
static void drain_quarantine(void)
{
	DIR *caches = opendir("/sys/kernel/slab");
	struct dirent *entry;
	char path[512];

	while (caches && (entry = readdir(caches))) {
		/* Links are other names of caches that are listed as well. */
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink",
			 entry->d_name);
		write_file(path, "1");
	}
	if (caches)
		closedir(caches);
}

static long unreclaimable(void)
{
	drain_quarantine();
	return meminfo("SUnreclaim") + meminfo("VmallocUsed");
}

/* Seconds for what the kernel frees later. */
#define SETTLE	10

#define PROCESSES	500

/* What each process has one of, by the names of all kernels. */
static const char * const caches[] = {
	"task_struct", "mm_struct", "signal_cache", "cred_jar", "cred", "pid",
	"files_cache", "fs_cache",
};

#define NR_CACHES	ARRAY_SIZE(caches)

TEST_F(leaks, processes)
{
	long before[NR_CACHES], kb_before, kb;
	pid_t *pid = calloc(PROCESSES, sizeof(*pid));
	int fd = memfd_create("held by many", 0), i, seen = 0;

	ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	read_everything(_metadata);
	kb_before = unreclaimable();
	for (i = 0; i < NR_CACHES; i++)
		before[i] = in_use(caches[i]);
	if (before[0] < 0)
		SKIP(return, "no counts of slabs in this kernel");
	ASSERT_EQ(PROCESSES, start_sleepers(pid, PROCESSES));
	for (i = 0; i < NR_CACHES; i++) {
		if (before[i] < 0)
			continue;
		seen++;
		/* Less those that were on their way out before. */
		EXPECT_LE(before[i] + PROCESSES * 9 / 10, in_use(caches[i])) {
			TH_LOG("%s", caches[i]);
		}
	}
	EXPECT_LE(NR_CACHES - 1, seen);
	read_everything(_metadata);
	stop_children(pid, PROCESSES);
	for (i = 0; i < NR_CACHES; i++) {
		EXPECT_TRUE(wait_until(in_use(caches[i]) <=
				       before[i] + PROCESSES / 10, SETTLE)) {
			TH_LOG("%s: %ld before, %ld after", caches[i],
			       before[i], in_use(caches[i]));
		}
	}
	wait_until((kb = unreclaimable()) <= kb_before + 4096, SETTLE);
	TH_LOG("%ld kB before, %ld kB after", kb_before, kb);
	EXPECT_GE(kb_before + 4096, kb);
	free(pid);
}

/* How many objects have this in their name. */
static int count_names(const char *part)
{
	struct table *t = table_read("objects");
	int row, count = 0;

	for (row = 0; t && row < t->rows; row++)
		count += !!strstr(cell(t, row, "name"), part);
	table_free(t);
	return count;
}

/* Roots of processes: the machine's, or as in a container a tmpfs of its own. */
enum root { ROOT_SHARED, ROOT_WITH_DEV_SHM, ROOT_EMPTY, NR_ROOTS };

static void live_apart(void *arg)
{
	enum root root = *(enum root *)arg;
	const char *dir = root == ROOT_EMPTY ? "" : "/dev/shm";
	char path[64];
	int fd;

	if (own_mounts() || unshare(CLONE_NEWIPC))
		_exit(1);
	if (root != ROOT_SHARED && mount("root", "/mnt", "tmpfs", 0, NULL))
		_exit(1);
	if (root == ROOT_WITH_DEV_SHM &&
	    (mkdir("/mnt/dev", 0755) || mkdir("/mnt/dev/shm", 0755)))
		_exit(1);
	if (root != ROOT_SHARED && chroot("/mnt"))
		_exit(1);
	if (*dir && mount("shm", dir, "tmpfs", 0, NULL))
		_exit(1);
	snprintf(path, sizeof(path), "%s/apart-%d", dir, getpid());
	fd = open(path, O_CREAT | O_RDWR, 0600);
	if (write(fd, "x", 1) != 1 || shmget(0x4c45414b, 8192, IPC_CREAT | 0600) < 0)
		_exit(1);
}

#define NAMESPACES	30

/* By a file of its own the module finds the internal mount; it needs none later. */
TEST_F(leaks, file_of_the_module)
{
	struct table *t = table_read("objects");

	EXPECT_EQ(0, count_with(t, "name", "shmstat"));
	table_free(t);
}

/* Namespaces that have ended are freed, and their mounts and segments as well. */
TEST_F(leaks, namespaces)
{
	pid_t pid[NAMESPACES];
	enum root root;
	int i;

	for (i = 0; i < NAMESPACES; i++) {
		root = i % NR_ROOTS;
		pid[i] = start_child(live_apart, &root);
		ASSERT_LT(0, pid[i]);
	}
	EXPECT_EQ(NAMESPACES, count_names("/apart-"));
	EXPECT_EQ(NAMESPACES, count_names("SYSV4c45414b"));
	read_everything(_metadata);
	stop_children(pid, NAMESPACES);
	EXPECT_TRUE(wait_until(!count_names("/apart-"), SETTLE));
	EXPECT_TRUE(wait_until(!count_names("SYSV4c45414b"), SETTLE));
}

#define USER	4711

static int objects_of_user(void)
{
	struct table *t = table_read("objects");
	char uid[16];
	int count;

	snprintf(uid, sizeof(uid), "%d", USER);
	count = count_with(t, "uid", uid);
	table_free(t);
	return count;
}

#define OF_EACH	20

/* Objects that are held in the ways that readers look at, until the child ends. */
static void hold_objects(void *arg)
{
	int i, fd, pair[2];
	char path[32];

	(void)arg;
	if (!own_tmpfs("mode=1777") || setgid(USER) || setuid(USER) ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		_exit(1);
	for (i = 0; i < OF_EACH; i++) {
		memfd_create("open", 0);
		fd = memfd_create("mapped", 0);
		if (ftruncate(fd, 4096) ||
		    mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
			_exit(1);
		close(fd);
		map_shared(4096);
		fd = memfd_create("in flight", 0);
		if (send_fds(pair[0], &fd, 1, 0))
			_exit(1);
		close(fd);
		fd = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
		if (shmat(fd, NULL, 0) == (void *)-1 || shmctl(fd, IPC_RMID, NULL))
			_exit(1);
		snprintf(path, sizeof(path), "/dev/shm/leaks-%d", i);
		fd = open(path, O_CREAT | O_RDWR, 0600);
		if (fd < 0 || unlink(path))
			_exit(1);
	}
}

/* An object is freed with its last holder, though it was read before. */
TEST_F(leaks, objects)
{
	pid_t pid = start_child(hold_objects, NULL);

	ASSERT_LT(0, pid);
	EXPECT_EQ(6 * OF_EACH, objects_of_user());
	read_everything(_metadata);
	stop_child(pid);
	EXPECT_TRUE(wait_until(!objects_of_user(), SETTLE)) {
		TH_LOG("%d are left", objects_of_user());
	}
}

static int pipe_of_child[2];

static void hold_pipe(void *arg)
{
	(void)arg;
	close(pipe_of_child[0]);
}

/* A file that is no object, and that a reader sees as well: its end is noticed. */
TEST_F(leaks, other_files)
{
	struct pollfd end = { .events = POLLIN };
	pid_t pid;

	ASSERT_EQ(0, pipe(pipe_of_child));
	end.fd = pipe_of_child[0];
	pid = start_child(hold_pipe, NULL);
	ASSERT_LT(0, pid);
	close(pipe_of_child[1]);
	read_everything(_metadata);
	EXPECT_EQ(0, poll(&end, 1, 0));
	stop_child(pid);
	EXPECT_EQ(1, poll(&end, 1, SETTLE * 1000));
	EXPECT_EQ(POLLHUP, end.revents);
}

/* The options of a mounted tmpfs, as the table has them. */
static void options_of(const char *dir, char options[256])
{
	struct table *t = table_read("superblocks");

	snprintf(options, 256, "%s",
		 cell(t, row_of_superblock(t, dir), "options"));
	table_free(t);
}

static int count_mounts_with(const char *options)
{
	struct table *t = table_read("superblocks");
	int count = count_with(t, "options", options);

	table_free(t);
	return count;
}

/* A tmpfs with many files, for reads that end among them or go on to the end. */
FIXTURE(superblock)
{
	const char *dir;
	char options[256];
	char id[ID_SIZE];
	char *memory;
};

FIXTURE_VARIANT(superblock)
{
	void (*read)(struct __test_metadata *_metadata, const char *id);
};

static void read_to_the_end(struct __test_metadata *_metadata, const char *id)
{
	read_everything(_metadata);
}

FIXTURE_VARIANT_ADD(superblock, read_to_the_end)
{
	.read = read_to_the_end,
};

/* The search ends at the object. */
static void ask_for_one(struct __test_metadata *_metadata, const char *id)
{
	int fd = open_and_ask(PROC "extents", id);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, skip_rest(fd));
	close(fd);
}

FIXTURE_VARIANT_ADD(superblock, asked_for_one)
{
	.read = ask_for_one,
};

#define PARAMETER	MODULE "parameters/memory"

static void read_without_memory(struct __test_metadata *_metadata,
				const char *id)
{
	ASSERT_EQ(0, write_file(PARAMETER, "1"));
	EXPECT_EQ(ENOMEM, skip_file(PROC "objects"));
	EXPECT_EQ(ENOMEM, skip_file(PROC "pages"));
}

FIXTURE_VARIANT_ADD(superblock, read_without_memory)
{
	.read = read_without_memory,
};

static void kill_readers(struct __test_metadata *_metadata, const char *id)
{
	unsigned long rounds;
	pid_t pid;
	int i;

	for (i = 0; i < 10; i++) {
		rounds = reader_rounds();
		pid = start_reader("objects holders");
		ASSERT_LT(0, pid);
		/* From then on it is always within a read. */
		ASSERT_TRUE(wait_until(reader_rounds() > rounds, 60));
		usleep(i * 7000);
		stop_child(pid);
	}
}

FIXTURE_VARIANT_ADD(superblock, killed)
{
	.read = kill_readers,
};

#define FILES	20000

FIXTURE_SETUP(superblock)
{
	char path[128];
	int fd;

	self->memory = read_file(PARAMETER);
	self->dir = own_tmpfs("size=1228800,nr_inodes=34711");
	ASSERT_NE(NULL, self->dir);
	ASSERT_EQ(FILES, make_files(self->dir, FILES));
	/* In the midst of the others. */
	snprintf(path, sizeof(path), "%s/%d", self->dir, FILES / 2);
	fd = open(path, O_RDONLY);
	id_of_fd(fd, self->id);
	close(fd);
	ASSERT_STRNE("", self->id);
	options_of(self->dir, self->options);
	ASSERT_NE(NULL, strstr(self->options, "nr_inodes=34711"));
}

FIXTURE_TEARDOWN(superblock)
{
	if (self->memory)
		write_file(PARAMETER, self->memory);
}

/* Its inodes are freed with its files, and itself with its last mount. */
TEST_F(superblock, is_freed)
{
	variant->read(_metadata, self->id);
	ASSERT_EQ(0, write_file(PARAMETER, self->memory));
	EXPECT_EQ(1, count_mounts_with(self->options));
	remove_files(self->dir, FILES);
	/* The root. */
	EXPECT_EQ(1, inodes_of(self->dir));
	ASSERT_EQ(0, umount(self->dir));
	EXPECT_TRUE(wait_until(!count_mounts_with(self->options), SETTLE));
}

#define NEW_ROOT	"/run/shmstat-root"

/* A tmpfs with links to what will be below its "old". */
static void make_root(struct __test_metadata *_metadata)
{
	char path[512], target[512];
	struct dirent *entry;
	DIR *root;

	ASSERT_EQ(0, mkdir(NEW_ROOT, 0755));
	ASSERT_EQ(0, mount("new root", NEW_ROOT, "tmpfs", 0, "nr_inodes=2357"));
	ASSERT_EQ(0, mkdir(NEW_ROOT "/old", 0755));
	root = opendir("/");
	while ((entry = readdir(root))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), NEW_ROOT "/%s", entry->d_name);
		snprintf(target, sizeof(target), "old/%s", entry->d_name);
		ASSERT_EQ(0, symlink(target, path));
	}
	closedir(root);
}

/* A tmpfs that is the root of all processes for the time of a read. */
TEST_F(leaks, root_of_the_first_process)
{
	struct stat st, init;
	char options[256];

	ASSERT_EQ(0, stat("/", &st));
	ASSERT_EQ(0, stat("/proc/1/root/.", &init));
	if (st.st_ino != init.st_ino || st.st_dev != init.st_dev)
		SKIP(return, "the first process has another root");
	make_root(_metadata);
	options_of(NEW_ROOT, options);
	EXPECT_EQ(1, count_mounts_with(options));
	ASSERT_EQ(0, syscall(SYS_pivot_root, NEW_ROOT, NEW_ROOT "/old"));
	read_everything(_metadata);
	ASSERT_EQ(0, chdir("/old"));
	ASSERT_EQ(0, syscall(SYS_pivot_root, ".", NEW_ROOT + 1));
	EXPECT_EQ(0, umount(NEW_ROOT));
	EXPECT_TRUE(wait_until(!count_mounts_with(options), SETTLE));
	rmdir(NEW_ROOT);
}

#define OBJECTS		5000
/* Slow on debug kernels, where a third would show as well. */
#define READS		(debug_kernel() ? 10 : 30)

/* Each read takes some MB here, and gives all of it back. */
TEST_F_TIMEOUT(leaks, memory, 120)
{
	const char *dir = own_tmpfs("nr_inodes=0");
	long before, after;
	int i;

	ASSERT_LE(0, memfd_create("held by a descriptor", 0));
	ASSERT_NE(NULL, dir);
	ASSERT_EQ(OBJECTS, make_files(dir, OBJECTS));
	read_everything(_metadata);
	read_everything(_metadata);
	before = unreclaimable();
	for (i = 0; i < READS; i++)
		read_everything(_metadata);
	/* The rest of the system changes it by some hundreds of kB. */
	wait_until((after = unreclaimable()) <= before + 4096, SETTLE);
	TH_LOG("%ld kB before, %ld kB after", before, after);
	EXPECT_GE(before + 4096, after);
}

/* kB that the kernel cannot reclaim, page tables included. */
static long kept(void)
{
	write_file("/proc/sys/vm/drop_caches", "2");
	return unreclaimable() + meminfo("PageTables");
}

TEST_F_TIMEOUT(leaks, opened_ten_thousand_times, 200)
{
	struct files files = plain_files();
	int opens = debug_kernel() ? 1000 : 10000, i, fd;
	int references = module_references();
	long kb = 0;
	char byte;

	make_one_of_each();
	for (i = 0; i < opens; i++) {
		/* Once what is allocated only once is there. */
		if (i == 100)
			kb = kept();
		fd = open(files.path[i % files.count], O_RDONLY);
		ASSERT_LE(0, fd);
		if (i % 10 < 3)
			ASSERT_EQ(1, read(fd, &byte, 1));
		close(fd);
	}
	kb = kept() - kb;
	TH_LOG("%ld kB more after %d opens", kb, opens);
	/* 100 bytes for each would be 1000; a debug kernel itself keeps more. */
	EXPECT_GT(debug_kernel() ? 2000 : 700, kb);
	EXPECT_EQ(references, module_references());
}

/*
 * Everything that a reader allocates is charged to its cgroup, pages as well, which
 * no figure in /proc/meminfo has. What is still charged when it has ended is lost.
 */
FIXTURE(charged)
{
	char dir[64];
	char id[ID_SIZE];
	char *memory;
};

/* The longest name that memfd_create(2) takes. */
static const char *long_name(void)
{
	static char name[250];

	memset(name, 'n', sizeof(name) - 1);
	return name;
}

FIXTURE_SETUP(charged)
{
	const char *dir = own_tmpfs("nr_inodes=0");
	int fd = memfd_create("asked for", 0), i;

	if (debug_kernel())
		SKIP(return, "takes minutes here, and says the same elsewhere");
	if (write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory"))
		SKIP(return, "no memory controller");
	self->memory = read_file(PARAMETER);
	snprintf(self->dir, sizeof(self->dir), "/sys/fs/cgroup/charged-%d",
		 getpid());
	ASSERT_EQ(0, mkdir(self->dir, 0755));
	make_one_of_each();
	ASSERT_EQ(1, write(fd, "x", 1));
	id_of_fd(fd, self->id);
	ASSERT_NE(NULL, dir);
	/* So that rows take more than a page. */
	ASSERT_EQ(500, make_files(dir, 500));
	/* Read from the last one on, so that the report keeps one after the other. */
	for (i = 80; i; i--) {
		fd = memfd_create(long_name(), 0);
		ASSERT_EQ(0, posix_fallocate(fd, 0, i * 4096));
	}
}

FIXTURE_TEARDOWN(charged)
{
	if (self->memory)
		write_file(PARAMETER, self->memory);
	rmdir(self->dir);
}

/* A page that is lost each time would be 1200 kB. */
#define TIMES	300
/* What each CPU has charged in advance, and what the kernel keeps of a process. */
#define MAX_CHARGED	(700 << 10)

/* Does something many times in a child in the cgroup, and looks what is left. */
static void repeat(struct __test_metadata *_metadata, FIXTURE_DATA(charged) *self,
		   int (*fn)(int fd, const char *id), const char *path)
{
	char current[96];
	int status, i, fd;
	pid_t pid = fork_child();

	if (!pid) {
		fd = open_and_ask(path, self->id);
		if (fd < 0 || enter_cgroup(self->dir))
			_exit(1);
		for (i = 0; i < TIMES; i++)
			if (fn(fd, self->id))
				_exit(2);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	snprintf(current, sizeof(current), "%s/memory.current", self->dir);
	ASSERT_TRUE(wait_until(file_number(current) < MAX_CHARGED, SETTLE)) {
		TH_LOG("%s: %lld kB are charged", path,
		       file_number(current) >> 10);
	}
}

static int read_again(int fd, const char *id)
{
	char byte;

	return pread(fd, &byte, 1, 0) != 1;
}

/* Each read from offset 0 replaces the snapshot of the one before. */
TEST_F_TIMEOUT(charged, read_again, 200)
{
	struct files files = all_files();
	int i;

	for (i = 0; i < files.count; i++)
		repeat(_metadata, self, read_again, files.path[i]);
}

static int ask_again(int fd, const char *id)
{
	int i;

	if (write(fd, id, strlen(id)) != strlen(id))
		return 1;
	/* A snapshot in vain has no page, so that it takes more of them. */
	for (i = 0; i < 10; i++)
		if (write(fd, "0:1:2:3", 7) != -1 || errno != ENOENT)
			return 1;
	return 0;
}

/* So does each question, but for one that has no answer. */
TEST_F(charged, asked_again)
{
	repeat(_metadata, self, ask_again, PROC "extents");
}

static int read_in_vain(int fd, const char *id)
{
	char byte;

	return pread(fd, &byte, 1, 0) != -1 || errno != ENOMEM;
}

/* Names that soon take more than 1 MiB; the same one twice is kept once. */
TEST_F(charged, read_without_memory)
{
	struct rlimit limit = { OBJECTS + 1000, OBJECTS + 1000 };
	int i;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 0; i < OBJECTS; i++)
		ASSERT_LE(0, memfd_create(long_name() + i % 2, 0));
	ASSERT_EQ(0, write_file(PARAMETER, "1"));
	repeat(_metadata, self, read_in_vain, PROC "objects");
}

/*
 * A reader that is killed ends then, not at the end of its walk. What it allocates
 * is charged to its cgroup, so the cgroup's peak tells how far it came.
 */
FIXTURE(killed)
{
	char dir[64];
	char peak[96];
	long whole;
};

FIXTURE_VARIANT(killed)
{
	const char *path;
	/* The reader is killed when it has allocated so much of all. */
	int eighths;
	void (*make)(struct __test_metadata *_metadata);
};

#define MANY		50000

static void make_many_files(struct __test_metadata *_metadata)
{
	const char *dir = own_tmpfs("nr_inodes=0");

	ASSERT_NE(NULL, dir);
	ASSERT_EQ(MANY, make_files(dir, MANY));
}

FIXTURE_VARIANT_ADD(killed, among_files)
{
	.path = PROC "objects",
	.eighths = 4,
	.make = make_many_files,
};

#define MANY_FDS	45000

/* Objects as well; the walk of them is behind when the reader is killed. */
static void make_many_descriptors(struct __test_metadata *_metadata)
{
	ASSERT_EQ(MANY_FDS, make_memfds(MANY_FDS, "many"));
}

FIXTURE_VARIANT_ADD(killed, among_descriptors)
{
	.path = PROC "holders",
	.eighths = 4,
	.make = make_many_descriptors,
};

#define MANY_SEGMENTS	30000

static void make_many_segments(struct __test_metadata *_metadata)
{
	int i;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	ASSERT_EQ(0, write_number("/proc/sys/kernel/shmmni", MANY_SEGMENTS));
	for (i = 0; i < MANY_SEGMENTS; i++)
		ASSERT_LE(0, shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
}

FIXTURE_VARIANT_ADD(killed, among_segments)
{
	.path = PROC "sysv",
	.eighths = 4,
	.make = make_many_segments,
};

#define MANY_MAPPINGS	25000

static void make_many_mappings(struct __test_metadata *_metadata)
{
	int fd = memfd_create("mapped", 0), i;

	ASSERT_EQ(0, ftruncate(fd, 4096));
	for (i = 0; i < MANY_MAPPINGS; i++)
		ASSERT_NE(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED,
					   fd, 0));
}

FIXTURE_VARIANT_ADD(killed, among_mappings)
{
	.path = PROC "maps",
	/* When mappings were copied, and rows are being made. */
	.eighths = 5,
	.make = make_many_mappings,
};

/* A reader in a new cgroup. */
static pid_t read_in_cgroup(FIXTURE_DATA(killed) *self, const char *path)
{
	static char byte[1];
	pid_t pid;
	int fd;

	if (mkdir(self->dir, 0755))
		return -1;
	pid = fork_child();
	if (pid)
		return pid;
	fd = open(path, O_RDONLY);
	if (fd < 0 || enter_cgroup(self->dir))
		_exit(1);
	/* One byte needs the whole walk. */
	_exit(read(fd, byte, 1) != 1);
}

FIXTURE_SETUP(killed)
{
	bool has_peak;
	int status;
	pid_t pid;

	if (debug_kernel())
		SKIP(return, "takes minutes here, and says the same elsewhere");
	if (write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory"))
		SKIP(return, "no memory controller");
	snprintf(self->dir, sizeof(self->dir), "/sys/fs/cgroup/killed-%d",
		 getpid());
	snprintf(self->peak, sizeof(self->peak), "%s/memory.peak", self->dir);
	ASSERT_EQ(0, mkdir(self->dir, 0755));
	has_peak = !access(self->peak, R_OK);
	ASSERT_EQ(0, rmdir(self->dir));
	if (!has_peak)
		SKIP(return, "no memory.peak before v5.19");
	variant->make(_metadata);
	pid = read_in_cgroup(self, variant->path);
	ASSERT_LT(0, pid);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	self->whole = file_number(self->peak);
	EXPECT_EQ(0, rmdir(self->dir));
	/* What each CPU has charged in advance is little beside it. */
	ASSERT_LT(3 << 20, self->whole);
}

FIXTURE_TEARDOWN(killed)
{
}

#define KILLS	3

TEST_F_TIMEOUT(killed, allocates_no_more, 120)
{
	int kills = 0, tries, status;
	long enough = self->whole * variant->eighths / 8;
	long when_killed, in_the_end;
	pid_t pid;

	for (tries = 0; tries < 20 * KILLS && kills < KILLS; tries++) {
		pid = read_in_cgroup(self, variant->path);
		ASSERT_LT(0, pid);
		while (file_number(self->peak) < enough)
			;
		kill(pid, SIGKILL);
		when_killed = file_number(self->peak);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		in_the_end = file_number(self->peak);
		ASSERT_EQ(0, rmdir(self->dir));
		/* The test may not have been running for a while. */
		if (when_killed > enough + self->whole / 8)
			continue;
		kills++;
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_GE(when_killed + self->whole / 8, in_the_end) {
			TH_LOG("%ld kB when killed, %ld kB in the end, %ld kB in all",
			       when_killed >> 10, in_the_end >> 10,
			       self->whole >> 10);
		}
	}
	EXPECT_EQ(KILLS, kills);
}

TEST_HARNESS_MAIN
