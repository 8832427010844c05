// SPDX-License-Identifier: GPL-2.0
/*
 * Opening, reading and seeking, for every file. An open file has one snapshot at a
 * time, taken when it is read at offset 0.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/minmax.h>
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

/* More than an id or the names of all tables take. */
#define QUESTION_MAX	128

/**
 * struct question - what a file is to be read about
 * @id: the id that was written last, for a view about one object
 * @count: number of @views; 0 before anything was written that has to be
 * @views: what is shown, one after the other
 */
struct question {
	struct shmstat_id id;
	unsigned int count;
	const struct shmstat_view *views[SHMSTAT_MAX_VIEWS];
};

/**
 * struct reader - an open file
 * @lock: held while @walk is taken or read
 * @view: the file's view
 * @question: what it is to be read about
 * @walk: the walk that is read; NULL before the first read
 * @snap: the snapshot that the current row is of
 */
struct reader {
	struct mutex lock;	/* held while @walk is taken or read */
	const struct shmstat_view *view;
	struct question question;
	struct shmstat_walk *walk;
	struct shmstat_snapshot *snap;
};

/* Stands for the line with the name of a table, if there are several. */
static char heading;

/*
 * Sets @snap to the snapshot that a position is in, and @pos to the position there.
 * Each has a heading, if there are several; a header, if it has columns; and the
 * records. Records of views that have row_at() are not counted.
 */
static void find_snapshot(struct reader *reader, loff_t *pos)
{
	struct shmstat_walk *walk = reader->walk;
	unsigned int i = 0;

	while (i < walk->count - 1 && *pos >= 2LL + walk->snaps[i].rows.count)
		*pos -= 2LL + walk->snaps[i++].rows.count;
	reader->snap = &walk->snaps[i];
}

static void *row_at(struct reader *reader, loff_t pos)
{
	const struct shmstat_view *view;
	struct shmstat_snapshot *snap;

	find_snapshot(reader, &pos);
	snap = reader->snap;
	view = snap->view;
	if (reader->view->choose && !pos--)
		return &heading;
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
	const struct shmstat_snapshot *snap = reader->snap;

	if (row == &heading)
		seq_printf(m, "# %s\n", snap->view->name);
	else if (row == SEQ_START_TOKEN)
		shmstat_table_header(m, snap->view->columns);
	else if (snap->view->columns)
		shmstat_table_row(m, snap, row);
	else
		snap->view->show(m, snap, row);
	return 0;
}

static const struct seq_operations rows_ops = {
	.start	= rows_start,
	.next	= rows_next,
	.stop	= rows_stop,
	.show	= rows_show,
};

static bool must_be_asked(const struct shmstat_view *view)
{
	return view->ask || view->choose;
}

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
	if (!must_be_asked(view)) {
		reader->question.views[0] = view;
		reader->question.count = 1;
	}
	((struct seq_file *)file->private_data)->private = reader;
	return 0;
}

static int shmstat_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct reader *reader = m->private;

	shmstat_walk_free(reader->walk);
	mutex_destroy(&reader->lock);
	kfree(reader);
	seq_release(inode, file);
	module_put(THIS_MODULE);
	return 0;
}

static struct shmstat_walk *take_walk(const struct reader *reader,
				      const struct question *question,
				      struct file *file)
{
	return shmstat_walk_take(question->views, question->count,
				 reader->view->name, file, &question->id);
}

/* What seq_file has in its buffer, and its position, are of the old snapshot. */
static void forget_position(struct seq_file *m)
{
	m->read_pos = 0;
	m->index = 0;
	m->count = 0;
}

static int take_snapshot(struct reader *reader, struct file *file)
{
	struct shmstat_walk *walk;

	if (!reader->question.count)
		return -EINVAL;

	/* Free the old one first, as two would take twice the memory. */
	shmstat_walk_free(reader->walk);
	reader->walk = NULL;
	forget_position(file->private_data);

	walk = take_walk(reader, &reader->question, file);
	if (IS_ERR(walk))
		return PTR_ERR(walk);
	reader->walk = walk;
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
	if (!ret && (!iocb->ki_pos || !reader->walk))
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

static int parse_question(const struct shmstat_view *view, char *text,
			  struct question *question)
{
	int count;

	if (view->ask) {
		question->views[0] = view;
		question->count = 1;
		return parse_id(text, &question->id);
	}
	count = view->choose(text, question->views);
	question->count = max(count, 0);
	return min(count, 0);
}

static ssize_t proc_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	struct seq_file *m = file->private_data;
	struct reader *reader = m->private;
	struct shmstat_walk *walk = NULL;
	struct question question = {};
	char text[QUESTION_MAX];
	int ret;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';
	if (strlen(text) != count)
		return -EINVAL;
	ret = parse_question(reader->view, text, &question);
	if (ret)
		return ret;

	/* Look for the object now, so that the write fails for an unknown id. */
	if (reader->view->ask) {
		walk = take_walk(reader, &question, file);
		if (IS_ERR(walk))
			return PTR_ERR(walk);
	}

	ret = mutex_lock_killable(&reader->lock);
	if (!ret) {
		swap(reader->walk, walk);
		reader->question = question;
		forget_position(m);
		mutex_unlock(&reader->lock);
		*ppos = 0;
	}
	shmstat_walk_free(walk);
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
	bool ask = must_be_asked(view);

	/* The cast is undone by proc_open(). */
	if (!proc_create_data(view->name, ask ? 0600 : 0400, dir,
			      ask ? &proc_ask_ops : &proc_ops, (void *)view))
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
