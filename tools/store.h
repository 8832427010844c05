/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file of samples, see shmstat-record(5): tables and files of the machine as they
 * were, in a database of SQLite.
 */
#ifndef SHMSTAT_TOOLS_STORE_H
#define SHMSTAT_TOOLS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* "shms": that a file is of this kind, and the version of its schema. */
#define STORE_ID	0x73686d73
#define STORE_VERSION	1

/**
 * struct sample - what is known of a sample beside its tables and files
 * @nr: its number; numbers only grow, also where the clock was set back
 * @time: when it was made, in microseconds since 1970
 * @uptime: the same since the machine booted, with the time it was suspended
 * @shmem: the kernel's counter, in bytes; 0 if unknown
 * @objects: how many; 0 if unknown
 * @pagesize: of the machine
 * @hertz: its clock ticks a second
 * @why: "interval", "pressure", "oom" or "once"
 * @boot: the machine's boot id
 * @release: its kernel's
 * @arch: its architecture, as uname(1) has it
 */
struct sample {
	int64_t nr;
	int64_t time;
	int64_t uptime;
	uint64_t shmem;
	uint64_t objects;
	uint64_t pagesize;
	uint64_t hertz;
	char why[16];
	char boot[40];
	char release[72];
	char arch[72];
};

struct store;

struct store *store_open(const char *path);
bool store_at(struct store *store, int64_t time, struct sample *sample);
bool store_step(struct store *store, int64_t nr, int direction,
		struct sample *sample);
void store_samples(struct store *store,
		   void (*visit)(void *context, const struct sample *sample),
		   void *context);
bool store_put_table(struct store *store, const struct sample *sample,
		     const char *table, FILE *out);
void store_files(struct store *store, const struct sample *sample,
		 void (*visit)(void *context, const char *path,
			       const void *content, size_t length, bool link),
		 void *context);
void store_rest(struct store *store);
void store_close(struct store *store);

#endif /* SHMSTAT_TOOLS_STORE_H */
