// SPDX-License-Identifier: GPL-2.0
/*
 * A read takes no more memory than the module's parameter "memory" allows,
 * whatever users have made, and no process is killed for it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/drm.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/object.h"
#include "helpers/process.h"
#include "helpers/table.h"

#define PARAMETER	MODULE "parameters/memory"
#define MB		(1UL << 20)

/* The longest name that memfd_create(2) takes. */
#define LONG_NAME	249

/* Without the counters' refresh of meminfo(), which takes all CPUs. */
static unsigned long available(void)
{
	return figure("/proc/meminfo", "MemAvailable");
}

static long long oom_kills(void)
{
	return figure("/proc/vmstat", "oom_kill");
}

/* How a read ended, and the kB that were not available meanwhile. */
struct taken {
	int err;
	unsigned long kb;
	bool stopped;
};

/* Reads in a child, which is killed when it takes more than @max_kb. */
static struct taken watch_read(const char *path, unsigned long max_kb)
{
	unsigned long before = available(), is;
	struct taken taken = {};
	int status;
	pid_t pid = fork_child();

	if (!pid)
		_exit(skip_file(path));
	while (!waitpid(pid, &status, WNOHANG)) {
		is = available();
		if (is < before && before - is > taken.kb)
			taken.kb = before - is;
		if (taken.kb > max_kb && !taken.stopped) {
			kill(pid, SIGKILL);
			taken.stopped = true;
		}
		usleep(2000);
	}
	taken.err = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return taken;
}

static void make_named_memfds(struct __test_metadata *_metadata, int count)
{
	char name[LONG_NAME + 1];

	memset(name, 'n', LONG_NAME);
	name[LONG_NAME] = '\0';
	ASSERT_EQ(count, make_memfds(count, name));
}

FIXTURE(memory)
{
	char *setting;
	size_t size;
	pid_t bystander;
	long long kills;
};

