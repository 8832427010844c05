// SPDX-License-Identifier: GPL-2.0
/*
 * What hostile users do. Each behaviour is a function and a line in the table at
 * the end. It runs as an unprivileged user, as process 1 of a pid namespace, so
 * that all processes that it started end with it; it may take as long as it likes
 * and is killed after some seconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
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
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "hostile.h"
#include "../helpers/file.h"
#include "../helpers/kernel.h"
#include "../helpers/mount.h"
#include "../helpers/object.h"
#include "../helpers/process.h"
#include "../helpers/socket.h"
#include "../helpers/table.h"

static int random_memfd(void)
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

static unsigned int random_memfds(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (random_memfd() < 0)
			break;
	return i;
}

/* Many processes that share one table of many descriptors. */
static void shared_tables(void)
{
	unsigned int procs = pick_size(400), i;
	pid_t pid;

	random_memfds(pick_size(settings.objects / 8));
	for (i = 0; i < procs; i++)
		if (clone_sleepers(&pid, 1, CLONE_FILES | CLONE_VM |
				   (pick(2) ? CLONE_FS : 0)) < 1)
			break;
	sleep_ms(pick(2000));
}

/* Many processes with a copy of it each, less a few descriptors. */
static void copied_tables(void)
{
	unsigned int files = random_memfds(pick_size(2000));
	unsigned int procs = pick_size(200), i;

	for (i = 0; i < procs; i++) {
		if (fork_child())
			continue;
		close_range(3, 3 + pick(files), 0);
		sleep_on(NULL);
	}
	sleep_ms(pick(2000));
}

/* With the descriptors of the others, or with its own. */
static void *live_on(void *arg)
{
	int fd = random_memfd();

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
		random_memfds(4);
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

	if (pick(2)) {
		random_memfds(n);
		sleep_ms(pick(1000));
		return;
	}
	if (mount("many", "/mnt", "tmpfs", 0, "nr_inodes=0,mode=755"))
		unable("tmpfs");
	make_files("/mnt", n);
	sleep_ms(pick(1000));
	for (i = 0; i < n; i += 1 + pick(3)) {
		snprintf(path, sizeof(path), "/mnt/%u", i);
		unlink(path);
	}
}

static void random_name(char *name, unsigned int len)
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

/* Deeper than the longest path, with names as long as they can be. */
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
			random_name(name, 255 - pick(2));
			close(open(name, O_CREAT | O_RDWR, 0600));
			if (pick(2))
				unlink(name);
		}
		random_name(name, 255);
		(void)!symlink(link, name);
		random_name(name, 255 - (pick(4) ? 0 : pick(200)));
		if (mkdir(name, 0755) || chdir(name))
			break;
	}
	/* Renamed while a reader may just collect such a path. */
	for (i = 0; i < 500; i++) {
		random_name(name, 255);
		if (mkdir("/mnt/from", 0755) || rename("/mnt/from", "/mnt/to"))
			break;
		rmdir("/mnt/to");
		sleep_ms(pick(3));
	}
}

/* Thousands of mappings of one object, each of another range. */
static void ranges(void)
{
	unsigned int n = pick_size(8000), i, pages = (8 * MB) >> 12;
	int fd = memfd_create("ranges", 0);
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

/* A file system that never answers, on paths that readers might look up. */
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
			random_memfds(20);
		}
		sleep_on(NULL);
	}
	sleep_ms(pick(2000));
}

/* Files whose data is in a layer that is missing or does not answer. */
static void overlays(void)
{
	bool fuse = pick(2), data_only = pick(4), mounted = false;
	char options[160];
	int fd;

	if (mount("layers", "/mnt", "tmpfs", 0, "mode=755") || chdir("/mnt") ||
	    make_overlay_dirs() || mkdir("data", 0755))
		unable("tmpfs");
	fd = open("lower/file", O_CREAT | O_RDWR, 0644);
	if (fd < 0 || ftruncate(fd, MB))
		unable("file");
	close(fd);
	if (fuse && mount_fuse_without_lookups("data"))
		unable("FUSE");
	if (setxattr("lower/file", "user.overlay.metacopy", "", 0, 0) ||
	    setxattr("lower/file", "user.overlay.redirect", "/data", 5, 0))
		data_only = false;
	/* Some kernels allow users no layer of data only. */
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
		sleep_on(NULL);
	}
	/* Copied up while it is open, so that its file below changes. */
	fd = open("merged/own", O_CREAT | O_RDWR, 0644);
	(void)!write(fd, "x", 1);
	open("merged/own", O_PATH);
	if (pick(2))
		unlink("merged/own");
	mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	sleep_ms(pick(1500));
}

/* A tmpfs that is filled and unmounted, so that the kernel frees it for long. */
static void filled_tmpfs(void)
{
	unsigned int i;
	int fd;

	for (i = 0; i < 200; i++) {
		if (mount("filled", "/mnt", "tmpfs", 0, "mode=755"))
			unable("tmpfs");
		fd = open("/mnt/file", O_CREAT | O_RDWR, 0600);
		/* The freezer interrupts it. */
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

/* Namespaces with segments and a /dev/shm that end. */
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
			sleep_on(NULL);
		}
		sleep_ms(pick(60));
		if (pick(4))
			stop_child(pid);
	}
}

