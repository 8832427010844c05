// SPDX-License-Identifier: GPL-2.0
/*
 * Opening, reading and seeking, for every file. An open file has one snapshot at a
 * time, taken when it is read at offset 0.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "compat.h"
#include "file.h"
#include "snapshot.h"
#include "table.h"

/* Maximum number of bytes that one read(2) returns. */
#define READ_MAX	SZ_64K

/*
 * Maximum length of a row. One of its texts is a path or mount options, of up to
 * PATH_MAX bytes, each of which may be printed as four.
 */
#define ROW_MAX		SZ_32K

/**
 * struct reader - an open file
 * @lock: held while @snap is taken or read
 * @view: the file's view
 * @id: the id that was written last, for a view about one object
 * @has_id: an id was written
 * @snap: the snapshot; NULL before the first read
 */
struct reader {
	struct mutex lock;	/* held while @snap is taken or read */
	const struct shmstat_view *view;
	struct shmstat_id id;
	bool has_id;
	struct shmstat_snapshot *snap;
};

/* Position 0 is the header, if there is one; the records follow. */
static void *row_at(struct reader *reader, loff_t pos)
{
	const struct shmstat_view *view = reader->view;
	struct shmstat_snapshot *snap = reader->snap;

	if (view->columns && !pos--)
		return SEQ_START_TOKEN;
	if (view->row_at)
		return view->row_at(snap, pos);
	return pos <= U32_MAX ? shmstat_rows_at(&snap->rows, pos) : NULL;
}

static void *rows_start(struct seq_file *m, loff_t *pos)
{
	return row_at(m->private, *pos);
}

static void *rows_next(struct seq_file *m, void *row, loff_t *pos)
{
	++*pos;
	cond_resched();
	if (fatal_signal_pending(current))
		return ERR_PTR(-EINTR);
	return row_at(m->private, *pos);
}

static void rows_stop(struct seq_file *m, void *row)
{
}

static int rows_show(struct seq_file *m, void *row)
{
	struct reader *reader = m->private;

	if (row == SEQ_START_TOKEN)
		shmstat_table_header(m, reader->view->columns);
	else if (reader->view->columns)
		shmstat_table_row(m, reader->snap, row);
	else
		reader->view->show(m, reader->snap, row);
	return 0;
}

static const struct seq_operations rows_ops = {
	.start	= rows_start,
	.next	= rows_next,
	.stop	= rows_stop,
	.show	= rows_show,
};

static int open_view(struct file *file, const struct shmstat_view *view)
{
	struct reader *reader;
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	/* procfs lets a module be removed while its files are open. */
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;

	reader = kzalloc(sizeof(*reader), SHMSTAT_GFP);
	ret = reader ? seq_open(file, &rows_ops) : -ENOMEM;
	if (ret) {
		kfree(reader);
		module_put(THIS_MODULE);
		return ret;
	}
	mutex_init(&reader->lock);
	reader->view = view;
	((struct seq_file *)file->private_data)->private = reader;
	return 0;
}

static int shmstat_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct reader *reader = m->private;

	shmstat_snapshot_free(reader->snap);
	mutex_destroy(&reader->lock);
	kfree(reader);
	seq_release(inode, file);
	module_put(THIS_MODULE);
	return 0;
}

static int take_snapshot(struct reader *reader, struct file *file)
{
	struct shmstat_snapshot *snap;

	if (reader->view->ask && !reader->has_id)
		return -EINVAL;

	/* Free the old one first, as two would take twice the memory. */
	shmstat_snapshot_free(reader->snap);
	reader->snap = NULL;

	snap = shmstat_snapshot_take(reader->view, file, &reader->id);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	reader->snap = snap;
	return 0;
}

/*
 * seq_file would allocate a single page, in which about 40 rows fit, and a larger
 * buffer for a row that does not fit, with flags that allow the OOM killer.
 */
static int make_buffer(struct seq_file *m)
{
	if (m->buf)
		return 0;
	m->size = READ_MAX;
	m->buf = kmalloc(m->size, (SHMSTAT_GFP & ~__GFP_RETRY_MAYFAIL) |
				  __GFP_NORETRY);
	if (!m->buf) {
		m->size = ROW_MAX;
		m->buf = kmalloc(m->size, SHMSTAT_GFP);
	}
	return m->buf ? 0 : -ENOMEM;
}

