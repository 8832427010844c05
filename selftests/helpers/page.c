// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file.h"
#include "page.h"
#include "table.h"

#define PAGE		4096UL
#define PM_PFN		((1ULL << 55) - 1)
#define PM_PRESENT	(1ULL << 63)
/* The largest alignment that folios of shmem need. */
#define MAX_FOLIO	(2UL << 20)

#define THP		"/sys/kernel/mm/transparent_hugepage/"
#define SHMEM_ENABLED	THP "shmem_enabled"
#define THP_OF_SIZE	THP "hugepages-%lukB/%s"

/* The descriptor is kept: there are many pages. */
static uint64_t word_of(int *fd, const char *path, unsigned long nr)
{
	uint64_t word = 0;

	if (*fd < 0)
		*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (pread(*fd, &word, 8, nr * 8) != 8)
		die("cannot read", path);
	return word;
}

unsigned long pfn_at(const void *address)
{
	static int fd = -1;
	uint64_t entry = word_of(&fd, "/proc/self/pagemap",
				 (uintptr_t)address / PAGE);

	return entry & PM_PRESENT ? entry & PM_PFN : 0;
}

uint64_t flags_of_pfn(unsigned long pfn)
{
	static int fd = -1;

	return word_of(&fd, "/proc/kpageflags", pfn);
}

uint64_t mappings_of_pfn(unsigned long pfn)
{
	static int fd = -1;

	return word_of(&fd, "/proc/kpagecount", pfn);
}

static int node_at(const void *address)
{
	void *pages[] = { (void *)address };
	int status = -1;

	if (syscall(SYS_move_pages, 0, 1UL, pages, NULL, &status, 0) &&
	    count_nodes())
		die("move_pages", strerror(errno));
	return status;
}

/* A head page is followed by as many tails as its order says. */
static void set_orders(struct page *pages, size_t count)
{
	size_t head, len, i;

	for (head = 0; head < count; head += len) {
		len = 1;
		if (!(pages[head].flags & 1ULL << KPF_COMPOUND_HEAD))
			continue;
		while (head + len < count &&
		       pages[head + len].pfn == pages[head].pfn + len &&
		       pages[head + len].flags & 1ULL << KPF_COMPOUND_TAIL)
			len++;
		for (i = head; i < head + len; i++)
			pages[i].order = __builtin_ctzl(len);
		if (len & (len - 1))
			die("pages_at", "only a part of a folio");
	}
}

struct page *pages_at(const char *address, size_t count)
{
	struct page *pages = calloc(count, sizeof(*pages));
	unsigned char *state = calloc(count, 1);
	size_t i;

	if (mincore((void *)address, count * PAGE, state))
		die("mincore", strerror(errno));
	for (i = 0; i < count; i++) {
		if (!(state[i] & 1))
			continue;
		(void)*(volatile const char *)(address + i * PAGE);
		pages[i].resident = true;
		pages[i].pfn = pfn_at(address + i * PAGE);
		pages[i].flags = flags_of_pfn(pages[i].pfn);
		pages[i].node = node_at(address + i * PAGE);
	}
	set_orders(pages, count);
	free(state);
	return pages;
}

#define MAX_NR	64

static const char *list_of(const struct page *pages, size_t count, bool by_node)
{
	unsigned long long bytes[MAX_NR] = {};
	static char text[2][MAX_NR * 24];
	char *end = text[by_node];
	size_t i;
	int nr;

	strcpy(end, "-");
	for (i = 0; i < count; i++) {
		nr = by_node ? pages[i].node : pages[i].order;
		if (pages[i].resident)
			bytes[nr < 0 ? 0 : nr] += PAGE;
	}
	for (nr = 0; nr < MAX_NR; nr++)
		if (bytes[nr])
			end += sprintf(end, "%s%d=%llu",
				       end > text[by_node] ? "," : "", nr,
				       bytes[nr]);
	return text[by_node];
}

const char *orders_of(const struct page *pages, size_t count)
{
	return list_of(pages, count, false);
}

const char *nodes_of(const struct page *pages, size_t count)
{
	return list_of(pages, count, true);
}

