/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables for programs: how a record and its columns are printed.
 */
#ifndef SHMSTAT_TABLE_H
#define SHMSTAT_TABLE_H

#include <linux/stddef.h>

#include "snapshot.h"

/**
 * struct shmstat_column - a column of a table
 * @name: its name in the first line
 * @show: print it; must print something, "-" if there is no value
 * @offset: offset in the record of what @show is passed
 */
struct shmstat_column {
	const char *name;
	shmstat_show_fn *show;
	size_t offset;
};

void shmstat_table_header(struct seq_file *m,
			  const struct shmstat_column *columns);
void shmstat_table_row(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *row);

void shmstat_put_number(struct seq_file *m, u64 number);
void shmstat_put_text(struct seq_file *m, const char *text);
void shmstat_put_id(struct seq_file *m, const struct shmstat_id *id);
void shmstat_put_mode(struct seq_file *m, u16 mode);
void shmstat_put_flags(struct seq_file *m, u8 flags);

shmstat_show_fn shmstat_show_u32;
shmstat_show_fn shmstat_show_u64;
shmstat_show_fn shmstat_show_text;
shmstat_show_fn shmstat_show_uid;
shmstat_show_fn shmstat_show_gid;
shmstat_show_fn shmstat_show_id;
shmstat_show_fn shmstat_show_proc_pid;
shmstat_show_fn shmstat_show_proc_comm;
shmstat_show_fn shmstat_show_proc_uid;

/* For columns that show a member of the record: { "name", SHMSTAT_U64(...) }. */
#define SHMSTAT_MEMBER(fn, row, member)					\
	.show = fn, .offset = offsetof(row, member)

#define SHMSTAT_U32(row, member)					\
	SHMSTAT_MEMBER(shmstat_show_u32, row, member)
#define SHMSTAT_U64(row, member)					\
	SHMSTAT_MEMBER(shmstat_show_u64, row, member)
#define SHMSTAT_TEXT(row, member)					\
	SHMSTAT_MEMBER(shmstat_show_text, row, member)
#define SHMSTAT_UID(row, member)					\
	SHMSTAT_MEMBER(shmstat_show_uid, row, member)
#define SHMSTAT_GID(row, member)					\
	SHMSTAT_MEMBER(shmstat_show_gid, row, member)
#define SHMSTAT_ID(row, member)						\
	SHMSTAT_MEMBER(shmstat_show_id, row, member)
/* The member is the number of a process in &shmstat_snapshot.procs. */
#define SHMSTAT_PID(row, member)					\
	SHMSTAT_MEMBER(shmstat_show_proc_pid, row, member)
#define SHMSTAT_COMM(row, member)					\
	SHMSTAT_MEMBER(shmstat_show_proc_comm, row, member)
#define SHMSTAT_PROC_UID(row, member)					\
	SHMSTAT_MEMBER(shmstat_show_proc_uid, row, member)

#endif /* SHMSTAT_TABLE_H */
