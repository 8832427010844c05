// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/swap.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "table.h"

static void die(const char *what, const char *which)
{
	printf("# %s: %s\n", what, which);
	fflush(stdout);
	abort();
}

char *read_file(const char *path)
{
	size_t room = 1 << 16, len = 0;
	char *text = malloc(room + 1);
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		free(text);
		return NULL;
	}
	while ((got = read(fd, text + len, room - len)) > 0) {
		len += got;
		if (len == room)
			text = realloc(text, (room *= 2) + 1);
	}
	close(fd);
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[len] = '\0';
	return text;
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = strlen(text);
	int ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, len) == len ? 0 : -1;
	close(fd);
	return ret;
}

/* Splits a line at single blanks; the fields point into it. */
static int split(char *line, char ***fields)
{
	int count = 0;
	char *end;

	*fields = NULL;
	do {
		end = strchr(line, ' ');
		if (end)
			*end = '\0';
		*fields = realloc(*fields, (count + 1) * sizeof(char *));
		(*fields)[count++] = line;
		if (!*line)
			return -1;
		line = end + 1;
	} while (end);
	return count;
}

struct table *table_parse(char *text)
{
	struct table *t = calloc(1, sizeof(*t));
	char *line = text, *end;
	int room = 0;

	t->text = text;
	while (*line) {
		char **fields;
		int count;

		end = strchr(line, '\n');
		if (!end)
			goto bad;
		*end = '\0';
		count = split(line, &fields);
		if (!t->name) {
			t->name = fields;
			t->columns = count;
		} else {
			if (t->rows == room) {
				room = room ? 2 * room : 64;
				t->cell = realloc(t->cell,
						  room * sizeof(*t->cell));
			}
			t->cell[t->rows++] = fields;
		}
		if (count < 0 || count != t->columns) {
			printf("# line %d has %d fields: %s\n", t->rows, count,
			       line);
			goto bad;
		}
		line = end + 1;
	}
	return t;
bad:
	table_free(t);
	errno = EBADMSG;
	return NULL;
}

struct table *table_read(const char *name)
{
	char path[128];
	char *text;

	snprintf(path, sizeof(path), PROC "%s", name);
	text = read_file(path);
	return text ? table_parse(text) : NULL;
}

void table_free(struct table *t)
{
	int row;

	if (!t)
		return;
	for (row = 0; row < t->rows; row++)
		free(t->cell[row]);
	free(t->cell);
	free(t->name);
	free(t->text);
	free(t);
}

static int column_of(const struct table *t, const char *column)
{
	int i;

	for (i = 0; i < t->columns; i++)
		if (!strcmp(t->name[i], column))
			return i;
	die("no such column", column);
	return -1;
}

bool has_column(const struct table *t, const char *column)
{
	int i;

	for (i = 0; i < t->columns; i++)
		if (!strcmp(t->name[i], column))
			return true;
	return false;
}

const char *cell(const struct table *t, int row, const char *column)
{
	if (row < 0 || row >= t->rows)
		die("no such row for column", column);
	return t->cell[row][column_of(t, column)];
}

unsigned long long number(const struct table *t, int row, const char *column)
{
	const char *text = cell(t, row, column);
	int base = strcmp(column, "mode") ? 10 : 8;
	unsigned long long value;
	char *end;

	if (!strcmp(t->name[0], "id") && (!strcmp(column, "start") ||
					  !strcmp(column, "end")))
		base = 16;
	value = strtoull(text, &end, base);
	if (!isxdigit((unsigned char)*text) || *end)
		die("no number", text);
	return value;
}

unsigned long long table_sum(const struct table *t, const char *column)
{
	unsigned long long sum = 0;
	int row;

	for (row = 0; row < t->rows; row++)
		sum += number(t, row, column);
	return sum;
}

int row_with(const struct table *t, int from, const char *column,
	     const char *value)
{
	int i = column_of(t, column);

	for (; from < t->rows; from++)
		if (!strcmp(t->cell[from][i], value))
			return from;
	return -1;
}

