// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile user, unprivileged and in namespaces of their own, who does all
 * that is allowed and unkind to who reads about shared memory, all at once.
 * Beside it readers, whose every answer is looked at, and bystanders, who are
 * not to notice that somebody reads.
 *
 *	DURATION=60	seconds
 *	SEED=1		what is done, and in which order, follows from it; which
 *			of several processes is faster does not
 *	ONLY="flight"	some of the behaviours
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"
#include "helpers/table.h"

#define MB		(1UL << 20)
#define NOBODY		65534
#define GROUP		"/sys/fs/cgroup/adversary"
#define HOSTILE		GROUP "/hostile"
#define BYSTANDERS	GROUP "/bystanders"

enum { MEMFD, SEGMENT, MAPPING, POSIX, ELSEWHERE, HUGE_MEMFD, NR_LIVING };

static const char * const living_names[NR_LIVING] = {
	"memfd", "segment", "mapping", "posix", "elsewhere", "hugetlb",
};

/* What became of one behaviour. */
struct record {
	unsigned long runs;
	unsigned long unable;
	char why[96];
};

#define MOST_BEHAVIOURS	32

/* What all processes count in; itself the mapping that lives throughout. */
static struct shared {
	volatile bool over;
	volatile bool reading;
	struct record records[MOST_BEHAVIOURS];

	unsigned long reads, rows, most_rows;
	unsigned long missing[NR_LIVING];
	unsigned long enoent, torn, again, nomem, nomem_summary, errors;
	int last_error;
	char last_file[32];
	unsigned long extents;
	unsigned long kills, slow_kills;
	double slowest_kill;

	/* [0] while nobody reads, [1] beside the readers. */
	unsigned long umounts[2][2], busy[2][2];
	unsigned long locks[2], locked[2];
	unsigned long execs[2], unwritable[2], unexecutable[2];

	struct stat elsewhere;
} *shared;

static struct {
	unsigned int seed;
	double duration;
	double bound;
	double pace;
	unsigned long ram;
	unsigned int objects;
	int slots;
	const char *only;
} settings;

/* As rows begin: after a newline, before a blank. */
static char living[NR_LIVING][84];

#define count(what)	__atomic_add_fetch(&(what), 1, __ATOMIC_RELAXED)

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void sleep_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

/* Random numbers of one's own, which follow from the seed. */
static uint64_t random_state;

static void seed_random(unsigned int a, unsigned int b)
{
	random_state = ((uint64_t)settings.seed << 32) ^ a * 0x9e3779b97f4a7c15ULL ^
		       b * 0xc2b2ae3d27d4eb4fULL;
	random_state |= 1;
}

static unsigned int pick(unsigned int n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return n ? (random_state >> 20) % n : 0;
}

/* Few as a rule and many once in a while. */
static unsigned int pick_size(unsigned int most)
{
	unsigned int n = 1 + pick(most);

	return pick(4) ? 1 + n / 16 : n;
}

/*
 * The behaviours. Each runs as process 1 of a pid namespace, so that all it
 * has started ends with it, for as long as it likes or until it is killed.
 */
static struct record *record;

static void unable(const char *what)
{
	if (!record->why[0])
		snprintf(record->why, sizeof(record->why), "%s: %s", what,
			 strerror(errno));
	_exit(77);
}

