// SPDX-License-Identifier: GPL-2.0
/*
 * What a read may take: no more than the module's parameter "memory", whatever
 * users have made, and nobody is killed for it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

#define PARAMETER	"/sys/module/shmstat/parameters/memory"
#define MB		(1UL << 20)

/* A name of the greatest length that memfd_create(2) takes. */
#define LONG_NAME	249

/* kB; without the counters' refresh of meminfo(), which takes all CPUs. */
static unsigned long available(void)
{
	static char text[4096];
	int fd = open("/proc/meminfo", O_RDONLY);
	ssize_t len = read(fd, text, sizeof(text) - 1);
	char *line;

	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	line = strstr(text, "MemAvailable:");
	return line ? strtoul(line + 13, NULL, 10) : 0;
}

static unsigned long oom_kills(void)
{
	char *text = read_file("/proc/vmstat");
	char *line = text ? strstr(text, "\noom_kill ") : NULL;
	unsigned long count = line ? strtoul(line + 10, NULL, 10) : 0;

	free(text);
	return count;
}

/* What a whole read ends with: 0 or an errno. Nothing of it is kept. */
static int read_away(const char *path)
{
	static char buf[1 << 16];
	int fd = open(path, O_RDONLY), err = 0;
	ssize_t got;

	if (fd < 0)
		return errno;
	while ((got = read(fd, buf, sizeof(buf))) > 0)
		;
	if (got < 0)
		err = errno;
	close(fd);
	return err;
}

/* What a child saw of a read, and the kB that were gone while it was inside. */
struct taken {
	int err;
	unsigned long kb;
	bool stopped;
};

/* Ends the reader before it takes so much that the machine suffers from it. */
static struct taken watch_read(const char *path, unsigned long most_kb)
{
	unsigned long before = available(), is;
	struct taken taken = {};
	int status;
	pid_t pid = fork_child();

	if (!pid)
		_exit(read_away(path));
	while (!waitpid(pid, &status, WNOHANG)) {
		is = available();
		if (is < before && before - is > taken.kb)
			taken.kb = before - is;
		if (taken.kb > most_kb && !taken.stopped) {
			kill(pid, SIGKILL);
			taken.stopped = true;
		}
		usleep(2000);
	}
	taken.err = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return taken;
}

static void use_memory(void *arg)
{
	size_t size = *(size_t *)arg;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	memset(p, 1, size);
	/* Whoever is killed, it is this one. */
	write_file("/proc/self/oom_score_adj", "1000");
}

static void make_memfds(struct __test_metadata *_metadata, int count)
{
	struct rlimit limit = { count + 100, count + 100 };
	char name[LONG_NAME + 1];
	int i;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	memset(name, 'n', LONG_NAME);
	name[LONG_NAME] = '\0';
	for (i = 0; i < count; i++)
		ASSERT_LE(0, memfd_create(name, 0));
}

FIXTURE(memory)
{
	char *setting;
	size_t size;
	pid_t bystander;
	unsigned long kills;
};

FIXTURE_SETUP(memory)
{
	self->setting = read_file(PARAMETER);
	self->kills = oom_kills();
	self->size = 500 * MB;
	if (available() < 3 * (self->size >> 10))
		self->size = (available() << 10) / 3;
	self->bystander = start_child(use_memory, &self->size);
	ASSERT_LT(0, self->bystander);
}

FIXTURE_TEARDOWN(memory)
{
	EXPECT_EQ(0, waitpid(self->bystander, NULL, WNOHANG));
	EXPECT_EQ(self->kills, oom_kills());
	stop_child(self->bystander);
	if (self->setting)
		write_file(PARAMETER, self->setting);
}

TEST_F(memory, is_a_sixteenth_by_default)
{
	unsigned long long total = meminfo("MemTotal") >> 10;

	ASSERT_NE(NULL, self->setting);
	EXPECT_LE(total / 17, strtoull(self->setting, NULL, 10));
	EXPECT_GE(total / 15, strtoull(self->setting, NULL, 10));
	EXPECT_EQ(-1, write_file(PARAMETER, "-1"));
	EXPECT_EQ(-1, write_file(PARAMETER, "plenty"));
}