char *unescape(char *text)
{
	char *from = text, *to = text;

	while (*from) {
		if (*from == '\\') {
			*to++ = (from[1] - '0') << 6 | (from[2] - '0') << 3 |
				(from[3] - '0');
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return text;
}

int row_of_inode(const struct table *t, dev_t dev, ino_t ino,
		 const char *name)
{
	char prefix[64];
	int row;

	snprintf(prefix, sizeof(prefix), "%u:%u:%llu:", major(dev), minor(dev),
		 (unsigned long long)ino);
	for (row = 0; row < t->rows; row++) {
		char *text;
		bool same;

		if (strncmp(cell(t, row, "id"), prefix, strlen(prefix)))
			continue;
		if (!name)
			return row;
		text = unescape(strdup(cell(t, row, "name")));
		same = !strcmp(text, name);
		free(text);
		if (same)
			return row;
	}
	return -1;
}

/* What the kernel calls it, for files of the internal mount. */
static const char *link_name(int fd, char *buf, size_t size)
{
	char path[64];
	ssize_t len;
	char *end;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, buf, size - 1);
	if (len < 0)
		return NULL;
	buf[len] = '\0';
	end = strstr(buf, " (deleted)");
	if (end && !end[10])
		*end = '\0';
	return strncmp(buf, "/memfd:", 7) ? NULL : buf + 1;
}

int row_of_fd(const struct table *t, int fd)
{
	char buf[4096];
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	return row_of_inode(t, st.st_dev, st.st_ino,
			    link_name(fd, buf, sizeof(buf)));
}

/* The device, inode and name of a mapping, from /proc/self/maps. */
static int stat_mapping(const void *address, dev_t *dev, ino_t *ino,
			char name[256])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	unsigned int high, low;
	unsigned long long nr;
	char line[512];
	int ret = -1;

	while (maps && ret && fgets(line, sizeof(line), maps)) {
		name[0] = '\0';
		if (sscanf(line, "%lx-%lx %*s %*x %x:%x %llu /%255s", &start,
			   &end, &high, &low, &nr, name) < 5)
			continue;
		if ((unsigned long)address < start ||
		    (unsigned long)address >= end)
			continue;
		*dev = makedev(high, low);
		*ino = nr;
		ret = 0;
	}
	if (maps)
		fclose(maps);
	return ret;
}

int row_of_mapping(const struct table *t, const void *address)
{
	char name[256];
	dev_t dev;
	ino_t ino;

	if (stat_mapping(address, &dev, &ino, name))
		return -1;
	/* Elsewhere an inode number is unique, and the path another's view. */
	if (strncmp(name, "SYSV", 4) && strncmp(name, "memfd:", 6) &&
	    strncmp(name, "dev/zero", 8))
		return row_of_inode(t, dev, ino, NULL);
	return row_of_inode(t, dev, ino, name);
}

static void id_of_row(struct table *t, int row, char id[80])
{
	snprintf(id, 80, "%s", row < 0 ? "" : cell(t, row, "id"));
	table_free(t);
}

void id_of_fd(int fd, char id[80])
{
	struct table *t = table_read("objects");

	id_of_row(t, row_of_fd(t, fd), id);
}

void id_of_mapping(const void *address, char id[80])
{
	struct table *t = table_read("objects");

	id_of_row(t, row_of_mapping(t, address), id);
}

void id_of_segment(int shmid, char id[80])
{
	struct table *t = table_read("sysv");
	char text[32], ns[64] = "";
	int row = -1;

	/* Segments of other namespaces have the same ids. */
	if (readlink("/proc/self/ns/ipc", ns, sizeof(ns) - 1) < 0)
		die("no link", "/proc/self/ns/ipc");
	ns[strlen(ns) - 1] = '\0';
	snprintf(text, sizeof(text), "%d", shmid);
	do {
		row = row_with(t, row + 1, "shmid", text);
	} while (row >= 0 && strcmp(cell(t, row, "ipcns"), ns + 5));
	id_of_row(t, row, id);
}

unsigned long long meminfo(const char *field)
{
	unsigned long long value = 0;
	char *text, *line;
	char key[64];

	write_file("/proc/sys/vm/stat_refresh", "1");
	text = read_file("/proc/meminfo");
	snprintf(key, sizeof(key), "%s:", field);
	line = text ? strstr(text, key) : NULL;
	if (!line)
		die("not in /proc/meminfo", field);
	value = strtoull(line + strlen(key), NULL, 10);
	free(text);
	return value;
}

