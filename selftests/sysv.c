// SPDX-License-Identifier: GPL-2.0
/*
 * System V segments, against /proc/sysvipc/shm and shmctl(2), and the layout of
 * struct shmid_kernel that the module expects, against the kernel's own BTF.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/btf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/process.h"
#include "helpers/table.h"

#define MB	(1UL << 20)
#define KEY	0xabcd1234

FIXTURE(sysv)
{
	struct table *t;
	struct stat ns;
	int shmid;
	int row;
};

FIXTURE_SETUP(sysv)
{
	self->t = NULL;
	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	ASSERT_EQ(0, stat("/proc/self/ns/ipc", &self->ns));
	self->shmid = shmget(KEY, 5 * MB + 1, IPC_CREAT | 0640);
	ASSERT_LE(0, self->shmid);
}

FIXTURE_TEARDOWN(sysv)
{
	table_free(self->t);
}

static void read_row(struct __test_metadata *_metadata,
		     FIXTURE_DATA(sysv) *self)
{
	table_free(self->t);
	self->t = table_read("sysv");
	ASSERT_NE(NULL, self->t);
	for (self->row = 0; self->row < self->t->rows; self->row++)
		if (number(self->t, self->row, "ipcns") == self->ns.st_ino &&
		    number(self->t, self->row, "shmid") == self->shmid)
			return;
	ASSERT_TRUE(false);
}

static void expect_as_sysvipc(struct __test_metadata *_metadata,
			      FIXTURE_DATA(sysv) *self)
{
	static const char * const same[] = {
		"size", "nattch", "cpid", "lpid", "uid", "gid", "cuid", "cgid",
		"atime", "dtime", "ctime",
	};
	int i;

	read_row(_metadata, self);
	for (i = 0; i < ARRAY_SIZE(same); i++) {
		EXPECT_EQ(sysvipc(self->shmid, same[i]),
			  number(self->t, self->row, same[i])) {
			TH_LOG("%s", same[i]);
		}
	}
	EXPECT_EQ(sysvipc(self->shmid, "rss"),
		  number(self->t, self->row, "resident"));
	EXPECT_EQ(sysvipc(self->shmid, "swap"),
		  number(self->t, self->row, "swapped"));
	EXPECT_EQ(sysvipc(self->shmid, "perms") & 0777,
		  number(self->t, self->row, "mode"));
}

TEST_F(sysv, created)
{
	expect_as_sysvipc(_metadata, self);
	EXPECT_STREQ("0xabcd1234", cell(self->t, self->row, "key"));
	EXPECT_EQ(0, number(self->t, self->row, "atime"));
	EXPECT_STREQ("-", cell(self->t, self->row, "flags"));
}

TEST_F(sysv, attached_and_detached)
{
	char *p = shmat(self->shmid, NULL, 0);

	memset(p, 1, MB);
	expect_as_sysvipc(_metadata, self);
	EXPECT_EQ(MB, number(self->t, self->row, "resident"));
	EXPECT_STREQ("mapped", cell(self->t, self->row, "flags"));
	ASSERT_NE((void *)-1, shmat(self->shmid, NULL, SHM_RDONLY));
	expect_as_sysvipc(_metadata, self);
	EXPECT_EQ(2, number(self->t, self->row, "nattch"));
	EXPECT_EQ(0, run_child(shmdt, p));
	expect_as_sysvipc(_metadata, self);
	shmdt(p);
	expect_as_sysvipc(_metadata, self);
}

/* The pids of two segments, as a reader sees them. */
struct pids {
	unsigned long long cpid[2];
	unsigned long long lpid[2];
};

static struct pids kernels_pids(const int shmid[2])
{
	struct pids pids;
	int i;

	for (i = 0; i < 2; i++) {
		pids.cpid[i] = sysvipc(shmid[i], "cpid");
		pids.lpid[i] = sysvipc(shmid[i], "lpid");
	}
	return pids;
}

static struct pids pids_in_table(FIXTURE_DATA(sysv) *self, const int shmid[2])
{
	struct table *t = table_read("sysv");
	struct pids pids = {};
	int i, row;

