// SPDX-License-Identifier: GPL-2.0
/*
 * Transparent huge pages, which Shmem counts, and hugetlb, which it does not.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helpers/harness.h"
#include "helpers/file.h"
#include "helpers/kernel.h"
#include "helpers/mount.h"
#include "helpers/object.h"
#include "helpers/page.h"
#include "helpers/table.h"

#define MB		(1UL << 20)
#define PAGE		4096UL
#define NR_HUGE		"/proc/sys/vm/nr_hugepages"
#define THP		"/sys/kernel/mm/transparent_hugepage/"

FIXTURE(thp)
{
	size_t pmd;
	char was[MAX_ENABLED];
};

FIXTURE_SETUP(thp)
{
	long long pmd = file_number(THP "hpage_pmd_size");

	if (pmd < 0 || set_shmem_enabled("never", self->was))
		SKIP(return, "no transparent huge pages in this kernel");
	self->pmd = pmd;
}

FIXTURE_TEARDOWN(thp)
{
	unsigned int order;

	set_shmem_enabled(self->was, NULL);
	for (order = 1; PAGE << order < self->pmd; order++)
		set_shmem_order(order, "never");
}

static void expect_huge(struct __test_metadata *_metadata, int row,
			struct table *t, size_t bytes, size_t pmd)
{
	struct table *pages = table_read("pages");
	int at;

	ASSERT_LE(0, row);
	EXPECT_EQ(bytes, number(t, row, "resident"));
	EXPECT_EQ(sysconf(_SC_PAGESIZE), number(t, row, "pagesize"));
	at = row_with(pages, 0, "id", cell(t, row, "id"));
	ASSERT_LE(0, at);
	EXPECT_EQ(bytes, number(pages, at, "resident"));
	EXPECT_EQ(bytes, number(pages, at, "huge"));
	EXPECT_EQ(0, bytes % pmd);
	table_free(pages);
	table_free(t);
}

TEST_F(thp, tmpfs_huge_always)
{
	char path[128], *block = calloc(1, 2 * self->pmd);
	struct table *t;
	struct stat st;
	int fd;

	fd = own_tmpfs_file("huge=always", path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, 2 * self->pmd));
	ASSERT_EQ(2 * self->pmd, write(fd, block, 2 * self->pmd));
	ASSERT_EQ(0, fstat(fd, &st));
	t = table_read("objects");
	expect_huge(_metadata, row_of_fd(t, fd), t, st.st_blocks * 512,
		    self->pmd);
}

TEST_F(thp, internal_mount)
{
	struct table *t;
	int fd;

	if (set_shmem_enabled("force", NULL))
		SKIP(return, "shmem_enabled cannot be forced");
	fd = memfd_create("huge", 0);
	ASSERT_EQ(0, ftruncate(fd, 4 * self->pmd));
	ASSERT_EQ(1, pwrite(fd, "x", 1, self->pmd));
	t = table_read("objects");
	expect_huge(_metadata, row_of_fd(t, fd), t, self->pmd, self->pmd);
}

/* As much as smaps has as ShmemPmdMapped. */
TEST_F(thp, mapped)
{
	struct table *t;
	char id[ID_SIZE];
	int fd, row;
	char *p;

	if (set_shmem_enabled("force", NULL))
		SKIP(return, "shmem_enabled cannot be forced");
	fd = memfd_create("huge", 0);
	ASSERT_EQ(0, ftruncate(fd, 2 * self->pmd));
	p = mmap(NULL, 4 * self->pmd, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	p = (char *)(((unsigned long)p + self->pmd - 1) & -self->pmd);
	p = mmap(p, 2 * self->pmd, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, fd, 0);
	p[0] = 1;
	ASSERT_EQ(self->pmd, smaps(p, "ShmemPmdMapped"));
	id_of_fd(fd, id);
	t = table_read("pages");
	row = row_with(t, 0, "id", id);
	EXPECT_EQ(self->pmd, number(t, row, "mapped"));
	table_free(t);
}

/* A mapping that begins in the middle of a huge page. */
TEST_F(thp, mapping_of_a_part)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char id[ID_SIZE], *mapping;
	struct table *t;
	int fd, row;

	if (set_shmem_enabled("force", NULL))
		SKIP(return, "shmem_enabled cannot be forced");
	fd = memfd_create("huge", 0);
	ASSERT_EQ(0, ftruncate(fd, 3 * self->pmd));
	ASSERT_EQ(1, pwrite(fd, "x", 1, self->pmd));
	mapping = mmap(NULL, self->pmd, PROT_READ, MAP_SHARED, fd,
		       self->pmd + 3 * page);
	ASSERT_NE(MAP_FAILED, mapping);
	id_of_fd(fd, id);
	t = table_read("maps");
	row = row_with(t, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_EQ(self->pmd - 3 * page, incore(mapping, self->pmd));
	EXPECT_EQ(self->pmd - 3 * page, number(t, row, "resident"));
	table_free(t);
}

/* Compares "pages" and "extents" of a mapped object with each of its pages. */
static void expect_folios(struct __test_metadata *_metadata, int fd,
			  const char *p, size_t len, size_t pmd)
{
	unsigned long long huge = 0;
	struct page *pages;
	char id[ID_SIZE];
	struct table *t;
	size_t i;
	int row;

	pages = pages_at(p, len / PAGE);
	for (i = 0; i < len / PAGE; i++)
		huge += PAGE << pages[i].order == pmd ? PAGE : 0;
	id_of_fd(fd, id);
	t = table_read("pages");
	row = row_with(t, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_STREQ(orders_of(pages, len / PAGE), cell(t, row, "orders"));
	EXPECT_STREQ(nodes_of(pages, len / PAGE), cell(t, row, "nodes"));
	EXPECT_EQ(incore((void *)p, len), number(t, row, "resident"));
	EXPECT_EQ(huge, number(t, row, "huge"));
	EXPECT_TRUE(extents_have(id, pages, len / PAGE));
	table_free(t);
	free(pages);
}

/* How many different orders column "orders" has. */
static int count_orders(int fd)
{
	struct table *t = table_read("pages");
	char id[ID_SIZE];
	const char *list;
	int count;

	id_of_fd(fd, id);
	list = cell(t, row_with(t, 0, "id", id), "orders");
	for (count = 1; (list = strchr(list, ',')); list++)
		count++;
	table_free(t);
	return count;
}

/* A folio of each order that page faults can make, one behind the other. */
TEST_F(thp, every_order_page_by_page)
{
	int fd = memfd_create("orders", 0), made = 2;
	unsigned int order;
	char *p;

	ASSERT_EQ(0, ftruncate(fd, 2 * self->pmd));
	p = map_aligned(fd, 2 * self->pmd);
	p[0] = 1;
	for (order = 1; PAGE << order < self->pmd; order++) {
		made += !set_shmem_order(order, "always");
		p[PAGE << order] = 1;
		set_shmem_order(order, "never");
	}
	if (set_shmem_enabled("force", NULL))
		SKIP(return, "shmem_enabled cannot be forced");
	p[self->pmd] = 1;
	expect_folios(_metadata, fd, p, 2 * self->pmd, self->pmd);
	/* Before v6.11 there are single pages and huge ones only. */
	EXPECT_EQ(made, count_orders(fd));
}

/* From v6.14 on a file on a tmpfs gets folios as large as what is written. */
TEST_F(thp, written_in_blocks_of_all_sizes)
{
	char path[128], *block = calloc(1, self->pmd);
	size_t size;
	char *p;
	int fd;

	fd = own_tmpfs_file("huge=within_size", path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(PAGE, write(fd, block, PAGE));
	for (size = PAGE; size <= self->pmd; size *= 2)
		ASSERT_EQ(size, pwrite(fd, block, size, size));
	p = map_aligned(fd, 2 * self->pmd);
	expect_folios(_metadata, fd, p, 2 * self->pmd, self->pmd);
	if (kernel_since(6, 14))
		EXPECT_LE(9, count_orders(fd));
}

/* Bytes of a folio that the kernel counts as mapped, page by page. */
static unsigned long long mapped_of(unsigned long pfn, unsigned int order)
{
	unsigned long long bytes = 0;
	size_t i;

	for (i = 0; i < 1UL << order; i++)
		bytes += mappings_of_pfn(pfn + i) ? PAGE : 0;
	return bytes;
}

static void expect_mapped(struct __test_metadata *_metadata, const char *id,
			  unsigned long pfn, unsigned int order)
{
	struct table *t = table_read("pages");
	int row = row_with(t, 0, "id", id);

	ASSERT_LE(0, row);
	EXPECT_EQ(PAGE << order, number(t, row, "resident"));
	EXPECT_EQ(mapped_of(pfn, order), number(t, row, "mapped"));
	table_free(t);
}

/* Maps pages of a file and reads each. */
static char *map_part(int fd, size_t first, size_t count)
{
	char *p = mmap(NULL, count * PAGE, PROT_READ, MAP_SHARED, fd,
		       first * PAGE);
	size_t i;

	for (i = 0; i < count; i++)
		(void)*(volatile char *)(p + i * PAGE);
	return p;
}

/*
 * Two mappings of parts that have a page in common, one of them is unmapped, and
 * then another one is of all of it.
 */
static void expect_parts(struct __test_metadata *_metadata, int fd,
			 unsigned int order)
{
	size_t count = 1UL << order, part = (count + 1) / 2;
	size_t size = PAGE << order;
	struct page *pages;
	unsigned long pfn;
	char id[ID_SIZE];
	char *p, *a, *b;

	ASSERT_EQ(0, ftruncate(fd, 2 * size));
	p = map_aligned(fd, 2 * size);
	p[size] = 1;
	pages = pages_at(p, 2 * count);
	ASSERT_EQ(order, pages[count].order);
	pfn = pages[count].pfn;
	free(pages);
	ASSERT_EQ(0, munmap(p, 2 * size));
	id_of_fd(fd, id);
	expect_mapped(_metadata, id, pfn, order);

	a = map_part(fd, count, part);
	EXPECT_EQ(part * PAGE, mapped_of(pfn, order));
	expect_mapped(_metadata, id, pfn, order);
	b = map_part(fd, 2 * count - part - 1, part + 1);
	expect_mapped(_metadata, id, pfn, order);
	ASSERT_EQ(0, munmap(a, part * PAGE));
	EXPECT_EQ((part + 1) * PAGE, mapped_of(pfn, order));
	expect_mapped(_metadata, id, pfn, order);

	p = map_aligned(fd, 2 * size);
	(void)*(volatile char *)(p + size);
	expect_mapped(_metadata, id, pfn, order);
	ASSERT_EQ(0, munmap(b, (part + 1) * PAGE));
	expect_mapped(_metadata, id, pfn, order);
	ASSERT_EQ(0, munmap(p, 2 * size));
	EXPECT_EQ(0, mapped_of(pfn, order));
	expect_mapped(_metadata, id, pfn, order);
	close(fd);
}

TEST_F(thp, huge_page_partly_mapped)
{
	if (set_shmem_enabled("force", NULL))
		SKIP(return, "shmem_enabled cannot be forced");
	expect_parts(_metadata, memfd_create("parts", 0),
		     __builtin_ctzl(self->pmd / PAGE));
}

TEST_F(thp, smaller_folios_partly_mapped)
{
	static const unsigned int orders[] = { 1, 2, 4, 7 };
	int i, seen = 0;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		if (set_shmem_order(orders[i], "always"))
			continue;
		expect_parts(_metadata, memfd_create("parts", 0), orders[i]);
		set_shmem_order(orders[i], "never");
		seen++;
	}
	if (!seen)
		SKIP(return, "no folios between a page and a huge page before v6.11");
}

FIXTURE(hugetlb)
{
	unsigned long size;
	unsigned long long shmem;
	long long before;
};

FIXTURE_SETUP(hugetlb)
{
	self->before = file_number(NR_HUGE);
	if (self->before < 0)
		SKIP(return, "no hugetlb in this kernel");
	self->size = meminfo("Hugepagesize") << 10;
	write_number(NR_HUGE, 8);
	if (file_number(NR_HUGE) < 8)
		SKIP(return, "8 huge pages are not available");
	self->shmem = meminfo("Shmem");
}

FIXTURE_TEARDOWN(hugetlb)
{
	if (self->before >= 0)
		write_number(NR_HUGE, self->before);
}

static void expect_hugetlb(struct __test_metadata *_metadata,
			   FIXTURE_DATA(hugetlb) *self, struct table *t,
			   int row, const char *kind, int pages)
{
	struct table *sum;
	int at;

	ASSERT_LE(0, row);
	EXPECT_STREQ(kind, cell(t, row, "kind"));
	EXPECT_EQ(self->size, number(t, row, "pagesize"));
	EXPECT_EQ(pages * self->size, number(t, row, "resident"));
	EXPECT_EQ(0, number(t, row, "swapped"));
	/* As the kernel counts them, once those of the last test are freed. */
	EXPECT_TRUE(wait_until(8 - meminfo("HugePages_Free") == pages, 5));
	/* It has a row of its own in "summary" and is not in the total. */
	sum = table_read("summary");
	for_each_row_with(at, sum, "kind", kind)
		if (number(sum, at, "pagesize") == self->size)
			break;
	ASSERT_LE(count_kinds(sum), at);
	EXPECT_EQ(pages * self->size, number(sum, at, "resident"));
	at = row_with(sum, 0, "kind", "total");
	EXPECT_GT(self->shmem + 1024, number(sum, at, "resident") >> 10);
	table_free(sum);
	table_free(t);
}

TEST_F(hugetlb, sysv)
{
	struct table *t;
	char id[ID_SIZE];
	int shmid;
	char *p;

	ASSERT_EQ(0, unshare(CLONE_NEWIPC));
	shmid = shmget(IPC_PRIVATE, 3 * self->size,
		       IPC_CREAT | SHM_HUGETLB | 0600);
	ASSERT_LE(0, shmid);
	p = shmat(shmid, NULL, 0);
	p[0] = 1;
	p[self->size] = 1;
	id_of_segment(shmid, id);
	t = table_read("objects");
	expect_hugetlb(_metadata, self, t, row_with(t, 0, "id", id), "sysv",
		       2);
}

TEST_F(hugetlb, memfd)
{
	int fd = memfd_create("huge", MFD_HUGETLB | MFD_ALLOW_SEALING);
	struct table *t;
	char *p;

	ASSERT_EQ(0, ftruncate(fd, 4 * self->size));
	ASSERT_EQ(0, fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	p = mmap(NULL, 4 * self->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		 0);
	ASSERT_NE(MAP_FAILED, p);
	p[0] = 1;
	t = table_read("objects");
	EXPECT_STREQ("sealed", cell(t, row_of_fd(t, fd), "truncate"));
	expect_hugetlb(_metadata, self, t, row_of_fd(t, fd), "memfd", 1);
}

TEST_F(hugetlb, anon)
{
	char *p = mmap(NULL, 2 * self->size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	struct table *t;

	ASSERT_NE(MAP_FAILED, p);
	p[0] = 1;
	t = table_read("objects");
	expect_hugetlb(_metadata, self, t, row_of_mapping(t, p), "anon", 1);
}

TEST_F(hugetlb, file)
{
	char dir[] = "/run/shmstat-test-XXXXXX", path[64];
	struct table *t;
	char *p;
	int fd;

	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, own_mounts());
	ASSERT_EQ(0, mount("none", dir, "hugetlbfs", 0, NULL));
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	p = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	p[0] = 1;
	t = table_read("objects");
	EXPECT_STREQ("/file", cell(t, row_of_fd(t, fd), "name"));
	expect_hugetlb(_metadata, self, t, row_of_fd(t, fd), "tmpfs", 1);
}

/* Two of three are there, and one of them stays mapped. */
TEST_F(hugetlb, pages_of_it)
{
	int fd = memfd_create("huge", MFD_HUGETLB), row;
	char want[64], id[ID_SIZE];
	struct table *t;
	char *p, *list;

	ASSERT_EQ(0, ftruncate(fd, 3 * self->size));
	p = mmap(NULL, 3 * self->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		 0);
	ASSERT_NE(MAP_FAILED, p);
	p[0] = 1;
	p[2 * self->size] = 1;
	id_of_fd(fd, id);
	t = table_read("pages");
	row = row_with(t, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_EQ(2 * self->size, number(t, row, "resident"));
	EXPECT_EQ(2 * self->size, number(t, row, "mapped"));
	EXPECT_EQ(2 * self->size, number(t, row, "huge"));
	snprintf(want, sizeof(want), "%d=%lu",
		 __builtin_ctzl(self->size / PAGE), 2 * self->size);
	EXPECT_STREQ(want, cell(t, row, "orders"));
	if (count_nodes()) {
		list = nodes_in_numa_maps(p);
		EXPECT_STREQ(list, cell(t, row, "nodes"));
		free(list);
	}
	table_free(t);
	ASSERT_EQ(0, munmap(p, self->size));
	t = table_read("pages");
	row = row_with(t, 0, "id", id);
	EXPECT_EQ(self->size, number(t, row, "mapped"));
	EXPECT_EQ(2 * self->size, number(t, row, "resident"));
	table_free(t);
	t = table_read("maps");
	row = row_with(t, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_EQ(self->size, number(t, row, "resident"));
	table_free(t);
}

/* Its pages are private, although the kernel keeps a file for it. */
TEST_F(hugetlb, private_mapping_is_no_object)
{
	char *p = mmap(NULL, 2 * self->size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	struct table *t;

	ASSERT_NE(MAP_FAILED, p);
	p[0] = 1;
	t = table_read("objects");
	EXPECT_EQ(-1, row_of_mapping(t, p));
	table_free(t);
}

#define NR_GIGANTIC	"/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"
#define GIGABYTE	(1UL << 30)

/* Its size fits neither into 32 bits nor into the usual column of the report. */
TEST(page_of_a_gigabyte)
{
	struct table *t;
	char *text, *line;
	int fd, row;
	char id[ID_SIZE], *p;

	if (write_file(NR_GIGANTIC, "1"))
		SKIP(return, "no pages of 1 GiB in this kernel");
	if (file_number(NR_GIGANTIC) != 1)
		SKIP(return, "no contiguous GiB of memory is free");
	fd = memfd_create("gigabyte", MFD_HUGETLB | 30U << 26);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, GIGABYTE));
	p = mmap(NULL, GIGABYTE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	p[0] = 1;
	id_of_fd(fd, id);
	t = table_read("objects");
	row = row_with(t, 0, "id", id);
	ASSERT_LE(0, row);
	EXPECT_EQ(GIGABYTE, number(t, row, "pagesize"));
	EXPECT_EQ(GIGABYTE, number(t, row, "resident"));
	table_free(t);

	t = table_read("summary");
	for_each_row_with(row, t, "pagesize", "1073741824")
		if (!strcmp("memfd", cell(t, row, "kind")))
			break;
	ASSERT_LE(0, row);
	EXPECT_EQ(GIGABYTE, number(t, row, "resident"));
	table_free(t);

	t = table_read("pages");
	row = row_with(t, 0, "id", id);
	EXPECT_STREQ("18=1073741824", cell(t, row, "orders"));
	EXPECT_EQ(GIGABYTE, number(t, row, "mapped"));
	EXPECT_EQ(0, number(t, row, "huge"));
	table_free(t);

	text = read_file(REPORT);
	ASSERT_NE(NULL, text);
	line = strstr(text, id);
	ASSERT_NE(NULL, line);
	while (line > text && line[-1] != '\n')
		line--;
	*strchr(line, '\n') = '\0';
	EXPECT_NE(NULL, strstr(line, " memfd/1G "));
	munmap(p, GIGABYTE);
	close(fd);
	write_file(NR_GIGANTIC, "0");
}

/* Objects alone are enough: no page of either size is needed. */
TEST_F(hugetlb, sizes_are_summed_apart)
{
	int large = memfd_create("gigabytes", MFD_HUGETLB | 30U << 26);
	int small = memfd_create("huge", MFD_HUGETLB);
	struct table *t;
	size_t pagesize;
	int row, seen = 0;

	if (large < 0)
		SKIP(return, "no pages of 1 GiB in this kernel");
	ASSERT_LE(0, small);
	ASSERT_EQ(0, ftruncate(large, 2 * GIGABYTE));
	ASSERT_EQ(0, ftruncate(small, 3 * self->size));
	t = table_read("summary");
	for_each_row_with(row, t, "kind", "memfd") {
		pagesize = number(t, row, "pagesize");
		if (pagesize != GIGABYTE && pagesize != self->size)
			continue;
		seen++;
		EXPECT_EQ(1, number(t, row, "objects"));
		EXPECT_EQ(pagesize == GIGABYTE ? 2 * GIGABYTE : 3 * self->size,
			  number(t, row, "size"));
	}
	EXPECT_EQ(2, seen);
	table_free(t);
	close(large);
	close(small);
}

TEST_F(hugetlb, ids_differ)
{
	char id[8][ID_SIZE];
	int fd[8], i, j;

	for (i = 0; i < 8; i++)
		fd[i] = memfd_create("huge", MFD_HUGETLB);
	for (i = 0; i < 8; i++)
		id_of_fd(fd[i], id[i]);
	for (i = 0; i < 8; i++)
		for (j = 0; j < i; j++)
			EXPECT_STRNE(id[i], id[j]);
}

TEST_HARNESS_MAIN