bool debug_kernel(void)
{
	return !access(DEBUGFS "kmemleak", F_OK) ||
	       !access(DEBUGFS "kcsan", F_OK);
}

unsigned long long smaps(const void *address, const char *field)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long long value = 0;
	unsigned long start, end;
	bool inside = false;
	char line[512];
	size_t len = strlen(field);

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start == (unsigned long)address;
		else if (inside && !strncmp(line, field, len) &&
			 line[len] == ':')
			value = strtoull(line + len + 1, NULL, 10) << 10;
	}
	if (f)
		fclose(f);
	return value;
}

unsigned long long sysvipc(int shmid, const char *field)
{
	FILE *f = fopen("/proc/sysvipc/shm", "r");
	unsigned long long value = 0;
	char line[512], *word, *rest;
	int column = -1, id = -1, i;
	bool found = false;

	if (!f || !fgets(line, sizeof(line), f))
		die("cannot read", "/proc/sysvipc/shm");
	for (i = 0, rest = line; (word = strsep(&rest, "\n ")); ) {
		if (!*word)
			continue;
		if (!strcmp(word, field))
			column = i;
		if (!strcmp(word, "shmid"))
			id = i;
		i++;
	}
	while (!found && fgets(line, sizeof(line), f)) {
		for (i = 0, rest = line; (word = strsep(&rest, "\n ")); ) {
			if (!*word)
				continue;
			if (i == id)
				found = atoi(word) == shmid;
			if (i == column)
				value = strtoull(word, NULL, strcmp(field, "perms") ?
						 10 : 8);
			i++;
		}
	}
	fclose(f);
	if (!found || column < 0)
		die("not in /proc/sysvipc/shm", field);
	return value;
}

unsigned long long incore(void *address, size_t len)
{
	size_t page = sysconf(_SC_PAGESIZE), i, count = (len + page - 1) / page;
	unsigned char *vec = calloc(1, count);
	unsigned long long bytes = 0;

	if (mincore(address, len, vec))
		die("mincore", strerror(errno));
	for (i = 0; i < count; i++)
		bytes += vec[i] & 1 ? page : 0;
	free(vec);
	return bytes;
}

int need_swap(void)
{
	char *swaps = read_file("/proc/swaps");
	bool have = swaps && strchr(swaps, '/');

	free(swaps);
	if (have)
		return 0;
	if (access("/sys/block/zram0", F_OK) &&
	    system("modprobe -q zram num_devices=1"))
		return -1;
	if (write_file("/sys/block/zram0/disksize", "1G") ||
	    system("mkswap /dev/zram0 >/dev/null 2>&1"))
		return -1;
	return swapon("/dev/zram0", 0);
}

/* As in <drm/drm.h> and <drm/drm_mode.h>, which not every system has. */
struct dumb_create {
	uint32_t height, width, bpp, flags, handle, pitch;
	uint64_t size;
};

struct dumb_map {
	uint32_t handle, pad;
	uint64_t offset;
};

struct drm_version {
	int major, minor, patch;
	size_t name_len;
	char *name;
	size_t date_len;
	char *date;
	size_t desc_len;
	char *desc;
};

#define DRM_VERSION	_IOWR('d', 0x00, struct drm_version)
#define DRM_DUMB_CREATE	_IOWR('d', 0xb2, struct dumb_create)
#define DRM_DUMB_MAP	_IOWR('d', 0xb3, struct dumb_map)

int open_drm(const char *driver, int *minor)
{
	char path[64], name[32] = "";
	int i, fd;

	for (i = 0; i < 8; i++) {
		struct drm_version version = {
			.name = name, .name_len = sizeof(name) - 1,
		};

		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!ioctl(fd, DRM_VERSION, &version)) {
			name[version.name_len] = '\0';
			*minor = i;
			if (!strcmp(name, driver))
				return fd;
		}
		close(fd);
	}
	return -1;
}

int open_vgem(void)
{
	int minor;

	if (system("modprobe -q vgem 2>/dev/null"))
		(void)0; /* It may be built in. */
	return open_drm("vgem", &minor);
}