FIXTURE_SETUP(memory)
{
	self->setting = read_file(PARAMETER);
	self->kills = oom_kills();
	self->size = 500 * MB;
	if (available() < 3 * (self->size >> 10))
		self->size = (available() << 10) / 3;
	self->bystander = start_child(fill_memory, &self->size);
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

#define SHARED_FILES	30000
#define SHARERS		1500

/*
 * This costs a user a few MB of tasks. A row for each object and process would be
 * 45 million rows; a shared table counts once, so there is one for each object.
 */
TEST_F_TIMEOUT(memory, table_that_processes_share, 120)
{
	pid_t *pid = calloc(SHARERS, sizeof(*pid));
	unsigned long bound, mib;
	struct taken taken;

	make_named_memfds(_metadata, SHARED_FILES);
	ASSERT_EQ(SHARERS, clone_sleepers(pid, SHARERS,
					  CLONE_FILES | CLONE_VM));
	mib = self->setting ? strtoul(self->setting, NULL, 10) :
			      meminfo("MemTotal") / 16 / 1024;
	/* The rest of the machine takes some as well. */
	bound = (mib + 64) << 10;
	taken = watch_read(PROC "holders", bound);
	TH_LOG("%lu MiB taken, ended with %d%s", taken.kb >> 10, taken.err,
	       taken.stopped ? ", stopped" : "");
	EXPECT_FALSE(taken.stopped);
	EXPECT_TRUE(taken.err == 0 || taken.err == ENOMEM);
	EXPECT_GE(bound, taken.kb);
	EXPECT_EQ(0, skip_file(REPORT));
	EXPECT_EQ(0, skip_file(PROC "summary"));
	stop_children(pid, SHARERS);
	free(pid);
}

#define COPIED_FILES	2000
#define COPIES		500

/* A million rows, which do not fit into 16 MiB. */
TEST_F_TIMEOUT(memory, tables_that_processes_copied, 120)
{
	pid_t *pid = calloc(COPIES, sizeof(*pid));
	struct taken taken;

	ASSERT_EQ(0, write_file(PARAMETER, "16"));
	make_named_memfds(_metadata, COPIED_FILES);
	ASSERT_EQ(COPIES, start_sleepers(pid, COPIES));
	taken = watch_read(PROC "holders", (16 + 48) << 10);
	TH_LOG("%lu MiB taken, ended with %d%s", taken.kb >> 10, taken.err,
	       taken.stopped ? ", stopped" : "");
	EXPECT_FALSE(taken.stopped);
	EXPECT_EQ(ENOMEM, taken.err);
	EXPECT_EQ(0, skip_file(REPORT));
	EXPECT_EQ(0, skip_file(PROC "summary"));
	stop_children(pid, COPIES);
	free(pid);
}

/* Lines of the kernel's log since a mark that name the parameter. */
static int log_lines(const char *mark)
{
	char *log = log_since(mark), *line, *rest = log;
	int count = log ? 0 : -1;

	while ((line = strsep(&rest, "\n")))
		count += strstr(line, "shmstat") && strstr(line, "memory");
	free(log);
	return count;
}

#define NODES		500

/* Processes that have copies of open GPU nodes take no more than the nodes do. */
TEST_F_TIMEOUT(memory, gpu_nodes_that_processes_copied, 120)
{
	pid_t *pid = calloc(COPIES, sizeof(*pid));
	int card = open_vgem(), i;

	if (card < 0)
		SKIP(return, "no vgem: this kernel has no DRM node without a GPU");
	for (i = 1; i < NODES; i++)
		ASSERT_LE(0, open_again(card, O_RDWR));
	ASSERT_EQ(COPIES, start_sleepers(pid, COPIES));
	ASSERT_EQ(0, write_file(PARAMETER, "1"));
	EXPECT_EQ(0, skip_file(REPORT));
	EXPECT_EQ(0, skip_file(PROC "holders"));
	stop_children(pid, COPIES);
	free(pid);
}

#define OBJECTS	20000

/*
 * Each table needs more than 1 MiB for so many objects and ends with ENOMEM;
 * the report and "summary" need 32 bytes an object.
 */
TEST_F_TIMEOUT(memory, what_does_not_fit, 150)
{
	static const char mark[] = "selftest: memory is 1 MiB";
	struct table *t;

	make_named_memfds(_metadata, OBJECTS);
	ASSERT_EQ(0, write_file(PARAMETER, "1"));
	ASSERT_EQ(0, mark_log(mark));
	EXPECT_EQ(ENOMEM, skip_file(PROC "objects"));
	EXPECT_EQ(1, log_lines(mark));
	EXPECT_EQ(ENOMEM, skip_file(PROC "holders"));
	EXPECT_EQ(ENOMEM, skip_file(PROC "pages"));

	t = table_read("summary");
	ASSERT_NE(NULL, t);
	EXPECT_LE(OBJECTS, number(t, row_with(t, 0, "kind", "memfd"),
				  "objects"));
	table_free(t);
	EXPECT_LT(0, figure(REPORT, "Accounted"));

	/* The same read succeeds once more is allowed. */
	ASSERT_EQ(0, write_file(PARAMETER, "64"));
	EXPECT_EQ(0, skip_file(PROC "objects"));
}

/* Takes what is available, in memory that cannot be swapped out. */
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

/* Where a process has taken all memory, the report must still answer. */
TEST_F_TIMEOUT(memory, while_none_is_available, 150)
{
	unsigned long long available;
	int summary, report;
	pid_t pid;

	if (debug_kernel())
		SKIP(return, "a debug kernel takes many minutes to fill memory");
	make_named_memfds(_metadata, 1000);
	pid = start_child(take_all, NULL);
	available = meminfo("MemAvailable");
	summary = skip_file(PROC "summary");
	report = skip_file(REPORT);
	stop_child(pid);
	if (available > 300)
		SKIP(return, "%llu kB stayed available", available);
	EXPECT_EQ(0, summary);
	EXPECT_EQ(0, report);
}

TEST_HARNESS_MAIN
