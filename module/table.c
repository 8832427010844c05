// SPDX-License-Identifier: GPL-2.0
/*
 * Tables for programs: a line of column names, a line a record.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/seq_file.h>
#include <linux/user_namespace.h>

#include "table.h"

/**
 * shmstat_table_header - write the column names
 * @m: where to
 * @columns: the columns
 */
void shmstat_table_header(struct seq_file *m,
			  const struct shmstat_column *columns)
{
	const struct shmstat_column *column;

	for (column = columns; column->name; column++) {
		if (column != columns)
			seq_putc(m, ' ');
		seq_puts(m, column->name);
	}
	seq_putc(m, '\n');
}

/**
 * shmstat_table_row - write a record
 * @m: where to
 * @snap: its snapshot
 * @row: the record
 */
void shmstat_table_row(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *row)
{
	const struct shmstat_column *columns = snap->view->columns;
	const struct shmstat_column *column;

	for (column = columns; column->name; column++) {
		if (column != columns)
			seq_putc(m, ' ');
		column->show(m, snap, row + column->offset);
	}
	seq_putc(m, '\n');
}

/**
 * shmstat_put_number - write a number
 * @m: where to
 * @number: the number, or SHMSTAT_NONE
 */
void shmstat_put_number(struct seq_file *m, u64 number)
{
	if (number == SHMSTAT_NONE)
		seq_putc(m, '-');
	else
		seq_put_decimal_ull(m, NULL, number);
}

static bool is_plain(char c)
{
	return c > ' ' && c < '\x7f' && c != '\\';
}

/**
 * shmstat_put_text - write text that anybody may have chosen
 * @m: where to
 * @text: the text, or NULL
 *
 * What is not printable ASCII, a blank or a backslash stands as "\ooo", so
 * that a name can forge neither a row nor a terminal's escape sequence.
 */
void shmstat_put_text(struct seq_file *m, const char *text)
{
	if (!text || !*text) {
		seq_putc(m, '-');
		return;
	}
	while (*text) {
		size_t plain = 0;

		while (is_plain(text[plain]))
			plain++;
		seq_write(m, text, plain);
		text += plain;
		if (*text)
			seq_printf(m, "\\%03o", (u8)*text++);
	}
}

/**
 * shmstat_put_id - write an object's id
 * @m: where to
 * @id: the id
 */
void shmstat_put_id(struct seq_file *m, const struct shmstat_id *id)
{
	seq_put_decimal_ull(m, NULL, MAJOR(id->dev));
	seq_put_decimal_ull(m, ":", MINOR(id->dev));
	seq_put_decimal_ull(m, ":", id->ino);
	seq_put_decimal_ull(m, ":", id->generation);
}

/**
 * shmstat_put_mode - write permissions
 * @m: where to
 * @mode: the permission bits alone
 */
void shmstat_put_mode(struct seq_file *m, u16 mode)
{
	seq_printf(m, "%04o", mode);
}

static const char * const flag_names[] = {
	"mapped", "unlinked", "locked", "noswap", "dest",
};

/**
 * shmstat_put_flags - write an object's flags
 * @m: where to
 * @flags: SHMSTAT_MAPPED and so on
 */
void shmstat_put_flags(struct seq_file *m, u8 flags)
{
	const char *comma = "";
	size_t i;

	if (!flags)
		seq_putc(m, '-');
	for (i = 0; i < ARRAY_SIZE(flag_names); i++) {
		if (!(flags & BIT(i)))
			continue;
		seq_puts(m, comma);
		seq_puts(m, flag_names[i]);
		comma = ",";
	}
}

/* Shown by a table's columns, see SHMSTAT_U32() and so on. */

void shmstat_show_u32(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	shmstat_put_number(m, *(const u32 *)field);
}

void shmstat_show_u64(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	shmstat_put_number(m, *(const u64 *)field);
}

void shmstat_show_text(struct seq_file *m, const struct shmstat_snapshot *snap,
		       const void *field)
{
	shmstat_put_text(m, *(const char * const *)field);
}

/* Users and groups as the reader's user namespace numbers them. */
void shmstat_show_uid(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const kuid_t *uid = field;

	shmstat_put_number(m, from_kuid_munged(seq_user_ns(m), *uid));
}

void shmstat_show_gid(struct seq_file *m, const struct shmstat_snapshot *snap,
		      const void *field)
{
	const kgid_t *gid = field;

	shmstat_put_number(m, from_kgid_munged(seq_user_ns(m), *gid));
}

void shmstat_show_id(struct seq_file *m, const struct shmstat_snapshot *snap,
		     const void *field)
{
	shmstat_put_id(m, field);
}

static const struct shmstat_proc *proc_at(const struct shmstat_snapshot *snap,
					  const void *field)
{
	return shmstat_rows_at(&snap->procs.rows, *(const u32 *)field);
}

/* None, or a process that was gone already, is SHMSTAT_NO_ROW. */
void shmstat_show_proc_pid(struct seq_file *m,
			   const struct shmstat_snapshot *snap,
			   const void *field)
{
	const struct shmstat_proc *proc = proc_at(snap, field);

	shmstat_put_number(m, proc ? proc->pid : SHMSTAT_NONE);
}

void shmstat_show_proc_comm(struct seq_file *m,
			    const struct shmstat_snapshot *snap,
			    const void *field)
{
	const struct shmstat_proc *proc = proc_at(snap, field);

	shmstat_put_text(m, proc ? proc->comm : NULL);
}

void shmstat_show_proc_uid(struct seq_file *m,
			   const struct shmstat_snapshot *snap,
			   const void *field)
{
	const struct shmstat_proc *proc = proc_at(snap, field);

	if (proc)
		shmstat_show_uid(m, snap, &proc->uid);
	else
		seq_putc(m, '-');
}