unsigned int vgem_buffer(int fd, size_t size, unsigned long long *offset)
{
	struct dumb_create create = {
		.width = size / 4096, .height = 1024, .bpp = 32,
	};
	struct dumb_map map = {};

	if (ioctl(fd, DRM_DUMB_CREATE, &create) || create.size != size)
		return 0;
	map.handle = create.handle;
	if (ioctl(fd, DRM_DUMB_MAP, &map))
		return 0;
	if (offset)
		*offset = map.offset;
	return create.handle;
}

int own_mounts(void)
{
	return unshare(CLONE_NEWNS) ||
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

const char *own_tmpfs(const char *options)
{
	static char dir[64];

	strcpy(dir, "/run/shmstat-test-XXXXXX");
	if (own_mounts() || !mkdtemp(dir) ||
	    mount("shmstat-test", dir, "tmpfs", 0, options))
		return NULL;
	return dir;
}

pid_t fork_child(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		_exit(1);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* It may have died before we asked to be told. */
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

pid_t start_child(void (*fn)(void *arg), void *arg)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		return -1;
	pid = fork_child();
	if (!pid) {
		close(ready[0]);
		fn(arg);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1 && pid > 0) {
		stop_child(pid);
		pid = -1;
	}
	close(ready[0]);
	return pid;
}

void stop_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static unsigned long *rounds;

unsigned long reader_rounds(void)
{
	return rounds ? __atomic_load_n(rounds, __ATOMIC_RELAXED) : 0;
}

pid_t start_reader(const char *names)
{
	char list[256], path[128], *name, *rest;
	static char buf[1 << 16];
	pid_t pid;
	int fd;

	if (!rounds)
		rounds = mmap(NULL, sizeof(*rounds), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rounds == MAP_FAILED)
		return -1;
	pid = fork_child();
	if (pid)
		return pid;
	for (;;) {
		snprintf(list, sizeof(list), "%s", names);
		for (rest = list; (name = strsep(&rest, " ")); ) {
			snprintf(path, sizeof(path), PROC "%s", name);
			fd = open(path, O_RDONLY);
			while (read(fd, buf, sizeof(buf)) > 0)
				;
			close(fd);
		}
		__atomic_add_fetch(rounds, 1, __ATOMIC_RELAXED);
	}
}

int mount_fuse(const char *dir)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[64];

	if (fd < 0)
		return -1;
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("fuse", dir, "fuse", 0, options)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void answer_fuse(int fd, const struct fuse_in_header *in, int error,
			const void *what, size_t len)
{
	struct fuse_out_header out = {
		.len = sizeof(out) + len, .error = error, .unique = in->unique,
	};
	char reply[sizeof(out) + 256];

	memcpy(reply, &out, sizeof(out));
	memcpy(reply + sizeof(out), what, len);
	if (write(fd, reply, out.len) < 0)
		return;
}

void serve_fuse(int fd)
{
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096,
	};
	struct fuse_attr_out attr = {
		.attr_valid = 3600,
		.attr = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 2 },
	};
	struct fuse_statfs_out statfs = { .st.namelen = 255, .st.bsize = 4096 };
	static char buf[1 << 17];
	struct fuse_in_header *in = (void *)buf;

	while (read(fd, buf, sizeof(buf)) > 0) {
		switch (in->opcode) {
		case FUSE_INIT:
			answer_fuse(fd, in, 0, &init, sizeof(init));
			break;
		case FUSE_GETATTR:
			answer_fuse(fd, in, 0, &attr, sizeof(attr));
			break;
		case FUSE_STATFS:
			answer_fuse(fd, in, 0, &statfs, sizeof(statfs));
			break;
		case FUSE_LOOKUP:
		case FUSE_FORGET:
		case FUSE_BATCH_FORGET:
		case FUSE_INTERRUPT:
			break;
		default:
			answer_fuse(fd, in, -EOPNOTSUPP, NULL, 0);
		}
	}
}

bool kernel_since(int major, int minor)
{
	struct utsname name;
	int a, b;

	if (uname(&name) || sscanf(name.release, "%d.%d", &a, &b) != 2)
		die("no release", name.release);
	return a > major || (a == major && b >= minor);
}