/* Descriptors in flight in sockets that are in flight, in themselves as well. */
static void flight(void)
{
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
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
			fds[i] = random_memfd();
		send_fds(inner[0], fds, n, flags);
		close_range(fds[0], fds[n - 1], 0);
		/* The queue is in flight with all that is in it. */
		send_fds(outer[0], inner, 2, flags);
		if (pick(2))
			send_fds(inner[0], outer, 2, flags);
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
			fds[0] = random_memfd();
			send_fds(client, fds, 1, flags);
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

/* O_PATH, which opens nothing: of memfds, and of sockets that are closed then. */
static void paths(void)
{
	int pair[2], fds[4], path[3];
	unsigned int round, i;

	for (round = 0; round < 2000; round++) {
		if (socketpair(AF_UNIX, pick(2) ? SOCK_DGRAM : SOCK_STREAM, 0,
			       pair))
			unable("socketpair");
		for (i = 0; i < 4; i++)
			fds[i] = random_memfd();
		path[0] = open_again(pair[0], O_PATH);
		path[1] = open_again(pair[1], O_PATH);
		path[2] = open_again(fds[0], O_PATH);
		if (path[0] < 0 || path[1] < 0 || path[2] < 0)
			unable("O_PATH");
		send_fds(pair[0], fds, 4, MSG_DONTWAIT | MSG_NOSIGNAL);
		/* Of what is in flight, too: both ends in each other's queue. */
		if (pick(2))
			send_fds(pair[0], pair, 2, MSG_DONTWAIT | MSG_NOSIGNAL);
		for (i = 0; i < 4; i++)
			close(fds[i]);
		close(pair[0]);
		close(pair[1]);
		if (!pick(20))
			sleep_ms(pick(20));
		for (i = 0; i < 3; i++)
			close(path[i]);
	}
}

#define STREAMS	3

struct stream {
	int in, out;
};

/* A byte at a time, so that messages stay in the queue without descriptors. */
static void *receive_parts(void *arg)
{
	const struct stream *stream = arg;
	int fd;

	for (;;) {
		fd = receive_fd(stream->out);
		if (fd >= 0)
			close(fd);
		else if (errno && errno != EAGAIN)
			return NULL;
		errno = 0;
	}
}

/* Descriptors that are received from messages in the queue, by several at once. */
static void parts(void)
{
	struct rlimit limit = { 4000, 4000 };
	struct stream stream[STREAMS];
	int pair[2], fds[100], fd;
	pthread_t thread;
	unsigned int i, n;

	setrlimit(RLIMIT_NOFILE, &limit);
	for (i = 0; i < STREAMS; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			unable("socketpair");
		stream[i].in = pair[0];
		stream[i].out = pair[1];
		if (pthread_create(&thread, NULL, receive_parts, &stream[i]) ||
		    pthread_create(&thread, NULL, receive_parts, &stream[i]))
			unable("pthread_create");
	}
	for (i = 0; i < 20000; i++) {
		fd = random_memfd();
		for (n = 0; n < 100; n++)
			fds[n] = fd;
		/* The longer it takes to read them, the better. */
		send_fds_with(stream[pick(STREAMS)].in, "text", fds,
			      1 + pick_size(100), 0);
		close(fd);
	}
}

/* Programs that are executed from a memfd. */
static void executed(void)
{
	static char * const args[] = { "adversary", "--sleep", NULL };
	static char * const none[] = { NULL };
	unsigned int i;
	pid_t pid;
	int fd;

	for (i = 0; i < 30; i++) {
		fd = memfd_create("program", pick(2) ? MFD_CLOEXEC : 0);
		if (copy_program(fd))
			unable("copy");
		pid = fork_child();
		if (!pid) {
			fexecve(fd, args, none);
			_exit(1);
		}
		close(fd);
		sleep_ms(pick(200));
		if (pick(3))
			stop_child(pid);
	}
}

/* Pages of one repeated byte, for which zram needs no memory. */
static void full_swap(void)
{
	unsigned int i;
	char *p;
	int fd;

	if (figure("/proc/meminfo", "SwapFree") < 1024)
		unable("no swap");
	for (i = 0; i < 64; i++) {
		if (figure("/proc/meminfo", "SwapFree") <= 1024)
			break;
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

/* An object that is punched, truncated, collapsed and filled. */
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

/* Segments of all sorts: locked, of huge pages, detached, removed. */
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

/* Objects of huge pages, shared, private and truncated. */
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

const struct behaviour behaviours[] = {
	{ "shared-tables",	shared_tables,	1 },
	{ "copied-tables",	copied_tables,	1 },
	{ "headless",		headless,	1 },
	{ "many-objects",	many_objects,	1, 20 },
	{ "long-paths",		long_paths,	1 },
	{ "ranges",		ranges,		1 },
	{ "dead-fuse",		dead_fuse,	1 },
	{ "overlays",		overlays,	2 },
	{ "filled-tmpfs",	filled_tmpfs,	3 },
	{ "namespaces",		namespaces,	1 },
	{ "flight",		flight,		1 },
	{ "paths",		paths,		1 },
	{ "parts",		parts,		1 },
	{ "executed",		executed,	1 },
	{ "full-swap",		full_swap,	1 },
	{ "holes",		holes,		1 },
	{ "segments",		segments,	1 },
	{ "huge-pages",		huge_pages,	1 },
};

const int nr_behaviours = sizeof(behaviours) / sizeof(behaviours[0]);