static ssize_t shmstat_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct seq_file *m = iocb->ki_filp->private_data;
	struct reader *reader = m->private;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	if (mutex_lock_killable(&reader->lock))
		return -EINTR;
	ret = make_buffer(m);
	if (!ret && (!iocb->ki_pos || !reader->snap))
		ret = take_snapshot(reader, iocb->ki_filp);
	if (!ret)
		ret = seq_read_iter(iocb, to);
	mutex_unlock(&reader->lock);
	return ret;
}

/* seq_lseek() would read the snapshot, which may not have been taken yet. */
static loff_t shmstat_llseek(struct file *file, loff_t offset, int whence)
{
	return no_seek_end_llseek(file, offset, whence);
}

/* Accepts an id, followed by nothing or by a newline. */
static int parse_id(const char *text, struct shmstat_id *id)
{
	unsigned int major, minor, generation;
	unsigned long long ino;
	char printed[64];
	int len;

	if (sscanf(text, "%u:%u:%llu:%u", &major, &minor, &ino,
		   &generation) != 4)
		return -EINVAL;
	/* sscanf() is lenient, so print the numbers again and compare. */
	len = scnprintf(printed, sizeof(printed), "%u:%u:%llu:%u", major,
			minor, ino, generation);
	if (strncmp(text, printed, len) ||
	    (strcmp(text + len, "") && strcmp(text + len, "\n")))
		return -EINVAL;
	*id = (struct shmstat_id) {
		.dev = MKDEV(major, minor),
		.ino = ino,
		.generation = generation,
	};
	return MAJOR(id->dev) == major && MINOR(id->dev) == minor ? 0 : -ENOENT;
}

static ssize_t proc_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	struct seq_file *m = file->private_data;
	struct reader *reader = m->private;
	struct shmstat_snapshot *snap;
	struct shmstat_id id;
	char text[64];
	int ret;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';
	if (strlen(text) != count)
		return -EINVAL;
	ret = parse_id(text, &id);
	if (ret)
		return ret;

	/* Take the snapshot now, so that the write fails for an unknown id. */
	snap = shmstat_snapshot_take(reader->view, file, &id);
	if (IS_ERR(snap))
		return PTR_ERR(snap);

	ret = mutex_lock_killable(&reader->lock);
	if (!ret) {
		swap(reader->snap, snap);
		reader->id = id;
		reader->has_id = true;
		mutex_unlock(&reader->lock);
		*ppos = 0;
	}
	shmstat_snapshot_free(snap);
	return ret ?: count;
}

static int proc_open(struct inode *inode, struct file *file)
{
	return open_view(file, pde_data(inode));
}

static const struct proc_ops proc_ops = {
	.proc_open	= proc_open,
	.proc_read_iter	= shmstat_read_iter,
	.proc_lseek	= shmstat_llseek,
	.proc_release	= shmstat_release,
};

static const struct proc_ops proc_ask_ops = {
	.proc_open	= proc_open,
	.proc_read_iter	= shmstat_read_iter,
	.proc_write	= proc_write,
	.proc_lseek	= shmstat_llseek,
	.proc_release	= shmstat_release,
};

/**
 * shmstat_proc_create - create the file of a view in procfs
 * @view: the view
 * @dir: the directory
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int shmstat_proc_create(const struct shmstat_view *view,
			struct proc_dir_entry *dir)
{
	/* The cast is undone by proc_open(). */
	if (!proc_create_data(view->name, view->ask ? 0600 : 0400, dir,
			      view->ask ? &proc_ask_ops : &proc_ops,
			      (void *)view))
		return -ENOMEM;
	return 0;
}

static int debugfs_open(struct inode *inode, struct file *file)
{
	return open_view(file, inode->i_private);
}

const struct file_operations shmstat_debugfs_ops = {
	.owner		= THIS_MODULE,
	.open		= debugfs_open,
	.read_iter	= shmstat_read_iter,
	.splice_read	= copy_splice_read,
	.llseek		= shmstat_llseek,
	.release	= shmstat_release,
};