static int sit(void *arg)
{
	(void)arg;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

static int any_memfd(void)
{
	char name[250];
	unsigned int i, len = pick(3) ? pick(20) : 249;
	int fd;

	for (i = 0; i < len; i++)
		name[i] = 1 + pick(255);
	name[len] = '\0';
	fd = memfd_create(name, MFD_ALLOW_SEALING);
	if (fd >= 0 && !pick(4) && !ftruncate(fd, pick(1 << 20)))
		(void)!pwrite(fd, name, len, pick(1 << 16));
	return fd;
}

static unsigned int many_memfds(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (any_memfd() < 0)
			break;
	return i;
}

/* A table with many descriptors, which many processes have. */
static void shared_tables(void)
{
	unsigned int procs = pick_size(400), i;
	char *stacks = mmap(NULL, procs << 14, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (stacks == MAP_FAILED)
		return;
	many_memfds(pick_size(settings.objects / 8));
	for (i = 0; i < procs; i++)
		if (clone(sit, stacks + ((i + 1) << 14),
			  CLONE_FILES | CLONE_VM | (pick(2) ? CLONE_FS : 0) |
			  SIGCHLD, NULL) < 0)
			break;
	sleep_ms(pick(2000));
}

static void copied_tables(void)
{
	unsigned int files = many_memfds(pick_size(2000));
	unsigned int procs = pick_size(200), i;

	for (i = 0; i < procs; i++) {
		if (fork_child())
			continue;
		close_range(3, 3 + pick(files), 0);
		sit(NULL);
	}
	sleep_ms(pick(2000));
}

static void *live_on(void *arg)
{
	int fd = any_memfd();

	if (pick(2) && unshare(CLONE_FILES))
		return NULL;
	mmap(NULL, 4096 * (1 + pick(20)), PROT_READ, MAP_SHARED, fd, 0);
	close(3 + pick(3));
	for (;;)
		pause();
	return arg;
}

/* Processes whose main thread has exited and whose other threads have not. */
static void headless(void)
{
	unsigned int i, j;
	pthread_t thread;

	for (i = 0; i < 30; i++) {
		if (fork_child())
			continue;
		seed_random(i, pick(1 << 30));
		many_memfds(4);
		for (j = 0; j < 1 + pick(6); j++)
			pthread_create(&thread, NULL, live_on, NULL);
		syscall(SYS_exit, 0);
	}
	sleep_ms(pick(1500));
}

static void many_objects(void)
{
	unsigned int n = pick(3) ? pick_size(20000) : settings.objects, i;
	char path[64];
	int fd;

	if (pick(2)) {
		many_memfds(n);
		sleep_ms(pick(1000));
		return;
	}
	if (mount("many", "/mnt", "tmpfs", 0, "nr_inodes=0,mode=755"))
		unable("tmpfs");
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/mnt/%u", i);
		fd = open(path, O_CREAT | O_RDWR, 0600);
		if (fd < 0)
			break;
		close(fd);
	}
	sleep_ms(pick(1000));
	for (i = 0; i < n; i += 1 + pick(3)) {
		snprintf(path, sizeof(path), "/mnt/%u", i);
		unlink(path);
	}
}

static void any_name(char *name, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		do
			name[i] = pick(8) ? 1 + pick(255) : "\n\\\033 "[pick(4)];
		while (name[i] == '/');
	name[len] = '\0';
	if (name[0] == '.')
		name[0] = '_';
}

/* Deeper than any path can say, with names as long as they can be. */
static void long_paths(void)
{
	char name[256], link[4096];
	unsigned int depth = 1 + pick(40), i, j;

	if (mount("long", "/mnt", "tmpfs", 0, "mode=755") || chdir("/mnt"))
		unable("tmpfs");
	memset(link, 'l', sizeof(link) - 1);
	link[sizeof(link) - 1] = '\0';
	for (i = 0; i < depth; i++) {
		for (j = 0; j < 10; j++) {
			any_name(name, 255 - pick(2));
			close(open(name, O_CREAT | O_RDWR, 0600));
			if (pick(2))
				unlink(name);
		}
		any_name(name, 255);
		(void)!symlink(link, name);
		any_name(name, 255 - (pick(4) ? 0 : pick(200)));
		if (mkdir(name, 0755) || chdir(name))
			break;
	}
	/* Renamed while somebody may just put such a path together. */
	for (i = 0; i < 500; i++) {
		any_name(name, 255);
		if (mkdir("/mnt/from", 0755) || rename("/mnt/from", "/mnt/to"))
			break;
		rmdir("/mnt/to");
		sleep_ms(pick(3));
	}
}

static void windows(void)
{
	unsigned int n = pick_size(8000), i, pages = (8 * MB) >> 12;
	int fd = memfd_create("windows", 0);
	char *p;

	if (ftruncate(fd, 8 * MB) || fallocate(fd, 0, 0, 8 * MB))
		return;
	for (i = 0; i < n; i++) {
		unsigned int first = pick(pages);

		p = mmap(NULL, (1 + pick(pages - first)) << 12, PROT_READ,
			 pick(2) ? MAP_SHARED : MAP_PRIVATE, fd,
			 (off_t)first << 12);
		if (p == MAP_FAILED)
			break;
	}
	sleep_ms(pick(1000));
	if (pick(2))
		(void)!ftruncate(fd, pick(8 * MB));
	sleep_ms(pick(1000));
}

/* A file system that does not even say hello, where paths lead to. */
static void dead_fuse(void)
{
	struct stat st;
	unsigned int i;

	if (mount("root", "/mnt", "tmpfs", 0, "mode=755") ||
	    mkdir("/mnt/dev", 0755) || mkdir("/mnt/dev/shm", 0755))
		unable("tmpfs");
	if (mount_fuse(pick(2) ? "/mnt/dev" : "/mnt/dev/shm") < 0)
		unable("FUSE");
	if (chroot("/mnt"))
		unable("chroot");
	for (i = 0; i < 4; i++) {
		if (fork_child())
			continue;
		switch (i) {
		case 0:
			stat("/dev/shm/file", &st);
			break;
		case 1:
			(void)!chdir("/dev");
			stat("file", &st);
			break;
		case 2:
			open("/dev/shm", O_PATH);
			break;
		default:
			many_memfds(20);
		}
		sit(NULL);
	}
	sleep_ms(pick(2000));
}

static void start_server(const char *dir)
{
	int fd = mount_fuse(dir);

	if (fd < 0)
		unable("FUSE");
	if (!fork_child()) {
		serve_fuse(fd);
		_exit(0);
	}
	close(fd);
}

/* Files whose data is to come from a layer that is missing or does not answer. */
static void overlays(void)
{
	bool fuse = pick(2), data_only = pick(4), mounted = false;
	char options[160];
	int fd;

	if (mount("layers", "/mnt", "tmpfs", 0, "mode=755") || chdir("/mnt") ||
	    mkdir("lower", 0755) || mkdir("data", 0755) ||
	    mkdir("upper", 0755) || mkdir("work", 0755) ||
	    mkdir("merged", 0755))
		unable("tmpfs");
	fd = open("lower/file", O_CREAT | O_RDWR, 0644);
	if (fd < 0 || ftruncate(fd, MB))
		unable("file");
	close(fd);
	if (fuse)
		start_server("data");
	if (setxattr("lower/file", "user.overlay.metacopy", "", 0, 0) ||
	    setxattr("lower/file", "user.overlay.redirect", "/data", 5, 0))
		data_only = false;
	/* Not every kernel lets users have a layer of data only. */
	for (; !mounted; data_only = false) {
		snprintf(options, sizeof(options),
			 "userxattr,lowerdir=lower:%sdata,upperdir=upper,workdir=work",
			 data_only ? ":" : "");
		mounted = !mount("overlay", "merged", "overlay", 0, options);
		if (!mounted && !data_only)
			unable("overlay");
	}
	if (!fork_child()) {
		open("merged/file", O_PATH);
		open("merged/file", O_RDWR);
		sit(NULL);
	}
	/* Copied up while it is open: what it leads to changes. */
	fd = open("merged/own", O_CREAT | O_RDWR, 0644);
	(void)!write(fd, "x", 1);
	open("merged/own", O_PATH);
	if (pick(2))
		unlink("merged/own");
	mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	sleep_ms(pick(1500));
}

static void filled_tmpfs(void)
{
	unsigned int i;
	int fd;

	for (i = 0; i < 200; i++) {
		if (mount("filled", "/mnt", "tmpfs", 0, "mode=755"))
			unable("tmpfs");
		fd = open("/mnt/file", O_CREAT | O_RDWR, 0600);
		/* Being stopped for a while interrupts it. */
		if (fallocate(fd, 0, 0, (1 + pick_size(48)) * MB) &&
		    errno != EINTR)
			unable("fallocate");
		if (pick(2)) {
			close(fd);
			fd = -1;
		}
		if (umount2("/mnt", fd < 0 ? 0 : MNT_DETACH) && errno != EBUSY)
			unable("umount");
		if (fd >= 0)
			close(fd);
		umount2("/mnt", MNT_DETACH);
	}
}

static void namespaces(void)
{
	unsigned int i, j;
	pid_t pid;
	char *p;
	int id;

	for (i = 0; i < 100; i++) {
		pid = fork_child();
		if (!pid) {
			if (unshare(CLONE_NEWIPC | CLONE_NEWNS))
				_exit(1);
			mount("shm", "/dev/shm", "tmpfs", 0, NULL);
			close(open("/dev/shm/file", O_CREAT | O_RDWR, 0600));
			for (j = 0; j < pick_size(60); j++) {
				id = shmget(pick(2) ? IPC_PRIVATE : pick(9), 8192,
					    IPC_CREAT | 0600);
				p = shmat(id, NULL, 0);
				if (p != (void *)-1)
					p[0] = 1;
				if (pick(2))
					shmctl(id, IPC_RMID, NULL);
			}
			sit(NULL);
		}
		sleep_ms(pick(60));
		if (pick(4)) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
}

static void send_fds(int to, const int *fds, unsigned int n)
{
	char space[CMSG_SPACE(sizeof(int) * 100)] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = space,
		.msg_controllen = CMSG_SPACE(sizeof(int) * n),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * n);
	(void)!sendmsg(to, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Descriptors in sockets, in sockets that are in sockets, and in themselves. */
static void flight(void)
{
	struct sockaddr_un any = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(any);
	int inner[2], outer[2], fds[100], listener, client;
	unsigned int i, n, round;

	for (round = 0; round < 300; round++) {
		if (socketpair(AF_UNIX, pick(2) ? SOCK_DGRAM : SOCK_STREAM, 0,
			       inner) ||
		    socketpair(AF_UNIX, SOCK_STREAM, 0, outer))
			unable("socketpair");
		n = 1 + pick_size(90);
		for (i = 0; i < n; i++)
			fds[i] = any_memfd();
		send_fds(inner[0], fds, n);
		close_range(fds[0], fds[n - 1], 0);
		/* The queue goes on its way with what is in it. */
		send_fds(outer[0], inner, 2);
		if (pick(2))
			send_fds(inner[0], outer, 2);
		close(inner[0]);
		close(inner[1]);

		listener = socket(AF_UNIX, SOCK_STREAM, 0);
		if (bind(listener, (void *)&any, sizeof(sa_family_t)) ||
		    listen(listener, 10) ||
		    getsockname(listener, (void *)&any, &len))
			unable("listen");
		for (i = 0; i < 4; i++) {
			client = socket(AF_UNIX, SOCK_STREAM, 0);
			if (connect(client, (void *)&any, len))
				break;
			fds[0] = any_memfd();
			send_fds(client, fds, 1);
			close(fds[0]);
			close(client);
		}
		len = sizeof(any);
		sleep_ms(pick(30));
		close(listener);
		close(outer[0]);
		close(outer[1]);
	}
}

static int copy_of_self(int fd)
{
	char *text = mmap(NULL, MB, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(from, text, MB);

	close(from);
	if (len > 0 && write(fd, text, len) != len)
		len = -1;
	munmap(text, MB);
	return len > 0 ? 0 : -1;
}

static void executed(void)
{
	static char * const args[] = { "adversary", "--sit", NULL };
	static char * const none[] = { NULL };
	unsigned int i;
	pid_t pid;
	int fd;

	for (i = 0; i < 30; i++) {
		fd = memfd_create("program", pick(2) ? MFD_CLOEXEC : 0);
		if (copy_of_self(fd))
			unable("copy");
		pid = fork_child();
		if (!pid) {
			fexecve(fd, args, none);
			_exit(1);
		}
		close(fd);
		sleep_ms(pick(200));
		if (pick(3)) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
}

static unsigned long swap_free(void)
{
	char *text = read_file("/proc/meminfo");
	char *line = text ? strstr(text, "SwapFree:") : NULL;
	unsigned long kb = line ? strtoul(line + 9, NULL, 10) : 0;

	free(text);
	return kb;
}

/* Pages of one byte each, which zram keeps for nothing. */
static void full_swap(void)
{
	unsigned int i;
	char *p;
	int fd;

	if (swap_free() < 1024)
		unable("no swap");
	for (i = 0; i < 64 && swap_free() > 1024; i++) {
		fd = memfd_create("swapped", 0);
		if (ftruncate(fd, 16 * MB))
			break;
		p = mmap(NULL, 16 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 0);
		if (p == MAP_FAILED)
			break;
		memset(p, i, 16 * MB);
		if (madvise(p, 16 * MB, MADV_PAGEOUT))
			unable("MADV_PAGEOUT");
		if (pick(4))
			munmap(p, 16 * MB);
	}
	sleep_ms(pick(1000));
}

static void holes(void)
{
	unsigned int i;
	int fd = memfd_create("holes", 0);
	char *p;

	if (ftruncate(fd, 16 * MB))
		return;
	p = mmap(NULL, 16 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (i = 0; i < 1000; i++) {
		off_t at = pick(4096) << 12;

		switch (pick(5)) {
		case 0:
			(void)!fallocate(fd, FALLOC_FL_PUNCH_HOLE |
					 FALLOC_FL_KEEP_SIZE, at, MB);
			break;
		case 1:
			(void)!ftruncate(fd, at);
			(void)!ftruncate(fd, 16 * MB);
			break;
		case 2:
			(void)!madvise(p + (at & -(2 * MB)), 2 * MB,
				       MADV_COLLAPSE);
			break;
		case 3:
			(void)!madvise(p, 16 * MB, MADV_PAGEOUT);
			break;
		default:
			(void)!fallocate(fd, 0, at, MB);
		}
	}
}

static void segments(void)
{
	unsigned int i, n = pick_size(2000);
	int *ids = calloc(n, sizeof(*ids));
	void *p;

	for (i = 0; i < n; i++) {
		ids[i] = shmget(IPC_PRIVATE, 1 + pick(1 << 16),
				IPC_CREAT | 0600 | (pick(8) ? 0 : SHM_HUGETLB));
		if (ids[i] < 0)
			continue;
		p = shmat(ids[i], NULL, pick(2) ? 0 : SHM_RDONLY);
		if (!pick(3))
			shmctl(ids[i], SHM_LOCK, NULL);
		if (!pick(3) && p != (void *)-1)
			shmdt(p);
		if (pick(2))
			shmctl(ids[i], IPC_RMID, NULL);
	}
	sleep_ms(pick(500));
	for (i = 0; i < n; i++)
		shmctl(ids[i], IPC_RMID, NULL);
}

static void huge_pages(void)
{
	unsigned int i;
	char *p;
	int fd;

	for (i = 0; i < 50; i++) {
		fd = memfd_create("huge", MFD_HUGETLB);
		if (fd < 0)
			unable("memfd_create");
		if (ftruncate(fd, 2 * MB))
			break;
		p = mmap(NULL, 2 * MB, PROT_READ | PROT_WRITE,
			 pick(2) ? MAP_SHARED : MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED)
			unable("no huge page");
		p[0] = 1;
		sleep_ms(pick(40));
		if (pick(2))
			(void)!ftruncate(fd, 0);
		munmap(p, 2 * MB);
		close(fd);
	}
}

static const struct behaviour {
	const char *name;
	void (*fn)(void);
	int weight;
	int patience;	/* seconds, where few are not enough */
} behaviours[] = {
	{ "shared-tables",	shared_tables,	1 },
	{ "copied-tables",	copied_tables,	1 },
	{ "headless",		headless,	1 },
	{ "many-objects",	many_objects,	1, 20 },
	{ "long-paths",		long_paths,	1 },
	{ "windows",		windows,	1 },
	{ "dead-fuse",		dead_fuse,	1 },
	{ "overlays",		overlays,	2 },
	{ "filled-tmpfs",	filled_tmpfs,	3 },
	{ "namespaces",		namespaces,	1 },
	{ "flight",		flight,		1 },
	{ "executed",		executed,	1 },
	{ "full-swap",		full_swap,	1 },
	{ "holes",		holes,		1 },
	{ "segments",		segments,	1 },
	{ "huge-pages",		huge_pages,	1 },
};

#define NR_BEHAVIOURS	(sizeof(behaviours) / sizeof(behaviours[0]))

static bool join_group(const char *group)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	return !write_file(path, "0");
}

/* A user like any other, with namespaces, and process 1 in one of them. */
static void enter_namespaces(void)
{
	struct rlimit files = { 200000, 200000 };
	int status, alive[2];
	char map[64];
	pid_t pid;

	/* Where memory is short, these are killed first of all. */
	write_file("/proc/self/oom_score_adj", "500");
	setrlimit(RLIMIT_NOFILE, &files);
	if (setgid(NOBODY) || setuid(NOBODY))
		unable("setuid");
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID))
		unable("namespaces");
	snprintf(map, sizeof(map), "0 %d 1", NOBODY);
	write_file("/proc/self/setgroups", "deny");
	if (write_file("/proc/self/uid_map", map) ||
	    write_file("/proc/self/gid_map", map))
		unable("uid_map");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		unable("private mounts");
	if (pipe(alive))
		_exit(1);
	pid = fork();
	if (pid < 0)
		_exit(1);
	if (!pid) {
		struct pollfd parent = { .fd = alive[0] };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Whether it has died before; its pid is 0 from in here. */
		close(alive[1]);
		if (poll(&parent, 1, 0))
			_exit(1);
		close(alive[0]);
		return;
	}
	waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 0);
}

static bool wanted(const struct behaviour *behaviour)
{
	return !settings.only || !*settings.only ||
	       strstr(settings.only, behaviour->name);
}

static const struct behaviour *pick_behaviour(void)
{
	const struct behaviour *chosen = NULL;
	int i, sum = 0;

	for (i = 0; i < NR_BEHAVIOURS; i++) {
		if (!wanted(&behaviours[i]))
			continue;
		sum += behaviours[i].weight;
		if (pick(sum) < behaviours[i].weight)
			chosen = &behaviours[i];
	}
	return chosen;
}

/* Starts behaviours, one after the other, killing what takes long. */
static void keep_up(int slot)
{
	const struct behaviour *behaviour;
	unsigned int run;
	int status;
	double end;
	pid_t pid;

	prctl(PR_SET_NAME, "adv-user");
	write_file("/proc/self/oom_score_adj", "-1000");
	if (!join_group(HOSTILE))
		_exit(1);
	for (run = 0; !shared->over; run++) {
		seed_random(slot, run);
		behaviour = pick_behaviour();
		record = &shared->records[behaviour - behaviours];
		count(record->runs);
		end = now() + (behaviour->patience + pick(4000) / 1e3 + 0.1) *
			      settings.pace;
		pid = fork_child();
		if (!pid) {
			enter_namespaces();
			behaviour->fn();
			_exit(0);
		}
		while (!waitpid(pid, &status, WNOHANG)) {
			if (now() > end)
				kill(pid, SIGKILL);
			sleep_ms(20);
		}
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
			count(record->unable);
		sleep_ms(5);
	}
	_exit(0);
}

/* The readers. */
static char *files[32];
static int nr_files;

static void list_files(void)
{
	struct dirent *entry;
	char path[300];
	DIR *dir = opendir(PROC);

	while (dir && (entry = readdir(dir)) && nr_files < 31) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), PROC "%s", entry->d_name);
		files[nr_files++] = strdup(path);
	}
	if (dir)
		closedir(dir);
	files[nr_files++] = strdup(REPORT);
}