static int sit(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

#define SHARED_FILES	30000
#define SHARERS		1500

/*
 * Cheap for a user: a few MB of tasks. A row for each object and process would
 * be 45 million; a shared table counts once, so there is one for each object.
 */
TEST_F_TIMEOUT(memory, table_that_processes_share, 120)
{
	char *stacks = mmap(NULL, SHARERS << 14, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t *pid = calloc(SHARERS, sizeof(*pid));
	unsigned long bound, mib;
	struct taken taken;
	int i;

	ASSERT_NE(MAP_FAILED, stacks);
	make_memfds(_metadata, SHARED_FILES);
	for (i = 0; i < SHARERS; i++) {
		pid[i] = clone(sit, stacks + ((i + 1) << 14),
			       CLONE_FILES | CLONE_VM | SIGCHLD, NULL);
		ASSERT_LT(0, pid[i]);
	}
	mib = self->setting ? strtoul(self->setting, NULL, 10) :
			      meminfo("MemTotal") / 16 / 1024;
	/* The rest of the machine is not quite still. */
	bound = (mib + 64) << 10;
	taken = watch_read(PROC "holders", bound);
	TH_LOG("%lu MiB taken, ended with %d%s", taken.kb >> 10, taken.err,
	       taken.stopped ? ", stopped" : "");
	EXPECT_FALSE(taken.stopped);
	EXPECT_TRUE(taken.err == 0 || taken.err == ENOMEM);
	EXPECT_GE(bound, taken.kb);
	EXPECT_EQ(0, read_away(REPORT));
	EXPECT_EQ(0, read_away(PROC "summary"));
	for (i = 0; i < SHARERS; i++)
		kill(pid[i], SIGKILL);
	for (i = 0; i < SHARERS; i++)
		waitpid(pid[i], NULL, 0);
	free(pid);
}

#define COPIED_FILES	2000
#define COPIES		500

/* A million rows, which do not fit into 16 MiB. */
TEST_F_TIMEOUT(memory, tables_that_processes_copied, 120)
{
	pid_t *pid = calloc(COPIES, sizeof(*pid));
	struct taken taken;
	int i;

	ASSERT_EQ(0, write_file(PARAMETER, "16"));
	make_memfds(_metadata, COPIED_FILES);
	for (i = 0; i < COPIES; i++) {
		pid[i] = fork_child();
		if (!pid[i])
			sit(NULL);
	}
	taken = watch_read(PROC "holders", (16 + 48) << 10);
	TH_LOG("%lu MiB taken, ended with %d%s", taken.kb >> 10, taken.err,
	       taken.stopped ? ", stopped" : "");
	EXPECT_FALSE(taken.stopped);
	EXPECT_EQ(ENOMEM, taken.err);
	EXPECT_EQ(0, read_away(REPORT));
	EXPECT_EQ(0, read_away(PROC "summary"));
	for (i = 0; i < COPIES; i++)
		stop_child(pid[i]);
	free(pid);
}

/* Lines of the kernel's log since a mark that name the parameter. */
static int log_lines(const char *mark)
{
	static char log[1 << 20];
	int len = klogctl(3, log, sizeof(log) - 1), count = 0;
	char *line, *rest;

	log[len < 0 ? 0 : len] = '\0';
	rest = strstr(log, mark);
	if (!rest)
		return -1;
	while ((line = strsep(&rest, "\n")))
		count += strstr(line, "shmstat") && strstr(line, "memory") &&
			 !strstr(line, mark);
	return count;
}

#define OBJECTS	20000

/*
 * Each table needs more than 1 MiB for so many objects and ends with ENOMEM;
 * the report and "summary" do with 32 bytes an object.
 */
TEST_F_TIMEOUT(memory, what_does_not_fit, 150)
{
	static const char mark[] = "selftest: memory is 1 MiB";
	struct table *t;
	char *text;
	int lines;

	make_memfds(_metadata, OBJECTS);
	ASSERT_EQ(0, write_file(PARAMETER, "1"));
	ASSERT_EQ(0, write_file("/dev/kmsg", mark));
	EXPECT_EQ(ENOMEM, read_away(PROC "objects"));
	lines = log_lines(mark);
	EXPECT_EQ(1, lines);
	EXPECT_EQ(ENOMEM, read_away(PROC "holders"));
	EXPECT_EQ(ENOMEM, read_away(PROC "pages"));

	t = table_read("summary");
	ASSERT_NE(NULL, t);
	EXPECT_LE(OBJECTS, number(t, row_with(t, 0, "kind", "memfd"),
				  "objects"));
	table_free(t);
	text = read_file(REPORT);
	ASSERT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text, "Accounted:"));
	free(text);

	/* And what was not to be had is, once there is more. */
	ASSERT_EQ(0, write_file(PARAMETER, "64"));
	EXPECT_EQ(0, read_away(PROC "objects"));
}

/* Takes what is available, in memory that cannot be swapped, and keeps it. */
static void take_all(void *arg)
{
	unsigned long long kb;
	int try;

	write_file("/proc/self/oom_score_adj", "1000");
	for (try = 0; try < 60; try++) {
		kb = meminfo("MemAvailable");
		if (kb < 150)
			break;
		kb = kb / 2 > 256 ? kb / 2 : 256;
		if (mmap(NULL, kb << 10, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) ==
		    MAP_FAILED)
			break;
	}
}

/* Whoever takes all memory must not blind who looks for it. */
TEST_F_TIMEOUT(memory, while_none_is_available, 150)
{
	unsigned long long available;
	int summary, report;
	pid_t pid;

	if (debug_kernel())
		SKIP(return, "a debug kernel takes many minutes to fill memory");
	make_memfds(_metadata, 1000);
	pid = start_child(take_all, NULL);
	available = meminfo("MemAvailable");
	summary = read_away(PROC "summary");
	report = read_away(REPORT);
	stop_child(pid);
	if (available > 300)
		SKIP(return, "%llu kB stayed available", available);
	EXPECT_EQ(0, summary);
	EXPECT_EQ(0, report);
}

TEST_HARNESS_MAIN