	for (row = 0; row < t->rows; row++)
		for (i = 0; i < 2; i++)
			if (number(t, row, "ipcns") == self->ns.st_ino &&
			    number(t, row, "shmid") == shmid[i]) {
				pids.cpid[i] = number(t, row, "cpid");
				pids.lpid[i] = number(t, row, "lpid");
			}
	table_free(t);
	return pids;
}

/* What the reader in the new pid namespace has seen. */
struct inside {
	volatile int shmid;
	volatile bool done;
	struct pids kernels;
	struct pids table;
};

/*
 * One segment was made outside a pid namespace and attached inside, the other the
 * other way round: each reader has pids of its own namespace, or 0.
 */
TEST_F(sysv, pids_of_the_readers_namespace)
{
	struct inside *inside = map_shared(sizeof(*inside));
	struct pids kernels, table;
	int shmid[2], ready[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	shmid[0] = self->shmid;
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	pid = fork();
	if (!pid) {
		if (shmat(shmid[0], NULL, 0) == (void *)-1)
			_exit(1);
		inside->shmid = shmget(IPC_PRIVATE, MB, IPC_CREAT | 0600);
		if (inside->shmid < 0)
			_exit(1);
		if (read(ready[0], &byte, 1) != 1)
			_exit(1);
		shmid[1] = inside->shmid;
		inside->kernels = kernels_pids(shmid);
		inside->table = pids_in_table(self, shmid);
		inside->done = getpid() == 1;
		pause();
	}
	ASSERT_LT(0, pid);
	ASSERT_TRUE(wait_until(inside->shmid > 0, 10));
	shmid[1] = inside->shmid;
	ASSERT_NE((void *)-1, shmat(shmid[1], NULL, 0));
	kernels = kernels_pids(shmid);
	table = pids_in_table(self, shmid);
	ASSERT_EQ(1, write(ready[1], "x", 1));
	EXPECT_TRUE(wait_until(inside->done, 10));
	stop_child(pid);

	EXPECT_EQ(getpid(), kernels.cpid[0]);
	EXPECT_EQ(pid, kernels.lpid[0]);
	EXPECT_EQ(0, memcmp(&kernels, &table, sizeof(table)));
	EXPECT_EQ(0, inside->kernels.cpid[0]);
	EXPECT_EQ(1, inside->kernels.cpid[1]);
	EXPECT_EQ(1, inside->kernels.lpid[0]);
	EXPECT_EQ(0, inside->kernels.lpid[1]);
	EXPECT_EQ(0, memcmp(&inside->kernels, &inside->table,
			    sizeof(inside->table)));
}

TEST_F(sysv, given_away)
{
	struct shmid_ds ds;

	ASSERT_EQ(0, shmctl(self->shmid, IPC_STAT, &ds));
	ds.shm_perm.uid = 1234;
	ds.shm_perm.gid = 5678;
	ds.shm_perm.mode = 0604;
	ASSERT_EQ(0, shmctl(self->shmid, IPC_SET, &ds));
	expect_as_sysvipc(_metadata, self);
	EXPECT_EQ(1234, number(self->t, self->row, "uid"));
	EXPECT_EQ(0, number(self->t, self->row, "cuid"));
	EXPECT_EQ(0604, number(self->t, self->row, "mode"));
}

TEST_F(sysv, locked_and_marked)
{
	ASSERT_NE((void *)-1, shmat(self->shmid, NULL, 0));
	ASSERT_EQ(0, shmctl(self->shmid, SHM_LOCK, NULL));
	ASSERT_EQ(0, shmctl(self->shmid, IPC_RMID, NULL));
	expect_as_sysvipc(_metadata, self);
	EXPECT_STREQ("mapped,locked,dest",
		     cell(self->t, self->row, "flags"));
	EXPECT_STREQ("0x00000000", cell(self->t, self->row, "key"));
}

TEST_F(sysv, leads_to_its_object)
{
	struct table *objects;
	int row;

	read_row(_metadata, self);
	objects = table_read("objects");
	row = row_with(objects, 0, "id", cell(self->t, self->row, "id"));
	ASSERT_LE(0, row);
	EXPECT_STREQ("sysv", cell(objects, row, "kind"));
	EXPECT_STREQ("SYSVabcd1234", cell(objects, row, "name"));
	EXPECT_EQ(5 * MB + 1, number(objects, row, "size"));
	table_free(objects);
}

TEST_F(sysv, many)
{
	char ns[32];
	int i;

	for (i = 0; i < 500; i++)
		ASSERT_LE(0, shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
	read_row(_metadata, self);
	snprintf(ns, sizeof(ns), "%lu", (unsigned long)self->ns.st_ino);
	EXPECT_EQ(501, count_with(self->t, "ipcns", ns));
}

TEST_F(sysv, segments_that_come_and_go)
{
	struct table *t;
	pid_t pid = fork_child();
	int i;

	if (!pid)
		for (;;)
			shmctl(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600),
			       IPC_RMID, NULL);
	for (i = 0; i < 30; i++) {
		t = table_read("sysv");
		EXPECT_NE(NULL, t);
		table_free(t);
	}
	stop_child(pid);
}

/* The layout that the module expects of the start of struct shmid_kernel. */
static const struct {
	const char *name;
	unsigned int words;
} layout[] = {
	{ "shm_file", 0 }, { "shm_nattch", 1 }, { "shm_segsz", 2 },
	{ "shm_atim", 3 }, { "shm_dtim", 4 }, { "shm_ctim", 5 },
	{ "shm_cprid", 6 }, { "shm_lprid", 7 },
};

static const struct btf_type *next_type(const struct btf_type *type)
{
	const void *end = type + 1;
	unsigned int vlen = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case 14: /* BTF_KIND_VAR */
	case 17: /* BTF_KIND_DECL_TAG */
		return end + 4;
	case BTF_KIND_ARRAY:
		return end + sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return end + vlen * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return end + vlen * 8;
	case 13: /* BTF_KIND_FUNC_PROTO */
		return end + vlen * 8;
	case 15: /* BTF_KIND_DATASEC */
	case 19: /* BTF_KIND_ENUM64 */
		return end + vlen * 12;
	default:
		return end;
	}
}

