// SPDX-License-Identifier: GPL-2.0
/*
 * The lower bound of a page walk: a read of /proc/limit reads the flags of each
 * struct page of one file, which were collected beforehand, and nothing else. For
 * benchmarks only.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>

static char *path;
module_param(path, charp, 0);
MODULE_PARM_DESC(path, "the file, all of it in memory");

static struct page **pages;
static unsigned long nr_pages;

static int limit_show(struct seq_file *seq, void *unused)
{
	unsigned long sum = 0, i;

	for (i = 0; i < nr_pages; i++) {
		sum += READ_ONCE(pages[i]->flags);
		if (i % XA_CHECK_SCHED == 0)
			cond_resched();
	}
	seq_printf(seq, "%lu pages, %lx\n", nr_pages, sum);
	return 0;
}

static void put_pages(void)
{
	while (nr_pages)
		put_page(pages[--nr_pages]);
	kvfree(pages);
}

static void get_folio_pages(struct folio *folio, unsigned long max)
{
	unsigned long i;

	for (i = 0; i < folio_nr_pages(folio) && nr_pages < max; i++) {
		pages[nr_pages] = folio_page(folio, i);
		get_page(pages[nr_pages++]);
	}
}

static int get_pages(struct address_space *mapping)
{
	unsigned long max = mapping->nrpages, i;
	struct folio_batch batch;
	pgoff_t next = 0;

	pages = kvmalloc_array(max, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	folio_batch_init(&batch);
	while (filemap_get_folios(mapping, &next, ULONG_MAX, &batch)) {
		for (i = 0; i < folio_batch_count(&batch); i++)
			get_folio_pages(batch.folios[i], max);
		folio_batch_release(&batch);
		cond_resched();
	}
	return 0;
}

static int __init limit_init(void)
{
	struct file *file;
	int ret;

	if (!path)
		return -EINVAL;
	file = filp_open(path, O_RDONLY | O_LARGEFILE, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = get_pages(file->f_mapping);
	filp_close(file, NULL);
	if (!ret && !proc_create_single("limit", 0400, NULL, limit_show))
		ret = -ENOMEM;
	if (ret)
		put_pages();
	return ret;
}
module_init(limit_init);

static void __exit limit_exit(void)
{
	remove_proc_entry("limit", NULL);
	put_pages();
}
module_exit(limit_exit);

MODULE_DESCRIPTION("the lower bound of a page walk");
MODULE_LICENSE("GPL");