static bool has_number(const struct table *t, int row, const char *column,
		       int want)
{
	return strcmp("-", cell(t, row, column)) &&
	       number(t, row, column) == want;
}

static bool is_page(const struct table *t, int row, const struct page *page)
{
	if (strcmp(cell(t, row, "state"), "resident"))
		return !page->resident;
	return page->resident && has_number(t, row, "order", page->order) &&
	       has_number(t, row, "node", page->node < 0 ? 0 : page->node);
}

bool extents_have(const char *id, const struct page *pages, size_t count)
{
	int fd = open_and_ask(PROC "extents", id), row;
	struct table *t = table_parse(read_rest(fd));
	size_t i = 0, end;

	close(fd);
	for (row = 0; row < t->rows; row++) {
		if (number(t, row, "start") != i * PAGE)
			break;
		end = i + number(t, row, "length") / PAGE;
		while (i < end && i < count && is_page(t, row, &pages[i]))
			i++;
		if (i < end)
			break;
	}
	if (i < count)
		printf("# page %zu: resident %d order %u node %d, not as in row %d\n",
		       i, pages[i].resident, pages[i].order, pages[i].node, row);
	table_free(t);
	return i == count;
}

int count_nodes(void)
{
	char *text = read_file("/sys/devices/system/node/has_memory");
	int first = 0, last = 0, found = 0;

	if (text)
		found = sscanf(text, "%d-%d", &first, &last);
	free(text);
	return found < 2 ? found : last - first + 1;
}

int bind_mapping(void *address, size_t len, int node)
{
	unsigned long mask = 1UL << node;

	return syscall(SYS_mbind, address, len, MPOL_BIND, &mask,
		       8 * sizeof(mask), 0);
}

int bind_task(int node)
{
	unsigned long mask = 1UL << node;

	return syscall(SYS_set_mempolicy, MPOL_BIND, &mask, 8 * sizeof(mask));
}

/* The mapping's line has "N0=256 N1=256 ... kernelpagesize_kB=4", in such pages. */
char *nodes_in_numa_maps(const void *address)
{
	char *text = read_file("/proc/self/numa_maps"), *line, *field;
	char start[32], *list = calloc(1, MAX_NR * 24);
	unsigned long pages, kb = 0;
	unsigned int node;

	snprintf(start, sizeof(start), "%08lx ", (unsigned long)address);
	line = text ? strstr(text, start) : NULL;
	if (!line)
		die("not in /proc/self/numa_maps", start);
	*strchr(line, '\n') = '\0';
	field = strstr(line, " kernelpagesize_kB=");
	if (field)
		sscanf(field, " kernelpagesize_kB=%lu", &kb);
	for (field = line; (field = strstr(field, " N")); field++)
		if (sscanf(field, " N%u=%lu", &node, &pages) == 2)
			sprintf(list + strlen(list), "%s%u=%lu",
				*list ? "," : "", node, (pages * kb) << 10);
	free(text);
	return list;
}

/* The value in use is in brackets. */
int set_shmem_enabled(const char *value, char was[MAX_ENABLED])
{
	char *text = read_file(SHMEM_ENABLED), *start;
	int ret = -1;

	start = text ? strchr(text, '[') : NULL;
	if (start) {
		*strchr(start, ']') = '\0';
		if (was)
			snprintf(was, MAX_ENABLED, "%s", start + 1);
		ret = write_file(SHMEM_ENABLED, value);
	}
	free(text);
	return ret;
}

int set_shmem_order(unsigned int order, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), THP_OF_SIZE, (PAGE << order) >> 10,
		 "shmem_enabled");
	return write_file(path, value);
}

long long swapped_out_whole(unsigned int order)
{
	char path[128];

	snprintf(path, sizeof(path), THP_OF_SIZE, (PAGE << order) >> 10,
		 "stats/swpout");
	return file_number(path);
}

char *map_aligned(int fd, size_t len)
{
	char *p = mmap(NULL, len + MAX_FOLIO, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	p = (char *)(((uintptr_t)p + MAX_FOLIO - 1) & -MAX_FOLIO);
	p = mmap(p, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	if (p == MAP_FAILED)
		die("mmap", strerror(errno));
	return p;
}