TEST(shmid_kernel_is_laid_out_as_in_btf)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY), i, found = 0;
	const struct btf_type *type, *end, *perm = NULL;
	const struct btf_member *member;
	const struct btf_header *btf;
	const char *strings;
	unsigned int at;
	char *data;

	if (fd < 0)
		SKIP(return, "this kernel carries no BTF");
	data = read_rest(fd);
	ASSERT_NE(NULL, data);
	close(fd);
	btf = (void *)data;
	strings = data + btf->hdr_len + btf->str_off;
	type = (void *)(data + btf->hdr_len + btf->type_off);
	end = (void *)(data + btf->hdr_len + btf->type_off + btf->type_len);
	for (; type < end; type = next_type(type)) {
		if (BTF_INFO_KIND(type->info) != BTF_KIND_STRUCT)
			continue;
		if (!strcmp(strings + type->name_off, "kern_ipc_perm"))
			perm = type;
		if (strcmp(strings + type->name_off, "shmid_kernel"))
			continue;
		found = 1;
		member = (void *)(type + 1);
		EXPECT_STREQ("shm_perm", strings + member[0].name_off);
		EXPECT_EQ(0, member[0].offset);
		for (i = 0; i < 8; i++) {
			EXPECT_STREQ(layout[i].name,
				     strings + member[i + 1].name_off);
			at = member[i + 1].offset - member[1].offset;
			EXPECT_EQ(layout[i].words * 64, at);
		}
		at = member[1].offset / 8;
	}
	ASSERT_EQ(1, found);
	ASSERT_NE(NULL, perm);
	EXPECT_EQ(perm->size, at);
	free(data);
}

TEST_HARNESS_MAIN
