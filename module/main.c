// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading, and the module parameters.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/string.h>

#include "budget.h"
#include "file.h"
#include "fstype.h"
#include "super.h"
#include "tables/views.h"

#undef pr_fmt
#define pr_fmt(fmt)	KBUILD_MODNAME ": " fmt

static int set_rows(const char *text, const struct kernel_param *param)
{
	unsigned int rows;

	if (kstrtouint(text, 0, &rows) || rows > SHMSTAT_REPORT_ROWS_MAX) {
		pr_err("rows: '%*pE' is not a number from 0 to %u\n",
		       (int)strcspn(text, "\n"), text,
		       SHMSTAT_REPORT_ROWS_MAX);
		return -EINVAL;
	}
	WRITE_ONCE(shmstat_report_rows, rows);
	return 0;
}

static const struct kernel_param_ops rows_ops = {
	.set	= set_rows,
	.get	= param_get_uint,
};

module_param_cb(rows, &rows_ops, &shmstat_report_rows, 0644);
MODULE_PARM_DESC(rows, "maximum number of objects in each of the last two tables of the report (0 to 1000, default 40)");

static int set_memory(const char *text, const struct kernel_param *param)
{
	unsigned int memory;

	if (kstrtouint(text, 0, &memory) || !memory) {
		pr_err("memory: '%*pE' is not a number of MiB from 1 to %u\n",
		       (int)strcspn(text, "\n"), text, UINT_MAX);
		return -EINVAL;
	}
	WRITE_ONCE(shmstat_memory, memory);
	return 0;
}

static const struct kernel_param_ops memory_ops = {
	.set	= set_memory,
	.get	= param_get_uint,
};

module_param_cb(memory, &memory_ops, &shmstat_memory, 0644);
MODULE_PARM_DESC(memory, "maximum memory that one read may allocate, MiB (default: a sixteenth of RAM)");

static struct dentry *debugfs_file;

static int __init create_proc(void)
{
	struct proc_dir_entry *dir = proc_mkdir("shmstat", NULL);
	const struct shmstat_view * const *table = shmstat_tables;
	int ret = dir ? 0 : -ENOMEM;

	while (!ret && *table)
		ret = shmstat_proc_create(*table++, dir);
	ret = ret ?: shmstat_proc_create(&shmstat_extents_view, dir) ?:
		     shmstat_proc_create(&shmstat_snapshot_view, dir);
	if (ret)
		remove_proc_subtree("shmstat", NULL);
	return ret;
}

/* Without debugfs there is no report, but the tables still work. */
static void __init create_report(void)
{
	/*
	 * debugfs_create_file() has no ->read_iter(). It protects against removal
	 * while the file is open, which cannot happen here, as an open file
	 * keeps the module.
	 */
	debugfs_file = debugfs_create_file_unsafe("shmstat", 0400, NULL,
						  (void *)&shmstat_report_view,
						  &shmstat_debugfs_ops);
	if (IS_ERR(debugfs_file))
		pr_warn("no report: debugfs is missing or closed (%ld); /proc/shmstat has the figures\n",
			PTR_ERR(debugfs_file));
}

static int __init shmstat_init(void)
{
	int ret;

	if (!shmstat_memory)
		shmstat_memory = max(1UL, totalram_pages() >>
					  (20 - PAGE_SHIFT) >> 4);
	ret = shmstat_fstype_init() ?: shmstat_super_init() ?: create_proc();
	if (ret)
		return ret;
	create_report();
	return 0;
}

static void __exit shmstat_exit(void)
{
	debugfs_remove(debugfs_file);
	remove_proc_subtree("shmstat", NULL);
}

module_init(shmstat_init);
module_exit(shmstat_exit);

MODULE_DESCRIPTION("Lists the shared memory objects behind Shmem in /proc/meminfo");
MODULE_AUTHOR("The shmstat developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(SHMSTAT_VERSION);
