/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables for programs: how a record and its values are written.
 */
#ifndef SHMSTAT_TABLE_H
#define SHMSTAT_TABLE_H

#include "shmstat.h"
#include "task.h"

void shmstat_table_header(struct seq_file *m,
			  const struct shmstat_column *columns);
void shmstat_table_row(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *row);

void shmstat_put_text(struct seq_file *m, const char *text);
void shmstat_put_id(struct seq_file *m, const struct shmstat_id *id);
void shmstat_put_object(struct seq_file *m, const struct shmstat_snapshot *snap,
			u32 nr);
void shmstat_put_pid(struct seq_file *m, const struct shmstat_who *who);
void shmstat_put_comm(struct seq_file *m, const struct shmstat_who *who);
void shmstat_put_who_uid(struct seq_file *m, const struct shmstat_who *who);
void shmstat_put_mode(struct seq_file *m, u16 mode);
void shmstat_put_flags(struct seq_file *m, u8 flags);
void shmstat_put_uid(struct seq_file *m, kuid_t uid);
void shmstat_put_gid(struct seq_file *m, kgid_t gid);

/* Defines show_NAME(), which puts a value of @row, a record of @type. */
#define SHMSTAT_SHOW(type, name, put, ...)				\
static void show_##name(struct seq_file *m,				\
			const struct shmstat_snapshot *snap,		\
			const void *record)				\
{									\
	const type *row = record;					\
									\
	put(m, __VA_ARGS__);						\
}

static inline void shmstat_put_number(struct seq_file *m, u64 number)
{
	seq_put_decimal_ull(m, NULL, number);
}

static inline void shmstat_put_yes(struct seq_file *m, bool yes)
{
	seq_puts(m, yes ? "yes" : "no");
}

#endif /* SHMSTAT_TABLE_H */
