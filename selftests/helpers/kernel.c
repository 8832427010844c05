// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "kernel.h"
#include "table.h"

unsigned long long meminfo(const char *field)
{
	long long value;

	write_file("/proc/sys/vm/stat_refresh", "1");
	value = figure("/proc/meminfo", field);
	if (value < 0)
		die("not in /proc/meminfo", field);
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

bool kernel_since(int major, int minor)
{
	struct utsname name;
	int a, b;

	if (uname(&name) || sscanf(name.release, "%d.%d", &a, &b) != 2)
		die("no release", name.release);
	return a > major || (a == major && b >= minor);
}

int module_references(void)
{
	return file_number(MODULE "refcnt");
}

#define LOG_READ_ALL	3	/* SYSLOG_ACTION_READ_ALL */
#define LOG_SIZE	(1 << 20)

char *kernel_log(void)
{
	char *log = malloc(LOG_SIZE);
	int len = klogctl(LOG_READ_ALL, log, LOG_SIZE - 1);

	log[len < 0 ? 0 : len] = '\0';
	return log;
}

int mark_log(const char *mark)
{
	return write_file("/dev/kmsg", mark);
}

char *log_since(const char *mark)
{
	char *log = kernel_log(), *from = strstr(log, mark), *since = NULL;

	if (from)
		since = strdup(from + strlen(mark));
	free(log);
	return since;
}

double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void sleep_ms(unsigned int ms)
{
	usleep(ms * 1000);
}
