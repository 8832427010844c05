// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of each file fails in turn: an errno comes back and nothing
 * is left behind. Needs a kernel with fault injection, which Debian's lack.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "helpers/table.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"

/* Seconds: such kernels are slow. */
#define TIMEOUT		250

/* Enough for a record of everything that is collected. */
static void make_objects(void)
{
	int i, fd, shmid;
	void *p;

	for (i = 0; i < 300; i++) {
		fd = memfd_create("some name that takes up space", 0);
		if (ftruncate(fd, 1 << 20) ||
		    mmap(NULL, 1 << 20, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
			abort();
	}
	shmid = shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600);
	p = shmat(shmid, NULL, 0);
	memset(p, 1, 1 << 20);
	shmctl(shmid, IPC_RMID, NULL);
}

FIXTURE(faults)
{
	char *refcnt;
};

FIXTURE_SETUP(faults)
{
	if (access(FAIL_NTH, W_OK))
		SKIP(return, "no fault injection in this kernel");
	write_file(DEBUGFS "failslab/ignore-gfp-wait", "0");
	write_file(DEBUGFS "failslab/verbose", "0");
	write_file(DEBUGFS "fail_page_alloc/ignore-gfp-wait", "0");
	write_file(DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "0");
	write_file(DEBUGFS "fail_page_alloc/min-order", "0");
	write_file(DEBUGFS "fail_page_alloc/verbose", "0");
	make_objects();
	self->refcnt = read_file("/sys/module/shmstat/refcnt");
}

FIXTURE_TEARDOWN(faults)
{
	char *now = read_file("/sys/module/shmstat/refcnt");

	EXPECT_STREQ(self->refcnt, now);
}

/* All there is to do with a file; 0 or the errno. */
static int use(const char *path, const char *id, char *buf, size_t size)
{
	int fd = open(path, strcmp(path, PROC "extents") ? O_RDONLY : O_RDWR);
	int err = 0;
	ssize_t got;

	if (fd < 0)
		return errno;
	if (!strcmp(path, PROC "extents") &&
	    write(fd, id, strlen(id)) != strlen(id))
		err = errno;
	while (!err && (got = read(fd, buf, size)))
		if (got < 0)
			err = errno;
	close(fd);
	return err;
}

static void fail_each(struct __test_metadata *_metadata, const char *path)
{
	int fail = open(FAIL_NTH, O_RDWR), nth, err, failed = 0;
	static char buf[1 << 16];
	char id[80], text[16];

	id_of_fd(memfd_create("asked for", 0), id);
	for (nth = 1; ; nth++) {
		snprintf(text, sizeof(text), "%d", nth);
		ASSERT_LT(0, pwrite(fail, text, strlen(text), 0));
		err = use(path, id, buf, sizeof(buf));
		ASSERT_LT(0, pread(fail, text, sizeof(text), 0));
		ASSERT_LT(0, pwrite(fail, "0", 1, 0));
		if (err) {
			ASSERT_EQ(ENOMEM, err);
			failed++;
		}
		/* Not counted down to 0: there were no more to fail. */
		if (atoi(text))
			break;
	}
	TH_LOG("%d allocations, %d reads failed", nth - 1, failed);
	EXPECT_LT(3, failed);
	EXPECT_EQ(0, use(path, id, buf, sizeof(buf)));
}

TEST_F_TIMEOUT(faults, report, TIMEOUT)
{
	fail_each(_metadata, REPORT);
}

TEST_F_TIMEOUT(faults, summary, TIMEOUT)
{
	fail_each(_metadata, PROC "summary");
}

TEST_F_TIMEOUT(faults, objects, TIMEOUT)
{
	fail_each(_metadata, PROC "objects");
}

TEST_F_TIMEOUT(faults, superblocks, TIMEOUT)
{
	fail_each(_metadata, PROC "superblocks");
}

TEST_F_TIMEOUT(faults, pages, TIMEOUT)
{
	fail_each(_metadata, PROC "pages");
}

TEST_F_TIMEOUT(faults, maps, TIMEOUT)
{
	fail_each(_metadata, PROC "maps");
}

TEST_F_TIMEOUT(faults, holders, TIMEOUT)
{
	fail_each(_metadata, PROC "holders");
}

TEST_F_TIMEOUT(faults, cgroups, TIMEOUT)
{
	fail_each(_metadata, PROC "cgroups");
}

TEST_F_TIMEOUT(faults, sysv, TIMEOUT)
{
	fail_each(_metadata, PROC "sysv");
}

TEST_F_TIMEOUT(faults, extents, TIMEOUT)
{
	fail_each(_metadata, PROC "extents");
}

TEST_HARNESS_MAIN