static bool is_file(const char *path, const char *name)
{
	return !strcmp(path + strlen(PROC), name) && strcmp(path, REPORT);
}

/* What has to be written before there is something to read. */
static int open_file(const char *path, const char *id)
{
	bool extents = is_file(path, "extents");
	bool snapshot = is_file(path, "snapshot");
	const char *question = extents ? id : "objects holders maps";
	int fd = open(path, extents || snapshot ? O_RDWR : O_RDONLY);
	int err;

	if (fd < 0 || !(extents || snapshot))
		return fd;
	if (write(fd, question, strlen(question)) == strlen(question))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* Each read ends well or with one of the two errors that the contract has. */
static void note_error(const char *path, int err)
{
	bool summary = !strcmp(path, REPORT) || is_file(path, "summary");

	if (err == EAGAIN && !kernel_since(6, 8)) {
		count(shared->again);
	} else if (err == ENOMEM && !summary) {
		count(shared->nomem);
	} else if (err == ENOENT && is_file(path, "extents")) {
		count(shared->enoent);
	} else {
		if (err == ENOMEM)
			count(shared->nomem_summary);
		count(shared->errors);
		shared->last_error = err;
		snprintf(shared->last_file, sizeof(shared->last_file), "%s",
			 strrchr(path, '/') + 1);
	}
}

static void id_of_row(char id[80], const char *row)
{
	id[0] = '\0';
	sscanf(row, " %79s", id);
}

struct text {
	char *at;
	size_t len, room;
};

/* Whole, into a buffer that stays; 0 or an errno. */
static int read_whole(const char *path, const char *id, struct text *text)
{
	int fd = open_file(path, id), err = 0;
	ssize_t got;

	if (fd < 0)
		return errno;
	for (text->len = 0;; text->len += got) {
		if (text->room - text->len < (1 << 16) + 1) {
			text->room = text->room ? 2 * text->room : 1 << 20;
			text->at = realloc(text->at, text->room);
			if (!text->at)
				_exit(1);
		}
		got = read(fd, text->at + text->len,
			   text->room - text->len - 1);
		if (got <= 0)
			break;
	}
	if (got < 0)
		err = errno;
	text->at[text->len] = '\0';
	close(fd);
	return err;
}

static void look_at_objects(const char *text)
{
	unsigned long rows = 0;
	const char *p;
	int i;

	for (p = text; (p = strchr(p, '\n')); p++)
		rows++;
	if (rows > shared->most_rows)
		shared->most_rows = rows;
	for (i = 0; i < NR_LIVING; i++)
		if (living[i][0] && !strstr(text, living[i]))
			count(shared->missing[i]);
}

/* Everything, over and over, and each answer is looked at. */
static void read_and_look(int nr)
{
	struct text text = {};
	char id[80];
	int err, i;

	seed_random(1000, nr);
	for (;;) {
		const char *path = files[pick(nr_files)];

		/* The two that say most come up most. */
		if (!pick(3))
			path = PROC "objects";
		else if (!pick(3))
			path = PROC "extents";
		i = pick(NR_LIVING);
		if (!living[i][0])
			continue;
		id_of_row(id, living[i]);
		err = read_whole(path, id, &text);
		if (is_file(path, "extents"))
			count(shared->extents);
		if (err) {
			note_error(path, err);
			continue;
		}
		count(shared->reads);
		if (!text.len || text.at[text.len - 1] != '\n')
			count(shared->torn);
		if (is_file(path, "objects"))
			look_at_objects(text.at);
	}
}

/* In pieces, by halves, again from the start: only that it ends well counts. */
static void read_badly(int nr)
{
	static char buf[1 << 16];
	char id[80];
	ssize_t got;
	int fd, i;

	seed_random(2000, nr);
	for (;;) {
		const char *path = files[pick(nr_files)];

		id_of_row(id, living[MEMFD]);
		fd = open_file(path, id);
		if (fd < 0) {
			note_error(path, errno);
			continue;
		}
		for (i = pick(100); i >= 0; i--) {
			got = read(fd, buf, 1 + pick(sizeof(buf)));
			if (got < 0)
				note_error(path, errno);
			if (got <= 0)
				break;
			if (!pick(20))
				lseek(fd, 0, SEEK_SET);
		}
		count(shared->reads);
		close(fd);
	}
}

/* A reader that gets SIGKILL is gone soon, wherever it is. */
static void kill_readers(int nr)
{
	struct text text = {};
	double from, took;
	pid_t pid;

	seed_random(3000, nr);
	for (;;) {
		const char *path = files[pick(nr_files)];
		char id[80];

		id_of_row(id, living[MEMFD]);
		pid = fork_child();
		if (!pid) {
			for (;;)
				read_whole(path, id, &text);
		}
		sleep_ms(pick(400));
		from = now();
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		took = now() - from;
		count(shared->kills);
		if (took > settings.bound)
			count(shared->slow_kills);
		if (took > shared->slowest_kill)
			shared->slowest_kill = took;
	}
}

static pid_t start_reading(void (*fn)(int nr), int nr)
{
	pid_t pid = fork_child();

	if (!pid) {
		prctl(PR_SET_NAME, "adv-reader");
		fn(nr);
	}
	return pid;
}

/* The bystanders, in mount namespaces of their own. */
static void use_memory(void *arg)
{
	size_t size = settings.ram / 10;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	memset(p, 1, size);
	/* If the whole machine has none left, it is this one's turn. */
	write_file("/proc/self/oom_score_adj", "1000");
}

/*
 * [0] on /dev/shm, where readers look; [1] where none does, but a loop of
 * statvfs(2), as of df(1), has the same effect.
 */
static void loop_umount(int which)
{
	const char *dir = which ? "/mnt" : "/dev/shm";
	struct statvfs st;

	if (own_mounts())
		_exit(1);
	if (which && !fork_child()) {
		for (;;)
			statvfs(dir, &st);
	}
	for (;;) {
		int beside = shared->reading;
		bool busy = false;

		if (mount("bystander", dir, "tmpfs", 0, NULL))
			_exit(1);
		while (umount(dir)) {
			busy = true;
			sched_yield();
		}
		if (busy)
			count(shared->busy[beside][which]);
		count(shared->umounts[beside][which]);
	}
}

/* A tmpfs and an overlay on it, in which everything else happens. */
static void make_overlay(void)
{
	if (own_mounts() || mount("bystander", "/mnt", "tmpfs", 0, NULL) ||
	    chdir("/mnt") || mkdir("lower", 0755) || mkdir("upper", 0755) ||
	    mkdir("work", 0755) || mkdir("merged", 0755))
		_exit(1);
	if (mount("overlay", "merged", "overlay", 0,
		  "lowerdir=lower,upperdir=upper,workdir=work"))
		rmdir("merged");
}

static const char *either(unsigned int i, const char *a, const char *b)
{
	return i % 2 && !access("merged", F_OK) ? a : b;
}

static void loop_flock(int which)
{
	unsigned int i;
	int fd;

	(void)which;
	make_overlay();
	for (i = 0;; i++) {
		int beside = shared->reading;

		fd = open(either(i, "merged/lock", "upper/own-lock"),
			  O_CREAT | O_RDWR, 0600);
		if (flock(fd, LOCK_EX | LOCK_NB))
			count(shared->locked[beside]);
		count(shared->locks[beside]);
		if (!(i & 7))
			sched_yield();
		close(fd);
	}
}

/* Written, closed, executed, ended, and so on. */
static void loop_exec(int which)
{
	const char *path;
	unsigned int i;
	int fd, status;
	pid_t pid;

	(void)which;
	make_overlay();
	for (i = 0;; i++) {
		int beside = shared->reading;

		path = either(i, "merged/run", "upper/own-run");
		fd = open(path, O_CREAT | O_WRONLY, 0700);
		if (fd < 0) {
			count(shared->unwritable[beside]);
			continue;
		}
		if (copy_of_self(fd))
			_exit(1);
		close(fd);
		pid = vfork();
		if (!pid) {
			execl(path, "adversary", "--end", NULL);
			_exit(errno == ETXTBSY ? 26 : 1);
		}
		waitpid(pid, &status, 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 26)
			count(shared->unexecutable[beside]);
		count(shared->execs[beside]);
	}
}

static pid_t start_bystander(void (*fn)(int which), int which)
{
	pid_t pid = fork_child();

	if (!pid) {
		prctl(PR_SET_NAME, "adv-bystander");
		if (!join_group(BYSTANDERS))
			_exit(1);
		fn(which);
	}
	return pid;
}

/* What lives throughout. */
static void hold_elsewhere(void *arg)
{
	int fd;

	(void)arg;
	if (own_mounts() || mount("elsewhere", "/mnt", "tmpfs", 0, NULL))
		_exit(1);
	fd = open("/mnt/file", O_CREAT | O_RDWR, 0600);
	if (write(fd, "x", 1) != 1 || fstat(fd, &shared->elsewhere))
		_exit(1);
}

static void note_living(int which, const char *id)
{
	if (*id)
		snprintf(living[which], sizeof(living[which]), "\n%s ", id);
}

static int segment;

static void make_living(void)
{
	struct table *t;
	char id[80], *p;
	int fd, row;

	fd = memfd_create("lives on", 0);
	(void)!ftruncate(fd, MB);
	id_of_fd(fd, id);
	note_living(MEMFD, id);

	segment = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
	id_of_segment(segment, id);
	note_living(SEGMENT, id);

	id_of_mapping(shared, id);
	note_living(MAPPING, id);

	fd = open("/dev/shm/adversary-lives-on", O_CREAT | O_RDWR, 0600);
	(void)!write(fd, "x", 1);
	id_of_fd(fd, id);
	note_living(POSIX, id);

	if (start_child(hold_elsewhere, NULL) > 0) {
		t = table_read("objects");
		row = row_of_inode(t, shared->elsewhere.st_dev,
				   shared->elsewhere.st_ino, NULL);
		note_living(ELSEWHERE, row < 0 ? "" : cell(t, row, "id"));
		table_free(t);
	}

	fd = memfd_create("lives on", MFD_HUGETLB);
	if (fd >= 0 && !ftruncate(fd, 2 * MB)) {
		p = mmap(NULL, 2 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 0);
		if (p != MAP_FAILED) {
			id_of_fd(fd, id);
			note_living(HUGE_MEMFD, id);
		}
	}
}

static int make_groups(void)
{
	char limit[32];

	mkdir(GROUP, 0755);
	if (write_file(GROUP "/cgroup.subtree_control", "+memory") && errno != ENOENT)
		return -1;
	if ((mkdir(HOSTILE, 0755) && errno != EEXIST) ||
	    (mkdir(BYSTANDERS, 0755) && errno != EEXIST))
		return -1;
	/* What they make is kept within this, and killed for it there. */
	snprintf(limit, sizeof(limit), "%lu", settings.ram / 5 * 2);
	return write_file(HOSTILE "/memory.max", limit);
}

/* Not all can be: who waits for a file system that is dead, waits on. */
static void freeze(bool on)
{
	double end = now() + 1;
	char *text;

	write_file(GROUP "/cgroup.freeze", on ? "1" : "0");
	while (on && now() < end) {
		text = read_file(GROUP "/cgroup.events");
		if (text && strstr(text, "frozen 1")) {
			free(text);
			return;
		}
		free(text);
		sleep_ms(20);
	}
}

static unsigned long long accounted(void)
{
	char *text = read_file(REPORT), *line;
	unsigned long long kb = -1ULL;

	line = text ? strstr(text, "Accounted:") : NULL;
	if (line)
		kb = strtoull(line + 10, NULL, 10);
	free(text);
	return kb;
}

/*
 * Everybody else stands still, and the kernel's own counter does so too: then
 * the report's sum has to be the very same.
 */
static void compare_when_quiet(unsigned long *compared, unsigned long *differ)
{
	unsigned long long before, sum, after;
	bool equal = false, quiet = false;
	int try;

	freeze(true);
	for (try = 0; try < 10 && !equal; try++) {
		before = meminfo("Shmem");
		sum = accounted();
		after = meminfo("Shmem");
		if (before == after) {
			quiet = true;
			equal = sum == before;
		}
		if (!equal)
			sleep_ms(50);
	}
	freeze(false);
	*compared += quiet;
	if (quiet && !equal) {
		ksft_print_msg("Shmem %llu kB, accounted %llu kB\n", before,
			       sum);
		(*differ)++;
	}
}

static double share(unsigned long part, unsigned long whole)
{
	return whole ? (double)part / whole : 0;
}

static void read_settings(void)
{
	const char *text = getenv("SEED");

	settings.seed = text && *text ? strtoul(text, NULL, 10) :
					time(NULL) ^ getpid() << 16;
	text = getenv("DURATION");
	settings.duration = text && *text ? strtod(text, NULL) : 60;
	settings.only = getenv("ONLY");
	settings.ram = meminfo("MemTotal") << 10;
	settings.bound = debug_kernel() ? 40 : 10;
	settings.pace = debug_kernel() ? 3 : 1;
	/* As many at a time as there is a machine for. */
	settings.slots = debug_kernel() ? 4 : 8;
	/* Some 2 KB each; those that debug take several times as much. */
	settings.objects = settings.ram / 100 / (debug_kernel() ? 1600 : 400);
	if (settings.objects > 100000)
		settings.objects = 100000;
}

static void print_records(void)
{
	const struct record *is;
	int i;

	for (i = 0; i < NR_BEHAVIOURS; i++) {
		is = &shared->records[i];
		if (!wanted(&behaviours[i]))
			continue;
		ksft_print_msg("%s: %lu times", behaviours[i].name, is->runs);
		if (is->unable)
			printf(", %lu of them in vain (%s)", is->unable, is->why);
		printf("\n");
	}
}

#define NR_RESULTS	10

int main(int argc, char **argv)
{
	pid_t pids[32], memory, loops[8];
	unsigned long compared = 0, differ = 0, short_reads = 0, unmade = 0;
	unsigned long log_size = 1 << 20;
	int started = 0, nr_loops = 0, i, j;
	double end, allowed;
	char *log;

	if (argc > 1 && !strcmp(argv[1], "--end"))
		return 0;
	if (argc > 1 && !strcmp(argv[1], "--sit"))
		return sit(NULL);

	ksft_print_header();
	read_settings();
	setbuf(stdout, NULL);
	ksft_print_msg("SEED=%u, %.0f s, up to %u objects at a time each\n",
		       settings.seed, settings.duration, settings.objects);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!pick_behaviour())
		ksft_exit_fail_msg("ONLY=%s names no behaviour\n", settings.only);
	if (shared == MAP_FAILED || make_groups())
		ksft_exit_fail_msg("cannot set up: %s\n", strerror(errno));
	if (system("modprobe -qa fuse overlay 2>/dev/null"))
		(void)0; /* They may be built in; each says what it misses. */
	chmod("/dev/fuse", 0666);
	write_file("/proc/sys/kernel/unprivileged_userns_clone", "1");
	write_file("/proc/sys/vm/nr_hugepages", "8");
	if (need_swap())
		ksft_print_msg("no swap in this kernel\n");
	make_living();
	list_files();
	ksft_set_plan(NR_RESULTS);

	memory = start_child(use_memory, NULL);
	loops[nr_loops++] = start_bystander(loop_umount, 0);
	loops[nr_loops++] = start_bystander(loop_umount, 1);
	loops[nr_loops++] = start_bystander(loop_flock, 0);
	loops[nr_loops++] = start_bystander(loop_exec, 0);
	for (i = 0; i < settings.slots; i++) {
		pids[started] = fork_child();
		if (!pids[started])
			keep_up(i);
		started++;
	}

	/* First nobody reads, for what happens without. */
	sleep_ms(settings.duration * 1000 / 6);
	shared->reading = true;
	pids[started++] = start_reading(read_and_look, 0);
	pids[started++] = start_reading(read_and_look, 1);
	pids[started++] = start_reading(read_badly, 0);
	pids[started++] = start_reading(kill_readers, 0);
	end = now() + settings.duration / 6 * 5;
	while (now() < end) {
		sleep_ms(2000);
		compare_when_quiet(&compared, &differ);
	}
	shared->over = true;
	for (i = 0; i < started; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < started; i++)
		waitpid(pids[i], NULL, 0);
	print_records();

	for (i = 0; i < NR_LIVING; i++) {
		short_reads += shared->missing[i];
		unmade += !living[i][0] && i != HUGE_MEMFD;
		if (shared->missing[i])
			ksft_print_msg("%s: missing in %lu reads\n",
				       living_names[i], shared->missing[i]);
		if (!living[i][0])
			ksft_print_msg("%s: there is none\n", living_names[i]);
	}
	ksft_test_result(shared->reads > 20 && !unmade && !short_reads,
			 "objects that live are in every read\n");
	ksft_test_result(shared->extents > 5 && !shared->enoent,
			 "their extents are found\n");
	ksft_test_result(!shared->torn, "reads end with a whole line\n");
	if (shared->errors)
		ksft_print_msg("%lu unexpected errors, the last of %s: %s\n",
			       shared->errors, shared->last_file,
			       strerror(shared->last_error));
	ksft_test_result(!shared->errors && !shared->nomem_summary &&
			 shared->again <= shared->reads / 4,
			 "reads fail only as they may\n");
	ksft_test_result(compared && !differ,
			 "the sum is Shmem when all stand still\n");
	ksft_test_result(shared->kills && !shared->slow_kills,
			 "killed readers end\n");

	/* Alive, and not because the kernel has nothing else to kill. */
	log = malloc(log_size);
	i = klogctl(3, log, log_size - 1);
	log[i < 0 ? 0 : i] = '\0';
	ksft_test_result(!waitpid(memory, NULL, WNOHANG) &&
			 !strstr(log, "] Out of memory: "),
			 "a process with memory lives on\n");
	kill(memory, SIGKILL);

	for (i = 0, j = 0; i < nr_loops; i++) {
		j += waitpid(loops[i], NULL, WNOHANG) != 0;
		kill(loops[i], SIGKILL);
	}
	if (j)
		ksft_print_msg("%d bystanders gave up\n", j);
	allowed = share(shared->busy[1][1], shared->umounts[1][1]) + 0.005;
	ksft_test_result(!j && shared->umounts[1][0] > 2 &&
			 share(shared->busy[1][0], shared->umounts[1][0]) <=
			 allowed,
			 "umount meets EBUSY as beside statvfs\n");
	ksft_test_result(!j && shared->locks[1] > 2 && !shared->locked[0] &&
			 !shared->locked[1],
			 "locks of closed files are free\n");
	ksft_test_result(!j && shared->execs[1] > 2 &&
			 !shared->unwritable[1] && !shared->unexecutable[1],
			 "closed files can be executed, ended programs written\n");

	ksft_print_msg("SEED=%u: %lu reads of up to %lu rows, %lu of extents\n",
		       settings.seed, shared->reads, shared->most_rows,
		       shared->extents);
	ksft_print_msg("%lu short, %lu EAGAIN, %lu ENOMEM, %lu ENOENT, %lu other errors\n",
		       short_reads, shared->again, shared->nomem,
		       shared->enoent, shared->errors);
	ksft_print_msg("sum compared %lu times, differed %lu times\n",
		       compared, differ);
	ksft_print_msg("%lu readers killed, slowest %.3f s\n", shared->kills,
		       shared->slowest_kill);
	ksft_print_msg("unmounts that met EBUSY: without readers %lu of %lu,\n",
		       shared->busy[0][0], shared->umounts[0][0]);
	ksft_print_msg("beside them %lu of %lu, beside statvfs %lu of %lu\n",
		       shared->busy[1][0], shared->umounts[1][0],
		       shared->busy[1][1], shared->umounts[1][1]);
	ksft_print_msg("EWOULDBLOCK: without readers %lu of %lu locks, beside them %lu of %lu\n",
		       shared->locked[0], shared->locks[0], shared->locked[1],
		       shared->locks[1]);
	ksft_print_msg("ETXTBSY: without readers %lu of %lu programs, beside them %lu of %lu\n",
		       shared->unwritable[0] + shared->unexecutable[0],
		       shared->execs[0],
		       shared->unwritable[1] + shared->unexecutable[1],
		       shared->execs[1]);
	shmctl(segment, IPC_RMID, NULL);
	unlink("/dev/shm/adversary-lives-on");
	ksft_finished();
}
