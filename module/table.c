// SPDX-License-Identifier: GPL-2.0
/*
 * Tables for programs: a line with the names of the columns, then one line for
 * each record.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/seq_file.h>
#include <linux/user_namespace.h>

#include "table.h"

/**
 * shmstat_table_header - print the names of columns
 * @m: where to print
 * @columns: the columns
 *
 * Context: Any.
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
 * shmstat_table_row - print a record
 * @m: where to print
 * @snap: the snapshot
 * @row: the record
 *
 * Context: Process context, may sleep.
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
 * shmstat_put_number - print a number
 * @m: where to print
 * @number: the number, or SHMSTAT_NONE
 *
 * Context: Any.
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
 * shmstat_put_text - print a text that any user may have chosen
 * @m: where to print
 * @text: the text, or NULL
 *
 * Spaces, backslashes and whatever is not printable ASCII are printed as "\ooo",
 * so that a text can forge neither a line nor a terminal escape sequence.
 *
 * Context: Any.
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
 * shmstat_put_id - print the id of an object
 * @m: where to print
 * @id: the id
 *
 * Context: Any.
 */
void shmstat_put_id(struct seq_file *m, const struct shmstat_id *id)
{
	seq_put_decimal_ull(m, NULL, MAJOR(id->dev));
	seq_put_decimal_ull(m, ":", MINOR(id->dev));
	seq_put_decimal_ull(m, ":", id->ino);
	seq_put_decimal_ull(m, ":", id->generation);
}

/**
 * shmstat_put_mode - print permissions
 * @m: where to print
 * @mode: the permission bits, without the file type
 *
 * Context: Any.
 */
void shmstat_put_mode(struct seq_file *m, u16 mode)
{
	seq_printf(m, "%04o", mode);
}

static const struct {
	u8 flag;
	const char *name;
} flags_in_order[] = {
	{ SHMSTAT_MAPPED,	"mapped" },
	{ SHMSTAT_UNLINKED,	"unlinked" },
	{ SHMSTAT_LOCKED,	"locked" },
	{ SHMSTAT_NOSWAP,	"noswap" },
	{ SHMSTAT_DEST,		"dest" },
};

/**
 * shmstat_put_flags - print the flags of an object
 * @m: where to print
 * @flags: SHMSTAT_MAPPED and so on
 *
 * Context: Any.
 */
void shmstat_put_flags(struct seq_file *m, u8 flags)
{
	const char *comma = "";
	size_t i;

	if (!flags)
		seq_putc(m, '-');
	for (i = 0; i < ARRAY_SIZE(flags_in_order); i++) {
		if (!(flags & flags_in_order[i].flag))
			continue;
		seq_puts(m, comma);
		seq_puts(m, flags_in_order[i].name);
		comma = ",";
	}
}

/* The functions of SHMSTAT_U32() and so on. */

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

/* User and group ids are those of the reader's user namespace. */
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
	return shmstat_rows_at(&snap->procs->rows, *(const u32 *)field);
}

/* SHMSTAT_NO_ROW stands for no process, and for one that had ended. */
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
