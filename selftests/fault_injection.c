// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of a read fails in turn, for each file: the read ends with
 * ENOMEM and leaves nothing behind. Needs a kernel with fault injection, which
 * Debian's lack.
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

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/object.h"
#include "helpers/table.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"

/* Seconds for all files: such kernels are slow. */
#define TIMEOUT		850

/* Enough objects for each table to have rows. */
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

FIXTURE(fault_injection)
{
	int references;
};

FIXTURE_SETUP(fault_injection)
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
	self->references = module_references();
}

FIXTURE_TEARDOWN(fault_injection)
{
	EXPECT_EQ(self->references, module_references());
}

/* Opens a file, asks, reads all and closes; 0 or the errno. */
static int use(const char *path, const char *id)
{
	int fd = open_and_ask(path, id), err;

	if (fd < 0)
		return errno;
	err = skip_rest(fd);
	close(fd);
	return err;
}

static void fail_each(struct __test_metadata *_metadata, const char *path,
		      const char *id)
{
	int fail = open(FAIL_NTH, O_RDWR), nth, err, failed = 0;
	double from = now();
	char text[16];

	for (nth = 1; ; nth++) {
		snprintf(text, sizeof(text), "%d", nth);
		ASSERT_LT(0, pwrite(fail, text, strlen(text), 0));
		err = use(path, id);
		ASSERT_LT(0, pread(fail, text, sizeof(text), 0));
		ASSERT_LT(0, pwrite(fail, "0", 1, 0));
		if (err) {
			ASSERT_EQ(ENOMEM, err) {
				TH_LOG("%s, allocation %d", path, nth);
			}
			failed++;
		}
		/* Not counted down to 0: there was no allocation left. */
		if (atoi(text))
			break;
	}
	TH_LOG("%s: %d allocations, %d reads failed, %.0f s", path, nth - 1,
	       failed, now() - from);
	EXPECT_LT(3, failed);
	EXPECT_EQ(0, use(path, id));
	close(fail);
}

TEST_F_TIMEOUT(fault_injection, every_file, TIMEOUT)
{
	struct files files = all_files();
	char id[ID_SIZE];
	int i;

	id_of_fd(memfd_create("asked for", 0), id);
	for (i = 0; i < files.count; i++)
		fail_each(_metadata, files.path[i], id);
}

TEST_HARNESS_MAIN
